"""RMSprop: each gradient is divided by the size that it has had lately."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlib.engine import Array
from nnlib.nn.checking import at_default
from nnlib.optim.optimizer import Group, Optimizer, State, descent

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """s ← α s + (1 − α) g², w ← w − η g / (√s + ε)

    s averages the squares of recent gradients; η is ``lr``, α ``alpha`` (the lecture's ρ), ε
    ``eps``. ``centered`` takes √(s − ḡ²), with ḡ ← α ḡ + (1 − α) g: the spread of the gradients
    in place of their size. ``momentum`` μ keeps a velocity: v ← μ v + g / (√s + ε), w ← w − η v.
    ``weight_decay`` λ adds λ w to g; ``maximize`` climbs.

    Raises ValueError for α outside [0, 1] and for negative numbers.

    Source: Tieleman and Hinton (2012), lecture 6.5; Graves (2013) for the centered form.

    >>> from nnlib import Tensor
    >>> w = Tensor([1.0, 1.0], requires_grad=True)
    >>> optimizer = RMSprop([w], lr=0.1, alpha=0.75)
    >>> (w * np.array([5.0, 0.01], np.float32)).sum().backward()
    >>> _ = optimizer.step()
    >>> w.data.round(4)
    array([0.8, 0.8], dtype=float32)
    """

    not_negative = ("lr", "alpha", "eps", "weight_decay", "momentum")

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        at_default(
            "RMSprop", capturable=(capturable, False), foreach=(foreach, None),
            differentiable=(differentiable, False),
        )  # fmt: skip
        options = {
            "lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay,
            "momentum": momentum, "centered": centered, "maximize": maximize,
        }  # fmt: skip
        super().__init__(params, options)

    def check(self, group: Group) -> None:
        super().check(group)
        if group["alpha"] > 1:
            raise ValueError(f"RMSprop: alpha must be in [0, 1], and it is {group['alpha']}")

    def slots(self, group: Group) -> dict[str, float]:
        velocity = {"momentum_buffer": 0.0} if group["momentum"] else {}
        mean = {"grad_avg": 0.0} if group["centered"] else {}
        return {"square_avg": 0.0, **velocity, **mean}

    def rule(self, w: Array, g: Array, state: State, group: Group) -> None:
        alpha, s = group["alpha"], state["square_avg"]
        g = descent(w, g, group)
        s *= alpha
        s += (1 - alpha) * g * g
        if group["centered"]:
            mean = state["grad_avg"]
            mean *= alpha
            mean += (1 - alpha) * g
            s = s - mean * mean
        scaled = g / (np.sqrt(s) + group["eps"])
        if group["momentum"]:
            v = state["momentum_buffer"]
            v *= group["momentum"]
            v += scaled
            scaled = v
        w -= group["lr"] * scaled
