"""Special functions that NumPy lacks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlib.engine import Array

__all__ = ["erf", "power", "sigmoid", "sign"]

_erf = np.vectorize(math.erf, otypes=[np.float64])


def erf(x: Array) -> Array:
    """erf(x) = 2/√π ∫₀ˣ exp(−t²) dt, entry by entry, to about 1e-15, in the dtype of x.

    Any shape. Python has it for one number; here it is for arrays, as torch.special.erf.

    >>> float(erf(np.array(1.0)).round(12))
    0.84270079295
    """
    return np.asarray(_erf(x), dtype=x.dtype)


def sigmoid(x: Array) -> Array:
    """σ(x) = 1 / (1 + e⁻ˣ), entry by entry, exact also where e⁻ˣ would overflow.

    Any shape. For arrays; nnlib.nn.functional.sigmoid is for Tensors. As torch.special.expit.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    e = np.exp(-np.abs(x))  # never overflows; e is tiny where σ is close to 0 or 1
    return np.asarray(np.where(x >= 0, 1, e) / (1 + e))


def sign(x: Array) -> Array:
    """sgn(x) = −1, 0 or 1, entry by entry; 0 also for NaN, as torch.sign, where np.sign has NaN.

    Any shape.

    >>> sign(np.array([-2.0, 0.0, np.nan]))
    array([-1.,  0.,  0.])
    """
    return np.asarray(np.greater(x, 0).astype(x.dtype) - np.less(x, 0))


def power(x: Any, n: Any) -> Any:
    """xⁿ, entry by entry; for the number −½ as 1 / √x, which is −∞ at −0 and NaN at −∞.

    Any shapes that broadcast. Raises ValueError for negative powers of whole numbers. As in torch.

    >>> power(np.array([1.0, 4.0]), -0.5)
    array([1. , 0.5])
    """
    try:
        return 1 / np.sqrt(x) if isinstance(n, float) and n == -0.5 else x**n
    except ValueError as error:
        if "negative" in str(error):
            words = "a negative power of whole numbers is none: write x.float()"
            raise ValueError(f"pow: {words}") from None
        raise  # shapes that do not fit
