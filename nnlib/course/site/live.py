"""What moves and asks on a page: the widgets and questions that a notebook's cells show."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnlib.course import build, widgets
from nnlib.course.kit.piece import Piece
from nnlib.course.kit.widget import Widget


@dataclass(frozen=True)
class Live:
    """What the last line of a cell shows: a widget, or questions."""

    page: str  # the notebook's stem
    cell: str  # the cell's id
    shown: Widget | Piece

    @property
    def name(self) -> str:
        """Its name on the site, unique among all pages."""
        return f"{self.page}-{self.cell}"

    @property
    def kind(self) -> str:
        """Which view shows it: widget, quiz, prediction or ordering."""
        return type(self.shown).__name__.lower()


def of_notebook(path: Path) -> Iterator[Live]:
    """All that lives in a notebook, from top to bottom."""
    for cell in build.read(path).cells:
        if cell.cell_type == "code" and (call := called(cell.source)):
            yield Live(path.stem, cell.id, shown(path, call))


def called(source: str) -> str:
    """The call of one of the course's widgets or questions at a cell's end, or ""."""
    try:
        lines = ast.parse(source).body
    except SyntaxError:  # a line for IPython, such as %timeit
        return ""
    last = lines[-1] if lines else None
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Call):
        return ""
    function = last.value.func
    known = isinstance(function, ast.Name) and function.id in dir(widgets)
    return ast.unparse(last.value) if known else ""


def shown(path: Path, call: str) -> Widget | Piece:
    """What the call gives. It may name the course's widgets and questions, and nothing else."""
    names: dict[str, Any] = {name: getattr(widgets, name) for name in dir(widgets)}
    try:
        thing = eval(call, names)
    except NameError as error:
        hint = "the site calls it by itself, so write values in place of names"
        raise ValueError(f"{path.name}: {call}: {error}; {hint}") from None
    assert isinstance(thing, Widget | Piece), call
    return thing
