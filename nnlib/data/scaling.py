"""Features made comparable: learnt from the training set, applied to every set alike.

    scaler = StandardScaler().fit(X_train)
    X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

A test set that is scaled by its own mean is no test any more: it has been looked at. X is (N, d), one
example per row; float32 stays float32, everything else becomes float64.
"""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.checking import Spread, checked, numbers

__all__ = ["MinMaxScaler", "StandardScaler", "Whitening", "one_hot"]

Floats = NDArray[Any]


class _Scaler:
    """x' = (x − shift) / scale, feature by feature; a subclass learns both from the training set."""

    shift_: Floats
    scale_: Floats

    def fit(self, X: ArrayLike) -> Self:
        """Learn from the training set X (N, d)."""
        table = numbers(type(self).__name__, "X", X, "(N, d)").astype(np.float64)
        if not table.size:
            raise ValueError(f"{type(self).__name__}: X holds no examples to learn from")
        self._learn(table)
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Scale X (N, d) by what ``fit`` has learnt."""
        table = self._fitted(X)
        return self._apply(table - self.shift_).astype(table.dtype)

    def inverse_transform(self, X: ArrayLike) -> Floats:
        """From scaled values back to the original units."""
        table = self._fitted(X)
        return (self._undo(table.astype(np.float64)) + self.shift_).astype(table.dtype)

    def _fitted(self, X: ArrayLike) -> Floats:
        name = type(self).__name__
        if not hasattr(self, "shift_"):
            raise ValueError(f"{name}: call fit(X_train) first, it has learnt nothing yet")
        table = numbers(name, "X", X, f"(N, {len(self.shift_)})")
        return table if table.dtype == np.float32 else table.astype(np.float64)

    def _learn(self, X: Floats) -> None:
        raise NotImplementedError

    def _apply(self, X: Floats) -> Floats:
        return X / self.scale_

    def _undo(self, X: Floats) -> Floats:
        return X * self.scale_


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
        if len(ends) != 2 or not 0 < ends[1] - ends[0] < np.inf:
            raise ValueError(f"MinMaxScaler: feature_range must rise, not {feature_range}")
        self.feature_range = feature_range

    def _learn(self, X: Floats) -> None:
        low, high = self.feature_range
        self.scale_ = _nonzero(np.ptp(X, axis=0), np.abs(X).max(0)) / (high - low)
        self.shift_ = X.min(0) - low * self.scale_


class Whitening(_Scaler):
    """x' = A (x − x̄) with A Σ Aᵀ = I: mean 0, variance 1 and no correlation between features.

    With Σ = U Λ Uᵀ, ``kind`` "pca" is A = Λ^(−½) Uᵀ, the features being directions of falling
    variance; "zca" is A = U Λ^(−½) Uᵀ, the closest to the original features. Directions in which
    the training set does not vary become 0. ``eps`` is added to Λ, to damp directions of hardly any
    variance. Raises ValueError for another kind or a negative ``eps``; shapes and other errors as
    in :class:`StandardScaler`. Source: Bell and Sejnowski (1997); Kessy, Lewin and Strimmer (2018).

    >>> X = np.array([[0.0, 0.0], [2.0, 2.0], [0.0, 2.0], [2.0, 4.0]])
    >>> white = Whitening("zca").fit(X).transform(X)
    >>> np.allclose(white.T @ white / 4, np.eye(2))
    True
    """

    @checked
    def __init__(self, kind: Literal["pca", "zca"] = "pca", eps: Spread = 0.0) -> None:
        self.kind, self.eps = kind, eps

    def _learn(self, X: Floats) -> None:
        self.shift_ = X.mean(0)
        centered = X - self.shift_
        variance, U = np.linalg.eigh(centered.T @ centered / len(X))
        variance, U = variance[::-1], U[:, ::-1]
        # An eigenvector's sign is chance; this one is the same on every machine.
        U = U * np.where(U[np.abs(U).argmax(0), range(len(U))] < 0, -1, 1)
        varies = variance > variance[0] * len(U) * np.finfo(float).eps
        root = np.sqrt(np.where(varies, variance, 0) + self.eps)
        back = U if self.kind == "zca" else np.eye(len(U))
        self.matrix_ = back * np.where(varies, 1 / _nonzero(root, root), 0) @ U.T
        self.inverse_ = U * np.where(varies, root, 0) @ back.T

    def _apply(self, X: Floats) -> Floats:
        white: Floats = X @ self.matrix_.T
        return white

    def _undo(self, X: Floats) -> Floats:
        original: Floats = X @ self.inverse_.T
        return original


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
    largest = int(labels.max()) if labels.size else -1
    K = largest + 1 if num_classes == -1 else num_classes
    if K < 1:
        words = "must be 1 or more, or −1 where there are labels to count"
        raise ValueError(f"one_hot: num_classes {words}, not {num_classes}")
    if labels.size and not 0 <= labels.min() <= largest < K:
        words = f"but they reach from {labels.min()} to {largest}"
        raise ValueError(f"one_hot: labels must be 0 … {K - 1}, {words}")
    encoded: NDArray[np.int64] = np.equal(labels[..., None], np.arange(K)).astype(np.int64)
    return encoded


def _nonzero(scale: Floats, size: Floats) -> Floats:
    """1 in place of a scale that is 0, or nothing but rounding of values of this ``size``."""
    return np.where(scale > 10 * np.finfo(float).eps * size, scale, 1.0)
