"""The residual block: h = x + F(x)."""

from __future__ import annotations

from typing import Any

from nnlib import ops
from nnlib.arguments import checked, same_shape
from nnlib.engine import Tensor
from nnlib.nn.module import Module


class Residual(Module):
    """h = x + F(x), with ∂h/∂x = I + ∂F/∂x: the gradient always has the identity as one way back

    ``branch`` is F, any module whose output has the shape of its input, any shape. Raises ValueError
    where it has another one.

    Many blocks in a row let activations grow without bound unless F starts small or holds a
    normalization. Source: He et al. (2016).

    >>> from nnlib import nn
    >>> block = Residual(nn.Linear(2, 2))
    >>> block.branch.weight.data, block.branch.bias.data = [[0, 0], [0, 0]], [0, 0]
    >>> block(Tensor([[1.0, 2.0]])).data
    array([[1., 2.]], dtype=float32)
    """

    @checked
    def __init__(self, branch: Module) -> None:
        self.branch = branch

    def forward(self, x: Any) -> Tensor:
        change = self.branch(x)
        same_shape("Residual", input=x, branch=change)
        return ops.add(x, change)
