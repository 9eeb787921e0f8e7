"""What is known of one student's notebook once it is graded: plain data, one JSON file each.

Everything else (marks, feedback, the class report, nbgrader's gradebook) is made from records, so
that nothing is graded twice: a record that fits its notebook, seed and exercises stays.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nnlib.course.grade import run_notebook
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.notebooks import load
from nnlib.course.kit.calling import Outcome
from nnlib.course.kit.judging import Verdict

Record = dict[str, Any]
MOST_NUMBERS = 10_000  # of an output that are compared with other wrong ones


def key(path: Path | None, assignment: Assignment, seed: int) -> str:
    """A word that changes with the notebook, the exercises and the seed."""
    content = path.read_bytes() if path else b""
    named = f"{assignment.version} {seed} {path and path.name}".encode()
    return hashlib.sha256(named + content).hexdigest()


def grade(path: Path | None, assignment: Assignment, seed: int, isolation: str) -> Record:
    """Grade one notebook. Raises judge.WorkerFailed where no worker starts, and nothing else."""
    record: Record = {
        "assignment": assignment.name,
        "seed": seed,
        "key": key(path, assignment, seed),
    }
    notebook = load(path, assignment) if path else None
    record["state"] = notebook.state if notebook else "missing"
    cells = notebook.cells if notebook else None
    if cells is None:
        return record | {"exercises": {}, "problems": {}}
    judged = run_notebook.grade(cells, assignment.exercises, seed, isolation)
    # The course's own cells may need what is not there, nnlib for example: that is no news.
    record["problems"] = {
        str(cell + 1): problem
        for cell, problem in sorted(judged.problems.items())
        if cells[cell] not in assignment.handed_out
    }
    record["exercises"] = {
        name: _exercise(verdict, judged.outcomes[name]) for name, verdict in judged.verdicts.items()
    }
    hung = [
        name for name, came in judged.outcomes.items() if came and came[-1] in run_notebook.ENDED
    ]
    if hung:
        record["state"] += f"; stopped: {', '.join(hung)}"
    return record


def _exercise(verdict: Verdict, outcomes: Sequence[Outcome]) -> Record:
    earned = run_notebook.earned(verdict)
    return {
        "points": sum(earned.values()),
        "earned": earned,
        "passed": verdict.passed,
        "written": verdict.written,
        "mistakes": list(verdict.mistakes.values()),
        "findings": [
            {"property": f.property, "holds": f.holds, "detail": f.detail, "call": f.call}
            for f in verdict.findings
        ],
        "behavior": "" if verdict.passed or not verdict.written else behavior(outcomes),
    }


def behavior(outcomes: Sequence[Outcome]) -> str:
    """A word that is equal for answers that return the same, up to rounding."""
    told = hashlib.sha256()
    for outcome in outcomes:
        told.update(outcome.error.encode())
        for output in outcome.outputs:
            told.update(str(output.shape).encode())
            if output.dtype.kind in "biuf":
                # Six digits; adding 0 makes −0 and 0 one.
                numbers = output.flat[:MOST_NUMBERS].astype(float) + 0.0
                digits = [f"{value:.5e}" for value in numbers]
                told.update(" ".join(digits).encode())
    return told.hexdigest()[:12]


class Records(Mapping[str, Record]):
    """The records of a class by student, read when asked for: of thousands, none stays in memory."""

    def __init__(self, places: Mapping[str, Path]) -> None:
        self.places = places

    def __getitem__(self, student: str) -> Record:
        found = saved(self.places[student])
        if found is None:
            raise OSError(f"{self.places[student]} was there, and cannot be read any more")
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


def save(record: Record, path: Path) -> None:
    """Write it whole or not at all: an interruption leaves no half record behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    text = json.dumps(record, ensure_ascii=False, indent=1)
    scratch.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    os.replace(scratch, path)


def saved(path: Path) -> Record | None:
    """The record, if there is a whole one."""
    try:
        record: Record = json.loads(path.read_text(encoding="utf-8"))
        return record
    except (OSError, ValueError):
        return None
