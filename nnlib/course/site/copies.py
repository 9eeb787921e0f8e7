"""Copies of the notebooks for places that have not installed the course: Colab, and the browser alone.

The copies install it by themselves, and their links hold where they are opened.
"""

import re
from collections.abc import Callable
from pathlib import Path
from posixpath import normpath

from nbformat.v4 import new_code_cell

from nnlib.course import build
from nnlib.course.site import address
from nnlib.course.site.stage import LINK, notebooks

COLAB = """\
# Colab has not installed the course yet. Elsewhere this does nothing.
import importlib.util

if importlib.util.find_spec("nnlib") is None:
    %pip install -q "nnlib-course[lite] @ git+{address}"\
"""
LITE = """\
# This page has a Python of its own, which installs the course here: up to a minute, the first time.
# Your work is kept in this browser alone. Keep a copy: File, Download. To begin a notebook anew, delete
# it in the list of files and open it again: the original is back.
%pip install -q "nnlib-course[lite]"\
"""
# Of a file and whether it is copied: its address, "" where it cannot be had, None where the copy's
# own link is right.
Place = Callable[[str, bool], str | None]


def for_colab(root: Path, out: Path, repository: str) -> None:
    """All notebooks at `out`. Colab opens one file at a time, so each link is a whole address."""

    def place(file: str, copied: bool) -> str:
        return (address.colab if copied else address.source)(repository, file)

    write(root, out, COLAB.format(address=repository), place)


def for_lite(root: Path, out: Path, repository: str) -> None:
    """All notebooks at `out`, where they see each other; what is no notebook is in the repository."""

    def place(file: str, copied: bool) -> str | None:
        if copied:
            return None
        return address.source(repository, file) if repository else ""

    write(root, out, LITE, place)


def write(root: Path, out: Path, install: str, place: Place) -> None:
    """All notebooks, at `out`, at the places that they have in the checkout."""
    paths = notebooks(root)
    known = {path.relative_to(root).as_posix() for path in paths}
    for path in paths:
        here = path.relative_to(root)
        notebook = build.read(path)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = relinked(cell.source, here, known, place)
        notebook.cells.insert(1, new_code_cell(install, id="install", metadata={"tags": ["colab"]}))
        build.write(out / here, notebook)


def relinked(text: str, here: Path, known: set[str], place: Place) -> str:
    """The text with links that hold wherever it is read."""

    def link(match: re.Match[str]) -> str:
        words, target = match[1], match[2]
        file, hash_, anchor = target.partition("#")
        if not file or "://" in target:
            return match[0]
        there = normpath((here.parent / file).as_posix())
        found = place(there, there in known)
        if found is None:
            return match[0]
        return f"[{words}]({found}{hash_}{anchor})" if found else words

    return LINK.sub(link, text)
