"""Modules and parameters kept in a row, as Python's lists keep things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import index as whole
from typing import Any, Generic, Self, TypeVar, cast

from nnlib.arguments import Parts, checked, require
from nnlib.nn.module import Module
from nnlib.nn.state import Parameter

T = TypeVar("T")


class Listed(Generic[T]):
    """What a list can do, for a module whose parts are its attributes "0", "1", …"""

    kind: Any = Module

    def _parts(self) -> list[tuple[str, T]]:
        kind = self.kind
        return [(name, part) for name, part in vars(self).items() if isinstance(part, kind)]

    def _check(self, part: Any) -> None:
        require(self.kind, type(self).__name__, **{self.kind.__name__.lower(): part})

    def _put(self, parts: Iterable[Any]) -> None:
        """These and no others, numbered from 0."""
        several = list(parts)
        for part in several:
            self._check(part)
        for name, _ in self._parts():
            delattr(self, name)
        for i, part in enumerate(several):
            setattr(self, str(i), part)

    def _of(self, parts: list[tuple[str, T]]) -> Any:
        return cast("Any", type(self))([part for _, part in parts])

    def __len__(self) -> int:
        return len(self._parts())

    def __iter__(self) -> Iterator[T]:
        kind = self.kind  # at every call of a Sequential, so it has to be quick
        return (part for part in vars(self).values() if isinstance(part, kind))

    def __getitem__(self, index: int | slice) -> Any:
        parts = self._parts()
        return self._of(parts[index]) if isinstance(index, slice) else parts[self._at(index)][1]

    def _at(self, index: int) -> int:
        count = len(self)
        if not -count <= whole(index) < count:
            raise IndexError(f"{type(self).__name__}: there is no [{index}] among {count} parts")
        return whole(index)

    def __setitem__(self, index: int, part: T) -> None:
        self._check(part)
        setattr(self, self._parts()[self._at(index)][0], part)

    def __delitem__(self, index: int | slice) -> None:
        parts = list(self)
        del parts[index if isinstance(index, slice) else self._at(index)]
        self._put(parts)

    @checked
    def append(self, part: Any) -> Self:
        self._check(part)
        setattr(self, str(len(self)), part)
        return self

    @checked
    def extend(self, parts: Parts) -> Self:
        for part in list(parts):
            self.append(part)
        return self

    def insert(self, index: int, part: T) -> Self:
        parts = list(self)
        parts.insert(index, part)
        self._put(parts)
        return self

    def pop(self, index: int = -1) -> T:
        part: T = self[index]
        del self[index]
        return part

    def __iadd__(self, parts: Iterable[T]) -> Self:
        return self.extend(parts)

    def __add__(self, parts: Iterable[T]) -> Any:
        several = enumerate([*self, *parts])
        return self._of([(str(i), part) for i, part in several])


class ParameterList(Listed[Parameter], Module):
    """A list of parameters, which belong to the module that it is assigned to.

    Arrays and Tensors in it become parameters; any shape. Raises TypeError for a list of anything else.
    As torch.nn.ParameterList.

    >>> ParameterList([Parameter([1.0]), Parameter([2.0])])[1]
    tensor([2.], requires_grad=True)
    """

    kind = Parameter

    @checked
    def __init__(self, values: Parts | None = None) -> None:
        self.extend([] if values is None else values)

    def append(self, part: Any) -> Self:
        return super().append(part if isinstance(part, Parameter) else Parameter(part))
