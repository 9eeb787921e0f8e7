"""CSV files that spreadsheets open and do not obey."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

Cell = str | float | None


def write(path: Path, rows: Iterable[Sequence[Cell]], quote_all: bool = False) -> None:
    """Write rows, whole or not at all, with the same bytes on every system."""
    text = io.StringIO()
    writer = csv.writer(
        text, lineterminator="\n", quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    )
    writer.writerows([_told(cell) for cell in row] for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    scratch.write_bytes(text.getvalue().encode())
    os.replace(scratch, path)


def _told(cell: Cell) -> str:
    """A number without needless zeros; one line of text that no spreadsheet or terminal obeys.

    >>> _told(4.0), _told(3.25), _told("=1+1"), _told(None)
    ('4', '3.25', "'=1+1", '')
    """
    if isinstance(cell, str):
        line = " ".join("".join(c if c.isprintable() else " " for c in cell).split())
        return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line
    return "" if cell is None else f"{cell:.12g}"
