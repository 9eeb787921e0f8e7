"""CSV files that spreadsheets open and do not obey."""

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Cell = str | float | None


def write(
    path: Path, rows: Iterable[Sequence[Cell]], *, quote_all: bool = False, bom: bool = False
) -> None:
    """Write rows, whole or not at all, with the same bytes on every system.

    With a BOM, Excel reads them as UTF-8; what a platform imports has none.
    """
    text = io.StringIO()
    writer = csv.writer(
        text, lineterminator="\n", quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    )
    writer.writerows([_told(cell) for cell in row] for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    scratch.write_bytes(text.getvalue().encode("utf-8-sig" if bom else "utf-8"))
    os.replace(scratch, path)


@dataclass(frozen=True)
class Line:
    """A line of a table of several assignments: what all of them have, and between it what one has.

    An exercise may be called `total`, so its column is told from the others by its place.
    """

    first: Sequence[Cell]
    own: Mapping[str, Cell]
    last: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """The columns that every assignment has: the third is `assignment`."""

    first: Sequence[str]
    last: Sequence[str]

    def read(self, path: Path) -> list[Line]:
        """The lines of a file that `add` wrote; none if there is none."""
        if not path.exists():
            return []
        start, end = len(self.first), -len(self.last)
        head, *rows = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
        if (*head[:start], *head[end:]) != (*self.first, *self.last):
            return []
        # No text begins with a minus here, so what does is a number.
        table = [[float(cell) if cell.startswith("-") else cell for cell in row] for row in rows]
        return [
            Line(row[:start], dict(zip(head[start:end], row[start:end], strict=True)), row[end:])
            for row in table
        ]

    def add(self, path: Path, name: str, lines: Iterable[Line]) -> None:
        """Put these lines in place of the earlier ones of this assignment, and keep the others'."""
        kept = [line for line in self.read(path) if line.first[2] != name]
        lines = sorted([*kept, *lines], key=lambda line: str(line.first[2]))
        own = list(dict.fromkeys(column for line in lines for column in line.own if column))
        rows = ([*line.first, *map(line.own.get, own), *line.last] for line in lines)
        write(path, [[*self.first, *own, *self.last], *rows], bom=True)


def _told(cell: Cell) -> str:
    """A number without needless zeros; one line of text that no spreadsheet or terminal obeys.

    >>> _told(4.0), _told(3.25), _told("=1+1"), _told(None)
    ('4', '3.25', "'=1+1", '')
    """
    if isinstance(cell, str):
        line = " ".join("".join(c if c.isprintable() else " " for c in cell).split())
        return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line
    return "" if cell is None else f"{cell:.12g}"
