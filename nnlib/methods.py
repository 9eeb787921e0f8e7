"""Tensor's methods under torch's names, each a function that stands elsewhere.

Where torch has both ``torch.sin(x)`` and ``x.sin()``, so has nnlib: the first argument is x.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from nnlib import creation, dtypes, entrywise, ops, reductions, reshaping, shapes
from nnlib.engine import Tensor
from nnlib.operators import Operators, _reflected, install


def _in_dtype(dtype: Any) -> Any:
    def method(self: Tensor, memory_format: Any = None) -> Tensor:
        return creation.to(self, dtype)

    return method


def functional(name: str) -> Any:
    """A function of nnlib.nn.functional, which is imported when it is first called."""

    def method(input: Any, *args: Any, **options: Any) -> Any:
        return getattr(import_module("nnlib.nn.functional"), name)(input, *args, **options)

    method.__name__ = name
    method.__doc__ = f"nnlib.nn.functional.{name}"
    return method


def _type(self: Tensor, dtype: Any) -> Tensor:
    """The values in another dtype, which may be written "torch.LongTensor"."""
    if isinstance(dtype, str):
        dtype = getattr(dtypes, dtype.removeprefix("torch.").removesuffix("Tensor").lower())
    return creation.to(self, dtype)


def _size(self: Tensor, dim: int | None = None) -> Any:
    return self.shape if dim is None else self.shape[dim]


def _like(function: Any) -> Any:
    """``x.new_zeros(2, 3)``: made with the dtype of x."""

    def method(self: Tensor, *args: Any, **options: Any) -> Tensor:
        return function(*args, **{"dtype": self.dtype, **options})  # type: ignore[no-any-return]

    return method


def _index(self: Tensor) -> int:
    if self.dtype.kind == "f" or self._data.size != 1:
        kind = f"{self.dtype} of shape {self.shape}"
        raise TypeError(f"index: only a Tensor of one whole number is one, not {kind}")
    return int(self._data.item())


def _contains(self: Tensor, element: Any) -> bool:
    return bool((self._data == reshaping._array(element)).any())


class Methods(Operators):
    """The list: what a Tensor can besides the operators."""

    # Operators of masks and whole numbers
    __invert__, __floordiv__, __mod__ = (
        entrywise.bitwise_not, entrywise.floor_divide, entrywise.remainder,
    )  # fmt: skip
    __and__ = __rand__ = entrywise.bitwise_and
    __or__ = __ror__ = entrywise.bitwise_or
    __xor__ = __rxor__ = entrywise.bitwise_xor
    __rfloordiv__, __rmod__ = map(_reflected, (entrywise.floor_divide, entrywise.remainder))
    __index__, __contains__ = _index, _contains

    # Arithmetic by name
    add, sub = entrywise.add, entrywise.sub
    mul, div, neg, pow = ops.mul, ops.div, ops.neg, ops.pow
    multiply, subtract, divide, negative = ops.mul, entrywise.sub, ops.div, ops.neg
    matmul, absolute, maximum, minimum = ops.matmul, ops.absolute, ops.maximum, entrywise.minimum
    eq, ne, lt, le = Operators.__eq__, Operators.__ne__, Operators.__lt__, Operators.__le__
    gt, ge, clamp, clip = Operators.__gt__, Operators.__ge__, ops.clamp, ops.clamp
    floor_divide, remainder, fmod = entrywise.floor_divide, entrywise.remainder, entrywise.fmod

    # Functions of one entry
    sin, cos, tan, asin, acos = (
        entrywise.sin, entrywise.cos, entrywise.tan, entrywise.asin, entrywise.acos,
    )  # fmt: skip
    atan, atan2, sinh, cosh = entrywise.atan, entrywise.atan2, entrywise.sinh, entrywise.cosh
    exp2, expm1, log1p, log2 = entrywise.exp2, entrywise.expm1, entrywise.log1p, entrywise.log2
    log10, rsqrt, square, erf = entrywise.log10, entrywise.rsqrt, entrywise.square, entrywise.erf
    reciprocal, lerp, xlogy = entrywise.reciprocal, entrywise.lerp, entrywise.xlogy
    floor, ceil, round, trunc = entrywise.floor, entrywise.ceil, entrywise.round, entrywise.trunc
    isnan, isinf, isfinite = entrywise.isnan, entrywise.isinf, entrywise.isfinite
    logical_not, logical_and = entrywise.logical_not, entrywise.logical_and
    logical_or, logical_xor = entrywise.logical_or, entrywise.logical_xor
    isclose, allclose, equal = entrywise.isclose, entrywise.allclose, entrywise.equal
    relu, sigmoid, tanh, sign = map(functional, ("relu", "sigmoid", "tanh", "sign"))
    softmax, log_softmax = map(functional, ("softmax", "log_softmax"))

    # Reductions and order
    sum, mean, prod = reductions.sum, reductions.mean, reductions.prod
    cumsum, cumprod, logsumexp = reductions.cumsum, reductions.cumprod, reductions.logsumexp
    var, std, norm, median = reductions.var, reductions.std, reductions.norm, reductions.median
    max, min, amax, amin = reductions.max, reductions.min, reductions.amax, reductions.amin
    argmax, argmin, argsort = reductions.argmax, reductions.argmin, reductions.argsort
    sort, topk, all, any = reductions.sort, reductions.topk, reductions.all, reductions.any
    count_nonzero = reductions.count_nonzero

    # Shapes
    view, unsqueeze, squeeze, t = shapes.view, shapes.unsqueeze, shapes.squeeze, shapes.t
    permute, movedim, unflatten = shapes.permute, shapes.movedim, shapes.unflatten
    swapaxes, ravel = ops.transpose, ops.flatten
    expand, broadcast_to, repeat = shapes.expand, shapes.broadcast_to, shapes.repeat
    tile, repeat_interleave, clone = shapes.tile, shapes.repeat_interleave, shapes.clone
    size = _size

    def dim(self: Any) -> Any:
        """The number of axes"""
        return self.ndim

    def numel(self: Any) -> Any:
        """The number of entries"""
        return self._data.size

    nelement, ndimension = numel, dim

    def view_as(self: Any, other: Any) -> Any:
        """In the shape of ``other``"""
        return ops.reshape(self, *other.shape)

    reshape_as = view_as

    def expand_as(self: Any, other: Any) -> Any:
        """Stretched to the shape of ``other``"""
        return shapes.expand(self, *other.shape)

    def contiguous(self: Any, memory_format: Any = None) -> Any:
        """The Tensor itself where its entries lie in order, else a copy"""
        return self if self._data.flags.c_contiguous else shapes.clone(self)

    # Parts and products
    split, chunk, unbind, narrow = shapes.split, shapes.chunk, shapes.unbind, shapes.narrow
    index_select, masked_select = shapes.index_select, shapes.masked_select
    masked_fill, gather, flip, roll = shapes.masked_fill, shapes.gather, shapes.flip, shapes.roll
    scatter, scatter_add = shapes.scatter, shapes.scatter_add
    tril, triu, diag, diagonal = shapes.tril, shapes.triu, shapes.diag, shapes.diagonal
    nonzero, unique, bincount = shapes.nonzero, shapes.unique, shapes.bincount
    mm, bmm, mv, dot, outer = shapes.mm, shapes.bmm, shapes.mv, shapes.dot, shapes.outer

    def where(self: Any, condition: Any, other: Any) -> Any:
        """x where the condition holds, ``other`` elsewhere"""
        return ops.where(condition, self, other)

    # From one dtype to another, and out
    to, type = creation.to, _type
    half, bool = _in_dtype(dtypes.float16), _in_dtype(dtypes.bool)
    short, char, byte = map(_in_dtype, (dtypes.int16, dtypes.int8, dtypes.uint8))
    int, long = _in_dtype(dtypes.int32), _in_dtype(dtypes.int64)
    float, double = _in_dtype(dtypes.float32), _in_dtype(dtypes.float64)
    multinomial, bernoulli = creation.multinomial, creation.bernoulli
    new_zeros, new_ones, new_empty = map(_like, (creation.zeros, creation.ones, creation.empty))
    new_full, new_tensor = _like(creation.full), _like(creation.tensor)
    device = property(lambda self: creation.device())
    is_cuda = property(lambda self: False)

    def cpu(self: Any) -> Any:
        """The Tensor itself"""
        return self

    def type_as(self: Any, other: Any) -> Any:
        """In the dtype of ``other``"""
        return creation.to(self, other.dtype)

    def tolist(self: Any) -> Any:
        """The entries as Python numbers, in nested lists"""
        return self._data.tolist()

    def is_floating_point(self: Any) -> Any:
        """Whether the entries are floats"""
        return self.dtype.kind == "f"


install(Methods)
