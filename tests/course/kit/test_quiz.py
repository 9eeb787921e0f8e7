"""The quiz: what is asked, and what a page without a kernel shows."""

import pytest

from nnlib.course.widgets import Question, quiz

STEP = Question(
    "Is H(0) < 1?", ["yes", "no"], 1, ["The step is 1 where z ≥ 0.", "H(0) = 1 & no other."]
)


def test_a_page_without_a_kernel_folds_the_answers() -> None:
    data, metadata = quiz([STEP, STEP])._repr_mimebundle_()
    html = data["text/html"]
    question, answer = html.split("<details>")[:2]
    assert "Is H(0) &lt; 1?" in question and "yes" in question and "no" in question
    assert "Right" not in question and "The step is 1" not in question
    assert "Not this one. The step is 1 where z ≥ 0." in answer
    assert "<b>Right.</b> H(0) = 1 &amp; no other." in answer
    assert html.count("<details>") == 2
    assert "application/vnd.jupyter.widget-view+json" in data
    assert metadata == {}


def test_its_text_is_stable_and_gives_nothing_away() -> None:
    assert repr(quiz([STEP])) == "Is H(0) < 1?\n  yes\n  no"
    assert quiz([STEP])._repr_mimebundle_()[0]["text/plain"] == repr(quiz([STEP]))


def test_the_browser_gets_everything() -> None:
    (sent,) = quiz([STEP]).asked
    assert sent["answer"] == 1
    assert sent["explanations"] == STEP.explanations


@pytest.mark.parametrize(
    "options, answer, explanations, sentence",
    [
        (["a", "b"], 2, ["", ""], "answer must be from 0 to 1, not 2"),
        (["a", "b"], -1, ["", ""], "answer must be from 0 to 1, not -1"),
        (["a", "b"], 0, [""], "one explanation for each; there are 2 and 1"),
        (["a"], 0, [""], "two options or more"),
    ],
)
def test_a_question_is_whole(
    options: list[str], answer: int, explanations: list[str], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        Question("Why?", options, answer, explanations)


def test_a_quiz_asks_something() -> None:
    with pytest.raises(ValueError, match="questions is empty"):
        quiz([])
