"""Tensor: an array that remembers the operation that made it."""

from __future__ import annotations

import weakref
from typing import Any, Never, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlib.conversions import ONE_DERIVATIVE, Conversions, gradient_for, no_numbers, takes_data
from nnlib.memory import Memory
from nnlib.tape import Array, Node, accumulate, backward_pass

__all__ = ["Tensor"]


class Tensor(Conversions):
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

    __slots__ = ("__weakref__", "_data", "_grad", "_node", "_requires_grad")

    def __init__(
        self, data: Any, *more: Never, dtype: DTypeLike | None = None, requires_grad: bool = False
    ) -> None:
        if isinstance(data, Tensor):
            data = data._data
        try:
            array = np.array(data, dtype=dtype)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"Tensor: {no_numbers(error)} ({data!r:.60})") from None
        if more:
            raise TypeError(takes_data((data, *more)))
        if dtype is None and array.dtype == np.float64 and not isinstance(data, _NUMPY):
            array = array.astype(np.float32)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"Tensor: data must be numbers, not {array.dtype} ({data!r:.60})")
        if requires_grad and array.dtype.kind != "f":
            raise TypeError(f"Tensor: only float data can require gradients, not {array.dtype}")
        self._data: Array = array
        self._node: Node | None = None
        self._grad: Array | None = None
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
            self._node.get_memory().exchange()

    def _on_tape(self, memory: Memory | None = None) -> Node:
        if self._node is None:
            leaf = weakref.ref(self) if self.requires_grad else None
            self._node = Node("leaf", self.shape, [], leaf=leaf, memory=memory)
        return self._node

    def backward(
        self,
        gradient: ArrayLike | Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
    ) -> None:
        """Add ``∂self/∂leaf`` to ``leaf.grad`` for every leaf that requires it.

        ``gradient`` is ∂L/∂self (same shape); a single number needs none. The graph is freed on
        the way unless ``retain_graph``. Raises RuntimeError where nothing requires a gradient,
        where the graph was freed, or where a value was changed after it had been used; TypeError
        for ``create_graph=True``.
        """
        if create_graph:
            raise TypeError(ONE_DERIVATIVE)
        accumulate(self._gradients(gradient, bool(retain_graph)))

    def _gradients(self, gradient: Any, retain_graph: bool) -> dict[Node, Array]:
        if not self.requires_grad:
            raise RuntimeError("backward: nothing that made this Tensor has requires_grad=True")
        if gradient is None and self._data.size != 1:
            advice = "take sum() or mean() first, or pass gradient= with ∂L/∂(this Tensor)"
            raise RuntimeError(f"backward: start from one number, not shape {self.shape}: {advice}")
        given = np.ones_like(self._data) if gradient is None else gradient
        seed = np.array(given._data if isinstance(given, Tensor) else given, dtype=self.dtype)
        if seed.shape != self.shape:
            raise ValueError(f"backward: gradient has shape {seed.shape}, Tensor {self.shape}")
        return backward_pass(self._on_tape(), seed, retain_graph)

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

    def detach(self) -> Tensor:
        """The same values, off the tape (the array is shared, as in PyTorch)."""
        y = _wrap(self._data)
        y._on_tape(Memory(self._on_tape().get_memory()))
        return y

    @property
    def requires_grad(self) -> bool:
        """Whether ops on this Tensor are recorded, for :meth:`backward` to reach it."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if value == self._requires_grad:
            return
        if not self.is_leaf:
            raise RuntimeError("requires_grad: only a leaf can change it; detach() first")
        if value and self.dtype.kind != "f":
            raise TypeError(f"requires_grad: only float data can have it, not {self.dtype}")
        memory = None if self._node is None else self._node.get_memory()
        self._requires_grad, self._node = bool(value), None
        self._on_tape(memory)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        self.requires_grad = requires_grad
        return self

    @property
    def grad(self) -> Array | None:
        """What ``backward`` has added up: an array of this Tensor's shape and dtype, or None."""
        return self._grad

    @grad.setter
    def grad(self, value: ArrayLike | Tensor | None) -> None:
        self._grad = None if value is None else gradient_for(self, value)

    __hash__ = object.__hash__  # == compares entries, so identity has to be asked for


_NUMPY = (np.ndarray, np.generic)


def _wrap(value: Any) -> Tensor:
    """A Tensor around an array that is already ours: no copy, no gradient."""
    y = Tensor.__new__(Tensor)
    y._data = value if type(value) is np.ndarray else np.asarray(value)
    y._node = y._grad = None
    y._requires_grad = False
    return y
