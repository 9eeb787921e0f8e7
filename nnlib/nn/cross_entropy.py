"""Cross-entropy: the loss for classes, −ln of the probability given to the right one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.engine import _FUSED_IN, Array, Tensor, Vjps, op
from nnlib.nn.activation import log_softmax
from nnlib.nn.checking import floats, values
from nnlib.nn.loss import _check_reduction, _Loss

__all__ = ["CrossEntropyLoss", "NLLLoss", "cross_entropy", "nll_loss"]


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
