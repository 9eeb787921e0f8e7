"""A rate of its own for every weight, by the gradients that it has seen: Adagrad, and what it became.

Adagrad remembers all gradients, RMSprop the recent ones, Adadelta the recent steps too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib.arguments import Ignored, NonNegative, UnitInterval, Unsupported, checked
from nnlib.engine import Array
from nnlib.optim.optimizer import Group, Optimizer, State, gradient_with_decay

__all__ = ["Adadelta", "Adagrad", "RMSprop"]


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

    @checked
    def __init__(
        self,
        params: Any,
        lr: NonNegative = 1e-2,
        lr_decay: NonNegative = 0,
        weight_decay: NonNegative = 0,
        initial_accumulator_value: NonNegative = 0,
        eps: NonNegative = 1e-10,
        foreach: Ignored = None,
        *,
        maximize: bool = False,
        differentiable: Unsupported = False,
        fused: Ignored = None,
    ) -> None:
        super().__init__(
            params, lr=lr, lr_decay=lr_decay, weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value, eps=eps, maximize=maximize,
        )  # fmt: skip

    def state_arrays(self, group: Group) -> dict[str, float]:
        return {"sum": group["initial_accumulator_value"]}

    def rule(self, w: Array, g: Array, state: State, group: Group) -> None:
        lr = group["lr"] / (1 + (state["step"] - 1) * group["lr_decay"])
        g, G = gradient_with_decay(w, g, group), state["sum"]
        G += g * g
        w -= lr * g / (np.sqrt(G) + group["eps"])


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

    @checked
    def __init__(
        self,
        params: Any,
        lr: NonNegative = 1e-2,
        alpha: UnitInterval = 0.99,
        eps: NonNegative = 1e-8,
        weight_decay: NonNegative = 0,
        momentum: NonNegative = 0,
        centered: bool = False,
        capturable: Ignored = False,
        foreach: Ignored = None,
        maximize: bool = False,
        differentiable: Unsupported = False,
    ) -> None:
        super().__init__(
            params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum,
            centered=centered, maximize=maximize,
        )  # fmt: skip

    def state_arrays(self, group: Group) -> dict[str, float]:
        velocity = {"momentum_buffer": 0} if group["momentum"] else {}
        mean = {"grad_avg": 0} if group["centered"] else {}
        return {"square_avg": 0, **velocity, **mean}

    def rule(self, w: Array, g: Array, state: State, group: Group) -> None:
        alpha, s = group["alpha"], state["square_avg"]
        g = gradient_with_decay(w, g, group)
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

    @checked
    def __init__(
        self,
        params: Any,
        lr: NonNegative = 1.0,
        rho: UnitInterval = 0.9,
        eps: NonNegative = 1e-6,
        weight_decay: NonNegative = 0,
        foreach: Ignored = None,
        *,
        capturable: Ignored = False,
        maximize: bool = False,
        differentiable: Unsupported = False,
    ) -> None:
        super().__init__(
            params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize
        )

    def state_arrays(self, group: Group) -> dict[str, float]:
        return {"square_avg": 0, "acc_delta": 0}

    def rule(self, w: Array, g: Array, state: State, group: Group) -> None:
        rho, eps, s, u = group["rho"], group["eps"], state["square_avg"], state["acc_delta"]
        g = gradient_with_decay(w, g, group)
        s *= rho
        s += (1 - rho) * g * g
        delta = np.sqrt(u + eps) / np.sqrt(s + eps) * g
        u *= rho
        u += (1 - rho) * delta * delta
        w -= group["lr"] * delta
