"""What instructors open: `grades.csv` and `status.csv`, made from records and nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nnlib.course.grade import csv_files, marks
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.course_toml import Course, Handed
from nnlib.course.grade.record import Record

WAITS = "to be graded by hand"


def write(out: Path, assigned: Assignment, records: Mapping[str, Record], course: Course) -> None:
    """Write all reports anew; equal records give equal bytes."""
    csv_files.write(out / "grades.csv", _grades(assigned, records, course))
    csv_files.write(out / "status.csv", _status(assigned, records, course))


def _grades(
    assigned: Assignment, records: Mapping[str, Record], course: Course
) -> Iterator[Sequence[csv_files.Cell]]:
    names = list(assigned.parts)
    yield ["student", "name", *names, "taken off", "total", "of", "days late", "overridden"]
    for student, record in records.items():
        own = marks.of(record, assigned, course, student)
        points = [WAITS if name in own.waiting else own.exercises.get(name) for name in names]
        yield [
            *(student, course.student(student).name, *points),
            *(own.taken_off, own.total, own.most, own.days_late, own.reason),
        ]


def _status(
    assigned: Assignment, records: Mapping[str, Record], course: Course
) -> Iterator[Sequence[csv_files.Cell]]:
    """A line for every student, so that a crash never looks like an ordinary 0."""
    yield ["student", "name", "assignment", "state", "late", "notes", "cells with problems"]
    for student, record in records.items():
        own = marks.of(record, assigned, course, student)
        notes = course.handed.get(student, Handed()).notes
        state = "; ".join([record["state"], *(f"{WAITS}: {name}" for name in own.waiting)])
        problems = [f"{cell}: {words[:200]}" for cell, words in record.get("problems", {}).items()]
        yield [
            *(student, course.student(student).name, assigned.name, state, own.late),
            *("; ".join(notes), "; ".join(problems[:5])),
        ]
