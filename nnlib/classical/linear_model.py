"""What all these models share: one score z = X w + b, and what they ask of their examples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
        X = numbers("X", X).astype(float)
        if X.ndim != 2 or X.shape[1] != len(self.weight):
            words = f"must be (N, {len(self.weight)}), one example per row"
            raise ValueError(f"X {words}, not {X.shape}")
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


def numbers(name: str, values: ArrayLike) -> Numbers:
    """The values as an array of numbers."""
    try:
        array = np.asarray(values)
    except ValueError:
        words = f"must hold rows of equal length, not {values!r:.60}"
        raise ValueError(f"{name} {words}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold numbers, not {array.dtype} ({values!r:.60})")
    return array


def examples(X: ArrayLike, y: ArrayLike) -> tuple[Floats, Numbers]:
    """X as (N, d) finite floats, y as an array (N,); else an error that says what to mend."""
    X, y = numbers("X", X).astype(float), numbers("y", y)
    if X.ndim != 2 or X.size == 0:
        raise ValueError(f"X must be (N, d), one example per row and at least one; it is {X.shape}")
    if y.shape != (len(X),):
        raise ValueError(f"y must hold one value for each of the {len(X)} rows of X, not {y.shape}")
    for name, values in (("X", X), ("y", y)):
        if not np.isfinite(values).all():
            raise ValueError(f"{name} holds NaN or infinite values")
    return X, y


def labeled(X: ArrayLike, y: ArrayLike) -> tuple[Floats, Labels]:
    """:func:`examples` of two classes: y holds the labels 0 and 1."""
    X, y = examples(X, y)
    if not np.isin(y, [0, 1]).all():
        found = np.unique(y).tolist()
        advice = " (from −1 and 1, write (y + 1) // 2)" if set(found) <= {-1, 1} else ""
        raise ValueError(f"y must hold the labels 0 and 1, not {found[:5]}{advice}")
    return X, y.astype(np.int64)
