"""Tensor's operators and methods: what ``x + y`` and ``x.sum()`` call.

They are ops, so they are installed from here, above both the engine and the ops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.conversions import UFUNCS
from nnlib.engine import Array, Tensor, Vjps
from nnlib.promotion import arithmetic


def _comparison(ufunc: Any) -> Any:
    def compare(x: Array, y: Array) -> Vjps:
        return (ufunc(x, y),)

    compare.__name__ = ufunc.__name__
    return arithmetic(compare)


def _reflected(f: Any) -> Callable[..., Tensor]:
    return lambda self, other: f(other, self)


def _transposed(x: Tensor) -> Tensor:
    if x.ndim != 2:
        raise ValueError(f"T: is for matrices, not for shape {x.shape}; use transpose(dim0, dim1)")
    return ops.transpose(x, 0, 1)


for _f in (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal):
    UFUNCS[_f] = _comparison(_f)
UFUNCS |= {
    np.add: ops.add, np.subtract: ops.sub, np.multiply: ops.mul, np.true_divide: ops.div,
    np.power: ops.pow, np.matmul: ops.matmul,
}  # fmt: skip


class Operators:
    """What Tensor gets: an attribute that is a function is a method."""

    __add__, __sub__, __mul__, __truediv__ = ops.add, ops.sub, ops.mul, ops.div
    __pow__, __matmul__, __neg__, __abs__ = ops.pow, ops.matmul, ops.neg, ops.absolute
    __radd__, __rsub__, __rmul__ = map(_reflected, (ops.add, ops.sub, ops.mul))
    __rtruediv__, __rpow__, __rmatmul__ = map(_reflected, (ops.div, ops.pow, ops.matmul))
    __eq__, __ne__ = UFUNCS[np.equal], UFUNCS[np.not_equal]
    __lt__, __le__ = UFUNCS[np.less], UFUNCS[np.less_equal]
    __gt__, __ge__ = UFUNCS[np.greater], UFUNCS[np.greater_equal]
    __getitem__ = ops.index
    exp, log, sqrt, abs = ops.exp, ops.log, ops.sqrt, ops.absolute
    reshape, flatten, transpose = ops.reshape, ops.flatten, ops.transpose
    T = property(_transposed)


def install(methods: type) -> None:
    for name, method in vars(methods).items():
        if callable(method) or isinstance(method, property):
            setattr(Tensor, name, method)


install(Operators)
