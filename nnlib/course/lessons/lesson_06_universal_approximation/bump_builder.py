"""Sigmoid units become steps, two steps a bump, and eight bumps a function."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from nnlib.course.kit.numbers import number, significant
from nnlib.course.kit.scene import Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, Stop, choice, log_slider, slider, widget

PIECES = 8
WIDTH = 1 / PIECES  # of a bump
GRID = np.linspace(0, 1, 401)
WINDOW, HEIGHTS = (0.0, 1.0), (-1.6, 1.6)
BUILT = {"step": "a step", "bump": "a bump", "bumps": "8 bumps"}
TARGETS = {"wave": "a wave", "hills": "two hills", "roof": "a roof"}
ENOUGH = 0.25


def target(name: str, x: Floats) -> Floats:
    """The function that is to be built, from 0 to 1."""
    if name == "wave":
        values = np.sin(2 * np.pi * x)
    elif name == "hills":
        values = 1.2 * np.sin(2 * np.pi * x) ** 2 - 0.8 * x
    else:
        values = 1 - np.abs(4 * x - 2)
    return np.asarray(values, dtype=float)


def unit(x: Floats, w: float, s: float) -> Floats:
    """σ(w x + b) with b = −w s: it rises through ½ at x = s.

    >>> unit(np.array([0.0, 0.4, 1.0]), 100, 0.4).round(3)
    array([0. , 0.5, 1. ])
    """
    z = np.clip(w * (x - s), -500, 500)  # beyond it is 0 or 1 to the last digit
    values: Floats = 1 / (1 + np.exp(-z))
    return values


def piece(place: float) -> int:
    """The number of the piece that a place lies in, from 0.

    >>> piece(0.0), piece(0.3), piece(1.0)
    (0, 2, 7)
    """
    return min(int(PIECES * place + 1e-9), PIECES - 1)


@dataclass(frozen=True)
class BumpBuilder(Model):
    """v σ(w (x − s)): one such unit, two of them, or sixteen, side by side.

    Drag in the left picture to set `place` and `level`; with eight bumps this sets the height of
    the one that is there. `heights` holds all eight.
    """

    title = "Steps, bumps, functions"
    goal = f"with eight bumps, bring the largest gap to the wave down to {ENOUGH}"
    on_every_page = (
        {
            "built": "bumps",
            "steepness": 50.0,
            "heights": (0.4, 0.9, 0.9, 0.4, -0.4, -0.9, -0.9, -0.4),
        },
    )
    tour = (
        Stop("One sigmoid unit with a small w is a gentle slope.", steepness=10.0),
        Stop(
            "A large w makes it a step. It stands at s = −b/w, so w and b together set its place.",
            light="w of every unit",
            steepness=300.0,
        ),
        Stop(
            "A second unit of weight −v takes the step back a little further on. That is a bump.",
            light="What each hidden unit adds",
            built="bump",
            steepness=300.0,
        ),
        Stop(
            "Eight bumps side by side: each height can be chosen without a thought to the others.",
            light="What the network gives",
            built="bumps",
            steepness=300.0,
            heights=(0.4, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.4),
        ),
        Stop(
            "The dotted red line is the largest gap to the target. Drag, and make it short.",
            light="What the network gives",
            built="bumps",
            steepness=300.0,
        ),
    )

    built: str = choice("Build", BUILT, at="step")
    target: str = choice("Target of 8 bumps", TARGETS, at="wave")
    steepness: float = log_slider("w of every unit", 5.0, 500.0, at=10.0)
    place: float = slider("place s", 0.0, 1.0, 0.025, at=0.4)
    level: float = slider("height v", -1.5, 1.5, 0.05, at=0.8)
    heights: tuple[float, ...] = (0.0,) * PIECES

    def __post_init__(self) -> None:
        super().__post_init__()
        heights = tuple(float(height) for height in self.heights)
        if len(heights) != PIECES:
            raise ValueError(f"heights must be {PIECES} numbers, not {len(heights)}")
        object.__setattr__(self, "heights", heights)
        if self.built == "bumps":  # the level is that of the chosen bump
            object.__setattr__(self, "level", heights[piece(self.place)])

    def changed(self, **settings: Any) -> Self:
        """With eight bumps, place chooses one of them, and level is its height."""
        model = super().changed(**settings)
        if model.built != "bumps" or "level" not in settings:
            return model
        heights = [*model.heights]
        heights[piece(model.place)] = float(settings["level"])
        return replace(model, heights=tuple(heights))

    def reached(self) -> bool:
        return self.built == "bumps" and self.target == "wave" and self.gap <= ENOUGH

    @property
    def units(self) -> list[tuple[float, float]]:
        """The weight v and the place s of each hidden unit."""
        if self.built == "step":
            return [(self.level, self.place)]
        if self.built == "bump":
            return pair(self.level, self.place)
        centers = (np.arange(PIECES) + 0.5) * WIDTH
        bumps = [pair(v, float(s)) for v, s in zip(self.heights, centers, strict=True)]
        return [each for bump in bumps for each in bump]

    def output(self, x: Floats = GRID) -> Floats:
        """What the network gives: the sum over its units."""
        total = np.zeros(len(x))
        for v, s in self.units:
            total += v * unit(x, self.steepness, s)
        return total

    @property
    def gaps(self) -> Floats:
        return np.abs(self.output() - target(self.target, GRID))

    @property
    def gap(self) -> float:
        """The largest distance from the target."""
        return float(self.gaps.max())

    def scene(self) -> Scene:
        return Scene((self.sum_panel(), self.units_panel()), self.words(), columns=2)

    def sum_panel(self) -> Panel:
        given = self.output()
        items: list[Item] = []
        if self.built == "bumps":
            wanted = target(self.target, GRID)
            worst = int(self.gaps.argmax())
            ends = np.array([[GRID[worst], wanted[worst]], [GRID[worst], given[worst]]])
            items += [
                Line(curve(wanted), "ink", label="target", style="dashed"),
                Line(ends, "vermillion", label=f"largest gap: {number(self.gap)}", style="dotted"),
            ]
        items.append(Line(curve(given), "blue", label="network"))
        items.append(self.handle())
        title = "What the network gives"
        drag = ("place", "level")
        return Panel(WINDOW, HEIGHTS, "x", "ŷ", tuple(items), height=0.8, title=title, drag=drag)

    def handle(self) -> Points:
        """Where to drag: the step's foot with its height, or the top of a bump."""
        x = self.place
        if self.built == "bumps":
            x = (piece(self.place) + 0.5) * WIDTH
        return Points(np.array([[x, self.level]]), "ring", "orange", label="drag me")

    def units_panel(self) -> Panel:
        """Each unit's part; of many units, those of the chosen bump are in color."""
        units = self.units
        chosen = 2 * piece(self.place) if self.built == "bumps" else 0
        items: list[Item] = []
        for i, (v, s) in enumerate(units):
            part = curve(v * unit(GRID, self.steepness, s))
            if i not in (chosen, chosen + 1):
                items.append(Line(part, "gray"))
        for i, (v, s) in enumerate(units):
            part = curve(v * unit(GRID, self.steepness, s))
            if i == chosen:
                items.append(Line(part, "orange", label="unit with weight v"))
            elif i == chosen + 1:
                items.append(Line(part, "purple", label="unit with weight −v", style="dashed"))
        title = "What each hidden unit adds"
        return Panel(WINDOW, HEIGHTS, "x", "v σ(z)", tuple(items), height=0.8, title=title)

    def words(self) -> str:
        w, v = significant(self.steepness), number(self.level)
        if self.built == "step":
            b = significant(-self.steepness * self.place)
            return (
                f"One hidden unit, w = {w}, b = {b}: it rises from 0 to {v}, "
                f"and is halfway at x = −b/w = {place(self.place)}."
            )
        if self.built == "bump":
            left, right = (place(s) for _, s in self.units)
            return (
                f"Two hidden units, w = {w}: up by {v} at x = {left}, down again at x = {right}. "
                f"The bump is {number(abs(self.output()).max())} high."
            )
        average = number(float(self.gaps.mean()))
        return (
            f"Eight bumps, w = {w}. Bump {piece(self.place) + 1} has the height {v}. "
            f"Largest gap {number(self.gap)}, at x = {place(GRID[self.gaps.argmax()])}; "
            f"average gap {average}."
        )


def pair(v: float, center: float) -> list[tuple[float, float]]:
    """Two units that make a bump: up at its left edge, down at its right."""
    return [(v, center - WIDTH / 2), (-v, center + WIDTH / 2)]


def curve(y: Floats) -> Floats:
    return np.column_stack([GRID, y])


def place(x: float) -> str:
    """A place with three decimals at most.

    >>> place(0.4375), place(0.5)
    ('0.438', '0.5')
    """
    return f"{round(x, 3) + 0:g}".replace("-", "−")


bump_builder = widget(BumpBuilder)
