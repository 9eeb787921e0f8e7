"""Marks as Moodle, Canvas and Blackboard import them: `lms/ASSIGNMENT/moodle.csv` and so on.

Each has a line for every student of the roster who has a mark. Nobody else is in it, so that an
import overwrites nothing with a 0 that nobody gave; whose answer waits for a person has none yet.

- Moodle: https://docs.moodle.org/en/Grade_import
- Canvas: what its own importer asks of a file, `lib/gradebook_importer.rb` in
  https://github.com/instructure/canvas-lms
- Blackboard: "Formatting External Files for Uploading" in its help for instructors,
  http://library.blackboard.com/ref/3ea64795-6ecc-4abd-b595-0a9a8dfdec94/Content/_instructor_grade_center/grade_center_upload_download.htm
"""

from collections.abc import Mapping
from pathlib import Path

from nnlib.course.grade import csv_files, marks
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.course_toml import Course, Student
from nnlib.course.grade.record import Record


def write(out: Path, assigned: Assignment, records: Mapping[str, Record], course: Course) -> None:
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
    most = sum(marks.worth(assigned, course).values())
    place = out / "lms" / assigned.name
    csv_files.write(place / "moodle.csv", _moodle(marked, column))
    csv_files.write(place / "canvas.csv", _canvas(marked, column, most))
    # Blackboard wants every cell in quotes.
    csv_files.write(place / "blackboard.csv", _blackboard(marked, column), quote_all=True)


Marked = list[tuple[Student, float]]
Rows = list[tuple[csv_files.Cell, ...]]


def _moodle(marked: Marked, column: str) -> Rows:
    """Moodle asks at import which column is which; ids may be ID numbers, names or addresses."""
    return [("ID number", "Name", column), *((_lms(s), s.name, total) for s, total in marked)]


def _canvas(marked: Marked, column: str, most: float) -> Rows:
    """Canvas finds students by its own number, their login or their name, in this order.

    It finds a column by `Title (4711)`; a new title becomes a new assignment of so many points.
    """
    head: Rows = [("Student", "ID", "SIS Login ID", "Section", column)]
    head.append(("Points Possible", "", "", "", most))
    return [*head, *((s.name or s.id, *_canvas_ids(s), "", total) for s, total in marked)]


def _canvas_ids(student: Student) -> tuple[str, str]:
    """Only an LMS id that is a number is Canvas's own; a matriculation number may be another's."""
    return (student.lms, "") if student.lms.isdecimal() else ("", _lms(student))


def _blackboard(marked: Marked, column: str) -> Rows:
    """Blackboard finds students by Username, and a column by the number: `Title |4711`.

    Without a number it makes a new column of text, in which nothing can be added up.
    """
    return [("Username", column), *((_lms(s), total) for s, total in marked)]


def _lms(student: Student) -> str:
    return student.lms or student.id
