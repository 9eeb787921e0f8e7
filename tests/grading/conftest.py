"""A small private assignment, made as an instructor would make it, and notebooks to hand in."""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from nnlib.course.grade.assignment import Assignment, find

from .hostile import RIGHT

HERE = Path(__file__).parent
FROZEN = str(HERE / "frozen")  # two lessons as they were once: `--exercises frozen`


@cache
def why_no_sandbox() -> str:
    """Tried without a line of ours, so that a sandbox that we broke is not passed over."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed: nothing can be graded"
    bare = ["bwrap", "--ro-bind", "/", "/", "--unshare-pid", "--unshare-net", "--proc", "/proc"]
    tried = subprocess.run([*bare, "true"], check=False, capture_output=True, text=True, timeout=20)
    return f"bubblewrap cannot run here: {tried.stderr}" if tried.returncode else ""


def needs_sandbox() -> pytest.MarkDecorator:
    return pytest.mark.skipif(bool(why_no_sandbox()), reason=why_no_sandbox())


def notebook(cells: Sequence[str], ids: Sequence[str] = ()) -> str:
    """A notebook with these code cells; the first ones carry the grade ids."""
    code = {"cell_type": "code", "execution_count": None, "outputs": []}
    made = [code | {"id": f"cell-{i}", "metadata": {}, "source": c} for i, c in enumerate(cells)]
    for cell, name in zip(made, ids, strict=False):
        cell["metadata"] = {"nbgrader": {"grade_id": name, "solution": True, "grade": False}}
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the private assignment `tiny`."""
    root = tmp_path_factory.mktemp("private")
    shutil.copy(HERE / "tiny" / "tiny.py", root)
    stubs = [f"{text.splitlines()[0]}\n    raise NotImplementedError" for text in RIGHT.values()]
    for kind, cells in (("solutions", [*RIGHT.values()]), ("exercises", stubs)):
        place = root / kind / "tiny" / "tiny.ipynb"
        place.parent.mkdir(parents=True)
        cells = [*cells, "import numpy as np"]
        place.write_text(notebook(cells, [f"{name}-answer" for name in RIGHT]), encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def assigned(tiny: Path) -> Assignment:
    return find("tiny", str(tiny))


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[..., Path]:
    """Write a notebook of these cells and give its path."""

    def write(cells: Sequence[str], name: str = "tiny.ipynb") -> Path:
        path = tmp_path / name
        path.write_text(notebook(cells), encoding="utf-8")
        return path

    return write
