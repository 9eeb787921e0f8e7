"""What a class did, counted: exactly for the instructor, and guarded for a page that is shown."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from nnlib.course.grade import marks, marks_csv
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.course_toml import Course
from nnlib.course.grade.record import Record
from nnlib.course.kit.judging import PROPERTIES

FEWEST = 5  # smaller groups are not counted where others look: a count of one is a name
TENTHS = 10
Say = Callable[[Sequence[int]], list[str]]  # counts that together are a known number, in words


def exact(counts: Sequence[int]) -> list[str]:
    return [str(count) for count in counts]


def few(count: int) -> str:
    """A count, unless it is so small that it points at somebody.

    >>> few(12), few(3), few(0)
    ('12', 'fewer than 5', '0')
    """
    return str(count) if count == 0 or count >= FEWEST else f"fewer than {FEWEST}"


def guarded(counts: Sequence[int]) -> list[str]:
    """Counts of groups that together are a known number, so that none below 5 can be worked out.

    What is small is not said; and where its sum would say it, neither is the next larger count.

    >>> guarded([20, 7, 2])
    ['20', '5 or more', 'fewer than 5']
    >>> guarded([20, 7, 4, 3]), guarded([6, 0])
    (['20', '7', 'fewer than 5', 'fewer than 5'], ['6', '0'])
    """
    hidden: list[int] = []
    for place in sorted((p for p, count in enumerate(counts) if count), key=counts.__getitem__):
        known = not hidden or (len(hidden) > 1 and sum(counts[p] for p in hidden) >= FEWEST)
        if counts[place] >= FEWEST and known:
            break
        hidden.append(place)
    return [_about(n) if place in hidden else str(n) for place, n in enumerate(counts)]


def _about(count: int) -> str:
    return f"{FEWEST} or more" if count >= FEWEST else few(count)


def states(records: Mapping[str, Record], course: Course, say: Say) -> list[tuple[str, str]]:
    """How many notebooks are in which state; the part before a colon says it."""
    told = (course.state(student, record) for student, record in records.items())
    counted = Counter(part.partition(":")[0] for state in told for part in state.split("; "))
    found = counted.most_common()
    said = say([count for _, count in found])
    return [(state, count) for (state, _), count in zip(found, said, strict=True)]


def spread(found: Mapping[str, marks.Marks], say: Say) -> dict[str, Any]:
    """How many students have which share of the points, in tenths; all of them is in the last."""
    totals = [(own.total, own.most) for own in found.values() if own.total is not None]
    shares = [total / most for total, most in totals if most]
    counts = [0] * TENTHS
    for part in shares:
        counts[min(max(int(part * TENTHS + 1e-9), 0), TENTHS - 1)] += 1
    enough = len(shares) >= FEWEST or say is exact
    points = [total for total, _ in totals]
    return {
        "counts": say(counts),
        "bars": [
            count if word.isdecimal() else None
            for count, word in zip(counts, say(counts), strict=True)
        ],
        "graded": len(totals),
        "most": totals[0][1] if totals else 0,
        "mean": fmean(points) if points and enough else None,
        "median": median(points) if points and enough else None,
    }


def trend(grades: Path) -> list[dict[str, Any]]:
    """Of each assignment graded so far, in its order: how many have a total, and its mean share."""
    shares: dict[str, list[float]] = defaultdict(list)
    for line in marks_csv.GRADES.read(grades):
        _, total, most, *_ = line.last
        if total not in (None, "") and float(most or 0):
            shares[str(line.first[2])].append(float(total) / float(most or 0))
    return [
        {"name": name, "graded": len(found), "mean": fmean(found), "small": len(found) < FEWEST}
        for name, found in sorted(shares.items())
    ]


def exercises(
    assigned: Assignment, records: Mapping[str, Record], course: Course, say: Say
) -> list[dict[str, Any]]:
    """Each exercise over the class. The instructor has the hardest first."""
    told = [_summary(exercise.name, records, say) for exercise in assigned.exercises]
    for summary, exercise in zip(told, assigned.exercises, strict=True):
        reached = [
            sum(points for points, _ in marks.properties(exercise, one, assigned, course).values())
            for one in records.values()
            if exercise.name in one["exercises"]
        ]
        most = marks.worth(assigned, course)[exercise.name]
        enough = len(reached) >= FEWEST or say is exact
        summary["points"] = fmean(reached) / most if reached and most and enough else None
    if say is exact:
        told.sort(key=lambda summary: 1 if summary["points"] is None else summary["points"])
    return told


def _summary(name: str, records: Mapping[str, Record], say: Say) -> dict[str, Any]:
    """One exercise: who passed, which mistakes were made, what is unexplained."""
    found = [r["exercises"][name] for r in records.values() if name in r["exercises"]]
    written = [exercise for exercise in found if exercise["written"]]
    wrong = [exercise for exercise in written if not exercise["passed"]]
    passed = len(written) - len(wrong)
    groups: dict[str, list[Record]] = defaultdict(list)
    for exercise in wrong:
        groups[" ".join(exercise["mistakes"]) or exercise["behavior"]].append(exercise)
    ordered = sorted(groups.values(), key=len, reverse=True)
    counts = say([passed, len(wrong), len(records) - len(written)])
    sizes = [len(group) for group in ordered]
    # Where the sum of these groups is not said, the groups do not say it either.
    said = say(sizes) if counts[1] == str(len(wrong)) else [_about(size) for size in sizes]
    told = list(zip(ordered, said, strict=True))
    least = 1 if say is exact else FEWEST
    return {
        "name": name,
        "counts": counts,
        "share": passed / len(records) if counts[0] == str(passed) and records else None,
        "failed": _failed(wrong, len(records), say),
        "mistakes": [(" ".join(g[0]["mistakes"]), n) for g, n in told if g[0]["mistakes"]],
        "clusters": [
            (_what_came(group[0]), count)
            for group, count in told
            if len(group) >= least and not group[0]["mistakes"]
        ],
        "others": any(len(group) < least and not group[0]["mistakes"] for group in ordered),
    }


def _failed(wrong: Sequence[Record], students: int, say: Say) -> list[tuple[str, str]]:
    """In how many wrong answers which property does not hold. An answer may fail in several."""
    counted = Counter(
        f["property"] for one in wrong for f in one["findings"] if f["holds"] is False
    )
    return [
        (PROPERTIES[name], say([counted[name], students - counted[name]])[0])
        for name in PROPERTIES
        if counted[name]
    ]


def _what_came(exercise: Record) -> list[Record]:
    """An answer that no known mistake explains: what came, and for which call."""
    return [finding for finding in exercise["findings"] if finding["holds"] is False]
