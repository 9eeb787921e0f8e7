"""From a record to marks: weights, what a person gave, overrides and lateness, in this order."""

from collections.abc import Mapping
from dataclasses import dataclass

from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.course_toml import Course, Handed
from nnlib.course.grade.record import Record
from nnlib.course.kit.exercise import Exercise

DIGITS = 2


@dataclass(frozen=True)
class Marks:
    """A student's points.

    Where nothing could be graded, and while an answer waits for a person, `total` is None: never a
    silent 0, and never a part that looks like the whole.
    """

    exercises: dict[str, float]
    decided: tuple[str, ...]  # what a person gave other points for than the judge; "": the total
    waiting: tuple[str, ...]  # answers that are still to be graded by hand
    total: float | None
    most: float
    days_late: int
    taken_off: float
    late: str  # in words; "" if in time, as far as is known
    reason: str  # of the overrides, joined

    @property
    def reached(self) -> float:
        """The sum, before anything is taken off."""
        return round(sum(self.exercises.values()), DIGITS)


def of(record: Record, assigned: Assignment, course: Course, student: str) -> Marks:
    """The marks of one student."""
    weights = worth(assigned, course)
    given = {
        exercise: override
        for (name, exercise), override in sorted(course.overrides.items())
        if name == student
    }
    judged = _judged(record, assigned, course)
    points = judged | _by_hand(assigned, course, student)
    points |= {exercise: override.points for exercise, override in given.items() if exercise}
    points = {name: points[name] for name in weights if name in points}
    decided = tuple(name for name in points if points[name] != judged.get(name, points[name]))
    may_wait = [name for name in assigned.by_hand if record["exercises"] and weights[name]]
    waiting = tuple(name for name in may_wait if name not in points)
    days = course.days_late(student)
    reached = sum(points.values())
    off = round(reached * min(1.0, days * course.percent_per_day / 100), DIGITS)
    total = round(reached - off, DIGITS) if points and not waiting else None
    if "" in given:
        total, off, waiting, decided = given[""].points, 0.0, (), (*decided, "")
    reason = "; ".join(f"{exercise or 'total'}: {o.reason}" for exercise, o in given.items())
    late = _late(course, student)
    return Marks(points, decided, waiting, total, sum(weights.values()), days, off, late, reason)


def worth(assigned: Assignment, course: Course) -> dict[str, float]:
    """The points that each part can earn."""
    return {name: sum(_weights(name, assigned, course).values()) for name in assigned.parts}


def _weights(name: str, assigned: Assignment, course: Course) -> Mapping[str, float]:
    return {**assigned.parts[name], **course.points.get(name, {})}


def _judged(record: Record, assigned: Assignment, course: Course) -> dict[str, float]:
    points = {}
    for exercise in assigned.exercises:
        if exercise.name in record["exercises"]:
            shares = properties(exercise, record, assigned, course).values()
            points[exercise.name] = round(sum(reached for reached, _ in shares), DIGITS)
    return points


def properties(
    exercise: Exercise, record: Record, assigned: Assignment, course: Course
) -> dict[str, tuple[float, float]]:
    """Of each property the points reached, and the most that the course gives for it."""
    if exercise.name not in record["exercises"]:
        return {}
    earned = record["exercises"][exercise.name]["earned"]
    weights = _weights(exercise.name, assigned, course)
    own = {key: most for key, most in exercise.points.items() if most}
    return {key: (earned.get(key, 0) / own[key] * weights[key], weights[key]) for key in own}


def _by_hand(assigned: Assignment, course: Course, student: str) -> dict[str, float]:
    """The same for what a person gave, who saw the points that the notebook promises."""
    weights = worth(assigned, course)
    given = {}
    for name in assigned.parts:
        if found := course.by_hand.get((student, name)):
            own = sum(assigned.parts[name].values())
            given[name] = round(found.points / own * weights[name], DIGITS) if own else 0.0
    return given


def _late(course: Course, student: str) -> str:
    if days := course.days_late(student):
        return f"late, {days} {'day' if days == 1 else 'days'}"
    handed = course.handed.get(student, Handed())
    if handed.late and handed.time is None and student not in course.times:
        return "late, and it is not known by how much: nothing is taken off"
    return ""
