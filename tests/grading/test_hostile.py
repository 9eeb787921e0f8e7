"""A class of all kinds in one run of the command: each answer gets what it is worth, no other."""

import os
from pathlib import Path
from typing import Any

import distributed
import pytest

from nnlib.course.grade import __main__ as command
from nnlib.course.grade import record, sandbox
from nnlib.course.grade.assignment import Assignment

from .conftest import needs_sandbox, notebook
from .hostile import KINDS, RIGHT, Kind

EVERY = 8  # after so many hostile ones somebody who means well
WELL_BEHAVED = Kind("somebody who means well")


def test_there_are_many_kinds_and_each_has_its_own_name() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS) >= 115


@needs_sandbox()
def test_a_class_of_all_kinds(
    tiny: Path, assigned: Assignment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submitted, out = tmp_path / "class" / "submitted", tmp_path / "GRADES"
    kinds = hand_in(submitted)
    before = outside(submitted)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0"
        ) as many,
        distributed.Client(many) as client,
    ):
        client.run(setattr, sandbox, "CELL_SECONDS", 2.0)
        how = ["--assignment", "tiny", "--exercises", str(tiny), "--out", str(out), "--seed", "3"]
        address = ["--scheduler", many.scheduler_address]
        assert command.main([str(submitted), *how, *address]) == 0, capsys.readouterr().err
    wrong = {}
    for student, kind in kinds.items():
        points = earned(out / "records" / "tiny" / f"{student}.json", assigned)
        if points != worth(kind):
            wrong[kind.name] = points, worth(kind)
    assert not wrong
    assert outside(submitted) == before
    for page in [*out.glob("*.csv"), *out.glob("*.html"), *out.glob("feedback/tiny/*.html")]:
        text = page.read_text(encoding="utf-8")
        assert not [bad for bad in ("<script>alert", "<img src=x", "\x1b", "\x07") if bad in text]


def hand_in(submitted: Path) -> dict[str, Kind]:
    """Who hands in what."""
    mixed = list(KINDS)
    for place in range(0, len(mixed) + len(mixed) // EVERY, EVERY):
        mixed.insert(place, WELL_BEHAVED)
    kinds = {f"student{i:03}": kind for i, kind in enumerate(mixed)}
    for student, kind in kinds.items():
        path = submitted / student / "tiny" / "tiny.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(notebook(kind.cells), encoding="utf-8")
    return kinds


def worth(kind: Kind) -> dict[str, str]:
    return {
        name: "none" if name in kind.lost else "some" if name in kind.partly else "all"
        for name in RIGHT
    }


def earned(place: Path, assigned: Assignment) -> dict[str, str]:
    found = record.saved(place)
    assert found
    points = {name: exercise["points"] for name, exercise in found["exercises"].items()}
    return {
        name: {0: "none", most: "all"}.get(points[name], "some")
        for name, most in assigned.points.items()
    }


def outside(submitted: Path) -> Any:
    """What a notebook might reach for: home, where the grader runs, what others handed in."""
    return (
        sorted(os.listdir(Path.home())),
        sorted(os.listdir()),
        {path: path.read_bytes() for path in submitted.rglob("*") if path.is_file()},
    )
