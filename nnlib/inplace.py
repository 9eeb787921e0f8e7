"""Changes in place: ``x += y``, ``x[i] = v``, ``x.zero_()``, as in PyTorch.

Where nothing is recorded, the new values are written into the array. A leaf that requires a
gradient may not change: what it was is what ``backward`` differentiates by. Else the change is an op
like any other, whose output takes x's place on the tape: what x was is the op's input.

>>> x = Tensor([1.0, 2.0], requires_grad=True)
>>> with no_grad():
...     x -= 0.5
>>> y = 2 * x
>>> y[0] = 7
>>> y.sum().backward()
>>> y.data, x.grad
(array([7., 3.], dtype=float32), array([0., 2.], dtype=float32))
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial, wraps
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.conversions import say_what_is_missing
from nnlib.engine import Array, Node, Tensor, Vjps, no_grad, op
from nnlib.modes import modes
from nnlib.random import generator as default_generator
from nnlib.tensors import _wrap


def _changed_by(x: Tensor, name: str, function: Callable[..., Tensor], *args: Any) -> Tensor:
    """x after ``x = function(x, *args)``, in x's own memory."""
    if not _recorded(x, name, args):
        with no_grad():
            _write(x, name, function(x, *args))
        _memory(x).write(x._data)
        return x
    before = _wrap(x._data.copy(order="K"))  # vjps may hold it, and x's array is about to change
    before._node, before._requires_grad = x._on_tape(), x._requires_grad
    y = function(before, *args)
    _write(x, name, y)
    return _take_place(x, y)


def _recorded(x: Tensor, name: str, args: Any) -> bool:
    """Whether the change belongs on the tape; raises where x is not one that may change."""
    if not modes.grad or not any(isinstance(t, Tensor) and t._requires_grad for t in (x, *args)):
        return False
    root = x._on_tape()
    while (base := _base(root)) is not None:
        root = base
    if x._requires_grad and root.leaf is not None:
        view = "" if root is x._node else "a view of "
        raise RuntimeError(
            f"{name}: {view}a leaf Variable that requires grad is being used in an in-place "
            "operation. To train it, write it in a with no_grad(): block; to compute with it, "
            "write x = x + …, or change a copy"
        )
    return True


def _base(node: Node) -> Node | None:
    """The node that this one is a view of."""
    for x, version in zip(node.inputs, node.versions, strict=False):
        if (
            x is not None
            and x.memory is not None
            and x.memory is node.memory
            and node.born == version
        ):
            return x
    return None


def _write(x: Tensor, name: str, y: Tensor) -> None:
    if y.shape != x.shape:
        raise ValueError(f"{name}: the result has shape {y.shape}, and does not fit into {x.shape}")
    if _RANK[y.dtype.kind] > _RANK[x.dtype.kind]:
        words = f"result type {y.dtype} can't be cast to {x.dtype}, which this Tensor has"
        raise RuntimeError(f"{name}: {words}: write x = …, which makes a new one")
    if not x._data.flags.writeable:
        words = "several entries share one place in memory, or the array is read-only"
        raise RuntimeError(f"{name}: {words}: change a copy, Tensor(x)")
    if y._data is not x._data:
        x._data[...] = y._data


_RANK = {"b": 0, "u": 1, "i": 1, "f": 2}  # a result may go into its own kind, or a wider one


def _take_place(x: Tensor, y: Tensor) -> Tensor:
    """Put y's place on the tape in that of x, whose array holds y's values by now."""
    node, memory = y._node, _memory(x)
    assert node is not None
    memory.record(x._data)
    node.memory, node.born = memory, memory.version
    for t in (x, *memory.members.values()):  # the others show what is on the tape: not as of old
        t._requires_grad = True
    x._node = node
    return x


def _memory(x: Tensor) -> Any:
    return x._on_tape().get_memory()


def _refuse_view(x: Tensor, name: str) -> None:
    others = [t for t in _memory(x).members.values() if t is not x]
    if modes.grad and x._requires_grad and others and _base(x._on_tape()) is not None:
        raise RuntimeError(
            f"{name}: this Tensor is a view of one in the graph, which would not notice. Write "
            "x[i, j] = … on that one itself, in place of x[i][j] = … or x[i].zero_()"
        )


# x[i] = v ------------------------------------------------------------------------------------


@op
def _put(x: Array, value: Array, *, key: Any) -> Vjps:
    """x with x[key] = value: written into x itself"""

    def dx(g: Array) -> Array:
        kept = g.copy()
        kept[key] = 0
        return kept

    x[key] = value
    return x, dx, lambda g: g[key]


def _assign(x: Tensor, key: Any, value: Any, name: str = "x[i] = v") -> Tensor:
    """x after ``x[key] = value``, which casts as it must."""
    parts = [_array(k) for k in key] if isinstance(key, tuple) else [_array(key)]
    if not any(k is ... for k in parts):
        parts.append(...)  # so that x[0] is a place in memory even where it is a single number
    value = value if isinstance(value, Tensor) else np.asarray(value)
    recorded = _recorded(x, name, (value,))
    _refuse_view(x, name)
    try:
        place = x._data[tuple(parts)]
    except IndexError as error:
        raise IndexError(f"{name}: {error}") from None
    while value.ndim > place.ndim and value.shape[0] == 1:
        value = value[0]
    if not _fits(value.shape, place.shape):
        raise ValueError(f"{name}: shape {value.shape} does not fit into {place.shape}")
    completes = recorded and _completes(x, place, value)
    with nullcontext() if recorded else no_grad():
        y = _put(x, value, key=tuple(parts))
    if not recorded:
        _memory(x).write(x._data)
        return x
    assert y._node is not None
    if completes:
        y._node.versions[0] = _memory(x).version
    return _take_place(x, y)


def _fits(shape: tuple[int, ...], place: tuple[int, ...]) -> bool:
    """Whether an array of that shape can be stretched to that of the place."""
    behind = place[len(place) - len(shape) :]
    return len(shape) <= len(place) and all(n in (1, m) for n, m in zip(shape, behind, strict=True))


def _completes(x: Tensor, place: Array, value: Any) -> bool:
    """Whether this is the end of ``x[i] += …``: Python changes the view x[i], then assigns it.

    The view's change has made x out of date, but just where x is now overwritten.
    """
    node, memory = getattr(value, "_node", None), _memory(x)
    if node is None or node.memory is not memory or node.born != memory.recorded:
        return False
    two = place.__array_interface__, value._data.__array_interface__
    same = all(two[0][k] == two[1][k] for k in ("data", "shape", "strides", "typestr"))
    return same and x._on_tape().born >= memory.before


def _array(key: Any) -> Any:
    """A part of a key as NumPy takes it; bytes are a mask, as in PyTorch."""
    if not isinstance(key, Tensor):
        return key
    return key._data.astype(bool) if key.dtype == np.uint8 else key._data


# Tensor's methods ----------------------------------------------------------------------------


def _augmented(sign: str, function: Callable[..., Tensor]) -> Any:
    return lambda self, other: _changed_by(self, f"x {sign} y", function, other)


def _method(name: str, function: Callable[..., Tensor]) -> Any:
    def method(self: Tensor, *args: Any, **options: Any) -> Tensor:
        _refuse_view(self, name)
        return _changed_by(self, name, partial(function, **options), *args)

    method.__name__, method.__doc__ = (
        name,
        f"{function.__name__}, in place: into this Tensor itself",
    )
    return method


def _scaled(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """x ± alpha · y, as add_ and sub_ have it."""

    @wraps(function)
    def run(x: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
        return function(x, other if alpha == 1 else ops.mul(other, alpha))

    return run


def _masked_fill(self: Tensor, mask: Any, value: Any) -> Tensor:
    where = np.broadcast_to(np.asarray(_array(mask), dtype=bool), self.shape)
    return _assign(self, where, value, "masked_fill_")


def _normal(self: Tensor, mean: float = 0, std: float = 1, *, generator: Any = None) -> Tensor:
    drawn = default_generator(generator).normal(mean, std, self.shape)
    return _assign(self, ..., drawn, "normal_")


def _random(
    self: Tensor, from_: int = 0, to: int | None = None, *, generator: Any = None
) -> Tensor:
    low, high = (0, from_) if to is None else (from_, to)  # random_(5): 0 to 4
    if high <= low:
        raise ValueError(
            f"random_: needs whole numbers from {low} to below {high}: write random_(10)"
        )
    return _assign(
        self, ..., default_generator(generator).integers(low, high, self.shape), "random_"
    )


def _bernoulli(self: Tensor, p: float = 0.5, *, generator: Any = None) -> Tensor:
    return _assign(self, ..., default_generator(generator).random(self.shape) < p, "bernoulli_")


def _uniform(self: Tensor, from_: float = 0, to: float = 1, *, generator: Any = None) -> Tensor:
    drawn = default_generator(generator).uniform(from_, to, self.shape)
    return _assign(self, ..., drawn, "uniform_")


_METHODS: dict[str, Any] = {
    "__iadd__": _augmented("+=", ops.add), "__isub__": _augmented("-=", ops.sub),
    "__imul__": _augmented("*=", ops.mul), "__itruediv__": _augmented("/=", ops.div),
    "__ipow__": _augmented("**=", ops.pow),
    "__ifloordiv__": _augmented("//=", operator.floordiv),
    "__imod__": _augmented("%=", operator.mod), "__iand__": _augmented("&=", operator.and_),
    "__ior__": _augmented("|=", operator.or_), "__ixor__": _augmented("^=", operator.xor),
    "__setitem__": lambda self, key, value: _assign(self, key, value),
    "add_": _method("add_", _scaled(ops.add)), "sub_": _method("sub_", _scaled(ops.sub)),
    "mul_": _method("mul_", ops.mul), "div_": _method("div_", ops.div),
    "pow_": _method("pow_", ops.pow), "clamp_": _method("clamp_", ops.clamp),
    "exp_": _method("exp_", ops.exp), "log_": _method("log_", ops.log), "sqrt_": _method("sqrt_", ops.sqrt),
    "neg_": _method("neg_", ops.neg), "abs_": _method("abs_", ops.absolute),
    **{
        f"{name}_": _method(f"{name}_", getattr(Tensor, name))
        for name in (
            "relu", "tanh", "sigmoid", "sin", "cos", "floor", "ceil", "round", "square", "rsqrt",
            "reciprocal", "clip", "tril", "triu", "scatter", "scatter_add",
        )
    },
    "random_": _random, "bernoulli_": _bernoulli,
    "zero_": lambda self: _assign(self, ..., 0, "zero_"),
    "fill_": lambda self, value: _assign(self, ..., value, "fill_"),
    "masked_fill_": _masked_fill, "normal_": _normal, "uniform_": _uniform,
    "copy_": lambda self, src, non_blocking=False: _assign(self, ..., src, "copy_"),
}  # fmt: skip
for _name, _function in _METHODS.items():
    setattr(Tensor, _name, _function)
say_what_is_missing(Tensor)
