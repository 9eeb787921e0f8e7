"""What the public functions ask of their arguments, and the words in which they say no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnlib.engine import Array, Tensor

__all__ = [
    "at_default",
    "floats",
    "not_negative",
    "probability",
    "same_shape",
    "stretches_to",
    "values",
]


def values(function: str, argument: str, x: Any) -> Array:
    """The array of a Tensor, or the array itself."""
    if isinstance(x, Tensor):
        return x.data
    if isinstance(x, np.ndarray):
        return x
    raise TypeError(
        f"{function}: {argument} must be a Tensor or a NumPy array, not {type(x).__name__}"
    )


def floats(function: str, optional: Mapping[str, Any] | None = None, **arguments: Any) -> list[Any]:
    """The arrays of all arguments, once they are of one float dtype.

    Those in ``optional`` come last and may be None. This runs before every op: it checks quickly,
    and only when something is wrong it looks again to say what.
    """
    given = {**arguments, **optional} if optional else arguments
    arrays: list[Any] = []
    dtype = None
    for name, x in given.items():
        a = x._data if isinstance(x, Tensor) else x
        arrays.append(a)
        if isinstance(a, np.ndarray):
            if dtype is None:
                dtype = a.dtype
            if a.dtype == dtype and dtype.kind == "f":
                continue
        elif a is None and name not in arguments:
            continue
        raise _not_floats(function, given, set(arguments))
    return arrays


def _not_floats(function: str, given: Mapping[str, Any], required: set[str]) -> TypeError:
    dtypes = {
        name: values(function, name, x).dtype
        for name, x in given.items()
        if x is not None or name in required
    }
    for name, dtype in dtypes.items():
        if dtype.kind != "f":
            return TypeError(
                f"{function}: {name} holds {dtype}, but floats are needed: "
                f"write {name}.astype(np.float32)"
            )
    listed = ", ".join(f"{name} is {dtype}" for name, dtype in dtypes.items())
    return TypeError(
        f"{function}: {listed}; all must be of one dtype: "
        "write array.astype(np.float32), or model.double() for float64"
    )


def same_shape(function: str, **arguments: Any) -> None:
    """Both have one shape, so that nothing is broadcast where it would train the wrong thing."""
    (a, x), (b, y) = ((k, values(function, k, v).shape) for k, v in arguments.items())
    if x == y:
        return
    words = f"{function}: {a} has shape {x}, but {b} has {y}; they must be equal"
    if x[:-1] == y and x[-1] == 1:
        words += f": write {a}[:, 0] or {b}[:, None]" if len(y) == 1 else ""
    elif y[:-1] == x and y[-1] == 1:
        words += f": write {a}[:, None] or {b}[:, 0]" if len(x) == 1 else ""
    raise ValueError(words)


def stretches_to(function: str, argument: str, x: Any, shape: tuple[int, ...]) -> None:
    """x can be repeated to fill ``shape``, and does not enlarge it."""
    own = values(function, argument, x).shape
    pairs = zip(reversed(own), reversed(shape), strict=False)
    if len(own) > len(shape) or any(n not in (1, m) for n, m in pairs):
        raise ValueError(f"{function}: {argument} has shape {own}, which does not fit {shape}")


def at_default(function: str, **options: tuple[Any, Any]) -> None:
    """Options of PyTorch's that nnlib leaves out: only PyTorch's default is accepted."""
    for name, (value, default) in options.items():
        if value is not default and value != default:
            raise TypeError(
                f"{function}: {name}={value!r} is not offered here; leave it at {default!r}"
            )


def not_negative(function: str, **options: Any) -> None:
    """Each option is a number from 0."""
    for name, value in options.items():
        if not isinstance(value, int | float | np.number):
            raise TypeError(f"{function}: {name} must be a number, not {value!r}")
        if not value >= 0:
            raise ValueError(f"{function}: {name} must not be negative, and it is {value}")


def probability(function: str, **options: Any) -> None:
    """Each option is a number from 0 to 1."""
    for name, value in options.items():
        if not isinstance(value, int | float | np.number) or not 0 <= value <= 1:
            raise ValueError(f"{function}: {name} must be a probability in [0, 1], not {value!r}")
