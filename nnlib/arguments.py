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

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from inspect import Signature, signature
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

    def check(self, function: str, name: str, value: Any) -> Any:
        if value is not self.default and not (np.isscalar(value) and value == self.default):
            message = f"{name}={value!r:.60} is not offered here; leave it at {self.default!r}"
            raise TypeError(f"{function}: {message}")
        return self.default


def one_of(*choices: Any) -> Constraint:
    shown = [repr(choice) for choice in choices]
    message = " or ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
    return Constraint(message, tuple(map(type, choices)), choices.__contains__)


def any_of(parts: list[Any]) -> Constraint:
    return Constraint(
        " or ".join(part.message for part in parts),
        tuple(kind for part in parts for kind in part.types),
        lambda value: any(isinstance(value, part.types) and part.holds(value) for part in parts),
    )


# What an annotation may be: bool, int, float, str, a class of nnlib's own, one of these, and any of them
# or None. Everything else is for the function itself to check.

_WHOLE = (int, np.integer)
_NUMBER = (int, float, np.integer, np.floating)
_FLOATS = tuple(map(np.dtype, "efd"))
PositiveInt = Annotated[int, Constraint("a whole number from 1", _WHOLE, lambda n: n >= 1)]
AtLeastTwo = Annotated[int, Constraint("a whole number from 2", _WHOLE, lambda n: n >= 2)]
NonNegativeInt = Annotated[int, Constraint("a whole number from 0", _WHOLE, lambda n: n >= 0)]
UnitInterval = Annotated[float, Constraint("a number in [0, 1]", _NUMBER, lambda x: 0 <= x <= 1)]
HalfOpenUnit = Annotated[
    float, Constraint("a number from 0 to below 1", _NUMBER, lambda x: 0 <= x < 1)
]
OpenUnit = Annotated[float, Constraint("a number between 0 and 1", _NUMBER, lambda x: 0 < x < 1)]
Positive = Annotated[float, Constraint("a number above 0", _NUMBER, lambda x: x > 0)]
NonNegative = Annotated[float, Constraint("a number from 0", _NUMBER, lambda x: x >= 0)]
FiniteNonNegative = Annotated[
    float, Constraint("a finite number from 0", _NUMBER, lambda x: 0 <= x < math.inf)
]
FinitePositive = Annotated[
    float, Constraint("a finite number above 0", _NUMBER, lambda x: 0 < x < math.inf)
]
Fan = Annotated[str, one_of("fan_in", "fan_out")]
Nonlinearity = Annotated[str, one_of("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu")]
Reduction = Annotated[str, one_of("mean", "sum", "none")]
Dtype = Annotated[
    Any, Constraint("a float dtype, such as np.float64", (type, str, np.dtype), _FLOATS.__contains__)
]  # fmt: skip
File = Annotated[str | os.PathLike[str], Constraint("a file name", (str, os.PathLike))]
Named = Annotated[Mapping[str, Any], Constraint("a dict", (Mapping,))]
Parts = Annotated[Iterable[Any], Constraint("a list", (Iterable,))]
Function = Annotated[Callable[..., Any], Constraint("a function", (Callable,))]
Generator = np.random.Generator | None  # nnlib.random checks it
Unsupported = Annotated[Any, OnlyDefault]  # an option of PyTorch's: taken at its default alone

_BY_TYPE = {
    bool: Constraint("True or False", (bool, np.bool_)),
    int: Constraint("a whole number", _WHOLE),
    float: Constraint("a number", _NUMBER),
    str: Constraint("a word", (str,)),
    NoneType: Constraint("None", (NoneType,)),
    Tensor: Constraint("a Tensor, such as layer.weight", (Tensor,)),
}


def constraint(hint: Any, default: Any = None) -> Constraint | OnlyDefault | None:
    """What an annotation asks of a value; None where that is for the function itself to check."""
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        if OnlyDefault in extras:
            return OnlyDefault(default)
        asked = [extra for extra in extras if isinstance(extra, Constraint)]
        return asked[0] if asked else constraint(hint)
    if get_origin(hint) is Literal:
        return one_of(*get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        parts = [constraint(part) for part in reversed(get_args(hint))]  # "None or a number"
        return None if None in parts else any_of(parts)
    if isinstance(hint, TypeVar):
        return constraint(hint.__bound__)
    if isinstance(hint, type) and hint not in _BY_TYPE and hint.__module__.startswith("nnlib."):
        name = hint.__name__.lower()
        return Constraint(f"{'an' if name[0] in 'aeiou' else 'a'} {name}", (hint,))
    return _BY_TYPE.get(hint)


@cache
def _asked(function: Callable[..., Any]) -> tuple[Signature, dict[str, Constraint | OnlyDefault]]:
    """A function's parameters, and what their annotations ask, however these are spelled."""
    written = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    hints, shown = get_type_hints(written, include_extras=True), signature(function)
    asked = {k: constraint(hints.get(k), p.default) for k, p in shown.parameters.items()}
    return shown, {name: found for name, found in asked.items() if found}


def check_arguments(
    name: str, function: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any]
) -> dict[str, Any]:
    """What was given to ``function``, by name, each as its annotation asks; errors begin with ``name``."""
    shown, asked = _asked(function)
    try:
        given = shown.bind(*args, **options).arguments
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    for argument, found in asked.items():
        if argument in given:
            given[argument] = found.check(name, argument, given[argument])
    return given


def checked(function: F) -> F:
    """Check every argument by its annotation, at each call; an error names the function, or the class."""
    method = next(iter(signature(function).parameters), "") == "self"
    free = -1  # how many arguments come before the first to be checked: the first call finds out

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        nonlocal free
        if not options and len(args) <= free:
            return function(*args)
        if free < 0:
            shown, asked = _asked(function)
            free = next(
                (i for i, k in enumerate(shown.parameters) if k in asked), len(shown.parameters)
            )
        name = type(args[0]).__name__ if method and args else function.__name__
        return function(**check_arguments(name, function, args, options))

    return call  # type: ignore[return-value]


def require(annotation: Any, function: str, **options: Any) -> None:
    """Each option is what an argument with this annotation may be."""
    asked = constraint(annotation)
    assert asked, f"{annotation} asks nothing"
    for name, value in options.items():
        asked.check(function, name, value)


def whole_numbers(
    function: str, name: str, value: Any, count: int = 0, least: int = 1
) -> tuple[int, ...]:
    """``count`` whole numbers (0: any number of them), given as such or as one for all."""
    several = tuple(value) if isinstance(value, tuple | list) else (value,) * (count or 1)
    right = len(several) == (count or len(several) or 1)
    fits = right and all(isinstance(n, _WHOLE) and n >= least for n in several)
    message = f"a whole number from {least}" + f", or {count or 'several'} of them" * (count != 1)
    Constraint(message, (*_WHOLE, tuple, list), lambda _: fits).check(function, name, value)
    return tuple(map(int, several))


def values(function: str, argument: str, x: Any) -> Array:
    """The array of a Tensor, or the array itself."""
    if isinstance(x, Tensor):
        return x.data
    if isinstance(x, np.ndarray):
        return x
    kind = type(x).__name__
    raise TypeError(f"{function}: {argument} must be a Tensor or a NumPy array, not {kind}")


def numbers(function: str, argument: str, x: Any, shape: str = "") -> Array:
    """x as an array of numbers, with the axes that ``shape`` names: "(N, 3)" are any N rows of 3."""
    try:
        array = np.asarray(x.data if isinstance(x, Tensor) else x)
    except ValueError:
        message = f"must hold rows of equal length, not {x!r:.60}"
        raise ValueError(f"{function}: {argument} {message}") from None
    if array.dtype.kind not in "fiub":
        message = f"must hold numbers, not {array.dtype} ({x!r:.60})"
        raise TypeError(f"{function}: {argument} {message}")
    if not shape:
        return array
    axes = re.findall(r"\w+", shape)
    fits = all(not a.isdigit() or int(a) == n for a, n in zip(axes, array.shape, strict=False))
    if array.ndim != len(axes) or not fits:
        raise ValueError(f"{function}: {argument} must be {shape}, not {array.shape}")
    return array


def floats(function: str, optional: Mapping[str, Any] | None = None, **arguments: Any) -> list[Any]:
    """The arrays of all arguments, once they are of one float dtype.

    Those in ``optional`` come last and may be None.
    """
    given = {**arguments, **optional} if optional else arguments
    arrays: list[Any] = []
    for name, x in given.items():  # before every op, so it has to be quick
        if isinstance(x, Tensor):
            arrays.append(x._data)
        elif x is not None or name in arguments:
            arrays.append(values(function, name, x))
        else:
            arrays.append(None)
    dtype = arrays[0].dtype
    if dtype.kind != "f" or any(a is not None and a.dtype != dtype for a in arrays[1:]):
        pairs = zip(given, arrays, strict=True)
        listed = ", ".join(f"{name} holds {a.dtype}" for name, a in pairs if a is not None)
        message = (
            "floats of one dtype are needed: write array.astype(np.float32), or model.double()"
        )
        raise TypeError(f"{function}: {listed}; {message}")
    return arrays


def shaped(function: str, shape: tuple[int, ...], **arrays: Array | None) -> None:
    """Each array that is given has this shape."""
    for name, a in arrays.items():
        if a is not None and a.shape != shape:
            raise ValueError(f"{function}: {name} has shape {a.shape}, expected {shape}")


def same_shape(function: str, **arguments: Any) -> None:
    """Both have one shape, so that nothing is broadcast where it would train the wrong thing."""
    (a, x), (b, y) = ((k, values(function, k, v).shape) for k, v in arguments.items())
    if x == y:
        return
    column = a if x == (*y, 1) else b if y == (*x, 1) else None
    hint = f": write {column}[..., 0]" if column else ""
    raise ValueError(f"{function}: {a} has shape {x}, but {b} has {y}; they must be equal{hint}")


def tensors(function: str, parameters: Any) -> list[Tensor]:
    """The Tensors of a list, or of whatever else gives one after the other."""
    given = [parameters] if isinstance(parameters, Tensor) else parameters
    several = list(given) if isinstance(given, Iterable) else [given]
    for w in several:
        if not isinstance(w, Tensor):
            message = "parameters must be Tensors: write model.parameters(), or [weight]"
            raise TypeError(f"{function}: {message}, not {w!r:.60}")
    return several


# Old names, until no file uses them -------------------------------------------------------------
# Kind → Constraint, LeftOut → Unsupported, as_in_torch("…") → checked, with everything written out,
# must_be("NonNegative", …) → require(NonNegative, …), PLAIN["Module"].check(f, name, m) →
# require(Module, f, **{name: m}). A class of nnlib's own needs no PLAIN[…]: its instances are asked for.

from ast import literal_eval
from collections.abc import Sequence
from inspect import Parameter

Kind = Constraint
Default = OnlyDefault
LeftOut = Unsupported
PLAIN = {kind.__name__: found for kind, found in _BY_TYPE.items()} | {"T": _BY_TYPE[Tensor]}
LEFT_OUT = {  # options of PyTorch's that nnlib has no use for: accepted at PyTorch's default alone
    "_freeze": False, "_weight": None, "approximate": "none", "assign": False, "capturable": False,
    "ceil_mode": False, "count_include_pad": True, "device": None, "differentiable": False,
    "dilation": 1, "divisor_override": None, "dropout": 0.0, "eps": 1e-8,
    "error_if_nonfinite": False, "foreach": None, "full": False, "fused": None, "groups": 1,
    "in_order": True, "inplace": False, "last_epoch": -1, "log_input": True, "max_norm": None,
    "norm_type": 2.0, "num_workers": 0, "padding_idx": None, "padding_mode": "zeros",
    "persistent_workers": False, "pin_memory": False, "pin_memory_device": "", "proj_size": 0,
    "reduce": None, "return_indices": False, "scale_grad_by_freq": False, "set_to_none": True,
    "size_average": None, "sparse": False, "strict": True, "timeout": 0, "weight": None,
}  # fmt: skip


@cache
def kind_of(name: str, annotation: Any) -> Kind | Default | None:
    """What an argument may be; None where that is for the function itself to say."""
    if annotation in ("None", "LeftOut") or (annotation is Parameter.empty and name in LEFT_OUT):
        return Default(LEFT_OUT.get(name))
    plain = str(annotation).removesuffix(" | None")
    if plain.startswith("Literal["):
        return one_of(*literal_eval(plain.removeprefix("Literal")))
    kind: Kind | None
    (kind,) = getattr(globals().get(plain), "__metadata__", [PLAIN.get(plain)])
    if kind is None or plain == annotation:
        return kind
    message, types, fits = kind
    return Kind(f"None or {message}", (*types, type(None)), lambda x: x is None or fits(x))


def arguments(
    function: str, shown: Signature, args: Sequence[Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """What was given, by name: each as its annotation says, and without what nnlib leaves out."""
    try:
        given = shown.bind(*args, **options).arguments
    except TypeError as error:
        raise TypeError(f"{function}: {error}") from None
    for name, value in list(given.items()):
        kind = kind_of(name, shown.parameters[name].annotation)
        if kind:
            given[name] = kind.check(function, name, value)
        if isinstance(kind, OnlyDefault):
            del given[name]
    return given


def as_in_torch(order: str = "") -> Callable[[F], F]:
    """Take PyTorch's arguments in PyTorch's ``order``, each checked by its annotation.

    The function itself has only those that nnlib offers.
    """

    def decorate(function: F) -> F:
        own, either = signature(function).parameters, Parameter.POSITIONAL_OR_KEYWORD
        names = order.split() or [p.name for p in own.values() if p.kind is either]
        listed = [own.get(k) or Parameter(k, either, default=LEFT_OUT[k]) for k in names]
        listed += [p for p in own.values() if p.kind is Parameter.KEYWORD_ONLY]
        shown = signature(function).replace(parameters=listed)
        known = [kind_of(p.name, p.annotation) is not None for p in listed]
        free = known.index(True) if True in known else len(names)

        @wraps(function)
        def checked(*args: Any, **options: Any) -> Any:
            if not options and len(args) <= free:  # the first so many need no look
                return function(*args)
            name = type(args[0]).__name__ if names[:1] == ["self"] and args else function.__name__
            return function(**arguments(name, shown, args, options))

        checked.__signature__ = shown  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return decorate


def must_be(annotation: str, function: str, **options: Any) -> None:
    """Each option is what an argument with this annotation may be."""
    for name, value in options.items():
        kind_of(name, annotation).check(function, name, value)  # type: ignore[union-attr]
