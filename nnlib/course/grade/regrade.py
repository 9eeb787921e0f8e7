"""One exercise graded anew, on the recorded seed, and every mark that changed by it."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from nnlib.course.grade import marks, record, tables
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.course import Course
from nnlib.course.grade.record import Record

Change = tuple[str, str, float | None, float | None]  # student, exercise, before, after


def begin(out: Path) -> None:
    """Put the records aside as they are; an interrupted regrade finds them as they were."""
    before, scratch = out / "regrade" / "before", out / "regrade" / "before.part"
    if not before.exists():
        shutil.rmtree(scratch, ignore_errors=True)
        if (out / "records").exists():
            shutil.copytree(out / "records", scratch)
        scratch.mkdir(parents=True, exist_ok=True)
        scratch.rename(before)


def merge(
    out: Path, assigned: Assignment, exercise: str, fresh: Mapping[str, Record]
) -> tuple[dict[str, Record], dict[str, Record]]:
    """The records before, and those with this one exercise taken from fresh ones, which are saved.

    Who had no graded exercise before gets all of the fresh record.
    """
    folder = out / "regrade" / "before" / assigned.name
    before = {path.stem: old for path in folder.glob("*.json") if (old := record.saved(path))}
    after = {}
    for student, new in fresh.items():
        after[student] = new
        if student in before and before[student]["exercises"] and exercise in new["exercises"]:
            exercises = {**before[student]["exercises"], exercise: new["exercises"][exercise]}
            after[student] = {**new, "exercises": exercises}
        record.save(after[student], out / "records" / assigned.name / f"{student}.json")
    return before, after


def finish(out: Path) -> None:
    """Forget what was put aside."""
    shutil.rmtree(out / "regrade", ignore_errors=True)


def changes(
    before: Mapping[str, Record], after: Mapping[str, Record], assigned: Assignment, course: Course
) -> Iterator[Change]:
    """Every mark that is another one now, the sums last."""
    for student, new in after.items():
        old = before.get(student, {"exercises": {}})
        was, now = (marks.of(found, assigned, course, student) for found in (old, new))
        for name in assigned.points:
            if was.exercises.get(name) != now.exercises.get(name):
                yield student, name, was.exercises.get(name), now.exercises.get(name)
        if was.total != now.total:
            yield student, "all exercises", was.total, now.total


def write(out: Path, changed: list[Change]) -> None:
    """`regrade.csv`: what the last regrade changed."""
    tables.write(out / "regrade.csv", [["student", "exercise", "before", "after"], *changed])
