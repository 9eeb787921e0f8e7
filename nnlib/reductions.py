"""More reductions, beside those of ops.py: products, spread, norms, order, and what runs along an axis.

Inputs are Tensors or arrays of any shape, ``dim`` an axis or several; all axes by default. Without
``dim`` an order statistic is one number; with it a pair, ``values`` and ``indices``. NumPy's names
``axis=`` and ``keepdims=`` are taken as well. Each raises IndexError for an axis that is not there,
ValueError where there is nothing to choose from, TypeError for options that cannot be. As in torch,
under the same names.

>>> max(Tensor([[1.0, 3.0], [4.0, 2.0]]), 1)
Chosen(values=tensor([3., 4.]), indices=tensor([1, 0]))
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, TypeVar

import numpy as np

from nnlib import masks, ops
from nnlib.creation import to
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.entrywise import minimum
from nnlib.promotion import calculus
from nnlib.reshaping import Dim, _array, _axes
from nnlib.shapes import gather
from nnlib.special import sign
from nnlib.tensors import _wrap

__all__ = [
    "Chosen", "all", "amax", "amin", "any", "argmax", "argmin", "argsort", "count_nonzero",
    "cumprod", "cumsum", "logsumexp", "max", "mean", "median", "min", "norm", "prod", "sort",
    "std", "sum", "topk", "var",
]  # fmt: skip


F = TypeVar("F", bound=Callable[..., Any])


class Chosen(NamedTuple):
    """What was chosen along an axis, and where it stood."""

    values: Tensor
    indices: Tensor


_NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim"}


def _reduction(f: F) -> F:
    """Take ``axis=``, ``keepdims=`` and ``dtype=`` as well."""

    @wraps(f)
    def reduce(input: Any, *args: Any, **options: Any) -> Any:
        if options:
            options = {_NUMPY_NAMES.get(name, name): value for name, value in options.items()}
            if (dtype := options.pop("dtype", None)) is not None:
                return to(f(ops.astype(input, dtype=dtype), *args, **options), dtype)
        return f(input, *args, **options)

    return reduce  # type: ignore[return-value]


def _summed(x: Array) -> Any:
    """The dtype that sums and products of x have: whole numbers need room."""
    return x.dtype if x.dtype.kind == "f" else np.int64


def _kept(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(1 if k in axes else n for k, n in enumerate(shape))


sum, mean = _reduction(ops.sum), _reduction(ops.mean)
amax, argmax = _reduction(ops.amax), _reduction(ops.argmax)


# Products ------------------------------------------------------------------------------------


@op
def _prod(x: Array, *, axes: tuple[int, ...], keepdims: bool, whole: bool) -> Vjps:
    y = x.prod(axes, _summed(x), keepdims=True)

    def dx(g: Array) -> Array:
        zeros = x.size - np.count_nonzero(x)
        if not x.ndim:
            return g.reshape(())
        if not zeros:
            return np.asarray(g.reshape(y.shape) * y / x)
        if whole and zeros > 1:
            return np.zeros_like(x)
        return np.asarray(g.reshape(y.shape) * _others(x, axes))

    return (y if keepdims else y.reshape(np.delete(y.shape, axes))), dx


def _others(x: Array, axes: tuple[int, ...]) -> Array:
    """Of every entry, the product of all the others: of those before it and of those after it."""
    rest = [k for k in range(x.ndim) if k not in axes]
    line = x.transpose(*rest, *axes)
    flat = line.reshape(*(x.shape[k] for k in rest), -1)
    ones = np.ones_like(flat[..., :1])
    before = np.concatenate([ones, flat[..., :-1]], -1).cumprod(-1)
    after = np.concatenate([flat[..., 1:], ones], -1)[..., ::-1].cumprod(-1)[..., ::-1]
    others: Array = (before * after).reshape(line.shape).transpose(np.argsort([*rest, *axes]))
    return others


@_reduction
def prod(input: Any, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """∏ x over the axes ``dim``"""
    axes = _axes(dim, np.ndim(_array(input)), "prod")
    return _prod(input, axes=axes, keepdims=keepdim, whole=dim is None)


@op
def _cumsum(x: Array, *, dim: int) -> Vjps:
    return x.cumsum(dim, _summed(x)), lambda g: np.flip(np.flip(g, dim).cumsum(dim), dim)


@_reduction
def cumsum(input: Any, dim: int) -> Tensor:
    """The sums of the first, the first two, … entries along an axis"""
    if not _axes(dim, np.ndim(_array(input)), "cumsum"):
        return ops.reshape(cumsum(ops.reshape(input, 1), 0), ())
    return _cumsum(input, dim=dim)


@op
def _cumprod(x: Array, *, dim: int) -> Vjps:
    y = x.cumprod(dim, _summed(x))

    def dx(g: Array) -> Array:
        zeros = (x == 0).cumsum(dim)  # up to here: behind the first zero all products are 0
        before = np.where(zeros == 0, g * y, 0)
        gx = np.flip(np.flip(before, dim).cumsum(dim), dim) / np.where(zeros == 0, x, 1)
        if zeros.any():
            first = (x == 0) & (zeros == 1)
            in_front = np.where(zeros == 0, x, 1).prod(dim, keepdims=True)
            behind = np.where((zeros == 1) & ~first, x, 1).cumprod(dim)
            at_zero = in_front * (np.where(zeros == 1, g, 0) * behind).sum(dim, keepdims=True)
            gx = np.where(first, at_zero, np.where(zeros == 0, gx, 0))
        return np.asarray(gx)

    return y, dx


@_reduction
def cumprod(input: Any, dim: int) -> Tensor:
    """The products of the first, the first two, … entries along an axis"""
    if not _axes(dim, np.ndim(_array(input)), "cumprod"):
        return ops.reshape(cumprod(ops.reshape(input, 1), 0), ())
    return _cumprod(input, dim=dim)


# Spread and length ---------------------------------------------------------------------------


@op
def _var(x: Array, *, axes: tuple[int, ...], correction: float, keepdims: bool) -> Vjps:
    n = math.prod(x.shape[k] for k in axes)
    free = x.dtype.type(np.maximum(n - correction, 0))  # n − 1: the mean was taken from the data
    with np.errstate(divide="ignore", invalid="ignore"):
        from_mean = x - x.sum(axes, keepdims=True) / x.dtype.type(n)
        y = (from_mean * from_mean).sum(axes, keepdims=keepdims) / free
    kept = _kept(x.shape, axes)
    return y, lambda g: g.reshape(kept) * (2 / free * from_mean)


@_reduction
def var(
    input: Any, dim: Dim = None, unbiased: bool = True, keepdim: bool = False, *,
    correction: float | None = None,
) -> Tensor:  # fmt: skip
    """Σ (x − mean)² / (n − correction) over the axes ``dim``; the correction is 1 if unbiased"""
    if isinstance(dim, bool):  # var(False)
        return var(input, None, dim)
    less = correction if correction is not None else float(unbiased)
    axes = _axes(dim, np.ndim(_array(input)), "var")
    return _var(input, axes=axes, correction=less, keepdims=keepdim)


@op
def _root(x: Array) -> Vjps:
    y = np.sqrt(x)
    return y, lambda g: np.where(y == 0, 0, g / np.where(y == 0, 1, 2 * y))


@_reduction
def std(
    input: Any, dim: Dim = None, unbiased: bool = True, keepdim: bool = False, *,
    correction: float | None = None,
) -> Tensor:  # fmt: skip
    """√var over the axes ``dim``; its derivative where nothing varies is taken as 0"""
    return _root(var(input, dim, unbiased, keepdim, correction=correction))


@op
def _norm(x: Array, *, p: float, axes: tuple[int, ...], keepdims: bool) -> Vjps:
    size = np.abs(x)
    if math.isinf(p):
        y = size.max(axes, keepdims=True) if p > 0 else size.min(axes, keepdims=True)
    elif p == 0:
        y = (x != 0).sum(axes, keepdims=True, dtype=x.dtype)
    else:
        y = (size if p == 1 else size**p).sum(axes, keepdims=True) ** x.dtype.type(1 / p)

    def dx(g: Array) -> Array:
        g = g.reshape(y.shape)
        if math.isinf(p):
            ties = (size == y) | (np.isnan(size) & np.isnan(y))
            return np.where(ties, sign(x) * (g / ties.sum(axes, keepdims=True)), 0).astype(g.dtype)
        if p == 0:
            return np.zeros_like(x)
        if p == 1:
            return sign(x) * g
        unit = np.where(y == 0, 1, y)
        slope = x if p == 2 else sign(x) * np.where(x == 0, 1, size) ** (p - 1)
        return np.where(y == 0, 0, slope * (g / unit ** (p - 1)))

    return (y if keepdims else y.reshape(np.delete(y.shape, axes))), dx


@_reduction
def norm(input: Any, p: Any = "fro", dim: Dim = None, keepdim: bool = False) -> Tensor:
    """(Σ |x|ᵖ)^(1/p) over the axes ``dim``: the length, for p = 2"""
    order = 2.0 if p in ("fro", None) else p
    if isinstance(order, str):
        raise TypeError(f"norm: p must be a number, not {p!r}")
    axes = _axes(dim, np.ndim(_array(input)), "norm")
    return _norm(input, p=float(order), axes=axes, keepdims=keepdim)


@calculus
def _logsumexp(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Vjps:
    top = x.max(axes, keepdims=True)
    c = np.where(np.isfinite(top), top, 0)  # ln Σ eˣ = c + ln Σ eˣ⁻ᶜ: nothing overflows
    y = c + np.log(np.exp(x - c).sum(axes, keepdims=True))
    return (
        y if keepdims else y.reshape(np.delete(y.shape, axes)),
        lambda g: g.reshape(y.shape) * np.exp(x - y),
    )


@_reduction
def logsumexp(input: Any, dim: Dim, keepdim: bool = False) -> Tensor:
    """ln Σ eˣ over the axes ``dim``; nothing overflows"""
    axes = ops._filled_axes(input, dim, "logsumexp")
    return _logsumexp(input, axes=axes, keepdims=keepdim)


# Order ---------------------------------------------------------------------------------------


def _chosen(input: Any, indices: Array, dim: int, keepdim: bool) -> Chosen:
    """Those that stand there, and where: ``indices`` has length 1 along ``dim``."""
    values, where = gather(input, dim, indices), _wrap(indices)
    if keepdim or not np.ndim(_array(input)):
        return Chosen(values, where)
    shape = tuple(np.delete(indices.shape, dim))
    return Chosen(ops.reshape(values, shape), _wrap(indices.reshape(shape)))


@_reduction
def max(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest of all; with ``dim`` the largest along it and where; of two Tensors, maximum"""
    if isinstance(dim, Tensor | np.ndarray):
        return ops.maximum(input, dim)
    if dim is None:
        return masks.max(input)
    return _chosen(input, argmax(input, dim, keepdim=True).data, dim, keepdim)


@_reduction
def min(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest of all; with ``dim`` the smallest along it and where; of two Tensors, minimum"""
    if isinstance(dim, Tensor | np.ndarray):
        return minimum(input, dim)
    if dim is None:
        x = np.asarray(_array(input))
        return ops.neg(masks.max(ops.neg(input))) if x.dtype.kind == "f" else amin(x)
    return _chosen(input, argmin(input, dim, keepdim=True).data, dim, keepdim)


@_reduction
def amin(input: Any, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The smallest entry over the axes ``dim``; ties share the gradient evenly"""
    x = np.asarray(_array(input))
    if x.dtype.kind != "f":  # −x may not be there
        return _wrap(x.min(ops._filled_axes(input, dim, "amin"), keepdims=keepdim))
    return ops.neg(ops.amax(ops.neg(input), dim, keepdim))


@_reduction
def argmin(input: Any, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Where the smallest entry stands (the first one of several); no gradient"""
    ops._filled_axes(input, dim, "argmin")
    return _wrap(np.argmin(_array(input), axis=dim, keepdims=keepdim))


def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """Where the entries stand that come first, second, … along ``dim``; NaN counts as the largest"""
    x = np.asarray(_array(input))
    if not _axes(dim, x.ndim, "argsort"):
        return _wrap(np.zeros((), np.int64))
    if not descending:
        return _wrap(x.argsort(dim, kind="stable"))
    backwards = np.flip(np.flip(x, dim).argsort(dim, kind="stable"), dim)  # ties stay in order
    return _wrap(x.shape[dim] - 1 - backwards)


def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool = True) -> Chosen:
    """The entries along ``dim`` from the smallest to the largest, and where each stood"""
    order = argsort(input, dim, descending)
    return Chosen(gather(input, dim, order), order)


def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Chosen:
    """The ``k`` largest along ``dim``, the largest first, and where each stood"""
    order = argsort(input, dim, descending=largest).data
    (axis,) = _axes(dim, order.ndim, "topk") or (0,)
    if not 0 <= k <= (order.shape[axis] if order.ndim else 1):
        raise ValueError(f"topk: k is {k}, but dim {dim} of {order.shape} does not hold so many")
    first = order[(slice(None),) * axis + (slice(k),)] if order.ndim else order
    return Chosen(gather(input, dim, first), _wrap(first))


@_reduction
def median(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """The middle entry, of two the smaller one; with ``dim`` along it, and where it stood"""
    if dim is None:
        return median(ops.reshape(input, -1), 0).values
    x = np.asarray(_array(input))
    if not x.ndim:
        return Chosen(ops.mul(input, 1), _wrap(np.zeros((), np.int64)))
    order = argsort(x, dim).data
    middle = order.take([(x.shape[dim] - 1) // 2], dim)
    if x.dtype.kind == "f":  # NaN counts as the median wherever there is one
        middle = np.where(
            np.isnan(x).any(dim, keepdims=True), np.isnan(x).argmax(dim, keepdims=True), middle
        )
    return _chosen(input, middle, dim, keepdim)


@_reduction
def all(input: Any, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether no entry over the axes ``dim`` is 0 or False"""
    x = np.asarray(_array(input))
    found = np.asarray(x.all(_axes(dim, x.ndim, "all"), keepdims=keepdim))
    return _wrap(found.astype(x.dtype) if x.dtype == np.uint8 else found)


@_reduction
def any(input: Any, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether some entry over the axes ``dim`` is neither 0 nor False"""
    x = np.asarray(_array(input))
    found = np.asarray(x.any(_axes(dim, x.ndim, "any"), keepdims=keepdim))
    return _wrap(found.astype(x.dtype) if x.dtype == np.uint8 else found)


@_reduction
def count_nonzero(input: Any, dim: Dim = None) -> Tensor:
    """How many entries over the axes ``dim`` are neither 0 nor False"""
    x = np.asarray(_array(input))
    return _wrap(np.count_nonzero(x, _axes(dim, x.ndim, "count_nonzero")))
