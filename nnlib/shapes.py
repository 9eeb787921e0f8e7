"""Other shapes of the same entries, parts of them, and products of matrices.

Inputs are Tensors or arrays of any shape; sizes are whole numbers or one tuple of them. Where
shapes do not fit, each raises ValueError, IndexError or TypeError that begins with its name. As in
torch, under the same names. ``view`` copies where NumPy has to, and never asks for contiguous().

>>> unsqueeze(Tensor([1.0, 2.0]), 0).shape
(1, 2)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.reshaping import Dim, _array, _axes
from nnlib.tensors import _wrap

__all__ = [
    "bincount",
    "bmm",
    "broadcast_to",
    "chunk",
    "clone",
    "diag",
    "diagonal",
    "dot",
    "einsum",
    "expand",
    "flip",
    "gather",
    "hstack",
    "index_select",
    "masked_fill",
    "masked_select",
    "meshgrid",
    "mm",
    "movedim",
    "mv",
    "narrow",
    "nonzero",
    "numel",
    "outer",
    "permute",
    "repeat",
    "repeat_interleave",
    "roll",
    "scatter",
    "scatter_add",
    "split",
    "squeeze",
    "t",
    "tile",
    "tril",
    "triu",
    "unbind",
    "unflatten",
    "unique",
    "unsqueeze",
    "view",
    "vstack",
]  # fmt: skip


def _shape(input: Any) -> tuple[int, ...]:
    return np.shape(_array(input))


def _sizes(given: tuple[Any, ...]) -> tuple[int, ...]:
    """``f(2, 3)`` and ``f((2, 3))``."""
    sizes = given[0] if len(given) == 1 and isinstance(given[0], Sequence) else given
    return tuple(n.__index__() for n in sizes)


def _axis(dim: int, ndim: int, name: str) -> int:
    return (_axes(dim, ndim, name) or (0,))[0]


def numel(input: Any) -> int:
    """How many entries there are"""
    return math.prod(_shape(input))


# Axes ----------------------------------------------------------------------------------------


def view(input: Any, *shape: Any) -> Any:
    """The same entries in another shape; or, given a dtype, in that"""
    return ops.reshape(input, *(n if isinstance(n, Sequence) else n.__index__() for n in shape))


def unsqueeze(input: Any, dim: int) -> Tensor:
    """A new axis of length 1 in front of axis ``dim``"""
    shape = list(_shape(input))
    shape.insert(_axis(dim, len(shape) + 1, "unsqueeze"), 1)
    return ops.reshape(input, tuple(shape))


def squeeze(input: Any, dim: Dim = None) -> Tensor:
    """Without the axes of length 1: without all of them, or without those in ``dim``"""
    shape = _shape(input)
    gone = () if dim == () else _axes(dim, len(shape), "squeeze")
    return ops.reshape(input, tuple(n for k, n in enumerate(shape) if n != 1 or k not in gone))


def unflatten(input: Any, dim: int, sizes: Sequence[int]) -> Tensor:
    """One axis as several, of these sizes"""
    shape = _shape(input)
    k = _axis(dim, len(shape), "unflatten")
    return ops.reshape(
        input, (*shape[:k], *ops.reshape(np.empty(shape[k]), sizes).shape, *shape[k + 1 :])
    )


@op
def _permute(x: Array, *, dims: tuple[int, ...]) -> Vjps:
    return x.transpose(dims), lambda g: g.transpose(np.argsort(dims))


def permute(input: Any, *order: Any, dims: Any = None) -> Tensor:
    """The axes in another order"""
    given, ndim = _sizes(order if dims is None else (dims,)), len(_shape(input))
    axes = _axes(given, ndim, "permute") if given else ()
    if len(axes) != ndim:
        raise ValueError(f"permute: {given} does not name each of {ndim} axes once")
    return _permute(input, dims=axes)


def movedim(input: Any, source: Any, destination: Any) -> Tensor:
    """Some axes in other places, the rest in their order"""
    ndim = len(_shape(input))
    moved, to = (
        _axes(_sizes((d,)), ndim, "movedim") if np.size(d) else () for d in (source, destination)
    )
    rest = iter([k for k in range(ndim) if k not in moved])
    return permute(input, *(moved[to.index(k)] if k in to else next(rest) for k in range(ndim)))


def t(input: Any) -> Tensor:
    """The transpose of a matrix; a vector as it is"""
    if len(_shape(input)) > 2:
        raise ValueError(f"t: is for matrices, not for shape {_shape(input)}; use transpose")
    return permute(input, *reversed(range(len(_shape(input)))))


@op
def _expand(x: Array, *, shape: tuple[int, ...]) -> Vjps:
    return np.broadcast_to(x, shape), lambda g: g  # the engine sums over what was stretched


def expand(input: Any, *sizes: Any) -> Tensor:
    """Axes of length 1 stretched to these sizes, without a copy; −1 leaves an axis as it is"""
    want, have = _sizes(sizes), _shape(input)
    padded = (1,) * (len(want) - len(have)) + have
    fits = len(padded) == len(want)
    fits = fits and all(n in (-1, m) or m == 1 for n, m in zip(want, padded, strict=True))
    if not fits:
        raise ValueError(f"expand: {have} cannot be stretched to {want}")
    return _expand(
        input, shape=tuple(m if n == -1 else n for n, m in zip(want, padded, strict=True))
    )


def broadcast_to(input: Any, size: Sequence[int]) -> Tensor:
    """Axes of length 1 stretched to these sizes, without a copy"""
    return expand(input, *size)


@op
def _repeat(x: Array, *, repeats: tuple[int, ...]) -> Vjps:
    ones = (1,) * (len(repeats) - x.ndim)
    split = [n for pair in zip(repeats, ones + x.shape, strict=True) for n in pair]
    return np.tile(x, repeats), lambda g: g.reshape(split).sum(tuple(range(0, len(split), 2)))


def repeat(input: Any, *repeats: Any) -> Tensor:
    """So many copies along each axis, one after the other"""
    counts = _sizes(repeats)
    if len(counts) < len(_shape(input)):
        raise ValueError(f"repeat: {counts} must count for each axis of {_shape(input)}")
    return _repeat(input, repeats=counts)


def tile(input: Any, *dims: Any) -> Tensor:
    """So many copies along each axis, as NumPy's tile"""
    counts = _sizes(dims)
    return repeat(input, *(1,) * (len(_shape(input)) - len(counts)), *counts)


def repeat_interleave(input: Any, repeats: Any, dim: int | None = None) -> Tensor:
    """Each entry along ``dim`` so many times in a row; the flattened entries if it is None"""
    if dim is None:
        input, dim = ops.reshape(input, -1), 0
    return index_select(input, dim, np.repeat(np.arange(_shape(input)[dim]), _array(repeats)))


@op
def clone(x: Array, *, memory_format: Any = None) -> Vjps:
    """A copy with a memory of its own, through which gradients flow"""
    return x.copy(), lambda g: g


# Parts ---------------------------------------------------------------------------------------


def _along(dim: int, part: Any) -> tuple[Any, ...]:
    return (*(slice(None),) * dim, part)


def split(tensor: Any, split_size_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Parts of this length along ``dim``, the last one shorter; or of the lengths in a list"""
    k = _axis(dim, len(_shape(tensor)), "split")
    n, sizes = _shape(tensor)[k], split_size_or_sections
    if isinstance(sizes, int):
        sizes = [min(sizes, n - i) for i in range(0, n, sizes)] or [0]
    if sum(sizes) != n:
        raise ValueError(f"split: parts of {sizes} do not make up {n} along dim {dim}")
    ends = np.cumsum(sizes)
    return tuple(
        ops.index(tensor, _along(k, slice(int(end) - size, int(end))))
        for size, end in zip(sizes, ends, strict=True)
    )


def chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """So many parts along ``dim``, all of one length but the last"""
    n = _shape(input)[_axis(dim, len(_shape(input)), "chunk")]
    return split(input, max(-(-n // chunks), 1), dim)


def unbind(input: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """The parts along ``dim``, one by one, without that axis"""
    k = _axis(dim, len(_shape(input)), "unbind")
    return tuple(ops.index(input, _along(k, i)) for i in range(_shape(input)[k]))


def narrow(input: Any, dim: int, start: int, length: int) -> Tensor:
    """The part from ``start`` on, of this length along ``dim``"""
    return ops.index(
        input, _along(_axis(dim, len(_shape(input)), "narrow"), slice(start, start + length))
    )


def index_select(input: Any, dim: int, index: Any) -> Tensor:
    """The parts along ``dim`` that stand at these places"""
    if not _shape(input):
        return ops.reshape(index_select(ops.reshape(input, 1), 0, index), ())
    return ops.index(input, _along(_axis(dim, len(_shape(input)), "index_select"), _array(index)))


def masked_select(input: Any, mask: Any) -> Tensor:
    """The entries where the mask is True, in one row"""
    x, m = np.broadcast_arrays(_array(input), _array(mask))
    return ops.index(expand(input, *x.shape), m)


def masked_fill(input: Any, mask: Any, value: Any) -> Tensor:
    """``value`` where the mask is True, else x"""
    if np.asarray(_array(mask)).dtype != np.bool_:
        raise TypeError("masked_fill: the mask must hold True and False; write mask.bool()")
    dtype = np.asarray(_array(input)).dtype
    return ops.where(mask, value if isinstance(value, Tensor) else dtype.type(value), input)


def flip(input: Any, *axes: Any, dims: Any = None) -> Tensor:
    """The entries along these axes from the last one to the first"""
    ndim, given = len(_shape(input)), _sizes(axes if dims is None else (dims,))
    turned = _axes(given, ndim, "flip") if given else ()
    return ops.index(input, tuple(slice(None, None, -1 if k in turned else 1) for k in range(ndim)))


def roll(input: Any, shifts: Any, dims: Any = None) -> Tensor:
    """The entries moved on by ``shifts`` along axes; those that fall off come in at the front"""
    if dims is None:
        return ops.reshape(roll(ops.reshape(input, -1), shifts, 0), _shape(input))
    for shift, dim in zip(np.ravel(shifts).tolist(), np.ravel(dims).tolist(), strict=True):
        n = _shape(input)[dim]
        input = index_select(input, dim, np.roll(np.arange(n), shift))
    return input if isinstance(input, Tensor) else _wrap(input)


def _places(index: Array, dim: int) -> Any:
    """Where x[index[i, j], j] stands for dim = 0, x[i, index[i, j]] for dim = 1, …: a key for x"""
    at: Any = list(np.indices(index.shape, sparse=True))
    if index.ndim:
        at[dim] = index
    return tuple(at)


@op
def _gather(x: Array, *, dim: int, index: Array) -> Vjps:
    shape, at = x.shape, _places(index, dim)

    def dx(g: Array) -> Array:
        whole = np.zeros(shape, g.dtype)
        np.add.at(whole, at, g)  # an entry that was taken twice gets both gradients
        return whole

    return (x[at] if x.ndim else np.broadcast_to(x, index.shape)), dx


def gather(input: Any, dim: int, index: Any) -> Tensor:
    """y[i, j] = x[index[i, j], j] for dim = 0, x[i, index[i, j]] for dim = 1, …"""
    at, shape = np.asarray(_array(index)), _shape(input)
    k = _axis(dim, len(shape), "gather")
    if at.ndim != len(shape) or any(
        n > m for i, (n, m) in enumerate(zip(at.shape, shape, strict=True)) if i != k
    ):
        raise ValueError(f"gather: index has shape {at.shape}, which does not fit {shape}")
    if at.size and len(shape) and not 0 <= at.min() <= at.max() < shape[k]:
        raise IndexError(
            f"gather: index goes from {at.min()} to {at.max()}, dim {dim} from 0 to {shape[k] - 1}"
        )
    return _gather(input, dim=k, index=at)


@op
def _scatter(x: Array, src: Array, *, dim: int, index: Array, add: bool) -> Vjps:
    y, at = x.copy(), _places(index, dim)
    part = tuple(slice(n) for n in index.shape)  # of src, which may be larger than the index
    given = src[part].astype(x.dtype)
    if add:
        np.add.at(y, at, given)
    else:
        y[at] = given

    def dx(g: Array) -> Array:
        kept = g.copy()
        kept[at] = 0
        return kept

    def dsrc(g: Array) -> Array:
        whole = np.zeros(src.shape, g.dtype)
        whole[part] = g[at]
        return whole

    return y, (lambda g: g) if add else dx, dsrc


def scatter(input: Any, dim: int, index: Any, src: Any) -> Tensor:
    """x with y[index[i, j], j] = src[i, j] for dim = 0, y[i, index[i, j]] = src[i, j] for dim = 1, …"""
    return _scattered("scatter", input, dim, index, src, add=False)


def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Tensor:
    """x with y[index[i, j], j] += src[i, j] for dim = 0, y[i, index[i, j]] += src[i, j] for dim = 1, …"""
    return _scattered("scatter_add", input, dim, index, src, add=True)


def _scattered(name: str, input: Any, dim: int, index: Any, src: Any, add: bool) -> Tensor:
    at, shape = np.asarray(_array(index)), _shape(input)
    k = _axis(dim, len(shape), name)
    if isinstance(src, int | float):
        src = np.full(at.shape, src, np.asarray(_array(input)).dtype)
    alike = at.ndim == len(shape) == len(_shape(src))
    sizes = zip(at.shape, shape, _shape(src), strict=False)
    if not alike or any(n > s or (i != k and n > m) for i, (n, m, s) in enumerate(sizes)):
        shapes = f"index {at.shape}, input {shape} and src {_shape(src)}"
        raise ValueError(f"{name}: {shapes} do not go together")
    if at.size and len(shape) and not 0 <= at.min() <= at.max() < shape[k]:
        end = shape[k] - 1
        raise IndexError(
            f"{name}: index goes from {at.min()} to {at.max()}, dim {dim} from 0 to {end}"
        )
    return _scatter(input, src, dim=k, index=at, add=add)


def _triangle(name: str, kept: Any, doc: str) -> Any:
    def formula(x: Array, *, diagonal: int) -> Vjps:
        return kept(x, diagonal), lambda g: kept(g, diagonal)

    formula.__name__ = name
    part = op(formula)

    def triangle(input: Any, diagonal: int = 0) -> Tensor:
        if len(_shape(input)) < 2:
            raise ValueError(f"{name}: is for matrices, not for shape {_shape(input)}")
        return part(input, diagonal=diagonal)

    triangle.__name__, triangle.__doc__ = name, doc
    return triangle


tril = _triangle("tril", np.tril, "The entries up to the diagonal, 0 above it")
triu = _triangle("triu", np.triu, "The entries from the diagonal on, 0 below it")


def diagonal(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The entries on the diagonal of the axes dim1 and dim2, as the last axis"""
    shape = _shape(input)
    i, j = (_axis(d, len(shape), "diagonal") for d in (dim1, dim2))
    n = max(min(shape[i] + min(offset, 0), shape[j] - max(offset, 0)), 0)
    rest = [k for k in range(len(shape)) if k not in (i, j)]
    at = np.arange(n)
    return ops.index(permute(input, *rest, i, j), (..., at - min(offset, 0), at + max(offset, 0)))


_diagonal = diagonal  # in diag an argument hides it


def diag(input: Any, diagonal: int = 0) -> Tensor:
    """The diagonal of a matrix; or the matrix that has a vector on its diagonal, and zeros elsewhere"""
    shape = _shape(input)
    if len(shape) == 2:
        return _diagonal(input, diagonal)
    if len(shape) != 1:
        raise ValueError(f"diag: is for vectors and matrices, not for shape {shape}")
    n = shape[0] + abs(diagonal)
    place = np.eye(n, k=diagonal, dtype=bool)
    columns = np.clip(np.arange(n) - max(diagonal, 0), 0, max(shape[0] - 1, 0))
    return ops.where(
        place, ops.index(input, columns), np.zeros((), np.asarray(_array(input)).dtype)
    )


def nonzero(input: Any, *, as_tuple: bool = False) -> Any:
    """Where the entries stand that are not 0: one row (i, j, …) for each"""
    x = np.asarray(_array(input))
    return tuple(map(_wrap, np.nonzero(np.atleast_1d(x)))) if as_tuple else _wrap(np.argwhere(x))


def unique(
    input: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False
) -> Any:
    """Each value once, in order; on request where each entry stands among them, and how many there are"""
    find: Any = np.unique
    found = find(_array(input), return_inverse=return_inverse, return_counts=return_counts)
    return tuple(map(_wrap, found)) if isinstance(found, tuple) else _wrap(found)


def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Tensor:
    """How often 0, 1, 2, … occur"""
    return _wrap(np.bincount(_array(input), _array(weights), minlength))


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Each vector along an axis of its own, stretched over those of the others"""
    several = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], Sequence) else tensors
    sizes = [math.prod(_shape(t)) for t in several]
    lines = (np.eye(len(several), dtype=int) * (np.array(sizes) - 1) + 1).tolist()
    grids = [expand(ops.reshape(t, tuple(s)), *sizes) for t, s in zip(several, lines, strict=True)]
    return tuple(
        ops.transpose(g, 0, 1) if indexing == "xy" and len(sizes) > 1 else g for g in grids
    )


def hstack(tensors: Sequence[Any]) -> Tensor:
    """The Tensors side by side: along axis 1, vectors along axis 0"""
    return ops.cat(tensors, 0 if len(_shape(tensors[0])) < 2 else 1)


def vstack(tensors: Sequence[Any]) -> Tensor:
    """The Tensors on top of each other: along axis 0, vectors as rows"""
    return ops.cat([unsqueeze(t, 0) if len(_shape(t)) < 2 else t for t in tensors], 0)


# Products ------------------------------------------------------------------------------------


def _product(name: str, *ndims: int) -> Any:
    """matmul of arrays that have just these numbers of axes."""

    def product(input: Any, other: Any) -> Tensor:
        shapes = (_shape(input), _shape(other))
        if tuple(map(len, shapes)) != ndims:
            raise ValueError(
                f"{name}: needs arrays of {ndims[0]} and {ndims[1]} axes, not {shapes}"
            )
        return ops.matmul(input, other)

    product.__name__ = name
    product.__doc__ = f"The product of arrays of {ndims[0]} and {ndims[1]} axes"
    return product


mm, bmm, mv, dot = (
    _product("mm", 2, 2), _product("bmm", 3, 3), _product("mv", 2, 1), _product("dot", 1, 1),
)  # fmt: skip


def outer(input: Any, vec2: Any) -> Tensor:
    """x yᵀ of two vectors: y[i, j] = x[i] · y[j]"""
    return ops.mul(unsqueeze(input, 1), vec2)


@op
def _einsum(*arrays: Array, parts: list[str], result: str) -> Vjps:
    def of(k: int) -> Any:
        def dx(g: Array) -> Array:
            others = [p for i, p in enumerate(parts) if i != k]
            held = [a for i, a in enumerate(arrays) if i != k]
            once = "".join(dict.fromkeys(parts[k]))
            known = "".join(c for c in once if c in result + "".join(others))
            gx = np.einsum(f"{','.join([result, *others])}->{known}", g, *held, optimize=True)
            whole = np.zeros(arrays[k].shape, g.dtype)
            place = np.einsum(
                f"{parts[k]}->{once}", whole
            )  # the diagonal, where a letter stands twice
            place[...] = gx[tuple(slice(None) if c in known else None for c in once)]
            return whole

        return dx

    y = np.einsum(f"{','.join(parts)}->{result}", *arrays, optimize=len(arrays) > 2)
    return (np.array(y), *(of(k) for k in range(len(arrays))))


def einsum(equation: str, *operands: Any) -> Tensor:
    """Σ over the letters that the result lacks: "ij,jk->ik" is the product of two matrices"""
    arrays = (
        operands[0] if len(operands) == 1 and isinstance(operands[0], list | tuple) else operands
    )
    left, arrow, right = equation.replace(" ", "").partition("->")
    parts = left.split(",")
    free = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in left]
    if len(parts) != len(arrays):
        raise ValueError(
            f"einsum: {equation!r} speaks of {len(parts)} operands, not of {len(arrays)}"
        )
    most = ""
    for i, (part, x) in enumerate(zip(parts, arrays, strict=True)):
        letters = "".join(free[: len(_shape(x)) - len(part.replace("...", ""))][::-1])
        parts[i] = part.replace("...", letters)
        most = max(most, letters, key=len)
        if len(parts[i]) != len(_shape(x)):
            raise ValueError(f"einsum: {part!r} does not fit the shape {_shape(x)}")
    joined = "".join(parts)
    if not arrow:
        right = "..." + "".join(sorted(c for c in set(joined) - set(most) if joined.count(c) == 1))
    return _einsum(*arrays, parts=parts, result=right.replace("...", most))
