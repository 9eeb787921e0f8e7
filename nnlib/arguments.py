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
from ast import literal_eval
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, NamedTuple, TypeVar

import numpy as np

from nnlib.engine import Array, Tensor

F = TypeVar("F", bound=Callable[..., Any])


class Kind(NamedTuple):
    """What an argument may be: of one of these types, and such that it fits."""

    words: str
    types: tuple[type, ...]
    fits: Callable[[Any], bool] = lambda value: True

    def check(self, function: str, name: str, value: Any) -> Any:
        """The value, once it fits; a NumPy number as Python's, so that float32 stays float32."""
        right = isinstance(value, self.types)
        if not right or not self.fits(value):
            words = f"{function}: {name} must be {self.words}, not {value!r:.60}"
            raise ValueError(words) if right else TypeError(words)
        return value.item() if isinstance(value, np.generic) else value


class Default(NamedTuple):
    """What an option of PyTorch's must be that nnlib has no use for."""

    default: Any

    def check(self, function: str, name: str, value: Any) -> None:
        if value is not self.default and not (np.isscalar(value) and value == self.default):
            words = f"{name}={value!r:.60} is not offered here; leave it at {self.default!r}"
            raise TypeError(f"{function}: {words}")


def one_of(*choices: str) -> Kind:
    words = [repr(choice) for choice in choices]
    return Kind(f"{', '.join(words[:-1])} or {words[-1]}", (str,), choices.__contains__)


_WHOLE = (int, np.integer)
_NUMBER = (int, float, np.integer, np.floating)
PLAIN = {
    "bool": Kind("True or False", (bool, np.bool_)),
    "int": Kind("a whole number", _WHOLE),
    "float": Kind("a number", _NUMBER),
    "str": Kind("a word", (str,)),
    "T": Kind("a Tensor, such as layer.weight", (Tensor,)),
}
PositiveInt = Annotated[int, Kind("a whole number from 1", _WHOLE, lambda n: n >= 1)]
AtLeastTwo = Annotated[int, Kind("a whole number from 2", _WHOLE, lambda n: n >= 2)]
NonNegativeInt = Annotated[int, Kind("a whole number from 0", _WHOLE, lambda n: n >= 0)]
UnitInterval = Annotated[float, Kind("a number in [0, 1]", _NUMBER, lambda x: 0 <= x <= 1)]
HalfOpenUnit = Annotated[float, Kind("a number from 0 to below 1", _NUMBER, lambda x: 0 <= x < 1)]
OpenUnit = Annotated[float, Kind("a number between 0 and 1", _NUMBER, lambda x: 0 < x < 1)]
Positive = Annotated[float, Kind("a number above 0", _NUMBER, lambda x: x > 0)]
NonNegative = Annotated[float, Kind("a number from 0", _NUMBER, lambda x: x >= 0)]
FiniteNonNegative = Annotated[
    float, Kind("a finite number from 0", _NUMBER, lambda x: 0 <= x < math.inf)
]
FinitePositive = Annotated[
    float, Kind("a finite number above 0", _NUMBER, lambda x: 0 < x < math.inf)
]
Fan = Annotated[str, one_of("fan_in", "fan_out")]
Nonlinearity = Annotated[str, one_of("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu")]
Reduction = Annotated[str, one_of("mean", "sum", "none")]
_FLOATS = tuple(map(np.dtype, "efd"))
Dtype = Annotated[
    Any, Kind("a float dtype, such as np.float64", (type, str, np.dtype), _FLOATS.__contains__)
]
File = Annotated[str | os.PathLike[str], Kind("a file name", (str, os.PathLike))]
Named = Annotated[Mapping[str, Any], Kind("a dict", (Mapping,))]
Parts = Annotated[Iterable[Any], Kind("a list", (Iterable,))]
Function = Annotated[Callable[..., Any], Kind("a function", (Callable,))]
Generator = np.random.Generator | None
LeftOut = Any  # an option of PyTorch's that nnlib has no use for

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
    words, types, fits = kind
    return Kind(f"None or {words}", (*types, type(None)), lambda x: x is None or fits(x))


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
        if isinstance(kind, Default):
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


checked = as_in_torch()  # the function's own arguments, in its own order


def must_be(annotation: str, function: str, **options: Any) -> None:
    """Each option is what an argument with this annotation may be."""
    for name, value in options.items():
        kind_of(name, annotation).check(function, name, value)  # type: ignore[union-attr]


def whole_numbers(
    function: str, name: str, value: Any, count: int = 0, least: int = 1
) -> tuple[int, ...]:
    """``count`` whole numbers (0: any number of them), given as such or as one for all."""
    several = tuple(value) if isinstance(value, tuple | list) else (value,) * (count or 1)
    right = len(several) == (count or len(several) or 1)
    fits = right and all(isinstance(n, _WHOLE) and n >= least for n in several)
    words = f"a whole number from {least}" + f", or {count or 'several'} of them" * (count != 1)
    Kind(words, (*_WHOLE, tuple, list), lambda _: fits).check(function, name, value)
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
        words = f"must hold rows of equal length, not {x!r:.60}"
        raise ValueError(f"{function}: {argument} {words}") from None
    if array.dtype.kind not in "fiub":
        words = f"must hold numbers, not {array.dtype} ({x!r:.60})"
        raise TypeError(f"{function}: {argument} {words}")
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
        words = "floats of one dtype are needed: write array.astype(np.float32), or model.double()"
        raise TypeError(f"{function}: {listed}; {words}")
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
            words = "parameters must be Tensors: write model.parameters(), or [weight]"
            raise TypeError(f"{function}: {words}, not {w!r:.60}")
    return several
