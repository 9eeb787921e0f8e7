"""What students and instructors read: feedback for each, and a report on the class, as HTML.

Pages are whole in themselves and load nothing. Jinja escapes every text, for a student may have
written it; what was expected on hidden inputs is shown where course.toml says so,
and the class report names nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from nnlib.course.grade import marks, prose
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.course_toml import Course
from nnlib.course.grade.record import Record
from nnlib.course.kit.judging import PROPERTIES

FEWEST = 5  # smaller groups are not counted: a count of one is a name
VERDICTS = {True: "✓ pass", False: "✗ fail", None: "– not judged"}
UNPAID = "– counts beside right values alone"  # what holds, and earns nothing
WHERE_IT_RAN = "– where it ran"  # nothing speaks against it, and some calls failed


def write(out: Path, assigned: Assignment, records: Mapping[str, Record], course: Course) -> None:
    """GRADES/feedback/ASSIGNMENT/STUDENT.html for each student, and GRADES/class-ASSIGNMENT.html."""
    folder = out / "feedback" / assigned.name
    folder.mkdir(parents=True, exist_ok=True)
    found = {name: marks.of(record, assigned, course, name) for name, record in records.items()}
    worth = marks.worth(assigned, course)
    for student, record in records.items():
        page = _template("feedback.html").render(
            name=assigned.name,
            who=course.student(student).name or student,
            record=record,
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
    page = _template("class.html").render(
        name=assigned.name,
        students=len(records),
        states=_states(records),
        exercises=[_summary(name, records) for name in assigned.points],
        by_hand={part: _waiting(part, found) for part in assigned.by_hand if worth[part]},
    )
    _save(out / f"class-{assigned.name}.html", page)


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
    environment.filters |= {"few": few, "number": "{:.6g}".format, "comment": prose.comment}
    environment.globals |= {"words": PROPERTIES, "marks_of": VERDICTS, "unpaid": UNPAID}
    environment.globals["where_it_ran"] = WHERE_IT_RAN
    environment.globals |= {"about": prose.about}
    return environment.get_template(name)


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


def _states(records: Mapping[str, Record]) -> list[tuple[str, str]]:
    """How many notebooks are in which state; the part before a colon says it."""
    parts = (part for record in records.values() for part in record["state"].split("; "))
    states = Counter(part.partition(":")[0] for part in parts).most_common()
    said = guarded([count for _, count in states])
    return [(state, count) for (state, _), count in zip(states, said, strict=True)]


def _waiting(part: str, found: Mapping[str, marks.Marks]) -> str:
    """How many answers nobody has graded yet."""
    waiting = sum(part in own.waiting for own in found.values())
    return guarded([waiting, len(found) - waiting])[0]


def _summary(name: str, records: Mapping[str, Record]) -> dict[str, Any]:
    """One exercise over the class: who passed, which mistakes were made, what is unexplained."""
    found = [r["exercises"][name] for r in records.values() if name in r["exercises"]]
    written = [exercise for exercise in found if exercise["written"]]
    wrong = [exercise for exercise in written if not exercise["passed"]]
    passed = len(written) - len(wrong)
    groups: dict[str, list[Record]] = defaultdict(list)
    for exercise in wrong:
        groups[" ".join(exercise["mistakes"]) or exercise["behavior"]].append(exercise)
    ordered = sorted(groups.values(), key=len, reverse=True)
    counts = guarded([passed, len(wrong), len(records) - len(written)])
    sizes = [len(group) for group in ordered]
    # Where the sum of these groups is not said, the groups do not say it either.
    said = guarded(sizes) if counts[1] == str(len(wrong)) else [_about(size) for size in sizes]
    told = list(zip(ordered, said, strict=True))
    return {
        "name": name,
        "counts": counts,
        "share": passed / len(records) if counts[0] == str(passed) and records else None,
        "mistakes": [(" ".join(g[0]["mistakes"]), n) for g, n in told if g[0]["mistakes"]],
        "clusters": [
            (_what_came(group[0]), count)
            for group, count in told
            if len(group) >= FEWEST and not group[0]["mistakes"]
        ],
        "others": any(len(group) < FEWEST and not group[0]["mistakes"] for group in ordered),
    }


def _what_came(exercise: Record) -> list[Record]:
    """An answer that no known mistake explains: what came, and for which call."""
    return [finding for finding in exercise["findings"] if finding["holds"] is False]
