"""Marks as Moodle, Canvas and Blackboard import them: `lms/moodle.csv` and so on.

Each has a line for every student of the roster who has a mark. Nobody else is in it, so that an
import overwrites nothing with a 0 that nobody gave.
"""

from pathlib import Path

from nnlib.course.grade import marks, tables
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.course import Course, Student
from nnlib.course.grade.record import Record


def write(out: Path, assigned: Assignment, records: dict[str, Record], course: Course) -> None:
    """Write the three files. Without a roster nobody's name in the LMS is known, and none is."""
    if not course.roster:
        return
    column = course.column or assigned.name
    marked = [
        (student, total)
        for student in course.roster.values()
        if student.id in records
        and (total := marks.of(records[student.id], assigned, course, student.id).total) is not None
    ]
    most = marks.most(assigned, course)
    tables.write(out / "lms" / "moodle.csv", _moodle(marked, column))
    tables.write(out / "lms" / "canvas.csv", _canvas(marked, column, most))
    # Blackboard wants every cell in quotes.
    tables.write(out / "lms" / "blackboard.csv", _blackboard(marked, column), quote_all=True)


Marked = list[tuple[Student, float]]
Rows = list[tuple[tables.Cell, ...]]


def _moodle(marked: Marked, column: str) -> Rows:
    """Moodle asks at import which column is which; ids may be ID numbers, names or addresses."""
    return [("ID number", "Name", column), *((_lms(s), s.name, total) for s, total in marked)]


def _canvas(marked: Marked, column: str, most: float) -> Rows:
    """Canvas finds students by ID, and a column by `Title (4711)`; a new title is a new column."""
    head: Rows = [("Student", "ID", "Section", column), ("Points Possible", "", "", most)]
    return [*head, *((s.name or s.id, _lms(s), "", total) for s, total in marked)]


def _blackboard(marked: Marked, column: str) -> Rows:
    """Blackboard finds students by Username, and a column by the number that ends its title."""
    return [("Username", column), *((_lms(s), total) for s, total in marked)]


def _lms(student: Student) -> str:
    return student.lms or student.id
