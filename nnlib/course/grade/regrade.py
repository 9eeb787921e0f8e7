"""What a run changes: the records before it are put aside, and every mark that moved is listed.

So is one exercise graded anew, on the recorded seed.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from nnlib.course.grade import csv_files, marks, record
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.course_toml import Course
from nnlib.course.grade.record import Record

Change = tuple[str, str, float | None, float | None]  # student, exercise, before, after


def folder(out: Path, assigned: Assignment) -> Path:
    """Where a run keeps what it needs until its end."""
    return out / "regrade" / assigned.name


def begin(out: Path, assigned: Assignment) -> dict[str, Record]:
    """Put the records aside and give them back, as they were before an interrupted regrade too."""
    before = folder(out, assigned) / "before"
    scratch, records = before.with_suffix(".part"), out / "records" / assigned.name
    if not before.exists():
        shutil.rmtree(scratch, ignore_errors=True)
        if records.exists():
            shutil.copytree(records, scratch)
        scratch.mkdir(parents=True, exist_ok=True)
        scratch.rename(before)
    places = sorted(before.glob("*.json"))
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


def finish(out: Path, assigned: Assignment) -> None:
    """Forget what was put aside."""
    shutil.rmtree(folder(out, assigned), ignore_errors=True)
    with suppress(OSError):  # another assignment's run was interrupted
        (out / "regrade").rmdir()


def changes(
    before: Mapping[str, Record], after: Mapping[str, Record], assigned: Assignment, course: Course
) -> Iterator[Change]:
    """Every mark that is another one now, the sums last. Who is new has none that changed."""
    for student, old in before.items():
        new = after.get(student, {"exercises": {}})
        was, now = (marks.of(found, assigned, course, student) for found in (old, new))
        for name in assigned.parts:
            if was.exercises.get(name) != now.exercises.get(name):
                yield student, name, was.exercises.get(name), now.exercises.get(name)
        if was.total != now.total:
            yield student, "all exercises", was.total, now.total


def write(out: Path, changed: list[Change]) -> None:
    """`changes.csv`: what the last run changed."""
    head = ["student", "exercise", "before", "after"]
    csv_files.write(out / "changes.csv", [head, *changed], bom=True)
