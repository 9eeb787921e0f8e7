"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from typing import Any

from nnlib.arguments import Ignored, NonNegative, Unsupported, checked
from nnlib.engine import Array
from nnlib.optim.optimizer import Group, Optimizer, State, gradient_with_decay

__all__ = ["SGD"]


class SGD(Optimizer):
    """b ← μ b + (1 − τ) g, w ← w − η b

    η is ``lr``, μ ``momentum``, τ ``dampening`` (not at the first step, as in PyTorch).
    ``weight_decay`` λ adds λ w to g; ``nesterov`` takes g + μ b in place of b; ``maximize`` climbs.

    Raises ValueError for negative numbers, and for ``nesterov`` without momentum or with dampening.

    Source: Robbins and Monro (1951); Polyak (1964); Sutskever et al. (2013) for this Nesterov form.

    >>> from nnlib import Tensor
    >>> w = Tensor([1.0], requires_grad=True)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> _ = optimizer.step()
    >>> w.data
    array([0.8], dtype=float32)
    """

    @checked
    def __init__(
        self, params: Any, lr: NonNegative = 1e-3, momentum: NonNegative = 0,
        dampening: NonNegative = 0, weight_decay: NonNegative = 0, nesterov: bool = False, *,
        maximize: bool = False, foreach: Ignored = None, differentiable: Unsupported = False,
        fused: Ignored = None,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay,
            nesterov=nesterov, maximize=maximize,
        )  # fmt: skip

    def check(self, group: Group) -> None:
        if group["nesterov"] and (not group["momentum"] or group["dampening"]):
            raise ValueError("SGD: nesterov needs a momentum and no dampening")

    def state_arrays(self, group: Group) -> dict[str, float]:
        return {"momentum_buffer": 0} if group["momentum"] else {}

    def rule(self, w: Array, g: Array, state: State, group: Group) -> None:
        lr, mu, tau = group["lr"], group["momentum"], group["dampening"]
        step = g = gradient_with_decay(w, g, group)
        if mu:
            b = state["momentum_buffer"]
            b *= mu
            b += g if not tau or state["step"] == 1 else (1 - tau) * g
            step = g + mu * b if group["nesterov"] else b
        w -= lr * step
