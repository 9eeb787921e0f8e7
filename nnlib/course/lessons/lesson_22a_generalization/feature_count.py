"""Least squares on ever more random features, past the point where they fit every example."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, log_slider, widget

N, INPUTS, NEW = 100, 20, 300
COUNTS = (10.0, 2000.0)
ERRORS, REACH = (0.005, 200.0), 4.0  # what the panels show
GOAL = 0.2
NOISES = {"0": "none", "0.2": "0.2", "0.5": "0.5"}
RIDGES = {"0": "none", "0.001": "0.001", "0.01": "0.01", "0.1": "0.1"}
LOOK = {"training": ("blue", "dashed", "square"), "new": ("orange", "solid", "circle")}


@lru_cache
def drawn() -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """The inputs, what is true of them, unit noise, and new inputs with what is true of those."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=INPUTS)
    truth /= np.linalg.norm(truth)
    X, noise, X_new = (rng.normal(size=size) for size in ((N, INPUTS), N, (NEW, INPUTS)))
    return X, X @ truth, noise, X_new, X_new @ truth


@lru_cache
def units() -> Floats:
    """The weights of the most hidden units there can be; p features are those of the first p."""
    w: Floats = np.random.default_rng(1).normal(size=(INPUTS, round(COUNTS[1])))
    return w


def features(X: Floats, p: int) -> Floats:
    """What p random ReLU units make of X: (N, p)."""
    phi: Floats = np.maximum(X @ units()[:, :p], 0) / np.sqrt(p)
    return phi


@lru_cache(maxsize=64)
def parts(p: int) -> tuple[Floats, Floats, Floats]:
    """U and the singular values of Φ, and the new examples' features along its right vectors."""
    U, s, Vt = np.linalg.svd(features(drawn()[0], p), full_matrices=False)
    return U, s, features(drawn()[3], p) @ Vt.T


@dataclass(frozen=True)
class Fit:
    """The smallest w that makes 1/N ‖Φw − y‖² + λ ‖w‖² smallest, and what it is worth."""

    training: float
    new: float
    length: float
    said: Floats  # on the new examples


@lru_cache(maxsize=512)
def fit(p: int, noise: float, ridge: float) -> Fit:
    _, true, unit, _, true_new = drawn()
    y = true + noise * unit
    U, s, along = parts(p)
    seen = U.T @ y
    w = s / (s**2 + N * ridge) * seen  # along the right vectors
    training = float(np.mean((U @ (s * w) - y) ** 2))
    said: Floats = along @ w
    new = float(np.mean((said - true_new) ** 2))
    return Fit(training, new, float(np.linalg.norm(w)), said)


@dataclass(frozen=True)
class FeatureCount(Model):
    """100 examples, `p` random features, the smallest of all best fits; `ridge` is λ."""

    title = "How many features are too many?"
    goal = f"100 features, noise 0.2: an error of at most {GOAL} on new examples"
    on_every_page = (
        *({"p": p} for p in (50.0, 100.0, 2000.0)),
        {"p": 100.0, "ridge": "0.01"},
    )

    p: float = log_slider("Features p", *COUNTS, at=10.0, per_decade=10)
    noise: str = choice("Noise in y", NOISES, at="0.2")
    ridge: str = choice("Penalty λ", RIDGES, at="0")

    @property
    def fits(self) -> dict[int, Fit]:
        """For each number of features, from the fewest to this."""
        upto = [round(p) for p in counts() if p <= self.p]
        return {p: fit(p, float(self.noise), float(self.ridge)) for p in upto}

    @property
    def here(self) -> Fit:
        return fit(round(self.p), float(self.noise), float(self.ridge))

    def reached(self) -> bool:
        return round(self.p) == N and self.noise == "0.2" and self.here.new <= GOAL

    def scene(self) -> Scene:
        return Scene((self.errors(), self.answers()), self.words(), columns=2)

    def errors(self) -> Panel:
        fits = self.fits | {round(self.p): self.here}
        items: list[Item] = [
            Line(np.array([[N, ERRORS[0]], [N, ERRORS[1]]]), "gray", style="dotted"),
            Label((N * 1.15, ERRORS[1] * 0.5), "p = N", "gray", align="left"),
        ]
        for name, (color, style, marker) in LOOK.items():
            curve = np.array([[p, getattr(f, name)] for p, f in fits.items()])
            curve[:, 1] = np.maximum(curve[:, 1], ERRORS[0])
            label = "training" if name == "training" else "new examples"
            items += [
                Line(curve, color, style=style, label=label),
                Points(curve[-1:], marker, color),
            ]
        limits, names = (COUNTS, ERRORS), ("features p", "mean squared error")
        return Panel(*limits, *names, tuple(items), height=0.8, xlog=True, ylog=True)

    def answers(self) -> Panel:
        true = drawn()[4]
        inside = np.abs(self.here.said) <= REACH
        dots = np.column_stack([true, self.here.said])[inside]
        items = (
            Line(np.array([[-REACH, -REACH], [REACH, REACH]]), "gray", style="dotted"),
            Points(dots, "circle", "orange", size="small"),
        )
        limits = (-REACH, REACH), (-REACH, REACH)
        return Panel(*limits, "true", "answer on new examples", items, height=0.8)

    def words(self) -> str:
        out = int((np.abs(self.here.said) > REACH).sum())
        penalty = f"λ = {self.ridge}" if float(self.ridge) else "no penalty"
        return (
            f"{round(self.p)} features, {N} examples, {penalty}: mean squared error "
            f"{self.here.training:.3f} in training, {self.here.new:.3f} on new examples (always saying "
            f"0: {np.mean(drawn()[4] ** 2):.2f}). The weights have the length "
            f"{number(self.here.length)}. {out} of {NEW} answers lie outside the picture."
        )


@lru_cache
def counts() -> list[float]:
    """The places of the slider."""
    decades = np.log10(COUNTS[1] / COUNTS[0])
    places = 10.0 ** (1 + np.arange(round(10 * decades) + 1) / 10)
    return [float(f"{p:.2g}") for p in places]


feature_count = widget(FeatureCount)
