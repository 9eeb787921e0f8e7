"""One exercise graded anew, on the recorded seed, and every mark that changed by it."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from nnlib.course.grade import csv_files, marks, record
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.course_toml import Course
from nnlib.course.grade.record import Record

Change = tuple[str, str, float | None, float | None]  # student, exercise, before, after


def begin(out: Path, assigned: Assignment) -> dict[str, Record]:
    """Put the records aside and give them back, as they were before an interrupted regrade too."""
    before, scratch = out / "regrade" / "before", out / "regrade" / "before.part"
    if not before.exists():
        shutil.rmtree(scratch, ignore_errors=True)
        if (out / "records").exists():
            shutil.copytree(out / "records", scratch)
        scratch.mkdir(parents=True, exist_ok=True)
        scratch.rename(before)
    places = sorted((before / assigned.name).glob("*.json"))
    return {place.stem: old for place in places if (old := record.saved(place))}


def merge(
    before: Mapping[str, Record], fresh: Mapping[str, Record], keys: Mapping[str, str]
) -> dict[str, Record]:
    """The records before, with what was graded anew in them. Who had no graded exercise gets it all.

    `keys` are those of the whole assignment, so that a later run takes the records for its own.
    """
    merged = {}
    for student, new in fresh.items():
        old = before.get(student, {"state": "", "exercises": {}})
        exercises = {**old["exercises"], **new["exercises"]} if new["exercises"] else {}
        key = keys[student] if new["key"] else ""
        merged[student] = {**new, "key": key, "exercises": exercises}
        if exercises:
            merged[student]["state"] = record.state(merged[student])
    return merged


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
        for name in assigned.parts:
            if was.exercises.get(name) != now.exercises.get(name):
                yield student, name, was.exercises.get(name), now.exercises.get(name)
        if was.total != now.total:
            yield student, "all exercises", was.total, now.total


def write(out: Path, changed: list[Change]) -> None:
    """`regrade.csv`: what the last regrade changed."""
    csv_files.write(out / "regrade.csv", [["student", "exercise", "before", "after"], *changed])
