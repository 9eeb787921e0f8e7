"""Courses that have nbgrader can grade these notebooks with it, unchanged."""

from pathlib import Path
from typing import Any

import nbformat
import pytest

from nnlib.course.lessons import LESSONS

pytest.importorskip("nbgrader")
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade, is_grade, is_solution

ROOT = Path(__file__).parents[3]
each = pytest.mark.parametrize("lesson", LESSONS)


@pytest.fixture(autouse=True)
def kernels_find_nnlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def scores(
    folder: str, lesson: str, tmp_path: Path, answers: dict[str, str] | None = None
) -> dict[str, Any]:
    """Run a notebook as nbgrader does, answers put in, and score its cells by nbgrader's rule.

    Beside the points stands why there are none: the exceptions that the check raised.
    """
    notebook = nbformat.read(ROOT / folder / lesson / f"{lesson}.ipynb", as_version=4)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.source = (answers or {}).get(grade_id, cell.source)
    Execute(timeout=60).preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    graded = [c for c in notebook.cells if is_grade(c) and not is_solution(c)]  # not by a person
    return {c.source: (determine_grade(c), raised(c)) for c in graded}


def raised(cell: Any) -> list[str]:
    return [output.evalue for output in cell.outputs if output.output_type == "error"]


def all_earn(lesson: str, share: int, remark: str) -> dict[str, Any]:
    return {
        f"check({e.name})": ((share * points, points), [f"{e.name}: {remark}"] if remark else [])
        for e in LESSONS[lesson]
        for points in [sum(e.points.values())]
    }


@each
def test_solutions_earn_all_points(lesson: str, tmp_path: Path) -> None:
    earned = scores("solutions", lesson, tmp_path)
    assert earned == all_earn(lesson, 1, "")


@each
def test_stubs_earn_nothing(lesson: str, tmp_path: Path) -> None:
    earned = scores("exercises", lesson, tmp_path)
    assert earned == all_earn(lesson, 0, "not written yet")


@each
def test_mistakes_earn_nothing(lesson: str, tmp_path: Path) -> None:
    answers = {
        f"{e.name.replace('_', '-')}-answer": (
            f"from nnlib.course.lessons import EXERCISES\n"
            f"def {e.name}(*arguments):\n"
            f"    return EXERCISES[{e.name!r}].mistakes[0].answer(*arguments)"
        )
        for e in LESSONS[lesson]
    }
    earned = scores("exercises", lesson, tmp_path, answers)
    assert all(grade[0] == 0 for grade, _ in earned.values())
    assert all("not right yet" in remarks[0] for _, remarks in earned.values())
