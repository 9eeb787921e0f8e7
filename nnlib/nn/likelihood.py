"""Negative log-likelihoods: of a yes or no, of a class, of a count."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlib import ops, special
from nnlib.arguments import Reduction, Unsupported, checked, floats, same_shape, values
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.entrywise import xlogy
from nnlib.nn.class_loss import class_targets, weighted_nll
from nnlib.nn.loss import check_pair, reduced
from nnlib.nn.module import Buffer, Module
from nnlib.nn.rectifiers import log_sigma

# Yes or no -----------------------------------------------------------------------------------


# The lecture's form: nnlib.lecture.binary_cross_entropy_with_logits
@op
def _binary_cross_entropy_with_logits(z: Array, y: Array, w: Array | None) -> Vjps:
    """(1 − y) z − (1 + (w − 1) y) ln σ(z)"""
    w = np.ones((), z.dtype) if w is None else w
    log_p, log_q = log_sigma(z), log_sigma(-z)  # ln σ(z) and ln(1 − σ(z))
    return (
        (1 - y) * z - (1 + (w - 1) * y) * log_p,
        lambda g: g * ((1 - y + w * y) * special.sigmoid(z) - w * y),
        lambda g: g * (log_q - w * log_p),
        lambda g: -g * y * log_p,
    )


@checked
def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, size_average: Unsupported = None,
    reduce: Unsupported = None, reduction: Reduction = "mean", pos_weight: Any = None,
) -> Tensor:  # fmt: skip
    """−y ln σ(z) − (1 − y) ln(1 − σ(z)), computed as (1 − y) z − ln σ(z)

    ``input`` holds logits z, ``target`` y has the same shape; ``weight`` and ``pos_weight``, for
    the positive class, may be repeated to fill it. Errors as in :func:`mse_loss`. As in torch.

    >>> z, y = np.array([1000.0, -1000.0]), np.array([1.0, 1.0])
    >>> binary_cross_entropy_with_logits(z, y, reduction="none").data
    array([   0., 1000.])
    """
    weights = {"weight": weight, "pos_weight": pos_weight}
    _check_weights("binary_cross_entropy_with_logits", input, target, **weights)
    losses = _binary_cross_entropy_with_logits(input, target, pos_weight)
    return reduced(losses if weight is None else losses * weight, reduction)


class BCEWithLogitsLoss(Module):
    """See :func:`binary_cross_entropy_with_logits`."""

    @checked
    def __init__(
        self, weight: Any = None, size_average: Unsupported = None, reduce: Unsupported = None,
        reduction: Reduction = "mean", pos_weight: Any = None,
    ) -> None:  # fmt: skip
        self.reduction = reduction
        self.weight = None if weight is None else Buffer(weight)
        self.pos_weight = None if pos_weight is None else Buffer(pos_weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        return binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


# The lecture's form: nnlib.lecture.binary_cross_entropy
@op
def _binary_cross_entropy(p: Array, y: Array) -> Vjps:
    with np.errstate(divide="ignore"):
        log_p, log_q = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)
    return (
        -(y * log_p + (1 - y) * log_q),
        lambda g: g * (p - y) / np.maximum(p * (1 - p), 1e-12),
        lambda g: g * (log_q - log_p),
    )


@checked
def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Unsupported = None,
    reduce: Unsupported = None, reduction: Reduction = "mean",
) -> Tensor:  # fmt: skip
    """−y ln p − (1 − y) ln(1 − p), each logarithm at least −100, as in PyTorch

    ``input`` holds probabilities p. Shapes as in :func:`binary_cross_entropy_with_logits`, which is
    exact for any p. Raises ValueError where they do not fit, and for p outside [0, 1].

    >>> binary_cross_entropy(np.array([0.0]), np.array([1.0])).item()
    100.0
    """
    _check_weights("binary_cross_entropy", input, target, weight=weight)
    p = values("binary_cross_entropy", "input", input)
    if not ((p >= 0) & (p <= 1)).all():
        message = f"must hold probabilities in [0, 1]; it goes from {p.min():.3g} to {p.max():.3g}"
        logits = "for raw scores use binary_cross_entropy_with_logits"
        raise ValueError(f"binary_cross_entropy: input {message}; {logits}")
    losses = _binary_cross_entropy(input, target)
    return reduced(losses if weight is None else losses * weight, reduction)


class BCELoss(Module):
    """See :func:`binary_cross_entropy`."""

    @checked
    def __init__(
        self, weight: Any = None, size_average: Unsupported = None, reduce: Unsupported = None,
        reduction: Reduction = "mean",
    ) -> None:  # fmt: skip
        self.weight = None if weight is None else Buffer(weight)
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Tensor:
        return binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


def _check_weights(function: str, input: Any, target: Any, **weights: Any) -> None:
    """Input and target are of one shape, to which the weights can be repeated."""
    floats(function, weights, input=input, target=target)
    same_shape(function, input=input, target=target)
    for name, weight in weights.items():
        if weight is not None and not _stretches(weight.shape, input.shape):
            message = f"{name} has shape {weight.shape}, which does not fit {input.shape}"
            raise ValueError(f"{function}: {message}")


def _stretches(own: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether an array of shape ``own``, repeated, fills ``shape``."""
    pairs = zip(reversed(own), reversed(shape), strict=False)
    return len(own) <= len(shape) and all(n in (1, m) for n, m in pairs)


# Classes, counts -----------------------------------------------------------------------------


@checked
def nll_loss(
    input: Any, target: Any, weight: Any = None, size_average: Unsupported = None,
    ignore_index: int = -100, reduce: Unsupported = None, reduction: Reduction = "mean",
) -> Tensor:  # fmt: skip
    """−(ln p)_y: ``input`` holds log-probabilities, ``target`` integer labels

    Raises TypeError for others; shapes and other errors as in :func:`cross_entropy`. As in torch.

    >>> nll_loss(np.log([[0.5, 0.5], [0.2, 0.8]]), np.array([0, 1]), reduction="none").data.round(4)
    array([0.6931, 0.2231])
    """
    logp, w = floats("nll_loss", {"weight": weight}, input=input)
    if values("nll_loss", "target", target).dtype.kind == "f":
        raise TypeError("nll_loss: target must hold integer labels, not floats")
    return weighted_nll(input, class_targets("nll_loss", logp, target, w, ignore_index), reduction)


class NLLLoss(Module):
    """See :func:`nll_loss`."""

    @checked
    def __init__(
        self, weight: Any = None, size_average: Unsupported = None, ignore_index: int = -100,
        reduce: Unsupported = None, reduction: Reduction = "mean",
    ) -> None:  # fmt: skip
        self.weight = None if weight is None else Buffer(weight)
        self.ignore_index, self.reduction = ignore_index, reduction

    def forward(self, input: Any, target: Any) -> Tensor:
        return nll_loss(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction
        )


@checked
def poisson_nll_loss(
    input: Any, target: Any, log_input: bool = True, full: bool = False,
    size_average: Unsupported = None, eps: float = 1e-8, reduce: Unsupported = None,
    reduction: Reduction = "mean",
) -> Tensor:  # fmt: skip
    """eᶻ − y z for a count y with mean eᶻ, without the term ln y! that no parameter moves

    Unless ``log_input``, ``input`` is the mean μ itself: μ − y ln(μ + ε), ε being ``eps``. With ``full``,
    Stirling's y ln y − y + ½ ln(2π y) stands for ln y! where y > 1. Shapes and errors as in
    :func:`mse_loss`. As in torch.

    >>> poisson_nll_loss(np.array([0.0]), np.array([3.0])).item()
    1.0
    """
    check_pair("poisson_nll_loss", input, target)
    if log_input:
        losses = ops.exp(input) - ops.mul(target, input)
    else:
        losses = ops.sub(input, ops.mul(target, ops.log(ops.add(input, eps))))
    if full:
        large = values("poisson_nll_loss", "target", target) > 1
        stirling = xlogy(target, target) - target + 0.5 * xlogy(1, ops.mul(target, 2 * math.pi))
        losses = losses + ops.where(large, stirling, 0.0)
    return reduced(losses, reduction)


class PoissonNLLLoss(Module):
    """See :func:`poisson_nll_loss`."""

    @checked
    def __init__(
        self, log_input: bool = True, full: bool = False,
        size_average: Unsupported = None, eps: float = 1e-8, reduce: Unsupported = None,
        reduction: Reduction = "mean",
    ) -> None:  # fmt: skip
        self.log_input, self.full, self.eps, self.reduction = log_input, full, eps, reduction

    def forward(self, input: Any, target: Any) -> Tensor:
        return poisson_nll_loss(
            input, target, self.log_input, self.full, eps=self.eps, reduction=self.reduction
        )
