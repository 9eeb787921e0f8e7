"""What a lesson owes whoever reads it: honest minutes, measurements, predictions before answers."""

import re
from collections import Counter
from pathlib import Path

import pytest

from nnlib.course import build, lessons, minutes

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
each = pytest.mark.parametrize("path", LESSONS, ids=[path.stem for path in LESSONS])

LONGEST, OFF_BY = 60, 10  # minutes
# NumPy's functions and nnlib's, as cells name them: np.where, optim.Adam, …
NAMES = re.compile(r"\b(?:np|nn|F|optim|data|viz|autodiff)\.[\w.]*\w")
ASKED = re.compile(r"^## (\w+): (\w+)$", re.MULTILINE)


def page_of(path):
    return lessons.HERE / f"lesson_{path.stem}" / "questions.md"


def kinds_in_order(path):
    """What a lesson asks: ("quiz", "warm_up"), ("predict", "race"), … in the order of its cells."""
    kinds = {name: kind for kind, name in ASKED.findall(page_of(path).read_text("utf-8"))}
    cells = [cell.source for cell in build.read(path).cells if cell.cell_type == "code"]
    names = [name for source in cells for _, name in minutes.ASKED.findall(source)]
    return [(kinds[name], name) for name in names]


@each
def test_the_minutes_that_it_states_are_honest(path):
    stated = build.Lesson.of(path).read
    honest = minutes.honest_minutes(path)
    assert honest <= LONGEST
    assert abs(stated - honest) <= OFF_BY
    assert f"{stated} minutes" in build.read(path).cells[0].source


@each
def test_it_begins_with_a_warm_up_predicts_and_ends_with_a_quiz(path):
    kinds = kinds_in_order(path)
    assert kinds[0] == ("quiz", "warm_up")
    assert 2 <= sum(kind == "predict" for kind, _ in kinds) <= 4
    assert [kind for kind, _ in kinds[1:]].count("quiz") >= 1
    assert len(set(kinds)) == len(kinds), "asked twice"


@each
def test_everything_on_its_page_of_questions_is_asked(path):
    on_page = [(kind, name) for kind, name in ASKED.findall(page_of(path).read_text("utf-8"))]
    assert Counter(kinds_in_order(path)) == Counter(on_page)


def test_no_question_is_asked_twice_in_the_course():
    asked = [
        question
        for path in LESSONS
        for question in re.findall(r"^### (.+)$", page_of(path).read_text("utf-8"), re.MULTILINE)
    ]
    assert [question for question, count in Counter(asked).items() if count > 1] == []


@each
def test_a_cell_that_asserts_shows_what_it_measured(path):
    silent = [
        cell.id
        for cell in build.read(path).cells
        if cell.cell_type == "code" and re.search(r"^ *assert ", cell.source, re.MULTILINE)
        and not cell.outputs
    ]  # fmt: skip
    assert silent == []


@each
def test_sections_stand_in_their_order(path):
    text = "\n".join(c.source for c in build.read(path).cells if c.cell_type == "markdown")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    ends = [h for h in headings if h in {"Exercises", "In practice", "Pitfalls", "Summary"}]
    assert ends == ["Exercises", "In practice", "Pitfalls", "Summary"]


def test_an_exercise_needs_no_name_that_no_lesson_has_used():
    """A name counts as taught where a lesson up to it, or the exercise's own text, has used it."""
    taught, missing = set(), {}
    for path in LESSONS:
        solution = build.read(ROOT / "solutions" / path.stem / f"{path.stem}.ipynb")
        given = [c for c in solution.cells if not c.metadata.get("nbgrader", {}).get("solution")]
        taught |= names([*build.read(path).cells, *given])
        answers = [c for c in solution.cells if c not in given]
        if unknown := names(answers) - taught:
            missing[path.stem] = sorted(unknown)
    assert missing == {}


def names(cells):
    return {name for cell in cells for name in NAMES.findall(cell.source)}
