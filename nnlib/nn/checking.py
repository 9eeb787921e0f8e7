"""What the public functions ask of their arguments, and the words in which they say no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, signature
from typing import Any, TypeVar

import numpy as np

from nnlib.engine import Array, Tensor

T = TypeVar("T")

# An option means the same wherever it occurs in nn, so its name says what it may be.
LEFT_OUT = {  # options of PyTorch's that nnlib has no use for: accepted at PyTorch's default alone
    "_freeze": False, "_weight": None, "ceil_mode": False, "count_include_pad": True, "device": None,
    "dilation": 1, "divisor_override": None, "dropout": 0.0, "groups": 1, "inplace": False,
    "max_norm": None, "norm_type": 2.0, "padding_idx": None, "padding_mode": "zeros", "proj_size": 0,
    "reduce": None, "return_indices": False, "scale_grad_by_freq": False, "size_average": None,
    "sparse": False,
}  # fmt: skip
_CHOICES = {
    "approximate": "'none' or 'tanh'",
    "nonlinearity": "'tanh' or 'relu'",
    "reduction": "'mean', 'sum' or 'none'",
}
_COUNTS = {
    "embedding_dim", "hidden_size", "in_channels", "in_features", "input_size", "num_embeddings",
    "num_features", "num_layers", "out_channels", "out_features",
}  # fmt: skip
_PROBABILITIES = {"label_smoothing", "p"}
_LISTED = {*LEFT_OUT, *_CHOICES, *_COUNTS, *_PROBABILITIES}


def check_options(function: str, arguments: Mapping[str, Any]) -> None:
    """Each of the ``arguments`` whose name stands in the lists above is what it may be."""
    for name, value in arguments.items():
        if name in _LISTED:
            _check_option(function, name, value)


def _check_option(function: str, name: str, value: Any) -> None:
    if name in LEFT_OUT:
        at_default(function, **{name: (value, LEFT_OUT[name])})
    elif name in _CHOICES:
        if repr(value) not in _CHOICES[name]:
            raise ValueError(f"{function}: {name} must be {_CHOICES[name]}, not {value!r}")
    elif name in _COUNTS:
        if not (isinstance(value, int | np.integer) and value > 0):
            raise ValueError(f"{function}: {name} must be a whole number from 1, not {value!r}")
    elif not (isinstance(value, int | float | np.number) and 0 <= value <= 1):
        raise ValueError(f"{function}: {name} must be a probability in [0, 1], not {value!r}")


def as_in_torch(order: str) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Call a function with PyTorch's arguments in PyTorch's ``order``, each checked by its name.

    The function itself takes only those that nnlib offers.
    """
    names = order.split()

    def decorate(function: Callable[..., T]) -> Callable[..., T]:
        own, kind = signature(function).parameters, Parameter.POSITIONAL_OR_KEYWORD
        arguments = [own.get(k) or Parameter(k, kind, default=LEFT_OUT[k]) for k in names]
        arguments += [p for p in own.values() if p.kind is Parameter.KEYWORD_ONLY]
        listed = [k for k in names if k in _LISTED]
        free = names.index(listed[0]) if listed else len(names)  # so many first need no look

        @wraps(function)
        def checked(*args: Any, **options: Any) -> T:
            if not options and len(args) <= free:
                return function(*args)
            name = type(args[0]).__name__ if names[0] == "self" else function.__name__
            given = dict(zip(names, args, strict=False)) | options
            if len(given) < len(args) + len(options):
                raise TypeError(f"{name}: too many arguments, or one of them twice")
            for k in listed:
                if k in given:
                    _check_option(name, k, given[k] if k in own else given.pop(k))
            return function(**given)

        shown = signature(function).replace(parameters=arguments)
        checked.__signature__ = shown  # type: ignore[attr-defined]
        return checked

    return decorate


def at_default(function: str, **options: tuple[Any, Any]) -> None:
    """Options of PyTorch's that nnlib leaves out: only PyTorch's default is accepted."""
    for name, (value, default) in options.items():
        if value is not default and value != default:
            words = f"{name}={value!r} is not offered here; leave it at {default!r}"
            raise TypeError(f"{function}: {words}")


def not_negative(function: str, **options: Any) -> None:
    """Each option is a number from 0."""
    for name, value in options.items():
        if not isinstance(value, int | float | np.number):
            raise TypeError(f"{function}: {name} must be a number, not {value!r}")
        if not value >= 0:
            raise ValueError(f"{function}: {name} must not be negative, and it is {value}")


def values(function: str, argument: str, x: Any) -> Array:
    """The array of a Tensor, or the array itself."""
    if isinstance(x, Tensor):
        return x.data
    if isinstance(x, np.ndarray):
        return x
    kind = type(x).__name__
    raise TypeError(f"{function}: {argument} must be a Tensor or a NumPy array, not {kind}")


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
            dtype = dtype or a.dtype
            if a.dtype == dtype and dtype.kind == "f":
                continue
        elif a is None and name not in arguments:
            continue
        there = {k: x for k, x in given.items() if k in arguments or x is not None}
        raise _not_floats(function, {k: values(function, k, x).dtype for k, x in there.items()})
    return arrays


def _not_floats(function: str, dtypes: Mapping[str, Any]) -> TypeError:
    for name, dtype in dtypes.items():
        if dtype.kind != "f":
            needed = f"floats are needed: write {name}.astype(np.float32)"
            return TypeError(f"{function}: {name} holds {dtype}, but {needed}")
    listed = ", ".join(f"{name} is {dtype}" for name, dtype in dtypes.items())
    words = "write array.astype(np.float32), or model.double() for float64"
    return TypeError(f"{function}: {listed}; all must be of one dtype: {words}")


def same_shape(function: str, **arguments: Any) -> None:
    """Both have one shape, so that nothing is broadcast where it would train the wrong thing."""
    (a, x), (b, y) = ((k, values(function, k, v).shape) for k, v in arguments.items())
    if x == y:
        return
    words = f"{function}: {a} has shape {x}, but {b} has {y}; they must be equal"
    if len(x) == 2 and x == (*y, 1):
        words += f": write {a}[:, 0] or {b}[:, None]"
    elif len(y) == 2 and y == (*x, 1):
        words += f": write {a}[:, None] or {b}[:, 0]"
    raise ValueError(words)


def stretches_to(function: str, argument: str, x: Any, shape: tuple[int, ...]) -> None:
    """x can be repeated to fill ``shape``, and does not enlarge it."""
    own = values(function, argument, x).shape
    pairs = zip(reversed(own), reversed(shape), strict=False)
    if len(own) > len(shape) or any(n not in (1, m) for n, m in pairs):
        raise ValueError(f"{function}: {argument} has shape {own}, which does not fit {shape}")
