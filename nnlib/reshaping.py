"""The basic ops that move entries without changing them: reshape, transpose, index, cat and their kin.

They stand in `nnlib.ops`, beside those that calculate. Where a shape does not fit, each raises
ValueError, IndexError or TypeError that begins with its name.

>>> reshape(Tensor([1.0, 2.0]), 2, 1)
tensor([[1.],
        [2.]])
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import EllipsisType
from typing import Any

import numpy as np

from nnlib.engine import Array, Tensor, Vjps, fresh_gradients, op
from nnlib.promotion import meet

Dim = int | Sequence[int] | None


def _array(x: Any) -> Any:
    return x.data if isinstance(x, Tensor) else x


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
