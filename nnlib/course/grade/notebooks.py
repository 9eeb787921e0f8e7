"""What a student handed in: its code cells and a word on its state, whatever state that is."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnlib.course.grade.assignment import Assignment, source
from nnlib.course.grade.cells import CHECK

MOST_BYTES = 200 << 20  # of a file; above MOST_READ it is read without its outputs
MOST_READ = 20 << 20
MOST_CELLS = 2000
PICTURE_SUFFIXES = ".png", ".jpg", ".jpeg"  # what is kept of the files beside it
MOST_PICTURES = 10
MOST_PICTURE_BYTES = 10 << 20
NO_CELLS = "cells lost their ids, or belong to another assignment"
EMPTY = "empty: there is nothing in the notebook"
PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"
KINDS = "code", "markdown", "raw"
UNREADABLE = OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError

Cell = dict[str, Any]


@dataclass(frozen=True)
class Notebook:
    """Code to run and, in `notes`, what is unusual about the notebook. None: nothing can be run."""

    cells: tuple[str, ...] | None
    notes: tuple[str, ...] = ()
    passed: frozenset[str] = frozenset()  # answers whose own check was right, as far as is stored

    @property
    def state(self) -> str:
        return "; ".join(self.notes) or "ok"


def load(path: Path, assignment: Assignment) -> Notebook:
    """Read a notebook that may be anything. Answers count wherever they stand in it."""
    try:
        if path.stat().st_size == 0:
            return Notebook(None, ("invalid: the file is empty",))
        content = read(path)
        cells = cells_of(content)
    except TooLarge as error:
        return Notebook(None, (f"invalid: {error}",))
    except UNREADABLE as error:
        return Notebook(None, (f"invalid: not a notebook ({type(error).__name__})",))
    if len(cells) > MOST_CELLS:
        return Notebook(None, (f"invalid: more than {MOST_CELLS} cells",))
    if not any(cell["source"].strip() for cell in cells):
        return Notebook(None, (EMPTY,))
    texts = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    # A stub must not replace an answer above it. Its place stays: cells are told by their numbers.
    written = tuple("" if assignment.is_stub(text) else text for text in texts)
    passed = frozenset(name for name in assignment.points if _passed(name, cells))
    return Notebook(written, tuple(_notes(content, cells, path, assignment)), passed)


class TooLarge(ValueError):
    """A file that is too large to be read, outputs or no."""


def read(path: Path) -> dict[str, Any]:
    """The content of a file, which a student may have made."""
    content = json.loads(light(path))
    if not isinstance(content, dict):
        raise TypeError("a notebook is a table")
    return content


def light(path: Path) -> bytes:
    """A file's bytes; of a large one without its outputs.

    It is read by a process of its own, with bounded memory: a hostile file of 200 MB may unfold to
    many times its size, and an honest one is a few pictures.
    """
    size = path.stat().st_size
    if size <= MOST_READ:
        return path.read_bytes()
    if size > MOST_BYTES:
        raise TooLarge(f"larger than {MOST_BYTES >> 20} MB")
    command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("slim.py")), str(path)]
    slim = subprocess.run(command, capture_output=True, timeout=120, check=False)
    if slim.returncode or len(slim.stdout) > MOST_READ:
        raise TooLarge(f"larger than {MOST_READ >> 20} MB, and not by its outputs")
    return slim.stdout


def cells_of(content: dict[str, Any]) -> list[Cell]:
    """The cells, each with a type and a text, also of the format before 2015, which had worksheets.

    What is odd about one cell costs that cell alone: without a type it is code, and a text that is
    none is empty.
    """
    if "worksheets" in content:
        found = [cell for sheet in content["worksheets"] for cell in sheet["cells"]]
    else:
        found = list(content["cells"])
    return [_whole(cell if isinstance(cell, dict) else {}) for cell in found]


def _whole(cell: Cell) -> Cell:
    kind = cell.get("cell_type", "code")
    try:
        text = source({"source": cell.get("source", cell.get("input", ""))})
        odd = kind not in KINDS or "cell_type" not in cell
    except TypeError:
        text, odd = "", True
    return {**cell, "cell_type": kind, "source": text, "odd": odd}


def _passed(name: str, cells: list[Cell]) -> bool:
    """Whether the last output of its check says that the answer is right. It earns nothing."""
    said = [str(cell.get("outputs")) for cell in cells if name in CHECK.findall(cell["source"])]
    return bool(said) and f"{name}: right, " in said[-1]


def _notes(
    content: dict[str, Any], cells: list[Cell], path: Path, assignment: Assignment
) -> list[str]:
    release = json.loads(assignment.release.read_bytes())
    given, found = _grade_ids(release["cells"]), _grade_ids(cells)
    notes = []
    if path.stem != assignment.name:
        notes.append("renamed")
    if missing := [name for name in given if name not in found]:
        some = ", ".join(missing)
        notes.append(f"cells deleted: {some}" if found.keys() & given.keys() else NO_CELLS)
    if copied := [name for name in given if found[name] > 1]:
        notes.append(f"cells copied: {', '.join(copied)}")
    if turned := _turned(release["cells"], cells):
        notes.append(f"no code cell any more: {', '.join(turned)}")
    if odd := [str(i) for i, cell in enumerate(cells, 1) if cell["odd"]]:
        notes.append(f"cells that could not be read: {', '.join(odd[:10])}")
    kernel = _table(content, "metadata", "kernelspec").get("language", "python")
    if kernel != "python":
        notes.append(f"kernel of another language: {str(kernel)[:20]}")
    newest = _table(release, "metadata", "nnlib").get("version")
    if _table(content, "metadata", "nnlib").get("version", newest) != newest:
        notes.append("old version")
    return notes


def _turned(given: list[Cell], cells: list[Cell]) -> list[str]:
    """Answer cells that are markdown or raw now, and no copy of which is code."""
    kinds: dict[str, set[str]] = {}
    for cell in cells:
        for name in _grade_ids([cell]):
            kinds.setdefault(name, set()).add(cell["cell_type"])
    asked = (name for cell in given if cell["cell_type"] == "code" for name in _grade_ids([cell]))
    return [name for name in asked if name in kinds and "code" not in kinds[name]]


def _grade_ids(cells: list[Cell]) -> Counter[str]:
    ids = (_table(cell, "metadata", "nbgrader").get("grade_id") for cell in cells)
    return Counter(name for name in ids if isinstance(name, str))


def _table(value: dict[str, Any], *keys: str) -> dict[str, Any]:
    """What lies under these keys, if it is a table: in a student's metadata it may be anything."""
    for key in keys:
        found = value.get(key)
        value = found if isinstance(found, dict) else {}
    return value
