"""Counts that vary more than Poisson says: what it does to a fit, and to its error bars."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget

N, DRAWS = 100, 20
STEPS = 8  # of Newton's method: from the mean count, the last two no longer move w
W, B = 0.8, 0.6  # the truth
GROUPS = 8
TALLEST, WIDEST = 75.0, 160.0  # of the counts, and of their variances
ERRORS = {"poisson": "as Poisson says", "widened": "times √φ, as measured"}
LEFT = {"counts": "one data set", "variance": "variance against mean"}
X = np.column_stack([np.linspace(-1, 3, N), np.ones(N)])


def spread_counts(mean: Floats, phi: float, rng: np.random.Generator) -> Floats:
    """Counts with this mean and φ times the variance: a Poisson whose own mean is drawn.

    >>> y = spread_counts(np.full(100_000, 5.0), 3.0, np.random.default_rng(0))
    >>> round(y.mean()), round(y.var())
    (5, 15)
    """
    if phi > 1:
        mean = rng.gamma(mean / (phi - 1), phi - 1)
    return rng.poisson(mean).astype(float)


@lru_cache
def fits(phi: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Of twenty data sets: the counts and ŷ (20, N); w, and Poisson's standard error of w (20,).

    Each φ draws its own twenty, all with the seed 0, so how many bars miss is luck as well as φ.
    The fits are nnlib's `PoissonRegression`, but all twenty take each step of Newton at once.
    """
    rng = np.random.default_rng(0)
    y = spread_counts(np.tile(np.exp(X @ [W, B]), (DRAWS, 1)), phi, rng)
    w = np.column_stack([np.zeros(DRAWS), np.log(y.mean(axis=1))])
    for _ in range(STEPS):
        y_hat = np.exp(w @ X.T)
        w = w - np.linalg.solve(hessians(y_hat), ((y_hat - y) @ X)[:, :, None])[:, :, 0]
    y_hat = np.exp(w @ X.T)
    return y, y_hat, w[:, 0], np.sqrt(np.linalg.inv(hessians(y_hat))[:, 0, 0])


def hessians(y_hat: Floats) -> Floats:
    """XᵀVX of each data set, (20, 2, 2)."""
    return np.asarray((X.T * y_hat[:, None, :]) @ X)


def missed_in_the_long_run(phi: float) -> float:
    """Which share of Poisson's 95 % error bars misses: they are √φ too short.

    >>> round(missed_in_the_long_run(1.0), 2), round(missed_in_the_long_run(4.0), 2)
    (0.05, 0.33)
    """
    return erfc(1.96 / sqrt(2 * phi))


def measured_dispersion(y: Floats, y_hat: Floats) -> Floats:
    """φ̂ of each data set: the sum of (y − ŷ)² / ŷ, over N minus the number of weights."""
    return np.asarray(((y - y_hat) ** 2 / y_hat).sum(axis=-1) / (y.shape[-1] - 2))


@dataclass(frozen=True)
class Overdispersion(Model):
    """Twenty data sets of 100 counts, their mean exp(0.8 x + 0.6), their variance φ times that.

    They are drawn anew for each φ, so that neighbors may differ by luck.

    `errors` says how long the error bars of w are: ±1.96 of Poisson's standard errors, or these
    times the root of the φ that the same data show. `left` chooses the other picture.
    """

    title = "More spread than Poisson"
    goal = "with Poisson's error bars, 6 or more of 20 miss the true w"

    phi: float = slider("φ", 1.0, 8.0, 0.5, at=1.0)
    left: str = choice("On the left", LEFT, at="counts")
    errors: str = choice("Error bars", ERRORS, at="poisson")

    @property
    def intervals(self) -> tuple[Floats, Floats]:
        """w of each data set, and how far its error bar reaches."""
        y, y_hat, w, error = fits(self.phi)
        wider = np.sqrt(measured_dispersion(y, y_hat)) if self.errors == "widened" else 1.0
        return w, 1.96 * error * wider

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which of the error bars miss the true w."""
        w, reach = self.intervals
        return np.asarray(np.abs(w - W) > reach)

    def reached(self) -> bool:
        return self.errors == "poisson" and int(self.missing.sum()) >= 6

    def scene(self) -> Scene:
        left = self.counts_panel() if self.left == "counts" else self.variance_panel()
        return Scene((left, self.intervals_panel()), self.words(), columns=2)

    def counts_panel(self) -> Panel:
        y, y_hat, _, _ = (part[0] for part in fits(self.phi))
        x, root = X[:, 0], np.sqrt(y_hat)
        items: tuple[Item, ...] = (
            Points(np.column_stack([x, y]), "circle", "blue", "count", "small"),
            Line(np.column_stack([x, y_hat]), label="ŷ, fitted"),
            Line(np.column_stack([x, y_hat + 2 * root]), "green", style="dotted", label="ŷ ± 2√ŷ"),
            Line(np.column_stack([x, y_hat - 2 * root]), "green", style="dotted"),
        )
        top = max(TALLEST, 1.05 * y.max())
        limits = (-1.1, 3.1), (-6.0, top)
        return Panel(*limits, "x", "y", items, 0.9, title="One data set")

    def variance_panel(self) -> Panel:
        """All twenty data sets, in eight groups of like mean."""
        y, y_hat, _, _ = fits(self.phi)
        squares = ((y - y_hat) ** 2).mean(axis=0)
        order = np.array_split(np.arange(N), GROUPS)
        groups = np.array([[y_hat[:, g].mean(), squares[g].mean()] for g in order])
        ends = np.array([0.0, 20.0])
        items: tuple[Item, ...] = (
            Line(np.column_stack([ends, ends]), label="variance = mean"),
            Line(
                np.column_stack([ends, self.phi * ends]),
                "vermillion",
                label="φ · mean",
                style="dashed",
            ),
            Points(groups, "square", "blue", "eight groups"),
        )
        title = "Variance against mean"
        limits = (0.0, 20.0), (0.0, WIDEST)
        return Panel(*limits, "mean", "variance", items, 0.9, title=title)

    def intervals_panel(self) -> Panel:
        w, reach = self.intervals
        places = np.arange(1, DRAWS + 1)
        items: list[Item] = [Line(np.array([[0.0, W], [DRAWS + 1.0, W]]), "gray", label="true w")]
        kinds = (
            (~self.missing, "blue", "solid", "circle", "meets it"),
            (self.missing, "vermillion", "dotted", "cross", "misses it"),
        )
        for which, color, style, marker, name in kinds:
            if which.any():
                low, high = w[which] - reach[which], w[which] + reach[which]
                gap = np.full(which.sum(), np.nan)
                bars = np.stack([low, high, gap], axis=1).ravel()
                xy = np.column_stack([np.repeat(places[which], 3), bars])
                items.append(Line(xy, color, style=style))
                centers = np.column_stack([places[which], w[which]])
                items.append(Points(centers, marker, color, name, "small"))
        limits = (0.0, DRAWS + 1.0), (0.2, 1.6)
        title = "Error bars of w"
        return Panel(*limits, "data set", "w", tuple(items), 0.9, title=title)

    def words(self) -> str:
        y, y_hat, w, _ = fits(self.phi)
        inside = np.mean(np.abs(y - y_hat) <= 2 * np.sqrt(y_hat))
        phi = measured_dispersion(y, y_hat).mean()
        missing = int(self.missing.sum())
        ever = missed_in_the_long_run(1.0 if self.errors == "widened" else self.phi)
        return (
            f"φ = {number(self.phi)}; measured, {phi:.1f} on average. Of the counts, {inside:.0%} lie "
            f"within ŷ ± 2√ŷ. The twenty w are {w.mean():.2f} on average, and in truth it is {W}. "
            f"Error bars {ERRORS[self.errors]}: {missing} of {DRAWS} miss the true w; "
            f"of very many, {'about ' if self.errors == 'widened' else ''}{ever:.0%} would."
        )


overdispersion = widget(Overdispersion)
