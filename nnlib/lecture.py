"""The layers as the lectures write them: a readable twin of every fused op of nn.

Each takes what the fused op of its name takes, and is composed of basic ops alone, so that the tape
finds its gradients. A fused op shifts, clips or reuses something, to be exact or fast; its twin does
not. They agree wherever numbers are of ordinary size, and tests hold them to that.

Shapes: one example per row, (N, …); in rnn, lstm and gru one example per column, (T, features, N).
A parameter that a layer does not have is None.

>>> softmax(Tensor([[0.0, 0.0]]), dim=1)
tensor([[0.5, 0.5]])
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnlib import ops
from nnlib.engine import Array, Tensor

__all__ = [
    "avg_pool2d", "batch_norm", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "conv2d", "conv_transpose2d",
    "cross_entropy", "dropout", "elu", "gru", "huber", "layer_norm", "leaky_relu", "linear", "log_softmax", "logsigmoid", "lstm",
    "max_pool2d", "nll", "relu", "rnn", "selu", "sigmoid", "silu", "softmax", "softplus",
    "squared_error", "tanh",
]  # fmt: skip

# A layer and its activation ------------------------------------------------------------------


def linear(x: Tensor, W: Tensor, b: Tensor | None) -> Tensor:
    """Z = X Wᵀ + b"""
    return _shifted(x @ W.T, b)


def sigmoid(z: Tensor) -> Tensor:
    """σ(z) = 1 / (1 + e⁻ᶻ)"""
    return 1 / (1 + ops.exp(-z))


def tanh(z: Tensor) -> Tensor:
    """tanh z = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)"""
    return (ops.exp(z) - ops.exp(-z)) / (ops.exp(z) + ops.exp(-z))


def relu(z: Tensor) -> Tensor:
    """φ(z) = z where z > 0, else 0"""
    return ops.where(z > 0, z, 0.0)


def leaky_relu(z: Tensor, *, negative_slope: float) -> Tensor:
    """φ(z) = z where z > 0, else a z"""
    return ops.where(z > 0, z, negative_slope * z)


def elu(z: Tensor, *, alpha: float) -> Tensor:
    """φ(z) = z where z > 0, else α (eᶻ − 1)"""
    return ops.where(z > 0, z, alpha * (ops.exp(z) - 1))


def selu(z: Tensor) -> Tensor:
    """φ(z) = λ · ELU(z), with λ and α such that mean 0 and variance 1 stay what they are"""
    return 1.0507009873554805 * elu(z, alpha=1.6732632423543772)


def softplus(z: Tensor, *, beta: float, threshold: float) -> Tensor:
    """φ(z) = ln(1 + e^βz) / β, and z itself where βz is above the threshold"""
    return ops.where(beta * z > threshold, z, ops.log(1 + ops.exp(beta * z)) / beta)


def silu(z: Tensor) -> Tensor:
    """φ(z) = z σ(z)"""
    return z * sigmoid(z)


def logsigmoid(z: Tensor) -> Tensor:
    """φ(z) = ln σ(z)"""
    return ops.log(sigmoid(z))


def softmax(z: Tensor, *, dim: int) -> Tensor:
    """pᵢ = e^zᵢ / Σⱼ e^zⱼ"""
    e = ops.exp(z)
    return e / e.sum(dim, keepdim=True)


def log_softmax(z: Tensor, *, dim: int) -> Tensor:
    """ln pᵢ = zᵢ − ln Σⱼ e^zⱼ"""
    return z - ops.log(ops.exp(z).sum(dim, keepdim=True))


# Losses --------------------------------------------------------------------------------------


def squared_error(y_hat: Tensor, y: Tensor) -> Tensor:
    """(ŷ − y)²"""
    return (y_hat - y) ** 2


def huber(y_hat: Tensor, y: Tensor, *, delta: float) -> Tensor:
    """½ d² where |d| ≤ δ, else δ (|d| − ½ δ), with d = ŷ − y"""
    d = abs(y_hat - y)
    return ops.where(d <= delta, 0.5 * d**2, delta * (d - 0.5 * delta))


def binary_cross_entropy(p: Tensor, y: Tensor) -> Tensor:
    """−y ln p − (1 − y) ln(1 − p)"""
    return -y * ops.log(p) - (1 - y) * ops.log(1 - p)


def binary_cross_entropy_with_logits(z: Tensor, y: Tensor, w: Tensor | None) -> Tensor:
    """−w y ln σ(z) − (1 − y) ln(1 − σ(z))"""
    p = sigmoid(z)
    return -_scaled(y, w) * ops.log(p) - (1 - y) * ops.log(1 - p)


def cross_entropy(z: Tensor, *, y: Array) -> Tensor:
    """L = 1/N Σₙ −ln softmax(zₙ)_yₙ"""
    return -log_softmax(z, dim=1)[np.arange(len(y)), y].mean()


def nll(logp: Tensor, t: Tensor, *, dim: int) -> Tensor:
    """Lₙ = −Σ꜀ tₙ꜀ ln pₙ꜀"""
    return -(t * logp).sum(dim, keepdim=True)


# Normalization and dropout -------------------------------------------------------------------


def batch_norm(
    x: Tensor, gamma: Tensor | None, beta: Tensor | None, *,
    mean: Array, var: Array, eps: float, training: bool,
) -> Tensor:  # fmt: skip
    """y = γ x̂ + β with x̂ = (x − z̄) / √(v + ε), per channel: z̄ and v are the batch's in training"""
    batch, per_channel = (0, *range(2, x.ndim)), (1, -1, *(1,) * (x.ndim - 2))
    if training:
        z_bar = x.mean(batch, keepdim=True)
        v = ((x - z_bar) ** 2).mean(batch, keepdim=True)
    else:
        z_bar, v = Tensor(mean).reshape(per_channel), Tensor(var).reshape(per_channel)
    x_hat = (x - z_bar) / ops.sqrt(v + eps)
    gamma, beta = (p if p is None else p.reshape(per_channel) for p in (gamma, beta))
    return _shifted(_scaled(x_hat, gamma), beta)


def layer_norm(x: Tensor, gamma: Tensor | None, beta: Tensor | None, *, eps: float) -> Tensor:
    """y = γ x̂ + β with x̂ = (x − mean(x)) / √(var(x) + ε), per row"""
    d = x - x.mean(1, keepdim=True)
    x_hat = d / ops.sqrt((d**2).mean(1, keepdim=True) + eps)
    return _shifted(_scaled(x_hat, gamma), beta)


def dropout(h: Tensor, *, m: Array, q: float) -> Tensor:
    """h̃ = m ⊙ h / q"""
    return h * m / q


def _scaled(x: Tensor, gamma: Tensor | None) -> Tensor:
    return x if gamma is None else gamma * x


def _shifted(x: Tensor, b: Tensor | None) -> Tensor:
    return x if b is None else x + b


# Images --------------------------------------------------------------------------------------

Sizes = tuple[int, int]
Padding = Sequence[Sizes]  # before and after the rows, before and after the columns


def conv2d(
    x: Tensor, W: Tensor, b: Tensor | None, *, stride: Sizes, padding: Padding,
    dilation: Sizes = (1, 1),
) -> Tensor:  # fmt: skip
    """y[n, o, r, q] = b[o] + Σ over c, i, j of W[o, c, i, j] · x[n, c, s r + d i, s q + d j]"""
    rows = _windows(x, W.shape[2:], stride, padding, dilation)
    return _image([[linear(seen.flatten(1), W.flatten(1), b) for seen in row] for row in rows])


def conv_transpose2d(
    x: Tensor, W: Tensor, b: Tensor | None, *, stride: Sizes, padding: Padding, size: Sizes,
    dilation: Sizes = (1, 1),
) -> Tensor:  # fmt: skip
    """y[n, o, s r + d i, s q + d j] = b[o] + Σ W[c, o, i, j] · x[n, c, r, q] over all that lead there"""
    (top, bottom), (left, right) = padding
    height, width = top + size[0] + bottom, left + size[1] + right
    y = Tensor(np.zeros((len(x), W.shape[1], height, width), x.dtype))
    for r, q, i, j in np.ndindex(*x.shape[2:], *W.shape[2:]):
        row, column = stride[0] * r + dilation[0] * i, stride[1] * q + dilation[1] * j
        pixel = (x[:, :, r, q] @ W[:, :, i, j]).reshape(len(x), -1, 1, 1)
        y = y + _framed(pixel, ((row, height - row - 1), (column, width - column - 1)))
    y = y[:, :, top : height - bottom, left : width - right]
    return _shifted(y, b if b is None else b.reshape(-1, 1, 1))


def max_pool2d(
    x: Tensor, *, kernel: Sizes, stride: Sizes, padding: Padding, dilation: Sizes = (1, 1)
) -> Tensor:
    """y = the largest entry of each window"""
    rows = _windows(x, kernel, stride, padding, dilation, -np.inf)
    return _image([[seen.amax((2, 3)) for seen in row] for row in rows])


def avg_pool2d(
    x: Tensor, *, kernel: Sizes, stride: Sizes, padding: Padding, n: int | Array | None = None
) -> Tensor:
    """y = the sum of each window / n: how many it has, with the zeros of the padding if none is said"""
    rows = _windows(x, kernel, stride, padding)
    return _image([[seen.sum((2, 3)) for seen in row] for row in rows]) / (
        np.prod(kernel) if n is None else n
    )


def _windows(
    x: Tensor, kernel: Sequence[int], stride: Sizes, padding: Padding,
    dilation: Sizes = (1, 1), value: float = 0.0,
) -> list[list[Tensor]]:  # fmt: skip
    """What the kernel sees: for each row of outputs a list of patches (N, C, rows, columns)."""
    x = _framed(x, padding, value)
    rows, columns = (
        [slice(at, at + d * (k - 1) + 1, d) for at in range(0, n - d * (k - 1), s)]
        for n, k, s, d in zip(x.shape[2:], kernel, stride, dilation, strict=True)
    )
    return [[x[:, :, r, c] for c in columns] for r in rows]


def _framed(x: Tensor, padding: Padding, value: float = 0.0) -> Tensor:
    """The image with a frame of ``value`` around it"""
    for axis, (before, after) in zip((2, 3), padding, strict=True):
        frame = [(*x.shape[:axis], n, *x.shape[axis + 1 :]) for n in (before, after)]
        first, last = (np.full(shape, value, x.dtype) for shape in frame)
        x = ops.cat([first, x, last], axis)
    return x


def _image(rows: list[list[Tensor]]) -> Tensor:
    """Outputs (N, C), row by row → (N, C, rows, columns)"""
    return ops.stack([ops.stack(row, -1) for row in rows], -2)


# Sequences -----------------------------------------------------------------------------------


def rnn(
    x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor | None, *, phi: str, alpha: float
) -> Tensor:
    """h_t = α h_{t−1} + (1 − α) φ(U x_t + W h_{t−1} + b); the value is [h₁ … h_T]"""
    activation = {"tanh": tanh, "relu": relu}[phi]
    h, outputs = h0, []
    for x_t in x:
        h = alpha * h + (1 - alpha) * activation(_affine(U, x_t, b) + W @ h)
        outputs.append(h)
    return ops.stack(outputs)


def lstm(
    x: Tensor, h0: Tensor, c0: Tensor, U: Tensor, W: Tensor, b: Tensor | None
) -> Tensor:  # fmt: skip
    """c_t = f ⊙ c_{t−1} + i ⊙ u, h_t = o ⊙ tanh c_t; the value is [h₁ … h_T, c_T]"""
    h, c, outputs = h0, c0, []
    for x_t in x:
        z_i, z_f, z_u, z_o = _blocks(_affine(U, x_t, b) + W @ h, len(h))
        i, f, u, o = sigmoid(z_i), sigmoid(z_f), tanh(z_u), sigmoid(z_o)
        c = f * c + i * u
        h = o * tanh(c)
        outputs.append(h)
    return ops.stack([*outputs, c])


def gru(
    x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor | None, b_past: Tensor | None
) -> Tensor:
    """h_t = (1 − z) ⊙ n + z ⊙ h_{t−1} with n = tanh(a + r ⊙ m); the value is [h₁ … h_T]"""
    h, outputs = h0, []
    for x_t in x:
        a_r, a_z, a_n = _blocks(_affine(U, x_t, b), len(h))
        m_r, m_z, m_n = _blocks(_affine(W, h, b_past), len(h))
        r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
        n = tanh(a_n + r * m_n)
        h = (1 - z) * n + z * h
        outputs.append(h)
    return ops.stack(outputs)


def _affine(W: Tensor, x: Tensor, b: Tensor | None) -> Tensor:
    """W x + b, with b as a column"""
    return _shifted(W @ x, b if b is None else b.reshape(-1, 1))


def _blocks(z: Tensor, n: int) -> list[Tensor]:
    """The rows of z, n at a time: one block for each gate"""
    return [z[k : k + n] for k in range(0, len(z), n)]
