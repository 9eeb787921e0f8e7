"""Activation functions: h = φ(z), entry by entry, and softmax over an axis.

Each derivative is written in terms of what makes it cheap or exact: sigmoid's through its own
value, softplus' through the sigmoid. At a kink the derivative is PyTorch's choice (0 for ReLU).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any

import numpy as np

from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.nn.checking import at_default, floats, values
from nnlib.nn.module import Module
from nnlib.special import erf

__all__ = [
    "ELU", "GELU", "SELU", "Heaviside", "LeakyReLU", "LogSigmoid", "LogSoftmax", "ReLU", "SiLU",
    "Sigmoid", "Sign", "Softmax", "Softplus", "Tanh", "elu", "gelu", "heaviside", "leaky_relu",
    "log_softmax", "logsigmoid", "relu", "selu", "sigmoid", "sign", "silu", "softmax", "softplus",
    "tanh",
]  # fmt: skip


def _activation(formula: Callable[[Array], Vjps]) -> Callable[..., Tensor]:
    """An op of one float array. ``inplace`` is PyTorch's option, left out here."""
    apply = op(formula)
    name = formula.__name__

    @wraps(formula)
    def checked(input: Any, inplace: bool = False) -> Tensor:
        floats(name, input=input)
        if inplace:
            at_default(name, inplace=(inplace, False))
        return apply(input)

    # help() shows the arguments, and inspect.getsource() the formula.
    checked.__signature__ = signature(checked, follow_wrapped=False)  # type: ignore[attr-defined]
    return checked


# Steps ---------------------------------------------------------------------------------------


@op
def _heaviside(z: Array, *, values: float) -> Vjps:
    return np.heaviside(z, z.dtype.type(values)), lambda g: np.zeros_like(g)


def heaviside(input: Any, values: float = 1.0) -> Tensor:
    """H(z) = 0 for z < 0, ``values`` at z = 0, 1 for z > 0

    The step of McCulloch and Pitts (1943) has H(0) = 1. Its derivative is 0 wherever it has one,
    so no gradient ever comes through.

    >>> heaviside(np.array([-2.0, 0.0, 3.0])).data
    array([0., 1., 1.])
    """
    floats("heaviside", input=input)
    return _heaviside(input, values=float(values))


@_activation
def sign(z: Array) -> Vjps:
    """sgn(z) = −1, 0 or +1; not the step: sgn(0) = 0. Its derivative is taken as 0."""
    return np.sign(z), lambda g: np.zeros_like(g)


# Squashing -----------------------------------------------------------------------------------


def _sigmoid(z: Array) -> Array:
    e = np.exp(-np.abs(z))  # never overflows; e is tiny where σ is close to 0 or 1
    h: Array = np.where(z >= 0, 1, e) / (1 + e)
    return h


@_activation
def sigmoid(z: Array) -> Vjps:
    """σ(z) = 1 / (1 + e⁻ᶻ), with σ′ = σ (1 − σ)

    >>> sigmoid(np.array([0.0, 1000.0])).data
    array([0.5, 1. ])
    """
    h = _sigmoid(z)
    return h, lambda g: g * h * (1 - h)


@op
def _logsigmoid(z: Array) -> Vjps:
    return np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z))), lambda g: g * _sigmoid(-z)


def logsigmoid(input: Any) -> Tensor:
    """ln σ(z), exact where σ(z) would round to 0; its derivative is 1 − σ(z) = σ(−z)

    >>> logsigmoid(np.array([-1000.0, 1000.0])).data
    array([-1000.,     0.])
    """
    floats("logsigmoid", input=input)
    return _logsigmoid(input)


@_activation
def tanh(z: Array) -> Vjps:
    """tanh z = 2 σ(2z) − 1, with tanh′ = 1 − tanh²"""
    h = np.tanh(z)
    return h, lambda g: g * (1 - h * h)


# Rectifiers ----------------------------------------------------------------------------------


@_activation
def relu(z: Array) -> Vjps:
    """max(0, z), with derivative 1 where z > 0, else 0; Nair and Hinton (2010)"""
    h = np.maximum(z, 0)
    return h, lambda g: g * (h > 0)


@op
def _leaky_relu(z: Array, *, slope: float) -> Vjps:
    return np.where(z > 0, z, slope * z), lambda g: np.where(z > 0, g, slope * g)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """z where z > 0, else ``negative_slope`` · z; Maas et al. (2013)"""
    floats("leaky_relu", input=input)
    at_default("leaky_relu", inplace=(inplace, False))
    return _leaky_relu(input, slope=float(negative_slope))


@op
def _elu(z: Array, *, alpha: float) -> Vjps:
    below = np.minimum(z, 0)
    return (
        np.where(z > 0, z, alpha * np.expm1(below)),
        lambda g: g * np.where(z > 0, 1, alpha * np.exp(below)),
    )


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """z where z > 0, else α (eᶻ − 1); Clevert et al. (2016)"""
    floats("elu", input=input)
    at_default("elu", inplace=(inplace, False))
    return _elu(input, alpha=float(alpha))


_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


@_activation
def selu(z: Array) -> Vjps:
    """λ · elu(z, α) with λ ≈ 1.0507, α ≈ 1.6733: keeps mean 0, variance 1; Klambauer et al. (2017)"""
    h, dz = _elu.formula(z, alpha=_SELU_ALPHA)  # type: ignore[attr-defined]
    return _SELU_SCALE * h, lambda g: _SELU_SCALE * dz(g)


@op
def _softplus(z: Array, *, beta: float, threshold: float) -> Vjps:
    linear = beta * z > threshold
    soft = (np.maximum(beta * z, 0) + np.log1p(np.exp(-np.abs(beta * z)))) / beta
    return (
        np.where(linear, z, soft),
        lambda g: g * np.where(linear, 1, _sigmoid(beta * z)),
    )


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """ln(1 + e^βz) / β, a smooth ReLU; simply z where βz > ``threshold``, as in PyTorch"""
    floats("softplus", input=input)
    return _softplus(input, beta=float(beta), threshold=float(threshold))


@_activation
def silu(z: Array) -> Vjps:
    """z σ(z), also called swish; Elfwing et al. (2018)"""
    s = _sigmoid(z)
    return z * s, lambda g: g * s * (1 + z * (1 - s))


@op
def _gelu(z: Array) -> Vjps:
    Phi = 0.5 * (1 + erf(z / math.sqrt(2)))
    density = math.sqrt(2 * math.pi)
    return z * Phi, lambda g: g * (Phi + z * np.exp(-z * z / 2) / density)


@op
def _gelu_tanh(z: Array) -> Vjps:
    c = math.sqrt(2 / math.pi)
    t = np.tanh(c * (z + 0.044715 * z**3))
    return (
        0.5 * z * (1 + t),
        lambda g: g * 0.5 * (1 + t + z * (1 - t * t) * c * (1 + 3 * 0.044715 * z * z)),
    )


def gelu(input: Any, approximate: str = "none") -> Tensor:
    """z Φ(z), Φ the normal distribution function; ``approximate`` is "none" or "tanh"

    Hendrycks and Gimpel (2016).
    """
    floats("gelu", input=input)
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', not {approximate!r}")
    return _gelu(input) if approximate == "none" else _gelu_tanh(input)


# Over an axis --------------------------------------------------------------------------------


@op
def _softmax(z: Array, *, dim: int) -> Vjps:
    e = np.exp(z - z.max(dim, keepdims=True))  # softmax(z) = softmax(z − c): nothing overflows
    p = e / e.sum(dim, keepdims=True)
    return p, lambda g: p * (g - (g * p).sum(dim, keepdims=True))


def softmax(input: Any, dim: int | None = None) -> Tensor:
    """pᵢ = e^zᵢ / Σⱼ e^zⱼ over the axis ``dim``

    >>> softmax(np.array([[1000.0, 1000.0]]), dim=1).data
    array([[0.5, 0.5]])
    """
    return _softmax(input, dim=_axis("softmax", input, dim))


@op
def _log_softmax(z: Array, *, dim: int) -> Vjps:
    shifted = z - z.max(dim, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(dim, keepdims=True))
    return logp, lambda g: g - np.exp(logp) * g.sum(dim, keepdims=True)


def log_softmax(input: Any, dim: int | None = None) -> Tensor:
    """ln pᵢ = zᵢ − ln Σⱼ e^zⱼ over the axis ``dim``, exact where p would round to 0"""
    return _log_softmax(input, dim=_axis("log_softmax", input, dim))


def _axis(function: str, x: Any, dim: int | None) -> int:
    """A usable axis. PyTorch guesses one and warns; a wrong guess trains the wrong thing."""
    floats(function, input=x)
    shape = values(function, "input", x).shape
    if not isinstance(dim, int | np.integer):
        raise TypeError(f"{function}: say over which axis: dim=1 for one example per row")
    if not -len(shape) <= dim < len(shape):
        raise IndexError(f"{function}: dim={dim}, but input has shape {shape}")
    if shape[dim] == 0:
        raise ValueError(f"{function}: input has shape {shape}: nothing along dim={dim}")
    return dim


# Modules -------------------------------------------------------------------------------------


class _Activation(Module):
    """A module for one of the functions above, with its options as attributes."""

    function: Callable[..., Tensor]

    def __init__(self, **options: Any) -> None:
        self._options = options

    def forward(self, x: Any) -> Tensor:
        return type(self).function(x, **self._options)

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={value!r}" for name, value in self._options.items())


class _Inplace(_Activation):
    def __init__(self, inplace: bool = False) -> None:
        at_default(type(self).__name__, inplace=(inplace, False))
        super().__init__()


class Heaviside(_Activation):
    """See :func:`heaviside`."""

    function = staticmethod(heaviside)

    def __init__(self, values: float = 1.0) -> None:
        super().__init__(values=values)


class Sign(_Activation):
    """See :func:`sign`."""

    function = staticmethod(sign)


class Sigmoid(_Activation):
    """See :func:`sigmoid`."""

    function = staticmethod(sigmoid)


class LogSigmoid(_Activation):
    """See :func:`logsigmoid`."""

    function = staticmethod(logsigmoid)


class Tanh(_Activation):
    """See :func:`tanh`."""

    function = staticmethod(tanh)


class ReLU(_Inplace):
    """See :func:`relu`."""

    function = staticmethod(relu)


class SELU(_Inplace):
    """See :func:`selu`."""

    function = staticmethod(selu)


class SiLU(_Inplace):
    """See :func:`silu`."""

    function = staticmethod(silu)


class LeakyReLU(_Activation):
    """See :func:`leaky_relu`."""

    function = staticmethod(leaky_relu)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        at_default("LeakyReLU", inplace=(inplace, False))
        super().__init__(negative_slope=negative_slope)


class ELU(_Activation):
    """See :func:`elu`."""

    function = staticmethod(elu)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        at_default("ELU", inplace=(inplace, False))
        super().__init__(alpha=alpha)


class GELU(_Activation):
    """See :func:`gelu`."""

    function = staticmethod(gelu)

    def __init__(self, approximate: str = "none") -> None:
        super().__init__(approximate=approximate)


class Softplus(_Activation):
    """See :func:`softplus`."""

    function = staticmethod(softplus)

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__(beta=beta, threshold=threshold)


class Softmax(_Activation):
    """See :func:`softmax`."""

    function = staticmethod(softmax)

    def __init__(self, dim: int | None = None) -> None:
        super().__init__(dim=dim)


class LogSoftmax(_Activation):
    """See :func:`log_softmax`."""

    function = staticmethod(log_softmax)

    def __init__(self, dim: int | None = None) -> None:
        super().__init__(dim=dim)
