"""Features made comparable: learnt from the training set, applied to every set alike.

    scaler = StandardScaler().fit(X_train)
    X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

A test set that is scaled by its own mean is no test any more: it has been looked at. X is (N, d), one
example per row; float32 stays float32, everything else becomes float64.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.arguments import checked, numbers

__all__ = ["MinMaxScaler", "StandardScaler", "Whitening", "one_hot"]

Floats = NDArray[Any]


class _Scaler:
    """x' = (x − shift) / scale; a subclass learns both from the training set."""

    shift_: Floats
    scale_: Floats  # one number per feature

    def fit(self, X: ArrayLike) -> Self:
        """Learn from the training set X (N, d)."""
        table = numbers(type(self).__name__, "X", X, "(N, d)").astype(np.float64)
        if not table.size:
            raise ValueError(f"{type(self).__name__}: X holds no examples to learn from")
        self._learn(table)
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Scale X (N, d) by what ``fit`` has learnt."""
        name = type(self).__name__
        if not hasattr(self, "shift_"):
            raise ValueError(f"{name}: call fit(X_train) first, it has learnt nothing yet")
        table = numbers(name, "X", X, f"(N, {len(self.shift_)})")
        dtype = np.float32 if table.dtype == np.float32 else np.float64
        return self._scaled(table - self.shift_).astype(dtype)

    def _learn(self, X: Floats) -> None:
        raise NotImplementedError

    def _scaled(self, centered: Floats) -> Floats:
        return centered / self.scale_


class StandardScaler(_Scaler):
    """x' = (x − x̄) / s with s² = 1/N Σ (xᵢ − x̄)²: mean 0 and variance 1 per feature.

    A feature that never varies is only centered. Raises ValueError where X is not (N, d), has
    another number of features than the training set, or nothing has been fitted. As scikit-learn's.

    >>> StandardScaler().fit([[1.0], [3.0]]).transform([[2.0], [5.0]]).tolist()
    [[0.0], [3.0]]
    """

    def _learn(self, X: Floats) -> None:
        self.shift_, self.scale_ = X.mean(0), _nonzero(X.std(0), np.abs(X).max(0))


class MinMaxScaler(_Scaler):
    """x' = a + (b − a) (x − min) / (max − min): the training set fills [a, b] = ``feature_range``.

    One outlier sets the range for all. A feature that never varies becomes a. Raises ValueError for
    a range that does not rise; shapes and other errors as in :class:`StandardScaler`. As
    scikit-learn's.

    >>> MinMaxScaler().fit([[1.0], [3.0]]).transform([[2.0], [5.0]]).tolist()
    [[0.5], [2.0]]
    """

    def __init__(self, feature_range: tuple[float, float] = (0.0, 1.0)) -> None:
        ends = numbers("MinMaxScaler", "feature_range", feature_range, "(2,)")
        if not 0 < ends[1] - ends[0] < np.inf:
            raise ValueError(f"MinMaxScaler: feature_range must rise, not {feature_range}")
        self.feature_range = feature_range

    def _learn(self, X: Floats) -> None:
        low, high = self.feature_range
        self.scale_ = _nonzero(np.ptp(X, axis=0), np.abs(X).max(0)) / (high - low)
        self.shift_ = X.min(0) - low * self.scale_


class Whitening(_Scaler):
    """x' = Σ^(−½) (x − x̄): mean 0, variance 1 and no correlation between features.

    With Σ = U Λ Uᵀ, Σ^(−½) = U Λ^(−½) Uᵀ, the whitening that changes the features least (ZCA).
    Directions in which the training set does not vary become 0. Shapes and errors as in
    :class:`StandardScaler`. Source: Bell and Sejnowski (1997); Kessy, Lewin and Strimmer (2018).

    >>> X = np.array([[0.0, 0.0], [2.0, 2.0], [0.0, 2.0], [2.0, 4.0]])
    >>> white = Whitening().fit(X).transform(X)
    >>> np.allclose(white.T @ white / 4, np.eye(2))
    True
    """

    def _learn(self, X: Floats) -> None:
        self.shift_ = X.mean(0)
        centered = X - self.shift_
        variance, U = np.linalg.eigh(centered.T @ centered / len(X))
        varies = variance > variance[-1] * len(U) * np.finfo(float).eps
        self.matrix_ = U * np.where(varies, 1 / np.sqrt(np.where(varies, variance, 1)), 0) @ U.T

    def _scaled(self, centered: Floats) -> Floats:
        white: Floats = centered @ self.matrix_
        return white


@checked
def one_hot(tensor: ArrayLike, num_classes: int = -1) -> NDArray[np.int64]:
    """e_y: 1 at the label, 0 elsewhere; labels (…) give (…, K), in int64, as torch's ``F.one_hot``.

    K is ``num_classes``, or −1 for the largest label + 1. Raises TypeError for labels that are no
    whole numbers, ValueError for labels outside 0 … K − 1.

    >>> one_hot([0, 2, 1]).tolist()
    [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    """
    labels = numbers("one_hot", "tensor", tensor)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"one_hot: tensor must hold whole numbers, not {labels.dtype}")
    least, largest = (int(labels.min()), int(labels.max())) if labels.size else (0, -1)
    K = largest + 1 if num_classes == -1 else num_classes
    if K < 1 or least < 0 or largest >= K:
        message = f"num_classes is {num_classes}, and labels reach from {least} to {largest}"
        raise ValueError(f"one_hot: labels must be 0 … num_classes − 1; {message}")
    encoded: NDArray[np.int64] = np.equal(labels[..., None], np.arange(K)).astype(np.int64)
    return encoded


def _nonzero(scale: Floats, size: Floats) -> Floats:
    """1 in place of a scale that is 0, or nothing but rounding of values of this ``size``."""
    return np.where(scale > 10 * np.finfo(float).eps * size, scale, 1.0)
