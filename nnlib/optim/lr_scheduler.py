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
from typing import TYPE_CHECKING, Any

from nnlib.nn.checking import at_default, not_negative
from nnlib.optim.optimizer import REQUIRED, Optimizer, arguments, signature, table

EPOCHS = {"step_size", "T_max", "total_iters"}  # options that are whole numbers from 1


class LRScheduler:
    """Base class: a subclass lists its ``options`` and writes ``rate``, η as a function of η₀ and t.

    The options become attributes. Raises TypeError where they are not numbers, ValueError where
    they are negative. As torch.optim.lr_scheduler.LRScheduler.

    >>> from nnlib import Tensor, optim
    >>> class Halved(LRScheduler):
    ...     def rate(self, initial, t):
    ...         return initial / 2**t
    >>> schedule = Halved(optim.SGD([Tensor([1.0])], lr=1.0))
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    options = table(last_epoch=-1)
    __signature__ = signature(optimizer=REQUIRED, last_epoch=-1)

    if TYPE_CHECKING:

        def __getattr__(self, option: str) -> Any: ...

    def __init_subclass__(cls) -> None:
        cls.__signature__ = signature(optimizer=REQUIRED, **cls.options)

    def __init__(self, optimizer: Optimizer, *args: Any, **options: Any) -> None:
        self._take(optimizer, *args, **options)
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = -1
        self.step()

    def _take(self, *args: Any, **options: Any) -> None:
        name = type(self).__name__
        vars(self).update(arguments(self, *args, **options))
        if not isinstance(self.optimizer, Optimizer):
            kind = type(self.optimizer).__name__
            raise TypeError(f"{name}: optimizer must be an Optimizer, not {kind}")
        for option, default in self.options.items():
            value = getattr(self, option)
            if option == "last_epoch":
                at_default(name, last_epoch=(value, -1))
            elif not isinstance(default, str):
                for number in value if isinstance(value, Counter | list | tuple) else [value]:
                    not_negative(name, **{option: number})
            if option in EPOCHS and not isinstance(value, int):
                raise TypeError(f"{name}: {option} must be a whole number of epochs, not {value!r}")
            if option in EPOCHS and value < 1:
                raise ValueError(f"{name}: {option} must be at least 1 epoch, not {value}")

    def rate(self, initial: float, t: int) -> Any:
        raise NotImplementedError

    def step(self, epoch: None = None) -> None:
        """Go on to the next epoch."""
        at_default("step", epoch=(epoch, None))
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

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where the scheduler that gave ``state_dict`` stood; PyTorch's will do as well.

        The rates themselves come with the optimizer's ``state_dict``. Raises ValueError where
        something is missing.
        """
        missing = sorted(set(self.state_dict()) - set(state_dict))
        if missing:
            words = f"{missing} missing; was this saved by another scheduler than"
            raise ValueError(f"load_state_dict: {words} {type(self).__name__}?")
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

    options = table(step_size=REQUIRED, gamma=0.1, last_epoch=-1)

    def rate(self, initial: float, t: int) -> Any:
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

    options = table(milestones=REQUIRED, gamma=0.1, last_epoch=-1)

    def _take(self, optimizer: Any, milestones: Any, *args: Any, **options: Any) -> None:
        if not isinstance(milestones, Iterable):
            raise TypeError(f"MultiStepLR: milestones must be a list of epochs, not {milestones!r}")
        super()._take(optimizer, Counter(milestones), *args, **options)

    def rate(self, initial: float, t: int) -> Any:
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

    options = table(gamma=REQUIRED, last_epoch=-1)

    def rate(self, initial: float, t: int) -> Any:
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

    options = table(T_max=REQUIRED, eta_min=0.0, last_epoch=-1)

    def rate(self, initial: float, t: int) -> Any:
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

    options = table(start_factor=1 / 3, end_factor=1.0, total_iters=5, last_epoch=-1)

    def _take(self, *args: Any, **options: Any) -> None:
        super()._take(*args, **options)
        a, b = self.start_factor, self.end_factor
        if not (0 < a <= 1 and b <= 1):
            words = f"start_factor must be in (0, 1] and end_factor in [0, 1], not {a} and {b}"
            raise ValueError(f"LinearLR: {words}")

    def rate(self, initial: float, t: int) -> Any:
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

    options = table(
        mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0,
        min_lr=0, eps=1e-8,
    )  # fmt: skip

    def __init__(self, optimizer: Optimizer, *args: Any, **options: Any) -> None:
        self._take(optimizer, *args, **options)
        mode, measure, n = self.mode, self.threshold_mode, len(optimizer.param_groups)
        if mode not in ("min", "max") or measure not in ("rel", "abs"):
            words = "mode must be 'min' or 'max' and threshold_mode 'rel' or 'abs', not"
            raise ValueError(f"ReduceLROnPlateau: {words} {mode!r} and {measure!r}")
        if self.factor >= 1:
            raise ValueError(f"ReduceLROnPlateau: factor must be below 1, and it is {self.factor}")
        least = vars(self).pop("min_lr")
        self.min_lrs = list(least) if isinstance(least, list | tuple) else [least] * n
        if len(self.min_lrs) != n:
            given = len(self.min_lrs)
            raise ValueError(f"ReduceLROnPlateau: min_lr has {given} numbers for {n} groups")
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = [group["lr"] for group in optimizer.param_groups]

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
