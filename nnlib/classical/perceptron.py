"""Threshold units, the perceptron and its learning rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from nnlib.classical.linear_model import Floats, Labels, LinearModel, labeled

__all__ = ["Perceptron", "Step", "heaviside", "mcp", "mistake_bound", "perceptron_steps"]


def heaviside(z: ArrayLike) -> Any:
    """H(z) = 1 where z ≥ 0, else 0.

    Some texts call this step "sign", but sgn(z) is −1, 0 or 1: at 0 it is 0 where H is 1.

    >>> heaviside([-2.0, 0.0, 3.0])
    array([0., 1., 1.])
    """
    return np.heaviside(z, 1.0)


def mcp(x: ArrayLike, w: ArrayLike, theta: float) -> Any:
    """h = 1 where Σᵢ wᵢ xᵢ ≥ θ, else 0: a McCulloch–Pitts unit.

    ``x`` is one binary pattern (p,) or a batch (N, p), ``w`` is (p,); the result is 0 or 1 per
    pattern. The unit fires on *every* pattern on its side of the threshold, not on a single one.

    McCulloch & Pitts (1943) counted excitatory inputs and let one active inhibitory input silence
    the unit; weights and their sum are the form in which later texts write it.

    >>> patterns = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> mcp(patterns, w=[1, 1], theta=2)  # AND
    array([0, 0, 0, 1])
    """
    x, w = np.asarray(x), np.asarray(w)
    if w.ndim != 1 or x.ndim not in (1, 2) or x.shape[-1] != len(w):
        raise ValueError(
            f"mcp: x must be (p,) or (N, p) and w (p,) — x is {x.shape}, w is {w.shape}"
        )
    return (x @ w >= theta).astype(np.int64)


class Step(NamedTuple):
    """One look at one example: what was predicted, and the weights after it."""

    epoch: int
    example: int
    prediction: int
    weight: Floats
    bias: float
    mistake: bool


def perceptron_steps(X: ArrayLike, y: ArrayLike, epochs: int = 100) -> Iterator[Step]:
    """w ← w + (y − ŷ) x,  b ← b + (y − ŷ): the perceptron's training, one example at a time.

    Starts at w = 0, b = 0 and takes the examples in their order, over and over, until an epoch
    passes without a mistake or ``epochs`` have passed. ``X`` is (N, d), ``y`` holds 0s and 1s.
    ``Perceptron.fit`` runs through these steps; take them yourself to watch it learn.

    >>> for step in perceptron_steps([[0.0], [1.0]], [0, 1], epochs=1):
    ...     print(step.example, step.prediction, step.weight, step.bias)
    0 1 [0.] -1.0
    1 0 [1.] 0.0
    """
    X, y = labeled(X, y)
    if epochs < 1:
        raise ValueError(f"epochs must be at least 1, not {epochs}")
    w, b = np.zeros(X.shape[1]), 0.0
    for epoch in range(epochs):
        mistakes = 0
        for i, (x, target) in enumerate(zip(X, y, strict=True)):
            prediction = int(heaviside(w @ x + b))
            error = int(target) - prediction  # 0 when right, else +1 or −1
            w, b = w + error * x, b + error
            mistakes += abs(error)
            yield Step(epoch, i, prediction, w, b, error != 0)
        if mistakes == 0:
            return


class Perceptron(LinearModel):
    """ŷ = H(w·x + b), trained by w ← w + (y − ŷ) x.

    After ``fit``: ``weight`` (d,), ``bias``, and ``errors``, the number of mistakes in each epoch.
    If a line (a hyperplane) separates the classes the last epoch has none; if not, mistakes never
    stop (Minsky & Papert 1969), and ``epochs`` ends the search.

    The usual form of Rosenblatt's rule (1958–62); it converges: Novikoff (1962), see
    ``mistake_bound``.

    >>> X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> p = Perceptron().fit(X, [0, 0, 0, 1])
    >>> p.weight, p.bias, p.errors
    (array([2., 1.]), -3.0, [2, 3, 3, 2, 1, 0])
    >>> p.predict(X)
    array([0, 0, 0, 1])
    """

    errors: list[int]

    def fit(self, X: ArrayLike, y: ArrayLike, epochs: int = 100) -> Perceptron:
        """Train on X (N, d) and labels y (N,) in {0, 1}; returns the perceptron itself."""
        self.errors = []
        for step in perceptron_steps(X, y, epochs):
            if step.example == 0:
                self.errors.append(0)
            self.errors[-1] += step.mistake
        self.weight, self.bias = step.weight, step.bias
        return self

    def predict(self, X: ArrayLike) -> Labels:
        """ŷ = H(X w + b), 0 or 1 for each row of X (N, d)."""
        return (self.preactivation(X) >= 0).astype(np.int64)


def mistake_bound(X: ArrayLike, y: ArrayLike, w: ArrayLike, b: float) -> float:
    """(R / γ)²: the perceptron makes at most this many mistakes, however long it trains.

    The bias counts as the weight of a constant input 1: R is the largest ‖(x, 1)‖, and γ, the
    margin, the smallest distance of a point (x, 1) from the hyperplane (w, b) through the origin.
    Every (w, b) that separates the classes gives a bound; the widest margin gives the best one.

    Raises ValueError when (w, b) leaves a point on its boundary or on the wrong side.

    Novikoff (1962). The best separator of AND promises at most 51 mistakes; training makes 11:

    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    >>> mistake_bound(X, y, w=[2, 2], b=-3)
    51.0
    >>> sum(Perceptron().fit(X, y).errors)
    11
    """
    X, y = labeled(X, y)
    points = np.column_stack([X, np.ones(len(X))])
    separator = np.append(np.asarray(w, dtype=float), b)
    if separator.shape != points.shape[1:]:
        raise ValueError(f"w must have one weight per feature: {X.shape[1]}, not {np.shape(w)}")
    sides = np.where(y == 1, 1, -1) * (points @ separator)  # positive where a point is right
    if sides.min() <= 0:
        raise ValueError(
            f"w and b must put every example strictly on its side; {np.sum(sides <= 0)} are not"
        )
    # R²/γ² with γ = min(sides) / ‖separator‖: dividing last keeps whole numbers exact.
    return float((points**2).sum(1).max() * (separator @ separator) / sides.min() ** 2)
