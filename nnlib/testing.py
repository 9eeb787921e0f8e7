"""How we know that it is right: finite differences, and PyTorch.

The third way, twins composed of basic ops, is lecture.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib.arguments import FinitePositive, Function, NonNegative, Parts, checked, numbers
from nnlib.autodiff import central_differences
from nnlib.engine import Array, Tensor, no_grad
from nnlib.nn.module import Module

__all__ = ["compare_with_torch", "copy_weights", "gradcheck"]


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
            message = f"backward gives {got[at]:.6g}, finite differences {expected[at]:.6g}"
            raise AssertionError(f"gradcheck: input {i}, entry {tuple(map(int, at))}: {message}")
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
    >>> compare_with_torch(Tensor.exp, torch.exp, np.zeros(3))  # doctest: +SKIP
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
