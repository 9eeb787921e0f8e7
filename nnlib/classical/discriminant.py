"""Two Gaussian classes that share one covariance: the posterior is a sigmoid of a straight score."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from nnlib.arguments import OpenUnit, checked, numbers
from nnlib.classical.linear_model import Floats, LinearClassifier, labeled, sigmoid

__all__ = ["LinearDiscriminant", "linear_discriminant"]


@checked
def linear_discriminant(
    m0: ArrayLike, m1: ArrayLike, covariance: ArrayLike, prior: OpenUnit = 0.5
) -> tuple[Floats, float]:
    """w = Σ⁻¹(m₁ − m₀),  b = ½(m₀ᵀΣ⁻¹m₀ − m₁ᵀΣ⁻¹m₁) + log(π₁/π₀)

    Class k is drawn from N(mₖ, Σ), class 1 with probability π₁ = ``prior``; then p(y = 1 | x) is
    σ(w·x + b), exactly. Means are (d,), the covariance is (d, d); gives w (d,) and b. Raises
    ValueError where shapes differ, the covariance has no inverse or the prior is not between 0 and
    1. Fisher (1936), Welch (1939).

    >>> linear_discriminant([0, 0], [2, 0], np.eye(2))
    (array([2., 0.]), -2.0)
    """
    name = "linear_discriminant"
    m0 = numbers(name, "m0", m0, "(d,)").astype(float)
    m1 = numbers(name, "m1", m1, f"({len(m0)},)")
    S = numbers(name, "covariance", covariance, f"({len(m0)}, {len(m0)})").astype(float)
    if np.linalg.matrix_rank(S) < len(S):
        raise ValueError("linear_discriminant: the covariance has no inverse")
    to0, to1 = np.linalg.solve(S, m0), np.linalg.solve(S, m1)  # Σ⁻¹m₀ and Σ⁻¹m₁
    return to1 - to0, float((m0 @ to0 - m1 @ to1) / 2 + np.log(prior / (1 - prior)))


class LinearDiscriminant(LinearClassifier):
    """p(y = 1 | x) = σ(w·x + b) with the w and b of :func:`linear_discriminant`.

    ``fit`` estimates ``means`` (2, d), the pooled ``covariance`` (d, d), divided by N, and
    ``prior``, the share of class 1, from X (N, d) and labels y (N,) in {0, 1}. Raises ValueError
    for other shapes and labels, and where a class is missing.

    Fisher (1936), Welch (1939).

    >>> model = LinearDiscriminant().fit([[0], [2], [4], [6]], [0, 0, 1, 1])
    >>> model.weight, model.bias, model.predict([[2.9], [3.1]])
    (array([4.]), -12.0, array([0, 1]))
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> LinearDiscriminant:
        """Estimate the two clouds; returns the model itself."""
        X, y = labeled(X, y)
        if len(np.unique(y)) < 2:
            raise ValueError("LinearDiscriminant: y must hold examples of both classes, 0 and 1")
        self.means = np.stack([X[y == k].mean(0) for k in (0, 1)])
        centered = X - self.means[y]
        self.covariance = centered.T @ centered / len(X)
        self.prior = float(y.mean())
        m0, m1 = self.means
        self.weight, self.bias = linear_discriminant(m0, m1, self.covariance, self.prior)
        return self

    def probability(self, X: ArrayLike) -> Floats:
        """σ(X w + b), the probability of class 1 for each row of X (N, d)."""
        return sigmoid(self.preactivation(X))
