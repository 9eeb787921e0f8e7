"""Private exercises are found, or it is said why not; and metadata that may be anything."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnlib.course.grade import batch, notebooks
from nnlib.course.grade.assignment import COURSE, Assignment, NoAssignment, find
from nnlib.course.lessons import LESSONS

from .conftest import needs_sandbox
from .hostile import RIGHT


def test_a_private_assignment(assigned: Assignment, tiny: Path) -> None:
    assert list(assigned.points) == ["forward", "backward", "total"]
    assert assigned.solution == tiny / "solutions" / "tiny" / "tiny.ipynb"
    assert len(assigned.stubs) == 3
    assert assigned.version == find("tiny", str(tiny)).version


def test_all_assignments_of_the_course_are_found() -> None:
    for name, exercises in LESSONS.items():
        assert list(find(name).points) == [exercise.name for exercise in exercises]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("EXERCISES = [", "SyntaxError"),
        ("", "has no attribute 'EXERCISES'"),
        ("EXERCISES = []", "at least one"),
        ("EXERCISES = ['forward']", "a list of exercises"),
        ("import nowhere", "No module named 'nowhere'"),
    ],
)
def test_a_private_file_that_is_no_assignment(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    with pytest.raises(NoAssignment) as told:
        find("mine", str(tmp_path))
    assert words in str(told.value) and "mine.py" in str(told.value)


def test_what_is_missing_is_named(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(NoAssignment, match="no assignment 'tiny'; there are: 0"):
        find("tiny")
    with pytest.raises(NoAssignment, match=r"there is no .*other\.py"):
        find("other", str(tiny))
    with pytest.raises(NoAssignment, match="not by a path"):
        find("../tiny", str(tiny / "solutions"))
    shutil.copy(tiny / "tiny.py", tmp_path / "bare.py")
    with pytest.raises(NoAssignment, match=r"solutions.*bare\.ipynb is missing"):
        find("bare", str(tmp_path))


SOLVED = sorted(path.parent.name for path in COURSE.glob("solutions/*/*.ipynb"))


@needs_sandbox()
@pytest.mark.parametrize("name", SOLVED)
def test_solutions_score_full_and_stubs_nothing(name: str) -> None:
    """In the sandbox, as students' answers do; whoever adds an exercise sees here that it can."""
    assert name in LESSONS
    batch.self_test(find(name), 5, "bubblewrap")


PRIVATE = """
from nnlib.course.kit.inputs import Case, exercise

@exercise(returns=("h",), inputs=lambda rng: [Case("one number", {"x": 1})], points={"values": 1})
def half(x):
    return x / 2

EXERCISES = [half]
"""
PAGE = """\
# half

## Hints

1. Halve.
2. Divide.

## Known mistakes

- You double.
  `x / 2` → `x * 2`
"""


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A folder of an instructor's own, with one exercise and its page."""
    for kind in ("solutions", "exercises"):
        folder = tmp_path / kind / "mine"
        folder.mkdir(parents=True)
        (folder / "mine.ipynb").write_text('{"cells": []}', encoding="utf-8")
    (tmp_path / "mine.py").write_text(PRIVATE, encoding="utf-8")
    (tmp_path / "half.md").write_text(PAGE, encoding="utf-8")
    return tmp_path


def test_a_private_exercise_has_a_page_too(private: Path) -> None:
    [half] = find("mine", str(private)).exercises
    assert half.hints == ("Halve.", "Divide.")
    assert [(m.sentence, m.answer(3)) for m in half.mistakes] == [("You double.", 6)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("`x / 2`", "`x / 3`", "half.md:10: the right answer has no 'x / 3'"),
        ("1. Halve", "Halve", "half.md:5: an item of a list is expected"),
        ("`x * 2`", "`x *`", "half.md:10"),
    ],
)
def test_a_private_page_that_is_wrong_stops_the_grading(
    old: str, new: str, words: str, private: Path
) -> None:
    (private / "half.md").write_text(PAGE.replace(old, new), encoding="utf-8")
    with pytest.raises(NoAssignment, match="cannot be used") as told:
        find("mine", str(private))
    assert words in str(told.value)


@pytest.mark.parametrize("file", ["mine.py", "half.md"])
def test_a_change_to_an_exercise_or_its_page_changes_the_version(file: str, private: Path) -> None:
    before = find("mine", str(private)).version
    with (private / file).open("a", encoding="utf-8") as opened:
        opened.write("\n")
    find.cache_clear()
    assert find("mine", str(private)).version != before


def test_what_an_exercise_imports_of_its_lesson_is_part_of_the_version() -> None:
    [layer] = [e for e in LESSONS["15a_batch_normalization"] if e.name == "batch_norm"]
    names = [path.name for path in layer.files]
    assert names == ["batch_norm.md", "batch_norm.py", "batches.py"]
    [rate] = [e for e in LESSONS["10b_adaptive_rates"] if e.name == "best_rate"]
    assert "escape_time.py" in [path.name for path in rate.files]


STRANGE = [[], 3, None, {"nnlib": 3}, {"nnlib": []}, {"kernelspec": []}, {"kernelspec": {"x": []}}]


@pytest.mark.parametrize("metadata", STRANGE)
def test_metadata_may_be_anything(
    metadata: Any, assigned: Assignment, hand_in: Callable[..., Path]
) -> None:
    path = hand_in(RIGHT.values())
    content = json.loads(path.read_bytes()) | {"metadata": metadata}
    for strange in (metadata, {"nbgrader": metadata}, {"nbgrader": {"grade_id": metadata}}):
        for cell in content["cells"]:
            cell["metadata"] = strange
        path.write_text(json.dumps(content), encoding="utf-8")
        assert notebooks.load(path, assigned).cells == tuple(RIGHT.values())


def test_a_notebook_of_an_older_course(assigned: Assignment, hand_in: Callable[..., Path]) -> None:
    path = hand_in(RIGHT.values())
    content = json.loads(path.read_bytes()) | {"metadata": {"nnlib": {"version": "0.0.1"}}}
    path.write_text(json.dumps(content), encoding="utf-8")
    found = notebooks.load(path, assigned)
    assert "old version" in found.notes
    assert found.cells == tuple(RIGHT.values()), "and it is graded by the names that it has"


def test_cells_that_lost_their_ids_are_told_in_one_word(
    assigned: Assignment, hand_in: Callable[..., Path]
) -> None:
    path = hand_in(RIGHT.values())
    assert notebooks.load(path, assigned).state == notebooks.NO_CELLS
    content = json.loads(path.read_bytes())
    content["cells"][0]["metadata"] = {"nbgrader": {"grade_id": "forward-answer"}}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert notebooks.load(path, assigned).state == "cells deleted: backward-answer, total-answer"


@pytest.mark.parametrize(("content", "words"), [("", "is empty"), ("%PDF-1.7", "not a notebook")])
def test_what_is_no_notebook(
    content: str, words: str, assigned: Assignment, tmp_path: Path
) -> None:
    path = tmp_path / "tiny.ipynb"
    path.write_text(content, encoding="utf-8")
    found = notebooks.load(path, assigned)
    assert found.cells is None and words in found.state and found.state.startswith("invalid: ")
