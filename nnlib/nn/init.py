"""Initialization: how the parameters start, under the names of torch.nn.init.

Each function fills the Tensor it is given, in place, and returns it. ``fan_in`` is the number of
inputs a unit sums over, ``fan_out`` the number of units that use an input: for a weight of shape
(out, in, kernel…) they are in·kernel and out·kernel.
"""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
from numpy.typing import DTypeLike

from nnlib.engine import Tensor
from nnlib.nn.module import Parameter
from nnlib.random import generator as _generator

__all__ = [
    "calculate_gain", "constant_", "kaiming_normal_", "kaiming_uniform_", "lecun_normal_",
    "lecun_uniform_", "normal_", "ones_", "orthogonal_", "uniform_", "xavier_normal_",
    "xavier_uniform_", "zeros_",
]  # fmt: skip

T = TypeVar("T", bound=Tensor)
Generator = np.random.Generator | None


def constant_(tensor: T, val: float) -> T:
    """Every entry is ``val``"""
    tensor.data = np.full(tensor.shape, val)
    return tensor


def zeros_(tensor: T) -> T:
    """Every entry is 0"""
    return constant_(tensor, 0.0)


def ones_(tensor: T) -> T:
    """Every entry is 1"""
    return constant_(tensor, 1.0)


def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: Generator = None) -> T:
    """w ~ U(a, b)"""
    tensor.data = _generator(generator).uniform(a, b, tensor.shape)
    return tensor


def normal_(tensor: T, mean: float = 0.0, std: float = 1.0, generator: Generator = None) -> T:
    """w ~ N(mean, std²)"""
    tensor.data = _generator(generator).normal(mean, std, tensor.shape)
    return tensor


def lecun_uniform_(tensor: T, generator: Generator = None) -> T:
    """w ~ U(−a, a) with a = √(3 / fan_in); LeCun et al. (1998)"""
    a = math.sqrt(3 / _fans(tensor)[0])
    return uniform_(tensor, -a, a, generator)


def lecun_normal_(tensor: T, generator: Generator = None) -> T:
    """w ~ N(0, s²) with s = 1 / √fan_in; LeCun et al. (1998)"""
    return normal_(tensor, 0.0, 1 / math.sqrt(_fans(tensor)[0]), generator)


def xavier_uniform_(tensor: T, gain: float = 1.0, generator: Generator = None) -> T:
    """w ~ U(−a, a) with a = gain √(6 / (fan_in + fan_out)); Glorot and Bengio (2010)"""
    a = gain * math.sqrt(6 / sum(_fans(tensor)))
    return uniform_(tensor, -a, a, generator)


def xavier_normal_(tensor: T, gain: float = 1.0, generator: Generator = None) -> T:
    """w ~ N(0, s²) with s = gain √(2 / (fan_in + fan_out)); Glorot and Bengio (2010)"""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(_fans(tensor))), generator)


def kaiming_uniform_(
    tensor: T,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator = None,
) -> T:
    """w ~ U(−b, b) with b = gain √(3 / fan); He et al. (2015)

    ``a`` is the slope of the leaky ReLU that follows, ``mode`` says which fan is kept.
    """
    b = _kaiming_std(tensor, a, mode, nonlinearity) * math.sqrt(3)
    return uniform_(tensor, -b, b, generator)


def kaiming_normal_(
    tensor: T,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator = None,
) -> T:
    """w ~ N(0, s²) with s = gain / √fan; He et al. (2015)"""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor: T, gain: float = 1, generator: Generator = None) -> T:
    """W Wᵀ = gain² I if W, flattened to (out, rest), is wide; Wᵀ W = gain² I if it is tall

    W is drawn evenly among all such matrices; Saxe et al. (2014).
    """
    _fans(tensor)
    W = _generator(generator).normal(size=(tensor.shape[0], math.prod(tensor.shape[1:])))
    wide = W.shape[0] < W.shape[1]
    Q, R = np.linalg.qr(W.T if wide else W)
    Q *= np.sign(np.diag(R))  # QR leaves the signs open; fixed like this, no Q is preferred
    tensor.data = gain * (Q.T if wide else Q).reshape(tensor.shape)
    return tensor


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which weights must grow to make up for what an activation takes away.

    1 for linear and sigmoid, 5/3 for tanh, √2 for ReLU, √(2 / (1 + slope²)) for leaky ReLU
    (``param`` is its slope, 0.01 by default), 3/4 for SELU, as in PyTorch.
    """
    slope = 0.01 if param is None else param
    gains = {
        "linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4,
        "leaky_relu": math.sqrt(2 / (1 + slope**2)),
    }  # fmt: skip
    if nonlinearity not in gains:
        raise ValueError(f"nonlinearity must be one of {sorted(gains)}, not {nonlinearity!r}")
    return gains[nonlinearity]


def uniform_parameter(
    shape: tuple[int, ...], bound: float, dtype: DTypeLike | None, generator: Generator
) -> Parameter:
    """w ~ U(−bound, bound), how PyTorch starts most layers, with a bound of 1 / √fan_in"""
    return uniform_(Parameter(np.empty(shape, dtype or np.float32)), -bound, bound, generator)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode must be 'fan_in' or 'fan_out', not {mode!r}")
    return calculate_gain(nonlinearity, a) / math.sqrt(_fans(tensor)[mode == "fan_out"])


def _fans(tensor: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out)"""
    if tensor.ndim < 2:
        raise ValueError(f"a weight of shape {tensor.shape} has no fans: it needs two axes or more")
    kernel = math.prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel
