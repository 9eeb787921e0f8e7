"""Losses that outliers move less than the squared error: they grow no faster than |ŷ − y|.

``input`` ŷ and ``target`` y have one shape; each loss raises ValueError where these differ, TypeError
where dtypes do.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib import ops
from nnlib.arguments import Positive, Reduction, Unsupported, checked
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.nn.loss import check_pair, reduced
from nnlib.nn.module import Module


@checked
def l1_loss(
    input: Any, target: Any, size_average: Unsupported = None, reduce: Unsupported = None,
    reduction: Reduction = "mean", weight: Unsupported = None,
) -> Tensor:  # fmt: skip
    """|ŷ − y|, the absolute error; as in torch

    >>> l1_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    1.0
    """
    check_pair("l1_loss", input, target)
    return reduced(ops.absolute(ops.sub(input, target)), reduction)


class L1Loss(Module):
    """See :func:`l1_loss`."""

    @checked
    def __init__(
        self, size_average: Unsupported = None, reduce: Unsupported = None,
        reduction: Reduction = "mean",
    ) -> None:  # fmt: skip
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Tensor:
        return l1_loss(input, target, reduction=self.reduction)


# The lecture's form: nnlib.lecture.huber
@op
def _huber(y_hat: Array, y: Array, *, delta: float) -> Vjps:
    d = y_hat - y
    slope = np.clip(d, -delta, delta)  # its derivative: the error, but never more than ±δ
    # = ½ d² where |d| ≤ δ, for there slope = d; δ (|d| − ½ δ) outside, for there slope = ±δ
    return slope * (d - slope / 2), lambda g: slope * g, lambda g: -slope * g


@checked
def huber_loss(
    input: Any, target: Any, reduction: Reduction = "mean", delta: Positive = 1.0,
    weight: Unsupported = None,
) -> Tensor:  # fmt: skip
    """½ (ŷ − y)² where |ŷ − y| ≤ δ, else δ (|ŷ − y| − ½ δ); Huber (1964)

    Raises ValueError where shapes differ or δ is not positive.

    >>> huber_loss(np.array([0.0]), np.array([3.0])).item()
    2.5
    """
    check_pair("huber_loss", input, target)
    return reduced(_huber(input, target, delta=delta), reduction)


class HuberLoss(Module):
    """See :func:`huber_loss`."""

    @checked
    def __init__(self, reduction: Reduction = "mean", delta: Positive = 1.0) -> None:
        self.reduction, self.delta = reduction, delta

    def forward(self, input: Any, target: Any) -> Tensor:
        return huber_loss(input, target, self.reduction, self.delta)


@checked
def smooth_l1_loss(
    input: Any, target: Any, size_average: Unsupported = None, reduce: Unsupported = None,
    reduction: Reduction = "mean", beta: Positive = 1.0,
) -> Tensor:  # fmt: skip
    """½ (ŷ − y)² / β where |ŷ − y| < β, else |ŷ − y| − ½ β: the Huber loss divided by β

    Girshick (2015).

    >>> smooth_l1_loss(np.array([0.0]), np.array([3.0]), beta=2.0).item()
    2.0
    """
    check_pair("smooth_l1_loss", input, target)
    return reduced(_huber(input, target, delta=beta) / beta, reduction)


class SmoothL1Loss(Module):
    """See :func:`smooth_l1_loss`."""

    @checked
    def __init__(
        self, size_average: Unsupported = None, reduce: Unsupported = None,
        reduction: Reduction = "mean", beta: Positive = 1.0,
    ) -> None:  # fmt: skip
        self.reduction, self.beta = reduction, beta

    def forward(self, input: Any, target: Any) -> Tensor:
        return smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)
