"""Whether a gradient can still be trusted after values were changed in place.

Tensors that share an array, such as ``x`` and ``x.reshape(6)``, share one :class:`Memory`. It counts
the changes; a node of the tape remembers the count at which it read. If they differ when
``backward`` comes by, the gradient is wrong where a vjp still holds the array that was written into.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

STALE = -1  # the version of a value that was read after its place on the tape had gone


class Memory:
    """What all Tensors that share one array know about changes to it."""

    version = 0  # the number of changes so far
    recorded = 0  # the version that the last change on the tape made: x += y, in the graph
    before = 0  # and the one that the change on the tape before it made
    exchanged = 0  # the last version at which anything may have happened: x.data = …
    written: weakref.ref[Any] | None = None  # the array that all other changes wrote into

    def version_for(self, born: float) -> int:
        """The version as who stands on the tape since version ``born`` reads it."""
        return self.version if born >= self.recorded else STALE

    def exchange(self) -> None:
        """The values are others, and nobody knows what was written where."""
        self.version += 1
        self.exchanged = self.version

    def write(self, array: Any) -> None:
        """``array`` was written into."""
        self.version += 1
        before = self.written and self.written()
        self.written = weakref.ref(owner(array))
        if before is not None and before is not owner(array):
            self.exchanged = self.version  # two arrays since x.data = …: one is all we know of

    def record(self, array: Any) -> None:
        """``array`` was written into by an op of the tape."""
        self.write(array)
        self.before, self.recorded = self.recorded, self.version

    def spoils(self, vjps: Any, version: float) -> bool:
        """Whether one of the vjps needs values as they were at ``version``."""
        if self.exchanged > version or self.written is None:
            return True
        array = self.written()
        return array is not None and any(owner(a) is array for a in held(vjps))


def owner(array: Any) -> Any:
    """The array that holds the entries of a view."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


_PLAIN = (type(None), int, float, complex, str, bytes, type, np.generic, np.dtype, ModuleType)


def held(root: Any) -> Iterator[Any]:
    """Every array that a function, or whatever else, holds: closures, defaults, attributes.

    >>> W = np.ones(2)
    >>> list(held(lambda g, k=0: g @ W))[0] is W
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
        else:
            slots = [s for kind in type(thing).__mro__ for s in vars(kind).get("__slots__", ())]
            stack += [getattr(thing, name, None) for name in ("func", "args", "keywords", *slots)]
            stack.append(getattr(thing, "__dict__", None))


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # a name that the function has not assigned yet
        return False
