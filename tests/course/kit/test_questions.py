"""A lesson's page of questions: what is read from it, and what is said of one that cannot be read."""

import re
from pathlib import Path

import pytest

from nnlib.course import lessons
from nnlib.course.kit.page import PageError
from nnlib.course.kit.questions import PAGE, ask, read
from nnlib.course.widgets import order, predict

QUESTIONS = """# Questions of lesson 10a

## quiz: warm_up

### What is H(0)?

- [ ] 0
  H(z) = 1
  where z ≥ 0.
- [x] 1
  0 ≥ 0.

### Is `w -= g` seen in a view?

- [x] yes
  It writes into `w`.
- [ ] no
  A view shares memory.

## predict: race

### Who is lower?

- [ ] momentum
  It overshoots.
- [x] SGD
  It never goes up.

Seen: It swings
across.

And comes back.

## predict: share

### Which share?

Number: −0.82 ± 0.02

Seen: It is 9/11.

## order: adam_step

### Bring them into order.

1. `t = t + 1`
   It counts first.
2. `m = g`
   It comes next.
3. `w = w − m`
   It uses m.
- `w = w − g`
  That is SGD.
"""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lesson_10a_momentum"
    folder.mkdir()
    path = folder / PAGE
    path.write_text(QUESTIONS, encoding="utf-8")
    monkeypatch.setattr(lessons, "HERE", tmp_path)
    return path


def test_everything_on_a_page_is_read(page: Path) -> None:
    warm_up, race, share, adam = read(page)
    assert [(s.kind, s.name) for s in (warm_up, race, share, adam)] == [
        ("quiz", "warm_up"), ("predict", "race"), ("predict", "share"), ("order", "adam_step"),
    ]  # fmt: skip
    assert warm_up.questions == [
        {
            "text": "What is H(0)?",
            "options": ("0", "1"),
            "answer": 1,
            "explanations": ("H(z) = 1 where z ≥ 0.", "0 ≥ 0."),
        },
        {
            "text": "Is `w -= g` seen in a view?",
            "options": ("yes", "no"),
            "answer": 0,
            "explanations": ("It writes into `w`.", "A view shares memory."),
        },
    ]
    assert race.questions[0]["seen"] == "It swings across.\n\nAnd comes back."
    assert race.questions[0]["answer"] == 1
    assert share.questions == [
        {"question": "Which share?", "seen": "It is 9/11.", "number": -0.82, "tolerance": 0.02}
    ]
    [lines] = adam.questions
    assert list(lines["steps"]) == ["`t = t + 1`", "`m = g`", "`w = w − m`"]
    assert lines["distractors"] == {"`w = w − g`": "That is SGD."}


@pytest.mark.parametrize("name", ["warm_up", "race", "share", "adam_step"])
def test_what_is_asked_is_stable_and_gives_nothing_away(page: Path, name: str) -> None:
    data, metadata = ask("10a_momentum", name)._repr_mimebundle_()
    assert data["text/plain"] == repr(ask("10a_momentum", name))
    assert data["text/html"] == ask("10a_momentum", name)._repr_mimebundle_()[0]["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data and metadata == {}
    first = re.sub(r"<details>.*?</details>", "", data["text/html"])
    answers = ("0 ≥ 0", "writes into", "overshoots", "never goes", "swings", "0.82", "9/11",
               "counts first", "That is SGD")  # fmt: skip
    assert not any(answer in text for answer in answers for text in (first, data["text/plain"]))
    assert any(answer in data["text/html"] for answer in answers)


def test_backticks_are_code_where_there_is_no_kernel(page: Path) -> None:
    html = ask("10a_momentum", "warm_up")._repr_mimebundle_()[0]["text/html"]
    assert "Is <code>w -= g</code> seen" in html and "It writes into <code>w</code>." in html


def test_a_prediction_tells_everything_where_it_is_unfolded(page: Path) -> None:
    html = ask("10a_momentum", "race")._repr_mimebundle_()[0]["text/html"]
    folded = html.partition("<details>")[2]
    for told in (
        "Not this one. It overshoots.",
        "<b>Right.</b> It never",
        "<p>And comes back.</p>",
    ):
        assert told in folded
    number = ask("10a_momentum", "share")._repr_mimebundle_()[0]["text/html"]
    assert "−0.82" in number.partition("<details>")[2]


def test_who_asks_for_what_is_not_there_hears_what_is(page: Path) -> None:
    with pytest.raises(ValueError, match="no lesson '10b' has questions; these have: 10a_momentum"):
        ask("10b", "race")
    with pytest.raises(ValueError, match="asks nothing named 'rase'; it has warm_up, race, share"):
        ask("10a_momentum", "rase")


@pytest.mark.parametrize(
    "old, new, line, expected",
    [
        ("# Questions of lesson 10a", "", 1, "a title is expected"),
        ("## quiz: warm_up", "## quizz: warm_up", 3, "`## quiz: NAME`"),
        ("## quiz: warm_up", "Read on.", 3, "a heading is expected, `## …`"),
        ("## predict: share", "## predict: race", 34, "another name is expected, race is taken"),
        ("### What is H(0)?", "What is H(0)?", 5, "a heading is expected, `### …`"),
        ("- [ ] 0\n", "- [x] 0\n", 5, "one of them right"),
        ("- [x] 1\n", "- [ ] 1\n", 5, "one of them right"),
        ("- [ ] 0\n", "- [] 0\n", 7, "an option is expected, `- [ ] …`"),
        ("  0 ≥ 0.\n", "  0 *is* enough.\n", 11, "plain text is expected"),
        ("  0 ≥ 0.\n", "", 10, "a sentence is expected beneath it"),
        ("  0 ≥ 0.\n", "0 ≥ 0.\n", 11, "an item of a list is expected"),
        ("Seen: It swings\nacross.\n\nAnd comes back.\n", "", 22, "what is to be seen is expected"),
        ("Seen: It is 9/11.", "Seen:", 36, "what is to be seen is expected"),
        ("−0.82 ± 0.02", "0.82", 38, "one line is expected, as in `Number: 0.82 ± 0.02`"),
        ("± 0.02", "± 0", 38, "one line is expected"),
        ("   It uses m.\n", "", 50, "a sentence is expected beneath it"),
        ("2. `m = g`", "2. `t = t + 1`", 48, "another line is expected, this one stands above"),
        ("- `w = w − g`", "- `m = g`", 52, "another line is expected"),
        ("### Bring them into order.\n", "", 45, "a heading is expected, `### …`"),
        ("### Who is lower?", "### Why?\n\n### Who is lower?", 20, "one question is expected"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_its_line(
    page: Path, old: str, new: str, line: int, expected: str
) -> None:
    assert QUESTIONS.count(old) >= 1
    page.write_text(QUESTIONS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PageError, match=rf"questions\.md:{line}: .*{re.escape(expected)}"):
        read(page)


def test_a_page_cut_anywhere_is_read_or_its_line_is_named(page: Path) -> None:
    for end in range(len(QUESTIONS)):
        page.write_text(QUESTIONS[:end], encoding="utf-8")
        try:
            for section in read(page):
                section.piece("10a_momentum")
        except PageError as error:
            assert re.search(r"questions\.md:\d+: ", str(error))


STEPS = {f"step {k}": f"reason {k}" for k in range(6)}


def test_an_ordering_never_starts_in_order_and_always_in_the_same() -> None:
    for count in range(2, 7):
        steps = dict(list(STEPS.items())[:count])
        asked = order(steps, {"other": "no"}).asked
        ordered = [k for k in range(count + 1) if asked["lines"][k]["text"] != "other"]
        assert ordered != asked["order"]
        assert asked == order(steps, {"other": "no"}).asked
        assert [asked["lines"][k]["text"] for k in asked["order"]] == list(steps)
        assert all(line["reason"] for line in asked["lines"])


def test_an_ordering_has_steps_and_no_line_twice() -> None:
    with pytest.raises(ValueError, match="two steps or more"):
        order({"a": "b"})
    with pytest.raises(ValueError, match="'step 1' is both a step and a distractor"):
        order(STEPS, {"step 1": "no"})


def test_a_prediction_has_options_or_a_number_and_what_is_seen() -> None:
    two = {"options": ["a", "b"], "explanations": ["c", "d"]}
    with pytest.raises(ValueError, match="either options or a number"):
        predict("Why?", seen="So.")
    with pytest.raises(ValueError, match="either options or a number"):
        predict("Why?", **two, number=1.0, tolerance=0.1, seen="So.")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="seen is empty"):
        predict("Why?", **two, seen=" ")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="tolerance must be above 0"):
        predict("Why?", number=1.0, seen="So.")


def test_the_page_that_teachers_are_shown_is_one(tmp_path: Path) -> None:
    readme = (lessons.HERE / "README.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^```\n(# Questions.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    (tmp_path / PAGE).write_text(shown, encoding="utf-8")
    kinds = [section.kind for section in read(tmp_path / PAGE)]
    assert kinds == ["quiz", "predict", "predict", "order"]


@pytest.mark.parametrize("path", sorted(lessons.HERE.glob(f"lesson_*/{PAGE}")), ids=str)
def test_every_page_of_the_course_can_be_asked(path: Path) -> None:
    for section in read(path):
        assert repr(section.piece(path.parent.name.removeprefix("lesson_")))
