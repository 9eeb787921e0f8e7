"""The twins that no lesson shows: the other fused ops once more, written only with basic ops."""

import numpy as np

from nnlib import ops, testing
from nnlib.testing import _image, _scaled, _sigmoid, _windows


def _leaky_relu(z, *, negative_slope):
    return ops.where(z.data > 0, z, negative_slope * z)


def _elu(z, *, alpha):
    return ops.where(z.data > 0, z, alpha * (ops.exp(ops.clamp(z, max=0)) - 1))


def _selu(z):
    return 1.0507009873554805 * _elu(z, alpha=1.6732632423543772)


def _softplus(z, *, beta, threshold):
    soft = ops.log(1 + ops.exp(ops.clamp(beta * z, max=threshold))) / beta
    return ops.where(beta * z.data > threshold, z, soft)


def _silu(z):
    return z * _sigmoid(z)


def _logsigmoid(z):
    return ops.log(_sigmoid(z))


def _squared_error(y_hat, y):
    return (y_hat - y) ** 2


def _huber(y_hat, y, *, delta):
    size = ops.absolute(y_hat - y)
    return ops.where(size.data <= delta, 0.5 * size**2, delta * (size - 0.5 * delta))


def _binary_cross_entropy(p, y):
    return -(y * ops.log(p) + (1 - y) * ops.log(1 - p))


def _nll(logp, t, *, dim):
    return -(t * logp).sum(dim, keepdim=True)


def _layer_norm(x, gamma, beta, *, eps):
    d = x - x.mean(1, keepdim=True)
    return _scaled(d / ops.sqrt((d * d).mean(1, keepdim=True) + eps), gamma, beta)


def _max_pool2d(x, *, kernel, stride, padding):
    rows = _windows(x, kernel, stride, padding, -np.inf)
    return _image([[seen.amax((2, 3)) for seen in row] for row in rows])


def _avg_pool2d(x, *, kernel, stride, padding):
    rows = _windows(x, kernel, stride, padding)
    return _image([[seen.mean((2, 3)) for seen in row] for row in rows])


TWINS = testing.TWINS | {
    f.__name__.lstrip("_"): f
    for f in (
        _leaky_relu, _elu, _selu, _softplus, _silu, _logsigmoid, _squared_error, _huber,
        _binary_cross_entropy, _nll, _layer_norm, _max_pool2d, _avg_pool2d,
    )
}  # fmt: skip
