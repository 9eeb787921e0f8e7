"""The basic ops: one line of calculus per input.

In every vjp, ``g`` is ∂L/∂(output). Where an input was broadcast, the engine sums ``g`` over the
axes that were stretched.

Inputs are Tensors, arrays or numbers of any shape; those of one op are broadcast against each
other. Where they do not fit, and for options that cannot be, each raises ValueError, IndexError or
TypeError that begins with its name. As in torch, under the same names.

>>> add(Tensor([1.0, 2.0]), 1)
tensor([2., 3.])
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nnlib import masks, reshaping, special
from nnlib.engine import Array, Tensor, Vjps, fresh_gradients, op
from nnlib.masks import selected
from nnlib.promotion import arithmetic, calculus, factors
from nnlib.reshaping import Dim, _array, _axes
from nnlib.tensors import _wrap

# Arithmetic ----------------------------------------------------------------------------------


@arithmetic
def add(x: Array, y: Array) -> Vjps:
    """x + y"""
    return x + y, lambda g: g, lambda g: g


@arithmetic
def sub(x: Array, y: Array) -> Vjps:
    """x − y"""
    return x - y, lambda g: g, lambda g: -g


@arithmetic
def mul(x: Array, y: Array) -> Vjps:
    """x · y, entry by entry"""
    return x * y, lambda g: g * y, lambda g: g * x


@calculus
def div(x: Array, y: Array) -> Vjps:
    """x / y"""
    return x / y, lambda g: g / y, lambda g: -g * (x / y / y)


@op
def neg(x: Array) -> Vjps:
    """−x"""
    return -x, lambda g: -g


@arithmetic
def pow(x: Array, n: Array) -> Vjps:
    """xⁿ"""
    y = special.power(x, n)
    return (
        y,
        lambda g: selected(g * (n * special.power(x, n - (n != 0))), n != 0),  # x⁰ is 1 for every x
        # 0ⁿ stays 0 when n moves
        lambda g: g * (y * np.log(np.where((x == 0) & (n >= 0), 1, x), dtype=y.dtype)),
    )


@op
@fresh_gradients
def matmul(x: Array, y: Array) -> Vjps:
    """X Y: the matrix product, of vectors, matrices or stacks of matrices, as in torch.matmul."""
    x, y = factors("matmul", x, y)
    z = x @ y
    if y.ndim == 1:
        return z, lambda g: g[..., None] * y, lambda g: g[..., None] * x
    if x.ndim == 1:
        return z, lambda g: (y @ g[..., None])[..., 0], lambda g: x[:, None] * g[..., None, :]
    return z, lambda g: g @ y.swapaxes(-1, -2), lambda g: x.swapaxes(-1, -2) @ g


# Functions of one entry ----------------------------------------------------------------------


@calculus
def exp(x: Array) -> Vjps:
    """eˣ"""
    y = np.exp(x)
    return y, lambda g: g * y


@calculus
def log(x: Array) -> Vjps:
    """The natural logarithm, ln x"""
    return np.log(x), lambda g: g / x


@calculus
def sqrt(x: Array) -> Vjps:
    """√x"""
    y = np.sqrt(x)
    return y, lambda g: g / (2 * y)


@op
def absolute(x: Array) -> Vjps:
    """|x|; its derivative at 0 is taken as 0"""
    return np.abs(x), lambda g: g * special.sign(x)


where, maximum, clamp = masks.where, masks.maximum, masks.clamp  # which choose among entries


@op
def astype(x: Array, *, dtype: DTypeLike) -> Vjps:
    """The same values in another dtype; the gradient goes back in the first one"""
    before = x.dtype
    return x.astype(dtype), lambda g: g.astype(before)


# Reductions ----------------------------------------------------------------------------------


@op
def _sum(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Vjps:
    shape = x.shape  # all that the gradient needs: x itself may go
    kept = tuple(1 if k in axes else n for k, n in enumerate(shape))
    y = x.sum(axes, None if x.dtype.kind == "f" else np.int64, keepdims=keepdims)
    return y, lambda g: np.broadcast_to(g.reshape(kept), shape)


def sum(input: Any, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Σ x over the axes ``dim`` (all by default)"""
    return _sum(input, axes=_axes(dim, np.ndim(_array(input)), "sum"), keepdims=keepdim)


def mean(input: Any, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Σ x / n over the axes ``dim`` (all by default); the mean of nothing is NaN, as in PyTorch"""
    x = np.asarray(_array(input))
    if x.dtype.kind != "f":
        raise TypeError(f"mean: needs floats, not {x.dtype}; convert with .float()")
    if x.dtype == np.float16:  # a sum of halves overflows from 65,520
        return astype(mean(astype(input, dtype=np.float32), dim, keepdim), dtype=np.float16)
    n = math.prod(x.shape[k] for k in _axes(dim, x.ndim, "mean"))
    return sum(input, dim, keepdim) * (1 / n if n else math.nan)


@op
def _amax(x: Array, *, axes: tuple[int, ...], keepdims: bool) -> Vjps:
    y = x.max(axes, keepdims=True)

    def dx(g: Array) -> Any:
        ties = x == y
        return ties * (g.reshape(y.shape) / ties.sum(axes, keepdims=True)).astype(g.dtype)

    return (y if keepdims else y.squeeze(axes)), dx


def amax(input: Any, dim: Dim = (), keepdim: bool = False) -> Tensor:
    """The largest entry over the axes ``dim`` (all by default); ties share the gradient evenly"""
    return _amax(input, axes=_filled_axes(input, dim, "amax"), keepdims=keepdim)


def argmax(input: Any, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Where the largest entry stands (the first one of several); no gradient"""
    _filled_axes(input, dim, "argmax")
    return _wrap(np.argmax(_array(input), axis=dim, keepdims=keepdim))


def _filled_axes(input: Any, dim: Dim, name: str) -> tuple[int, ...]:
    shape = np.shape(_array(input))
    axes = _axes(dim, len(shape), name)
    if any(shape[k] == 0 for k in axes):
        raise ValueError(f"{name}: nothing to choose from in shape {shape}")
    return axes


# Shapes --------------------------------------------------------------------------------------

index, reshape, flatten, transpose = (
    reshaping.index, reshaping.reshape, reshaping.flatten, reshaping.transpose,
)  # fmt: skip
cat, stack = reshaping.cat, reshaping.stack  # all six only move entries
