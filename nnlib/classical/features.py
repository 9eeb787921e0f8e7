"""Polynomial features: what a linear model needs to draw curves, and how many there are."""

from __future__ import annotations

import math
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import ArrayLike

from nnlib.classical.linear_model import Floats

__all__ = ["polynomial_count", "polynomial_features"]


def polynomial_features(X: ArrayLike, degree: int) -> Floats:
    """1, x₁, …, x_d, x₁², x₁x₂, …: every product of at most ``degree`` features

    X is (N, d), the result (N, :func:`polynomial_count`), degree by degree.

    >>> polynomial_features([[2, 5]], degree=2)
    array([[ 1.,  2.,  5.,  4., 10., 25.]])
    """
    X = np.asarray(X, dtype=float)
    if X.ndim != 2:
        raise ValueError(f"X must be (N, d), one example per row, not {X.shape}")
    _whole("degree", degree)
    factors = range(X.shape[1])
    products = [c for k in range(degree + 1) for c in combinations_with_replacement(factors, k)]
    return np.column_stack([X[:, list(product)].prod(1) for product in products])


def polynomial_count(d: int, degree: int) -> int:
    """(d + k choose k): how many products of at most k of d features there are

    >>> polynomial_count(3, 2), polynomial_count(10, 3), polynomial_count(784, 2)
    (10, 286, 308505)
    """
    _whole("d", d)
    _whole("degree", degree)
    return math.comb(d + degree, degree)


def _whole(name: str, number: int) -> None:
    if not isinstance(number, int | np.integer) or number < 0:
        raise ValueError(f"{name} must be a whole number, 0 or more, not {number!r}")
