"""Losses: one number that says how wrong a prediction is. Those for classes: cross_entropy.py.

A loss first gives a value per entry or per example; ``reduction`` "mean" (the default) averages
it, "sum" adds it up, "none" leaves it. ``size_average`` and ``reduce`` are PyTorch's old names for
that, accepted only at their default.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.nn.activation import softplus
from nnlib.nn.checking import check_options, floats, not_negative, same_shape, stretches_to, values
from nnlib.nn.module import Functional

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "HuberLoss", "L1Loss", "MSELoss", "PoissonNLLLoss",
    "SmoothL1Loss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "huber_loss",
    "l1_loss", "mse_loss", "poisson_nll_loss", "smooth_l1_loss",
]  # fmt: skip


def _check(function: str, arguments: Mapping[str, Any], repeated: bool = False) -> None:
    """Input and target are alike, and so are weights; ``repeated``, one per column will do."""
    check_options(function, arguments)
    x, y = arguments["input"], arguments["target"]
    weights = {k: arguments[k] for k in ("weight", "pos_weight") if k in arguments}
    floats(function, weights, input=x, target=y)
    same_shape(function, input=x, target=y)
    for name, weight in weights.items():
        if weight is not None and repeated:
            stretches_to(function, name, weight, x.shape)
        elif weight is not None:
            same_shape(function, **{name: weight, "target": y})


def _reduced(losses: Tensor, reduction: str, weight: Any = None, by_weight: bool = False) -> Tensor:
    """The losses, times their weights, as they are, summed or averaged.

    The average divides by the number of losses or, ``by_weight``, by the sum of the weights: PyTorch
    does one here, the other there.
    """
    if weight is not None:
        losses = losses * weight
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    return losses.mean() if weight is None or not by_weight else losses.sum() / ops.sum(weight)


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
    _check("mse_loss", locals())
    return _reduced(_squared_error(input, target), reduction, weight, by_weight=True)


def l1_loss(
    input: Any,
    target: Any,
    size_average: None = None,
    reduce: None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Tensor:
    """|ŷ − y|, the absolute error"""
    _check("l1_loss", locals())
    return _reduced(ops.absolute(ops.sub(input, target)), reduction, weight, by_weight=True)


@op
def _huber(y_hat: Array, y: Array, *, delta: float) -> Vjps:
    d = y_hat - y
    slope = np.clip(d, -delta, delta)  # its derivative: the error, but never more than ±δ
    return slope * (d - slope / 2), lambda g: slope * g, lambda g: -slope * g


def huber_loss(
    input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None
) -> Tensor:
    """½ (ŷ − y)² where |ŷ − y| ≤ δ, else δ (|ŷ − y| − ½ δ); Huber (1964)

    Unlike in the other two, the mean with ``weight`` divides by the number of entries (PyTorch's
    choice).
    """
    _check("huber_loss", locals())
    if delta <= 0:
        raise ValueError(f"huber_loss: delta must be positive, not {delta}")
    return _reduced(_huber(input, target, delta=float(delta)), reduction, weight)


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
    _check("smooth_l1_loss", locals())
    not_negative("smooth_l1_loss", beta=beta)
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    return _reduced(_huber(input, target, delta=float(beta)) / beta, reduction)


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
    _check("binary_cross_entropy", locals(), repeated=True)
    p = values("binary_cross_entropy", "input", input)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(
            "binary_cross_entropy: input must hold probabilities in [0, 1]; it goes from "
            f"{p.min():.3g} to {p.max():.3g}. For raw scores use binary_cross_entropy_with_logits."
        )
    return _reduced(_binary_cross_entropy(input, target), reduction, weight)


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
    _check("binary_cross_entropy_with_logits", locals(), repeated=True)
    missed = softplus(ops.neg(input), threshold=math.inf)  # −ln σ(z)
    if pos_weight is not None:
        missed = missed * ops.add(ops.mul(ops.sub(pos_weight, 1), target), 1)
    losses = ops.mul(ops.sub(1, target), input) + missed
    return _reduced(losses, reduction, weight)


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
    _check("poisson_nll_loss", locals())
    if log_input:
        losses = ops.exp(input) - ops.mul(target, input)
    else:
        losses = ops.sub(input, ops.mul(target, ops.log(ops.add(input, eps))))
    if full:
        y = np.maximum(values("poisson_nll_loss", "target", target), 1)
        stirling = y * np.log(y) - y + 0.5 * np.log(2 * math.pi * y)
        losses = losses + np.where(y > 1, stirling, 0).astype(y.dtype)
    return _reduced(losses, reduction)


# Modules -------------------------------------------------------------------------------------


class Loss(Functional):
    """A module for one of the functions above; its options do not show in ``repr``, as in PyTorch."""

    def extra_repr(self) -> str:
        return ""


class MSELoss(Loss, of=mse_loss, options="size_average reduce reduction"):
    """See :func:`mse_loss`."""


class L1Loss(Loss, of=l1_loss, options="size_average reduce reduction"):
    """See :func:`l1_loss`."""


class HuberLoss(Loss, of=huber_loss, options="reduction delta"):
    """See :func:`huber_loss`."""


class SmoothL1Loss(Loss, of=smooth_l1_loss):
    """See :func:`smooth_l1_loss`."""


class BCELoss(Loss, of=binary_cross_entropy):
    """See :func:`binary_cross_entropy`."""


class BCEWithLogitsLoss(Loss, of=binary_cross_entropy_with_logits):
    """See :func:`binary_cross_entropy_with_logits`."""


class PoissonNLLLoss(Loss, of=poisson_nll_loss):
    """See :func:`poisson_nll_loss`."""
