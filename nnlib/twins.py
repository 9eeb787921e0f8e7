"""Every fused op once more, written only with basic ops: the lecture's text, and the test's oracle.

``TWINS`` finds the twin of an op by its name. Where a fused op shifts, clips or reuses something to
be exact or fast, its twin does not: they agree where numbers are of ordinary size.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnlib import ops
from nnlib.engine import Array, Tensor

__all__ = ["TWINS"]


def _linear(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return x @ W.T if b is None else x @ W.T + b


def _sigmoid(z: Tensor) -> Tensor:
    return 1 / (1 + ops.exp(-z))


def _tanh(z: Tensor) -> Tensor:
    return 2 * _sigmoid(2 * z) - 1


def _relu(z: Tensor) -> Tensor:
    return ops.where(z.data > 0, z, 0.0)


def _leaky_relu(z: Tensor, *, slope: float) -> Tensor:
    return ops.where(z.data > 0, z, slope * z)


def _elu(z: Tensor, *, alpha: float) -> Tensor:
    return ops.where(z.data > 0, z, alpha * (ops.exp(ops.clamp(z, max=0)) - 1))


def _selu(z: Tensor) -> Tensor:
    return 1.0507009873554805 * _elu(z, alpha=1.6732632423543772)


def _softplus(z: Tensor, *, beta: float, threshold: float) -> Tensor:
    soft = ops.log(1 + ops.exp(ops.clamp(beta * z, max=threshold))) / beta
    return ops.where(beta * z.data > threshold, z, soft)


def _silu(z: Tensor) -> Tensor:
    return z * _sigmoid(z)


def _gelu_tanh(z: Tensor) -> Tensor:
    return 0.5 * z * (1 + _tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3)))


def _softmax(z: Tensor, *, dim: int) -> Tensor:
    e = ops.exp(z)
    return e / e.sum(dim, keepdim=True)


def _log_softmax(z: Tensor, *, dim: int) -> Tensor:
    return z - ops.log(ops.exp(z).sum(dim, keepdim=True))


def _squared_error(y_hat: Tensor, y: Tensor) -> Tensor:
    return (y_hat - y) ** 2


def _huber(y_hat: Tensor, y: Tensor, *, delta: float) -> Tensor:
    size = ops.absolute(y_hat - y)
    return ops.where(size.data <= delta, 0.5 * size**2, delta * (size - 0.5 * delta))


def _binary_cross_entropy(p: Tensor, y: Tensor) -> Tensor:
    return -(y * ops.log(p) + (1 - y) * ops.log(1 - p))


def _nll(logp: Tensor, t: Tensor) -> Tensor:
    return -(t * logp).sum(1)


def _cross_entropy(z: Tensor, *, y: Array) -> Tensor:
    return -_log_softmax(z, dim=1)[np.arange(len(y)), y].mean()


TWINS: dict[str, Callable[..., Tensor]] = {
    f.__name__.lstrip("_"): f
    for f in (
        _linear, _sigmoid, _tanh, _relu, _leaky_relu, _elu, _selu, _softplus, _silu, _gelu_tanh,
        _softmax, _log_softmax, _squared_error, _huber, _binary_cross_entropy, _nll, _cross_entropy,
    )
}  # fmt: skip
