"""Diagnosis: which line went wrong, and NumPy's complaints in words that name the op.

Nothing here is needed to understand the engine.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from nnlib.memory import held
from nnlib.modes import modes, switched
from nnlib.tape import Array
from nnlib.tensors import Tensor

__all__ = ["debug"]


@contextmanager
def debug() -> Iterator[None]:
    """Find the line: NaNs in values or gradients, and arrays changed before ``backward``, raise.

    Raises FloatingPointError for the one, RuntimeError for the other. Slow (it copies what
    every vjp needs); for hunting, not for training. As torch.autograd.detect_anomaly.

    >>> with debug():
    ...     2 * Tensor([np.nan])
    Traceback (most recent call last):
        ...
    FloatingPointError: mul (...): its value holds NaN
    """
    with switched(watchers=(*modes.watchers, _watch)):
        yield


def _watch(y: Tensor, name: str, inputs: Any, options: dict[str, Any]) -> None:
    snapshot = _Snapshot(name, [] if y._node is None else list(held(y._node.vjps)))
    if np.isnan(y._data).any():
        raise FloatingPointError(f"{name} ({snapshot.line}): its value holds NaN")
    if y._node is not None:
        y._node.snapshot = snapshot


class _Snapshot:
    """What an op's vjps need: to see whether it was changed, and to name the line."""

    def __init__(self, name: str, arrays: list[Any]) -> None:
        self.name, self.line = name, _calling_line()
        self.arrays = [(a, a.copy()) for a in arrays]

    def check(self) -> None:
        for now, then in self.arrays:
            if not np.array_equal(now, then, equal_nan=now.dtype.kind == "f"):
                message = f"an array of shape {now.shape} that it read or made was changed"
                raise RuntimeError(f"{self.name} ({self.line}): {message} before backward()")

    def check_gradient(self, gx: Array, i: int) -> None:
        if np.isnan(gx).any():
            raise FloatingPointError(f"{self.name} ({self.line}): NaN in the gradient of input {i}")


def _calling_line() -> str:
    """Where the user's code called: the innermost frame outside this package."""
    frame = sys._getframe(1)
    package = __name__.partition(".")[0]
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}"


_INSTEAD = {
    "boolean negative": "True and False have no sign: write ~mask",
    "boolean subtract": "True and False are no numbers: write a ^ b, or a.float() - b.float()",
    "negative integer powers": "whole numbers have no negative powers: write x.float()",
}


def readable(error: Exception, name: str, arrays: list[Any]) -> Exception:
    """NumPy's complaint about shapes or types, in words that name the op and what came.

    An error of the op's own is returned as it is.

    >>> readable(ValueError("operands could not be broadcast"), "add", [np.ones(2), np.ones(3)])
    ValueError('add: shapes (2,) and (3,) do not fit together')
    """
    text = str(error)
    for part, instead in _INSTEAD.items():
        if part in text:
            return type(error)(f"{name}: {instead}")
    if isinstance(error, IndexError):
        return IndexError(f"{name}: {text.removeprefix(f'{name}: ')}")
    if isinstance(error, TypeError):
        if "ufunc" not in text and "operand type" not in text:
            return error
        types = " and ".join(str(getattr(a, "dtype", type(a).__name__)) for a in arrays)
        return TypeError(f"{name}: works on numbers and arrays of numbers, not on {types}")
    if "broadcast" not in text and "gufunc" not in text and "matmul" not in text:
        return error
    shapes = " and ".join(str(np.shape(a)) for a in arrays if a is not None)
    return ValueError(f"{name}: shapes {shapes} do not fit together")


def with_read_only(name: str, vjps: list[Any]) -> list[Any]:
    """A student's vjps, with a ``g`` that they cannot change: other vjps are given the same array."""
    last: list[Any] = [None, None]

    def lend(vjp: Any, g: Array) -> Any:
        if last[0] is not g:
            last[:] = g, np.asarray(g).view()
            last[1].flags.writeable = False
        try:
            return vjp(last[1])
        except ValueError as error:
            if "read-only" in str(error):
                words = (
                    "g is read-only, as other vjps are given it too. Write g = 2 * g, not g *= 2"
                )
                raise ValueError(f"{name}: a vjp may not change its g in place: {words}") from error
            raise

    return [None if vjp is None else partial(lend, vjp) for vjp in vjps]
