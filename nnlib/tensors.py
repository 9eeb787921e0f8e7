"""Tensor: an array that remembers the operation that made it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlib.tape import Array, Node, backward_pass

__all__ = ["Tensor"]


class Tensor:
    """An array that remembers the operation that made it, of any shape.

    ``data`` and ``grad`` are plain NumPy arrays. Arrays and NumPy scalars keep their dtype; Python
    numbers and lists of floats become float32, as in PyTorch. The data are copied. Raises
    ValueError for rows of unequal length, TypeError for what is no number, and for integers that
    require a gradient.

    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4.], dtype=float32)
    """

    __slots__ = ("__weakref__", "_data", "_node", "_requires_grad", "grad")

    def __init__(
        self, data: Any, *, dtype: DTypeLike | None = None, requires_grad: bool = False
    ) -> None:
        if isinstance(data, Tensor):
            data = data._data
        try:
            array = np.array(data, dtype=dtype)
        except ValueError:
            message = "Tensor: data must be numbers, in rows of equal length"
            raise ValueError(f"{message} ({data!r:.60})") from None
        if dtype is None and array.dtype == np.float64 and not isinstance(data, _NUMPY):
            array = array.astype(np.float32)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"Tensor: data must be numbers, not {array.dtype} ({data!r:.60})")
        if requires_grad and array.dtype.kind != "f":
            raise TypeError(f"Tensor: only float data can require gradients, not {array.dtype}")
        self._data: Array = array
        self._node: Node | None = None
        self.grad: Array | None = None
        self._requires_grad = requires_grad

    @property
    def data(self) -> Array:
        return self._data

    @data.setter
    def data(self, value: ArrayLike) -> None:
        if value is not self._data:  # `p.data -= step` hands back the array it changed
            value = np.array(value, dtype=self.dtype)
            if value.shape != self.shape:
                raise ValueError(f"data: this Tensor has shape {self.shape}, not {value.shape}")
            self._data = value
        self._changed()

    def _changed(self) -> None:
        """Tell the tape that the values are not those that earlier ops have read."""
        if self._node is not None:
            self._node.version += 1

    def _on_tape(self) -> Node:
        if self._node is None:
            leaf = weakref.ref(self) if self.requires_grad else None
            self._node = Node("leaf", self.shape, [], leaf=leaf)
        return self._node

    def backward(
        self, gradient: ArrayLike | Tensor | None = None, retain_graph: bool = False
    ) -> None:
        """Add ``∂self/∂leaf`` to ``leaf.grad`` for every leaf that requires it.

        ``gradient`` is ∂L/∂self (same shape); a single number needs none. The graph is freed on
        the way unless ``retain_graph``. Raises RuntimeError where nothing requires a gradient,
        where the graph was freed, or where a value was changed after it had been used.
        """
        if not self.requires_grad:
            raise RuntimeError("backward: nothing that made this Tensor has requires_grad=True")
        if gradient is None and self._data.size != 1:
            advice = "take sum() or mean() first, or pass gradient= with ∂L/∂(this Tensor)"
            raise RuntimeError(f"backward: start from one number, not shape {self.shape}: {advice}")
        given = np.ones_like(self._data) if gradient is None else gradient
        seed = np.array(given._data if isinstance(given, Tensor) else given, dtype=self.dtype)
        if seed.shape != self.shape:
            raise ValueError(f"backward: gradient has shape {seed.shape}, Tensor {self.shape}")
        backward_pass(self._on_tape(), seed, retain_graph)

    @property
    def shape(self) -> tuple[int, ...]:
        return self._data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._data.dtype

    @property
    def ndim(self) -> int:
        return self._data.ndim

    @property
    def is_leaf(self) -> bool:
        """True for a Tensor that no recorded op made."""
        return self._node is None or self._node.op == "leaf"

    def item(self) -> Any:
        """The single number inside, as a Python number."""
        return self._data.item()

    def numpy(self) -> Array:
        """The array itself, not a copy. Raises where gradients are required, as in PyTorch."""
        return self.__array__()

    def detach(self) -> Tensor:
        """The same values, off the tape (the array is shared, as in PyTorch)."""
        return _wrap(self._data)

    @property
    def requires_grad(self) -> bool:
        """Whether ops on this Tensor are recorded, for :meth:`backward` to reach it."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if not self.is_leaf:
            raise RuntimeError("requires_grad: only a leaf can change it; detach() first")
        if value and self.dtype.kind != "f":
            raise TypeError(f"requires_grad: only float data can have it, not {self.dtype}")
        self._requires_grad, self._node = bool(value), None

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        self.requires_grad = requires_grad
        return self

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        if self.requires_grad:
            raise RuntimeError("this Tensor requires gradients: write t.detach().numpy() or t.data")
        return np.array(self._data, dtype=dtype) if copy else np.asarray(self._data, dtype=dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Tensor:
        """``array * tensor`` runs our op; any other NumPy function says what to write instead."""
        ours = _UFUNCS.get(ufunc)
        if ours is not None and method == "__call__" and not options:
            return ours(*inputs)
        raise TypeError(
            f"np.{ufunc.__name__} does not take a Tensor: it would lose the gradient. Write the "
            f"Tensor's own operator or method, or np.{ufunc.__name__}(t.data) without a gradient."
        )

    def __getstate__(self) -> Any:
        """What copies and pickles take along: the values, not the tape."""
        state = {"_data": self._data, "grad": self.grad, "_requires_grad": self._requires_grad}
        return None, {**state, "_node": None}

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def __repr__(self) -> str:
        values = np.array2string(self._data, separator=", ", prefix="tensor(")
        notes = "" if self.dtype in (np.float32, np.int64, np.bool_) else f", dtype={self.dtype}"
        return f"tensor({values}{notes}{', requires_grad=True' * self.requires_grad})"

    __hash__ = object.__hash__  # == compares entries, so identity has to be asked for

    if TYPE_CHECKING:  # installed by operators.py; a test holds it to this list

        def _of_one(self) -> Tensor: ...
        def _of_two(self, other: Any) -> Tensor: ...

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _of_two
        __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = _of_two
        __lt__ = __le__ = __gt__ = __ge__ = __getitem__ = _of_two
        __eq__ = __ne__ = _of_two  # type: ignore[assignment]
        __neg__ = __abs__ = abs = exp = log = sqrt = max = float = double = _of_one
        T: Tensor

        def sum(self, dim: Any = None, keepdim: bool = False) -> Tensor: ...
        def mean(self, dim: Any = None, keepdim: bool = False) -> Tensor: ...
        def amax(self, dim: Any = (), keepdim: bool = False) -> Tensor: ...
        def argmax(self, dim: int | None = None, keepdim: bool = False) -> Tensor: ...
        def reshape(self, *shape: Any) -> Tensor: ...
        def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Tensor: ...
        def transpose(self, dim0: int, dim1: int) -> Tensor: ...


_NUMPY = (np.ndarray, np.generic)
_UFUNCS: dict[Any, Callable[..., Tensor]] = {}  # the ops that stand for NumPy's (operators.py)


def _wrap(value: Any) -> Tensor:
    """A Tensor around an array that is already ours: no copy, no gradient."""
    y = Tensor.__new__(Tensor)
    y._data = value if type(value) is np.ndarray else np.asarray(value)
    y._node = y.grad = None
    y._requires_grad = False
    return y
