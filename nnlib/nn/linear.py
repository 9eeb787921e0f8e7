"""The neuron, and a layer of them: Z = X Wᵀ + b."""

from __future__ import annotations

import math
from typing import Any

from nnlib.arguments import (
    Device,
    Dtype,
    Generator,
    PositiveInt,
    checked,
    floats,
    shaped,
)
from nnlib.engine import Array, Tensor, Vjps, fresh_gradients, op
from nnlib.nn.activation import Heaviside
from nnlib.nn.init import uniform_weights
from nnlib.nn.module import Module, Parameter


# The lecture's form: nnlib.lecture.linear
@op
@fresh_gradients
def _linear(x: Array, W: Array, b: Array | None) -> Vjps:
    """Z = X Wᵀ + b, one example per row."""
    z = x @ W.T
    if b is not None:
        z += b
    return (
        z,
        lambda g: g @ W,  # ∂L/∂X = g W
        lambda g: g.T @ x,  # ∂L/∂W = gᵀ X
        lambda g: g.sum(0),  # ∂L/∂b = Σₙ gₙ
    )


def linear(input: Any, weight: Any, bias: Any = None) -> Tensor:
    """Z = X Wᵀ + b

    Shapes: input (…, in), weight (out, in), bias (out,) or None; the result is (…, out). Raises
    ValueError where they do not fit, TypeError where the dtypes differ.

    As torch.nn.functional.linear.

    >>> linear(Tensor([[1.0, 1.0]]), Tensor([[2.0, 2.0], [2.0, 3.0]]), Tensor([0.0, 1.0]))
    tensor([[4., 6.]])
    """
    X, W, b = floats("linear", {"bias": bias}, input=input, weight=weight)
    x, w = X.shape, W.shape
    if len(w) != 2:
        raise ValueError(f"linear: weight must be a matrix (out, in), not of shape {w}")
    if x[-1:] != w[1:]:
        message = f"input has {x[-1] if x else 'no'} features, weight expects {w[1]}"
        raise ValueError(f"linear: {message} — input is {x}, weight {w}")
    shaped("linear", w[:1], bias=b)
    if len(x) == 2:
        return _linear(input, weight, bias)
    rows = input.reshape(math.prod(x[:-1]), x[-1])
    return _linear(rows, weight, bias).reshape(*x[:-1], w[0])


class Linear(Module):
    """A layer of ``out_features`` neurons; see :func:`linear`.

    ``weight`` (out, in) and ``bias`` (out,) start from U(−1/√in, 1/√in), as in PyTorch.
    """

    @checked
    def __init__(
        self, in_features: PositiveInt, out_features: PositiveInt, bias: bool = True,
        device: Device = None, dtype: Dtype | None = None, *, generator: Generator = None,
    ) -> None:  # fmt: skip
        self.in_features, self.out_features = in_features, out_features
        shape = (out_features, in_features)
        self.weight, self.bias = uniform_weights(shape, bias, dtype, generator)

    def forward(self, input: Any) -> Tensor:
        return linear(input, self.weight, self.bias)


class Neuron(Module):
    """h = φ(⟨w, x⟩ + b): one artificial neuron; McCulloch and Pitts (1943), Rosenblatt (1958).

    Shapes: x (d,) or (N, d) → a single number or (N,). ``weight`` (d,) and ``bias`` () start as
    in :class:`Linear`; ``activation`` is any module, the Heaviside step by default.

    Raises ValueError where ``in_features`` is no whole number from 1.

    >>> neuron = Neuron(2)
    >>> neuron.weight.data, neuron.bias.data = [1.0, 1.0], -1.5  # AND
    >>> neuron(Tensor([[0.0, 1.0], [1.0, 1.0]])).data
    array([0., 1.], dtype=float32)
    """

    @checked
    def __init__(
        self, in_features: PositiveInt, activation: Module | None = None, *,
        generator: Generator = None,
    ) -> None:  # fmt: skip
        layer = Linear(in_features, 1, generator=generator)
        assert layer.bias is not None
        self.weight, self.bias = Parameter(layer.weight.data[0]), Parameter(layer.bias.data[0])
        self.activation = Heaviside() if activation is None else activation

    def preactivation(self, x: Any) -> Any:
        """z = ⟨w, x⟩ + b"""
        return x @ self.weight + self.bias

    def forward(self, x: Any) -> Any:
        return self.activation(self.preactivation(x))


class Identity(Module):
    """h = z, of any shape: does nothing, whatever it is given at construction

    As torch.nn.Identity.

    >>> Identity()(Tensor([1.0, 2.0]))
    tensor([1., 2.])
    """

    def __init__(self, *args: Any, **options: Any) -> None: ...

    def forward(self, input: Any) -> Any:
        return input
