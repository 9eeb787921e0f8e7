"""Losses: one number that says how wrong a prediction is. Here the two of the lectures.

A loss first gives a value per entry or per example; ``reduction`` "mean" (the default) averages
it, "sum" adds it up, "none" leaves it. ``size_average`` and ``reduce`` are PyTorch's old names for
that, accepted only at their default. The other losses: likelihood.py and robust.py; cross-entropy with
weights, smoothed labels and the like: class_loss.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib import ops
from nnlib.arguments import (
    Reduction,
    UnitInterval,
    Unsupported,
    checked,
    floats,
    same_shape,
    unchecked,
    values,
)
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.nn.activation import log_softmax
from nnlib.nn.class_loss import class_targets, weighted_nll
from nnlib.nn.module import Buffer, Module


# The lecture's form: nnlib.lecture.squared_error
@op
def _squared_error(y_hat: Array, y: Array) -> Vjps:
    d = y_hat - y
    return d * d, lambda g: 2 * d * g, lambda g: -2 * d * g


@checked
def mse_loss(
    input: Any, target: Any, size_average: Unsupported = None, reduce: Unsupported = None,
    reduction: Reduction = "mean", weight: Any = None,
) -> Tensor:  # fmt: skip
    """(ŷ − y)², the squared error; Legendre (1805), Gauss (1809)

    ``input`` and ``target`` have one shape. Raises ValueError where they differ: (N, 1) against (N,)
    would be N × N differences; TypeError where dtypes do. ``weight``, of the same shape, weighs the
    entries: the mean then divides by its sum.

    >>> mse_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    2.0
    """
    check_pair("mse_loss", input, target)
    return reduced(_squared_error(input, target), reduction, weight)


class MSELoss(Module):
    """See :func:`mse_loss`."""

    @checked
    def __init__(
        self, size_average: Unsupported = None, reduce: Unsupported = None,
        reduction: Reduction = "mean",
    ) -> None:  # fmt: skip
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Tensor:
        return unchecked(mse_loss)(input, target, reduction=self.reduction)


def check_pair(function: str, input: Any, target: Any) -> None:
    """Both hold floats of one dtype and have one shape."""
    floats(function, input=input, target=target)
    same_shape(function, input=input, target=target)


def reduced(losses: Tensor, reduction: str, weight: Any = None) -> Tensor:
    """The losses as they are, summed or averaged; by their weights if there are any."""
    if weight is not None:
        same_shape("weight", input=losses, weight=weight)
        losses = losses * weight
        if reduction == "mean":
            return ops.div(losses.sum(), ops.sum(weight))
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.mean()


# Classes as targets --------------------------------------------------------------------------


# The lecture's form: nnlib.lecture.cross_entropy
@op
def _cross_entropy(z: Array, *, y: Array) -> Vjps:
    """L = 1/N Σₙ −ln softmax(zₙ)_yₙ, with ∂L/∂z = (p − e_y) / N"""
    n = np.arange(len(z))
    shifted = z - z.max(1, keepdims=True)  # softmax(z) = softmax(z − c): nothing overflows
    e = np.exp(shifted)
    total = e.sum(1, keepdims=True)

    def dz(g: Array) -> Array:
        p: Array = e / total
        p[n, y] -= 1
        p *= g / len(n)
        return p

    return (np.log(total[:, 0]) - shifted[n, y]).sum() / len(z), dz


@checked
def cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Unsupported = None,
    ignore_index: int = -100, reduce: Unsupported = None, reduction: Reduction = "mean",
    label_smoothing: UnitInterval = 0.0,
) -> Tensor:  # fmt: skip
    """−ln softmax(z)_y, the negative log-likelihood of class y

    Shapes: input (N, C), (C,) or (N, C, d₁, …) of logits; target either integer labels, (N,), () or
    (N, d₁, …), or probabilities of input's shape. ``weight`` (C,) weighs the classes: the mean then
    divides by the sum of the weights that were used. Labels equal to ``ignore_index`` do not count.
    ``label_smoothing`` ε mixes the target with 1/C: Szegedy et al. (2016). Raises ValueError for
    labels outside 0 … C − 1 and for shapes that do not fit. As in torch.

    >>> cross_entropy(np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([0, 1])).item().__round__(4)
    0.41
    """
    z, w = floats("cross_entropy", {"weight": weight}, input=input)
    y = values("cross_entropy", "target", target)
    plain = weight is None and not label_smoothing and reduction == "mean" and ignore_index < 0
    fits = z.ndim == 2 and len(z) and y.dtype.kind in "iu" and y.shape == z.shape[:1]
    if plain and fits and ((y >= 0) & (y < z.shape[1])).all():
        return _cross_entropy(input, y=y)
    targets = class_targets("cross_entropy", z, target, w, ignore_index, label_smoothing)
    return weighted_nll(log_softmax(input, targets.dim), targets, reduction)


class CrossEntropyLoss(Module):
    """See :func:`cross_entropy`."""

    @checked
    def __init__(
        self, weight: Any = None, size_average: Unsupported = None, ignore_index: int = -100,
        reduce: Unsupported = None, reduction: Reduction = "mean",
        label_smoothing: UnitInterval = 0.0,
    ) -> None:  # fmt: skip
        self.weight = None if weight is None else Buffer(weight)
        self.ignore_index, self.reduction = ignore_index, reduction
        self.label_smoothing = label_smoothing

    def forward(self, input: Any, target: Any) -> Tensor:
        return unchecked(cross_entropy)(
            input, target, self.weight, ignore_index=self.ignore_index,
            reduction=self.reduction, label_smoothing=self.label_smoothing,
        )  # fmt: skip
