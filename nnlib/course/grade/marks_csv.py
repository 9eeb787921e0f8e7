"""What instructors open: `grades.csv` and `status.csv`, made from records and nothing else.

Both hold all assignments that were graded into this folder, one line for each student and assignment.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from nnlib.course.grade import marks
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.course_toml import Course, Handed
from nnlib.course.grade.csv_files import Line, Table
from nnlib.course.grade.record import Record

WAITS = "to be graded by hand"
WHO = "student", "name", "assignment"
GRADES = Table(WHO, ("taken off", "total", "of", "days late", "overridden"))
STATUS = Table(WHO, ("state", "late", "notes", "cells with problems"))


def write(out: Path, assigned: Assignment, records: Mapping[str, Record], course: Course) -> None:
    """Write this assignment's lines anew; equal records give equal bytes."""
    GRADES.add(out / "grades.csv", assigned.name, _grades(assigned, records, course))
    STATUS.add(out / "status.csv", assigned.name, _status(assigned, records, course))


def _grades(assigned: Assignment, records: Mapping[str, Record], course: Course) -> Iterator[Line]:
    for student, record in records.items():
        own = marks.of(record, assigned, course, student)
        who = student, course.student(student).name, assigned.name
        sums = own.taken_off, own.total, own.most, own.days_late, own.reason
        points = {
            name: WAITS if name in own.waiting else own.exercises.get(name)
            for name in assigned.parts
        }
        yield Line(who, points, sums)


def _status(assigned: Assignment, records: Mapping[str, Record], course: Course) -> Iterator[Line]:
    """A line for every student, so that a crash never looks like an ordinary 0."""
    for student, record in records.items():
        own = marks.of(record, assigned, course, student)
        state = [course.state(student, record), *(f"{WAITS}: {name}" for name in own.waiting)]
        notes = course.handed.get(student, Handed()).notes
        problems = [f"{cell}: {words[:200]}" for cell, words in record.get("problems", {}).items()]
        who = student, course.student(student).name, assigned.name
        what = "; ".join(state), own.late, "; ".join(notes), "; ".join(problems[:5])
        yield Line(who, {}, what)
