"""The same linear classifier on features of your choice: where it draws its boundary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from contourpy import contour_generator

from nnlib import data
from nnlib.classical import Labels, LogisticRegression
from nnlib.course.kit import plane
from nnlib.course.kit.scene import Floats, Heat, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, widget

N = 160  # points to learn from, and as many others to test on
WINDOW = (-3.0, 3.0)
PIXELS = 60  # per side of the map
STEPS = 8  # of Newton's method: enough to see where the boundary goes

KINDS = {
    "blobs": "two blobs",
    "xor": "XOR",
    "circles": "rings",
    "moons": "moons",
    "spirals": "spirals",
}
FEATURES: dict[str, tuple[str, Callable[[Floats, Floats], Floats]]] = {
    "x1": ("x₁", lambda x1, x2: x1),
    "x2": ("x₂", lambda x1, x2: x2),
    "x1x2": ("x₁x₂", lambda x1, x2: x1 * x2),
    "x1_squared": ("x₁²", lambda x1, x2: x1**2),
    "x2_squared": ("x₂²", lambda x1, x2: x2**2),
    "sin_x1": ("sin 2x₁", lambda x1, x2: np.sin(2 * x1)),
    "sin_x2": ("sin 2x₂", lambda x1, x2: np.sin(2 * x2)),
}
SWITCH = {"off": "off", "on": "on"}


@lru_cache
def examples(kind: str, seed: int) -> tuple[Floats, Labels]:
    """N points of the window and their classes."""
    rng = np.random.default_rng(seed)
    if kind == "blobs":
        return data.make_blobs(N, cluster_std=0.7, generator=rng)
    if kind == "xor":
        X, y = data.make_xor(N, noise=0.2, generator=rng)
        return 3 * (X - 0.5), y
    if kind == "moons":
        X, y = data.make_moons(N, noise=0.1, generator=rng)
        return 1.6 * (X - [0.5, 0.25]), y
    if kind == "circles":
        X, y = data.make_circles(N, noise=0.08, generator=rng)
    else:
        X, y = data.make_spirals(N, generator=rng)
    return 2.4 * X, y


@lru_cache
def pixels() -> Floats:
    """The points of the map, rows from the bottom up: (PIXELS², 2)."""
    along = np.linspace(*WINDOW, PIXELS)
    x1, x2 = np.meshgrid(along, along)
    return np.column_stack([x1.ravel(), x2.ravel()])


def features_of(X: Floats, names: tuple[str, ...]) -> Floats:
    """The chosen features side by side: (N, how many)."""
    return np.column_stack([FEATURES[name][1](*X.T) for name in names])


@lru_cache(maxsize=256)
def fitted(kind: str, names: tuple[str, ...]) -> LogisticRegression:
    return LogisticRegression().fit(
        features_of(examples(kind, 1)[0], names), examples(kind, 1)[1], STEPS
    )


@dataclass(frozen=True)
class FeatureBoard(Model):
    """A linear classifier on the features that are switched on, fitted to 160 points.

    Its score z = w · features + b has one weight for each feature, and a bias.
    """

    title = "The feature switchboard"
    goal = "rings: 95 % of the other points right, with 3 parameters"
    on_every_page = (
        {"data": "circles", "x1": "off", "x2": "off", "x1_squared": "on", "x2_squared": "on"},
    )

    data: str = choice("Data", KINDS, at="circles")
    x1: str = choice("x₁", SWITCH, at="on")
    x2: str = choice("x₂", SWITCH, at="on")
    x1x2: str = choice("x₁x₂", SWITCH, at="off")
    x1_squared: str = choice("x₁²", SWITCH, at="off")
    x2_squared: str = choice("x₂²", SWITCH, at="off")
    sin_x1: str = choice("sin 2x₁", SWITCH, at="off")
    sin_x2: str = choice("sin 2x₂", SWITCH, at="off")

    @property
    def chosen(self) -> tuple[str, ...]:
        return tuple(name for name in FEATURES if getattr(self, name) == "on")

    @property
    def parameters(self) -> int:
        return len(self.chosen) + 1

    def score(self, X: Floats) -> Floats:
        """z for each row of X: above 0 it says class 1."""
        if not self.chosen:  # a bias alone: both classes are equally large
            return np.zeros(len(X))
        return fitted(self.data, self.chosen).preactivation(features_of(X, self.chosen))

    def right(self, seed: int) -> float:
        """The share of points on the right side: of those it learns from (1), or of others (2)."""
        X, y = examples(self.data, seed)
        return float(np.mean((self.score(X) >= 0) == y))

    def reached(self) -> bool:
        return self.data == "circles" and self.parameters <= 3 and self.right(2) >= 0.95

    def scene(self) -> Scene:
        X, y = examples(self.data, 1)
        z = self.score(pixels())
        wrong = X[(self.score(X) >= 0) != y]
        items: tuple[Item, ...] = (
            Heat(
                1 / (1 + np.exp(-np.clip(z, -30, 30))).reshape(PIXELS, PIXELS),
                ((0.0, "0"), (0.5, "0.5"), (1.0, "1")),
                0.5,
                "P(1)",
            ),
            *boundary(z.reshape(PIXELS, PIXELS)),
            *plane.class_points(X, y),
            Points(wrong, "ring", label="wrong side"),
        )
        return Scene((Panel(WINDOW, WINDOW, "x₁", "x₂", items, height=0.9),), self.words())

    def words(self) -> str:
        names = ", ".join(FEATURES[name][0] for name in self.chosen) or "none, only a bias"
        count = f"{self.parameters} parameter{'s' * (self.parameters > 1)}"
        learned, other = f"{self.right(1):.0%}", f"{self.right(2):.0%}"
        return (
            f"Features: {names}; {count}. {learned} right of the {N} points that it learns from, "
            f"{other} right of {N} others."
        )


def boundary(z: Floats) -> tuple[Item, ...]:
    """The line z = 0, in as many pieces as there are."""
    along = np.linspace(*WINDOW, PIXELS)
    pieces = contour_generator(along, along, z).lines(0.0)
    if not pieces:
        return ()
    gap = np.full((1, 2), np.nan)
    return (Line(np.concatenate([part for p in pieces for part in (p, gap)]), label="z = 0"),)


feature_board = widget(FeatureBoard)
