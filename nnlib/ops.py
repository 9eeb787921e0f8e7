"""The basic ops: one line of calculus per input.

In every vjp, ``g`` is ∂L/∂(output). Where an input was broadcast, the engine sums ``g`` over the
axes that were stretched.

Inputs are Tensors, arrays or numbers of any shape; those of one op are broadcast against each
other. Where they do not fit, and for options that cannot be, each raises ValueError, IndexError or
TypeError that begins with its name. As in torch, under
the same names.

>>> add(Tensor([1.0, 2.0]), 1)
tensor([2., 3.])
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import EllipsisType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nnlib import masks, special
from nnlib.engine import Array, Tensor, Vjps, fresh_gradients, op
from nnlib.masks import selected
from nnlib.promotion import arithmetic, calculus, factors, meet
from nnlib.tensors import _wrap

Dim = int | Sequence[int] | None


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


def _array(x: Any) -> Any:
    return x.data if isinstance(x, Tensor) else x


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


def _axes(dim: Dim, ndim: int, name: str) -> tuple[int, ...]:
    """The axes that ``dim`` names, all of them for None or (); counted from the front."""
    several = () if dim is None else dim if isinstance(dim, Sequence) else (dim,)
    dims = tuple(several) or range(ndim)
    for d in dims:
        if not isinstance(d, int | np.integer):
            raise TypeError(f"{name}: dim must be a whole number or several, not {dim!r}")
        if not -max(ndim, 1) <= d < max(ndim, 1):
            raise IndexError(f"{name}: dim {d} is out of range for a Tensor with {ndim} axes")
    axes = tuple(d % max(ndim, 1) for d in dims)
    if len(set(axes)) < len(axes):
        raise ValueError(f"{name}: dim {dim} names an axis twice")
    return axes if ndim else ()


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


@op
def _reshape(x: Array, *, shape: tuple[int, ...]) -> Vjps:
    before = x.shape
    return x.reshape(shape), lambda g: g.reshape(before)


def reshape(input: Any, *shape: Any) -> Tensor:
    """The same entries in another shape; one size may be −1"""
    sizes = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], Sequence) else shape
    try:
        if all(n >= -1 for n in sizes):
            return _reshape(input, shape=sizes)
    except ValueError:
        pass
    have = np.shape(_array(input))
    raise ValueError(f"reshape: {math.prod(have)} entries {have} do not fill {sizes}")


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Join the axes from ``start_dim`` to ``end_dim`` into one"""
    shape = np.shape(_array(input)) or (1,)
    (first,), (last,) = (_axes(dim, len(shape), "flatten") for dim in (start_dim, end_dim))
    if first > last:
        raise ValueError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    return reshape(input, *shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :])


@op
def _transpose(x: Array, *, dim0: int, dim1: int) -> Vjps:
    return np.swapaxes(x, dim0, dim1), lambda g: np.swapaxes(g, dim0, dim1)


def transpose(input: Any, dim0: int, dim1: int) -> Tensor:
    """Swap two axes"""
    ndim = np.ndim(_array(input))
    if not (_axes(dim0, ndim, "transpose") and _axes(dim1, ndim, "transpose")):
        raise IndexError("transpose: a single number has no axes")
    return _transpose(input, dim0=dim0, dim1=dim1)


@op
@fresh_gradients
def _index(x: Array, *, key: Any) -> Vjps:
    shape, dtype = x.shape, x.dtype
    parts = key if isinstance(key, tuple) else (key,)
    once = all(isinstance(k, slice | int | np.integer | None | EllipsisType) for k in parts)

    def dx(g: Array) -> Array:
        whole = np.zeros(shape, dtype)
        if once:
            whole[key] = g
        else:
            np.add.at(whole, key, g)  # an entry that was taken twice gets both gradients
        return whole

    return (x[(*parts, ...)] if once and ... not in parts else x[key]), dx  # a view, if it can be


def index(input: Any, key: Any) -> Tensor:
    """x[key], with slices, integers, masks (bool or uint8) or index arrays as in NumPy"""
    plain = tuple(_key(k) for k in key) if isinstance(key, tuple) else _key(key)
    return _index(input, key=plain)


def _key(k: Any) -> Any:
    k = _array(k)
    return k.astype(bool) if isinstance(k, np.ndarray) and k.dtype == np.uint8 else k


@op
def _cat(*arrays: Array, dim: int) -> Vjps:
    arrays = meet(*arrays)
    ends = np.cumsum([a.shape[dim] for a in arrays])[:-1]
    return (
        np.concatenate(arrays, dim),
        *(lambda g, k=k: np.split(g, ends, dim)[k] for k in range(len(arrays))),
    )


def cat(tensors: Sequence[Any], dim: int = 0) -> Tensor:
    """The Tensors one after the other along an axis that exists"""
    shapes = [np.shape(_array(t)) for t in tensors]
    if not shapes:
        raise ValueError("cat: the list of tensors is empty")
    (axis,) = _axes(dim, len(shapes[0]), "cat") or (None,)
    if axis is None or len({(len(s), *s[:axis], *s[axis + 1 :]) for s in shapes}) > 1:
        raise ValueError(f"cat: shapes {shapes} may differ only along dim {dim}")
    return _cat(*tensors, dim=axis)


def stack(tensors: Sequence[Any], dim: int = 0) -> Tensor:
    """The Tensors one after the other along a new axis"""
    shapes = [np.shape(_array(t)) for t in tensors]
    if len(set(shapes)) != 1:
        raise ValueError(f"stack: needs one or more tensors of one shape, not {shapes}")
    (axis,) = _axes(dim, len(shapes[0]) + 1, "stack")
    wider = (*shapes[0][:axis], 1, *shapes[0][axis:])
    return cat([reshape(t, wider) for t in tensors], axis)
