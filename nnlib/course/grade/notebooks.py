"""What a student handed in: its code cells and a word on its state, whatever state that is."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnlib.course.grade.assignment import Assignment, source

MOST_BYTES = 20 << 20
MOST_CELLS = 2000
NO_CELLS = "cells lost their ids, or belong to another assignment"


@dataclass(frozen=True)
class Notebook:
    """Code to run and, in `notes`, what is unusual about the notebook. None: nothing can be run."""

    cells: tuple[str, ...] | None
    notes: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        return "; ".join(self.notes) or "ok"


def load(path: Path, assignment: Assignment) -> Notebook:
    """Read a notebook that may be anything. Answers count wherever they stand in it."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            return Notebook(None, (f"invalid: larger than {MOST_BYTES >> 20} MB",))
        if size == 0:
            return Notebook(None, ("invalid: the file is empty",))
        content = json.loads(path.read_bytes())
        cells = _cells(content)
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        texts = tuple(source(cell) for cell in code)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return Notebook(None, (f"invalid: not a notebook ({type(error).__name__})",))
    if len(texts) > MOST_CELLS:
        return Notebook(None, (f"invalid: more than {MOST_CELLS} cells",))
    # A stub must not replace an answer above it. Its place stays: cells are told by their numbers.
    written = tuple("" if text in assignment.stubs else text for text in texts)
    return Notebook(written, tuple(_notes(content, cells, path, assignment)))


def _cells(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells, also of the format before 2015, which had worksheets and called sources input."""
    if "worksheets" in content:
        sheets = [cell for sheet in content["worksheets"] for cell in sheet["cells"]]
        return [cell | {"source": cell.get("source", cell.get("input", ""))} for cell in sheets]
    return list(content["cells"])


def _notes(
    content: dict[str, Any], cells: list[dict[str, Any]], path: Path, assignment: Assignment
) -> list[str]:
    given = _grade_ids(json.loads(assignment.release.read_bytes())["cells"])
    found = _grade_ids(cells)
    notes = []
    if path.stem != assignment.name:
        notes.append("renamed")
    if missing := [name for name in given if name not in found]:
        some = ", ".join(missing)
        notes.append(f"cells deleted: {some}" if found.keys() & given.keys() else NO_CELLS)
    if copied := [name for name in given if found[name] > 1]:
        notes.append(f"cells copied: {', '.join(copied)}")
    release = json.loads(assignment.release.read_bytes())
    kernel = _table(content, "metadata", "kernelspec").get("language", "python")
    if kernel != "python":
        notes.append(f"kernel of another language: {str(kernel)[:20]}")
    newest = _table(release, "metadata", "nnlib").get("version")
    if _table(content, "metadata", "nnlib").get("version", newest) != newest:
        notes.append("old version")
    return notes


def _grade_ids(cells: list[dict[str, Any]]) -> Counter[str]:
    ids = (_table(cell, "metadata", "nbgrader").get("grade_id") for cell in cells)
    return Counter(name for name in ids if isinstance(name, str))


def _table(value: dict[str, Any], *keys: str) -> dict[str, Any]:
    """What lies under these keys, if it is a table: in a student's metadata it may be anything."""
    for key in keys:
        found = value.get(key)
        value = found if isinstance(found, dict) else {}
    return value
