"""What students and instructors read: feedback for each, and a report on the class, as HTML.

Pages are whole in themselves and load nothing. Jinja escapes every text, for a student may have
written it; none shows what was expected on hidden inputs, and the class report names nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2

from nnlib.course.exercises.judging import PROPERTIES
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.record import Record

FEWEST = 5  # smaller groups are not counted: a count of one is a name
MOST_TEXT = 600  # characters of whatever came from a student
MARKS = {True: "✓ pass", False: "✗ fail", None: "– not judged"}
CONTROL = {code: None for code in [*range(9), *range(11, 32), 127, *range(0x80, 0xA0)]}


def write(out: Path, assigned: Assignment, records: Mapping[str, Record]) -> None:
    """GRADES/feedback/ASSIGNMENT/STUDENT.html for each student, and GRADES/class-ASSIGNMENT.html."""
    folder = out / "feedback" / assigned.name
    folder.mkdir(parents=True, exist_ok=True)
    for student, record in records.items():
        page = _template("feedback.html").render(
            name=assigned.name, record=record, points=assigned.points
        )
        _save(folder / f"{student}.html", page)
    page = _template("class.html").render(
        name=assigned.name,
        students=len(records),
        states=_states(records),
        exercises=[_summary(name, records) for name in assigned.points],
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
    environment.filters |= {"cut": cut, "few": few}
    environment.globals |= {"properties": PROPERTIES, "marks": MARKS}
    return environment.get_template(name)


def cut(text: object) -> str:
    """A student's text without control characters, and not too much of it."""
    plain = str(text).translate(CONTROL)
    return plain if len(plain) <= MOST_TEXT else f"{plain[:MOST_TEXT]} …"


def few(count: int) -> str:
    """A count, unless it is so small that it points at somebody.

    >>> few(12), few(3), few(0)
    ('12', 'fewer than 5', '0')
    """
    return str(count) if count == 0 or count >= FEWEST else f"fewer than {FEWEST}"


def _states(records: Mapping[str, Record]) -> list[tuple[str, int]]:
    """How many notebooks are in which state; the part before a colon says it."""
    parts = (part for record in records.values() for part in record["state"].split("; "))
    return Counter(part.partition(":")[0] for part in parts).most_common()


def _summary(name: str, records: Mapping[str, Record]) -> dict[str, Any]:
    """One exercise over the class: who passed, which mistakes were made, what is unexplained."""
    found = [r["exercises"][name] for r in records.values() if name in r["exercises"]]
    written = [exercise for exercise in found if exercise["written"]]
    wrong = [exercise for exercise in written if not exercise["passed"]]
    mistakes = Counter(sentence for exercise in wrong for sentence in exercise["mistakes"])
    groups: dict[str, list[Record]] = defaultdict(list)
    for exercise in wrong:
        if not exercise["mistakes"]:
            groups[exercise["behavior"]].append(exercise)
    return {
        "name": name,
        "passed": sum(exercise["passed"] for exercise in found),
        "wrong": len(wrong),
        "unwritten": len(records) - len(written),
        "share": sum(exercise["passed"] for exercise in found) / max(len(records), 1),
        "mistakes": mistakes.most_common(),
        "clusters": [_cluster(group) for group in sorted(groups.values(), key=len, reverse=True)],
    }


def _cluster(group: list[Record]) -> dict[str, Any]:
    """Answers that behave alike and that no known mistake explains: what came, and for which call."""
    failed = [f for f in group[0]["findings"] if f["holds"] is False]
    return {"count": len(group), "findings": failed}
