"""Whether a gradient can still be trusted after values were changed in place.

Tensors that share an array, such as ``x`` and ``x.reshape(6)``, share one :class:`Memory`. It counts
the changes. A node of the tape remembers the count at which it read. If they differ when
``backward`` comes by, the gradient is wrong where a vjp still holds the array that was written into.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, MutableMapping
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from nnlib.modes import modes

STALE = -1  # the version of a value that was read after its place on the tape had gone


class Changes:
    """What happened to one array."""

    version = 0  # the number of changes so far
    exchanged = 0  # the last version at which anything may have happened: x.data = …
    written: weakref.ref[Any] | None = None  # the array that all other changes wrote into


class Memory:
    """What a Tensor and its views know about changes to the array that they share.

    What was detached from them has a Memory of its own, which counts the same changes.
    """

    recorded = 0  # the version that the last change on the tape made: x += y, in the graph
    before = 0  # and the one that the change on the tape before it made

    def __init__(self, other: Memory | None = None) -> None:
        self.changes: Changes = Changes() if other is None else other.changes
        self.members: MutableMapping[
            int, Any
        ] = {}  # the Tensor and its views, as long as they live

    @property
    def version(self) -> int:
        return self.changes.version

    def version_for(self, born: int) -> int:
        """The version as who stands on the tape since version ``born`` reads it."""
        return self.changes.version if born >= self.recorded else STALE

    def exchange(self) -> None:
        """The values are others, and nobody knows what was written where."""
        self.changes.version += 1
        self.changes.exchanged = self.version

    def write(self, array: Any) -> None:
        """``array`` was written into."""
        before = self.changes.written and self.changes.written()
        self.changes.version += 1
        self.changes.written = weakref.ref(owner(array))
        if before is not None and before is not owner(array):
            self.changes.exchanged = self.version  # x.data = … made two of one: no telling which

    def record(self, array: Any) -> None:
        """``array`` was written into by an op of the tape."""
        self.write(array)
        self.before, self.recorded = self.recorded, self.version

    def check(self, node: Any, version: int, what: str) -> None:
        """Raise if what a node read or made at ``version`` is gone and would be needed."""
        start = f"backward: {what} of {node.op}"
        if version == STALE:
            words = "had been changed through a view of it, or it is a view of what was changed"
            raise RuntimeError(f"{start} {words}. Write x[i, j] = … on x itself")
        if version != self.version and self.spoils(node.vjps, version):
            raise RuntimeError(
                f"{start} was changed after {node.op} had run, so the gradient would be wrong. "
                "Change values after backward(), or compute the loss again."
            )

    def spoils(self, vjps: Any, version: int) -> bool:
        """Whether one of the vjps needs values as they were at ``version``."""
        if self.changes.exchanged > version or self.changes.written is None:
            return True
        array = self.changes.written()
        return array is not None and any(owner(a) is array for a in held(vjps))


def share(y: Any, inputs: Any, arrays: Any) -> None:
    """If y, the output of an op, is a view of one of the inputs, let it notice that one's changes.

    What is looked at under no_grad is a constant, and stays one.
    """
    whole = owner(y._data)
    for x, array in zip(inputs, arrays, strict=True):
        if (array is whole or getattr(array, "base", None) is whole) and x is not array:
            break
    else:
        return
    memory = x._on_tape().get_memory()
    if not modes.grad:
        y._on_tape(Memory(memory))
        return
    if y._node is not None:
        y._node.memory, y._node.born = memory, memory.version
    else:
        y._on_tape(memory).born = x._node.born
    memory.members = memory.members or weakref.WeakValueDictionary()
    memory.members |= {id(x): x, id(y): y}


def owner(array: Any) -> Any:
    """The array that holds the entries of a view."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


_PLAIN = (type(None), int, float, complex, str, bytes, type, np.generic, np.dtype, ModuleType)


def held(root: Any) -> Iterator[Any]:
    """Every array that a function, or whatever else, holds: closures, defaults, attributes.

    >>> W = np.ones(2)
    >>> def vjp_of(W):
    ...     return lambda g: g @ W
    >>> list(held(vjp_of(W)))[0] is W
    True
    """
    seen: set[int] = set()
    stack = [root]
    while stack:
        thing = stack.pop()
        if isinstance(thing, _PLAIN) or id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            yield thing
        elif isinstance(thing, FunctionType):
            cells = [c.cell_contents for c in thing.__closure__ or () if _filled(c)]
            stack += [*cells, thing.__defaults__, thing.__kwdefaults__, vars(thing)]
        elif isinstance(thing, MethodType):
            stack += [thing.__self__, thing.__func__]
        elif isinstance(thing, dict):
            stack += thing.values()
        elif isinstance(thing, list | tuple | set | frozenset):
            stack += thing
        elif hasattr(thing, "_on_tape"):  # a Tensor: not all that it was computed from
            stack.append(thing._data)
        else:
            slots = [s for kind in type(thing).__mro__ for s in vars(kind).get("__slots__", ())]
            stack += [getattr(thing, name, None) for name in ("func", "args", "keywords", *slots)]
            stack.append(getattr(thing, "__dict__", None))


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # a name that the function has not assigned yet
        return False
