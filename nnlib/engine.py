"""Reverse-mode automatic differentiation: the tape that every network of the course runs on.

An **op** is a function on arrays that returns its value and one *vector-Jacobian product* (vjp) per
input: a function that takes ``g = ∂L/∂(output)`` and returns ``∂L/∂(input)``. Running ops on
:class:`Tensor` objects writes a tape of :class:`Node` objects, and :meth:`Tensor.backward` reads it
from the newest node to the oldest. That is the whole of backpropagation.
"""

from __future__ import annotations

import inspect
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array = NDArray[Any]
Vjp = Callable[[Array], Array]
Vjps = tuple[Any, ...]  # (value, one vjp per input)

__all__ = ["Array", "Node", "Tensor", "Vjps", "debug", "no_grad", "op", "shared", "use"]


class _Modes(threading.local):
    """What the context managers below switch; every thread has its own."""

    grad = True
    watchers: tuple[Callable[..., None], ...] = ()  # called after each op: debug(), trace()
    replaced: dict[str, Callable[..., Vjps]] = {}  # noqa: RUF012  (never changed in place)


_modes = _Modes()
_tick = count().__next__
_FREED: Any = ("freed",)


class Node:
    """One entry of the tape: the op, the nodes it read, and one vjp for each of them.

    A node keeps no values; a vjp closes over just those it needs. ``version`` counts the changes
    made to the Tensor after the op, so that ``backward`` can tell that a value it relies on is gone.
    """

    __slots__ = (
        "inputs", "leaf", "op", "order", "requires_grad", "saved", "shape", "version", "versions",
        "vjps",
    )  # fmt: skip

    def __init__(
        self,
        op: str,
        shape: tuple[int, ...],
        inputs: list[Node | None],
        vjps: Any = (),
        leaf: weakref.ref[Tensor] | None = None,
    ) -> None:
        self.op, self.shape, self.inputs, self.vjps, self.leaf = op, shape, inputs, vjps, leaf
        self.requires_grad = bool(vjps) or leaf is not None
        self.order = _tick()
        self.version = 0
        self.versions = [x.version if x is not None else 0 for x in inputs]
        self.saved: _Snapshot | None = None

    def freed(self) -> RuntimeError:
        return RuntimeError(
            f"backward: the graph behind this {self.op} was freed by an earlier backward(). "
            "Compute the loss again, or keep the graph with backward(retain_graph=True)."
        )

    def changed(self, what: str) -> RuntimeError:
        return RuntimeError(
            f"backward: {what} of {self.op} was changed after {self.op} had run, so the gradient "
            "would be wrong. Change values after backward(), or compute the loss again."
        )


class Tensor:
    """An array that remembers the operation that made it.

    ``data`` and ``grad`` are plain NumPy arrays. Arrays and NumPy scalars keep their dtype; Python
    numbers and lists of floats become float32, as in PyTorch. The data are copied.

    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4.], dtype=float32)
    """

    __slots__ = ("__weakref__", "_data", "_node", "_requires_grad", "grad")

    def __init__(
        self,
        data: ArrayLike | Tensor,
        *,
        dtype: DTypeLike | None = None,
        requires_grad: bool = False,
    ) -> None:
        if isinstance(data, Tensor):
            data = data._data
        try:
            array = np.array(data, dtype=dtype)
        except ValueError:
            words = "Tensor: data must be numbers, in rows of equal length"
            raise ValueError(f"{words} ({data!r:.60})") from None
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
        root = self._node if self._node is not None else self._on_tape()
        grads = {root: self._seed(gradient)}
        queue = [(-root.order, root)] if root.leaf is None else []
        while queue:
            y = heappop(queue)[1]  # the newest: all that use y are newer, so its ∂L/∂y is complete
            g = grads.pop(y)
            if y.vjps is _FREED:
                raise y.freed()
            if y.version:
                raise y.changed("the output")
            if y.saved is not None:
                y.saved.check()
            for i, (x, version, vjp) in enumerate(zip(y.inputs, y.versions, y.vjps, strict=True)):
                if x is None:
                    continue
                if x.version != version:
                    raise y.changed(f"input {i}")
                gx = vjp(g) if x.requires_grad else None
                if gx is None:  # a student's op may say so where no gradient flows
                    continue
                if type(gx) is not np.ndarray or gx.shape != x.shape:
                    gx = _fit(gx, x, y, i)
                if y.saved is not None:
                    y.saved.check_gradient(gx, i)
                if x in grads:
                    grads[x] = grads[x] + gx  # the sum over all paths
                else:
                    grads[x] = gx
                    if x.leaf is None:
                        heappush(queue, (-x.order, x))
            if not retain_graph:
                y.inputs, y.vjps = [], _FREED
        gx = None  # from here on, `grads` alone refers to what has arrived
        _hand_over(grads)

    def _seed(self, gradient: ArrayLike | Tensor | None) -> Array:
        if gradient is None:
            if self._data.size != 1:
                raise RuntimeError(
                    f"backward: start from a single number, not from shape {self.shape}: take "
                    "sum() or mean() first, or pass gradient= with ∂L/∂(this Tensor)"
                )
            return np.ones_like(self._data)
        array = gradient._data if isinstance(gradient, Tensor) else gradient
        seed = np.array(array, dtype=self.dtype)
        if seed.shape != self.shape:
            raise ValueError(f"backward: gradient has shape {seed.shape}, Tensor {self.shape}")
        return seed

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
        if self._data.size != 1:
            raise ValueError(f"item: a Tensor of shape {self.shape} is not a single number")
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
            raise RuntimeError(
                "requires_grad: only a leaf can change it; detach() this Tensor first"
            )
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
        if self.ndim == 0:
            raise TypeError("len: a single number has no length")
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self._data.dtype.kind not in "iu":
            raise TypeError(f"index: a Tensor of {self.dtype} is not a whole number")
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def __repr__(self) -> str:
        values = np.array2string(self._data, separator=", ", prefix="tensor(")
        notes = "" if self.dtype in (np.float32, np.int64, np.bool_) else f", dtype={self.dtype}"
        return f"tensor({values}{notes}{', requires_grad=True' * self.requires_grad})"

    __hash__ = object.__hash__  # == compares entries, so identity has to be asked for

    if TYPE_CHECKING:  # installed by ops.py, which tests hold to this list

        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __rmatmul__(self, other: Any) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __getitem__(self, index: Any) -> Tensor: ...
        def __eq__(self, other: object) -> Tensor: ...  # type: ignore[override]
        def __ne__(self, other: object) -> Tensor: ...  # type: ignore[override]
        def __lt__(self, other: Any) -> Tensor: ...
        def __le__(self, other: Any) -> Tensor: ...
        def __gt__(self, other: Any) -> Tensor: ...
        def __ge__(self, other: Any) -> Tensor: ...
        def sum(self, dim: Any = None, keepdim: bool = False) -> Tensor: ...
        def mean(self, dim: Any = None, keepdim: bool = False) -> Tensor: ...
        def amax(self, dim: Any = (), keepdim: bool = False) -> Tensor: ...
        def amin(self, dim: Any = (), keepdim: bool = False) -> Tensor: ...
        def max(self) -> Tensor: ...
        def min(self) -> Tensor: ...
        def argmax(self, dim: int | None = None, keepdim: bool = False) -> Tensor: ...
        def exp(self) -> Tensor: ...
        def log(self) -> Tensor: ...
        def sqrt(self) -> Tensor: ...
        def abs(self) -> Tensor: ...
        def reshape(self, *shape: Any) -> Tensor: ...
        def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Tensor: ...
        def transpose(self, dim0: int, dim1: int) -> Tensor: ...
        def float(self) -> Tensor: ...
        def double(self) -> Tensor: ...
        @property
        def T(self) -> Tensor: ...


_NUMPY = (np.ndarray, np.generic)
_UFUNCS: dict[Any, Callable[..., Tensor]] = {}  # which op stands for which NumPy operator (ops.py)


def _wrap(value: Any) -> Tensor:
    """A Tensor around an array that is already ours: no copy, no gradient."""
    y = Tensor.__new__(Tensor)
    y._data = value if type(value) is np.ndarray else np.asarray(value)
    y._node = y.grad = None
    y._requires_grad = False
    return y


def _fit(gx: Any, x: Node, y: Node, i: int) -> Array:
    """Sum a gradient over the axes along which the op broadcast its input.

    If y[n] = x for every n, then x has one path to the loss through each n: ∂L/∂x = Σₙ ∂L/∂y[n].
    """
    gx = np.asarray(gx)
    extra = gx.ndim - len(x.shape)
    if extra >= 0:
        ones = [extra + k for k, n in enumerate(x.shape) if n == 1 and gx.shape[extra + k] != 1]
        axes = (*range(extra), *ones)
        summed: Array = np.asarray(gx.sum(axes, keepdims=True)) if axes else gx
        if summed.shape[extra:] == x.shape:
            return summed.reshape(x.shape)
    raise ValueError(
        f"{y.op}: the gradient of input {i} has shape {gx.shape}, but the input has {x.shape}"
    )


def _hand_over(grads: dict[Node, Array]) -> None:
    """Add what has arrived at the leaves to their ``.grad``, in arrays that nothing else holds."""
    while grads:
        node, g = grads.popitem()
        leaf = node.leaf() if node.leaf is not None else None
        if leaf is None:
            continue
        if leaf.grad is not None:
            leaf.grad += g
            continue
        # Ours if only `g` and this call refer to it; a vjp may have returned an array of its op.
        ours = g.base is None and sys.getrefcount(g) <= 2 and g.dtype == leaf.dtype
        leaf.grad = g if ours else np.array(g, dtype=leaf.dtype)


def op(
    forward: Callable[..., Any], backward: Callable[..., Any] | None = None
) -> Callable[..., Tensor]:
    """Make a function on arrays a differentiable function of Tensors.

    ``forward(*arrays, **options)`` returns its value and one vjp per input. With ``backward`` given,
    ``forward`` returns the value alone, and ``backward(g, *arrays, **options)`` one gradient per
    input. The op's name, by which :func:`use` finds it, is the function's, without leading
    underscores.

    >>> @op
    ... def square(x):
    ...     return x * x, lambda g: 2 * x * g
    >>> x = Tensor([3.0], requires_grad=True)
    >>> square(x).backward()
    >>> x.grad
    array([6.], dtype=float32)
    """
    name = forward.__name__.lstrip("_")
    formula = forward if backward is None else _paired(forward, backward)
    _FORMULAS.setdefault(name, formula)

    @wraps(forward)
    def apply(*inputs: Any, **options: Any) -> Tensor:
        modes, arrays, track = _modes, [], False
        for x in inputs:
            if isinstance(x, Tensor):
                arrays.append(x._data)
                track = track or x._requires_grad
            elif isinstance(x, np.generic):
                arrays.append(x.item())  # a NumPy scalar is a number: float32 stays float32
            elif isinstance(x, list | tuple):
                arrays.append(Tensor(x)._data)
            else:
                arrays.append(x)
        run: Callable[..., Any] = formula
        if modes.replaced:
            run = modes.replaced.get(name, formula)
        try:
            result = run(*arrays, **options)
        except (ValueError, TypeError) as error:
            raise _readable(error, name, arrays) from None
        if not isinstance(result, tuple):
            raise TypeError(f"{name}: return the value and one vjp per input: value, lambda g: …")
        value, *vjps = result
        y = _wrap(value)
        if track and modes.grad and vjps:
            if len(vjps) != len(inputs):
                raise ValueError(f"{name}: {len(inputs)} inputs, but {len(vjps)} vjps")
            y._requires_grad = True
            nodes = [x._node or x._on_tape() if isinstance(x, Tensor) else None for x in inputs]
            for i, node in enumerate(nodes):
                if node is None or not node.requires_grad:
                    vjps[i] = None  # never to be called: let go of the values that it holds
            y._node = Node(name, y._data.shape, nodes, vjps)
        for watch in modes.watchers:
            watch(y, name, forward, inputs, options)
        return y

    apply.formula = formula  # type: ignore[attr-defined]
    return apply


_FORMULAS: dict[str, Callable[..., Any]] = {}


def _paired(forward: Callable[..., Any], backward: Callable[..., Any]) -> Callable[..., Any]:
    """The formula of an op that is given as forward(*arrays) and backward(g, *arrays)."""

    def formula(*arrays: Any, **options: Any) -> Vjps:
        @shared
        def gradients(g: Array) -> Any:
            result = backward(g, *arrays, **options)
            result = result if isinstance(result, tuple | list) else (result,)
            if len(result) != len(arrays):
                raise ValueError(
                    f"{forward.__name__}: backward returned {len(result)} gradients for "
                    f"{len(arrays)} inputs; return one per input, None where there is none"
                )
            return result

        vjps = [lambda g, i=i: gradients(g)[i] for i in range(len(arrays))]
        return (forward(*arrays, **options), *vjps)

    return formula


def shared(f: Callable[[Array], Any]) -> Callable[[Array], Any]:
    """Compute ``f(g)`` once for all the vjps of an op that need it."""
    last: list[Any] = [None, None]

    def once(g: Array) -> Any:
        if last[0] is not g:
            last[:] = g, f(g)
        return last[1]

    return once


def _readable(error: Exception, name: str, arrays: list[Any]) -> Exception:
    """NumPy's complaint about shapes or types, in words that name the op and what came."""
    text = str(error)
    if isinstance(error, TypeError):
        if "ufunc" not in text and "operand type" not in text:
            return error
        types = " and ".join(str(getattr(a, "dtype", type(a).__name__)) for a in arrays)
        return TypeError(f"{name}: works on numbers and arrays of numbers, not on {types}")
    if "broadcast" not in text and "gufunc" not in text and "matmul" not in text:
        return error
    shapes = " and ".join(str(np.shape(a)) for a in arrays if a is not None)
    return ValueError(f"{name}: shapes {shapes} do not fit together")


@contextmanager
def _mode(**values: Any) -> Iterator[None]:
    before = {key: getattr(_modes, key) for key in values}
    vars(_modes).update(values)
    try:
        yield
    finally:
        vars(_modes).update(before)


@contextmanager
def no_grad() -> Iterator[None]:
    """Run without writing the tape: ``with no_grad(): …`` or ``@no_grad()``, as in PyTorch."""
    with _mode(grad=False):
        yield


@contextmanager
def use(**formulas: Callable[..., Any]) -> Iterator[None]:
    """Let every model run on your own ops: ``with use(linear=mine): model(x)``.

    Each value is a formula (arrays in; value and one vjp per input out) or what :func:`op` made.
    Raises ValueError where no op has that name.
    """
    for name in formulas:
        if name not in _FORMULAS:
            known = ", ".join(sorted(_FORMULAS))
            raise ValueError(f"use: there is no op named {name!r}. There are: {known}")
    mine = {name: getattr(f, "formula", f) for name, f in formulas.items()}
    with _mode(replaced={**_modes.replaced, **mine}):
        yield


@contextmanager
def debug() -> Iterator[None]:
    """Find the line: NaNs in values or gradients, and arrays changed before ``backward``, raise.

    Slow (it copies every input); for hunting, not for training.
    """
    with _mode(watchers=(*_modes.watchers, _watch)):
        yield


class _Snapshot:
    """What an op read and made, under debug(): to see whether it was changed, and to name the line."""

    def __init__(self, name: str, arrays: list[Any], forward: Callable[..., Any]) -> None:
        self.name, self.line = name, _calling_line()
        self.arrays = [(a, a.copy()) for a in arrays if isinstance(a, np.ndarray)]
        self.inputs = list(inspect.signature(forward).parameters)

    def check(self) -> None:
        for now, then in self.arrays:
            if not np.array_equal(now, then, equal_nan=now.dtype.kind == "f"):
                raise RuntimeError(
                    f"{self.name} ({self.line}): an array of shape {now.shape} that it read or "
                    "made was changed before backward()"
                )

    def check_gradient(self, gx: Array, i: int) -> None:
        if np.isnan(gx).any():
            name = self.inputs[i] if i < len(self.inputs) else f"input {i}"
            raise FloatingPointError(f"{self.name} ({self.line}): NaN in the gradient of {name}")


def _watch(
    y: Tensor, name: str, forward: Callable[..., Any], inputs: Any, options: dict[str, Any]
) -> None:
    read = (*inputs, *options.values())
    arrays = [x._data if isinstance(x, Tensor) else x for x in read]
    snapshot = _Snapshot(name, [*arrays, y._data], forward)
    if np.isnan(y._data).any():
        raise FloatingPointError(f"{name} ({snapshot.line}): its value holds NaN")
    if y._node is not None:
        y._node.saved = snapshot


def _calling_line() -> str:
    """Where the user's code called: the innermost frame outside this package."""
    frame = sys._getframe(1)
    package = __name__.partition(".")[0]
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}"
