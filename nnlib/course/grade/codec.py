"""Arguments and results as JSON, between the grader and its workers.

Both sides use this file, so it imports the standard library and NumPy alone. Nothing is pickled:
what comes back from a worker is text, numbers, arrays and containers of them, and never code.
"""

import ast
import base64
import inspect
import math
import textwrap
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np

MOST_BYTES = 8 << 20  # of one array
KINDS = "biufcSUmM"  # of dtypes: numbers and text, and never objects


def encode(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, (np.ndarray, np.generic)):
        return _packed(np.asarray(value)) | {"scalar": isinstance(value, np.generic)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return {type(value).__name__: [encode(part) for part in value]}
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(part)] for key, part in value.items()]}
    if isinstance(value, np.random.Generator):
        return {"generator": value.bit_generator.state}
    if inspect.isfunction(value):
        source = textwrap.dedent(inspect.getsource(value))
        names = encode(_names(value, source))
        return {"function": value.__name__, "source": source, "names": names}
    raise TypeError(f"a {type(value).__name__} cannot be sent to a worker")


def _names(function: Callable[..., Any], source: str) -> dict[str, Any]:
    """What a function takes from around it: what it was made with, and functions and constants."""
    package = function.__module__.partition(".")[0]

    def goes_along(value: Any) -> bool:
        if inspect.isfunction(value):
            return value is not function and value.__module__.partition(".")[0] == package
        return isinstance(value, (bool, int, float, str, np.ndarray, np.generic))

    named = {part.id for part in ast.walk(ast.parse(source)) if isinstance(part, ast.Name)}
    around = {name: function.__globals__[name] for name in named & function.__globals__.keys()}
    beside = {name: value for name, value in sorted(around.items()) if goes_along(value)}
    return {**inspect.getclosurevars(function).nonlocals, **beside}


def encode_all(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments after a call that may have made anything of them; None where it cannot be sent."""
    encoded: dict[str, Any] = dict.fromkeys(arguments)
    for name, value in arguments.items():
        with suppress(BaseException):
            encoded[name] = encode(value)
    return encoded


def decode(value: Any, function: Callable[[str, str, Any], Any] | None = None) -> Any:
    """The value that was encoded.

    `function(name, source, names)` makes a function. Only a worker passes it; without it nothing that
    comes in is run, and arrays are laid out plainly, whatever is said of them.
    """
    if not isinstance(value, dict):
        return value
    if "array" in value:
        array = _unpacked(value)
        if function:
            array = _laid_out(array, value)
        return array[()] if value["scalar"] else array
    if "list" in value:
        return [decode(part, function) for part in value["list"]]
    if "tuple" in value:
        return tuple(decode(part, function) for part in value["tuple"])
    if "dict" in value:
        return {decode(key): decode(part, function) for key, part in value["dict"]}
    if "generator" in value:
        generator = np.random.default_rng()
        generator.bit_generator.state = value["generator"]
        return generator
    if "function" in value and function:
        return function(value["function"], value["source"], decode(value["names"], function))
    raise ValueError("this is no value that was encoded")


def _packed(array: Any) -> dict[str, Any]:
    """An array's numbers and, for an answer may depend on it, how it lies in memory."""
    if array.dtype.kind not in KINDS:  # not sent; only what it is matters to whoever judges it
        return {"array": "", "none": array.ndim == 0 and array[()] is None}
    return {
        "array": array.dtype.str,
        "shape": array.shape,
        "bytes": base64.b64encode(array.tobytes()).decode(),
        "strided": not array.flags.c_contiguous,
        "fixed": not array.flags.writeable,
    }


def _unpacked(value: dict[str, Any]) -> Any:
    if not value["array"]:
        return np.array(None if value["none"] else [None], dtype=object)
    dtype, shape = np.dtype(value["array"]), tuple(value["shape"])
    if dtype.kind not in KINDS:
        raise ValueError("this is no array of numbers or text")
    # A trillion rows of no columns need no memory, but what is computed from them does.
    if math.prod(max(size, 1) for size in (*shape, dtype.itemsize)) > MOST_BYTES:
        raise ValueError("an array is too large")
    return np.frombuffer(bytearray(base64.b64decode(value["bytes"])), dtype).reshape(shape)


def _laid_out(array: Any, value: dict[str, Any]) -> Any:
    if value["strided"]:
        larger = np.zeros([2 * size for size in array.shape], array.dtype)
        view = larger[tuple(slice(None, None, 2) for _ in array.shape)]
        view[...] = array
        array = view
    array.flags.writeable = not value["fixed"]
    return array
