"""Gradient descent on a curve: each step goes to the lowest point of a model, whatever the curve does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from nnlib import Tensor
from nnlib.course.kit.numbers import digits, number
from nnlib.course.kit.scene import Floats, Heat, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, slider, steps, widget
from nnlib.optim import SGD

STEPS = 10
WINDOW = (-2.0, 2.0)  # of w
RATES = (0.05, 2.5)
FAR = 1e6  # from there nothing comes back
NEAR = 0.01  # of a lowest point: arrived
LONG = 300  # steps, after which the map says where a start has come to
BUTTONS = (
    Button("again", "Rewind", by=-STEPS),
    Button("next", "Next", by=1),
    Button("play", "Play", plays=True, interval=600, by=1),
)
EXAMPLES = {"one": (1.6, 0.1), "two": (-1.6, 0.1), "three": (1.6, 1.3)}


@dataclass(frozen=True)
class Curve:
    """A function of one number, its slope, and its lowest points, the deepest first."""

    name: str
    f: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    valleys: tuple[float, ...]
    ylim: tuple[float, float]


CURVES = {
    "valleys": Curve(
        "two valleys",
        lambda w: w**4 / 4 - w**2 / 2 + 0.15 * w,
        lambda w: w**3 - w + 0.15,
        (-1.067923, 0.914297),
        (-0.8, 2.4),
    ),
    "bowl": Curve("a bowl, ½w²", lambda w: w**2 / 2, lambda w: w, (0.0,), (-0.5, 2.2)),
}


@dataclass(frozen=True)
class Descent(Model):
    """Gradient descent from `w0` with the rate `lr`, and the model that each step minimizes.

    Beside it stands w step by step or, with `view="map"`, where every start and rate leads in the end:
    click there to choose both.
    """

    title = "Where does it go?"
    goal = "from w₀ = 1.6, be within 0.01 of the deepest point after ten steps"
    buttons = (
        Button("one", "Example 1"),
        Button("two", "Example 2"),
        Button("three", "Example 3"),
    )

    curve: str = choice("Loss", {key: curve.name for key, curve in CURVES.items()}, at="valleys")
    view: str = choice(
        "Beside it", {"steps": "w, step by step", "map": "the map of starts"}, at="steps"
    )
    w0: float = slider("start w₀", *WINDOW, 0.1, at=1.6)
    lr: float = slider("η", *RATES, 0.05, at=0.1)
    step: int = steps(STEPS, *BUTTONS, at=0)

    @property
    def way(self) -> Floats:
        """w after 0, 1, …, 11 steps; NaN once it is lost."""
        return way(self.curve, float(self.w0), float(self.lr), STEPS + 1)

    def reached(self) -> bool:
        there = self.curve == "valleys" and self.w0 == 1.6 and self.step == STEPS
        return there and bool(abs(self.way[STEPS] - CURVES["valleys"].valleys[0]) <= NEAR)

    def one(self) -> Self:
        return self._example("one")

    def two(self) -> Self:
        return self._example("two")

    def three(self) -> Self:
        return self._example("three")

    def _example(self, name: str) -> Self:
        w0, lr = EXAMPLES[name]
        return replace(self, curve="valleys", w0=w0, lr=lr, step=0)

    def scene(self) -> Scene:
        below = self.map_panel() if self.view == "map" else self.steps_panel()
        return Scene((self.curve_panel(), below), self.words(), columns=2)

    def curve_panel(self) -> Panel:
        """The curve, the points so far, and the model whose lowest point is the next one."""
        curve = CURVES[self.curve]
        along = np.linspace(*WINDOW, 81)
        items: list[Item] = [Line(np.column_stack([along, curve.f(along)]), label="loss f")]
        so_far = self.way[: self.step + 1]
        here, there = self.way[self.step], self.way[self.step + 1]
        if np.isfinite(here):
            model = np.column_stack([along, self.model(along)])
            items.append(Line(model, "blue", label="model of f, from here", style="dashed"))
        visited = np.column_stack([so_far, curve.f(so_far)])
        items.append(Line(visited, "orange"))
        items.append(Points(visited[np.isfinite(so_far)], "circle", "orange", label="so far"))
        if np.isfinite(here) and np.isfinite(there):
            lowest = np.array([[there, self.model(there)]])
            items.append(Points(lowest, "triangle", "blue", label="lowest point of the model"))
        if not (np.isfinite(here) and WINDOW[0] <= here <= WINDOW[1]):
            items.append(Label((0.0, curve.ylim[1] - 0.3), "has left the picture", boxed=True))
        return Panel(WINDOW, curve.ylim, "w", "f", tuple(items), height=0.8)

    def model(self, w: ArrayLike) -> Floats:
        """f and its slope here, and the price of going far, ½ (w − here)² / η."""
        curve, here = CURVES[self.curve], self.way[self.step]
        s = np.asarray(w, dtype=float) - here
        surrogate: Floats = curve.f(here) + curve.slope(here) * s + s**2 / (2 * self.lr)
        return surrogate

    def steps_panel(self) -> Panel:
        items: list[Item] = [
            Line(np.array([[0.0, w], [STEPS, w]]), "gray", style="dotted") for w in self.valleys
        ]
        so_far = np.column_stack([np.arange(self.step + 1), self.way[: self.step + 1]])
        items.append(Line(so_far, "orange", marker="circle"))
        return Panel((0.0, STEPS), WINDOW, "step", "w", tuple(items), height=0.8, whole=True)

    def map_panel(self) -> Panel:
        here = np.array([[self.w0, self.lr]])
        items = (destinations(self.curve), Points(here, "ring", label="start and η"))
        drag = ("w0", "lr")
        return Panel(WINDOW, RATES, "start w₀", "η", items, height=0.8, drag=drag)

    @property
    def valleys(self) -> tuple[float, ...]:
        return CURVES[self.curve].valleys

    def words(self) -> str:
        place = f"{CURVES[self.curve].name.capitalize()}, from w₀ = {number(self.w0)}"
        after = f"{place} with η = {number(self.lr)}, after {count(self.step)}"
        here, there = self.way[self.step], self.way[self.step + 1]
        if not np.isfinite(here):
            return f"{after}: it has flown apart, beyond a million."
        f = CURVES[self.curve].f
        told = f"{after}: w = {value(here)}, f = {value(float(f(here)))}."
        if not np.isfinite(there):
            return f"{told} The next step leads beyond a million."
        promised, real = float(f(here) - self.model(there)), float(f(here) - f(there))
        return f"{told} The model promises that f falls by {value(promised)}; it {falls(real)}."


def value(x: float) -> str:
    """Three digits, or a power of ten.

    >>> value(-1.0679), value(-55.97), value(227837.9)
    ('−1.07', '−56', '2.28e+05')
    """
    return digits(float(x) if abs(x) > 5e-7 else 0.0, 3)


def falls(by: float) -> str:
    return f"falls by {value(by)}" if by >= 0 else f"rises by {value(-by)}"


def count(n: int) -> str:
    return "1 step" if n == 1 else f"{n} steps"


@lru_cache(maxsize=512)
def way(curve: str, start: float, lr: float, n: int) -> Floats:
    """Where nnlib's SGD goes: w after 0, 1, …, n steps, NaN once it is lost."""
    return descend(curve, np.array([start]), np.array([lr]), n)[:, 0]


def descend(curve: str, starts: Floats, rates: Floats, n: int) -> Floats:
    """Many descents at once, each with its rate: (n + 1, number of starts)."""
    w = Tensor(starts.copy(), requires_grad=True)
    optimizer = SGD([w], lr=1.0)
    path = np.full((n + 1, *starts.shape), np.nan)
    for t in range(n + 1):
        w.data[np.abs(w.data) > FAR] = np.nan
        path[t] = w.data
        w.grad = rates * CURVES[curve].slope(w.data)  # the rate is in here, for each its own
        optimizer.step()
    return path


@lru_cache
def destinations(curve: str) -> Heat:
    """For each start (columns) and rate (rows): in which valley it ends, if it settles at all."""
    starts, rates = np.meshgrid(np.linspace(*WINDOW, 80), np.linspace(*RATES, 50))
    end = descend(curve, starts, rates, LONG)[-1]
    left, *others = (np.abs(end - valley) <= NEAR for valley in CURVES[curve].valleys)
    values = -1.0 * left + (1.0 * others[0] if others else 0.0)
    names = ("the deepest", "the other valley") if others else ("arrives", "")
    ticks = ((-1.0, names[0]), (0.0, "neither"), (1.0, names[1]))
    return Heat(values, ticks, 0.0, "where it settles")


descent = widget(Descent)
