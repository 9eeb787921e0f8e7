"""Cross-entropy in general: targets that are labels or probabilities, smoothed, weighted, left out.

cross_entropy (loss.py) comes here with all but its plain form, nll_loss (likelihood.py) always.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from nnlib import ops
from nnlib.arguments import shaped, values
from nnlib.engine import Array, Tensor, Vjps, op


class Targets(NamedTuple):
    """Probabilities of the logits' shape, times the weights of their classes."""

    t: Any
    dim: int  # the axis of classes
    divisor: float  # what a mean divides by: how many examples count, by their weights


def class_targets(
    function: str, z: Array, target: Any, weight: Array | None, ignored: int, smoothing: float = 0.0
) -> Targets:
    """The ``target`` of logits, or log-probabilities, z: labels of z's shape without its classes, or
    probabilities of z's shape.
    """
    y, dim = values(function, "target", target), min(1, z.ndim - 1)
    classes = z.shape[dim] if z.ndim else 0
    if classes == 0:
        raise ValueError(f"{function}: input has shape {z.shape}: no classes")
    shaped(function, (classes,), weight=weight)
    _check_shape(function, y, z.shape, (*z.shape[:dim], *z.shape[dim + 1 :]))
    along = (classes, *(1,) * (z.ndim - dim - 1))  # the shape of what each class has its own of
    if y.dtype.kind == "f":
        divisor = y.size // classes
        t: Any = ops.astype(target, dtype=z.dtype) * (1 - smoothing) + smoothing / classes
    else:
        counted = y != ignored
        labels = y[counted]
        outside = labels[(labels < 0) | (labels >= classes)]
        if outside.size:
            message = f"with {classes} classes labels go from 0 to {classes - 1}"
            raise ValueError(f"{function}: target holds {outside[0]}, but {message}")
        divisor = len(labels) if weight is None else weight[labels].sum()
        one_hot = np.expand_dims(y, dim) == np.arange(classes).reshape(along)
        t = one_hot.astype(z.dtype) * (1 - smoothing) + smoothing / classes
        t *= np.expand_dims(counted, dim)
    return Targets(t if weight is None else t * weight.reshape(along), dim, divisor)


def _check_shape(function: str, y: Array, z: tuple[int, ...], labels: tuple[int, ...]) -> None:
    if y.dtype.kind not in "iuf":
        message = f"target must hold integer labels or probabilities, not {y.dtype}"
        raise TypeError(f"{function}: {message}")
    if y.shape != (z if y.dtype.kind == "f" else labels):
        message = f"labels must be integers of shape {labels}, probabilities floats of shape {z}"
        raise ValueError(f"{function}: target holds {y.dtype} of shape {y.shape}, but {message}")


# The lecture's form: nnlib.lecture.nll
@op
def _nll(logp: Array, t: Array, *, dim: int) -> Vjps:
    """Lₙ = −Σ꜀ tₙ꜀ ln pₙ꜀ with 0 · ln 0 = 0: what cannot be is no fault where it is not wanted."""
    losses = -np.multiply(t, logp, where=t != 0, out=np.zeros_like(logp)).sum(dim, keepdims=True)
    return losses, lambda g: g * -t, lambda g: g * -logp


def weighted_nll(logp: Any, targets: Targets, reduction: str) -> Tensor:
    """−Σ꜀ t꜀ ln p꜀ for each example; their mean is over those that count, by their weights."""
    t, dim, divisor = targets
    losses = _nll(logp, t, dim=dim).reshape(*logp.shape[:dim], *logp.shape[dim + 1 :])
    if reduction == "none":
        return losses
    total = losses.sum()
    if reduction == "sum":
        return total
    return total * (1 / divisor) if divisor else total + math.nan  # 0 / 0, but no NaN in gradients
