"""Adagrad: each weight's rate falls with the squares of the gradients that it has seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlib.engine import Array
from nnlib.nn.checking import at_default
from nnlib.optim.optimizer import Group, Optimizer, State, descent

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """G ← G + g², w ← w − η g / (√G + ε)

    η is ``lr`` / (1 + (t − 1) ``lr_decay``), ε ``eps``; G starts at ``initial_accumulator_value``.
    ``weight_decay`` λ adds λ w to g; ``maximize`` climbs. G only grows, so the steps shrink like
    1/√t.

    Raises ValueError for negative numbers.

    Source: Duchi et al. (2011).

    >>> from nnlib import Tensor
    >>> w = Tensor([1.0, 1.0], requires_grad=True)
    >>> optimizer = Adagrad([w], lr=0.1)
    >>> (w * np.array([5.0, 0.01], np.float32)).sum().backward()
    >>> _ = optimizer.step()
    >>> w.data.round(4)
    array([0.9, 0.9], dtype=float32)
    """

    not_negative = ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: None = None,
    ) -> None:
        at_default(
            "Adagrad", foreach=(foreach, None), differentiable=(differentiable, False),
            fused=(fused, None),
        )  # fmt: skip
        options = {
            "lr": lr, "lr_decay": lr_decay, "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value, "eps": eps,
            "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, options)

    def slots(self, group: Group) -> dict[str, float]:
        return {"sum": group["initial_accumulator_value"]}

    def rule(self, w: Array, g: Array, state: State, group: Group) -> None:
        lr = group["lr"] / (1 + (state["step"] - 1) * group["lr_decay"])
        g, G = descent(w, g, group), state["sum"]
        G += g * g
        w -= lr * g / (np.sqrt(G) + group["eps"])
