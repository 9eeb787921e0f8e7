"""What students and instructors read: feedback for each, and a report on the class, as HTML.

Pages are whole in themselves and load nothing. Jinja escapes every text, for a student may have
written it; what was expected on hidden inputs is shown where course.toml says so,
and the pages on the class name nobody.
"""

import shutil
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import jinja2

from nnlib.course.grade import class_report, marks, prose
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.class_report import Say, exact, few, guarded
from nnlib.course.grade.course_toml import Course
from nnlib.course.grade.record import Record
from nnlib.course.grade.similarity import Comparison
from nnlib.course.kit.judging import PROPERTIES

VERDICTS = {True: "✓ pass", False: "✗ fail", None: "– not judged"}
UNPAID = "– counts beside right values alone"  # what holds, and earns nothing
WHERE_IT_RAN = "– where it ran"  # nothing speaks against it, and some calls failed


def write(out: Path, assigned: Assignment, records: Mapping[str, Record], course: Course) -> None:
    """A page of feedback for each student, and two on the class: one to know, one to show."""
    folder = out / "feedback" / assigned.name
    shutil.rmtree(folder, ignore_errors=True)  # nobody's page stays who is no longer here
    folder.mkdir(parents=True)
    found = {name: marks.of(record, assigned, course, name) for name, record in records.items()}
    worth = marks.worth(assigned, course)
    for student, record in records.items():
        page = _template("feedback.html").render(
            name=assigned.name,
            who=course.student(student).name or student,
            record=record,
            state=course.state(student, record),
            own=found[student],
            worth=worth,
            properties={
                exercise.name: marks.properties(exercise, record, assigned, course)
                for exercise in assigned.exercises
            },
            show_expected=course.show_expected,
            answers={part: course.by_hand.get((student, part)) for part in assigned.by_hand},
        )
        _save(folder / f"{student}.html", page)
    for to_show, ending in ((False, ""), (True, "-to-show")):
        say = guarded if to_show else exact
        page = _template("class.html").render(
            name=assigned.name,
            to_show=to_show,
            students=len(records),
            spread=class_report.spread(found, say),
            states=class_report.states(records, course, say),
            exercises=class_report.exercises(assigned, records, course, say),
            by_hand={part: _waiting(part, found, say) for part in assigned.by_hand if worth[part]},
            trend=class_report.trend(out / "grades.csv"),
        )
        _save(out / f"class-{assigned.name}{ending}.html", page)


def write_alike(
    out: Path, assigned: Assignment, compared: Comparison, answers: Mapping[str, Mapping[str, str]]
) -> None:
    """GRADES/alike-ASSIGNMENT.html: answers to be read side by side, by the instructor alone."""
    page = _template("alike.html").render(name=assigned.name, compared=compared, answers=answers)
    _save(out / f"alike-{assigned.name}.html", page)


def _save(path: Path, page: str) -> None:
    path.write_text(page, encoding="utf-8", errors="replace")


@lru_cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"cut": prose.cut, "code": prose.code, "quoted": prose.quoted}
    environment.filters |= {
        "few": few,
        "number": "{:.6g}".format,
        "share": "{:.3g}".format,
        "comment": prose.comment,
    }
    environment.globals |= {"words": PROPERTIES, "marks_of": VERDICTS, "unpaid": UNPAID}
    environment.globals["where_it_ran"] = WHERE_IT_RAN
    environment.globals |= {"about": prose.about}
    return environment.get_template(name)


def _waiting(part: str, found: Mapping[str, marks.Marks], say: Say) -> str:
    """How many answers nobody has graded yet."""
    waiting = sum(part in own.waiting for own in found.values())
    return say([waiting, len(found) - waiting])[0]
