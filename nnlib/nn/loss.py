"""Losses: one number that says how wrong a prediction is. Those for classes: cross_entropy.py.

A loss first gives a value per entry or per example; ``reduction`` "mean" (the default) averages
it, "sum" adds it up, "none" leaves it. ``size_average`` and ``reduce`` are PyTorch's old names for
that, accepted only at their default.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.nn.activation import softplus
from nnlib.nn.checking import at_default, floats, not_negative, same_shape, stretches_to, values
from nnlib.nn.module import Module

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "HuberLoss", "L1Loss", "MSELoss", "PoissonNLLLoss",
    "SmoothL1Loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "huber_loss",
    "l1_loss", "mse_loss", "poisson_nll_loss", "smooth_l1_loss",
]  # fmt: skip


def _check_reduction(function: str, reduction: str, size_average: None, reduce: None) -> None:
    at_default(function, size_average=(size_average, None), reduce=(reduce, None))
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(
            f"{function}: reduction must be 'mean', 'sum' or 'none', not {reduction!r}"
        )


def _reduced(losses: Tensor, weight: Any, reduction: str) -> Tensor:
    if weight is not None:
        losses = losses * weight
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


# Numbers as targets --------------------------------------------------------------------------


@op
def _squared_error(y_hat: Array, y: Array) -> Vjps:
    d = y_hat - y
    return d * d, lambda g: 2 * d * g, lambda g: -2 * d * g


def mse_loss(
    input: Any,
    target: Any,
    size_average: None = None,
    reduce: None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Tensor:
    """(ŷ − y)², the squared error

    ``weight`` (of the target's shape) multiplies each entry's loss. Raises ValueError where the
    shapes differ: (N, 1) against (N,) would be broadcast to N × N differences.

    >>> mse_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    2.0
    """
    _check_pair("mse_loss", input, target, weight)
    _check_reduction("mse_loss", reduction, size_average, reduce)
    return _mean_weighted(_squared_error(input, target), weight, reduction)


def l1_loss(
    input: Any,
    target: Any,
    size_average: None = None,
    reduce: None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Tensor:
    """|ŷ − y|, the absolute error"""
    _check_pair("l1_loss", input, target, weight)
    _check_reduction("l1_loss", reduction, size_average, reduce)
    return _mean_weighted(ops.absolute(ops.sub(input, target)), weight, reduction)


@op
def _huber(y_hat: Array, y: Array, *, delta: float) -> Vjps:
    d = y_hat - y
    slope = np.clip(d, -delta, delta)  # its derivative: the error, but never more than ±δ
    return slope * (d - slope / 2), lambda g: slope * g, lambda g: -slope * g


def huber_loss(
    input: Any,
    target: Any,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Any = None,
) -> Tensor:
    """½ (ŷ − y)² where |ŷ − y| ≤ δ, else δ (|ŷ − y| − ½ δ); Huber (1964)

    Unlike in the other two, the mean with ``weight`` divides by the number of entries (PyTorch's
    choice).
    """
    _check_pair("huber_loss", input, target, weight)
    _check_reduction("huber_loss", reduction, None, None)
    if delta <= 0:
        raise ValueError(f"huber_loss: delta must be positive, not {delta}")
    return _reduced(_huber(input, target, delta=float(delta)), weight, reduction)


def smooth_l1_loss(
    input: Any,
    target: Any,
    size_average: None = None,
    reduce: None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """½ (ŷ − y)² / β where |ŷ − y| < β, else |ŷ − y| − ½ β: the Huber loss divided by β

    β = 0 gives :func:`l1_loss`. Girshick (2015).
    """
    _check_pair("smooth_l1_loss", input, target, None)
    _check_reduction("smooth_l1_loss", reduction, size_average, reduce)
    not_negative("smooth_l1_loss", beta=beta)
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    return _reduced(_huber(input, target, delta=float(beta)) / beta, None, reduction)


def _check_pair(function: str, input: Any, target: Any, weight: Any) -> None:
    floats(function, {"weight": weight}, input=input, target=target)
    same_shape(function, input=input, target=target)
    if weight is not None:
        same_shape(function, weight=weight, target=target)


def _mean_weighted(losses: Tensor, weight: Any, reduction: str) -> Tensor:
    """As PyTorch's mse_loss and l1_loss: a weighted mean divides by the sum of the weights."""
    if weight is None or reduction != "mean":
        return _reduced(losses, weight, reduction)
    total: Tensor = (losses * weight).sum() / ops.sum(weight)
    return total


# Yes or no as targets ------------------------------------------------------------------------


@op
def _binary_cross_entropy(p: Array, y: Array) -> Vjps:
    with np.errstate(divide="ignore"):
        log_p, log_q = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)
    return (
        -(y * log_p + (1 - y) * log_q),
        lambda g: g * (p - y) / np.maximum(p * (1 - p), 1e-12),
        lambda g: g * (log_q - log_p),
    )


def binary_cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: None = None,
    reduce: None = None,
    reduction: str = "mean",
) -> Tensor:
    """−y ln p − (1 − y) ln(1 − p), each logarithm at least −100, as in PyTorch

    ``input`` holds probabilities; raises ValueError outside [0, 1]. Prefer
    :func:`binary_cross_entropy_with_logits`, which is exact where p rounds to 0 or 1.
    """
    _check_binary("binary_cross_entropy", input, target, weight=weight)
    _check_reduction("binary_cross_entropy", reduction, size_average, reduce)
    p = values("binary_cross_entropy", "input", input)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(
            "binary_cross_entropy: input must hold probabilities in [0, 1]; it goes from "
            f"{p.min():.3g} to {p.max():.3g}. For raw scores use binary_cross_entropy_with_logits."
        )
    return _reduced(_binary_cross_entropy(input, target), weight, reduction)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: None = None,
    reduce: None = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Tensor:
    """−y ln σ(z) − (1 − y) ln(1 − σ(z)), computed as (1 − y) z + softplus(−z)

    ``input`` holds logits z; ``pos_weight`` multiplies the loss of the positive class. Exact for
    logits of any size.

    >>> z, y = np.array([1000.0, -1000.0]), np.array([1.0, 1.0])
    >>> binary_cross_entropy_with_logits(z, y, reduction="none").data
    array([   0., 1000.])
    """
    name = "binary_cross_entropy_with_logits"
    _check_binary(name, input, target, weight=weight, pos_weight=pos_weight)
    _check_reduction(name, reduction, size_average, reduce)
    missed = softplus(ops.neg(input), threshold=math.inf)  # −ln σ(z)
    if pos_weight is not None:
        missed = missed * ops.add(ops.mul(ops.sub(pos_weight, 1), target), 1)
    losses = ops.mul(ops.sub(1, target), input) + missed
    return _reduced(losses, weight, reduction)


def _check_binary(function: str, input: Any, target: Any, **weights: Any) -> None:
    """Weights may be repeated along axes of the target, so one per column will do."""
    floats(function, weights, input=input, target=target)
    same_shape(function, input=input, target=target)
    for name, weight in weights.items():
        if weight is not None:
            stretches_to(function, name, weight, values(function, "target", target).shape)


# Counts as targets ---------------------------------------------------------------------------


def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    size_average: None = None,
    eps: float = 1e-8,
    reduce: None = None,
    reduction: str = "mean",
) -> Tensor:
    """eᶻ − y z for a count y with mean eᶻ, without the term ln y! that no parameter moves

    With ``log_input=False`` the input is the mean λ itself: λ − y ln(λ + eps). ``full`` adds
    Stirling's y ln y − y + ½ ln 2πy, which stands for ln y!, where y > 1.
    """
    floats("poisson_nll_loss", input=input, target=target)
    same_shape("poisson_nll_loss", input=input, target=target)
    _check_reduction("poisson_nll_loss", reduction, size_average, reduce)
    if log_input:
        losses = ops.exp(input) - ops.mul(target, input)
    else:
        losses = ops.sub(input, ops.mul(target, ops.log(ops.add(input, eps))))
    if full:
        y = np.maximum(values("poisson_nll_loss", "target", target), 1)
        stirling = y * np.log(y) - y + 0.5 * np.log(2 * math.pi * y)
        losses = losses + np.where(y > 1, stirling, 0).astype(y.dtype)
    return _reduced(losses, None, reduction)


# Modules -------------------------------------------------------------------------------------


class _Loss(Module):
    """A module for one of the functions above, with its options."""

    function: Callable[..., Tensor]

    def __init__(self, **options: Any) -> None:
        reductions = {k: options.get(k) for k in ("size_average", "reduce")}
        _check_reduction(type(self).__name__, options["reduction"], **reductions)
        self._options = options

    def forward(self, input: Any, target: Any) -> Tensor:
        return type(self).function(input, target, **self._options)


class MSELoss(_Loss):
    """See :func:`mse_loss`."""

    function = staticmethod(mse_loss)

    def __init__(
        self, size_average: None = None, reduce: None = None, reduction: str = "mean"
    ) -> None:
        super().__init__(size_average=size_average, reduce=reduce, reduction=reduction)


class L1Loss(_Loss):
    """See :func:`l1_loss`."""

    function = staticmethod(l1_loss)

    def __init__(
        self, size_average: None = None, reduce: None = None, reduction: str = "mean"
    ) -> None:
        super().__init__(size_average=size_average, reduce=reduce, reduction=reduction)


class HuberLoss(_Loss):
    """See :func:`huber_loss`."""

    function = staticmethod(huber_loss)

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction, delta=delta)


class SmoothL1Loss(_Loss):
    """See :func:`smooth_l1_loss`."""

    function = staticmethod(smooth_l1_loss)

    def __init__(
        self,
        size_average: None = None,
        reduce: None = None,
        reduction: str = "mean",
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average=size_average, reduce=reduce, reduction=reduction, beta=beta)


class BCELoss(_Loss):
    """See :func:`binary_cross_entropy`."""

    function = staticmethod(binary_cross_entropy)

    def __init__(
        self,
        weight: Any = None,
        size_average: None = None,
        reduce: None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            weight=weight, size_average=size_average, reduce=reduce, reduction=reduction
        )


class BCEWithLogitsLoss(_Loss):
    """See :func:`binary_cross_entropy_with_logits`."""

    function = staticmethod(binary_cross_entropy_with_logits)

    def __init__(
        self,
        weight: Any = None,
        size_average: None = None,
        reduce: None = None,
        reduction: str = "mean",
        pos_weight: Any = None,
    ) -> None:
        super().__init__(
            weight=weight, size_average=size_average, reduce=reduce, reduction=reduction,
            pos_weight=pos_weight,
        )  # fmt: skip


class PoissonNLLLoss(_Loss):
    """See :func:`poisson_nll_loss`."""

    function = staticmethod(poisson_nll_loss)

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: None = None,
        eps: float = 1e-8,
        reduce: None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            log_input=log_input, full=full, size_average=size_average, eps=eps, reduce=reduce,
            reduction=reduction,
        )  # fmt: skip
