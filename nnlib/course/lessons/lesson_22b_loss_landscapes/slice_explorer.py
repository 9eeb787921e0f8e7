"""One minimum of a small network in many two-dimensional slices, and what all of them leave out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import repeat
from typing import Self

import numpy as np
from contourpy import contour_generator

import nnlib.nn.functional as F
from nnlib import Tensor, nn, optim
from nnlib.classical import Labels
from nnlib.course.kit import runs
from nnlib.course.kit.numbers import number, significant
from nnlib.course.kit.scene import (
    HIGH,
    LOW,
    Floats,
    Heat,
    Item,
    Line,
    Panel,
    Points,
    Scene,
    pixel_centers,
)
from nnlib.course.kit.widget import Button, Model, choice, log_slider, widget
from nnlib.data import make_moons

UNITS, STEPS = 16, 1000
PIXELS, MAP = 31, 40  # of the slice, and of what the network says, per side
EDGE = 0.5  # the slice reaches from −EDGE to EDGE directions
REACH = 8.0  # length of a direction of fixed length
GUESS = float(np.log(2))  # the loss of one who says ½
LEVEL = 0.3  # of the line in the slice
GOAL = 0.03  # of the slice within that line
KINDS = {
    "fixed": "random, of fixed length",
    "rows": "random, rows as long as the weights'",
    "sharp": "the two steepest",
}
PLANE = (-1.5, 2.5)


@lru_cache
def moons() -> tuple[Floats, Labels]:
    return make_moons(100, noise=0.2, generator=np.random.default_rng(0))


@lru_cache
def trained() -> Floats:
    """A minimum of 2–16–1 with ReLU, trained by Adam: W (16, 2), b (16), v (16) and c in one row."""
    X, y = moons()
    rng = np.random.default_rng(2)
    model = nn.Sequential(nn.Linear(2, UNITS), nn.ReLU(), nn.Linear(UNITS, 1))
    runs.started(model, nn.init.kaiming_normal_, rng)
    batches = repeat((Tensor(X), Tensor(y[:, None].astype(float))))
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    run = runs.Run(model, optimizer, F.binary_cross_entropy_with_logits, batches)
    run.upto(STEPS)
    return np.concatenate([p.data.ravel() for p in run.at(STEPS).parameters()])


def parts(w: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """W (…, 16, 2), b (…, 16), v (…, 16) and c (…) of weights (…, 65)."""
    inner = 2 * UNITS
    W = w[..., :inner].reshape(*w.shape[:-1], UNITS, 2)
    return W, w[..., inner : inner + UNITS], w[..., inner + UNITS : -1], w[..., -1]


def scores(w: Floats, X: Floats) -> Floats:
    """z of every network for every x: (…, N)."""
    W, b, v, c = parts(w)
    h = np.maximum(W @ X.T + b[..., None], 0)  # (…, 16, N)
    z: Floats = (v[..., None, :] @ h)[..., 0, :] + c[..., None]
    return z


def losses(w: Floats) -> Floats:
    """The cross-entropy on the training points: (…)."""
    X, y = moons()
    z = scores(w, X)
    mean: Floats = (np.logaddexp(0, z) - y * z).mean(axis=-1)
    return mean


def rescaled(w: Floats, alpha: float) -> Floats:
    """α times what leads into the hidden units, 1/α times what leads out: the same function."""
    changed = w.copy()
    changed[: 3 * UNITS] *= alpha
    changed[3 * UNITS : -1] /= alpha
    return changed


@lru_cache(maxsize=64)
def hessian(alpha: float) -> tuple[Floats, Floats]:
    """The Hessian's eigenvalues in ascending order, and its eigenvectors as columns.

    H = Σ σ′(z) ∇z ∇zᵀ + (σ(z) − y) ∇²z, over N. ReLU's second derivative is 0, so that ∇²z has
    entries for a unit's v and its own W and b alone.
    """
    w, (X, y) = rescaled(trained(), alpha), moons()
    W, b, v, _ = parts(w)
    p = 1 / (1 + np.exp(-scores(w, X)))
    pre, ones = X @ W.T + b, np.column_stack([X, np.ones(len(X))])
    on = (pre > 0).astype(float)
    J = np.column_stack(
        [*(on[:, [h]] * v[h] * X for h in range(UNITS)), on * v, on * pre, ones[:, 2]]
    )
    H = J.T @ (J * (p * (1 - p) / len(y))[:, None])
    for h in range(UNITS):
        own, out = [2 * h, 2 * h + 1, 2 * UNITS + h], 3 * UNITS + h
        mixed = ones.T @ ((p - y) / len(y) * on[:, h])
        H[own, out] += mixed
        H[out, own] += mixed
    values, vectors = np.linalg.eigh(H)
    return values, vectors


def directions(kind: str, alpha: float, seed: int) -> Floats:
    """The two directions of the slice: (2, 65)."""
    if kind == "sharp":
        steepest: Floats = 2 * hessian(alpha)[1][:, :-3:-1].T
        return steepest
    pair: Floats = np.random.default_rng(seed).normal(size=(2, len(trained())))
    if kind == "fixed":
        pair *= REACH / np.linalg.norm(pair, axis=1, keepdims=True)
        return pair
    return np.array([as_long(d, rescaled(trained(), alpha)) for d in pair])


def as_long(d: Floats, w: Floats) -> Floats:
    """d, with each unit's weights as long as they are in w."""
    grown = d.copy()
    inner = np.arange(3 * UNITS).reshape(3, UNITS)
    rows = [np.array([2 * i, 2 * i + 1, inner[2, i]]) for i in range(UNITS)]  # Wᵢ and bᵢ
    for row in (*rows, np.arange(3 * UNITS, 4 * UNITS), np.array([4 * UNITS])):
        grown[row] *= np.linalg.norm(w[row]) / np.linalg.norm(d[row])
    return grown


@lru_cache(maxsize=256)
def slice_of(kind: str, alpha: float, seed: int) -> Floats:
    """The loss on the slice through the minimum: (PIXELS, PIXELS)."""
    steps = pixel_centers(-EDGE, EDGE, PIXELS)
    w = rescaled(trained(), alpha) + steps @ directions(kind, alpha, seed)
    return losses(w).reshape(PIXELS, PIXELS)


@dataclass(frozen=True)
class SliceExplorer(Model):
    """A slice through one minimum; `alpha` rescales the weights, and changes no answer."""

    title = "A slice of 65 dimensions"
    goal = f"fixed length: at most {GOAL:.0%} of the slice below a loss of {LEVEL}"
    on_every_page = (
        {"kind": "fixed", "alpha": 4.0},
        {"kind": "rows", "alpha": 4.0},
        {"kind": "sharp"},
    )
    buttons = (Button("other", "Other directions"),)

    kind: str = choice("Directions", KINDS, at="fixed")
    alpha: float = log_slider("α", 0.2, 5.0, at=1.0, per_decade=10)
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise ValueError(f"seed must be a whole number from 0, not {self.seed!r}")

    def other(self) -> Self:
        """Drawn anew, of three pairs."""
        return replace(self, seed=(self.seed + 1) % 3)

    @property
    def slice(self) -> Floats:
        return slice_of(self.kind, self.alpha, self.seed)

    @property
    def low(self) -> float:
        """The share of the slice with a loss below LEVEL."""
        return float((self.slice < LEVEL).mean())

    def reached(self) -> bool:
        return self.kind == "fixed" and self.low <= GOAL

    def scene(self) -> Scene:
        return Scene((self.loss_panel(), self.answers()), self.words(), columns=2)

    def loss_panel(self) -> Panel:
        ticks = ((0.0, "0"), (GUESS, "0.7"), (2 * GUESS, "1.4"))  # of a guess, and twice as much
        along = EDGE * (2 * (np.arange(PIXELS) + 0.5) / PIXELS - 1)
        pieces = contour_generator(along, along, self.slice).lines(LEVEL)
        items: tuple[Item, ...] = (
            Heat(np.minimum(self.slice, 2 * GUESS), ticks, GUESS, "loss"),
            *(Line(np.asarray(piece), "ink") for piece in pieces),
            Points(np.zeros((1, 2)), "ring", "ink"),
        )
        title = f"loss; the line is at {LEVEL}"
        edges = (-EDGE, EDGE)
        return Panel(edges, edges, "first direction", "second", items, title=title)

    def answers(self) -> Panel:
        X, y = moons()
        z = scores(rescaled(trained(), self.alpha), pixel_centers(*PLANE, MAP)).reshape(MAP, MAP)
        ticks = ((0, "0"), (0.5, "0.5"), (1, "1"))
        items: tuple[Item, ...] = (
            Heat(F.sigmoid(z).data, ticks, 0.5),
            Points(X[y == 0], "circle", LOW, "y = 0", "small"),
            Points(X[y == 1], "square", HIGH, "y = 1", "small"),
        )
        return Panel(PLANE, PLANE, "x₁", "x₂", items, title="what the network says")

    def words(self) -> str:
        loss, (values, _) = float(losses(rescaled(trained(), self.alpha))), hessian(self.alpha)
        return (
            f"α = {significant(self.alpha)}: training loss {loss:.4f}, as for every α, and the same "
            f"answers everywhere. {self.low:.0%} of the slice lies below a loss of {LEVEL}. The largest "
            f"of the 65 eigenvalues is {number(values[-1])}, their mean {number(values.mean())}. "
            "How well it does on new points, no slice tells."
        )


slice_explorer = widget(SliceExplorer)
