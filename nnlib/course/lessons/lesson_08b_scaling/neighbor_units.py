"""Nearest neighbors in other units: who is near depends on how a feature is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from nnlib.course.kit.numbers import significant
from nnlib.course.kit.scene import HIGH, LOW, Floats, Heat, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, log_slider, widget

Labels = NDArray[np.int64]

K = 5
TRAIN, TEST = 80, 400
SIDE = 40  # cells of the map, along each axis
DATA = {"both": "both features tell the class", "one": "x₂ tells nothing"}
ASKED = {"both": (0.9, 0.3), "one": (2.25, 0.4)}  # the point whose neighbors are shown


@lru_cache
def examples(data: str) -> tuple[Floats, Labels, Floats, Labels]:
    """X and y to learn from, then X and y to test on."""
    rng = np.random.default_rng(0)
    n = TRAIN + TEST
    if data == "both":
        y = rng.integers(0, 2, n)
        X = rng.normal(size=(n, 2)) + 1.8 * y[:, None]
    else:
        x1 = rng.uniform(0, 4, n)
        y = np.floor(x1).astype(np.int64) % 2  # four stripes
        X = np.column_stack([x1, rng.normal(1, 1.15, n)])
    return X[:TRAIN], y[:TRAIN], X[TRAIN:], y[TRAIN:]


def nearest(X: Floats, points: Floats) -> NDArray[np.int64]:
    """The rows of X that are the K nearest to each point: (number of points, K).

    >>> nearest(np.arange(9.0)[:, None], np.array([[0.1]])).tolist()
    [[0, 1, 2, 3, 4]]
    """
    apart = np.sum((points[:, None] - X) ** 2, axis=-1)
    places: NDArray[np.int64] = np.argsort(apart, axis=1, kind="stable")[:, :K]
    return places


@lru_cache
def frame(data: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """The limits of x₁ and x₂: a square with all that is to be learnt from."""
    X = examples(data)[0]
    half = 0.55 * float(np.ptp(X, axis=0).max())
    middle = (X.min(0) + X.max(0)) / 2
    return (middle[0] - half, middle[0] + half), (middle[1] - half, middle[1] + half)


@dataclass(frozen=True)
class NeighborUnits(Model):
    """Five nearest neighbors vote. The numbers of x₂ are multiplied by `factor`, a change of unit."""

    title = "Neighbors in another unit"
    goal = "where x₂ tells nothing, a test accuracy of 90 % or more"
    buttons = (Button("standardize", "Standardize"),)

    data: str = choice("Data", DATA, at="both")
    factor: float = log_slider("x₂ times", 0.01, 100.0, at=1.0, per_decade=5)

    def standardize(self) -> Self:
        s1, s2 = examples(self.data)[0].std(0)
        return replace(self, factor=float(f"{s1 / s2:.2g}"))

    @property
    def units(self) -> Floats:
        return np.array([1.0, self.factor])

    def votes(self, points: Floats) -> Floats:
        """The share of class 1 among the neighbors of each point."""
        X, y, *_ = examples(self.data)
        share: Floats = y[nearest(X * self.units, points * self.units)].mean(axis=1)
        return share

    @property
    def accuracy(self) -> float:
        *_, X_test, y_test = examples(self.data)
        return float(np.mean((self.votes(X_test) > 0.5) == y_test))

    def reached(self) -> bool:
        return self.data == "one" and self.accuracy >= 0.9

    def neighbors(self) -> Floats:
        """The neighbors of the point asked for, in the units of the data: (K, 2)."""
        X = examples(self.data)[0]
        asked = np.array([ASKED[self.data]])
        found: Floats = X[nearest(X * self.units, asked * self.units)[0]]
        return found

    def scene(self) -> Scene:
        return Scene((self.distance_panel(), self.map_panel()), self.words(), columns=2)

    def distance_panel(self) -> Panel:
        """The points as the distance sees them: both axes with one scale."""
        limits = np.array(frame(self.data)) * self.units[:, None]
        half = np.ptp(limits, axis=1).max() / 2
        x1, x2 = ((float(m - half), float(m + half)) for m in limits.mean(axis=1))
        items = (*self.class_points(self.units), *self.shown_neighbors(self.units))
        return Panel(x1, x2, "x₁", "x₂ in the new unit", items, title="What the distance sees")

    def map_panel(self) -> Panel:
        (left, right), (bottom, top) = frame(self.data)
        at1 = left + (np.arange(SIDE) + 0.5) / SIDE * (right - left)
        at2 = bottom + (np.arange(SIDE) + 0.5) / SIDE * (top - bottom)
        x1, x2 = np.meshgrid(at1, at2)
        says = self.votes(np.column_stack([x1.ravel(), x2.ravel()])) > 0.5
        shades = Heat(says.reshape(SIDE, SIDE).astype(float), ((0.0, "0"), (1.0, "1")), 0.5)
        one = np.ones(2)
        items = (shades, *self.class_points(one), *self.shown_neighbors(one))
        limits = (left, right), (bottom, top)
        return Panel(*limits, "x₁", "x₂ in the old unit", items, title="What the vote says")

    def class_points(self, units: Floats) -> tuple[Item, ...]:
        X, y, *_ = examples(self.data)
        return (
            Points(X[y == 0] * units, "circle", LOW, "y = 0", "small"),
            Points(X[y == 1] * units, "square", HIGH, "y = 1", "small"),
        )

    def shown_neighbors(self, units: Floats) -> tuple[Item, ...]:
        """The point asked for, its neighbors, and how far the farthest of them is, all around."""
        asked, found = np.array(ASKED[self.data]), self.neighbors()
        reach = np.sqrt((((found - asked) * self.units) ** 2).sum(axis=1)).max()
        angle = np.linspace(0, 2 * np.pi, 73)
        around = asked + reach / self.units * np.column_stack([np.cos(angle), np.sin(angle)])
        return (
            Line(around * units, "ink", dashed=True),
            Points(found * units, "ring", "ink", "the 5 nearest"),
            Points(asked[None] * units, "cross", "ink", "the point asked for"),
        )

    def words(self) -> str:
        s1, s2 = examples(self.data)[0].std(0) * self.units
        spread = f"s₁ = {significant(float(s1))} and s₂ = {significant(float(s2))}"
        what = DATA[self.data].replace("both", "Both")
        told = f"{what}. x₂ is multiplied by {significant(self.factor)}"
        return f"{told}, so {spread}. The neighbors are right on {self.accuracy:.0%} of the test."


neighbor_units = widget(NeighborUnits)
