"""ReLU's relatives: leaky, exponential and smooth ones, each written as in activation.py.

They take any shape; each raises TypeError for an input that holds no floats.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from nnlib import ops, special
from nnlib.arguments import checked, floats
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.nn.activation import tanh
from nnlib.nn.module import Module


# The lecture's form: nnlib.lecture.leaky_relu
@op
def _leaky_relu(z: Array, *, negative_slope: float) -> Vjps:
    return np.where(z > 0, z, negative_slope * z), lambda g: np.where(z > 0, g, negative_slope * g)


@checked
def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """z where z > 0, else ``negative_slope`` · z

    Maas et al. (2013).

    >>> leaky_relu(np.array([-2.0, 3.0]), 0.1).data
    array([-0.2,  3. ])
    """
    floats("leaky_relu", input=input)
    return _leaky_relu(input, negative_slope=negative_slope)


class LeakyReLU(Module):
    """See :func:`leaky_relu`."""

    @checked
    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        self.negative_slope = negative_slope

    def forward(self, input: Any) -> Tensor:
        return leaky_relu(input, self.negative_slope)


# The lecture's form: nnlib.lecture.elu
@op
def _elu(z: Array, *, alpha: float) -> Vjps:
    return _exponential_below_0(z, alpha)


def _exponential_below_0(z: Array, alpha: float, scale: float = 1.0) -> Vjps:
    below = np.minimum(z, 0)
    h = scale * np.where(z < 0, alpha * np.expm1(below), z)
    return h, lambda g: g * scale * np.where(z <= 0, alpha * np.exp(below), 1)  # 1 at NaN


@checked
def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """z where z > 0, else α (eᶻ − 1)

    Clevert et al. (2016).

    >>> elu(np.array([-1000.0, 3.0])).data
    array([-1.,  3.])
    """
    floats("elu", input=input)
    return _elu(input, alpha=alpha)


class ELU(Module):
    """See :func:`elu`."""

    @checked
    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self.alpha = alpha

    def forward(self, input: Any) -> Tensor:
        return elu(input, self.alpha)


# The lecture's form: nnlib.lecture.selu
@op
def _selu(z: Array) -> Vjps:
    return _exponential_below_0(z, alpha=1.6732632423543772, scale=1.0507009873554805)


@checked
def selu(input: Any, inplace: bool = False) -> Tensor:
    """λ · elu(z, α) with λ ≈ 1.0507, α ≈ 1.6733: keeps mean 0, variance 1

    Klambauer et al. (2017).

    >>> selu(np.array([-1000.0, 1.0])).data.round(4)
    array([-1.7581,  1.0507])
    """
    floats("selu", input=input)
    return _selu(input)


class SELU(Module):
    """See :func:`selu`."""

    @checked
    def __init__(self, inplace: bool = False) -> None: ...

    def forward(self, input: Any) -> Tensor:
        return selu(input)


# The lecture's form: nnlib.lecture.softplus
@op
def _softplus(z: Array, *, beta: float, threshold: float) -> Vjps:
    bz = beta * z
    straight = bz > threshold
    h = np.where(straight, z, (np.maximum(bz, 0) + np.log1p(np.exp(-np.abs(bz)))) / beta)
    return h, lambda g: g * np.where(straight, 1, special.sigmoid(bz))


@checked
def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """ln(1 + e^βz) / β, a smooth ReLU; simply z where βz > ``threshold``, as in PyTorch

    Dugas et al. (2001).

    >>> softplus(np.array([0.0, 100.0])).data.round(2)
    array([  0.69, 100.  ])
    """
    floats("softplus", input=input)
    return _softplus(input, beta=beta, threshold=threshold)


class Softplus(Module):
    """See :func:`softplus`."""

    @checked
    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Any) -> Tensor:
        return softplus(input, self.beta, self.threshold)


# The lecture's form: nnlib.lecture.logsigmoid
@op
def _logsigmoid(z: Array) -> Vjps:
    return log_sigma(z), lambda g: g * special.sigmoid(-z)


def log_sigma(z: Array) -> Array:
    """ln σ(z), where no exponential overflows"""
    return np.asarray(np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z))))


@checked
def logsigmoid(input: Any) -> Tensor:
    """ln σ(z), exact where σ(z) would round to 0; its derivative is 1 − σ(z) = σ(−z)

    As torch.nn.functional.logsigmoid.

    >>> logsigmoid(np.array([-1000.0, 1000.0])).data
    array([-1000.,     0.])
    """
    floats("logsigmoid", input=input)
    return _logsigmoid(input)


class LogSigmoid(Module):
    """See :func:`logsigmoid`."""

    def forward(self, input: Any) -> Tensor:
        return logsigmoid(input)


# The lecture's form: nnlib.lecture.silu
@op
def _silu(z: Array) -> Vjps:
    s = special.sigmoid(z)
    return z * s, lambda g: g * s * (1 + z * (1 - s))


@checked
def silu(input: Any, inplace: bool = False) -> Tensor:
    """z σ(z), also called swish

    Elfwing et al. (2018).

    >>> silu(np.array([-1000.0, 0.0, 1000.0])).data
    array([  -0.,    0., 1000.])
    """
    floats("silu", input=input)
    return _silu(input)


class SiLU(Module):
    """See :func:`silu`."""

    @checked
    def __init__(self, inplace: bool = False) -> None: ...

    def forward(self, input: Any) -> Tensor:
        return silu(input)


@op
def _gelu(z: Array) -> Vjps:
    Phi = 0.5 * (1 + special.erf(z / math.sqrt(2)))

    def dz(g: Array) -> Array:
        phi = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)  # Φ′, the density
        return g * (Phi + z * phi)

    return z * Phi, dz


@checked
def gelu(input: Any, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """z Φ(z), Φ the normal distribution function

    With ``approximate="tanh"``, Φ is taken as ½ (1 + tanh(√(2/π) (z + 0.044715 z³))), which is off by
    less than 0.0005. Hendrycks and Gimpel (2016).

    >>> gelu(np.array([-1.0, 0.0, 1.0])).data.round(4)
    array([-0.1587,  0.    ,  0.8413])
    """
    floats("gelu", input=input)
    if approximate == "none":
        return _gelu(input)
    cubed = ops.mul(ops.mul(input, input), input)
    bend: Tensor = tanh(ops.mul(ops.add(input, ops.mul(cubed, 0.044715)), math.sqrt(2 / math.pi)))
    return ops.mul(ops.mul(input, 0.5), bend + 1)


class GELU(Module):
    """See :func:`gelu`."""

    @checked
    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        self.approximate = approximate

    def forward(self, input: Any) -> Tensor:
        return gelu(input, self.approximate)
