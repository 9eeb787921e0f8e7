"""What is known of one student's notebook once it is graded: plain data, one JSON file each.

Everything else (marks, feedback, the class report, nbgrader's gradebook) is made from records, so
that nothing is graded twice: a record that fits its notebook, seed and exercises stays.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nnlib.course.grade import run_notebook
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.notebooks import PYTHON, Notebook, load
from nnlib.course.grade.run_notebook import Answer
from nnlib.course.kit.calling import Outcome

Record = dict[str, Any]
NO_MODULE = "ModuleNotFoundError: No module named "
NOT_WRITTEN = "not written"
MOST_CODE = 20_000  # characters of an answer that are kept
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
    notebook = load(path, assignment) if path else Notebook(None, ("missing",))
    record["state"], cells = notebook.state, notebook.cells
    if cells is None:
        return record | {"exercises": {}, "problems": {}}
    judged = run_notebook.grade(cells, assignment.exercises, seed, isolation)
    # The course's own cells may need what is not there, nnlib for example: that is no news.
    own = {
        cell: problem
        for cell, problem in sorted(judged.problems.items())
        if cells[cell] not in assignment.handed_out
    }
    record["problems"] = {str(cell + 1): problem for cell, problem in own.items()}
    record["notes"] = list(notebook.notes)
    record["exercises"] = {}
    for name, answer in judged.answers.items():
        most, found = assignment.points[name], _cells_of(name, cells)
        notes = [] if answer.points == most else _why_short(name, answer, notebook, own, found)
        code = cells[found[-1]][:MOST_CODE] if found else ""
        record["exercises"][name] = _exercise(answer) | {"notes": notes, "code": code}
    if any(answer.points < assignment.points[name] for name, answer in judged.answers.items()):
        record["notes"] += _absent(own.values())
    return record | {"state": state(record)}


def state(record: Record) -> str:
    """What is unusual about a notebook and its answers, in one line. "ok": all of them were judged."""
    answers: dict[str, list[str]] = {}
    for name, exercise in record["exercises"].items():
        for note in exercise.get("notes", ()):
            answers.setdefault(note, []).append(name)
    told = [f"{note}: {', '.join(names)}" for note, names in answers.items()]
    return "; ".join([*record.get("notes", ()), *told]) or "ok"


def _why_short(
    name: str, answer: Answer, notebook: Notebook, problems: Mapping[int, str], cells: Sequence[int]
) -> list[str]:
    """What a person should know of an answer that did not get all of its points."""
    unread = any(problems.get(cell, "").startswith("SyntaxError") for cell in cells)
    told = {
        f"{PYTHON} cannot read": unread,
        NOT_WRITTEN: not answer.verdict.written and not unread,
        "stopped": bool(answer.outcomes) and answer.outcomes[-1] in run_notebook.ENDED,
        "its own check was right": name in notebook.passed,
    }
    return [note for note, holds in told.items() if holds]


def _absent(problems: Iterable[str]) -> list[str]:
    """Modules that were asked for in vain: the student's own files, or libraries nobody declared."""
    names = [p.removeprefix(NO_MODULE).strip("' ") for p in problems if p.startswith(NO_MODULE)]
    return [f"modules that are not here: {', '.join(dict.fromkeys(names))}"] if names else []


def _cells_of(name: str, cells: Sequence[str]) -> list[int]:
    """The code cells that define an answer."""
    form = rf"^\s*(?:(?:async\s+)?def\s+{name}\b|class\s+{name}\b|{name}\s*=)"
    defined = re.compile(form, re.MULTILINE)
    return [number for number, cell in enumerate(cells) if defined.search(cell)]


def _exercise(answer: Answer) -> Record:
    verdict = answer.verdict
    return {
        "points": answer.points,
        "earned": answer.earned,
        "passed": verdict.passed,
        "written": verdict.written,
        "mistakes": list(verdict.mistakes.values()),
        "findings": [
            {
                "property": f.property,
                "holds": f.holds,
                "detail": f.detail,
                "call": f.call,
                "expected": f.expected,
                "repeat": answer.repeat.get(f.property, ""),
            }
            for f in verdict.findings
        ],
        "behavior": "" if verdict.passed or not verdict.written else behavior(answer.outcomes),
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
