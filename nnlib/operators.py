"""Tensor's operators and methods: what ``x + y`` and ``x.sum()`` call.

They are ops, so they are installed from here, above both the engine and the ops.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib import ops
from nnlib.conversions import UFUNCS
from nnlib.engine import Array, Tensor, Vjps, op


def _comparison(ufunc: Any) -> Any:
    def compare(x: Array, y: Array) -> Vjps:
        return (ufunc(x, y),)

    compare.__name__ = ufunc.__name__
    return op(compare)


def _reflected(f: Any) -> Any:
    return lambda self, other: f(other, self)


def _max(self: Tensor, *dim: Any, **options: Any) -> Tensor:
    if dim or options:
        raise TypeError("max: is over all entries; for an axis use amax(dim), argmax(dim)")
    return ops.amax(self)


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

_METHODS: dict[str, Any] = {
    "__add__": ops.add, "__sub__": ops.sub, "__mul__": ops.mul, "__truediv__": ops.div,
    "__pow__": ops.pow, "__matmul__": ops.matmul, "__neg__": ops.neg, "__abs__": ops.absolute,
    "__getitem__": ops.index, "__eq__": UFUNCS[np.equal], "__ne__": UFUNCS[np.not_equal],
    "__lt__": UFUNCS[np.less], "__le__": UFUNCS[np.less_equal], "__gt__": UFUNCS[np.greater],
    "__ge__": UFUNCS[np.greater_equal], "sum": ops.sum, "mean": ops.mean, "amax": ops.amax,
    "max": _max, "argmax": ops.argmax, "exp": ops.exp, "log": ops.log, "sqrt": ops.sqrt,
    "abs": ops.absolute, "reshape": ops.reshape, "flatten": ops.flatten, "transpose": ops.transpose,
    "float": lambda self: ops.astype(self, dtype=np.float32),
    "double": lambda self: ops.astype(self, dtype=np.float64), "T": property(_transposed),
}  # fmt: skip
for _name in ("add", "sub", "mul", "truediv", "pow", "matmul"):
    _METHODS[f"__r{_name}__"] = _reflected(_METHODS[f"__{_name}__"])
for _name, _method in _METHODS.items():
    setattr(Tensor, _name, _method)
