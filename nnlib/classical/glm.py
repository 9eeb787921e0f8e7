"""Generalized linear models: a score z = w·x + b, a mean ŷ = t(z), and the likelihood of y.

With its natural t, each of them has the same gradient, Xᵀ(ŷ − y) / N, and the Hessian XᵀVX / N,
where the diagonal matrix V holds the variances t′(z) of the targets: never negative, so the loss is
convex. Nelder & Wedderburn (1972).
"""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from nnlib.arguments import Positive, PositiveInt, checked
from nnlib.classical.linear_model import LinearClassifier, LinearModel, examples, labeled, sigmoid
from nnlib.engine import Array

__all__ = ["LogisticRegression", "PoissonRegression"]


class _GLM(LinearModel):
    """Fitting by maximum likelihood, for any t(z) with its variance and its loss."""

    losses: list[float]

    _mean: Any
    _variance: Any
    _loss: Any
    _examples = staticmethod(examples)

    @checked
    def __init__(self, *, bias: bool = True) -> None:
        self.with_bias = bias

    @checked
    def fit(
        self, X: ArrayLike, y: ArrayLike, steps: PositiveInt = 25, *,
        method: Literal["irls", "gradient"] = "irls", lr: Positive = 0.1,
    ) -> Self:  # fmt: skip
        """Start at w = 0, b = 0 and take ``steps`` downhill; returns the model itself.

        ``method`` "irls" (iteratively reweighted least squares) takes Newton's steps, "gradient"
        steps of −``lr`` times the gradient. ``losses`` keeps the loss before and after each step.
        """
        X, y = self._examples(X, y)
        if self.with_bias:  # b is the weight of a feature that is always 1
            X = np.column_stack([X, np.ones(len(X))])
        w: Array = np.zeros(X.shape[1])
        self.losses = [self._loss(X @ w, y)]
        for _ in range(steps):
            gradient = X.T @ (self._mean(X @ w) - y) / len(X)
            w = self._newton(w, gradient, X, y) if method == "irls" else w - lr * gradient
            self.losses.append(self._loss(X @ w, y))
        self.weight, self.bias = (w[:-1], float(w[-1])) if self.with_bias else (w, 0.0)
        return self

    def _newton(self, w: Array, gradient: Array, X: Array, y: Array) -> Array:
        """w − H⁻¹∇, with the step halved while it would lead uphill (far from the minimum)."""
        z = X @ w
        hessian = (X.T * self._variance(z)) @ X / len(X)
        step: Array = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        for _ in range(40):
            if self._loss(X @ (w - step), y) <= self._loss(z, y):
                return w - step
            step = step / 2
        return w  # as low as floats can tell


class LogisticRegression(_GLM, LinearClassifier):
    """ŷ = σ(w·x + b),  L = −1/N Σₙ [yₙ log ŷₙ + (1 − yₙ) log(1 − ŷₙ)]

    ``fit(X, y, steps=25, method="irls", lr=0.1)`` takes X (N, d) and labels y (N,) in {0, 1}. Where
    a hyperplane separates the classes, a longer w is always better and there is no best one: it
    goes as far as its steps reach. Raises ValueError for other shapes and labels.

    Cox (1958).

    >>> X, y = [[-2], [-1], [1], [2]], [0, 1, 0, 1]
    >>> model = LogisticRegression().fit(X, y)
    >>> model.predict(X), model.probability([[0]])
    (array([0, 0, 1, 1]), array([0.5]))
    """

    def probability(self, X: ArrayLike) -> Array:
        """ŷ = σ(X w + b), the probability of class 1 for each row of X (N, d)."""
        return sigmoid(self.preactivation(X))

    _examples = staticmethod(labeled)
    _mean = staticmethod(sigmoid)

    def _variance(self, z: Array) -> Array:
        return sigmoid(z) * sigmoid(-z)

    def _loss(self, z: Array, y: Array) -> float:
        return float((np.logaddexp(0, z) - y * z).mean())


class PoissonRegression(_GLM):
    """ŷ = exp(w·x + b),  L = 1/N Σₙ [ŷₙ − yₙ log ŷₙ]: counts

    ``fit(X, y, steps=25, method="irls", lr=0.1)`` takes X (N, d) and counts y (N,), 0 or more.
    Raises ValueError for other shapes and negative counts.

    Nelder & Wedderburn (1972).

    >>> model = PoissonRegression().fit([[0], [1], [2]], [1, 2, 4])
    >>> model.predict([[3]]).round(3)
    array([8.])
    """

    def predict(self, X: ArrayLike) -> Array:
        """ŷ = exp(X w + b), the mean count for each row of X (N, d); not X w + b itself."""
        mean: Array = self._mean(self.preactivation(X))
        return mean

    @staticmethod
    def _examples(X: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
        X, y = examples(X, y)
        if (y < 0).any():
            raise ValueError("fit: y must hold counts, 0 or more")
        return X, y

    def _mean(self, z: Array) -> Any:
        with np.errstate(over="ignore"):  # a step too far costs infinitely much, and is not taken
            return np.exp(z)

    _variance = _mean

    def _loss(self, z: Array, y: Array) -> float:
        return float((self._mean(z) - y * z).mean())
