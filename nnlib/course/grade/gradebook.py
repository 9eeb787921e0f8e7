"""nbgrader's own gradebook and folders, filled with our marks.

GRADES/nbgrader is a course as nbgrader lays it out, so that its feedback, its export, Formgrader
and grading by hand go on from here: `cd GRADES/nbgrader && nbgrader formgrader`.
"""

import copy
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.api import Gradebook
from tqdm import tqdm

from nnlib.course.grade.assignment import Assignment, read, source
from nnlib.course.grade.record import Record

CONFIG = """# Written by nnlib.course.grade: its marks are in gradebook.db.
c = get_config()
c.CourseDirectory.course_id = "nnlib"
c.CourseDirectory.root = "."
"""


def write(
    out: Path,
    assigned: Assignment,
    records: Mapping[str, Record],
    notebooks: Mapping[str, Path | None],
) -> None:
    """Fill GRADES/nbgrader. One process writes; whatever nbgrader knew by hand stays."""
    root, name = out / "nbgrader", assigned.name
    for kind, notebook in (("source", assigned.solution), ("release", assigned.release)):
        place = root / kind / name / f"{name}.ipynb"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(notebook, place)
    (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    skeleton = nbformat.read(assigned.solution, as_version=4)
    # nbgrader calls alembic by its name, which lies beside Python.
    beside = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([beside, os.environ.get("PATH", "")])
    with Gradebook(f"sqlite:///{(root / 'gradebook.db').as_posix()}", "nnlib") as book:
        _define(book, skeleton, name)
        for student, record in tqdm(records.items(), unit="student", desc="gradebook"):
            points = _by_cell(record)
            book.update_or_create_student(student)
            book.update_or_create_submission(name, student)
            for cell in filter(utils.is_grade, skeleton.cells):
                grade = book.find_grade(cell.metadata.nbgrader.grade_id, name, name, student)
                automatic = not utils.is_solution(cell)
                grade.auto_score = points.get(grade.name, 0.0) if automatic else None
                grade.needs_manual_grade = not automatic and grade.manual_score is None
            book.db.commit()
            place = root / "autograded" / student / name / f"{name}.ipynb"
            place.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(_graded(skeleton, notebooks.get(student), record), place)


def _define(book: Any, skeleton: Any, name: str) -> None:
    """The assignment, its notebook and its cells, as `nbgrader generate_assignment` has them."""
    book.update_or_create_assignment(name)
    book.update_or_create_notebook(name, name)
    for cell in skeleton.cells:
        if not utils.is_grade(cell) and not utils.is_solution(cell):
            continue
        about = cell.metadata.nbgrader
        kind = {"cell_type": cell.cell_type}
        if utils.is_grade(cell):
            book.update_or_create_grade_cell(
                about.grade_id, name, name, max_score=float(about.points), **kind
            )
        if utils.is_solution(cell):
            book.update_or_create_solution_cell(about.grade_id, name, name)
        locked, text = utils.is_locked(cell), cell.source
        book.update_or_create_source_cell(
            about.grade_id, name, name, locked=locked, source=text, **kind
        )


def _by_cell(record: Record) -> dict[str, float]:
    """Points by the grade id of the check."""
    found = record["exercises"].items()
    return {check_id(name): float(exercise["points"]) for name, exercise in found}


def check_id(exercise: str) -> str:
    return f"{exercise.replace('_', '-')}-check"


def _graded(skeleton: Any, path: Path | None, record: Record) -> Any:
    """The student's answers on the released notebook, and our verdict beneath each check."""
    handed_in = _answers(path) if path else {}
    graded = copy.deepcopy(skeleton)
    verdicts = {check_id(name): exercise for name, exercise in record["exercises"].items()}
    for cell in graded.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if utils.is_solution(cell):
            missing = f"# {cell.metadata.nbgrader.grade_id}: not handed in"
            cell.source = handed_in.get(cell.metadata.nbgrader.grade_id, missing)
        elif utils.is_grade(cell):
            verdict = verdicts.get(cell.metadata.nbgrader.grade_id)
            text = told(verdict) if verdict else f"Not graded: {record['state']}."
            cell.outputs = [new_output("stream", name="stdout", text=text)]
    return graded


def _answers(path: Path) -> dict[str, str]:
    """Cells by grade id, of a notebook that may be anything; the last copy counts, as it ran."""
    try:
        cells = read(path)["cells"]
        ids = (cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") for cell in cells)
        pairs = zip(ids, map(source, cells), strict=True)
        return {name: text[:100_000] for name, text in pairs if isinstance(name, str)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def told(exercise: Record) -> str:
    """A verdict in plain text, without what was expected."""
    marks = {True: "pass", False: "fail", None: "not judged"}
    lines = list(exercise["mistakes"]) if exercise["written"] else ["Not written yet."]
    for finding in exercise["findings"]:
        lines.append(
            f"{marks[finding['holds']]}: {finding['property']} {finding['detail']}".strip()
        )
        lines += [f"    {finding['call']}"] if finding["call"] else []
    return "\n".join(lines)[:10_000] + "\n"
