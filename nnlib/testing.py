"""How we know that it is right: finite differences, PyTorch, and twins composed of basic ops.

``TWINS`` has the layers of the lectures once more, by the names of their fused ops, written only with
basic ops: the lecture's text, and the test's oracle. Where a fused op shifts, clips or reuses something to be exact or fast, its
twin does not: they agree where numbers are of ordinary size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.arguments import FinitePositive, Function, NonNegative, Parts, checked, numbers
from nnlib.autodiff import central_differences
from nnlib.engine import Array, Tensor, no_grad
from nnlib.nn.module import Module

__all__ = ["TWINS", "compare_with_torch", "copy_weights", "gradcheck"]


@checked
def gradcheck(
    function: Function, inputs: Parts, *,
    eps: FinitePositive = 1e-6, atol: NonNegative = 1e-5, rtol: NonNegative = 1e-3,
) -> bool:  # fmt: skip
    """∂f/∂xᵢ ≈ (f(x + ε eᵢ) − f(x − ε eᵢ)) / 2ε for every entry of every float64 input

    ``function`` takes Tensors and returns one of any shape; a random projection makes it a number,
    so that one backward pass is compared with all differences. Raises AssertionError that names
    the worst entry, TypeError where no input is float64; returns True otherwise. As
    torch.autograd.gradcheck.

    >>> gradcheck(lambda x: x * x, [np.array([1.0, 2.0])])
    True
    """
    arrays = [numbers("gradcheck", "inputs", x) for x in inputs]
    tensors = [Tensor(x, requires_grad=x.dtype == np.float64) for x in arrays]
    if not any(t.requires_grad for t in tensors):
        raise TypeError("gradcheck: no input is a float64 array, and differences need float64")
    y = function(*tensors)
    projection = np.random.default_rng(0).normal(size=y.shape)
    y.backward(projection)

    def value() -> float:
        with no_grad():
            return float((function(*tensors).data * projection).sum())

    for i, t in enumerate(tensors):
        if not t.requires_grad:
            continue
        expected = central_differences(value, t.data, eps)
        got = np.zeros_like(expected) if t.grad is None else t.grad
        fault = np.abs(got - expected) - (atol + rtol * np.abs(expected))
        if not (fault <= 0).all():
            at = np.unravel_index(np.argmax(np.nan_to_num(fault, nan=np.inf)), fault.shape)
            words = f"backward gives {got[at]:.6g}, finite differences {expected[at]:.6g}"
            raise AssertionError(f"gradcheck: input {i}, entry {tuple(map(int, at))}: {words}")
    return True


def copy_weights(model: Module, torch_model: Any) -> None:
    """Give a PyTorch model of the same layers the parameters of ours.

    >>> import torch  # doctest: +SKIP
    >>> from nnlib import nn
    >>> model, twin = nn.Linear(1, 1), torch.nn.Linear(1, 1)  # doctest: +SKIP
    >>> copy_weights(model, twin)  # doctest: +SKIP
    >>> twin.bias.item() == model.bias.item()  # doctest: +SKIP
    True
    """
    import torch

    state = {name: torch.from_numpy(array) for name, array in model.state_dict().items()}
    torch_model.load_state_dict(state)


def compare_with_torch(
    ours: Callable[..., Tensor], theirs: Callable[..., Any], *inputs: Any, atol: float = 1e-9
) -> float:
    """Run both on the same arrays, forward and backward, and return the largest difference.

    Float arrays of any shape are differentiated; everything else is handed on as it is (integer
    arrays as integer tensors). Differences are relative where values exceed 1. Raises
    AssertionError that says what differs, if more than ``atol``.

    >>> import torch  # doctest: +SKIP
    >>> compare_with_torch(ops.exp, torch.exp, np.zeros(3))  # doctest: +SKIP
    0.0
    """
    import torch

    def given(make: Any) -> list[Any]:
        arrays = (isinstance(x, np.ndarray) for x in inputs)
        pairs = zip(inputs, arrays, strict=True)
        return [make(x, requires_grad=x.dtype.kind == "f") if a else x for x, a in pairs]

    a, b = given(Tensor), given(torch.tensor)
    y, z = ours(*a), theirs(*b)
    worst = _difference("the value", y.data, z.detach().numpy(), atol)
    if not z.requires_grad:
        return worst
    g = np.random.default_rng(0).normal(size=y.shape).astype(y.dtype)
    y.backward(g)
    z.backward(torch.tensor(g))
    for i, (s, t) in enumerate(zip(a, b, strict=True)):
        if isinstance(s, Tensor) and s.requires_grad and t.grad is not None:
            got = np.zeros(s.shape) if s.grad is None else s.grad
            name = f"the gradient of input {i}"
            worst = max(worst, _difference(name, got, t.grad.numpy(), atol))
    return worst


def _difference(what: str, ours: Array, theirs: Array, atol: float) -> float:
    assert ours.shape == theirs.shape, f"{what} has shape {ours.shape}, in torch {theirs.shape}"
    assert ours.dtype == theirs.dtype, f"{what} is {ours.dtype}, in torch {theirs.dtype}"
    a, b = ours.astype(np.float64), theirs.astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))  # infinities, and NaN for NaN
    with np.errstate(invalid="ignore"):
        error = np.where(same, 0, np.abs(a - b) / np.maximum(1, np.abs(b)))
    worst = float(error.max(initial=0.0))
    assert worst <= atol, f"{what} differs from torch by {worst:.3g}, more than {atol:.3g}"
    return worst


# Twins ---------------------------------------------------------------------------------------


def _linear(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
    return x @ W.T if b is None else x @ W.T + b


def _sigmoid(z: Tensor) -> Tensor:
    return 1 / (1 + ops.exp(-z))


def _tanh(z: Tensor) -> Tensor:
    return 2 * _sigmoid(2 * z) - 1


def _relu(z: Tensor) -> Tensor:
    return ops.where(z.data > 0, z, 0.0)


def _softmax(z: Tensor, *, dim: int) -> Tensor:
    e = ops.exp(z)
    return e / e.sum(dim, keepdim=True)


def _log_softmax(z: Tensor, *, dim: int) -> Tensor:
    return z - ops.log(ops.exp(z).sum(dim, keepdim=True))


def _batch_norm(
    x: Tensor, gamma: Tensor, beta: Tensor, *, mean: Any, var: Any, eps: float, training: bool
) -> Tensor:
    axes, shape = (0, *range(2, x.ndim)), (1, -1, *(1,) * (x.ndim - 2))
    mean, var = mean.reshape(shape), var.reshape(shape)
    if training:
        mean = x.mean(axes, keepdim=True)
        var = ((x - mean) ** 2).mean(axes, keepdim=True)
    x_hat = (x - mean) / (var + eps) ** 0.5
    return _scaled(x_hat, *(p if p is None else p.reshape(shape) for p in (gamma, beta)))


def _scaled(x_hat: Tensor, gamma: Tensor | None, beta: Tensor | None) -> Tensor:
    y = x_hat if gamma is None else gamma * x_hat
    return y if beta is None else y + beta


def _dropout(h: Tensor, *, m: Array, q: float) -> Tensor:
    return h * m / q


def _cross_entropy(z: Tensor, *, y: Array) -> Tensor:
    return -_log_softmax(z, dim=1)[np.arange(len(y)), y].mean()


def _windows(x: Tensor, kernel: Any, stride: Any, padding: Any, value: float = 0.0) -> Any:
    """What the kernel sees: for each row of outputs a list of patches (N, C, kh, kw)."""
    for axis, (before, after) in zip((2, 3), padding, strict=True):
        frame = [(*x.shape[:axis], n, *x.shape[axis + 1 :]) for n in (before, after)]
        first, last = (np.full(shape, value, x.dtype) for shape in frame)
        x = ops.cat([first, x, last], axis)
    places = [
        [slice(at, at + k) for at in range(0, n - k + 1, s)]
        for n, k, s in zip(x.shape[2:], kernel, stride, strict=True)
    ]
    return [[x[:, :, rows, columns] for columns in places[1]] for rows in places[0]]


def _image(rows: Any) -> Tensor:
    """Outputs (N, C), row by row → (N, C, rows, columns)"""
    return ops.stack([ops.stack(row, -1) for row in rows], -2)


def _conv2d(x: Tensor, W: Tensor, b: Tensor, *, stride: Any, padding: Any) -> Tensor:
    rows = _windows(x, W.shape[2:], stride, padding)
    return _image([[_linear(seen.flatten(1), W.flatten(1), b) for seen in row] for row in rows])


def _affine(W: Tensor, x: Tensor, b: Tensor | None) -> Tensor:
    return W @ x if b is None else W @ x + b.reshape(-1, 1)


def _rnn(
    x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor, *, phi: str, alpha: float
) -> Tensor:
    h, outputs = h0, []
    for x_t in x:
        z = _affine(U, x_t, b) + W @ h
        h = alpha * h + (1 - alpha) * (_tanh(z) if phi == "tanh" else _relu(z))
        outputs.append(h)
    return ops.stack(outputs)


def _lstm(x: Tensor, h0: Tensor, c0: Tensor, U: Tensor, W: Tensor, b: Tensor) -> Tensor:
    h, c, n, outputs = h0, c0, len(h0), []
    for x_t in x:
        z = _affine(U, x_t, b) + W @ h
        i, f, u, o = z[:n], z[n : 2 * n], z[2 * n : 3 * n], z[3 * n :]
        c = _sigmoid(f) * c + _sigmoid(i) * _tanh(u)
        h = _sigmoid(o) * _tanh(c)
        outputs.append(h)
    return ops.stack([*outputs, c])


def _gru(x: Tensor, h0: Tensor, U: Tensor, W: Tensor, b: Tensor, b_past: Tensor) -> Tensor:
    h, n, outputs = h0, len(h0), []
    for x_t in x:
        a, m = _affine(U, x_t, b), _affine(W, h, b_past)
        r, z = _sigmoid(a[:n] + m[:n]), _sigmoid(a[n : 2 * n] + m[n : 2 * n])
        h = (1 - z) * _tanh(a[2 * n :] + r * m[2 * n :]) + z * h
        outputs.append(h)
    return ops.stack(outputs)


TWINS: dict[str, Callable[..., Tensor]] = {
    f.__name__.lstrip("_"): f
    for f in (
        _linear, _sigmoid, _tanh, _relu, _softmax, _log_softmax, _cross_entropy, _batch_norm,
        _dropout, _conv2d, _rnn, _lstm, _gru,
    )
}  # fmt: skip
