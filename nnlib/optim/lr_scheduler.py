"""Learning-rate schedules: how η changes from epoch to epoch.

A scheduler belongs to an optimizer; ``step()``, once after each epoch, sets the rate of every group.
Each schedule is a formula in the epoch t and the group's first rate η₀, so a rate that you set
yourself lasts until the next ``step()``, and two schedulers on one optimizer do not multiply, as
they would in PyTorch.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from nnlib.arguments import (
    HalfOpenUnit,
    Named,
    NonNegative,
    NonNegativeInt,
    PositiveInt,
    UnitInterval,
    Unsupported,
    checked,
    require,
)
from nnlib.engine import Tensor
from nnlib.optim.optimizer import Optimizer


class LRScheduler:
    """Base class: a subclass writes ``rate``, η as a function of η₀ and t.

    Its ``__init__`` keeps its options as attributes first. Raises TypeError where they are not
    numbers, ValueError where they are negative. As torch.optim.lr_scheduler.LRScheduler.

    >>> from nnlib import Tensor, optim
    >>> class Halved(LRScheduler):
    ...     def rate(self, initial, t):
    ...         return initial / 2**t
    >>> schedule = Halved(optim.SGD([Tensor([1.0])], lr=1.0))
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    @checked
    def __init__(self, optimizer: Optimizer, last_epoch: Unsupported = -1) -> None:
        self.optimizer, self.last_epoch = optimizer, -1
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.step()

    def rate(self, initial: float, t: int) -> float:
        """η at epoch t, in a group whose first rate η₀ is ``initial``."""
        raise NotImplementedError

    @checked
    def step(self, epoch: Unsupported = None) -> None:
        """Go on to the next epoch."""
        self.last_epoch += 1
        for group, initial in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = self.rate(initial, self.last_epoch)
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def get_last_lr(self) -> list[float]:
        """The rates that the last step set, one per group."""
        return self._last_lr

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer, under PyTorch's names."""
        return {name: value for name, value in vars(self).items() if name != "optimizer"}

    @checked
    def load_state_dict(self, state_dict: Named) -> None:
        """Go on where the scheduler that gave ``state_dict`` stood; PyTorch's will do as well.

        The rates themselves come with the optimizer's ``state_dict``. Raises ValueError where
        something is missing.
        """
        missing = sorted(set(self.state_dict()) - set(state_dict))
        if missing:
            raise ValueError(f"load_state_dict: {missing} missing for {type(self).__name__}")
        vars(self).update({name: state_dict[name] for name in self.state_dict()})


class StepLR(LRScheduler):
    """η = η₀ γ^⌊t / ``step_size``⌋: γ times less every ``step_size`` epochs

    Raises ValueError for a ``step_size`` below 1 epoch; other errors as in :class:`LRScheduler`. As
    torch.optim.lr_scheduler.StepLR.

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

    @checked
    def __init__(
        self, optimizer: Optimizer, step_size: PositiveInt, gamma: NonNegative = 0.1,
        last_epoch: Unsupported = -1,
    ) -> None:  # fmt: skip
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer)

    def rate(self, initial: float, t: int) -> float:
        return initial * self.gamma ** (t // self.step_size)


class MultiStepLR(LRScheduler):
    """η = η₀ γᵏ, with k the number of ``milestones`` (epochs) reached by t

    Raises TypeError where ``milestones`` is no list. As torch.optim.lr_scheduler.MultiStepLR.

    >>> from nnlib import Tensor, optim
    >>> schedule = MultiStepLR(optim.SGD([Tensor([1.0])], lr=1.0), milestones=[1, 5], gamma=0.5)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    @checked
    def __init__(
        self, optimizer: Optimizer, milestones: Sequence[int], gamma: NonNegative = 0.1,
        last_epoch: Unsupported = -1,
    ) -> None:  # fmt: skip
        if not isinstance(milestones, Sequence) or isinstance(milestones, str | bytes):
            raise TypeError(f"MultiStepLR: milestones must be a list of epochs, not {milestones!r}")
        for epoch in milestones:
            require(NonNegativeInt, "MultiStepLR", milestones=epoch)
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer)

    def rate(self, initial: float, t: int) -> float:
        reached = sum(times for epoch, times in self.milestones.items() if epoch <= t)
        return initial * self.gamma**reached


class ExponentialLR(LRScheduler):
    """η = η₀ γᵗ: γ times less after every epoch

    Errors as in :class:`LRScheduler`. As torch.optim.lr_scheduler.ExponentialLR.

    >>> from nnlib import Tensor, optim
    >>> schedule = ExponentialLR(optim.SGD([Tensor([1.0])], lr=1.0), gamma=0.5)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    @checked
    def __init__(
        self, optimizer: Optimizer, gamma: NonNegative, last_epoch: Unsupported = -1
    ) -> None:
        self.gamma = gamma
        super().__init__(optimizer)

    def rate(self, initial: float, t: int) -> float:
        return initial * self.gamma**t


class CosineAnnealingLR(LRScheduler):
    """η = η_min + ½ (η₀ − η_min) (1 + cos(π t / T_max)): half a wave down, then up again

    Raises ValueError for a ``T_max`` below 1 epoch; other errors as in :class:`LRScheduler`.
    Source: Loshchilov and Hutter (2017), without the restarts.

    >>> from nnlib import Tensor, optim
    >>> schedule = CosineAnnealingLR(optim.SGD([Tensor([1.0])], lr=1.0), T_max=2)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    @checked
    def __init__(
        self, optimizer: Optimizer, T_max: PositiveInt, eta_min: NonNegative = 0.0,
        last_epoch: Unsupported = -1,
    ) -> None:  # fmt: skip
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer)

    def rate(self, initial: float, t: int) -> float:
        wave = (1 + math.cos(math.pi * t / self.T_max)) / 2
        return self.eta_min + (initial - self.eta_min) * wave


class LinearLR(LRScheduler):
    """η = η₀ (a + (b − a) min(t, T) / T): from a η₀ to b η₀ in T epochs, to warm up or to cool down

    a is ``start_factor``, b ``end_factor``, T ``total_iters``. Raises ValueError for factors
    outside (0, 1] and [0, 1]; other errors as in :class:`LRScheduler`. As
    torch.optim.lr_scheduler.LinearLR.

    >>> from nnlib import Tensor, optim
    >>> schedule = LinearLR(optim.SGD([Tensor([1.0])], lr=1.0), start_factor=0.5, total_iters=2)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.75]
    """

    @checked
    def __init__(
        self, optimizer: Optimizer, start_factor: UnitInterval = 1 / 3,
        end_factor: UnitInterval = 1.0, total_iters: PositiveInt = 5, last_epoch: Unsupported = -1,
    ) -> None:  # fmt: skip
        if start_factor == 0:
            raise ValueError("LinearLR: start_factor must be above 0, or nothing is learnt")
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer)

    def rate(self, initial: float, t: int) -> float:
        a, b, T = self.start_factor, self.end_factor, self.total_iters
        return initial * (a + (b - a) * min(t, T) / T)


class ReduceLROnPlateau(LRScheduler):
    """η ← max(η · ``factor``, ``min_lr``) once a number has not improved for ``patience`` epochs

    Call ``step(number)``, with the validation loss for example. In ``mode`` "min" it improves by
    falling below the best so far, times 1 − ``threshold`` ("rel") or minus ``threshold`` ("abs");
    in "max" by rising above. After a reduction, ``cooldown`` epochs do not count. A change of η by
    less than ``eps`` is not made.

    Raises ValueError for another ``mode`` or ``threshold_mode`` and a ``factor`` from 1; other
    errors as in :class:`LRScheduler`. As torch.optim.lr_scheduler.ReduceLROnPlateau.

    >>> from nnlib import Tensor, optim
    >>> optimizer = optim.SGD([Tensor([1.0])], lr=1.0)
    >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (1.0, 0.9, 0.95, 0.95, 0.95):
    ...     schedule.step(loss)
    >>> schedule.get_last_lr()
    [0.5]
    """

    @checked
    def __init__(
        self, optimizer: Optimizer, mode: Literal["min", "max"] = "min", factor: HalfOpenUnit = 0.1,
        patience: NonNegativeInt = 10, threshold: NonNegative = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel", cooldown: NonNegativeInt = 0,
        min_lr: float | Sequence[float] = 0, eps: NonNegative = 1e-8,
    ) -> None:  # fmt: skip
        self.optimizer, n = optimizer, len(optimizer.param_groups)
        self.min_lrs = list(min_lr) if isinstance(min_lr, list | tuple) else [min_lr] * n
        if len(self.min_lrs) != n:
            message = f"min_lr has {len(self.min_lrs)} numbers for {n} groups"
            raise ValueError(f"ReduceLROnPlateau: {message}")
        for least in self.min_lrs:
            require(NonNegative, "ReduceLROnPlateau", min_lr=least)
        self.mode, self.factor, self.patience = mode, factor, patience
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.cooldown, self.eps = cooldown, eps
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

    @checked
    def step(self, metrics: Any, epoch: Unsupported = None) -> None:  # type: ignore[override]
        """Take note of this epoch's number, and reduce the rates if it is time to."""
        value = metrics.item() if isinstance(metrics, Tensor) else metrics
        require(float, "ReduceLROnPlateau", metrics=value)
        self.last_epoch += 1
        self.num_bad_epochs += 1
        if self._improves(value):
            self.best, self.num_bad_epochs = value, 0
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
                reduced = max(group["lr"] * self.factor, least)
                group["lr"] = reduced if group["lr"] - reduced > self.eps else group["lr"]
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _improves(self, value: float) -> Any:
        sign = 1 if self.mode == "max" else -1  # a loss improves as its negative rises
        if self.threshold_mode == "abs":
            return sign * value > sign * self.best + self.threshold
        return sign * value > sign * self.best * (1 + sign * self.threshold)
