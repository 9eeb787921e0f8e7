"""Tensor's operators and methods: what ``x + y`` and ``x.sum()`` call.

They are ops, so they are installed from here, above both the engine and the ops.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.ops import (
    absolute,
    add,
    amax,
    amin,
    argmax,
    astype,
    div,
    exp,
    flatten,
    index,
    log,
    matmul,
    mean,
    mul,
    neg,
    pow,
    reshape,
    sqrt,
    sub,
    sum,
    transpose,
)
from nnlib.tensors import _UFUNCS


def _comparison(ufunc: Any) -> Any:
    def compare(x: Array, y: Array) -> Vjps:
        return (ufunc(x, y),)

    compare.__name__ = ufunc.__name__
    return op(compare)


def _of_all(name: str, f: Any) -> Any:
    def extreme(self: Tensor, *dim: Any, **options: Any) -> Tensor:
        if dim or options:
            raise TypeError(
                f"{name}: is over all entries; for an axis use a{name}(dim), argmax(dim)"
            )
        return f(self)  # type: ignore[no-any-return]

    return extreme


def _reflected(f: Any) -> Any:
    return lambda self, other: f(other, self)


_UFUNCS |= {
    np.add: add, np.subtract: sub, np.multiply: mul, np.true_divide: div, np.power: pow,
    np.matmul: matmul,
}  # fmt: skip
_UFUNCS |= {
    f: _comparison(f)
    for f in (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
}

_METHODS: dict[str, Any] = {
    "__add__": add, "__radd__": _reflected(add), "__sub__": sub, "__rsub__": _reflected(sub),
    "__mul__": mul, "__rmul__": _reflected(mul), "__truediv__": div, "__rtruediv__": _reflected(div),
    "__pow__": pow, "__rpow__": _reflected(pow), "__matmul__": matmul,
    "__rmatmul__": _reflected(matmul), "__neg__": neg, "__abs__": absolute, "__getitem__": index,
    "__eq__": _UFUNCS[np.equal], "__ne__": _UFUNCS[np.not_equal], "__lt__": _UFUNCS[np.less],
    "__le__": _UFUNCS[np.less_equal], "__gt__": _UFUNCS[np.greater],
    "__ge__": _UFUNCS[np.greater_equal], "sum": sum, "mean": mean, "amax": amax, "amin": amin,
    "max": _of_all("max", amax), "min": _of_all("min", amin), "argmax": argmax, "exp": exp,
    "log": log, "sqrt": sqrt, "abs": absolute, "reshape": reshape, "flatten": flatten,
    "transpose": transpose, "float": lambda self: astype(self, dtype=np.float32),
    "double": lambda self: astype(self, dtype=np.float64),
    "T": property(lambda self: transpose(self, 0, 1) if self.ndim == 2 else _no_transpose(self)),
}  # fmt: skip


def _no_transpose(x: Tensor) -> Tensor:
    raise ValueError(f"T: is for matrices, not for shape {x.shape}; use transpose(dim0, dim1)")


for _name, _method in _METHODS.items():
    setattr(Tensor, _name, _method)
