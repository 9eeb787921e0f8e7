"""Boosting: many weak models, each fitted to what the ones before it left over."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from nnlib.arguments import NonNegativeInt, Positive, PositiveInt, checked, numbers
from nnlib.classical.linear_model import Floats, examples

__all__ = ["Stump", "StumpBoosting"]


class Stump(NamedTuple):
    """A tree with one question: is x[feature] ≤ threshold? Two answers.

    X is (N, d), the answers are (N,). Source: Iba and Langley (1992).

    >>> stump = Stump(feature=0, threshold=1.5, left=0.0, right=1.0)
    >>> stump(np.array([[1.0], [2.0]]))
    array([0., 1.])
    """

    feature: int
    threshold: float
    left: float
    right: float

    def __call__(self, X: Floats) -> Floats:
        return np.where(X[:, self.feature] <= self.threshold, self.left, self.right)


class StumpBoosting:
    """a_n(x) = a_{n−1}(x) + η b_n(x), where the stump b_n has the least squared error to y − a_{n−1}

    Starts from a₀ = 0. ``rounds`` is the number of stumps, ``lr`` the shrinkage η. Thresholds are
    tried halfway between neighboring values of each feature, or at the given ``thresholds``. After
    ``fit`` on X (N, d) and y (N,): ``stumps``, and ``losses``, the mean squared error after
    0, 1, … rounds.

    Raises ValueError for options that are not above 0, shapes that do not fit, and where no
    threshold divides the examples. Source: Friedman (2001).

    >>> X, y = [[0], [1], [2], [3]], [0, 0, 1, 1]
    >>> model = StumpBoosting(rounds=2, lr=0.5).fit(X, y)
    >>> model.stumps[0], model.losses
    (Stump(feature=0, threshold=1.5, left=0.0, right=1.0), [0.5, 0.125, 0.03125])
    >>> model.predict(X)
    array([0.  , 0.  , 0.75, 0.75])
    """

    @checked
    def __init__(
        self, rounds: PositiveInt = 50, lr: Positive = 0.3, thresholds: Any = None
    ) -> None:
        self.rounds, self.lr, self.thresholds = rounds, lr, thresholds
        self.stumps: list[Stump] = []

    def fit(self, X: ArrayLike, y: ArrayLike) -> StumpBoosting:
        """Grow the stumps one after the other; returns the model itself."""
        X, y = examples(X, y)
        self.features, prediction = X.shape[1], np.zeros(len(y))
        self.stumps, self.losses = [], [float(np.mean(y**2))]
        for _ in range(self.rounds):
            stump = self._best_stump(X, y - prediction)
            prediction = prediction + self.lr * stump(X)
            self.stumps.append(stump)
            self.losses.append(float(np.mean((y - prediction) ** 2)))
        return self

    @checked
    def predict(self, X: ArrayLike, rounds: NonNegativeInt | None = None) -> Floats:
        """a_n(x) for each row of X (N, d), by the first ``rounds`` stumps (all by default)."""
        if not self.stumps:
            raise ValueError("this StumpBoosting has no stumps yet: call fit(X, y) first")
        X = numbers("predict", "X", X, f"(N, {self.features})").astype(float)
        return self.lr * sum((stump(X) for stump in self.stumps[:rounds]), np.zeros(len(X)))

    def _best_stump(self, X: Floats, residual: Floats) -> Stump:
        """The stump with the least squared error to the residual y − a_{n−1}."""
        found = []
        for feature, x in enumerate(X.T):
            values = np.unique(x)
            tried: Any = (values[1:] + values[:-1]) / 2
            if self.thresholds is not None:
                tried = numbers("StumpBoosting", "thresholds", self.thresholds, "(n,)")
            for threshold in tried.tolist():
                left = x <= threshold
                if left.any() and not left.all():
                    answers = float(residual[left].mean()), float(residual[~left].mean())
                    stump = Stump(feature, threshold, *answers)
                    found.append((((residual - stump(X)) ** 2).sum(), stump))
        if not found:
            raise ValueError("StumpBoosting: no threshold divides the examples of X")
        return min(found, key=lambda pair: pair[0])[1]
