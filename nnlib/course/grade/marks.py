"""From a record to marks: weights, overrides and lateness, in this order."""

from dataclasses import dataclass

from nnlib.course.exercises.specification import Exercise
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.course import Course, Handed
from nnlib.course.grade.record import Record

DIGITS = 2


@dataclass(frozen=True)
class Marks:
    """A student's points. Where nothing could be graded, `total` is None: never a silent 0."""

    exercises: dict[str, float]
    total: float | None
    most: float
    days_late: int
    taken_off: float
    late: str  # in words; "" if in time, as far as is known
    reason: str  # of the overrides, joined


def of(record: Record, assigned: Assignment, course: Course, student: str) -> Marks:
    """The marks of one student."""
    points = {
        exercise.name: _weighted(exercise, record["exercises"][exercise.name]["earned"], course)
        for exercise in assigned.exercises
        if exercise.name in record["exercises"]
    }
    given = {
        exercise: override
        for (name, exercise), override in sorted(course.overrides.items())
        if name == student
    }
    points |= {exercise: override.points for exercise, override in given.items() if exercise}
    points = {name: points[name] for name in assigned.points if name in points}
    days = course.days_late(student)
    reached = sum(points.values())
    off = round(reached * min(1.0, days * course.percent_per_day / 100), DIGITS)
    total = given[""].points if "" in given else round(reached - off, DIGITS) if points else None
    reason = "; ".join(f"{exercise or 'total'}: {o.reason}" for exercise, o in given.items())
    return Marks(points, total, most(assigned, course), days, off, _late(course, student), reason)


def most(assigned: Assignment, course: Course) -> float:
    """All the points that there are."""
    return sum(sum(_weights(exercise, course).values()) for exercise in assigned.exercises)


def _weights(exercise: Exercise, course: Course) -> dict[str, float]:
    return {**exercise.points, **course.points.get(exercise.name, {})}


def _weighted(exercise: Exercise, earned: dict[str, float], course: Course) -> float:
    """Each property's share of its points, of the points that the course gives for it."""
    weights = _weights(exercise, course)
    shares = {
        name: earned.get(name, 0) / points for name, points in exercise.points.items() if points
    }
    return round(sum(share * weights[name] for name, share in shares.items()), DIGITS)


def _late(course: Course, student: str) -> str:
    if days := course.days_late(student):
        return f"late, {days} {'day' if days == 1 else 'days'}"
    handed = course.handed.get(student, Handed())
    if handed.late and handed.time is None and student not in course.times:
        return "late, and it is not known by how much: nothing is taken off"
    return ""
