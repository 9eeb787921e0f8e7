"""Promotion: in which dtype the inputs of an op meet. The rules are PyTorch's.

NumPy makes float64 of whole numbers with float32, and of a division of whole numbers; one such
result, and a float32 network meets data that it refuses. Here floats win over whole numbers and
whole numbers over bools, whatever their size; only among equals the larger one wins, and what has
axes wins over what is a single number. A step of training meets none of this: its arrays have one
float dtype, and go through as they are.

>>> common_dtype(np.ones(2, np.float32), np.arange(2), 0.5)
dtype('float32')
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from nnlib.engine import Tensor, Vjps, op

DEFAULT = {bool: np.dtype(bool), int: np.dtype(np.int64), float: np.dtype(np.float32)}
_RANK = {"b": 0, "u": 1, "i": 1, "f": 2}  # by a dtype's kind

Formula = Callable[..., Vjps]


def common_dtype(*inputs: Any) -> np.dtype[Any] | None:
    """The dtype in which arrays and Python numbers meet; None where there is no number.

    First those with axes decide, then arrays of a single number, then Python numbers: a later group
    has a say only if it is of a higher kind (bool, whole, float).

    >>> common_dtype(np.arange(2), np.array(0.5))
    dtype('float64')
    >>> common_dtype(np.ones(2, np.float32), np.array(0.5))
    dtype('float32')
    """
    groups: list[list[np.dtype[Any]]] = [[], [], []]
    for x in inputs:
        if isinstance(x, np.ndarray):
            groups[x.ndim == 0].append(x.dtype)
        elif type(x) in DEFAULT:
            groups[2].append(DEFAULT[type(x)])
    found: np.dtype[Any] | None = None
    for group in groups:
        for dtype in [_larger(group)] if group else []:
            if found is None or _rank(dtype) > _rank(found):
                found = dtype
    return found


def _larger(dtypes: list[np.dtype[Any]]) -> np.dtype[Any]:
    """The one among dtypes that holds them all: as NumPy has it, but int64 and float16 are float16."""
    highest = max(map(_rank, dtypes))
    return np.result_type(*(d for d in dtypes if _rank(d) == highest))


def _rank(dtype: np.dtype[Any]) -> int:
    return _RANK.get(dtype.kind, 3)


def meet(*inputs: Any) -> Any:
    """The same inputs with all arrays in one dtype; Python numbers follow by themselves.

    Whole numbers have no room for all of them: −3 is 253 among bytes, as in PyTorch.
    """
    dtypes = [x.dtype for x in inputs if isinstance(x, np.ndarray)]
    if dtypes and dtypes[0].kind == "f" and dtypes.count(dtypes[0]) == len(dtypes):
        return inputs
    return _cast(inputs, common_dtype(*inputs), keep_numbers=bool(dtypes))


def _cast(inputs: Any, dtype: Any, keep_numbers: bool = True) -> Any:
    kinds: Any = np.ndarray if keep_numbers else (np.ndarray, *DEFAULT)
    if dtype is not None and np.dtype(dtype).kind in "ui":
        return [
            np.asarray(x).astype(dtype) if isinstance(x, (*DEFAULT, np.ndarray)) else x
            for x in inputs
        ]
    return [np.asarray(x, dtype) if isinstance(x, kinds) else x for x in inputs]


def factors(function: str, x: Any, y: Any) -> Any:
    """The two factors of a product of matrices: whole numbers become floats where they meet some.

    Two sizes of floats are refused, as in PyTorch: one that was not meant would be slow.

    >>> [a.dtype for a in factors("matmul", np.ones(2, np.float32), np.arange(2))]
    [dtype('float32'), dtype('float32')]
    >>> factors("matmul", np.ones(2, np.float32), np.ones(2))
    Traceback (most recent call last):
    TypeError: matmul: float32 and float64 do not go together: convert one, with .float() or .double()
    """
    dtypes = [a.dtype for a in (x, y) if isinstance(a, np.ndarray)]
    if len(set(dtypes)) == 2 and all(dtype.kind == "f" for dtype in dtypes):
        words = "do not go together: convert one, with .float() or .double()"
        raise TypeError(f"{function}: {' and '.join(map(str, dtypes))} {words}")
    return meet(x, y)


def arithmetic(formula: Formula) -> Callable[..., Tensor]:
    """An op whose inputs meet in one dtype before its formula sees them

    >>> @arithmetic
    ... def twice(x, y):
    ...     return x + y + y, lambda g: g, lambda g: 2 * g
    >>> twice(Tensor([1.0, 2.0]), Tensor([1, 2])).dtype
    dtype('float32')
    """

    @wraps(formula)
    def promoted(*inputs: Any, **options: Any) -> Vjps:
        return formula(*meet(*inputs), **options)

    return op(promoted)


def calculus(formula: Formula) -> Callable[..., Tensor]:
    """An op for which whole numbers, too, become floats: float32, as lists do

    >>> @calculus
    ... def half(x):
    ...     return x / 2, lambda g: g / 2
    >>> half(Tensor([1, 2])).dtype
    dtype('float32')
    """

    @wraps(formula)
    def promoted(*inputs: Any, **options: Any) -> Vjps:
        arrays = meet(*inputs)
        if any(isinstance(x, np.ndarray) and x.dtype.kind in "iub" for x in arrays):
            arrays = _cast(inputs, np.float32, keep_numbers=False)  # −3 is −3 again
        return formula(*arrays, **options)

    return op(promoted)
