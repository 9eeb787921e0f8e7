"""progress(): what was answered on the page is remembered, shown, and written to a page of one's own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnlib.course.check import progress
from nnlib.course.kit.questions import Section
from nnlib.course.message import Page
from nnlib.course.progress import read, remember, remember_answer
from nnlib.course.widgets import neuron_boundary

SECTION = Section(
    "predict",
    "race",
    [{"question": "Who is lower?", "options": ["momentum", "SGD"], "answer": 1,
      "explanations": ["It overshoots.", "It never goes up."], "seen": "It swings."}],
)  # fmt: skip
COMMITTED = {
    "kind": "predict",
    "result": "wrong",
    "question": "Who is lower?",
    "chosen": "momentum",
    "right": "SGD",
}


@pytest.fixture(autouse=True)
def own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "progress.json"
    monkeypatch.setenv("NNLIB_PROGRESS", str(file))
    return file


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    pages: list[Page] = []
    monkeypatch.setattr("nnlib.course.progress.show", pages.append)

    def text(**options: Any) -> str:
        progress(**options)
        return pages[-1].text

    return text


def answered() -> None:
    """A prediction, an ordering, a goal and an exercise."""
    piece = SECTION.piece("10a_momentum")
    piece._on_message(piece, {"answered": COMMITTED}, None)
    remember_answer("order", "10a_momentum/adam", "wrong", question="Order.", words="2 of 4.")
    remember_answer("goal", "01a_neuron/neuron_boundary", "reached", goal="separate OR")
    remember("01a_neuron/neuron", True)


def test_it_shows_what_was_predicted_ordered_and_reached(shown: Callable[..., str]) -> None:
    answered()
    text = shown()
    assert "10a_momentum: 0 of" in text
    assert "0 of 1 predicted right, ○ adam tried" in text
    assert "✓ goal of neuron_boundary reached" in text


def test_the_first_prediction_counts_and_an_ordering_is_mended() -> None:
    answered()
    remember_answer("predict", "10a_momentum/race", "right", chosen="SGD")
    remember_answer("order", "10a_momentum/adam", "right", words="All 4 stand right.")
    remember_answer("order", "10a_momentum/adam", "wrong", words="3 of 4.")
    record, _ = read()
    assert record["predict: 10a_momentum/race"]["chosen"] == "momentum"
    assert record["order: 10a_momentum/adam"]["words"] == "All 4 stand right."


def test_a_record_of_old_is_read_and_kept(own_progress: Path, shown: Callable[..., str]) -> None:
    old = {"01a_neuron/neuron": {"result": "solved", "date": "2026-01-01T00:00:00+00:00"}}
    own_progress.write_text(json.dumps(old), encoding="utf-8")
    remember_answer("goal", "01a_neuron/neuron_boundary", "reached", goal="separate OR")
    assert "✓ neuron solved" in shown() and "✓ goal of neuron_boundary" in shown()
    assert json.loads(own_progress.read_text(encoding="utf-8")).items() > old.items()


def test_a_page_of_it_is_written_and_written_again(
    tmp_path: Path, shown: Callable[..., str]
) -> None:
    answered()
    page = tmp_path / "my-lesson-10.md"
    assert f"{page} was written." in shown(export=page)
    written = page.read_text(encoding="utf-8")
    for told in ("## Lesson 10a_momentum", "✗ Who is lower?", "My prediction: momentum.",
                 "What is right: SGD.", "Order. 2 of 4.", "neuron_boundary: separate OR",
                 "- neuron: solved"):  # fmt: skip
        assert told in written
    assert "03a_layers" not in written
    remember("03a_layers/mlp_forward", False)
    shown(export=str(page))
    assert "- mlp_forward: tried" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"My thesis", b"\xff\xfe\x00", b""])
def test_a_file_of_anothers_is_left_alone(
    content: bytes, tmp_path: Path, shown: Callable[..., str]
) -> None:
    thesis = tmp_path / "thesis.md"
    thesis.write_bytes(content)
    assert "not" in shown(export=thesis) and thesis.read_bytes() == content


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path, shown: Callable[..., str]) -> None:
    assert "could not be written" in shown(export=tmp_path / "no" / "such" / "folder.md")


def test_reset_forgets_answers_too(own_progress: Path, shown: Callable[..., str]) -> None:
    answered()
    assert "predicted right" not in shown(reset=True)
    assert not own_progress.exists()


def test_what_cannot_be_kept_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "file" / "progress.json"))
    answered()


def test_what_has_no_name_is_not_remembered(own_progress: Path) -> None:
    for piece in (SECTION.piece("10a_momentum"), neuron_boundary()):
        repr(piece)
    nameless = SECTION.piece("x")
    nameless.name = ""
    nameless._on_message(nameless, {"answered": COMMITTED}, None)
    assert not own_progress.exists()
