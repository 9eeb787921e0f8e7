"""Losses: one number that says how wrong a prediction is.

A loss first gives a value per entry or per example; ``reduction`` "mean" (the default) averages
it, "sum" adds it up, "none" leaves it. ``size_average`` and ``reduce`` are PyTorch's old names for
that, accepted only at their default.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.arguments import (
    Positive,
    Reduction,
    UnitInterval,
    as_in_torch,
    floats,
    same_shape,
    shaped,
    values,
)
from nnlib.engine import _FUSED_IN, Array, Tensor, Vjps, op
from nnlib.nn.activation import log_softmax, softplus
from nnlib.nn.module import Functional


def _check(function: str, input: Any, target: Any, **weights: Any) -> None:
    """Input and target are of one shape, to which the weights can be repeated."""
    floats(function, weights, input=input, target=target)
    same_shape(function, input=input, target=target)
    for name, weight in weights.items():
        if weight is not None and not _stretches(weight.shape, input.shape):
            words = f"{name} has shape {weight.shape}, which does not fit {input.shape}"
            raise ValueError(f"{function}: {words}")


def _stretches(own: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether an array of shape ``own``, repeated, fills ``shape``."""
    pairs = zip(reversed(own), reversed(shape), strict=False)
    return len(own) <= len(shape) and all(n in (1, m) for n, m in pairs)


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    """The losses as they are, summed or averaged."""
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.mean()


# Numbers as targets --------------------------------------------------------------------------


@op
def _squared_error(y_hat: Array, y: Array) -> Vjps:
    d = y_hat - y
    return d * d, lambda g: 2 * d * g, lambda g: -2 * d * g


@as_in_torch("input target size_average reduce reduction weight")
def mse_loss(input: Any, target: Any, reduction: Reduction = "mean") -> Tensor:
    """(ŷ − y)², the squared error; Legendre (1805), Gauss (1809)

    ``input`` and ``target`` have one shape. Raises ValueError where they differ: (N, 1) against (N,)
    would be N × N differences; TypeError where dtypes do. ``weight`` is left out.

    >>> mse_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    2.0
    """
    _check("mse_loss", input, target)
    return _reduced(_squared_error(input, target), reduction)


@as_in_torch("input target size_average reduce reduction weight")
def l1_loss(input: Any, target: Any, reduction: Reduction = "mean") -> Tensor:
    """|ŷ − y|, the absolute error. Shapes and errors as in :func:`mse_loss`. As in torch.

    >>> l1_loss(np.array([1.0, 2.0]), np.array([1.0, 4.0])).item()
    1.0
    """
    _check("l1_loss", input, target)
    return _reduced(ops.absolute(ops.sub(input, target)), reduction)


@op
def _huber(y_hat: Array, y: Array, *, delta: float) -> Vjps:
    d = y_hat - y
    slope = np.clip(d, -delta, delta)  # its derivative: the error, but never more than ±δ
    return slope * (d - slope / 2), lambda g: slope * g, lambda g: -slope * g


@as_in_torch("input target reduction delta weight")
def huber_loss(
    input: Any, target: Any, reduction: Reduction = "mean", delta: Positive = 1.0
) -> Tensor:
    """½ (ŷ − y)² where |ŷ − y| ≤ δ, else δ (|ŷ − y| − ½ δ); Huber (1964)

    Shapes as in :func:`mse_loss`. Raises ValueError where they differ or δ is not positive.

    >>> huber_loss(np.array([0.0]), np.array([3.0])).item()
    2.5
    """
    _check("huber_loss", input, target)
    return _reduced(_huber(input, target, delta=delta), reduction)


@as_in_torch("input target size_average reduce reduction beta")
def smooth_l1_loss(
    input: Any, target: Any, reduction: Reduction = "mean", beta: Positive = 1.0
) -> Tensor:
    """½ (ŷ − y)² / β where |ŷ − y| < β, else |ŷ − y| − ½ β: the Huber loss divided by β

    Shapes and errors as in :func:`mse_loss`. Girshick (2015).

    >>> smooth_l1_loss(np.array([0.0]), np.array([3.0]), beta=2.0).item()
    2.0
    """
    _check("smooth_l1_loss", input, target)
    return _reduced(_huber(input, target, delta=beta) / beta, reduction)


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


@as_in_torch("input target weight size_average reduce reduction")
def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, reduction: Reduction = "mean"
) -> Tensor:
    """−y ln p − (1 − y) ln(1 − p), each logarithm at least −100, as in PyTorch

    ``input`` holds probabilities p. Shapes as in :func:`binary_cross_entropy_with_logits`, which is
    exact for any p. Raises ValueError where they do not fit, and for p outside [0, 1].

    >>> binary_cross_entropy(np.array([0.0]), np.array([1.0])).item()
    100.0
    """
    _check("binary_cross_entropy", input, target, weight=weight)
    p = values("binary_cross_entropy", "input", input)
    if not ((p >= 0) & (p <= 1)).all():
        words = f"must hold probabilities in [0, 1]; it goes from {p.min():.3g} to {p.max():.3g}"
        logits = "for raw scores use binary_cross_entropy_with_logits"
        raise ValueError(f"binary_cross_entropy: input {words}; {logits}")
    losses = _binary_cross_entropy(input, target)
    return _reduced(losses if weight is None else losses * weight, reduction)


@as_in_torch("input target weight size_average reduce reduction pos_weight")
def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    reduction: Reduction = "mean",
    pos_weight: Any = None,
) -> Tensor:
    """−y ln σ(z) − (1 − y) ln(1 − σ(z)), computed as (1 − y) z + softplus(−z)

    ``input`` holds logits z, ``target`` y has the same shape; ``weight`` and ``pos_weight``, for
    the positive class, may be repeated to fill it. Errors as in :func:`mse_loss`. As in torch.

    >>> z, y = np.array([1000.0, -1000.0]), np.array([1.0, 1.0])
    >>> binary_cross_entropy_with_logits(z, y, reduction="none").data
    array([   0., 1000.])
    """
    name, weights = "binary_cross_entropy_with_logits", {"weight": weight, "pos_weight": pos_weight}
    _check(name, input, target, **weights)
    missed = softplus(ops.neg(input), threshold=math.inf)  # −ln σ(z)
    if pos_weight is not None:
        missed = missed * ops.add(ops.mul(ops.sub(pos_weight, 1), target), 1)
    losses = ops.mul(ops.sub(1, target), input) + missed
    return _reduced(losses if weight is None else losses * weight, reduction)


@as_in_torch("input target log_input full size_average eps reduce reduction")
def poisson_nll_loss(input: Any, target: Any, reduction: Reduction = "mean") -> Tensor:
    """eᶻ − y z for a count y with mean eᶻ, without the term ln y! that no parameter moves

    Shapes and errors as in :func:`mse_loss`. As in torch, where ``log_input``, ``full`` and ``eps``
    are left out.

    >>> poisson_nll_loss(np.array([0.0]), np.array([3.0])).item()
    1.0
    """
    _check("poisson_nll_loss", input, target)
    return _reduced(ops.exp(input) - ops.mul(target, input), reduction)


# Classes as targets --------------------------------------------------------------------------


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


_FUSED_IN |= {"softmax": "cross_entropy", "log_softmax": "cross_entropy"}


@op
def _nll(logp: Array, t: Array, *, dim: int) -> Vjps:
    """Lₙ = −Σ꜀ tₙ꜀ ln pₙ꜀ with 0 · ln 0 = 0: what cannot be is no fault where it is not wanted."""
    losses = -np.multiply(t, logp, where=t != 0, out=np.zeros_like(logp)).sum(dim, keepdims=True)
    return losses, lambda g: g * -t, lambda g: g * -logp


@as_in_torch("input target weight size_average ignore_index reduce reduction label_smoothing")
def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: UnitInterval = 0.0,
) -> Tensor:
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
    _check_shapes("cross_entropy", z.shape, y, w)
    logp = log_softmax(input, dim=min(1, z.ndim - 1))
    return _class_loss("cross_entropy", logp, target, w, ignore_index, reduction, label_smoothing)


@as_in_torch("input target weight size_average ignore_index reduce reduction")
def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> Tensor:
    """−(ln p)_y: ``input`` holds log-probabilities, ``target`` integer labels

    Raises TypeError for others; shapes and other errors as in :func:`cross_entropy`. As in torch.

    >>> nll_loss(np.log([[0.5, 0.5], [0.2, 0.8]]), np.array([0, 1]), reduction="none").data.round(4)
    array([0.6931, 0.2231])
    """
    logp, w = floats("nll_loss", {"weight": weight}, input=input)
    y = values("nll_loss", "target", target)
    if y.dtype.kind == "f":
        raise TypeError("nll_loss: target must hold integer labels, not floats")
    _check_shapes("nll_loss", logp.shape, y, w)
    return _class_loss("nll_loss", input, target, w, ignore_index, reduction, 0.0)


def _class_loss(
    name: str, logp: Any, target: Any, w: Any, ignored: int, reduction: str, smoothing: float
) -> Tensor:
    """The general form: targets of any kind become weighted probabilities t, of logp's shape."""
    y, dim = values(name, "target", target), min(1, logp.ndim - 1)
    classes = logp.shape[dim]
    along = (classes, *(1,) * (logp.ndim - dim - 1))  # the shape of what each class has its own of
    if y.dtype.kind == "f":
        count = y.size // classes
        t: Any = ops.astype(target, dtype=logp.dtype) * (1 - smoothing) + smoothing / classes
    else:
        counted = y != ignored
        labels = y[counted]
        outside = labels[(labels < 0) | (labels >= classes)]
        if outside.size:
            words = f"with {classes} classes labels go from 0 to {classes - 1}"
            raise ValueError(f"{name}: target holds {outside[0]}, but {words}")
        count = len(labels) if w is None else w[labels].sum()
        one_hot = np.expand_dims(y, dim) == np.arange(classes).reshape(along)
        t = one_hot.astype(logp.dtype) * (1 - smoothing) + smoothing / classes
        t *= np.expand_dims(counted, dim)
    t = t if w is None else t * w.reshape(along)
    losses = _nll(logp, t, dim=dim).reshape(*_without(logp.shape))
    if reduction != "mean":
        return _reduced(losses, reduction)
    total = losses.sum()
    return total * (1 / count) if count else total + math.nan  # 0 / 0, but no NaN in gradients


def _without(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape without the axis of classes"""
    return (*shape[:1], *shape[2:]) if len(shape) > 1 else ()


def _check_shapes(name: str, z: tuple[int, ...], y: Array, weight: Any) -> None:
    classes = z[min(1, len(z) - 1)] if z else 0
    if classes == 0:
        raise ValueError(f"{name}: input has shape {z}: no classes")
    shaped(name, (classes,), weight=weight)
    if y.dtype.kind not in "iuf":
        raise TypeError(f"{name}: target must hold integer labels or probabilities, not {y.dtype}")
    labels, floating = _without(z), y.dtype.kind == "f"
    if y.shape != (z if floating else labels):
        words = f"labels must be integers of shape {labels}, probabilities floats of shape {z}"
        raise ValueError(f"{name}: target holds {y.dtype} of shape {y.shape}, but {words}")


# Modules -------------------------------------------------------------------------------------


class MSELoss(Functional, of=mse_loss, options="size_average reduce reduction"):
    """See :func:`mse_loss`."""


class L1Loss(Functional, of=l1_loss, options="size_average reduce reduction"):
    """See :func:`l1_loss`."""


class HuberLoss(Functional, of=huber_loss, options="reduction delta"):
    """See :func:`huber_loss`."""


class SmoothL1Loss(Functional, of=smooth_l1_loss):
    """See :func:`smooth_l1_loss`."""


class BCELoss(Functional, of=binary_cross_entropy):
    """See :func:`binary_cross_entropy`."""


class BCEWithLogitsLoss(Functional, of=binary_cross_entropy_with_logits):
    """See :func:`binary_cross_entropy_with_logits`."""


class PoissonNLLLoss(Functional, of=poisson_nll_loss):
    """See :func:`poisson_nll_loss`."""


class NLLLoss(Functional, of=nll_loss):
    """See :func:`nll_loss`."""


class CrossEntropyLoss(Functional, of=cross_entropy):
    """See :func:`cross_entropy`."""
