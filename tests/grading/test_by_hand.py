"""Answers that a person grades: from the notebook to Formgrader, and from there to the marks."""

import csv
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from nnlib.course.grade import __main__ as command
from nnlib.course.grade import gradebook, html, marks, sanitize
from nnlib.course.grade.assignment import Assignment, find
from nnlib.course.grade.course_toml import ByHand, Course, CourseError, Override, read
from nnlib.course.grade.record import Record

from .conftest import needs_sandbox
from .hostile import RIGHT

pytestmark = pytest.mark.filterwarnings("error::sqlalchemy.exc.SAWarning")

NAME, WHY = "tiny", "relu-why"
PROMPT = "*Your answer here.*"
GOOD = "Where $x<0$ nothing passes, so $dx = 0$."
PIXEL = "iVBORw0KGgo="
WEIGHTS = {"shape": 1.0, "values": 2.0, "inputs": 1.0}
FULL: Record = {"points": 4.0, "earned": WEIGHTS, "passed": True, "written": True}
FINDING = {"property": "values", "holds": True, "detail": "every value is right", "call": ""}
FULL |= {"mistakes": [], "findings": [FINDING], "behavior": ""}
OK: Record = {"state": "ok", "problems": {}, "exercises": dict.fromkeys(RIGHT, FULL)}
MISSING: Record = {"state": "missing", "problems": {}, "exercises": {}}


def why(source: str, **parts: Any) -> dict[str, Any]:
    """The cell that a person grades."""
    about = {"grade_id": WHY, "grade": True, "solution": True, "locked": False, "points": 5}
    about |= {"schema_version": 3, "task": False}
    cell = {"cell_type": "markdown", "id": "why", "source": source, **parts}
    return {**cell, "metadata": {"nbgrader": about}}


def notebook(*words: dict[str, Any], answers: dict[str, str] = RIGHT) -> str:
    cells: list[dict[str, Any]] = [*words]
    for name, text in answers.items():
        plain = {"grade": False, "locked": False, "schema_version": 3, "task": False}
        about = {"grade_id": f"{name}-answer", "solution": True, **plain}
        checked = {"grade_id": f"{name}-check", "solution": False, **plain}
        checked |= {"grade": True, "points": 4, "locked": True}
        for source, table in ((text, about), (f"check({name})", checked)):
            cells.append(
                {
                    "cell_type": "code",
                    "id": table["grade_id"],
                    "source": source,
                    "execution_count": None,
                    "outputs": [],
                    "metadata": {"nbgrader": table},
                }
            )
    cells.insert(0, {**cells[-1], "id": "numpy", "source": "import numpy as np", "metadata": {}})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="session")
def private(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`tiny`, with a question that only a person can mark."""
    root = tmp_path_factory.mktemp("by_hand")
    shutil.copy(tiny / "tiny.py", root)
    stubs = {
        n: f"{text.splitlines()[0]}\n    raise NotImplementedError" for n, text in RIGHT.items()
    }
    for kind, text in (
        ("solutions", notebook(why("Below 0 ReLU is flat. **Marking guide** 5 points."))),
        ("exercises", notebook(why(PROMPT), answers=stubs)),
    ):
        place = root / kind / NAME / f"{NAME}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def asked(private: Path) -> Assignment:
    return find(NAME, str(private))


def test_what_a_person_grades_is_a_part_of_its_own(asked: Assignment) -> None:
    assert asked.by_hand == {WHY: 5} and WHY not in asked.points
    assert sum(marks.worth(asked, Course()).values()) == 3 * 4 + 5


def test_no_total_until_somebody_has_graded_it(asked: Assignment) -> None:
    waiting = marks.of(OK, asked, Course(), "ada")
    assert (waiting.waiting, waiting.total) == ((WHY,), None)
    weighed = Course(points={WHY: {"by_hand": 10}}, by_hand={("ada", WHY): ByHand(4)})
    ada = marks.of(OK, asked, weighed, "ada")
    assert (ada.waiting, ada.exercises[WHY], ada.total, ada.most) == ((), 8, 20, 22)
    assert marks.of(OK, asked, weighed, "bob").waiting == (WHY,)
    nobody_reads = Course(points={WHY: {"by_hand": 0}})
    assert marks.of(OK, asked, nobody_reads, "ada").total == 12
    assert marks.of(MISSING, asked, Course(), "ada").waiting == ()
    for exercise, total in ((WHY, 13.5), ("", 1.5)):
        decided = Course(overrides={("ada", exercise): Override(1.5, "oral")})
        assert marks.of(OK, asked, decided, "ada").total == total
    coded = weighed.coded({"ada": "s-1"})
    assert marks.of(OK, asked, coded, "s-1").total == 20


def test_course_toml_weighs_it(asked: Assignment, tmp_path: Path) -> None:
    toml = "[assignments.tiny.points]\nrelu-why = { by_hand = 2 }\n"
    (tmp_path / "course.toml").write_text(toml, encoding="utf-8")
    assert read(tmp_path / "submitted", asked).points == {WHY: {"by_hand": 2}}
    (tmp_path / "course.toml").write_text(toml.replace("by_hand", "values"), encoding="utf-8")
    with pytest.raises(CourseError, match="there is no values; there are: by_hand"):
        read(tmp_path / "submitted", asked)


HandIn = Callable[..., dict[tuple[str, str], ByHand]]


@pytest.fixture
def hand_in(asked: Assignment, tmp_path: Path) -> HandIn:
    """Put each student's words into the gradebook, and give what it says of marks by hand."""

    def write(**words: list[dict[str, Any]] | None) -> dict[tuple[str, str], ByHand]:
        notebooks: dict[str, Path | None] = {}
        for student, cells in words.items():
            notebooks[student] = None if cells is None else tmp_path / f"{student}.ipynb"
            if cells is not None:
                (tmp_path / f"{student}.ipynb").write_text(notebook(*cells), encoding="utf-8")
        records = {name: OK if path else MISSING for name, path in notebooks.items()}
        return gradebook.write(tmp_path, asked, records, notebooks)

    return write


@contextmanager
def opened(course: Path) -> Iterator[Any]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "nnlib") as book:
        yield book


def waits(course: Path) -> dict[str, bool]:
    with opened(course) as book:
        found = book.assignment_submissions(NAME)
        return {each.student_id: each.needs_manual_grade for each in found}


def give(course: Path, student: str, score: float, comment: str = "") -> None:
    """As Formgrader does it."""
    with opened(course) as book:
        grade = book.find_grade(WHY, NAME, NAME, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        book.find_comment(WHY, NAME, NAME, student).manual_comment = comment
        book.db.commit()


def shown(tmp_path: Path, student: str) -> Any:
    path = tmp_path / "nbgrader" / "autograded" / student / NAME / f"{NAME}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    return next(c for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == WHY)


def test_nothing_is_worth_0_and_everything_else_waits(hand_in: HandIn, tmp_path: Path) -> None:
    photo = {"p q.png": {"image/png": PIXEL}, "x.svg": {"image/svg+xml": "<svg/>"}}
    given = hand_in(
        wrote=[why(GOOD)],
        copied=[why(GOOD), why(PROMPT), why("And more.")],
        pasted=[why("![](attachment:p%20q.png)", attachments=photo)],
        untouched=[why(f"{PROMPT}\n")],
        empty=[why(" \n")],
        deleted=[],
        absent=None,
    )
    assert given == {("untouched", WHY): ByHand(0), ("empty", WHY): ByHand(0)}
    assert waits(tmp_path / "nbgrader") == {  # who is absent has no submission
        **dict.fromkeys(("wrote", "copied", "pasted", "deleted"), True),
        **dict.fromkeys(("untouched", "empty"), False),
    }
    assert shown(tmp_path, "copied").source == f"{GOOD}\n\nAnd more."
    assert shown(tmp_path, "pasted").attachments == {
        name: {"image/png": PIXEL} for name in ("p q.png", "p%20q.png")
    }
    assert "no cell of this id" in shown(tmp_path, "deleted").source


def test_a_mark_stays_and_another_answer_waits_again(hand_in: HandIn, tmp_path: Path) -> None:
    course = tmp_path / "nbgrader"
    hand_in(ada=[why(GOOD)])
    give(course, "ada", 3.5, "Say why.")
    expected = {("ada", WHY): ByHand(3.5, "Say why.")}
    for _ in range(2):
        assert hand_in(ada=[why(GOOD)]) == expected
    for _ in range(2):
        assert hand_in(ada=[why("Another answer.")]) == {}
        assert waits(course) == {"ada": True}
        with opened(course) as book:
            assert book.find_grade(WHY, NAME, NAME, "ada").manual_score == 3.5
    give(course, "ada", 3.5)
    assert hand_in(ada=[why("Another answer.")]) == {("ada", WHY): ByHand(3.5)}


def test_a_mark_of_an_exercise_that_a_person_changed_counts(
    hand_in: HandIn, asked: Assignment, tmp_path: Path
) -> None:
    assert hand_in(ada=[why("")]) == {("ada", WHY): ByHand(0)}
    with opened(tmp_path / "nbgrader") as book:
        book.find_grade("forward-check", NAME, NAME, "ada").manual_score = 1.0
        book.find_grade("total-check", NAME, NAME, "ada").extra_credit = 0.5
        book.db.commit()
    course = Course(by_hand=hand_in(ada=[why("")]))
    ada = marks.of(OK, asked, course, "ada")
    assert ada.exercises == {"forward": 1, "backward": 4, "total": 4.5, WHY: 0}


HOSTILE = {
    "a script": "<script>alert(1)</script> <img src=x onerror=alert(1)>",
    "a link": "[x](javascript:alert(1))",
    "a link in other letters": "[x](&#106;ava\tScript:alert(1))",
    "a picture that tells": "![x](https://example.org/seen.png)",
    "a picture that is not there": "![x](attachment:nothing.png)",
    "the same, disguised": "![x](attachment&#58;nothing.png)",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_words_cannot_harm_who_reads_them(text: str) -> None:
    cell = nbformat.from_dict(why(text))
    sanitize.tame(cell, [])
    page = sanitize.HTMLExporter().markdown2html({"cell": cell}, cell.source)
    tags = re.findall(r"<[^>]*>", page)
    assert not [tag for tag in tags if re.search("script|onerror|img|src|href=.(?!https)", tag)]
    assert "x" in page, "it can still be read"


def test_good_words_are_left_as_they_are() -> None:
    text = (
        "## Why\n\n$a<b$, [a book](https://example.org), `x`\n\n1. one\n\n![me](attachment:p.png)"
    )
    cell = nbformat.from_dict(why(text))
    sanitize.tame(cell, [why(text, attachments={"p.png": {"image/png": PIXEL}})])
    assert cell.source == text.replace("a<b", "a< b")
    page = sanitize.HTMLExporter().markdown2html({"cell": cell}, cell.source)
    assert "data:image/png" in page and "a&lt; b" in page


def test_feedback_and_class_report(asked: Assignment, tmp_path: Path) -> None:
    course = Course(by_hand={("bob", WHY): ByHand(3, "<b>Say why.")})
    names = ["ada", "bob", *(f"s{number}" for number in range(6))]  # 1 of 8 does not wait
    html.write(tmp_path, asked, dict.fromkeys(names, OK), course)
    ada, bob = (
        (tmp_path / "feedback" / NAME / f"{name}.html").read_text(encoding="utf-8")
        for name in ("ada", "bob")
    )
    assert "12 of 17 points so far." in ada and f"<code>{WHY}</code>: to be graded by hand" in ada
    assert "15 of 17 points." in bob and "3 of 5 points" in bob and "&lt;b&gt;Say why." in bob
    exact, shown_in_class = (
        (tmp_path / f"class-{NAME}{ending}.html").read_text(encoding="utf-8")
        for ending in ("", "-to-show")
    )
    html.write(tmp_path, asked, {"ada": OK}, Course(overrides={("ada", ""): Override(9, "oral")}))
    ada = (tmp_path / "feedback" / NAME / "ada.html").read_text(encoding="utf-8")
    assert "9 of 17 points." in ada and f"<code>{WHY}</code>: to be graded by hand" in ada
    assert f"<code>{WHY}</code></th><td>5 or more</td>" in shown_in_class
    assert f"<code>{WHY}</code></th><td>7</td>" in exact


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))


@needs_sandbox()
def test_from_the_notebook_to_the_lms(
    private: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, root = tmp_path / "GRADES", tmp_path / "class" / "submitted"
    for student, text in (("ada", GOOD), ("bob", PROMPT)):
        place = root / student / NAME / f"{NAME}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(notebook(why(text)), encoding="utf-8")
    toml = '[[roster]]\nid = "ada"\n[[roster]]\nid = "bob"\n'
    (root.parent / "course.toml").write_text(toml, encoding="utf-8")
    usual = [str(root), "--assignment", NAME, "--out", str(out), "--exercises", str(private)]
    usual += ["--workers", "1"]

    assert command.main(usual) == 0
    assert "1 of them wait to be graded by hand" in capsys.readouterr().out
    head, *table = rows(out / "grades.csv")
    assert head[6] == WHY
    assert [row[6:9:2] for row in table] == [["to be graded by hand", ""], ["0", "12"]]
    assert rows(out / "status.csv")[1][3] == f"ok; to be graded by hand: {WHY}"
    assert rows(out / "lms" / NAME / "moodle.csv")[1:] == [["bob", "", "12"]]

    give(out / "nbgrader", "ada", 4, "Good.")
    for again in ([], ["regrade", "--exercise", "forward"]):
        assert command.main([*again[:1], *usual, *again[1:]]) == 0
        assert [row[6:9:2] for row in rows(out / "grades.csv")[1:]] == [["4", "16"], ["0", "12"]]
        assert rows(out / "lms" / NAME / "moodle.csv")[1:] == [["ada", "", "16"], ["bob", "", "12"]]
        assert rows(out / "status.csv")[1][3] == "ok"
    assert "0 marks changed" in capsys.readouterr().out
    assert "Good." in (out / "feedback" / NAME / "ada.html").read_text(encoding="utf-8")


@contextmanager
def formgrader(course: Path, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Start it as docs/grading.md says, and get its pages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    options = ["--no-browser", f"--port={port}", "--IdentityProvider.token=t", "--allow-root"]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "server", *options],
        cwd=course,
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def get(page: str) -> str:
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/{page}")
        asked.add_header("Authorization", "token t")
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return str(answer.read().decode())

    try:
        for _ in range(600):
            try:
                get("api")
                break
            except OSError:
                assert server.poll() is None, "the server ended"
                time.sleep(0.1)
        yield get
    finally:
        server.terminate()
        server.wait(timeout=60)


def test_formgrader_shows_answers_and_verdicts(hand_in: HandIn, tmp_path: Path) -> None:
    hand_in(ada=[why(GOOD)], bob=None)
    course = tmp_path / "nbgrader"
    with opened(course) as book:
        submission = book.find_submission_notebook(NAME, NAME, "ada").id
    with formgrader(course, tmp_path) as get:
        for page in (
            "manage_assignments",
            f"manage_submissions/{NAME}",
            f"gradebook/{NAME}/{NAME}",
        ):
            assert "nbgrader" in get(f"formgrader/{page}")
        assignments = json.loads(get("formgrader/api/assignments"))
        # None is offered for grading again, which would run it unprotected.
        assert [(a["name"], a["num_submissions"]) for a in assignments] == [(NAME, 0)]
        page = get(f"formgrader/submissions/{submission}")
        assert "nothing passes" in page and "maximum" in page
        assert "every value is right" in page and "Marking guide" not in page
        grades = json.loads(get(f"formgrader/api/grades?submission_id={submission}"))
        assert {g["name"]: g["auto_score"] for g in grades} == {
            **{f"{name}-check": 4.0 for name in RIGHT},
            WHY: None,
        }
