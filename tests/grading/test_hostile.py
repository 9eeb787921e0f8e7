"""Whatever stands in a notebook, each answer gets what it is worth, and nothing else changes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnlib.course.grade import record, sandbox
from nnlib.course.grade.assignment import Assignment

from .conftest import needs_sandbox
from .hostile import KINDS, RIGHT, Kind

pytestmark = needs_sandbox()


def test_there_are_sixty_kinds_of_their_own() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS) >= 60


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_answer_gets_what_it_is_worth(
    kind: Kind,
    assigned: Assignment,
    hand_in: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(sandbox, "CELL_SECONDS", 2.0)
    path = hand_in(kind.cells)
    before = outside(tmp_path)
    graded = record.grade(path, assigned, 3, "bubblewrap")
    points = {name: found["points"] for name, found in graded["exercises"].items()}
    for name in RIGHT:
        if name in kind.lost:
            assert points[name] == 0, name
        elif name in kind.partly:
            assert 0 < points[name] < assigned.points[name], name
        else:
            assert points[name] == assigned.points[name], (name, graded)
    assert outside(tmp_path) == before


def outside(folder: Path) -> Any:
    """Files that a notebook might reach for, and this process's open files."""
    return sorted(str(p) for p in folder.rglob("*")), sorted(os.listdir(Path.home()))
