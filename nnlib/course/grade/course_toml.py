"""The instructor's decisions: `course.toml` and `overrides.csv`, beside the submissions.

    roster = "students.csv"             # columns id, name, lms, team; or [[roster]] tables

    [late]
    percent_per_day = 10                        # of the points reached, for each day begun
    grace_minutes = 15

    [assignments.01a_neuron]
    due = 2026-10-05T23:59:00+02:00
    column = "Neurons (4711)"                   # its column in the LMS, if named otherwise
    extensions = { ada = 2026-10-12T23:59:00+02:00 }
    handed_in = { bob = 2026-10-06T08:00:00+02:00 }     # where the submissions do not say it
    show_expected = true                        # once nobody may hand in any more
    points.neuron = { values = 6, shape = 2 }   # in place of the exercise's own
    points.neuron-why = { by_hand = 0 }         # an answer that a person grades; 0: nobody does

overrides.csv has the columns assignment, student, exercise, points, reason. Without an exercise it
sets the total. owners.csv has the columns file, student and, where it holds for one only,
assignment: whose a file, a folder or a number of the submissions is. Without a student it is nobody's.
Nothing here is ever written by the grader, so it outlives every regrade.
"""

import csv
import difflib
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.owners import UNKNOWN, composed

TIMES = "due", "extensions", "handed_in"


class CourseError(ValueError):
    """course.toml, the roster or overrides.csv cannot be meant as it stands; says where and why."""


@dataclass(frozen=True)
class Student:
    """One line of the roster; `lms` is what the LMS calls them, `team` with whom they hand in."""

    id: str
    name: str = ""
    lms: str = ""
    team: str = ""


@dataclass(frozen=True)
class Override:
    """Points that the instructor gives, and why."""

    points: float
    reason: str


@dataclass(frozen=True)
class ByHand:
    """What a person gave in Formgrader, of the points that the notebook promises."""

    points: float
    comment: str = ""


@dataclass(frozen=True)
class Handed:
    """What is known of a submission beside its content. `late` is the LMS's word."""

    time: datetime | None = None
    late: bool = False
    notes: tuple[str, ...] = ()
    doubt: str = ""  # why nothing of what was handed in is graded
    label: str = ""  # what the platform calls it: feedback goes back under the same name

    def coded(self) -> Self:
        """Without what may hold a name."""
        doubt = UNKNOWN.doubt if self.doubt else ""
        return replace(self, notes=(), doubt=doubt, label="")


@dataclass(frozen=True)
class Course:
    """Everything decided for one assignment; without a course.toml, nothing is."""

    roster: Mapping[str, Student] = field(default_factory=dict)
    teams: Mapping[str, str] = field(default_factory=dict)  # of students who hand in together
    percent_per_day: float = 0.0
    grace: timedelta = timedelta()
    due: datetime | None = None
    column: str = ""
    show_expected: bool = False
    extensions: Mapping[str, datetime] = field(default_factory=dict)
    times: Mapping[str, datetime] = field(default_factory=dict)
    points: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    overrides: Mapping[tuple[str, str], Override] = field(default_factory=dict)
    by_hand: Mapping[tuple[str, str], ByHand] = field(default_factory=dict)
    handed: Mapping[str, Handed] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)  # whose a file, folder or number is
    warnings: tuple[str, ...] = ()  # what may be a slip in these files

    def student(self, student: str) -> Student:
        return self.roster.get(student, Student(student))

    def state(self, student: str, record: Mapping[str, Any]) -> str:
        """What became of the notebook; or why none of those handed in was graded."""
        doubt = self.handed.get(student, Handed()).doubt
        return f"unclear: {doubt}" if doubt else str(record["state"])

    def days_late(self, student: str) -> int:
        """Days begun after the time that counts for the student; 0 where no time is known."""
        due = self.extensions.get(student, self.due)
        time = self.times.get(student) or self.handed.get(student, Handed()).time
        if due is None or time is None:
            return 0
        # Blackboard's file names have the campus's time, and so has the due date.
        over = time.replace(tzinfo=time.tzinfo or due.tzinfo) - due
        return math.ceil(over / timedelta(days=1)) if over > self.grace else 0

    def coded(self, names: Mapping[str, str]) -> Self:
        """The same decisions for students under other ids, and without their names."""

        return replace(
            self,
            roster={},
            extensions={names[s]: time for s, time in self.extensions.items() if s in names},
            times={names[s]: time for s, time in self.times.items() if s in names},
            by_hand={(names[s], e): given for (s, e), given in self.by_hand.items() if s in names},
            handed={names[s]: handed.coded() for s, handed in self.handed.items() if s in names},
            teams={names[s]: team for s, team in self.teams.items() if s in names},
            overrides={(names[s], e): o for (s, e), o in self.overrides.items() if s in names},
        )


def read(submissions: Path, assigned: Assignment) -> Course:
    """The course of these submissions. Raises CourseError."""
    places = [submissions.parent, *([submissions] if submissions.is_dir() else [])]
    file = _only(places, "course.toml")
    course = _decided(file, assigned) if file else Course()
    overrides, whose = _only(places, "overrides.csv"), _only(places, "owners.csv")
    return replace(
        course,
        overrides=_overrides(overrides, assigned, course) if overrides else {},
        owners=_owners(whose, assigned, course) if whose else {},
        warnings=(
            *course.warnings,
            *(_unknown(overrides.name, _assignments(overrides), assigned) if overrides else ()),
            *(_unknown(whose.name, _assignments(whose), assigned) if whose else ()),
        ),
    )


def _assignments(file: Path) -> set[str]:
    return {row.get("assignment", "") for row in table(file, set(), {"assignment"})} - {""}


def _only(places: Iterable[Path], name: str) -> Path | None:
    files = [place / name for place in places if (place / name).exists()]
    if len(files) > 1:
        raise CourseError(f"there are two, {files[0]} and {files[1]}: which one is meant?")
    return files[0] if files else None


def _decided(file: Path, assigned: Assignment) -> Course:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise CourseError(f"{file}: {error}") from None
    read = _Reader(file)
    read.known("", content, {"roster", "late", "assignments"})
    late = read.table("late", content.get("late", {}))
    read.known("late", late, {"percent_per_day", "grace_minutes"})
    assignments = read.table("assignments", content.get("assignments", {}))
    here = f"assignments.{assigned.name}"
    own = read.table(here, assignments.get(assigned.name, {}))
    read.known(here, own, {*TIMES, "column", "points", "show_expected"})
    roster = read.roster(content.get("roster", []))
    return Course(
        roster=roster,
        teams={student.id: student.team for student in roster.values() if student.team},
        percent_per_day=read.number("late.percent_per_day", late.get("percent_per_day", 0)),
        grace=timedelta(minutes=read.number("late.grace_minutes", late.get("grace_minutes", 0))),
        due=read.time(f"{here}.due", own["due"]) if "due" in own else None,
        column=str(own.get("column", "")),
        show_expected=read.switch(f"{here}.show_expected", own.get("show_expected", False)),
        extensions=read.times(f"{here}.extensions", own.get("extensions", {}), roster),
        times=read.times(f"{here}.handed_in", own.get("handed_in", {}), roster),
        points=read.points(f"{here}.points", own.get("points", {}), assigned),
        warnings=tuple(_unknown(file.name, assignments, assigned)),
    )


@dataclass(frozen=True)
class _Reader:
    """Values as they have to be; each error names its file and its place."""

    file: Path

    def error(self, place: str, message: str) -> CourseError:
        return CourseError(f"{self.file}: {place or 'the file'}: {message}")

    def known(self, place: str, table: Mapping[str, Any], keys: Iterable[str]) -> None:
        if unknown := sorted(table.keys() - set(keys)):
            may = ", ".join(sorted(keys))
            raise self.error(place, f"there is no {', '.join(unknown)}; there are: {may}")

    def table(self, place: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.error(place, "should be a table")
        return value

    def switch(self, place: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.error(place, f"should be true or false, and is {value!r}")
        return value

    def number(self, place: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
            raise self.error(place, f"should be a number, 0 or more, and is {value!r}")
        return float(value)

    def time(self, place: str, value: Any) -> datetime:
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise self.error(
                place, f"should be like 2026-10-05T23:59:00+02:00, with its zone, and is {value}"
            )
        return value

    def times(self, place: str, value: Any, roster: Mapping[str, Student]) -> dict[str, datetime]:
        table = self.table(place, value)
        if roster and (unknown := sorted(table.keys() - roster.keys())):
            raise self.error(
                place,
                f"nobody in the roster has the id {', '.join(unknown)}. "
                "What is decided for the whole assignment stands above this table",
            )
        return {student: self.time(f"{place}.{student}", t) for student, t in table.items()}

    def points(self, place: str, value: Any, assigned: Assignment) -> dict[str, dict[str, float]]:
        table = self.table(place, value)
        own = assigned.parts
        self.known(place, table, own)
        for name, points in table.items():
            self.known(f"{place}.{name}", self.table(f"{place}.{name}", points), own[name])
        return {
            name: {key: self.number(f"{place}.{name}.{key}", p) for key, p in points.items()}
            for name, points in table.items()
        }

    def roster(self, value: Any) -> dict[str, Student]:
        rows = value
        if isinstance(value, str):
            rows = table(self.file.parent / value, {"id"}, {"name", "lms", "team"})
        if not isinstance(rows, list):
            raise self.error("roster", "should be the name of a CSV file, or tables [[roster]]")
        students = []
        for row in rows:
            self.known("roster", self.table("roster", row), {"id", "name", "lms", "team"})
            student = Student(**{key: str(part).strip() for key, part in {"id": "", **row}.items()})
            if not safe(student.id):
                raise self.error("roster", f"{student.id!r} cannot be a student's id")
            students.append(student)
        for part in ("id", "lms"):
            all_of_it = [getattr(student, part) for student in students]
            if twice := sorted({word for word in all_of_it if word and all_of_it.count(word) > 1}):
                raise self.error("roster", f"two students have the {part} {', '.join(twice)}")
        return {student.id: student for student in students}


def safe(student: str) -> bool:
    """Whether an id can be the name of a file on every system, and of nothing else."""
    return (
        0 < len(student) <= 100
        and student.isprintable()
        and student[0] not in ".- "
        and student[-1] not in ". "
        and not set(student) & set('/\\:*?"<>|')
    )


def table(file: Path, needed: set[str], others: set[str]) -> list[dict[str, str]]:
    """A CSV's rows by its header. Spreadsheets write a BOM, and some a semicolon: both are read."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(
            f"{file}: cannot be read as UTF-8 text ({error}). In Excel, save it as *CSV UTF-8*."
        ) from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.DictReader(text.splitlines(), delimiter=delimiter)
    header = [name.strip() for name in rows.fieldnames or []]
    if missing := needed - set(header):
        raise CourseError(f"{file}: the first line has no column {', '.join(sorted(missing))}")
    kept = needed | others
    return [
        {key.strip(): (row[key] or "").strip() for key in row if key and key.strip() in kept}
        for row in rows
        if any(row.values())
    ]


def _overrides(file: Path, assigned: Assignment, course: Course) -> dict[tuple[str, str], Override]:
    rows = table(file, {"assignment", "student", "exercise", "points", "reason"}, set())
    overrides: dict[tuple[str, str], Override] = {}
    for number, row in enumerate(rows, start=2):
        if row["assignment"] == assigned.name:
            key = row["student"], row["exercise"]
            if reason := _reason_against(row, assigned, course) or (
                "the second of its kind" if key in overrides else ""
            ):
                raise CourseError(f"{file}, line {number}: {reason}")
            overrides[key] = Override(_number(row["points"]), row["reason"])
    return overrides


def _unknown(place: str, names: Iterable[str], assigned: Assignment) -> Iterator[str]:
    """What is decided for an assignment that there is not; it may be a slip."""
    for name in sorted(set(names) - assigned.known):
        near = difflib.get_close_matches(name, assigned.known, 1)
        meant = f" Is {near[0]!r} meant?" if near else ""
        yield f"{place}: there is no assignment {name!r}, and nothing comes of it.{meant}"


def _owners(file: Path, assigned: Assignment, course: Course) -> dict[str, str]:
    owners: dict[str, str] = {}
    for number, row in enumerate(table(file, {"file", "student"}, {"assignment"}), start=2):
        name, student = composed(row["file"]).strip("/"), row["student"]
        if row.get("assignment") in (None, "", assigned.name):
            if student and (student not in course.roster if course.roster else not safe(student)):
                raise CourseError(f"{file}, line {number}: {student!r} is not in the roster")
            if not name or owners.get(name, student) != student:
                raise CourseError(f"{file}, line {number}: {name!r} is named twice, or not at all")
            owners[name] = student
    return owners


def _reason_against(row: Mapping[str, str], assigned: Assignment, course: Course) -> str:
    if course.roster and row["student"] not in course.roster:
        return f"{row['student']!r} is not in the roster"
    if row["exercise"] and row["exercise"] not in assigned.parts:
        return f"there is no exercise {row['exercise']!r} in {assigned.name}"
    if not row["reason"]:
        return "a reason is missing"
    try:
        return "" if math.isfinite(_number(row["points"])) else "points should be finite"
    except ValueError:
        return f"points should be a number, and are {row['points']!r}"


def _number(text: str) -> float:
    """Where a table has semicolons, its numbers have commas."""
    return float(text.replace(",", "."))
