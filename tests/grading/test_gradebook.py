"""nbgrader goes on where our judge ends; and nbgrader alone grades the same notebooks."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from nnlib.course.grade import assignment, gradebook, record
from nnlib.course.lessons import EXERCISES

from .conftest import needs_sandbox

LESSON = "01a_neuron"
BIN = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def nbgrader(folder: Path, *arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env=os.environ | {"PATH": BIN, "PYTHONPATH": str(assignment.COURSE)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stdout


def scores(folder: Path) -> dict[str, float]:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "nnlib") as book:
        return {s.student_id: s.score for s in book.assignment_submissions(LESSON)}


@needs_sandbox()
def test_nbgrader_reads_what_we_wrote(tmp_path: Path) -> None:
    assigned = assignment.find(LESSON)
    handed_in = {"right": assigned.solution, "stub": assigned.release, "absent": None}
    records = {
        student: record.grade(path, assigned, 3, "bubblewrap")
        for student, path in handed_in.items()
    }
    gradebook.write(tmp_path, assigned, records, handed_in)
    course = tmp_path / "nbgrader"
    full = sum(assigned.points.values())
    assert scores(course) == {"right": full, "stub": 0}, "who handed in nothing has no 0"

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "nnlib") as book:
        grade = book.find_grade("neuron-check", LESSON, LESSON, "stub")
        grade.manual_score = 2.5
        book.db.commit()
    gradebook.write(tmp_path, assigned, records, handed_in)
    assert scores(course) == {"right": full, "stub": 2.5}
    # An override of the total, or lateness: nbgrader has its penalty for it.
    gradebook.settle(tmp_path, assigned, {"right": full - 1.5, "stub": 3, "absent": None})

    nbgrader(course, "generate_feedback", LESSON)
    page = (course / "feedback" / "stub" / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
    assert "Not written yet." in page
    nbgrader(course, "export")
    with (course / "grades.csv").open(encoding="utf-8") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    # nbgrader itself writes 0 for who has no submission.
    assert exported == {"right": full - 1.5, "stub": 3, "absent": 0}


def test_nbgrader_alone_grades_the_notebooks(tmp_path: Path) -> None:
    """For courses that already have it, and no need to keep answers apart from their marks."""
    assigned = assignment.find(LESSON)
    (tmp_path / "nbgrader_config.py").write_text(gradebook.CONFIG, encoding="utf-8")
    mistaken = nbformat.read(assigned.solution, as_version=4)
    for cell in mistaken.cells:
        if cell.source.startswith("def neuron("):
            cell.source = cell.source.replace(
                "np.where(z >= 0, 1.0, 0.0)", "np.where(z > 0, 1.0, 0.0)"
            )
    for place, notebook in {
        f"source/{LESSON}": nbformat.read(assigned.solution, as_version=4),
        f"submitted/right/{LESSON}": nbformat.read(assigned.solution, as_version=4),
        f"submitted/stub/{LESSON}": nbformat.read(assigned.release, as_version=4),
        f"submitted/mistaken/{LESSON}": mistaken,
    }.items():
        (tmp_path / place).mkdir(parents=True)
        nbformat.write(notebook, tmp_path / place / f"{LESSON}.ipynb")
    nbgrader(tmp_path, "generate_assignment", LESSON)
    nbgrader(tmp_path, "autograde", LESSON)
    full, neuron = sum(assigned.points.values()), sum(EXERCISES["neuron"].points.values())
    assert scores(tmp_path) == {"right": full, "stub": 0, "mistaken": full - neuron}


def test_the_validate_button_says_what_is_missing(tmp_path: Path) -> None:
    """What the button of nbgrader's extension calls, too."""
    assigned = assignment.find(LESSON)
    assert "Success!" in nbgrader(tmp_path, "validate", str(assigned.solution))
    told = nbgrader(tmp_path, "validate", str(assigned.release))
    assert f"FAILED ON {len(assigned.exercises)} CELL(S)" in told
    assert all(f"{exercise.name}: not written yet" in told for exercise in assigned.exercises)
