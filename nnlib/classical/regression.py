"""Numbers as targets: least squares, the two penalties that tame it, and features for curves."""

from __future__ import annotations

import math
from itertools import combinations_with_replacement
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from nnlib.arguments import FinitePositive, NonNegativeInt, PositiveInt, checked, numbers
from nnlib.classical.linear_model import Floats, LinearModel, examples

__all__ = ["Lasso", "LinearRegression", "Ridge", "polynomial_count", "polynomial_features"]


class LinearRegression(LinearModel):
    """min Σₙ (yₙ − w·xₙ − b)²: the straight line (the hyperplane) of least squares.

    ``fit`` takes X (N, d) and y (N,). Where several w are equally good (more features than
    examples) it takes the shortest. With ``bias=False`` the hyperplane goes through the origin.
    Raises ValueError for other shapes and for NaN, TypeError where y holds no numbers.

    Legendre (1805), Gauss (1809).

    >>> model = LinearRegression().fit([[0], [1], [2]], [1, 3, 5])
    >>> model.weight.round(3), round(model.bias, 3)
    (array([2.]), 1.0)
    >>> model.predict([[10]]).round(3)
    array([21.])
    """

    @checked
    def __init__(self, *, bias: bool = True) -> None:
        self.with_bias = bias

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Find w and b for X (N, d) and y (N,); returns the model itself."""
        X, y = examples(X, y)
        # At the best b the plane goes through the mean of all points: take it as the origin.
        x_mean = X.mean(0) if self.with_bias else np.zeros(X.shape[1])
        y_mean = float(y.mean()) if self.with_bias else 0.0
        self.weight = self._solve(X - x_mean, y - y_mean)
        self.bias = y_mean - float(x_mean @ self.weight)
        return self

    def _solve(self, X: Floats, y: Floats) -> Floats:
        return np.linalg.lstsq(X, y, rcond=None)[0]

    def predict(self, X: ArrayLike) -> Floats:
        """ŷ = X w + b, one number per row of X (N, d)."""
        return self.preactivation(X)


class Ridge(LinearRegression):
    """min Σₙ (yₙ − w·xₙ − b)² + α ‖w‖²  ⇒  w = (XᵀX + α I)⁻¹ Xᵀy

    A larger ``alpha`` makes a shorter w, and none of its entries 0; b is not penalized. Inputs with
    noise of variance s² are, on average, ridge with α = N s². Raises ValueError unless α is above
    0; shapes and other errors as in :class:`LinearRegression`.

    Hoerl & Kennard (1970); noise: Bishop (1995).

    >>> Ridge(alpha=2.0).fit([[-1], [0], [1]], [-3, 0, 3]).weight
    array([1.5])
    """

    @checked
    def __init__(self, alpha: FinitePositive = 1.0, *, bias: bool = True) -> None:
        super().__init__(bias=bias)
        self.alpha = float(alpha)

    def _solve(self, X: Floats, y: Floats) -> Floats:
        return np.linalg.solve(X.T @ X + self.alpha * np.eye(X.shape[1]), X.T @ y)


class Lasso(LinearRegression):
    """min 1/2N Σₙ (yₙ − w·xₙ − b)² + α ‖w‖₁, by proximal gradient steps

        u ← w − η Xᵀ(Xw − y) / N,    w ← sgn(u) · max(|u| − ηα, 0)

    The second step, soft thresholding, is what makes entries exactly 0; following the (sub)gradient
    of |w| never does. The learning rate η is 1/λ_max(XᵀX/N), ``steps`` the number of steps. Raises
    ValueError unless α and ``steps`` are above 0; shapes and other errors as in
    :class:`LinearRegression`.

    Tibshirani (1996); the steps: Daubechies, Defrise & De Mol (2004).

    >>> Lasso(alpha=0.5).fit([[-1, 1], [0, -2], [1, 1]], [-3, 0, 3]).weight.round(6)
    array([2.25, 0.  ])
    """

    @checked
    def __init__(
        self, alpha: FinitePositive = 1.0, *, steps: PositiveInt = 1000, bias: bool = True
    ) -> None:
        super().__init__(bias=bias)
        self.alpha, self.steps = float(alpha), steps

    def _solve(self, X: Floats, y: Floats) -> Floats:
        N, w = len(X), np.zeros(X.shape[1])
        steepest = float(np.linalg.norm(X, 2)) ** 2 / N  # λ_max(XᵀX/N)
        lr = 1 / steepest if steepest else 1.0
        for _ in range(self.steps):
            u = w - lr * (X.T @ (X @ w - y)) / N
            w = np.sign(u) * np.maximum(np.abs(u) - lr * self.alpha, 0)
        return w


@checked
def polynomial_features(X: ArrayLike, degree: NonNegativeInt) -> Floats:
    """1, x₁, …, x_d, x₁², x₁x₂, …: every product of at most ``degree`` features

    X is (N, d), the result (N, :func:`polynomial_count`), degree by degree. Raises ValueError for
    other shapes and degrees. As scikit-learn's PolynomialFeatures.

    >>> polynomial_features([[2, 5]], degree=2)
    array([[ 1.,  2.,  5.,  4., 10., 25.]])
    """
    X = numbers("polynomial_features", "X", X, "(N, d)").astype(float)
    factors = range(X.shape[1])
    products = [c for k in range(degree + 1) for c in combinations_with_replacement(factors, k)]
    return np.column_stack([X[:, list(product)].prod(1) for product in products])


@checked
def polynomial_count(d: NonNegativeInt, degree: NonNegativeInt) -> int:
    """(d + k choose k): how many products of at most k of d features there are

    Raises ValueError where d or k, the ``degree``, is not a whole number from 0.

    >>> polynomial_count(3, 2), polynomial_count(10, 3), polynomial_count(784, 2)
    (10, 286, 308505)
    """
    return math.comb(d + degree, degree)
