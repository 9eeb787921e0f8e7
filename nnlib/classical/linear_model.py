"""What all these models share: one score z = X w + b, and what they ask of their examples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.arguments import numbers

__all__ = ["Floats", "Labels"]

Floats = NDArray[np.floating[Any]]
Labels = NDArray[np.int64]
Numbers = NDArray[Any]  # whole or not


class LinearModel:
    """A model whose answer hangs on z = X w + b alone; ``fit`` gives it ``weight`` and ``bias``."""

    weight: Floats
    bias: float

    def preactivation(self, X: ArrayLike) -> Floats:
        """z = X w + b, one number per row of X (N, d)."""
        if not hasattr(self, "weight"):
            raise ValueError(f"this {type(self).__name__} has no weights yet: call fit(X, y) first")
        X = numbers("predict", "X", X, f"(N, {len(self.weight)})").astype(float)
        return X @ self.weight + self.bias


class LinearClassifier(LinearModel):
    """A linear model whose answer is the side of the hyperplane z = 0."""

    def predict(self, X: ArrayLike) -> Labels:
        """1 where z ≥ 0, else 0, for each row of X (N, d)."""
        return (self.preactivation(X) >= 0).astype(np.int64)


def sigmoid(z: Floats) -> Floats:
    """σ(z) = 1 / (1 + e⁻ᶻ), for any z: log(1 + e⁻ᶻ) does not overflow."""
    p: Floats = np.exp(-np.logaddexp(0, -z))
    return p


def examples(X: ArrayLike, y: ArrayLike) -> tuple[Floats, Numbers]:
    """X as (N, d) finite floats, y as an array (N,); else an error that says what to mend."""
    X, y = numbers("fit", "X", X, "(N, d)").astype(float), numbers("fit", "y", y)
    if X.size == 0:
        raise ValueError(f"fit: X must be (N, d) with at least one example, not {X.shape}")
    if y.shape != (len(X),):
        message = f"one value for each of the {len(X)} rows of X"
        raise ValueError(f"fit: y must hold {message}, not {y.shape}")
    y = y.astype(float) if y.dtype.kind == "f" else y
    for name, values in (("X", X), ("y", y)):
        if not np.isfinite(values).all():
            raise ValueError(f"fit: {name} holds NaN or infinite values")
    return X, y


def labeled(X: ArrayLike, y: ArrayLike) -> tuple[Floats, Labels]:
    """:func:`examples` of two classes: y holds the labels 0 and 1."""
    X, y = examples(X, y)
    if not np.isin(y, [0, 1]).all():
        raise ValueError(f"y must hold the labels 0 and 1, not {np.unique(y).tolist()[:5]}")
    return X, y.astype(np.int64)
