"""What is read: everything escaped, nothing given away, nobody pointed at."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from nnlib.course.grade import class_report, html, prose, record
from nnlib.course.grade.assignment import Assignment
from nnlib.course.grade.course_toml import Course, Handed, Override

from .conftest import needs_sandbox
from .hostile import RIGHT

pytestmark = needs_sandbox()

LOUD = 'def forward(x):\n    raise ValueError("<script>alert(1)</script>\\x1b[31m" + "z" * 9999)'
ODD = "def forward(x):\n    return np.maximum(x, 0) + 1234567"
MINUS = "def forward(x):\n    return np.minimum(x, 0)"


@pytest.fixture
def written(assigned: Assignment, hand_in: Callable[..., Path], tmp_path: Path) -> Path:
    """A class of eleven: six with a known mistake, two odd ones, one loud, one right, one absent."""
    records = {"absent": record.grade(None, assigned, 3, "bubblewrap")}
    for name, answer, count in (("m", MINUS, 6), ("o", ODD, 2), ("l", LOUD, 1), ("r", "", 1)):
        answers = RIGHT | ({"forward": answer} if answer else {})
        path = hand_in(["import numpy as np", *answers.values()])
        graded = record.grade(path, assigned, 3, "bubblewrap")
        records |= {f"{name}{i}": graded for i in range(count)}
    html.write(tmp_path, assigned, records, Course())
    return tmp_path


def test_feedback_says_what_came_and_not_what_was_expected(written: Path) -> None:
    def page(student: str) -> str:
        return (written / "feedback" / "tiny" / f"{student}.html").read_text(encoding="utf-8")

    assert "You keep the negative part" in page("m0")
    assert "<strong>9 of 12 points.</strong>" in page("m0")
    assert "12345" in page("o0")
    assert not any("xpected" in page(student) for student in ("m0", "o0", "l0", "r0"))
    assert "Nothing could be graded: missing" in page("absent")


def test_what_a_student_wrote_is_escaped_and_cut(written: Path) -> None:
    for page in [*written.rglob("*.html")]:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "\x1b" not in text
        assert "z" * 700 not in text
    loud = (written / "feedback" / "tiny" / "l0.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in loud


def test_the_class_report_counts_and_names_nobody(written: Path) -> None:
    text = (written / "class-tiny-to-show.html").read_text(encoding="utf-8")
    assert "You keep the negative part" in text
    assert '<td class="count">5 or more</td>' in text, "6 would tell that 9 − 6 are the others"
    assert "were given by fewer than 5 students each" in text
    assert "1234567" not in text and "alert(1)" not in text, "nothing of a group below 5 is shown"
    assert not any(f"<td>{count}</td>" in text for count in range(1, 5))
    assert not any(name in text for name in ("m0", "o1", "absent"))


@pytest.mark.parametrize("total", range(30))
def test_no_small_count_can_be_worked_out(total: int) -> None:
    for counts in partitions(total, 4):
        said = class_report.guarded(counts)
        hidden = [c for c, word in zip(counts, said, strict=True) if not word.isdecimal()]
        assert all(
            not word.isdecimal() or int(word) in (0, c)
            for c, word in zip(counts, said, strict=True)
        )
        assert not any(word.isdecimal() and 0 < int(word) < 5 for word in said)
        if total >= 5 and hidden:
            assert (len(hidden) > 1 and sum(hidden) >= 5) or len(hidden) == sum(map(bool, counts))


def partitions(total: int, parts: int) -> Iterator[list[int]]:
    if parts == 1:
        yield [total]
        return
    for first in range(total + 1):
        yield from ([first, *rest] for rest in partitions(total - first, parts - 1))


BROKEN = "def forward(x):\n    if x = 0:\n        return x"


def told(tmp_path: Path, assigned: Assignment, graded: record.Record, course: Course) -> str:
    """One student's feedback, in one line."""
    html.write(tmp_path, assigned, {"ada": graded}, course)
    page = (tmp_path / "feedback" / "tiny" / "ada.html").read_text(encoding="utf-8")
    return " ".join(page.split())


def test_feedback_says_where_each_point_is_from(
    assigned: Assignment, hand_in: Callable[..., Path], tmp_path: Path
) -> None:
    path = hand_in(["import numpy as np", *(RIGHT | {"forward": MINUS}).values()])
    graded = record.grade(path, assigned, 3, "bubblewrap")
    page = told(tmp_path, assigned, graded, Course())
    for part in ("shapes <small>(1 of 1)", "values <small>(0 of 2)", "were <small>(0 of 1)"):
        assert f"{part}</small>" in page
    assert "<p>For ada</p>" in page
    weighed = Course(points={"forward": {"shape": 3.5}})
    assert "shapes <small>(3.5 of 3.5)</small>" in told(tmp_path, assigned, graded, weighed)

    due = datetime(2026, 11, 20, tzinfo=UTC)
    handed = {"ada": Handed(due + timedelta(hours=3))}
    late = Course(due=due, percent_per_day=10, handed=handed)
    page = told(tmp_path, assigned, graded, late)
    assert "<strong>8.1 of 12 points.</strong> You reached 9; 0.9 are taken off" in page

    kind = {("ada", "forward"): Override(4, "copied, but explained")}
    page = told(tmp_path, assigned, graded, replace(late, overrides=kind))
    assert "4 of 4 points</h2> <p>Your instructor decided on these points.</p>" in page
    assert "shapes <small>" in page, "of the other exercises"
    assert "(0 of 2)" not in page and "explained" not in page, "reasons are not for students"

    oral = {("ada", ""): Override(11, "oral")}
    page = told(tmp_path, assigned, graded, replace(late, overrides=oral))
    assert "<strong>11 of 12 points.</strong> Your instructor decided on this total." in page


def test_what_python_cannot_read_is_written_and_wrong(
    assigned: Assignment, hand_in: Callable[..., Path], tmp_path: Path
) -> None:
    path = hand_in(["import numpy as np", *(RIGHT | {"forward": BROKEN}).values()])
    graded = record.grade(path, assigned, 3, "bubblewrap")
    page = told(tmp_path, assigned, graded, Course())
    assert "SyntaxError: invalid syntax" in page and "Not written yet" not in page
    assert [found["points"] for found in graded["exercises"].values()] == [0, 4, 4]


def test_the_course_s_own_cells_are_no_news(
    assigned: Assignment, hand_in: Callable[..., Path]
) -> None:
    """nnlib is not there for them; what a student added is told by its place in the notebook."""
    ours = "from nnlib import data\nforward(data.load_digits_split())"
    stub = next(iter(assigned.stubs))
    given = replace(assigned)
    given.__dict__["handed_out"] = assigned.handed_out | {ours}
    path = hand_in([stub, "import numpy as np", *RIGHT.values(), ours, "1 / 0"])
    problems = record.grade(path, given, 3, "bubblewrap")["problems"]
    assert problems == {"7": "ZeroDivisionError: division by zero"}


def test_what_was_expected_is_told_where_the_course_says_so(
    assigned: Assignment, hand_in: Callable[..., Path], tmp_path: Path
) -> None:
    path = hand_in(["import numpy as np", *(RIGHT | {"forward": ODD}).values()])
    graded = record.grade(path, assigned, 3, "bubblewrap")
    before, after = (
        told(tmp_path, assigned, graded, Course(show_expected=shown)) for shown in (False, True)
    )
    finding = next(f for f in graded["exercises"]["forward"]["findings"] if f["expected"])
    assert finding["expected"] in after and finding["expected"] not in before
    assert "The whole call, to be repeated" in after and "to be repeated" not in before
    namespace: dict[str, object] = {"forward": lambda x: x.shape, "np": np}
    assert eval(finding["repeat"], namespace) == (3, 4)
    assert "np.maximum(x, 0) + 1234567" in before, "the answer is the student's own"


def test_a_green_line_never_shows_0_points(
    assigned: Assignment, hand_in: Callable[..., Path], tmp_path: Path
) -> None:
    path = hand_in(["import numpy as np", *(RIGHT | {"forward": MINUS}).values()])
    page = told(tmp_path, assigned, record.grade(path, assigned, 3, "bubblewrap"), Course())
    assert f"{html.UNPAID}: leaves its arguments as they were <small>(0 of 1)" in page


def test_a_state_in_a_student_s_words() -> None:
    state = "renamed; its own check was right: forward, total; not written: backward"
    first, second = prose.about(state)
    assert first.endswith("That costs nothing.")
    assert "it is not: forward, total. Your instructor" in second
    assert prose.about("ok") == []
    assert prose.about("something new: x") == ["something new: x."]


def test_a_comment_keeps_its_lines_its_markdown_and_its_formulas() -> None:
    text = (
        "Well *done*:\n$dx = g W$ holds.\n\n<script>alert(1)</script>\n\n"
        "![x](http://example.com/x.png) [y](javascript:alert(1)) $\\undefined{x}$"
    )
    page = str(prose.comment(text))
    assert "<em>done</em>:<br" in page
    assert 'alt="$dx = g W$" src="data:image/svg+xml;base64,' in page
    assert "<script" not in page and "example.com" not in page and "javascript:" not in page
    assert r"<code>$\undefined{x}$</code>" in page
