"""Copies of the notebooks for Colab, which opens one file at a time and has not installed the course.

The copies install it by themselves, and their links lead to other copies, or to the repository.
"""

from pathlib import Path
from posixpath import normpath

from nbformat.v4 import new_code_cell

from nnlib.course import build
from nnlib.course.site import address
from nnlib.course.site.stage import LINK, notebooks

INSTALL = """\
# Colab has not installed the course yet. Elsewhere this does nothing.
import importlib.util

if importlib.util.find_spec("nnlib") is None:
    %pip install -q "nnlib-course[lite] @ git+{address}"\
"""


def write(root: Path, out: Path, repository: str) -> None:
    """All notebooks, at `out`, at the places that they have in the checkout."""
    paths = notebooks(root)
    known = {path.relative_to(root).as_posix() for path in paths}
    for path in paths:
        here = path.relative_to(root)
        notebook = build.read(path)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = relinked(cell.source, here, known, repository)
        install = INSTALL.format(address=repository)
        notebook.cells.insert(1, new_code_cell(install, id="install", metadata={"tags": ["colab"]}))
        build.write(out / here, notebook)


def relinked(text: str, here: Path, known: set[str], repository: str) -> str:
    """The text with links that hold wherever it is read."""

    def link(words: str, target: str) -> str:
        file, hash_, anchor = target.partition("#")
        if not file or "://" in target:
            return f"[{words}]({target})"
        there = normpath((here.parent / file).as_posix())
        place = address.colab if there in known else address.source
        return f"[{words}]({place(repository, there)}{hash_}{anchor})"

    return LINK.sub(lambda match: link(match[1], match[2]), text)
