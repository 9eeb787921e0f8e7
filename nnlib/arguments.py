"""What functions ask of their arguments, and the words in which they say no.

What an argument may be stands in its annotation: ``p: UnitInterval`` is a number in [0, 1]. To Python and
to mypy that is a plain ``float``; :func:`checked` reads more in it.

>>> @checked
... def keep(p: UnitInterval) -> float:
...     return 1 - p
>>> keep(2)
Traceback (most recent call last):
ValueError: keep: p must be a number in [0, 1], not 2
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from inspect import signature
from math import inf
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)  # fmt: skip

import numpy as np

from nnlib.engine import Array, Tensor

F = TypeVar("F", bound=Callable[..., Any])
Shape = tuple[int, ...]


class Constraint(NamedTuple):
    """What an argument must be: of one of these types, and such that it holds."""

    message: str
    types: tuple[type, ...]
    holds: Callable[[Any], bool] = lambda value: True

    def check(self, function: str, name: str, value: Any) -> Any:
        """The value, once it is right; a NumPy number as Python's, so that float32 stays float32."""
        right = isinstance(value, self.types)
        if not right or not self.holds(value):
            message = f"{function}: {name} must be {self.message}, not {value!r:.60}"
            raise ValueError(message) if right else TypeError(message)
        return value.item() if isinstance(value, np.generic) else value


class OnlyDefault(NamedTuple):
    """What an option of PyTorch's must be that nnlib has no use for."""

    default: Any
    same: str | None = None  # what is as good

    def check(self, function: str, name: str, value: Any) -> Any:
        equal = np.isscalar(value) and value == self.default
        if value is not self.default and not equal and str(value) != self.same:
            message = f"{name}={value!r:.60} is not offered here; leave it at {self.default!r}"
            raise TypeError(f"{function}: {message}")
        return value


# What an annotation may ask ------------------------------------------------------------------------

WHOLE = (int, np.integer)
NUMBER = (int, float, np.integer, np.floating)
DTYPES = tuple(map(np.dtype, "efd"))

PositiveInt = Annotated[int, Constraint("a whole number from 1", WHOLE, lambda n: n >= 1)]
AtLeastTwo = Annotated[int, Constraint("a whole number from 2", WHOLE, lambda n: n >= 2)]
NonNegativeInt = Annotated[int, Constraint("a whole number from 0", WHOLE, lambda n: n >= 0)]
UnitInterval = Annotated[float, Constraint("a number in [0, 1]", NUMBER, lambda x: 0 <= x <= 1)]
HalfOpenUnit = Annotated[float, Constraint("a number from 0 to below 1", NUMBER, lambda x: 0 <= x < 1)]  # fmt: skip
OpenUnit = Annotated[float, Constraint("a number between 0 and 1", NUMBER, lambda x: 0 < x < 1)]
Positive = Annotated[float, Constraint("a number above 0", NUMBER, lambda x: x > 0)]
NonNegative = Annotated[float, Constraint("a number from 0", NUMBER, lambda x: x >= 0)]
FinitePositive = Annotated[float, Constraint("a finite number above 0", NUMBER, lambda x: 0 < x < inf)]  # fmt: skip
FiniteNonNegative = Annotated[float, Constraint("a finite number from 0", NUMBER, lambda x: 0 <= x < inf)]  # fmt: skip
Fan = Literal["fan_in", "fan_out"]
Nonlinearity = Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]
Reduction = Literal["mean", "sum", "none"]
Dtype = Annotated[Any, Constraint("a float dtype, such as np.float64", (type, str, np.dtype), DTYPES.__contains__)]  # fmt: skip
File = Annotated[str | os.PathLike[str], Constraint("a file name", (str, os.PathLike))]
Named = Annotated[Mapping[str, Any], Constraint("a dict", (Mapping,))]
Parts = Annotated[Iterable[Any], Constraint("a list", (Iterable,))]
Function = Annotated[Callable[..., Any], Constraint("a function", (Callable,))]
Generator = np.random.Generator | None  # nnlib.random checks it
Unsupported = Annotated[Any, OnlyDefault]  # an option of PyTorch's, taken at its default alone
Ignored = Annotated[Any, "it changes no value"]  # one taken as PyTorch does, and without effect
Device = Annotated[Any, OnlyDefault(None, "cpu")]  # where else than on the CPU?

BY_TYPE = {
    bool: Constraint("True or False", (bool, np.bool_)),
    int: Constraint("a whole number", WHOLE),
    float: Constraint("a number", NUMBER),
    str: Constraint("a word", (str,)),
    Tensor: Constraint("a Tensor, such as layer.weight", (Tensor,)),
}


def constraint(hint: Any, default: Any = None) -> Constraint | OnlyDefault | None:
    """What an annotation asks; None where that is for the function itself to check.

    It reads those above, a Literal, a class of nnlib's own, and any of these or None.
    """
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        if OnlyDefault in parts:
            return OnlyDefault(default)
        if asked := [part for part in parts if isinstance(part, Constraint | OnlyDefault)]:
            (one,) = asked  # more than one would have to be combined
            return one
        return constraint(parts[0])
    if origin is Literal:
        *most, last = map(repr, parts)
        message = f"{', '.join(most)} or {last}" if most else last
        return Constraint(message, tuple(map(type, parts)), parts.__contains__)
    if origin in (Union, UnionType) and NoneType in parts:
        rest = [part for part in parts if part is not NoneType]
        some: Any = constraint(rest[0]) if len(rest) == 1 else None
        if some:
            kinds = (*some.types, NoneType)
            message = f"None or {some.message}"
            return Constraint(message, kinds, lambda x: x is None or some.holds(x))
    if isinstance(hint, TypeVar):
        return constraint(hint.__bound__)
    if isinstance(hint, type) and hint not in BY_TYPE and hint.__module__.startswith("nnlib."):
        name = hint.__name__.lower()
        return Constraint(f"{'an' if name[0] in 'aeiou' else 'a'} {name}", (hint,))
    return BY_TYPE.get(hint)


@cache
def _asked(function: Callable[..., Any], count: int, *names: str) -> list[tuple[Any, str, Any]]:
    """Of ``count`` arguments by position and these by name: where one is to be checked, its name, how."""
    written = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    shown, hints = signature(function), get_type_hints(written, include_extras=True)
    shown.bind(*range(count), **dict.fromkeys(names))
    places = [*enumerate(list(shown.parameters)[:count]), *zip(names, names, strict=True)]
    asked = [(i, k, constraint(hints.get(k), shown.parameters[k].default)) for i, k in places]
    return [(i, k, what) for i, k, what in asked if what]


def check_arguments(name: str, function: Function, args: list[Any], options: Named) -> bool:
    """Make ``args`` and ``options`` what ``function`` asks for, if it does; errors start with ``name``."""
    try:
        asked = _asked(function, len(args), *options)
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    for place, argument, what in asked:
        given: Any = options if place is argument else args
        given[place] = what.check(name, argument, given[place])
    return bool(asked)


def checked(function: F) -> F:
    """Check every argument by its annotation, at each call; errors name the function, or the class."""
    method = next(iter(signature(function).parameters), "") == "self"
    free: set[int] = set()  # so many arguments, and none by name, leave nothing to check

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        if not options and len(args) in free:
            return function(*args)
        name = type(args[0]).__name__ if method and args else function.__name__
        given = list(args)
        try:
            if not check_arguments(name, function, given, options) and not options:
                free.add(len(args))
        except TypeError as error:
            if function.__name__ == "__init__" and any(isinstance(x, Tensor) for x in args[1:]):
                advice = f"a layer or loss is made first and then called: nn.{name}(…)(input)"
                raise TypeError(f"{error}; {advice}") from None
            raise
        return function(*given, **options)

    return call  # type: ignore[return-value]


def unchecked(function: F) -> F:
    """A checked function without its checks: for a module, whose constructor has made them."""
    return function.__wrapped__  # type: ignore[attr-defined, no-any-return]


def require(annotation: Any, function: str, **options: Any) -> None:
    """Each option is what an argument with this annotation may be."""
    for name, value in options.items():
        constraint(annotation).check(function, name, value)  # type: ignore[union-attr]


# What a function asks of its arrays ----------------------------------------------------------------


def values(function: str, argument: str, x: Any) -> Array:
    """The array of a Tensor, or the array itself."""
    if not isinstance(x, Tensor | np.ndarray):
        kind = type(x).__name__
        hint = ": an RNN, LSTM or attention returns a pair; take its [0]" * isinstance(x, tuple)
        raise TypeError(
            f"{function}: {argument} must be a Tensor or a NumPy array, not {kind}{hint}"
        )
    return x._data if isinstance(x, Tensor) else x


def floats(function: str, optional: Mapping[str, Any] | None = None, **arguments: Any) -> list[Any]:
    """The arrays of all arguments, once they are of one float dtype.

    Those in ``optional`` come last and may be None.
    """
    arrays: list[Any] = []
    for name, x in arguments.items():  # before every op, so it has to be quick
        arrays.append(x._data if isinstance(x, Tensor) else values(function, name, x))
    for name, x in optional.items() if optional else ():
        arrays.append(None if x is None else values(function, name, x))
    dtype = arrays[0].dtype
    if dtype.kind == "f" and not any(a is not None and a.dtype != dtype for a in arrays[1:]):
        return arrays
    pairs = zip([*arguments, *(optional or ())], arrays, strict=True)
    listed = ", ".join(f"{name} holds {a.dtype}" for name, a in pairs if a is not None)
    message = "floats of one dtype are needed: write array.astype(np.float32), or model.double()"
    raise TypeError(f"{function}: {listed}; {message}")


def numbers(function: str, argument: str, x: Any, shape: str = "") -> Array:
    """x as an array of numbers, with the axes that ``shape`` names: "(N, 3)" are any N rows of 3."""
    must = f"{function}: {argument} must"
    try:
        array = np.asarray(x.data if isinstance(x, Tensor) else x)
    except ValueError:
        raise ValueError(f"{must} hold rows of equal length, not {x!r:.60}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{must} hold numbers, not {array.dtype} ({x!r:.60})")
    axes = re.findall(r"\w+", shape)
    same = all(not a.isdigit() or int(a) == n for a, n in zip(axes, array.shape, strict=False))
    if shape and not (same and array.ndim == len(axes)):
        raise ValueError(f"{must} be {shape}, not {array.shape}")
    return array


def whole_numbers(function: str, name: str, value: Any, count: int = 0, least: int = 1) -> Shape:
    """``count`` whole numbers (0: any number of them), given as such or as one for all."""
    several = tuple(value) if isinstance(value, tuple | list) else (value,) * (count or 1)
    right = len(several) == (count or len(several) or 1)
    holds = right and all(isinstance(n, WHOLE) and n >= least for n in several)
    message = f"a whole number from {least}" + f", or {count or 'several'} of them" * (count != 1)
    Constraint(message, (*WHOLE, tuple, list), lambda _: holds).check(function, name, value)
    return tuple(map(int, several))


def shaped(function: str, shape: Shape, **arrays: Array | None) -> None:
    """Each array that is given has this shape."""
    for name, a in arrays.items():
        if a is not None and a.shape != shape:
            raise ValueError(f"{function}: {name} has shape {a.shape}, expected {shape}")


def same_shape(function: str, **arguments: Any) -> None:
    """Both have one shape, so that nothing is broadcast where it would train the wrong thing."""
    (a, x), (b, y) = ((k, values(function, k, v).shape) for k, v in arguments.items())
    if x != y:
        column = a if x == (*y, 1) else b if y == (*x, 1) else None
        hint = f": write {column}[..., 0]" if column else ""
        message = f"{a} has shape {x}, but {b} has {y}; they must be equal{hint}"
        raise ValueError(f"{function}: {message}")


def tensors(function: str, parameters: Any) -> list[Tensor]:
    """The Tensors of a list, or of whatever else gives one after the other."""
    alone = isinstance(parameters, Tensor) or not isinstance(parameters, Iterable)
    several = [parameters] if alone else list(parameters)
    for w in several:
        if not isinstance(w, Tensor):
            message = "parameters must be Tensors: write model.parameters(), or [weight]"
            raise TypeError(f"{function}: {message}, not {w!r:.60}")
    return several
