"""Learning-rate schedules: how η changes from epoch to epoch.

A scheduler belongs to an optimizer; ``step()``, once after each epoch, sets the rate of every group.
Each schedule is a formula in the epoch t and the group's first rate η₀, so a rate that you set
yourself lasts until the next ``step()``, and two schedulers on one optimizer do not multiply, as
they would in PyTorch.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from nnlib.nn.checking import at_default, not_negative
from nnlib.optim.optimizer import Optimizer

__all__ = [
    "CosineAnnealingLR", "ExponentialLR", "LRScheduler", "LinearLR", "MultiStepLR",
    "ReduceLROnPlateau", "StepLR",
]  # fmt: skip


class LRScheduler:
    """Base class: a subclass writes ``rate``, η as a function of η₀ and the epoch t."""

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        _check_optimizer(self, optimizer)
        at_default(type(self).__name__, last_epoch=(last_epoch, -1))
        self.optimizer = optimizer
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = -1
        self.step()

    def rate(self, initial: float, t: int) -> float:
        raise NotImplementedError

    def step(self, epoch: None = None) -> None:
        """Go on to the next epoch."""
        at_default("step", epoch=(epoch, None))
        self.last_epoch += 1
        for group, initial in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = self.rate(initial, self.last_epoch)
        self._last_lr = _rates(self.optimizer)

    def get_last_lr(self) -> list[float]:
        """The rates that the last step set, one per group."""
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer, under PyTorch's names."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where the scheduler that gave ``state_dict`` stood; PyTorch's will do as well.

        The rates themselves come with the optimizer's ``state_dict``. Raises ValueError where
        something is missing.
        """
        missing = set(self.state_dict()) - set(state_dict)
        if missing:
            raise ValueError(
                f"load_state_dict: {sorted(missing)} missing; was this saved by another scheduler "
                f"than {type(self).__name__}?"
            )
        vars(self).update({name: state_dict[name] for name in self.state_dict()})


class StepLR(LRScheduler):
    """η = η₀ γ^⌊t / ``step_size``⌋: γ times less every ``step_size`` epochs

    >>> from nnlib import Tensor, optim
    >>> optimizer = optim.SGD([Tensor([1.0])], lr=1.0)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> rates = []
    >>> for epoch in range(5):
    ...     rates += schedule.get_last_lr()
    ...     schedule.step()
    >>> rates
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        _check_count("StepLR", step_size=step_size)
        not_negative("StepLR", gamma=gamma)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, initial: float, t: int) -> float:
        return initial * self.gamma ** (t // self.step_size)


class MultiStepLR(LRScheduler):
    """η = η₀ γᵏ, with k the number of ``milestones`` (epochs) reached by t"""

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(milestones, Iterable):
            raise TypeError(f"MultiStepLR: milestones must be a list of epochs, not {milestones!r}")
        not_negative("MultiStepLR", gamma=gamma)
        self.milestones, self.gamma = Counter(milestones), gamma
        for epoch in self.milestones:
            not_negative("MultiStepLR", milestones=epoch)
        super().__init__(optimizer, last_epoch)

    def rate(self, initial: float, t: int) -> float:
        reached = sum(times for epoch, times in self.milestones.items() if epoch <= t)
        return initial * self.gamma**reached


class ExponentialLR(LRScheduler):
    """η = η₀ γᵗ"""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        not_negative("ExponentialLR", gamma=gamma)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def rate(self, initial: float, t: int) -> float:
        return initial * self.gamma**t


class CosineAnnealingLR(LRScheduler):
    """η = η_min + ½ (η₀ − η_min) (1 + cos(π t / T_max)): half a wave down, then up again

    Source: Loshchilov and Hutter (2017), without the restarts.
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        _check_count("CosineAnnealingLR", T_max=T_max)
        not_negative("CosineAnnealingLR", eta_min=eta_min)
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def rate(self, initial: float, t: int) -> float:
        wave = (1 + math.cos(math.pi * t / self.T_max)) / 2
        return self.eta_min + (initial - self.eta_min) * wave


class LinearLR(LRScheduler):
    """η = η₀ (a + (b − a) min(t, T) / T): from a η₀ to b η₀ in T epochs, to warm up or to cool down

    a is ``start_factor``, b ``end_factor``, T ``total_iters``. Raises ValueError for factors outside
    (0, 1] and [0, 1].
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        not_negative("LinearLR", start_factor=start_factor, end_factor=end_factor)
        if not (0 < start_factor <= 1 and end_factor <= 1):
            raise ValueError(
                "LinearLR: start_factor must be in (0, 1] and end_factor in [0, 1], not "
                f"{start_factor} and {end_factor}"
            )
        _check_count("LinearLR", total_iters=total_iters)
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def rate(self, initial: float, t: int) -> float:
        a, b, T = self.start_factor, self.end_factor, self.total_iters
        return initial * (a + (b - a) * min(t, T) / T)


class ReduceLROnPlateau(LRScheduler):
    """η ← max(η · ``factor``, ``min_lr``) once a number has not improved for ``patience`` epochs

    Call ``step(number)``, with the validation loss for example. In ``mode`` "min" it improves by
    falling below the best so far, times 1 − ``threshold`` ("rel") or minus ``threshold`` ("abs"); in
    "max" by rising above. After a reduction, ``cooldown`` epochs do not count. A change of η by less
    than ``eps`` is not made.

    >>> from nnlib import Tensor, optim
    >>> optimizer = optim.SGD([Tensor([1.0])], lr=1.0)
    >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (1.0, 0.9, 0.95, 0.95, 0.95):
    ...     schedule.step(loss)
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        _check_optimizer(self, optimizer)
        name = "ReduceLROnPlateau"
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"{name}: mode must be 'min' or 'max' and threshold_mode 'rel' or 'abs', not "
                f"{mode!r} and {threshold_mode!r}"
            )
        groups = len(optimizer.param_groups)
        self.min_lrs = list(min_lr) if isinstance(min_lr, list | tuple) else [min_lr] * groups
        if len(self.min_lrs) != groups:
            raise ValueError(f"{name}: min_lr has {len(self.min_lrs)} numbers for {groups} groups")
        not_negative(
            name, patience=patience, cooldown=cooldown, threshold=threshold, eps=eps, factor=factor
        )
        if factor >= 1:
            raise ValueError(f"{name}: factor must be below 1, and it is {factor}")
        for rate in self.min_lrs:
            not_negative(name, min_lr=rate)
        self.optimizer, self.mode, self.factor, self.patience = optimizer, mode, factor, patience
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.cooldown, self.eps = cooldown, eps
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = _rates(optimizer)

    def step(self, metrics: Any, epoch: None = None) -> None:  # type: ignore[override]
        """Take note of this epoch's number, and reduce the rates if it is time to."""
        at_default("step", epoch=(epoch, None))
        value = float(metrics)
        self.last_epoch += 1
        self.num_bad_epochs += 1
        if self._improves(value):
            self.best, self.num_bad_epochs = value, 0
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = _rates(self.optimizer)

    def _improves(self, value: float) -> bool:
        sign = 1 if self.mode == "max" else -1  # a loss improves as its negative rises
        margin = self.threshold
        if self.threshold_mode == "abs":
            return sign * value > sign * self.best + margin
        return sign * value > sign * self.best * (1 + sign * margin)

    def _reduce(self) -> None:
        for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
            reduced = max(group["lr"] * self.factor, least)
            if group["lr"] - reduced > self.eps:
                group["lr"] = reduced


def _rates(optimizer: Optimizer) -> list[float]:
    return [group["lr"] for group in optimizer.param_groups]


def _check_optimizer(scheduler: LRScheduler, optimizer: Any) -> None:
    if not isinstance(optimizer, Optimizer):
        name = type(scheduler).__name__
        raise TypeError(f"{name}: optimizer must be an Optimizer, not {type(optimizer).__name__}")


def _check_count(function: str, **counts: Any) -> None:
    for name, n in counts.items():
        if not isinstance(n, int):
            raise TypeError(f"{function}: {name} must be a whole number of epochs, not {n!r}")
        if n < 1:
            raise ValueError(f"{function}: {name} must be at least 1 epoch, not {n}")
