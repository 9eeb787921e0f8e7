"""What Python and NumPy ask of a Tensor: as a number, an array, a sequence, text, or by a wrong name.

Nothing here is needed to understand the engine.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import DTypeLike

from nnlib.tape import Array

if TYPE_CHECKING:  # methods.py installs what it lists, above the ops
    from nnlib.methods import Methods
else:
    Methods = object

UFUNCS: dict[Any, Callable[..., Any]] = {}  # the ops that stand for NumPy's (operators.py)


class Conversions(Methods):
    """The part of Tensor that turns it into other things."""

    __slots__ = ()

    if TYPE_CHECKING:
        _data: Array
        _grad: Array | None
        _requires_grad: bool

        @property
        def dtype(self) -> np.dtype[Any]: ...
        @property
        def is_leaf(self) -> bool: ...

        # Installed by inplace.py; a test holds it to this list.
        def __setitem__(self, key: Any, value: Any) -> None: ...
        def _of_one(self) -> Self: ...
        def _of_two(self, other: Any) -> Self: ...

        __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = _of_two
        __ifloordiv__ = __imod__ = __iand__ = __ior__ = __ixor__ = _of_two
        mul_ = div_ = pow_ = fill_ = _of_two
        zero_ = exp_ = log_ = sqrt_ = neg_ = abs_ = _of_one
        relu_ = tanh_ = sigmoid_ = sin_ = cos_ = floor_ = ceil_ = _of_one
        square_ = rsqrt_ = reciprocal_ = _of_one

        def add_(self, other: Any, *, alpha: Any = 1) -> Self: ...
        def sub_(self, other: Any, *, alpha: Any = 1) -> Self: ...
        def clamp_(self, min: Any = None, max: Any = None) -> Self: ...
        def clip_(self, min: Any = None, max: Any = None) -> Self: ...
        def round_(self, *, decimals: int = 0) -> Self: ...
        def tril_(self, diagonal: int = 0) -> Self: ...
        def triu_(self, diagonal: int = 0) -> Self: ...
        def scatter_(self, dim: int, index: Any, src: Any) -> Self: ...
        def scatter_add_(self, dim: int, index: Any, src: Any) -> Self: ...
        def random_(self, from_: int = 0, to: Any = None, *, generator: Any = None) -> Self: ...
        def bernoulli_(self, p: float = 0.5, *, generator: Any = None) -> Self: ...
        def copy_(self, src: Any, non_blocking: bool = False) -> Self: ...
        def masked_fill_(self, mask: Any, value: Any) -> Self: ...
        def normal_(self, mean: Any = 0, std: Any = 1, *, generator: Any = None) -> Self: ...
        def uniform_(self, from_: Any = 0, to: Any = 1, *, generator: Any = None) -> Self: ...

    # As a number.

    def item(self) -> Any:
        """The single number inside, as a Python number."""
        return self._single("item", "x[i].item(), or x.data.tolist() for all of them")

    def _single(self, asked: str, instead: str) -> Any:
        if self._data.size != 1:
            words = f"holds {self._data.size} numbers, in shape {self._data.shape}"
            raise ValueError(f"{asked}: needs a Tensor of size 1, and this one {words}: {instead}")
        return self._data.item()

    def __bool__(self) -> bool:
        words = "say for which it must hold: x.data.all() or x.data.any()"
        return bool(self._single("True or False", words))

    def __float__(self) -> float:
        return float(self._single("float", "take one, x[i], or x.mean()"))

    def __int__(self) -> int:
        return int(self._single("int", "take one, x[i], or Tensor(x, dtype=int)"))

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        return format(self._single(f"format {spec!r}", "take one, x[i], or write {x}"), spec)

    # As an array.

    def numpy(self) -> Array:
        """The array itself, not a copy. Raises where gradients are required, as in PyTorch."""
        return self.__array__()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        if self._requires_grad:
            raise RuntimeError("this Tensor requires gradients: write t.detach().numpy() or t.data")
        return np.array(self._data, dtype=dtype) if copy else np.asarray(self._data, dtype=dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """``array * tensor`` runs our op; any other NumPy function says what to write instead."""
        ours = UFUNCS.get(ufunc)
        if ours is not None and method == "__call__" and not options:
            return ours(*inputs)
        raise TypeError(
            f"np.{ufunc.__name__} does not take a Tensor: it would lose the gradient. Write the "
            f"Tensor's own operator or method, or np.{ufunc.__name__}(t.data) without a gradient."
        )

    # As a sequence.

    def __len__(self) -> int:
        if not self._data.ndim:
            raise TypeError("len() of a Tensor that is a single number, without axes")
        return len(self._data)

    def __iter__(self) -> Iterator[Any]:
        if not self._data.ndim:
            raise TypeError("this Tensor is a single number, without axes: nothing to go through")
        return (self[i] for i in range(len(self)))

    # As a copy.

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if not self.is_leaf:
            words = "would be cut off from the graph that made it: copy.deepcopy(x.detach())"
            raise RuntimeError(f"deepcopy: only a leaf can be copied, as this result {words}")
        made: Any = self.__reduce_ex__(4)
        make, args, (_, state), *_ = made
        copied: Self = make(*args)
        memo[id(self)] = copied
        for name, value in state.items():
            setattr(copied, name, copy.deepcopy(value, memo))
        return copied

    def __getstate__(self) -> Any:
        """What copies and pickles take along: the values, not the tape."""
        state = {"_data": self._data, "_grad": self._grad, "_requires_grad": self._requires_grad}
        return None, {**state, "_node": None}

    # As text, and by a name that it does not have.

    def __repr__(self) -> str:
        values = np.array2string(self._data, separator=", ", prefix="tensor(")
        notes = "" if self.dtype in (np.float32, np.int64, np.bool_) else f", dtype={self.dtype}"
        return f"tensor({values}{notes}{', requires_grad=True' * self._requires_grad})"


class Missing:
    """The place of a method that Tensor does not have, and what to write instead.

    As an attribute of the class, and not ``__getattr__``, which would slow down every other one.
    """

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead

    def __get__(self, x: Any, kind: type) -> Any:
        words = f"{kind.__name__} has no {self.name!r}: {self.instead}"
        raise AttributeError(words, name=self.name, obj=kind if x is None else x)


def say_what_is_missing(kind: type) -> None:
    """Put a :class:`Missing` in the place of every such name that ``kind`` does not have by now."""
    arrays = {name for name in dir(np.ndarray) if not name.startswith("_")}
    words = {name: f"its array has, write x.data.{name}, without a gradient" for name in arrays}
    for name, instead in {**words, **_INSTEAD}.items():
        if not hasattr(kind, name):
            setattr(kind, name, Missing(name, instead))


_INSTEAD = {
    "astype": "write x.float(), x.double() or Tensor(x, dtype=…)",
    "backwards": "write x.backward()",
    "concatenate": "write nnlib.ops.cat([x, y])",
    "copy": "write Tensor(x), or x.data.copy() for the array",
    "cuda": "leave it out, nnlib computes on the CPU",
    "grad_fn": "write nnlib.autodiff.trace(f, x), which shows what f does",
    "register_hook": "write an @op whose vjp looks at its g",
    "retain_grad": "write nnlib.autodiff.trace(f, x), which keeps every gradient",
}


# What comes in.

ONE_DERIVATIVE = (
    "create_graph=True: the tape differentiates once. For second derivatives of a function write "
    "nnlib.autodiff.hessian(f, x)"
)


def no_numbers(error: Exception) -> str:
    """Why NumPy makes no array of it."""
    text = str(error)
    if "NaN to integer" in text or "infinity to integer" in text:
        return "NaN and infinity cannot be whole numbers; leave out dtype, or take a float"
    if isinstance(error, OverflowError):
        return f"a number does not fit into its dtype: {text}"
    return "data must be numbers, in rows of equal length"


def takes_data(given: tuple[Any, ...]) -> str:
    """What to write in place of Tensor(2, 3)."""
    words = ", ".join(f"{x!r:.20}" for x in given)
    sizes = f"; for zeros of that shape Tensor(np.zeros(({words})))"
    whole = all(isinstance(n, int) for n in given)
    return f"Tensor: takes the data, as one list: Tensor([{words}]){sizes * whole}"


def gradient_for(x: Any, value: Any) -> Array:
    """``value`` as what may be x.grad, itself where it fits already."""
    array = value._data if isinstance(value, Conversions) else value
    if not isinstance(array, np.ndarray | np.generic) or array.dtype.kind not in "fiub":
        raise TypeError(f"grad: must be an array, a Tensor or None, not {type(value).__name__}")
    if array.shape != x.shape:
        words = f"a parameter {x.shape} has a gradient {array.shape}"
        raise ValueError(f"grad: {words}: they must have one shape")
    return np.asarray(array, dtype=x.dtype)
