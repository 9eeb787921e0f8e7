"""A surface by its two curvatures: what one rate does along each axis, and what Newton does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib.course.kit.numbers import counted, digits, minus, number
from nnlib.course.kit.scene import Arrow, Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, Stop, choice, slider, widget
from nnlib.course.surfaces import quadratic
from nnlib.optim import SGD, newton_step

STEPS = 60
WINDOW = (-2.2, 2.2)
TURN = float(np.degrees(np.arctan(0.5)))  # the ellipses' axes are (2, 1) and (−1, 2)
GRID = 0.005  # of the rate's slider
LEVELS = np.arange(0.5, 6.5, 0.75)  # of the contour lines, before they are scaled
FLOOR = 1e-6  # what is closer than this is drawn here
METHODS = {"descent": "gradient descent", "newton": "Newton"}


@dataclass(frozen=True)
class EllipseExplorer(Model):
    """f = ½ (λ₁c₁² + λ₂c₂²), where c₁ and c₂ are measured along two axes that are turned.

    `method` goes downhill from (w1, w2) with the rate `lr`, or by Newton's steps, which have none.
    """

    title = "The ellipse explorer"
    goal = "by gradient descent, find the largest η on the slider that still arrives"
    tour = (
        Stop("The dashed lines are the axes of the ellipses: the flattest and the steepest way."),
        Stop(
            "The gradient's arrow is at right angles to the contour line, and misses the minimum.",
            light="The surface",
        ),
        Stop(
            "From a point on an axis it does not: there the path stays on the axis.",
            light="The surface",
            w1=1.6,
            w2=0.8,
        ),
        Stop(
            "Each axis has a straight line of its own here: every step leaves the same share of it.",
            light="Distance along each axis",
        ),
        Stop(
            "At η = 1/λ₁ the flat axis is done in one step, but the steep one flies apart.",
            light="η",
            lam2=4.0,
            lr=1.0,
        ),
    )
    on_every_page = (
        {"lr": 0.195},
        {"lam1": -1.0, "method": "newton"},
        {"lam1": -1.0, "method": "descent"},
    )

    method: str = choice("Method", METHODS, at="descent")
    lam1: float = slider("λ₁, along the one axis", -2.0, 10.0, 1.0, at=1.0)
    lam2: float = slider("λ₂, along the other", 1.0, 10.0, 1.0, at=10.0)
    lr: float = slider("η", 0.005, 1.0, GRID, at=0.05)
    w1: float = slider("start w₁", -2.0, 2.0, 0.1, at=1.8)
    w2: float = slider("start w₂", -2.0, 2.0, 0.1, at=-0.2)

    @property
    def curvatures(self) -> Floats:
        return np.array([self.lam1, self.lam2])

    @property
    def limit(self) -> float:
        """The rate from which on gradient descent does not arrive; 0 where it never does."""
        return 2 / float(self.curvatures.max()) if self.curvatures.min() > 0 else 0.0

    def reached(self) -> bool:
        room = self.limit - self.lr
        return self.method == "descent" and 1e-9 < room <= GRID + 1e-9

    @property
    def path(self) -> Floats:
        """Where each step leads, (STEPS + 1, 2); NaN once it is far away."""
        surface, start = quadratic(self.lam1, self.lam2, TURN), [self.w1, self.w2]
        if self.method == "descent":
            return surface.path(lambda params: SGD(params, lr=self.lr), start, STEPS)
        path = np.tile(np.array(start, dtype=float), (STEPS + 1, 1))
        if self.lam1:
            H = axes() @ np.diag(self.curvatures) @ axes().T
            path[1:] = newton_step(path[0], surface.gradient(path[0]), H)
        return path

    @property
    def along(self) -> Floats:
        """The same, measured along the two axes."""
        measured: Floats = self.path @ axes()
        return measured

    def scene(self) -> Scene:
        return Scene((self.surface_panel(), self.distance_panel()), self.words(), columns=2)

    def surface_panel(self) -> Panel:
        path = self.path
        items: list[Item] = [*contours(self.lam1, self.lam2)]
        for axis, color in zip(axes().T, ("green", "vermillion"), strict=True):
            items.append(Line(np.outer([-3, 3], axis), color, style="dashed"))
        items.append(Line(path, "blue", marker="circle"))
        slope = quadratic(self.lam1, self.lam2, TURN).gradient(path[0])
        steep = float(np.hypot(*slope))
        if steep > 1e-9:
            ahead = path[0] - 0.8 * slope / steep
            items.append(Arrow(path[0], ahead, "ink", label="straight downhill, −g"))
        items.append(Points(path[:1], "ring", label="start"))
        limits = (WINDOW, WINDOW)
        title = "The surface"
        return Panel(*limits, "w₁", "w₂", tuple(items), title=title, drag=("w1", "w2"))

    def distance_panel(self) -> Panel:
        """Along each axis, how far from where the gradient is 0."""
        far = np.clip(np.abs(self.along), FLOOR, None)
        steps = np.arange(STEPS + 1)
        lines = (
            Line(
                np.column_stack([steps, far[:, 0]]),
                "green",
                label=f"axis of λ₁ = {number(self.lam1)}",
                marker="circle",
            ),
            Line(
                np.column_stack([steps, far[:, 1]]),
                "vermillion",
                label=f"axis of λ₂ = {number(self.lam2)}",
                style="dashed",
                marker="square",
            ),
        )
        limits = (0.0, float(STEPS)), (FLOOR, 1e3)
        title = "Distance along each axis"
        return Panel(*limits, "step", "|c|", lines, ylog=True, whole=True, title=title)

    def words(self) -> str:
        start = f"from ({number(self.w1)}, {number(self.w2)})"
        surface = f"λ = {number(self.lam1)} and {number(self.lam2)}, {self.shape()}, {start}"
        if self.method == "newton":
            return f"{surface}. {self.newton_in_words()}"
        shares = [
            f"{minus(f'{share:.3g}')} along λ{mark}"
            for share, mark in zip(1 - self.lr * self.curvatures, "₁₂", strict=True)
        ]
        each = f"Each step multiplies by 1 − ηλ: {shares[0]}, {shares[1]}."
        return f"{surface}. η = {number_of_rate(self.lr)}. {each} {self.end_in_words()}"

    def shape(self) -> str:
        if self.lam1 < 0:
            return "a saddle"
        if self.lam1 == 0:
            return "a valley with a flat floor"
        low, high = sorted(self.curvatures)
        return f"a bowl, κ = {digits(float(high / low), 3)}"

    def newton_in_words(self) -> str:
        if self.lam1 == 0:
            return "H is singular: Newton has no step here."
        before, after = self.heights()
        way = "down" if after < before else "uphill" if after > before else "level"
        end = "the minimum" if self.lam1 > 0 else "the saddle"
        numbers = f"from f = {number(before)} to {number(after)}"
        return f"One step of Newton leads to {end}, {way} {numbers}."

    def heights(self) -> tuple[float, float]:
        """f at the start and after one step."""
        f = quadratic(self.lam1, self.lam2, TURN).f(self.path[:2])
        return round(float(f[0]), 9), round(float(f[1]), 9)

    def end_in_words(self) -> str:
        shares = np.abs(1 - self.lr * self.curvatures)
        slowest = float(shares[np.abs(self.along[0]) > 1e-9].max(initial=0.0))
        if slowest > 1 + 1e-9:
            return "It flies apart." if self.lam1 >= 0 else "It leaves the saddle, and falls on."
        if slowest > 1 - 1e-9:
            return "It never arrives."
        steps = int(np.ceil(np.log(1e-3) / np.log(slowest))) if slowest > 1e-3 else 1
        return f"It arrives: a factor of 1000 takes {counted(steps, 'step')}."


def axes() -> Floats:
    """The two axes as columns, those of `quadratic(…, TURN)`."""
    c, s = np.cos(np.radians(TURN)), np.sin(np.radians(TURN))
    return np.array([[c, -s], [s, c]])


def contours(lam1: float, lam2: float) -> tuple[Line, ...]:
    """Lines of equal height; those below the saddle are dotted.

    Where each axis is measured in units of 1/√|λ|, an ellipse is a circle, and h = ±½r².
    """
    units = 1 / np.sqrt(np.maximum(np.abs([lam1, lam2]), 0.05))  # a flat floor has no unit
    t = np.linspace(0, 2 * np.pi, 73)
    t += 0.24 * np.sin(4 * t)  # closer at 45°, where hyperbolas go far
    ring = np.column_stack([np.cos(t), np.sin(t)]) * units
    bend = ring**2 @ np.array([lam1, lam2])
    lines = []
    for sign, style in ((1, "solid"), (-1, "dotted")):
        for level in LEVELS * np.sqrt(0.3 * max(abs(lam1), abs(lam2))):
            away = level / np.sqrt(np.where(sign * bend > 1e-3, sign * bend, np.nan))
            line = away[:, None] * ring
            line[~(np.abs(line).max(axis=1) < 4)] = np.nan  # outside the picture
            if np.isfinite(line).any():
                lines.append(Line(line @ axes().T, "gray", style=style))
    return tuple(lines)


def number_of_rate(lr: float) -> str:
    return f"{lr:.3f}".rstrip("0").rstrip(".")


ellipse_explorer = widget(EllipseExplorer)
