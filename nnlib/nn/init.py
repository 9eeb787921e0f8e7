"""Initialization: how the parameters start, under the names of torch.nn.init.

Each function fills the Tensor it is given, or its array ``weight.data``, in place, and returns it. ``fan_in`` is the number of
inputs a unit sums over, ``fan_out`` the number of units that use an input: for a weight of shape
(out, in, kernel…) they are in·kernel and out·kernel.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, TypeVar

import numpy as np

from nnlib.arguments import Constraint, Dtype, Fan, Generator, Nonlinearity, NonNegative, checked
from nnlib.engine import Array, Tensor
from nnlib.nn.module import Parameter
from nnlib.random import generator as _generator

__all__ = [
    "calculate_gain", "constant_", "kaiming_normal_", "kaiming_uniform_", "lecun_normal_",
    "lecun_uniform_", "normal_", "ones_", "orthogonal_", "trunc_normal_", "uniform_", "xavier_normal_",
    "xavier_uniform_", "zeros_",
]  # fmt: skip

Fillable = Annotated[  # the array is what ``weight.data`` is
    Tensor | Array, Constraint("a Tensor, such as layer.weight", (Tensor, np.ndarray))
]
T = TypeVar("T", bound=Fillable)


def _filled(tensor: T, values: Array) -> T:
    if isinstance(tensor, Tensor):
        tensor.data = values  # tells the tape, too
    else:
        tensor[...] = values
    return tensor


@checked
def constant_(tensor: T, val: float) -> T:
    """Every entry is ``val``; any shape. Raises TypeError for what is no Tensor. As in torch.

    >>> constant_(Parameter([1.0, 2.0]), 0.5).data
    array([0.5, 0.5], dtype=float32)
    """
    return _filled(tensor, np.full(tensor.shape, val))


@checked
def zeros_(tensor: T) -> T:
    """Every entry is 0; any shape. Raises TypeError for what is no Tensor. As in torch.

    >>> zeros_(Parameter([1.0, 2.0])).data
    array([0., 0.], dtype=float32)
    """
    return constant_(tensor, 0.0)


@checked
def ones_(tensor: T) -> T:
    """Every entry is 1; any shape. Raises TypeError for what is no Tensor. As in torch.

    >>> ones_(Parameter([0.0, 2.0])).data
    array([1., 1.], dtype=float32)
    """
    return constant_(tensor, 1.0)


@checked
def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: Generator = None) -> T:
    """w ~ U(a, b); any shape

    Raises ValueError unless a is at most b, TypeError for what is no Tensor. As in torch.

    >>> uniform_(Parameter([0.0, 0.0]), -1, 1, np.random.default_rng(0)).data.round(2)
    array([ 0.27, -0.46], dtype=float32)
    """
    if not -math.inf < a <= b < math.inf:
        raise ValueError(f"uniform_: a must be at most b, and they are {a} and {b}")
    return _filled(tensor, _generator(generator).uniform(a, b, tensor.shape))


@checked
def normal_(tensor: T, mean: float = 0.0, std: NonNegative = 1.0, generator: Generator = None) -> T:
    """w ~ N(mean, std²); any shape

    Raises ValueError for a negative ``std``, TypeError for what is no Tensor. As in torch.

    >>> normal_(Parameter([0.0, 0.0]), generator=np.random.default_rng(0)).data.round(2)
    array([ 0.13, -0.13], dtype=float32)
    """
    return _filled(tensor, _generator(generator).normal(mean, std, tensor.shape))


@checked
def lecun_uniform_(tensor: T, generator: Generator = None) -> T:
    """w ~ U(−a, a) with a = √(3 / fan_in); LeCun et al. (1998)

    Shapes: (out, in) or (out, in, kernel…). Raises ValueError for less than two axes.

    >>> w = lecun_uniform_(Parameter(np.zeros((2, 300))))
    >>> bool(0.09 < abs(w.data).max() <= 0.1)
    True
    """
    a = math.sqrt(3 / _fans("lecun_uniform_", tensor)[0])
    return uniform_(tensor, -a, a, generator)


@checked
def lecun_normal_(tensor: T, generator: Generator = None) -> T:
    """w ~ N(0, s²) with s = 1 / √fan_in; LeCun et al. (1998)

    Shapes and errors as in :func:`lecun_uniform_`.

    >>> lecun_normal_(Parameter(np.zeros((100, 100)))).data.std().round(2)
    np.float64(0.1)
    """
    return normal_(tensor, 0.0, 1 / math.sqrt(_fans("lecun_normal_", tensor)[0]), generator)


@checked
def xavier_uniform_(tensor: T, gain: float = 1.0, generator: Generator = None) -> T:
    """w ~ U(−a, a) with a = gain √(6 / (fan_in + fan_out)); Glorot and Bengio (2010)

    Shapes and errors as in :func:`lecun_uniform_`.

    >>> w = xavier_uniform_(Parameter(np.zeros((200, 400))))
    >>> bool(0.09 < abs(w.data).max() <= 0.1)
    True
    """
    a = gain * math.sqrt(6 / sum(_fans("xavier_uniform_", tensor)))
    return uniform_(tensor, -a, a, generator)


@checked
def xavier_normal_(tensor: T, gain: float = 1.0, generator: Generator = None) -> T:
    """w ~ N(0, s²) with s = gain √(2 / (fan_in + fan_out)); Glorot and Bengio (2010)

    Shapes and errors as in :func:`lecun_uniform_`.

    >>> xavier_normal_(Parameter(np.zeros((50, 150)))).data.std().round(2)
    np.float64(0.1)
    """
    return normal_(
        tensor, 0.0, gain * math.sqrt(2 / sum(_fans("xavier_normal_", tensor))), generator
    )


@checked
def kaiming_uniform_(
    tensor: T,
    a: float = 0,
    mode: Fan = "fan_in",
    nonlinearity: Nonlinearity = "leaky_relu",
    generator: Generator = None,
) -> T:
    """w ~ U(−b, b) with b = gain √(3 / fan); He et al. (2015)

    ``a`` is the slope of the leaky ReLU that follows, ``mode`` says which fan is kept, "fan_in" or
    "fan_out". Shapes: (out, in) or (out, in, kernel…). Raises ValueError for less than two axes, an
    unknown ``mode`` or ``nonlinearity``.

    >>> w = kaiming_uniform_(Parameter(np.zeros((2, 600))))
    >>> bool(0.09 < abs(w.data).max() <= 0.1)
    True
    """
    b = _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity) * math.sqrt(3)
    return uniform_(tensor, -b, b, generator)


@checked
def kaiming_normal_(
    tensor: T,
    a: float = 0,
    mode: Fan = "fan_in",
    nonlinearity: Nonlinearity = "leaky_relu",
    generator: Generator = None,
) -> T:
    """w ~ N(0, s²) with s = gain / √fan; He et al. (2015)

    Shapes, options and errors as in :func:`kaiming_uniform_`.

    >>> kaiming_normal_(Parameter(np.zeros((50, 200)))).data.std().round(2)
    np.float64(0.1)
    """
    return normal_(
        tensor, 0.0, _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity), generator
    )


@checked
def orthogonal_(tensor: T, gain: float = 1, generator: Generator = None) -> T:
    """W Wᵀ = gain² I if W, flattened to (out, rest), is wide; Wᵀ W = gain² I if it is tall

    W is drawn evenly among all such matrices; Saxe et al. (2014). Raises ValueError for less than
    two axes.

    >>> W = orthogonal_(Parameter(np.zeros((2, 3)))).data
    >>> np.allclose(W @ W.T, np.eye(2))
    True
    """
    _fans("orthogonal_", tensor)
    W = _generator(generator).normal(size=(tensor.shape[0], math.prod(tensor.shape[1:])))
    wide = W.shape[0] < W.shape[1]
    Q, R = np.linalg.qr(W.T if wide else W)
    Q *= np.sign(np.diag(R))  # QR leaves the signs open; fixed like this, no Q is preferred
    return _filled(tensor, gain * (Q.T if wide else Q).reshape(tensor.shape))


@checked
def calculate_gain(nonlinearity: Nonlinearity, param: float | None = None) -> float:
    """The factor by which weights must grow to make up for what an activation takes away.

    1 for linear and sigmoid, 5/3 for tanh, √2 for ReLU, √(2 / (1 + slope²)) for leaky ReLU
    (``param`` is its slope, 0.01 by default), 3/4 for SELU, as in PyTorch. Raises ValueError for
    others.

    >>> round(calculate_gain("relu"), 4)
    1.4142
    """
    slope = 0.01 if param is None else param
    gains = {
        "linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4,
        "leaky_relu": math.sqrt(2 / (1 + slope**2)),
    }  # fmt: skip
    return gains[nonlinearity]


def uniform_weights(
    shape: tuple[int, ...], bias: bool, dtype: Dtype | None, generator: Generator
) -> tuple[Parameter, Parameter | None]:
    """w and b ~ U(−1/√fan_in, 1/√fan_in), how PyTorch starts its layers; b is None without bias"""
    bound = 1 / math.sqrt(math.prod(shape[1:]))

    def start(shape: tuple[int, ...]) -> Parameter:
        return uniform_(Parameter(np.empty(shape, dtype or np.float32)), -bound, bound, generator)

    return start(shape), start(shape[:1]) if bias else None


def _kaiming_std(
    function: str, tensor: Any, a: float, mode: Fan, nonlinearity: Nonlinearity
) -> float:
    return calculate_gain(nonlinearity, a) / math.sqrt(_fans(function, tensor)[mode == "fan_out"])


def _fans(function: str, tensor: Any) -> tuple[int, int]:
    """(fan_in, fan_out)"""
    shape = tensor.shape
    if len(shape) < 2:
        message = f"a weight of shape {shape} has no fans: it needs two axes"
        raise ValueError(f"{function}: {message}; start a bias by zeros_")
    kernel = math.prod(shape[2:])
    return max(shape[1] * kernel, 1), max(shape[0] * kernel, 1)  # 1 where there is nothing to fill


# What few networks start from, and builds on the above.
from nnlib.nn.truncated import trunc_normal_
