"""Losses: one number that says how wrong a prediction is.

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
from nnlib.nn.activation import log_softmax, softplus
from nnlib.nn.checking import at_default, floats, same_shape, stretches_to, values
from nnlib.nn.module import Module

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "HuberLoss", "L1Loss", "MSELoss", "NLLLoss",
    "PoissonNLLLoss", "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy",
    "huber_loss", "l1_loss", "mse_loss", "nll_loss", "poisson_nll_loss",
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


@op
def _nll(logp: Array, t: Array) -> Vjps:
    """Lₙ = −Σ꜀ tₙ꜀ ln pₙ꜀ with 0 · ln 0 = 0: what cannot be is no fault where it is not wanted."""
    losses = -np.multiply(t, logp, where=t != 0, out=np.zeros_like(logp)).sum(1)
    return losses, lambda g: g[:, None] * -t, lambda g: g[:, None] * -logp


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """−ln softmax(z)_y, the negative log-likelihood of class y

    Shapes: input (N, C), (C,) or (N, C, d₁, …) of logits; target either integer labels, (N,), ()
    or (N, d₁, …), or probabilities of input's shape. ``weight`` (C,) weighs the classes: the mean
    then divides by the sum of the weights that were used. Labels equal to ``ignore_index`` do not
    count. ``label_smoothing`` ε mixes the target with 1/C.

    Raises ValueError for labels outside 0 … C − 1 and for shapes that do not fit.

    >>> cross_entropy(np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([0, 1])).item().__round__(4)
    0.41
    """
    _check_reduction("cross_entropy", reduction, size_average, reduce)
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"cross_entropy: label_smoothing must be in [0, 1], not {label_smoothing}")
    z, y = floats("cross_entropy", input=input)[0], values("cross_entropy", "target", target)
    plain = weight is None and not label_smoothing and reduction == "mean" and ignore_index < 0
    fits = z.ndim == 2 and len(z) and y.dtype.kind in "iu" and y.shape == z.shape[:1]
    if plain and fits and ((y >= 0) & (y < z.shape[1])).all():
        return _cross_entropy(input, y=y)
    return _class_loss(
        "cross_entropy", lambda rows: log_softmax(rows, dim=1), input, target, weight, ignore_index,
        reduction, label_smoothing,
    )  # fmt: skip


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: None = None,
    ignore_index: int = -100,
    reduce: None = None,
    reduction: str = "mean",
) -> Tensor:
    """−(ln p)_y: as :func:`cross_entropy`, but ``input`` holds log-probabilities

    ``target`` holds integer labels.
    """
    _check_reduction("nll_loss", reduction, size_average, reduce)
    if values("nll_loss", "target", target).dtype.kind == "f":
        raise TypeError("nll_loss: target must hold integer labels, not floats")
    return _class_loss(
        "nll_loss", lambda rows: rows, input, target, weight, ignore_index, reduction, 0.0
    )


def _class_loss(
    name: str,
    to_log: Callable[[Any], Any],
    input: Any,
    target: Any,
    weight: Any,
    ignore_index: int,
    reduction: str,
    smoothing: float,
) -> Tensor:
    """The general form: targets of any kind become rows of weighted probabilities."""
    z, w = floats(name, {"weight": weight}, input=input)
    y = values(name, "target", target)
    _check_classes(name, z.shape, y, w)
    rows, shape = _as_rows(input, z.shape)
    if y.dtype.kind == "f":
        t, count = _as_rows(target, z.shape)[0], rows.shape[0]
        t = t * (1 - smoothing) + smoothing / rows.shape[1] if smoothing else t
    else:
        y = y.reshape(-1)
        counted = y != ignore_index
        t = _one_hot(name, y, rows.shape, counted)
        t = (t * (1 - smoothing) + smoothing / rows.shape[1]) * counted[:, None]
        count = counted.sum() if w is None else w[y[counted]].sum()
    t = t.astype(z.dtype) if isinstance(t, np.ndarray) else t
    if w is not None:
        t = t * w
    losses = _nll(to_log(rows), t)
    if reduction == "none":
        return losses.reshape(*shape)
    total = losses.sum()
    if reduction == "sum":
        return total
    return total * (1 / count) if count else total + math.nan  # 0 / 0, but no NaN in gradients


def _one_hot(name: str, y: Array, shape: tuple[int, int], counted: Array) -> Array:
    """A row of zeros with a one for each label that counts."""
    _check_labels(name, y[counted], shape[1])
    t = np.zeros(shape)
    t[counted, y[counted]] = 1
    return t


def _check_labels(name: str, y: Array, classes: int) -> None:
    inside = (y >= 0) & (y < classes)
    if not inside.all():
        raise ValueError(
            f"{name}: target holds {y[~inside][0]}, but with {classes} classes labels go from 0 to "
            f"{classes - 1}"
        )


def _as_rows(x: Any, shape: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """(N, C, d₁, …) as a matrix with one row per prediction, and the shape of the predictions."""
    if len(shape) == 1:
        return x.reshape(1, -1), ()
    if len(shape) == 2:
        return x, shape[:1]
    flat = ops.reshape(x, shape[0], shape[1], math.prod(shape[2:]))
    return flat.transpose(1, 2).reshape(-1, shape[1]), (shape[0], *shape[2:])


def _check_classes(name: str, z: tuple[int, ...], y: Array, weight: Any) -> None:
    labels = y.dtype.kind in "iu"
    if not z:
        raise ValueError(f"{name}: input is a single number; it needs an axis of classes")
    classes = z[0] if len(z) == 1 else z[1]
    if classes == 0:
        raise ValueError(f"{name}: input has shape {z}: no classes")
    if weight is not None and weight.shape != (classes,):
        raise ValueError(
            f"{name}: weight has shape {weight.shape}, but there are {classes} classes"
        )
    if not labels and y.dtype.kind != "f":
        raise TypeError(f"{name}: target must hold integer labels or probabilities, not {y.dtype}")
    wanted = () if len(z) == 1 else (z[0], *z[2:])
    if labels and y.shape != wanted:
        words = f"{name}: input {z} wants integer labels of shape {wanted}, but target is {y.shape}"
        raise ValueError(words + (": write target[:, 0]" if y.shape == (*wanted, 1) else ""))
    if not labels and y.shape != z:
        hint = ": labels must be integers, target.astype(int)" if y.shape == wanted else ""
        raise ValueError(
            f"{name}: a float target is read as probabilities and must have input's shape {z}, "
            f"but it is {y.shape}{hint}"
        )


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


class NLLLoss(_Loss):
    """See :func:`nll_loss`."""

    function = staticmethod(nll_loss)

    def __init__(
        self,
        weight: Any = None,
        size_average: None = None,
        ignore_index: int = -100,
        reduce: None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            weight=weight, size_average=size_average, ignore_index=ignore_index, reduce=reduce,
            reduction=reduction,
        )  # fmt: skip


class CrossEntropyLoss(_Loss):
    """See :func:`cross_entropy`."""

    function = staticmethod(cross_entropy)

    def __init__(
        self,
        weight: Any = None,
        size_average: None = None,
        ignore_index: int = -100,
        reduce: None = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(
            weight=weight, size_average=size_average, ignore_index=ignore_index, reduce=reduce,
            reduction=reduction, label_smoothing=label_smoothing,
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
