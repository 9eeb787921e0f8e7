"""Cross-entropy: the loss for classes, −ln of the probability given to the right one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.engine import _FUSED_IN, Array, Tensor, Vjps, op
from nnlib.nn.activation import log_softmax
from nnlib.nn.checking import check_options, floats, values
from nnlib.nn.loss import Loss

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
    check_options("cross_entropy", locals())
    z, w = floats("cross_entropy", {"weight": weight}, input=input)
    y = values("cross_entropy", "target", target)
    plain = weight is None and not label_smoothing and reduction == "mean" and ignore_index < 0
    fits = z.ndim == 2 and len(z) and y.dtype.kind in "iu" and y.shape == z.shape[:1]
    if plain and fits and ((y >= 0) & (y < z.shape[1])).all():
        return _cross_entropy(input, y=y)
    _check_shapes("cross_entropy", z.shape, y, w)
    logp = log_softmax(input, dim=min(1, z.ndim - 1))
    return _class_loss("cross_entropy", logp, target, w, ignore_index, reduction, label_smoothing)


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
    check_options("nll_loss", locals())
    logp, w = floats("nll_loss", {"weight": weight}, input=input)
    y = values("nll_loss", "target", target)
    if y.dtype.kind == "f":
        raise TypeError("nll_loss: target must hold integer labels, not floats")
    _check_shapes("nll_loss", logp.shape, y, w)
    return _class_loss("nll_loss", input, target, w, ignore_index, reduction, 0.0)


def _class_loss(
    name: str, logp: Any, target: Any, w: Any, ignored: int, reduction: str, smoothing: float
) -> Tensor:
    """The general form: targets of any kind become rows t of weighted probabilities."""
    rows, y = _as_rows(logp), values(name, "target", target)
    count, classes = rows.shape
    if y.dtype.kind == "f":
        t = _as_rows(target) * (1 - smoothing) + smoothing / classes
        t = t if isinstance(t, Tensor) else t.astype(rows.dtype)
    else:
        counted = y.reshape(-1) != ignored
        labels = y.reshape(-1)[counted]
        outside = labels[(labels < 0) | (labels >= classes)]
        if outside.size:
            words = f"with {classes} classes labels go from 0 to {classes - 1}"
            raise ValueError(f"{name}: target holds {outside[0]}, but {words}")
        t = np.zeros(rows.shape, rows.dtype)
        t[counted] = smoothing / classes
        t[counted, labels] += 1 - smoothing
        count = len(labels) if w is None else w[labels].sum()
    losses = _nll(rows, t if w is None else t * w)
    if reduction == "none":
        return losses.reshape(*_predictions(logp.shape))
    total = losses.sum()
    if reduction == "sum":
        return total
    return total * (1 / count) if count else total + math.nan  # 0 / 0, but no NaN in gradients


def _as_rows(x: Any) -> Any:
    """(N, C, d₁, …) as a matrix with one row per prediction"""
    if x.ndim == 2:
        return x
    N, C, *more = x.shape if x.ndim > 1 else (1, *x.shape)
    return ops.reshape(x, N, C, math.prod(more)).transpose(1, 2).reshape(-1, C)


def _predictions(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape without the axis of classes"""
    return () if len(shape) == 1 else (shape[0], *shape[2:])


def _check_shapes(name: str, z: tuple[int, ...], y: Array, weight: Any) -> None:
    if not z:
        raise ValueError(f"{name}: input is a single number; it needs an axis of classes")
    classes, wanted = z[min(1, len(z) - 1)], _predictions(z)
    if classes == 0:
        raise ValueError(f"{name}: input has shape {z}: no classes")
    if weight is not None and weight.shape != (classes,):
        words = f"weight has shape {weight.shape}, but there are {classes} classes"
        raise ValueError(f"{name}: {words}")
    if y.dtype.kind not in "iuf":
        raise TypeError(f"{name}: target must hold integer labels or probabilities, not {y.dtype}")
    if y.dtype.kind == "f" and y.shape != z:
        hint = ": labels must be integers, target.astype(int)" if y.shape == wanted else ""
        words = f"a float target is read as probabilities and must have input's shape {z}"
        raise ValueError(f"{name}: {words}, but it is {y.shape}{hint}")
    if y.dtype.kind != "f" and y.shape != wanted:
        hint = ": write target[:, 0]" if y.shape == (*wanted, 1) else ""
        words = f"input {z} wants integer labels of shape {wanted}, but target is {y.shape}"
        raise ValueError(f"{name}: {words}{hint}")


class NLLLoss(Loss, of=nll_loss):
    """See :func:`nll_loss`."""


class CrossEntropyLoss(Loss, of=cross_entropy):
    """See :func:`cross_entropy`."""
