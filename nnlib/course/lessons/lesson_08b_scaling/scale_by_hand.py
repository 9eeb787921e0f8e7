"""One feature, shifted and scaled by hand: how round does that make the bowl of the loss?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self

import numpy as np

from nnlib.course.kit.numbers import counted, number, significant
from nnlib.course.kit.scene import Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, slider, widget
from nnlib.course.surfaces import Surface
from nnlib.optim import SGD

N = 20
STEPS = 20  # of the path that is drawn
LEFT, RIGHT = -4.0, 13.0  # the part of the axis of x′ that is seen
RENT = (-4.0, 26.0)
LEVELS = (1.0, 0.3, 0.09, 0.027)  # shares of the loss at the start, above the least one


@lru_cache
def apartments(last: float) -> tuple[Floats, Floats]:
    """Twenty distances in km, and rents; the last one is where you put it, and on the line."""
    rng = np.random.default_rng(3)
    x = np.append(rng.uniform(1, 11, N - 1).round(1), last)
    noise = np.append(rng.normal(0, 1.5, N - 1), 0.0)
    return x, 20 - 0.4 * x + noise


def curvature(x: Floats) -> Floats:
    """The Hessian of the mean of ½(ŷ − y)² by w and b, where ŷ = w x + b.

    >>> curvature(np.array([1.0, 3.0]))
    array([[5., 2.],
           [2., 1.]])
    """
    return np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1.0]])


def steps_to_a_hundredth(kappa: float) -> int:
    """After how many steps at the best rate the slowest direction has 1 % of its error left.

    >>> [steps_to_a_hundredth(k) for k in (1, 10, 100)]
    [1, 23, 231]
    """
    left = (kappa - 1) / (kappa + 1)
    return int(np.ceil(np.log(0.01) / np.log(left))) if left > 0.01 else 1


@dataclass(frozen=True)
class ScaleByHand(Model):
    """x′ = (x − `shift`) / `scale`: what it does to the loss of a line, and to its descent.

    `last` is the distance of the last apartment, in km. *Standardize*, *Min and max* and *Median,
    quartiles* set shift and scale as these three do.
    """

    title = "Scaling by hand"
    goal = "make the bowl round, with κ at most 1.5"
    buttons = (
        Button("standardize", "Standardize"),
        Button("min_max", "Min and max"),
        Button("robust", "Median, quartiles"),
    )
    on_every_page = ({"shift": 6.0, "scale": 3.0, "last": 10.0},)

    shift: float = slider("Shift", 0.0, 12.0, 0.5, at=0.0)
    scale: float = slider("Scale", 0.5, 40.0, 0.5, at=1.0)
    last: float = slider("The last one, km", 10.0, 40.0, 5.0, at=10.0)

    def standardize(self) -> Self:
        x, _ = apartments(self.last)
        return self._with(x.mean(), x.std())

    def min_max(self) -> Self:
        x, _ = apartments(self.last)
        return self._with(x.min(), np.ptp(x))

    def robust(self) -> Self:
        low, middle, high = np.percentile(apartments(self.last)[0], [25, 50, 75])
        return self._with(middle, high - low)

    def _with(self, shift: Any, scale: Any) -> Self:
        return replace(self, shift=round(float(shift), 2), scale=round(float(scale), 2))

    @property
    def scaled(self) -> Floats:
        """x′ of the twenty apartments."""
        x: Floats = (apartments(self.last)[0] - self.shift) / self.scale
        return x

    @property
    def curvatures(self) -> tuple[float, float]:
        """The smallest and the largest λ of the loss, by w′ and b′."""
        low, high = np.linalg.eigvalsh(curvature(self.scaled))
        return float(low), float(high)

    @property
    def kappa(self) -> float:
        low, high = self.curvatures
        return high / low

    def reached(self) -> bool:
        return self.kappa <= 1.5

    def lowest(self) -> Floats:
        """The w′ and b′ of the least loss."""
        X = np.column_stack([self.scaled, np.ones(N)])
        best: Floats = np.linalg.lstsq(X, apartments(self.last)[1], rcond=None)[0]
        return best

    def path(self) -> Floats:
        """Twenty steps of gradient descent from w′ = b′ = 0, at the best rate: (21, 2)."""
        H, best = curvature(self.scaled), self.lowest()

        def loss(w: Floats) -> Floats:
            return np.asarray(np.sum((w - best) * ((w - best) @ H), axis=-1) / 2)

        bowl = Surface(loss, lambda w: np.asarray((w - best) @ H))
        rate = 2 / sum(self.curvatures)
        return bowl.path(lambda parameters: SGD(parameters, lr=rate), [0.0, 0.0], STEPS)

    def scene(self) -> Scene:
        return Scene((self.data_panel(), self.bowl_panel()), self.words(), columns=2)

    def data_panel(self) -> Panel:
        xy = np.column_stack([self.scaled, apartments(self.last)[1]])
        w, b = self.path()[-1]
        ends = np.array([LEFT, RIGHT])
        items: list[Item] = [Line(np.array([[0.0, RENT[0]], [0.0, RENT[1]]]), "gray")]
        items.append(Line(within_the_picture(ends, w, b), "ink", label="line after 20 steps"))
        items.append(Points(xy[:-1], "circle", "blue", "apartments", "small"))
        items.append(Points(xy[-1:], "square", "vermillion", "the last apartment"))
        middle, spread = self.scaled.mean(), self.scaled.std()
        bar = np.array([[middle - spread, -2.0], [middle, -2.0], [middle + spread, -2.0]])
        items.append(Line(bar, "green", label="mean ± s", marker="diamond"))
        if self.scaled[-1] > RIGHT:
            place = (RIGHT - 0.3, RENT[1] - 2.0)
            told = f"the last apartment is at {number(self.scaled[-1])} →"
            items.append(Label(place, told, "vermillion", align="right"))
        title = "What the model is given"
        limits = (LEFT, RIGHT), RENT
        return Panel(*limits, "x′", "rent", tuple(items), 1.0, title=title)

    def bowl_panel(self) -> Panel:
        best = self.lowest()
        way = self.path() - best
        half = 1.15 * float(np.abs(best).max())
        items = (
            *rings(curvature(self.scaled), way[0]),
            Line(way, "vermillion", label="20 steps, best η", marker="circle"),
            Points(way[:1], "ring", "ink", "start"),
            Points(np.zeros((1, 2)), "cross", "ink", "lowest"),
        )
        limits = (-half, half), (-half, half)
        title = f"The bowl, κ = {significant(self.kappa)}"
        return Panel(*limits, "w′, from the lowest", "b′", items, 1.0, title=title)

    def words(self) -> str:
        low, high = self.curvatures
        x = self.scaled
        done = f"x′ = (x − {number(self.shift)}) / {number(self.scale)}"
        box = f"mean {number(round(float(x.mean()), 2))}, s = {significant(float(x.std()))}"
        bowl = f"λ from {significant(low)} to {significant(high)}, κ = {significant(self.kappa)}"
        steps = counted(steps_to_a_hundredth(self.kappa), "step")
        rate = f"At the best rate, {significant(2 / (low + high))}"
        return f"{done} has {box}. {bowl}. {rate}, 1 % of the error is left after {steps}."


def within_the_picture(x: Floats, w: float, b: float) -> Floats:
    """The line w x + b between two x, with a gap where it leaves the picture: (N, 2)."""
    along = np.linspace(x[0], x[1], 81)
    height = w * along + b
    shown = (height >= RENT[0]) & (height <= RENT[1])
    return np.column_stack([along, np.where(shown, height, np.nan)])


def rings(H: Floats, start: Floats) -> tuple[Item, ...]:
    """Ellipses around 0 on which ½ vᵀHv is this share of what it is at the start."""
    curvatures, directions = np.linalg.eigh(H)
    angle = np.linspace(0, 2 * np.pi, 73)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    at_start = start @ H @ start
    return tuple(
        Line(circle * np.sqrt(share * at_start / curvatures) @ directions.T, "gray")
        for share in LEVELS
    )


scale_by_hand = widget(ScaleByHand)
