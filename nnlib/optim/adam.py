"""Adam and its relatives: momentum, and a rate of its own for every weight."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from nnlib.arguments import HalfOpenUnit, Ignored, NonNegative, Unsupported, checked, require
from nnlib.engine import Array
from nnlib.optim.optimizer import Group, Optimizer, State, gradient_with_decay

__all__ = ["Adam", "AdamW", "NAdam"]


class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − η m̂ / (√v̂ + ε)

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) make up for the start at 0. η is ``lr``, the βs
    ``betas``, ε ``eps``. ``amsgrad`` divides by the largest v so far. ``weight_decay`` λ adds λ w to
    g, or with ``decoupled_weight_decay`` shrinks w by η λ w, as in :class:`AdamW`; ``maximize``
    climbs.

    Raises ValueError for βs outside [0, 1) and for negative numbers.

    Source: Kingma and Ba (2015); Reddi et al. (2018) for AMSGrad.

    >>> from nnlib import Tensor
    >>> w = Tensor([1.0, 1.0], requires_grad=True)
    >>> optimizer = Adam([w], lr=0.1)
    >>> (w * np.array([5.0, 0.01], np.float32)).sum().backward()
    >>> _ = optimizer.step()
    >>> w.data.round(4)  # the first step is η for every weight, whatever its gradient
    array([0.9, 0.9], dtype=float32)
    """

    @checked
    def __init__(
        self,
        params: Any,
        lr: NonNegative = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: NonNegative = 1e-8,
        weight_decay: NonNegative = 0,
        amsgrad: bool = False,
        *,
        foreach: Ignored = None,
        maximize: bool = False,
        capturable: Ignored = False,
        differentiable: Unsupported = False,
        fused: Ignored = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad,
            maximize=maximize, decoupled_weight_decay=decoupled_weight_decay,
        )  # fmt: skip

    def check(self, group: Group) -> None:
        name, betas = type(self).__name__, group["betas"]
        if not isinstance(betas, tuple | list) or len(betas) != 2:
            raise TypeError(f"{name}: betas must be two numbers, (β₁, β₂), not {betas!r}")
        for beta in betas:
            require(HalfOpenUnit, name, betas=beta)

    def state_arrays(self, group: Group) -> dict[str, float]:
        largest = {"max_exp_avg_sq": 0} if group.get("amsgrad") else {}
        return {"exp_avg": 0, "exp_avg_sq": 0, **largest}

    def averages(self, w: Array, g: Array, state: State, group: Group) -> tuple[Array, ...]:
        """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²; returned with the g that was used"""
        if group["decoupled_weight_decay"] and group["weight_decay"]:  # as in AdamW
            w *= 1 - group["lr"] * group["weight_decay"]
            group = {**group, "weight_decay": 0}
        g = gradient_with_decay(w, g, group)
        (beta1, beta2), m, v = group["betas"], state["exp_avg"], state["exp_avg_sq"]
        m *= beta1
        m += (1 - beta1) * g
        v *= beta2
        v += (1 - beta2) * g * g
        return m, v, g

    def rule(self, w: Array, g: Array, state: State, group: Group) -> None:
        lr, (beta1, beta2), eps, t = group["lr"], group["betas"], group["eps"], state["step"]
        m, v, _ = self.averages(w, g, state, group)
        if group["amsgrad"]:
            v = np.maximum(state["max_exp_avg_sq"], v, out=state["max_exp_avg_sq"])
        v_hat = v / (1 - beta2**t)
        # m_hat = m / (1 - beta1**t); w -= lr * m_hat / (np.sqrt(v_hat) + eps)
        # is the same, but fills one more array than this, where the numbers meet first:
        w -= lr / (1 - beta1**t) * m / (np.sqrt(v_hat) + eps)


class AdamW(Adam):
    """w ← w − η λ w − η m̂ / (√v̂ + ε): :class:`Adam` with a weight decay that v does not scale

    λ is ``weight_decay``. In Adam, λ w is a part of g, so that weights with large gradients decay
    less. Errors as in :class:`Adam`.

    Source: Loshchilov and Hutter (2019).

    >>> from nnlib import Tensor
    >>> w = Tensor([1.0], requires_grad=True)
    >>> optimizer = AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w * 0).sum().backward()
    >>> _ = optimizer.step()
    >>> w.data
    array([0.95], dtype=float32)
    """

    @checked
    def __init__(
        self,
        params: Any,
        lr: NonNegative = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: NonNegative = 1e-8,
        weight_decay: NonNegative = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: Ignored = None,
        capturable: Ignored = False,
        differentiable: Unsupported = False,
        fused: Ignored = None,
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad,
            maximize=maximize, decoupled_weight_decay=True,
        )  # fmt: skip

    def rule(self, w: Array, g: Array, state: State, group: Group) -> None:
        w *= 1 - group["lr"] * group["weight_decay"]  # w ← w − η λ w
        super().rule(w, g, state, {**group, "weight_decay": 0})  # and Adam's, without λ in g


class NAdam(Adam):
    """w ← w − η (μₜ₊₁ m / (1 − Πᵢ₌₁ᵗ⁺¹ μᵢ) + (1 − μₜ) g / (1 − Πᵢ₌₁ᵗ μᵢ)) / (√v̂ + ε)

    Adam that looks ahead as Nesterov's momentum does, with m and v̂ of :class:`Adam` and a momentum
    that grows: μₜ = β₁ (1 − ½ · 0.96^(t ψ)), ψ being ``momentum_decay``. Other options and errors
    as in :class:`Adam`.

    Source: Dozat (2016).

    >>> from nnlib import Tensor
    >>> w = Tensor([1.0], requires_grad=True)
    >>> optimizer = NAdam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> _ = optimizer.step()
    >>> w.data.round(4)
    array([0.8944], dtype=float32)
    """

    state_numbers = MappingProxyType({"step": 0, "mu_product": 1.0})

    @checked
    def __init__(
        self,
        params: Any,
        lr: NonNegative = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: NonNegative = 1e-8,
        weight_decay: NonNegative = 0,
        momentum_decay: NonNegative = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: Ignored = None,
        maximize: bool = False,
        capturable: Ignored = False,
        differentiable: Unsupported = False,
    ) -> None:
        Optimizer.__init__(
            self, params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay,
            momentum_decay=momentum_decay, decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
        )  # fmt: skip

    def count_step(self, state: State, group: Group) -> None:
        super().count_step(state, group)
        state["mu_product"] *= _momentum(state["step"], group)

    def rule(self, w: Array, g: Array, state: State, group: Group) -> None:
        lr, beta2, eps, t = group["lr"], group["betas"][1], group["eps"], state["step"]
        m, v, g = self.averages(w, g, state, group)
        mu, mu_next, product = _momentum(t, group), _momentum(t + 1, group), state["mu_product"]
        ahead = mu_next / (1 - product * mu_next) * m + (1 - mu) / (1 - product) * g
        w -= lr * ahead / (np.sqrt(v / (1 - beta2**t)) + eps)


def _momentum(t: int, group: Group) -> float:
    """μₜ = β₁ (1 − ½ · 0.96^(t ψ))"""
    mu: float = group["betas"][0] * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"]))
    return mu
