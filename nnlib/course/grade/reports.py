"""All that is written of a graded assignment: tables, pages, and files for learning platforms."""

from collections.abc import Mapping
from pathlib import Path

from nnlib.course.grade import html, lms_csv, marks, marks_csv, parcels, similarity
from nnlib.course.grade.assignment import Assignment, read, source
from nnlib.course.grade.course_toml import Course
from nnlib.course.grade.record import Record


def write(out: Path, assigned: Assignment, records: Mapping[str, Record], course: Course) -> None:
    """Write everything anew; equal records give equal bytes."""
    marks_csv.write(out, assigned, records, course)
    lms_csv.write(out, assigned, records, course)
    html.write(out, assigned, records, course)
    parcels.write(out, assigned.name, course)
    answers = {student: _answers(record) for student, record in records.items()}
    cells = [*read(assigned.solution)["cells"], *read(assigned.release)["cells"]]
    handed_out = [source(cell) for cell in cells if cell["cell_type"] == "code"]
    html.write_alike(out, assigned, similarity.compare(answers, handed_out, course.teams), answers)


def _answers(record: Record) -> dict[str, str]:
    """What a student wrote, by exercise."""
    exercises = record["exercises"].items()
    return {
        name: found["code"] for name, found in exercises if found["written"] and found.get("code")
    }


def warnings(assigned: Assignment, records: Mapping[str, Record], course: Course) -> list[str]:
    """What may be a slip of the instructor's: names of nothing, points above what there is."""
    worth = marks.worth(assigned, course)
    worth[""] = sum(worth.values())
    told = list(course.warnings)
    for (student, exercise), given in sorted(course.overrides.items()):
        if not 0 <= given.points <= worth[exercise]:
            told.append(
                f"overrides.csv gives {student} {given.points:g} of {worth[exercise]:g} points"
                f"{f' for {exercise}' if exercise else ' in all'}."
            )
    return told
