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

from nnlib.arguments import as_in_torch, checked, floats
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.nn.module import Functional
from nnlib.special import erf

# What PyTorch has besides, and we leave out.
_LEFT_OUT = {name: "inplace" for name in ("elu", "leaky_relu", "relu", "selu", "silu")}
_LEFT_OUT["gelu"] = "approximate"


def _activation(formula: Callable[..., Vjps]) -> Callable[..., Tensor]:
    """The public function of a formula: an op of one float array, ``input``, and of its options."""
    apply, name, shown = op(formula), formula.__name__, signature(formula)
    z, *options = shown.parameters.values()

    @wraps(formula)
    def activation(input: Any, **given: Any) -> Tensor:
        floats(name, input=input)
        return apply(input, **given)

    # help() shows the arguments, and inspect.getsource() the formula.
    listed = [z.replace(name="input", annotation="Any"), *options]
    shown = shown.replace(parameters=listed, return_annotation="Tensor")
    activation.__signature__ = shown  # type: ignore[attr-defined]
    return as_in_torch(" ".join([*shown.parameters, _LEFT_OUT.get(name, "")]))(activation)


# Steps ---------------------------------------------------------------------------------------


@_activation
def heaviside(z: Array, values: float = 1.0) -> Vjps:
    """H(z) = 0 for z < 0, ``values`` at z = 0, 1 for z > 0

    Its derivative is 0 wherever it has one, so no gradient ever comes through. Any shape. Raises
    TypeError for an input that holds no floats. The step of McCulloch and Pitts (1943) has H(0) =
    1.

    >>> heaviside(np.array([-2.0, 0.0, 3.0])).data
    array([0., 1., 1.])
    """
    return np.heaviside(z, z.dtype.type(values)), lambda g: np.zeros_like(g)


@_activation
def sign(z: Array) -> Vjps:
    """sgn(z) = −1, 0 or +1; not the step: sgn(0) = 0. Its derivative is taken as 0.

    Any shape. Raises TypeError for an input that holds no floats. As torch.sign.

    >>> sign(np.array([-2.0, 0.0, 3.0])).data
    array([-1.,  0.,  1.])
    """
    return np.sign(z), lambda g: np.zeros_like(g)


# Squashing -----------------------------------------------------------------------------------


def _sigmoid(z: Array) -> Any:
    e = np.exp(-np.abs(z))  # never overflows; e is tiny where σ is close to 0 or 1
    return np.where(z >= 0, 1, e) / (1 + e)


@_activation
def sigmoid(z: Array) -> Vjps:
    """σ(z) = 1 / (1 + e⁻ᶻ), with σ′ = σ (1 − σ)

    Any shape. Raises TypeError for an input that holds no floats. As torch.sigmoid.

    >>> sigmoid(np.array([0.0, 1000.0])).data
    array([0.5, 1. ])
    """
    h = _sigmoid(z)
    return h, lambda g: g * h * (1 - h)


@_activation
def logsigmoid(z: Array) -> Vjps:
    """ln σ(z), exact where σ(z) would round to 0; its derivative is 1 − σ(z) = σ(−z)

    Shapes and errors as in :func:`sigmoid`. As torch.nn.functional.logsigmoid.

    >>> logsigmoid(np.array([-1000.0, 1000.0])).data
    array([-1000.,     0.])
    """
    return np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z))), lambda g: g * _sigmoid(-z)


@_activation
def tanh(z: Array) -> Vjps:
    """tanh z = 2 σ(2z) − 1, with tanh′ = 1 − tanh²

    Any shape. Raises TypeError for an input that holds no floats. As torch.tanh.

    >>> tanh(np.array([-1000.0, 0.0, 1000.0])).data
    array([-1.,  0.,  1.])
    """
    h = np.tanh(z)
    return h, lambda g: g * (1 - h * h)


# Rectifiers ----------------------------------------------------------------------------------


@_activation
def relu(z: Array) -> Vjps:
    """max(0, z), with derivative 1 where z > 0, else 0

    Any shape. Raises TypeError for an input that holds no floats. Nair and Hinton (2010).

    >>> relu(np.array([-2.0, 3.0])).data
    array([0., 3.])
    """
    h = np.maximum(z, 0)
    return h, lambda g: g * (h > 0)


@_activation
def leaky_relu(z: Array, negative_slope: float = 0.01) -> Vjps:
    """z where z > 0, else ``negative_slope`` · z

    Shapes and errors as in :func:`relu`. Maas et al. (2013).

    >>> leaky_relu(np.array([-2.0, 3.0]), 0.1).data
    array([-0.2,  3. ])
    """
    return np.where(z > 0, z, negative_slope * z), lambda g: np.where(z > 0, g, negative_slope * g)


@_activation
def elu(z: Array, alpha: float = 1.0) -> Vjps:
    """z where z > 0, else α (eᶻ − 1)

    Shapes and errors as in :func:`relu`. Clevert et al. (2016).

    >>> elu(np.array([-1000.0, 3.0])).data
    array([-1.,  3.])
    """
    return _elu(z, alpha)


@_activation
def selu(z: Array) -> Vjps:
    """λ · elu(z, α) with λ ≈ 1.0507, α ≈ 1.6733: keeps mean 0, variance 1

    Shapes and errors as in :func:`relu`. Klambauer et al. (2017).

    >>> selu(np.array([-1000.0, 1.0])).data.round(4)
    array([-1.7581,  1.0507])
    """
    return _elu(z, alpha=1.6732632423543772, scale=1.0507009873554805)


def _elu(z: Array, alpha: float, scale: float = 1.0) -> Vjps:
    below = np.minimum(z, 0)
    h = scale * np.where(z > 0, z, alpha * np.expm1(below))
    return h, lambda g: g * scale * np.where(z > 0, 1, alpha * np.exp(below))


@_activation
def softplus(z: Array, beta: float = 1.0, threshold: float = 20.0) -> Vjps:
    """ln(1 + e^βz) / β, a smooth ReLU; simply z where βz > ``threshold``, as in PyTorch

    Shapes and errors as in :func:`relu`. Dugas et al. (2001).

    >>> softplus(np.array([0.0, 100.0])).data.round(2)
    array([  0.69, 100.  ])
    """
    bz = beta * z
    soft, straight = (np.maximum(bz, 0) + np.log1p(np.exp(-np.abs(bz)))) / beta, bz > threshold
    return np.where(straight, z, soft), lambda g: g * np.where(straight, 1, _sigmoid(bz))


@_activation
def silu(z: Array) -> Vjps:
    """z σ(z), also called swish

    Shapes and errors as in :func:`relu`. Elfwing et al. (2018).

    >>> silu(np.array([-1000.0, 0.0, 1000.0])).data
    array([  -0.,    0., 1000.])
    """
    s = _sigmoid(z)
    return z * s, lambda g: g * s * (1 + z * (1 - s))


@_activation
def gelu(z: Array) -> Vjps:
    """z Φ(z), Φ the normal distribution function

    Shapes and errors as in :func:`relu`. PyTorch's ``approximate="tanh"`` is left out. Hendrycks and
    Gimpel (2016).

    >>> gelu(np.array([-1.0, 0.0, 1.0])).data.round(4)
    array([-0.1587,  0.    ,  0.8413])
    """
    Phi = 0.5 * (1 + erf(z / math.sqrt(2)))
    density = math.sqrt(2 * math.pi)
    return z * Phi, lambda g: g * (Phi + z * np.exp(-z * z / 2) / density)


# Over an axis --------------------------------------------------------------------------------


@op
def _softmax(z: Array, *, dim: int) -> Vjps:
    e = np.exp(z - z.max(dim, keepdims=True))  # softmax(z) = softmax(z − c): nothing overflows
    p = e / e.sum(dim, keepdims=True)
    return p, lambda g: p * (g - (g * p).sum(dim, keepdims=True))


@checked
def softmax(input: Any, dim: int | None = None) -> Tensor:
    """pᵢ = e^zᵢ / Σⱼ e^zⱼ over the axis ``dim``

    Any shape with something along ``dim``; else raises ValueError. Raises IndexError for an axis
    that is not there, TypeError where ``dim`` is not given or the input holds no floats. Bridle
    (1990).

    >>> softmax(np.array([[1000.0, 1000.0]]), dim=1).data
    array([[0.5, 0.5]])
    """
    return _softmax(input, dim=_axis("softmax", input, dim))


@op
def _log_softmax(z: Array, *, dim: int) -> Vjps:
    shifted = z - z.max(dim, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(dim, keepdims=True))
    return logp, lambda g: g - np.exp(logp) * g.sum(dim, keepdims=True)


@checked
def log_softmax(input: Any, dim: int | None = None) -> Tensor:
    """ln pᵢ = zᵢ − ln Σⱼ e^zⱼ over the axis ``dim``, exact where p would round to 0

    Shapes and errors as in :func:`softmax`. As torch.nn.functional.log_softmax.

    >>> log_softmax(np.array([[1000.0, 0.0]]), dim=1).data
    array([[    0., -1000.]])
    """
    return _log_softmax(input, dim=_axis("log_softmax", input, dim))


def _axis(function: str, x: Any, dim: int | None) -> int:
    """A usable axis. PyTorch guesses one and warns; a wrong guess trains the wrong thing."""
    shape = floats(function, input=x)[0].shape
    if dim is None:
        raise TypeError(f"{function}: say over which axis: dim=1 for one example per row")
    if not -len(shape) <= dim < len(shape):
        raise IndexError(f"{function}: dim={dim}, but input has shape {shape}")
    if shape[dim] == 0:
        raise ValueError(f"{function}: input has shape {shape}: nothing along dim={dim}")
    return dim


# Modules -------------------------------------------------------------------------------------


class Heaviside(Functional, of=heaviside):
    """See :func:`heaviside`."""


class Sign(Functional, of=sign):
    """See :func:`sign`."""


class Sigmoid(Functional, of=sigmoid):
    """See :func:`sigmoid`."""


class LogSigmoid(Functional, of=logsigmoid):
    """See :func:`logsigmoid`."""


class Tanh(Functional, of=tanh):
    """See :func:`tanh`."""


class ReLU(Functional, of=relu):
    """See :func:`relu`."""


class LeakyReLU(Functional, of=leaky_relu):
    """See :func:`leaky_relu`."""


class ELU(Functional, of=elu):
    """See :func:`elu`."""


class SELU(Functional, of=selu):
    """See :func:`selu`."""


class Softplus(Functional, of=softplus):
    """See :func:`softplus`."""


class SiLU(Functional, of=silu):
    """See :func:`silu`."""


class GELU(Functional, of=gelu):
    """See :func:`gelu`."""


class Softmax(Functional, of=softmax):
    """See :func:`softmax`."""


class LogSoftmax(Functional, of=log_softmax):
    """See :func:`log_softmax`."""
