"""Learning-rate schedules: how η changes from epoch to epoch.

A scheduler belongs to an optimizer; ``step()``, once after each epoch, sets the rate of every group.
Most say how η follows from the rate before, so that two schedulers on one optimizer multiply, one
made late starts from the rate as it is, and a rate that you set yourself is gone on from: as in
PyTorch. η₀ is a group's first rate, also that of a group added later; t is the epoch, from 0.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal

from nnlib.arguments import (
    FiniteNonNegative,
    FinitePositive,
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
from nnlib.optim.optimizer import Group, Optimizer

Phase = dict[str, Any]


class LRScheduler:
    """Base class: a subclass writes ``rate``, η at epoch t from the one before, or ``get_lr``.

    Its ``__init__`` keeps its options as attributes first. Raises TypeError where they are not
    numbers, ValueError where they are negative. As torch.optim.lr_scheduler.LRScheduler.

    >>> from nnlib import Tensor, optim
    >>> class Halved(LRScheduler):
    ...     def rate(self, lr, initial, t):
    ...         return lr / 2 if t > 0 else lr
    >>> schedule = Halved(optim.SGD([Tensor([1.0])], lr=1.0))
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    @checked
    def __init__(self, optimizer: Optimizer, last_epoch: Unsupported = -1) -> None:
        self.optimizer, self.last_epoch = optimizer, -1
        self.base_lrs: list[float] = []
        self.step()

    def rate(self, lr: float, initial: float, t: int) -> float:
        """η at epoch t of a group whose rate is ``lr`` until now, and was ``initial`` at first."""
        raise NotImplementedError(f"{type(self).__name__} must write rate() or get_lr()")

    def get_lr(self) -> list[float]:
        """The rates of epoch ``last_epoch``, one per group."""
        pairs = zip(self.optimizer.param_groups, self.base_lrs, strict=True)
        return [self.rate(group["lr"], initial, self.last_epoch) for group, initial in pairs]

    @checked
    def step(self, epoch: Unsupported = None) -> None:
        """Go on to the next epoch."""
        self.last_epoch += 1
        self._set_rates()

    def _set_rates(self) -> None:
        for group in self.optimizer.param_groups[len(self.base_lrs) :]:  # all, or those added since
            group.setdefault("initial_lr", group["lr"])
            self.base_lrs.append(group["initial_lr"])
        self._last_lr = self.get_lr()
        for group, lr in zip(self.optimizer.param_groups, self._last_lr, strict=True):
            group["lr"] = lr

    def _begin(self) -> None:
        """Epoch 0, in a :class:`SequentialLR` that has come to this scheduler."""
        if type(self).get_lr is LRScheduler.get_lr:  # else the rates follow from t alone
            for group, initial in zip(self.optimizer.param_groups, self.base_lrs, strict=False):
                group["lr"] = initial
        self.last_epoch = -1
        self.step()

    def _undo(self) -> None:
        """Take back the first step, for a :class:`SequentialLR` that begins by itself."""
        self.last_epoch -= 1

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


_LRScheduler = LRScheduler  # its name in older scripts


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

    def rate(self, lr: float, initial: float, t: int) -> float:
        return lr * self.gamma if t > 0 and t % self.step_size == 0 else lr


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

    def rate(self, lr: float, initial: float, t: int) -> float:
        return lr * self.gamma ** self.milestones.get(t, 0)


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

    def rate(self, lr: float, initial: float, t: int) -> float:
        return lr * self.gamma if t > 0 else lr


class PolynomialLR(LRScheduler):
    """η = η₀ (1 − min(t, T) / T)ᵖ: down to 0 in T epochs

    T is ``total_iters``, p ``power``. Errors as in :class:`LRScheduler`. As
    torch.optim.lr_scheduler.PolynomialLR.

    >>> from nnlib import Tensor, optim
    >>> schedule = PolynomialLR(optim.SGD([Tensor([1.0])], lr=1.0), total_iters=4)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.75]
    """

    @checked
    def __init__(
        self, optimizer: Optimizer, total_iters: PositiveInt = 5, power: NonNegative = 1.0,
        last_epoch: Unsupported = -1,
    ) -> None:  # fmt: skip
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer)

    def rate(self, lr: float, initial: float, t: int) -> float:
        T = self.total_iters
        return lr * ((1 - t / T) / (1 - (t - 1) / T)) ** self.power if 0 < t <= T else lr


class LambdaLR(LRScheduler):
    """η = η₀ λ(t), with the function λ that you give

    ``lr_lambda`` is one function, or a list of one per group; the last holds for groups added
    later. Other schedulers' factors are lost: η follows from t alone. Raises TypeError for what is
    no function, ValueError for another number of them. As torch.optim.lr_scheduler.LambdaLR.

    >>> from nnlib import Tensor, optim
    >>> schedule = LambdaLR(optim.SGD([Tensor([1.0])], lr=1.0), lambda t: 1 / (1 + t))
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    @checked
    def __init__(
        self, optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | list[Callable[[int], float]],
        last_epoch: Unsupported = -1,
    ) -> None:  # fmt: skip
        self.lr_lambdas = _per_group("LambdaLR", optimizer, "functions", lr_lambda=lr_lambda)
        if not all(map(callable, self.lr_lambdas)):
            raise TypeError(f"LambdaLR: lr_lambda must be a function of t, not {lr_lambda!r:.60}")
        super().__init__(optimizer)

    def get_lr(self) -> list[float]:
        return self._times(self.base_lrs)

    def _times(self, rates: list[float]) -> list[float]:
        given = self.lr_lambdas
        functions = [*given, *given[-1:] * (len(rates) - len(given))]
        pairs = zip(rates, functions, strict=True)
        return [lr * function(self.last_epoch) for lr, function in pairs]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer; of the functions, the attributes of those that have some."""
        kept = [dict(getattr(f, "__dict__", {})) or None for f in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": kept}

    @checked
    def load_state_dict(self, state_dict: Named) -> None:
        """Go on where the scheduler that gave ``state_dict`` stood, with the functions given here."""
        functions = self.lr_lambdas
        super().load_state_dict(state_dict)
        self.lr_lambdas = functions
        for function, kept in zip(functions, state_dict["lr_lambdas"], strict=True):
            if kept:
                vars(function).update(kept)


class MultiplicativeLR(LambdaLR):
    """η ← η λ(t) at every epoch t from 1, with the function λ that you give

    Arguments and errors as in :class:`LambdaLR`. As torch.optim.lr_scheduler.MultiplicativeLR.

    >>> from nnlib import Tensor, optim
    >>> schedule = MultiplicativeLR(optim.SGD([Tensor([1.0])], lr=1.0), lambda t: 0.5)
    >>> schedule.step()
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def get_lr(self) -> list[float]:
        now = [group["lr"] for group in self.optimizer.param_groups]
        return now if self.last_epoch == 0 else self._times(now)


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

    def rate(self, lr: float, initial: float, t: int) -> float:
        least, T = self.eta_min, self.T_max
        if t == 0:
            return lr
        if (t - 1) % (2 * T) == T:  # from the lowest point nothing can be scaled up again
            return lr + (initial - least) * (1 - math.cos(math.pi / T)) / 2
        wave, before = (1 + math.cos(math.pi * i / T) for i in (t, t - 1))
        return least + (lr - least) * wave / before


class CosineAnnealingWarmRestarts(LRScheduler):
    """η = η_min + ½ (η₀ − η_min) (1 + cos(π T_cur / T_i)): half waves down, and back to η₀ at once

    T_cur counts the epochs since the last restart; the first wave takes T_i = ``T_0`` epochs, each
    later one ``T_mult`` times as many. ``step(epoch)`` takes parts of epochs too. Raises ValueError
    for a ``T_0`` or ``T_mult`` below 1; other errors as in :class:`LRScheduler`.
    Source: Loshchilov and Hutter (2017).

    >>> from nnlib import Tensor, optim
    >>> schedule = CosineAnnealingWarmRestarts(optim.SGD([Tensor([1.0])], lr=1.0), T_0=2)
    >>> for epoch in (0, 1, 2):
    ...     schedule.step(epoch)
    ...     print(schedule.get_last_lr())
    [1.0]
    [0.5]
    [1.0]
    """

    @checked
    def __init__(
        self, optimizer: Optimizer, T_0: PositiveInt, T_mult: PositiveInt = 1,
        eta_min: NonNegative = 0.0, last_epoch: Unsupported = -1,
    ) -> None:  # fmt: skip
        self.T_0 = self.T_i = T_0
        self.T_mult, self.eta_min, self.T_cur = T_mult, eta_min, -1.0
        super().__init__(optimizer)

    @checked
    def step(self, epoch: FiniteNonNegative | None = None) -> None:
        """Go on to the next epoch, or to this one."""
        if self.last_epoch < 0 or epoch is not None:
            self.last_epoch, self.T_cur, self.T_i = math.floor(epoch or 0), epoch or 0, self.T_0
        else:
            self.last_epoch += 1
            self.T_cur += 1
        while self.T_cur >= self.T_i:
            self.T_cur -= self.T_i
            self.T_i *= self.T_mult
        self._set_rates()

    def get_lr(self) -> list[float]:
        wave = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (initial - self.eta_min) * wave for initial in self.base_lrs]


class OneCycleLR(LRScheduler):
    """η from η_max / ``div_factor`` up to η_max, and down to η_max / (``div_factor`` · ``final_div_factor``)

    η_max is ``max_lr``, one for all groups or a list. Call ``step()`` after every batch:
    ``total_steps`` of them, or ``epochs`` times ``steps_per_epoch``, of which the share ``pct_start``
    go up. With ``three_phase``, as many go back down to the first rate before the last part.
    ``anneal_strategy`` "cos" follows half a wave, "linear" a line. ``cycle_momentum`` moves the
    momentum, or Adam's β₁, the other way: from ``max_momentum`` to ``base_momentum`` and back.

    Raises ValueError without a number of steps, for more steps than that, and where there is no
    momentum to cycle; other errors as in :class:`LRScheduler`. Source: Smith and Topin (2018).

    >>> from nnlib import Tensor, optim
    >>> optimizer = optim.SGD([Tensor([1.0])], lr=1.0, momentum=0.9)
    >>> schedule = OneCycleLR(optimizer, max_lr=1.0, total_steps=10, pct_start=0.2)
    >>> schedule.step()
    >>> schedule.get_last_lr(), optimizer.param_groups[0]["momentum"]
    ([1.0], 0.85)
    """

    @checked
    def __init__(
        self, optimizer: Optimizer, max_lr: float | list[float],
        total_steps: PositiveInt | None = None, epochs: PositiveInt | None = None,
        steps_per_epoch: PositiveInt | None = None, pct_start: UnitInterval = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos", cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85, max_momentum: float | list[float] = 0.95,
        div_factor: FinitePositive = 25.0, final_div_factor: FinitePositive = 1e4,
        three_phase: bool = False, last_epoch: Unsupported = -1,
    ) -> None:  # fmt: skip
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch")
        self.total_steps = total_steps or (epochs or 0) * (steps_per_epoch or 0)
        self._anneal_func_type, self.cycle_momentum = anneal_strategy, cycle_momentum
        self.use_beta1 = _cycles_beta1("OneCycleLR", optimizer, cycle_momentum)
        given: dict[str, Any] = {
            "max_lr": max_lr,
            "base_momentum": base_momentum,
            "max_momentum": max_momentum,
        }
        for name, numbers in given.items():
            each = _per_group("OneCycleLR", optimizer, **{name: numbers})
            for group, number in zip(optimizer.param_groups, each, strict=True):
                require(NonNegative, "OneCycleLR", **{name: number})
                group[name] = number
        for group in optimizer.param_groups:
            group["initial_lr"] = group["max_lr"] / div_factor
            group["min_lr"] = group["initial_lr"] / final_div_factor
        self._schedule_phases = _phases(self.total_steps, pct_start, three_phase)
        super().__init__(optimizer)

    def get_lr(self) -> list[float]:
        t, groups = self.last_epoch, self.optimizer.param_groups
        if t > self.total_steps:
            raise ValueError(f"OneCycleLR: step {t} of total_steps={self.total_steps}")
        if any("max_lr" not in group for group in groups):
            raise ValueError("OneCycleLR: a group was added later; make a new schedule for all")
        ends = [phase["end_step"] for phase in self._schedule_phases]
        number = min(bisect_left(ends, t), len(ends) - 1)
        phase, begin = self._schedule_phases[number], ends[number - 1] if number else 0
        share = (t - begin) / (ends[number] - begin)
        for group in groups if self.cycle_momentum else ():
            momentum = self._between(group, phase, "momentum", share)
            _set_momentum(group, momentum, self.use_beta1)
        return [self._between(group, phase, "lr", share) for group in groups]

    def _between(self, group: Group, phase: Phase, name: str, share: float) -> float:
        start, end = group[phase[f"start_{name}"]], group[phase[f"end_{name}"]]
        if self._anneal_func_type == "cos":
            share = (1 - math.cos(math.pi * share)) / 2
        return float(start + (end - start) * share)


def _cycles_beta1(scheduler: str, optimizer: Optimizer, cycle_momentum: bool) -> bool:
    """Whether β₁ stands for the momentum; raises where there is neither, but one is to be cycled."""
    if cycle_momentum and not {"momentum", "betas"} & set(optimizer.defaults):
        kind = type(optimizer).__name__
        raise ValueError(f"{scheduler}: {kind} has no momentum; say cycle_momentum=False")
    return "betas" in optimizer.defaults


def _set_momentum(group: Group, momentum: float, beta1: bool) -> None:
    if beta1:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


def _phases(total: int, up: float, three: bool) -> list[Phase]:
    """The last step of each part of the cycle, and from which number of a group to which it leads."""
    top = up * total - 1
    rows: list[tuple[Any, ...]] = [(top, "initial_lr", "max_lr", "max_momentum", "base_momentum")]
    if three:
        rows.append((2 * top, "max_lr", "initial_lr", "base_momentum", "max_momentum"))
        rows.append((total - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"))
    else:
        rows.append((total - 1, "max_lr", "min_lr", "base_momentum", "max_momentum"))
    names = ("end_step", "start_lr", "end_lr", "start_momentum", "end_momentum")
    return [dict(zip(names, row, strict=True)) for row in rows]


class CyclicLR(LRScheduler):
    """η from ``base_lr`` up to ``max_lr`` and back, again and again

    Call ``step()`` after every batch: ``step_size_up`` of them go up, ``step_size_down`` (as many by
    default) down. ``mode`` "triangular2" halves the height with every cycle, "exp_range" takes it times
    γᵗ; ``scale_fn`` gives another factor, of the cycle's number or, with ``scale_mode`` "iterations",
    of t. ``cycle_momentum`` moves the momentum, or Adam's β₁, the other way.

    Raises ValueError where there is no momentum to cycle; other errors as in :class:`LRScheduler`.
    Source: Smith (2017).

    >>> from nnlib import Tensor, optim
    >>> optimizer = optim.SGD([Tensor([1.0])], lr=1.0, momentum=0.9)
    >>> schedule = CyclicLR(optimizer, base_lr=0.0, max_lr=1.0, step_size_up=2)
    >>> rates = []
    >>> for batch in range(5):
    ...     rates += schedule.get_last_lr()
    ...     schedule.step()
    >>> rates
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """

    @checked
    def __init__(
        self, optimizer: Optimizer, base_lr: float | list[float], max_lr: float | list[float],
        step_size_up: PositiveInt = 2000, step_size_down: PositiveInt | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: NonNegative = 1.0, scale_fn: Callable[[Any], float] | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle", cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8, max_momentum: float | list[float] = 0.9,
        last_epoch: Unsupported = -1,
    ) -> None:  # fmt: skip
        self.total_size = float(step_size_up + (step_size_down or step_size_up))
        self.step_ratio = step_size_up / self.total_size
        self.mode, self.gamma, self._scale_fn_custom = mode, gamma, scale_fn
        self.scale_mode = "iterations" if scale_fn is None and mode == "exp_range" else scale_mode
        self.cycle_momentum = cycle_momentum
        self.max_lrs = _per_group("CyclicLR", optimizer, max_lr=max_lr)
        if cycle_momentum:
            self.use_beta1 = _cycles_beta1("CyclicLR", optimizer, True)
            self.base_momentums = _per_group("CyclicLR", optimizer, base_momentum=base_momentum)
            self.max_momentums = _per_group("CyclicLR", optimizer, max_momentum=max_momentum)
        lows = _per_group("CyclicLR", optimizer, base_lr=base_lr)
        for group, low, high in zip(optimizer.param_groups, lows, self.max_lrs, strict=True):
            require(NonNegative, "CyclicLR", base_lr=low, max_lr=high)
            group["lr"] = low
        super().__init__(optimizer)
        self.base_lrs = lows

    def get_lr(self) -> list[float]:
        if len(self.optimizer.param_groups) != len(self.max_lrs):
            raise ValueError("CyclicLR: a group was added later; make a new schedule for all")
        cycle, place = divmod(self.last_epoch, self.total_size)
        x, up = place / self.total_size, self.step_ratio
        t = self.last_epoch if self.scale_mode == "iterations" else cycle + 1
        height = (x / up if x <= up else (1 - x) / (1 - up)) * self._scale(t)
        if self.cycle_momentum:
            ends = zip(self.max_momentums, self.base_momentums, strict=True)
            for group, (high, low) in zip(self.optimizer.param_groups, ends, strict=True):
                _set_momentum(group, high - (high - low) * height, self.use_beta1)
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height for low, high in pairs]

    def _scale(self, t: float) -> float:
        """What the height of a cycle is taken times."""
        if self._scale_fn_custom is not None:
            return float(self._scale_fn_custom(t))
        factors: dict[str, float] = {
            "triangular": 1.0,
            "triangular2": 2.0 ** (1 - t),
            "exp_range": float(self.gamma**t),
        }
        return factors[self.mode]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer and a function of your own, which is given anew."""
        return super().state_dict() | {"_scale_fn_custom": None}

    def load_state_dict(self, state_dict: Named) -> None:
        super().load_state_dict({**state_dict, "_scale_fn_custom": self._scale_fn_custom})


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

    def rate(self, lr: float, initial: float, t: int) -> float:
        a, b, T = self.start_factor, self.end_factor, self.total_iters
        if t == 0:
            return lr * a
        return lr * (1 + (b - a) / (T * a + (t - 1) * (b - a))) if t <= T else lr


class ConstantLR(LRScheduler):
    """η = η₀ c for T epochs, then η₀

    c is ``factor``, T ``total_iters``. Raises ValueError for a factor outside (0, 1]; other errors
    as in :class:`LRScheduler`. As torch.optim.lr_scheduler.ConstantLR.

    >>> from nnlib import Tensor, optim
    >>> schedule = ConstantLR(optim.SGD([Tensor([1.0])], lr=1.0), factor=0.5, total_iters=1)
    >>> schedule.get_last_lr()
    [0.5]
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [1.0]
    """

    @checked
    def __init__(
        self, optimizer: Optimizer, factor: UnitInterval = 1 / 3, total_iters: PositiveInt = 5,
        last_epoch: Unsupported = -1,
    ) -> None:  # fmt: skip
        if factor == 0:
            raise ValueError("ConstantLR: factor must be above 0, or it cannot be taken back")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer)

    def rate(self, lr: float, initial: float, t: int) -> float:
        if t == 0:
            return lr * self.factor
        return lr * (1 / self.factor) if t == self.total_iters else lr


class _Several(LRScheduler):
    """Schedulers of one optimizer, of which each step moves one or all."""

    def _take(self, schedulers: Any, optimizer: Optimizer | None) -> None:
        name, self._schedulers = type(self).__name__, list(schedulers)
        for scheduler in self._schedulers:
            require(LRScheduler, name, schedulers=scheduler)
            if isinstance(scheduler, ReduceLROnPlateau):
                message = "ReduceLROnPlateau needs a number at every step: step it by itself"
                raise ValueError(f"{name}: {message}")  # noqa: TRY004 - as PyTorch does
        if not self._schedulers:
            raise ValueError(f"{name}: schedulers is empty")
        self.optimizer = optimizer or self._schedulers[0].optimizer
        if any(scheduler.optimizer is not self.optimizer for scheduler in self._schedulers):
            raise ValueError(f"{name}: all schedulers must belong to one optimizer")

    def _undo(self) -> None:
        for scheduler in self._schedulers:
            scheduler._undo()

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer, under PyTorch's names."""
        return {**super().state_dict(), "_schedulers": [s.state_dict() for s in self._schedulers]}

    @checked
    def load_state_dict(self, state_dict: Named) -> None:
        """Go on where the scheduler that gave ``state_dict`` stood; errors as in LRScheduler's."""
        own = self._schedulers
        super().load_state_dict(state_dict)
        self._schedulers = own
        for scheduler, state in zip(own, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(state)


class SequentialLR(_Several):
    """One scheduler after the other: the next one begins, at its epoch 0, at each of ``milestones``

    Raises ValueError unless there is one scheduler more than milestones, and all belong to
    ``optimizer``, TypeError for what is no scheduler. As torch.optim.lr_scheduler.SequentialLR.

    >>> from nnlib import Tensor, optim
    >>> optimizer = optim.SGD([Tensor([1.0])], lr=1.0)
    >>> warm_up, decay = ConstantLR(optimizer, 0.5), ExponentialLR(optimizer, 0.9)
    >>> schedule = SequentialLR(optimizer, [warm_up, decay], milestones=[2])
    >>> rates = []
    >>> for epoch in range(4):
    ...     rates += schedule.get_last_lr()
    ...     schedule.step()
    >>> rates
    [0.5, 0.5, 1.0, 0.9]
    """

    @checked
    def __init__(
        self, optimizer: Optimizer, schedulers: list[LRScheduler], milestones: list[int],
        last_epoch: Unsupported = -1,
    ) -> None:  # fmt: skip
        self._take(schedulers, optimizer)
        self._milestones, self.last_epoch = list(milestones), -1
        if any(isinstance(scheduler, _Several) for scheduler in self._schedulers[1:]):
            raise ValueError("SequentialLR: one that is made of several can only be the first")
        if len(self._milestones) != len(self._schedulers) - 1:
            message = f"{len(self._schedulers)} schedulers need one milestone less"
            raise ValueError(f"SequentialLR: {message}, not {milestones}")
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        self._undo()  # each has taken its first step when it was made
        self.step()

    @checked
    def step(self, epoch: Unsupported = None) -> None:
        """Go on to the next epoch."""
        self.last_epoch += 1
        number = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[number]
        if number and self._milestones[number - 1] == self.last_epoch:
            scheduler._begin()
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


class ChainedScheduler(_Several):
    """All ``schedulers`` at once: their factors multiply

    Raises ValueError where they belong to several optimizers, TypeError for what is no scheduler.
    As torch.optim.lr_scheduler.ChainedScheduler.

    >>> from nnlib import Tensor, optim
    >>> optimizer = optim.SGD([Tensor([1.0])], lr=1.0)
    >>> schedule = ChainedScheduler([ExponentialLR(optimizer, 0.5), StepLR(optimizer, 1, 0.5)])
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    @checked
    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        self._take(schedulers, optimizer)
        self._last_lr = self._schedulers[-1].get_last_lr()

    @checked
    def step(self, epoch: Unsupported = None) -> None:
        """Go on to the next epoch."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


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
        self.optimizer = optimizer
        self.min_lrs = _per_group("ReduceLROnPlateau", optimizer, min_lr=min_lr)
        self.default_min_lr = None if isinstance(min_lr, list | tuple) else min_lr
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
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _reduce(self) -> None:
        given = self.min_lrs if self.default_min_lr is None else self.default_min_lr
        self.min_lrs = _per_group("ReduceLROnPlateau", self.optimizer, min_lr=given)
        for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=True):
            reduced = max(group["lr"] * self.factor, least)
            group["lr"] = reduced if group["lr"] - reduced > self.eps else group["lr"]

    def _improves(self, value: float) -> Any:
        sign = 1 if self.mode == "max" else -1  # a loss improves as its negative rises
        if self.threshold_mode == "abs":
            return sign * value > sign * self.best + self.threshold
        return sign * value > sign * self.best * (1 + sign * self.threshold)


def _per_group(
    function: str, optimizer: Optimizer, kind: str = "numbers", **option: Any
) -> list[Any]:
    """One value of the option per group: given as a list, or as one for all."""
    ((name, given),) = option.items()
    n = len(optimizer.param_groups)
    values = list(given) if isinstance(given, list | tuple) else [given] * n
    if len(values) != n:
        raise ValueError(f"{function}: {name} has {len(values)} {kind} for {n} groups")
    return values
