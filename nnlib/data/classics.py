"""Small real data sets, as scikit-learn has them; they lie beside this file, in classics.npz.

Each ``load_…`` returns X (N, d) in float64, in the units of the source, and y (N,). Scale the
features by what the training part says: see :mod:`nnlib.data.scaling`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib.arguments import Dtype, checked, numbers

__all__ = [
    "load_breast_cancer", "load_diabetes", "load_digits_split", "load_iris", "load_wine", "shift",
]  # fmt: skip

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


def load_iris() -> tuple[Floats, Labels]:
    """X (150, 4) lengths and widths of sepals and petals in cm, y (150,): which of three irises.

    Source: Fisher (1936), "The use of multiple measurements in taxonomic problems".

    >>> X, y = load_iris()
    >>> X.shape, np.bincount(y).tolist()
    ((150, 4), [50, 50, 50])
    """
    return _stored("iris")


def load_wine() -> tuple[Floats, Labels]:
    """X (178, 13) chemical analyses on very different scales, y (178,): which of three growers.

    Source: Aeberhard and Forina (1991), UCI Machine Learning Repository.

    >>> X, y = load_wine()
    >>> X.shape, np.bincount(y).tolist()
    ((178, 13), [59, 71, 48])
    """
    return _stored("wine")


def load_breast_cancer() -> tuple[Floats, Labels]:
    """X (569, 30) measurements of cell nuclei, y (569,): 0 malignant, 1 benign.

    Source: Wolberg, Street and Mangasarian (1995), UCI Machine Learning Repository.

    >>> X, y = load_breast_cancer()
    >>> X.shape, np.bincount(y).tolist()
    ((569, 30), [212, 357])
    """
    return _stored("breast_cancer")


def load_diabetes() -> tuple[Floats, Floats]:
    """X (442, 10) age, sex, body mass index, blood values; y (442,): progression after one year.

    Source: Efron, Hastie, Johnstone and Tibshirani (2004), "Least angle regression".

    >>> X, y = load_diabetes()
    >>> X.shape, y[:3].tolist()
    ((442, 10), [151.0, 75.0, 141.0])
    """
    return _stored("diabetes")


@checked
def load_digits_split(
    *, dtype: Dtype = np.float32, standardize: bool = True
) -> tuple[NDArray[Any], Labels, NDArray[Any], Labels]:
    """X_train (1200, 64), y_train (1200,), X_test (597, 64), y_test (597,): 8×8 handwritten digits.

    The split is the same on every machine. Pixels are standardized by the training set's mean and
    standard deviation, (x − mean) / (std + 1e-8): the test set must not be looked at, not even for
    its mean. With ``standardize=False`` they run from 0 (paper) to 1 (ink), to be shown.
    Raises ValueError or TypeError for a dtype that is not one of floats.

    Source: Alpaydin and Kaynak (1998), UCI Optical Recognition of Handwritten Digits.

    >>> X_train, y_train, X_test, y_test = load_digits_split()
    >>> X_train.shape, X_test.shape, y_train[:4].tolist()
    ((1200, 64), (597, 64), [6, 6, 6, 2])
    """
    images, labels = _stored("digits")
    order = np.random.default_rng(0).permutation(len(images))
    train, test = order[:1200], order[1200:]
    images = images / 16
    mean, std = images[train].mean(0), images[train].std(0)
    pixels = ((images - mean) / (std + 1e-8) if standardize else images).astype(dtype)
    return pixels[train], labels[train], pixels[test], labels[test]


@checked
def shift(images: ArrayLike, dx: int = 0, dy: int = 0) -> NDArray[Any]:
    """The images (…, H, W) moved ``dx`` pixels to the right and ``dy`` down; zeros move in.

    Raises ValueError for fewer than two axes, TypeError for parts of pixels.

    >>> shift([[1, 2], [3, 4]], dx=1).tolist()
    [[0, 1], [0, 3]]
    """
    still = numbers("shift", "images", images)
    if still.ndim < 2:
        raise ValueError(f"shift: images must be (…, H, W), not {still.shape}")
    H, W = still.shape[-2:]
    frame = [(0, 0)] * (still.ndim - 2) + [(abs(dy), abs(dy)), (abs(dx), abs(dx))]
    top, left = abs(dy) - dy, abs(dx) - dx
    return np.pad(still, frame)[..., top : top + H, left : left + W]


def _stored(name: str) -> tuple[Floats, Any]:
    """X in float64 and y. A browser's Python has no scikit-learn at hand, nor the time to import it."""
    with np.load(Path(__file__).with_name("classics.npz")) as file:
        return file[f"{name}.X"].astype(np.float64), file[f"{name}.y"]
