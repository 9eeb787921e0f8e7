"""How a table is stored: the states of a widget, column by column, in a few hundred kilobytes.

States of one structure form a group, and each leaf of the structure is a column. Texts and numbers that
repeat are stored once and pointed at. So are arrays; one that is the beginning of another, as a line that
grows, is a part of it. Numbers of arrays keep the upper 24 bits of float32 (to 1 part in 10⁵), shades
8 bits from their lowest to their highest tick, at half the pixels. Of numbers the difference to the array
before is taken, and their bytes are sorted into planes; of shades what their neighbors below and beside do
not foretell: so gzip bites. table.js reads it.
"""

import gzip
import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

State = dict[str, Any]
Codes = NDArray[np.uint32]
SLOT = 0  # of a leaf, in a structure
FINE = 48  # more rows than that, and shades are halved


class Packer:
    """The parts of a table while it is written: a head of JSON, and behind it bytes."""

    def __init__(self) -> None:
        self.blob = bytearray()

    def pack(self, states: Sequence[State], more: dict[str, Any]) -> bytes:
        """All states, and what else the page has to know."""
        groups: dict[str, list[int]] = {}
        split = [leaves(state) for state in states]
        for k, (shape, _) in enumerate(split):
            groups.setdefault(json.dumps(shape, ensure_ascii=False), []).append(k)
        arrays = Arrays(values for _, values in split)
        where = np.zeros((len(states), 2), "<u4")
        head: dict[str, Any] = {**more, "groups": []}
        for number, (shape, members) in enumerate(groups.items()):
            where[members] = [(number, row) for row in range(len(members))]
            columns = zip(*(split[k][1] for k in members), strict=True)
            packed = [self.column(column, arrays) for column in columns]
            head["groups"].append({"shape": json.loads(shape), "columns": packed})
        head["entries"] = [self.numbers(part) for part in arrays.entries()]
        head["pools"] = [
            {"length": rows.shape[1], "n": self.put(coded(kind, rows, width))}
            for kind, width, rows in arrays.pools()
        ]
        head["where"] = [self.numbers(part) for part in where.T]
        return self.packed(head)

    def column(self, values: Sequence[Any], arrays: "Arrays") -> dict[str, Any]:
        """One leaf of all states of a group."""
        if isinstance(values[0], Leaf):
            return {"i": self.numbers([arrays.number(value) for value in values]), "a": 1}
        once: dict[str, int] = {}
        ids = [once.setdefault(json.dumps(v, ensure_ascii=False), len(once)) for v in values]
        return {"v": [json.loads(v) for v in once], "i": self.numbers(ids)}

    def numbers(self, values: Any) -> int | dict[str, int]:
        """Whole numbers: one, where all are the same; else how many bytes hold their differences."""
        whole = np.asarray(values, "<i4")
        if len(whole) and (whole == whole[0]).all():
            return int(whole[0])
        return {"n": self.put(planes(np.diff(whole, prepend=0).astype("<i4").view("<u4"), 4))}

    def put(self, data: bytes) -> int:
        """Add bytes; how many they are."""
        self.blob.extend(data)
        return len(data)

    def packed(self, head: dict[str, Any]) -> bytes:
        """Head and bytes as one file."""
        text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
        return gzip.compress(struct.pack("<I", len(text)) + text + self.blob, 9, mtime=0)


@dataclass(frozen=True)
class Leaf:
    """An array as codes: "f", 32 bits of each number, or "h", a byte of each shade."""

    kind: str
    codes: bytes
    width: int  # of a row

    @property
    def length(self) -> int:
        """How many numbers it holds."""
        return len(self.codes) // (1 if self.kind == "h" else 4)


class Arrays:
    """All distinct arrays, each in a pool of those of its kind and length, or as the beginning of one."""

    def __init__(self, states: Iterable[list[Any]]) -> None:
        found = dict.fromkeys(v for values in states for v in values if isinstance(v, Leaf))
        wholes: dict[Leaf, Leaf] = {}
        known: dict[tuple[str, bytes], list[bytes]] = {}  # the longest ones, by how they begin
        for leaf in sorted(found, key=lambda leaf: len(leaf.codes), reverse=True):
            alike = known.setdefault((leaf.kind, leaf.codes[: 8 * leaf.width]), [])
            whole = next((each for each in alike if each.startswith(leaf.codes)), leaf.codes)
            if whole is leaf.codes:
                alike.append(whole)
            wholes[leaf] = Leaf(leaf.kind, whole, leaf.width)
        self.found = {leaf: number for number, leaf in enumerate(found)}
        self.wholes = wholes
        self.rows: dict[tuple[str, int, int], dict[bytes, int]] = {}  # pools
        for leaf in found:  # in the order of the states, in which neighbors are alike
            pool = self.rows.setdefault(self.pool(leaf), {})
            pool.setdefault(wholes[leaf].codes, len(pool))

    def pool(self, leaf: Leaf) -> tuple[str, int, int]:
        """Which pool it is in, by kind, width and length."""
        return leaf.kind, leaf.width, self.wholes[leaf].length

    def number(self, leaf: Leaf) -> int:
        """Its number among all arrays."""
        return self.found[leaf]

    def entries(self) -> list[list[int]]:
        """Of all arrays: the pool, the row in it, and how many numbers of the row."""
        pools = {pool: number for number, pool in enumerate(self.rows)}
        own = [self.pool(leaf) for leaf in self.found]
        rows = [
            self.rows[pool][self.wholes[leaf].codes]
            for leaf, pool in zip(self.found, own, strict=True)
        ]
        return [[pools[pool] for pool in own], rows, [leaf.length for leaf in self.found]]

    def pools(self) -> Iterator[tuple[str, int, NDArray[Any]]]:
        """Kind and width of each pool, and its arrays, one a row."""
        for (kind, width, length), rows in self.rows.items():
            codes = np.frombuffer(b"".join(rows), np.uint8 if kind == "h" else "<u4")
            yield kind, width, codes.reshape(len(rows), length)


def leaves(tree: Any, ticks: Any = None) -> tuple[Any, list[Any]]:
    """The structure, with a slot for each leaf, and the leaves in their order."""
    if isinstance(tree, dict) and "bytes" in tree:
        return shades(tree, ticks) if ticks else numbers(tree)
    if isinstance(tree, dict):
        ticks = tree["ticks"] if tree.get("kind") == "Heat" else None
        parts = {k: leaves(v, ticks if k == "values" else None) for k, v in tree.items()}
        shape = {k: part for k, (part, _) in parts.items()}
        return shape, [leaf for _, own in parts.values() for leaf in own]
    if isinstance(tree, list):
        some = [leaves(part) for part in tree]
        return ["L", *(shape for shape, _ in some)], [leaf for _, own in some for leaf in own]
    return SLOT, [tree]


def numbers(array: dict[str, Any]) -> tuple[Any, list[Any]]:
    """An array of numbers as the upper 24 bits of float32, rounded."""
    codes = np.frombuffer(array["bytes"], "<u4")
    special = (codes & 0x7F800000) == 0x7F800000  # infinite, or not a number
    short = np.where(special, codes, codes.astype(np.uint64) + 0x80) >> 8
    tail = array["shape"][1:]
    return ["A", tail, "f"], [Leaf("f", short.astype("<u4").tobytes(), int(np.prod(tail)))]


def shades(array: dict[str, Any], ticks: Any) -> tuple[Any, list[Any]]:
    """A heat map as bytes from the lowest to the highest tick; 255 is no number."""
    low, high = ticks[0][0], ticks[-1][0]
    values = halved(np.frombuffer(array["bytes"], "<f4").reshape(array["shape"]))
    share = np.clip((np.nan_to_num(values) - low) / (high - low), 0, 1)  # beyond, shades stay
    codes = np.where(np.isnan(values), 255, np.rint(254 * share)).astype(np.uint8)
    tail = list(values.shape[1:])
    return ["A", tail, "h", low, high], [Leaf("h", codes.tobytes(), tail[0])]


def halved(values: NDArray[Any]) -> NDArray[Any]:
    """Shades at half the rows and columns, each the mean of four, where they are many."""
    rows, columns = values.shape
    if min(rows, columns) <= FINE or rows % 2 or columns % 2:
        return values
    means: NDArray[Any] = values.reshape(rows // 2, 2, columns // 2, 2).mean((1, 3))
    return means


def coded(kind: str, rows: NDArray[Any], width: int) -> bytes:
    """Numbers less those of the array before, in planes of bytes; shades less what neighbors foretell.

    Differences wrap around, and so do the sums that bring the values back.
    """
    if kind == "f":
        return planes(np.diff(rows, axis=0, prepend=np.zeros((1, rows.shape[1]), rows.dtype)), 3)
    maps = rows.reshape(len(rows), -1, width)
    maps = np.diff(maps, axis=1, prepend=np.zeros_like(maps[:, :1]))
    return np.diff(maps, axis=2, prepend=np.zeros_like(maps[:, :, :1])).tobytes()


def planes(codes: NDArray[Any], size: int) -> bytes:
    """All lowest bytes, then all second ones, …"""
    each = np.ascontiguousarray(codes, "<u4").view(np.uint8).reshape(-1, 4)
    return each[:, :size].T.tobytes()
