"""Adadelta: steps in the units of the weights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlib.engine import Array
from nnlib.nn.checking import at_default
from nnlib.optim.optimizer import Group, Optimizer, State, descent

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    """s ← ρ s + (1 − ρ) g², Δ = √(u + ε) / √(s + ε) · g, u ← ρ u + (1 − ρ) Δ², w ← w − η Δ

    s averages the squares of recent gradients, u those of recent steps; so Δ has the units of w.
    η is ``lr``, ρ ``rho``, ε ``eps``. ``weight_decay`` λ adds λ w to g; ``maximize`` climbs.

    Raises ValueError for ρ outside [0, 1] and for negative numbers.

    Source: Zeiler (2012).

    >>> from nnlib import Tensor
    >>> w = Tensor([1.0], requires_grad=True)
    >>> optimizer = Adadelta([w], lr=1.0, rho=0.75, eps=0.01)
    >>> (w * w).sum().backward()
    >>> _ = optimizer.step()
    >>> w.data.round(4)
    array([0.801], dtype=float32)
    """

    not_negative = ("lr", "rho", "eps", "weight_decay")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        at_default(
            "Adadelta", foreach=(foreach, None), capturable=(capturable, False),
            differentiable=(differentiable, False),
        )  # fmt: skip
        options = {
            "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, options)

    def check(self, group: Group) -> None:
        super().check(group)
        if group["rho"] > 1:
            raise ValueError(f"Adadelta: rho must be in [0, 1], and it is {group['rho']}")

    def slots(self, group: Group) -> dict[str, float]:
        return {"square_avg": 0, "acc_delta": 0}

    def rule(self, w: Array, g: Array, state: State, group: Group) -> None:
        rho, eps, s, u = group["rho"], group["eps"], state["square_avg"], state["acc_delta"]
        g = descent(w, g, group)
        s *= rho
        s += (1 - rho) * g * g
        delta = np.sqrt(u + eps) / np.sqrt(s + eps) * g
        u *= rho
        u += (1 - rho) * delta * delta
        w -= group["lr"] * delta
