"""Sets to learn on: truth tables, points of the plane in two or more classes, and the digits.

Every ``make_…`` function returns X (n_samples, 2) in float64 and the labels y (n_samples,) in int64,
with equally many points per class. Names are those of scikit-learn where it has the set. The points
come in the order of their classes, not shuffled: ``DataLoader(..., shuffle=True)`` does that. Layers
of nnlib take float32 by default: write ``X.astype(np.float32)``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnlib import random

__all__ = [
    "load_digits_split",
    "make_blobs",
    "make_circles",
    "make_moons",
    "make_spirals",
    "make_xor",
    "truth_table",
]

Labeled = tuple[NDArray[np.float64], NDArray[np.int64]]

TABLES = {
    "and": (0, 0, 0, 1),
    "or": (0, 1, 1, 1),
    "xor": (0, 1, 1, 0),
    "nand": (1, 1, 1, 0),
    "nor": (1, 0, 0, 0),
    "xnor": (1, 0, 0, 1),
}


def truth_table(name: str) -> Labeled:
    """The inputs 00, 01, 10, 11 as X (4, 2), and what the named function makes of them as y (4,).

    ``name`` is "and", "or", "xor", "nand", "nor" or "xnor".

    >>> X, y = truth_table("and")
    >>> X.tolist(), y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 0, 0, 1])
    """
    if name not in TABLES:
        raise ValueError(f"truth_table: name must be one of {', '.join(TABLES)}, not {name!r}")
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, np.array(TABLES[name], dtype=np.int64)


def make_xor(
    n_samples: int = 200, *, noise: float = 0.1, generator: np.random.Generator | None = None
) -> Labeled:
    """Points around the corners 00, 01, 10, 11 of the square, in turn; class 1 where the bits differ.

    ``noise`` is the standard deviation around a corner. Without noise, four samples are the table.

    >>> X, y = make_xor(4, noise=0)
    >>> X.tolist(), y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    rounds = _per_part("make_xor", n_samples, 4)
    corners, labels = truth_table("xor")
    return _noisy(np.tile(corners, (rounds, 1)), noise, generator), np.tile(labels, rounds)


def make_circles(
    n_samples: int = 200,
    *,
    noise: float = 0.05,
    factor: float = 0.5,
    generator: np.random.Generator | None = None,
) -> Labeled:
    """A circle of radius 1 (class 0) around one of radius ``factor`` (class 1).

    Angles are drawn uniformly, unlike scikit-learn's even ones.
    """
    n = _per_part("make_circles", n_samples, 2)
    if not 0 <= factor < 1:
        raise ValueError(
            f"make_circles: factor must be from 0 up to, not including, 1; not {factor}"
        )
    rng = random.generator(generator)
    angle = rng.uniform(0, 2 * np.pi, n_samples)
    radius = np.repeat([1.0, factor], n)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _noisy(X, noise, rng), _labels(2, n)


def make_moons(
    n_samples: int = 200, *, noise: float = 0.1, generator: np.random.Generator | None = None
) -> Labeled:
    """Two half circles, each reaching into the other: the upper one is class 0, the lower class 1.

    Both moons have the same angles, drawn uniformly, unlike scikit-learn's even ones.

    >>> X, y = make_moons(100, generator=np.random.default_rng(0))
    >>> X.shape, int(y.sum())
    ((100, 2), 50)
    """
    n = _per_part("make_moons", n_samples, 2)
    rng = random.generator(generator)
    angle = rng.uniform(0, np.pi, n)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    return _noisy(np.concatenate([upper, lower]), noise, rng), _labels(2, n)


def make_spirals(
    n_samples: int = 200, *, noise: float = 0.02, generator: np.random.Generator | None = None
) -> Labeled:
    """Two spirals around each other, from the center out to radius 1, in one and a half turns.

    The second spiral (class 1) is the first one turned by half a circle.
    """
    n = _per_part("make_spirals", n_samples, 2)
    rng = random.generator(generator)
    radius = np.tile(np.sqrt(rng.uniform(0, 1, n)), 2)  # √: as dense outside as inside
    angle = 3 * np.pi * radius + np.repeat([0, np.pi], n)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _noisy(X, noise, rng), _labels(2, n)


def make_blobs(
    n_samples: int = 200,
    *,
    centers: ArrayLike = ((-1.5, -1.5), (1.5, 1.5)),
    cluster_std: float = 1.0,
    generator: np.random.Generator | None = None,
) -> Labeled:
    """One round Gaussian cloud per center; class k belongs to ``centers[k]``.

    ``centers`` is (K, d), ``cluster_std`` the standard deviation of each coordinate. X is
    (n_samples, d).

    >>> X, y = make_blobs(6, centers=[[0, 0], [9, 9], [-9, 9]], generator=np.random.default_rng(0))
    >>> X.shape, y.tolist()
    ((6, 2), [0, 0, 1, 1, 2, 2])
    """
    means = np.asarray(centers, dtype=float)
    if means.ndim != 2 or means.size == 0:
        raise ValueError(f"make_blobs: centers must be (K, d), one per row, not {means.shape}")
    n = _per_part("make_blobs", n_samples, len(means))
    X = _noisy(np.repeat(means, n, axis=0), cluster_std, generator, name="cluster_std")
    return X, _labels(len(means), n)


def load_digits_split(
    *, dtype: DTypeLike = np.float32
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[Any], NDArray[np.int64]]:
    """X_train (1200, 64), y_train (1200,), X_test (597, 64), y_test (597,): 8×8 handwritten digits.

    The split is the same on every machine. Pixels are standardized by the training set's mean and
    standard deviation, (x − mean) / (std + 1e-8): the test set must not be looked at, not even for
    its mean. Needs scikit-learn, which ships the images (no download).

    E. Alpaydin & C. Kaynak (1998), UCI Optical Recognition of Handwritten Digits.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ImportError(
            "load_digits_split needs scikit-learn for the images: pip install scikit-learn"
        ) from error
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    train, test = order[:1200], order[1200:]
    images = images / 16
    mean, std = images[train].mean(0), images[train].std(0)
    standard = ((images - mean) / (std + 1e-8)).astype(dtype)
    labels = labels.astype(np.int64)
    return standard[train], labels[train], standard[test], labels[test]


def _per_part(function: str, n_samples: int, parts: int) -> int:
    """How many points each of ``parts`` equal classes gets."""
    if not isinstance(n_samples, int | np.integer) or n_samples < parts or n_samples % parts:
        raise ValueError(
            f"{function}: n_samples must be a multiple of {parts}, for {parts} equal groups, "
            f"not {n_samples!r}"
        )
    return n_samples // parts


def _labels(classes: int, n: int) -> NDArray[np.int64]:
    return np.repeat(np.arange(classes, dtype=np.int64), n)


def _noisy(
    X: NDArray[np.float64],
    noise: float,
    generator: np.random.Generator | None,
    name: str = "noise",
) -> NDArray[np.float64]:
    if not 0 <= noise < np.inf:
        raise ValueError(f"{name} is a standard deviation: 0 or more, not {noise}")
    return X + noise * random.generator(generator).normal(size=X.shape)
