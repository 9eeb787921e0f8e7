"""Activations: h = φ(z), entry by entry, and softmax over an axis.

Each comes as three things: the formula with its derivative, the function that checks what it is
given, and the module for a network to be made of. A derivative is written in terms of what makes it
cheap or exact: sigmoid's through its own value. At a kink it is PyTorch's choice (0 for ReLU).
They take any shape; each raises TypeError for an input that holds no floats. ReLU's relatives stand
in rectifiers.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib import special
from nnlib.arguments import Unsupported, checked, floats
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.nn.module import Module


# The lecture's form: nnlib.lecture.relu
@op
def _relu(z: Array) -> Vjps:
    h = np.maximum(z, 0)
    return h, lambda g: g * (h > 0)


@checked
def relu(input: Any, inplace: Unsupported = False) -> Tensor:
    """max(0, z), with derivative 1 where z > 0, else 0

    Nair and Hinton (2010).

    >>> relu(np.array([-2.0, 3.0])).data
    array([0., 3.])
    """
    floats("relu", input=input)
    return _relu(input)


class ReLU(Module):
    """See :func:`relu`."""

    @checked
    def __init__(self, inplace: Unsupported = False) -> None: ...

    def forward(self, input: Any) -> Tensor:
        return relu(input)


# Squashing -----------------------------------------------------------------------------------


# The lecture's form: nnlib.lecture.sigmoid
@op
def _sigmoid(z: Array) -> Vjps:
    h = special.sigmoid(z)
    return h, lambda g: g * h * (1 - h)


@checked
def sigmoid(input: Any) -> Tensor:
    """σ(z) = 1 / (1 + e⁻ᶻ), with σ′ = σ (1 − σ)

    As torch.sigmoid.

    >>> sigmoid(np.array([0.0, 1000.0])).data
    array([0.5, 1. ])
    """
    floats("sigmoid", input=input)
    return _sigmoid(input)


class Sigmoid(Module):
    """See :func:`sigmoid`."""

    def forward(self, input: Any) -> Tensor:
        return sigmoid(input)


# The lecture's form: nnlib.lecture.tanh
@op
def _tanh(z: Array) -> Vjps:
    h = np.tanh(z)
    return h, lambda g: g * (1 - h * h)


@checked
def tanh(input: Any) -> Tensor:
    """tanh z = 2 σ(2z) − 1, with tanh′ = 1 − tanh²

    As torch.tanh.

    >>> tanh(np.array([-1000.0, 0.0, 1000.0])).data
    array([-1.,  0.,  1.])
    """
    floats("tanh", input=input)
    return _tanh(input)


class Tanh(Module):
    """See :func:`tanh`."""

    def forward(self, input: Any) -> Tensor:
        return tanh(input)


# Steps ---------------------------------------------------------------------------------------


@op
def _heaviside(z: Array, *, values: float) -> Vjps:
    return np.heaviside(z, z.dtype.type(values)), lambda g: np.zeros_like(g)


@checked
def heaviside(input: Any, values: float = 1.0) -> Tensor:
    """H(z) = 0 for z < 0, ``values`` at z = 0, 1 for z > 0

    Its derivative is 0 wherever it has one, so no gradient ever comes through. The step of
    McCulloch and Pitts (1943) has H(0) = 1.

    >>> heaviside(np.array([-2.0, 0.0, 3.0])).data
    array([0., 1., 1.])
    """
    floats("heaviside", input=input)
    return _heaviside(input, values=values)


class Heaviside(Module):
    """See :func:`heaviside`."""

    @checked
    def __init__(self, values: float = 1.0) -> None:
        self.values = values

    def forward(self, input: Any) -> Tensor:
        return heaviside(input, self.values)


@op
def _sign(z: Array) -> Vjps:
    return np.sign(z), lambda g: np.zeros_like(g)


@checked
def sign(input: Any) -> Tensor:
    """sgn(z) = −1, 0 or +1; not the step: sgn(0) = 0. Its derivative is taken as 0.

    As torch.sign.

    >>> sign(np.array([-2.0, 0.0, 3.0])).data
    array([-1.,  0.,  1.])
    """
    floats("sign", input=input)
    return _sign(input)


class Sign(Module):
    """See :func:`sign`."""

    def forward(self, input: Any) -> Tensor:
        return sign(input)


# Over an axis --------------------------------------------------------------------------------


# The lecture's form: nnlib.lecture.softmax
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


class Softmax(Module):
    """See :func:`softmax`."""

    @checked
    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        return softmax(input, self.dim)


# The lecture's form: nnlib.lecture.log_softmax
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


class LogSoftmax(Module):
    """See :func:`log_softmax`."""

    @checked
    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        return log_softmax(input, self.dim)


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
