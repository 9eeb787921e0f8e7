"""check, hint and progress as a student meets them."""

import inspect
import json
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlib.course import check as check_module
from nnlib.course.check import CheckFailed, check, failing_case, hint, progress
from nnlib.course.lessons import EXERCISES
from nnlib.course.message import Page
from nnlib.course.progress import progress_file, read, remember

Shown = list[Page]


@pytest.fixture(autouse=True)
def own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "somewhere" / "progress.json"
    monkeypatch.setenv("NNLIB_PROGRESS", str(file))
    monkeypatch.setattr(check_module, "_hints_given", {})
    return file


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    pages: Shown = []
    monkeypatch.setattr("nnlib.course.check.show", pages.append)
    monkeypatch.setattr("nnlib.course.progress.show", pages.append)
    return pages


def named(name: str, answer: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*arguments: Any) -> Any:
        return answer(*arguments)

    wrapper.__name__ = name
    return wrapper


def mistake(exercise: str, start: str) -> Any:
    return next(m for m in EXERCISES[exercise].mistakes if m.sentence.startswith(start))


def test_right(shown: Shown) -> None:
    check(EXERCISES["neuron"].reference)
    assert shown[0].text.startswith("✓ neuron: right, 5 of 5 properties hold\n✓ pass: runs")
    assert 'role="status"' in shown[0].html
    assert "pass</span>" in shown[0].html


def test_not_written_yet(shown: Shown) -> None:
    def neuron(x: Any, w: Any, b: Any, phi: Any) -> Any:
        raise NotImplementedError("compute z")

    with pytest.raises(CheckFailed, match=r"^neuron: not written yet$"):
        check(neuron)
    assert "hint(neuron)" in shown[0].text


def test_a_known_mistake_gets_its_sentence(shown: Shown) -> None:
    known = mistake("perceptron_fit", "Your updates go the wrong way")
    with pytest.raises(CheckFailed, match="not right yet"):
        check(named("perceptron_fit", known.answer))
    assert known.sentence in shown[0].text
    assert "moves w away from an example" in shown[0].html


def test_an_unknown_mistake_gets_the_first_difference(shown: Shown) -> None:
    with pytest.raises(CheckFailed):
        check(named("neuron", lambda x, w, b, phi: x @ w + b + 17))
    assert "h is 17 (one input with z = 0). Expected 1." in shown[0].text
    assert "neuron(x=np.array([1.0, 2.0]), w=np.array([2.0, -1.0]), b=0.0, phi='heaviside')" in (
        shown[0].text
    )


def test_the_call_that_failed_can_be_made_again(shown: Shown) -> None:
    def train_mlp(*arguments: Any) -> Any:
        *results, losses = EXERCISES["train_mlp"].reference(*arguments)
        return *results, [2 * loss for loss in losses]

    with pytest.raises(CheckFailed):
        check(train_mlp)
    assert "`case = failing_case(train_mlp)` and `train_mlp(**case)`" in shown[0].text
    case = failing_case(train_mlp)
    assert list(case) == list(EXERCISES["train_mlp"].signature.parameters)
    found = EXERCISES["train_mlp"].reference(**case)[-1][0]
    assert f"Expected {found:.8g}." in shown[0].text
    assert case["W1"] is not failing_case(train_mlp)["W1"]


def test_a_call_that_can_be_typed_is_not_explained(shown: Shown) -> None:
    wrong = named("neuron", lambda x, w, b, phi: x @ w + b + 17)
    with pytest.raises(CheckFailed):
        check(wrong)
    assert "failing_case" not in shown[0].text
    assert failing_case(wrong)["phi"] == "step", "the call that is shown first"


def test_where_nothing_has_failed_there_is_no_failing_case(shown: Shown) -> None:
    right = EXERCISES["neuron"].reference
    check(right)
    with pytest.raises(
        ValueError, match=r"no call of neuron has failed in the last check\(neuron\)"
    ):
        failing_case(right)


def test_check_answers_where_no_thread_can_be_started(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_threads(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", no_threads)
    check(EXERCISES["neuron"].reference)
    assert shown[0].text.startswith("✓ neuron")


def test_a_failure_is_one_line_and_no_traceback() -> None:
    assert CheckFailed("neuron: not right yet")._render_traceback_() == [
        "CheckFailed: neuron: not right yet"
    ]


def test_prints_are_shown_after_the_verdict_and_cut(shown: Shown, capsys: Any) -> None:
    def neuron(x: Any, w: Any, b: Any, phi: Any) -> Any:
        print("<b>z</b> =", x @ w + b)
        print("y" * 10_000, file=sys.stderr)
        return EXERCISES["neuron"].reference(x, w, b, phi)

    check(neuron)
    assert capsys.readouterr() == ("", "")
    assert "Your code printed:\n<b>z</b> = 0.0\n" in shown[0].text
    assert len(shown[0].text) < 2000
    assert "&lt;b&gt;z&lt;/b&gt;" in shown[0].html
    assert "<b>z" not in shown[0].html


def test_no_warning_reaches_stderr(shown: Shown, capsys: Any) -> None:
    def neuron(x: Any, w: Any, b: Any, phi: Any) -> Any:
        warnings.warn("careful", DeprecationWarning, stacklevel=1)
        return 1 / (1 + np.exp(-(x @ w + b)))

    with pytest.raises(CheckFailed):
        check(neuron)
    assert capsys.readouterr().err == ""


@pytest.mark.heavy
@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=[e.id for e in EXERCISES.values()])
def test_the_solution_is_never_shown(exercise: Any, shown: Shown) -> None:
    lines = [line.strip() for line in inspect.getsource(exercise.reference).splitlines()]
    telling = [line for line in lines if len(line) > 15 and not line.startswith(("def", "@", '"'))]
    # The order in which things are returned is no secret.
    telling = [line for line in telling if not re.fullmatch(r"return [\w, ]+", line)]
    for known in exercise.mistakes:
        with pytest.raises(CheckFailed):
            check(named(exercise.name, known.answer))
    assert len(shown) == len(exercise.mistakes)
    assert not [line for line in telling if any(line in page.text for page in shown)]


def test_unknown_names_are_told_what_there_is() -> None:
    def neurone() -> None: ...

    with pytest.raises(ValueError, match=r"no exercise named 'neurone'.*neuron, firing_patterns"):
        check(neurone)


def test_a_result_instead_of_the_function() -> None:
    with pytest.raises(TypeError, match=r"the function itself.*check\(neuron\).*float"):
        check(3.5)  # type: ignore[arg-type]


def test_hints_come_in_two_levels(shown: Shown) -> None:
    first, second = EXERCISES["neuron"].hints
    for _ in range(3):
        hint("neuron")
    assert [first in page.text for page in shown] == [True, True, True]
    assert [second in page.text for page in shown] == [False, True, True]
    assert "one more" in shown[0].text
    assert "one more" not in shown[1].text
    assert "<code>x @ w</code>" in shown[0].html


def test_progress_is_remembered(shown: Shown, own_progress: Path) -> None:
    progress()
    assert "01a_neuron: 0 of 2 solved" in shown[-1].text
    check(EXERCISES["neuron"].reference)
    with pytest.raises(CheckFailed):
        check(named("firing_patterns", lambda w, theta: None))
    progress()
    assert "01a_neuron: 1 of 2 solved" in shown[-1].text
    assert "✓ neuron solved, ○ firing_patterns tried" in shown[-1].text
    assert '<th scope="row"' in shown[-1].html
    record = json.loads(own_progress.read_text(encoding="utf-8"))
    assert set(record) == {"01a_neuron/neuron", "01a_neuron/firing_patterns"}
    assert set(record["01a_neuron/neuron"]) == {"result", "date"}


def test_solved_stays_solved() -> None:
    remember("01a_neuron/neuron", True)
    before = read()
    remember("01a_neuron/neuron", False)
    assert read() == before


def test_reset_deletes_the_file(shown: Shown, own_progress: Path) -> None:
    remember("01a_neuron/neuron", True)
    progress(reset=True)
    assert not own_progress.exists()
    assert "0 of 2 solved" in shown[-1].text
    progress(reset=True)


@pytest.mark.parametrize("content", [b"{", b"[1, 2]", b'{"a": 3}', b"\xff\xfe", b'{"a": {}}', b""])
def test_an_unreadable_file_is_set_aside(content: bytes, own_progress: Path) -> None:
    own_progress.parent.mkdir()
    own_progress.write_bytes(content)
    assert "set aside" in remember("01a_neuron/neuron", True)
    assert own_progress.with_suffix(".unreadable.json").read_bytes() == content
    assert read()[0]["01a_neuron/neuron"]["result"] == "solved"
    assert read()[1] == ""


def test_a_write_that_fails_leaves_the_old_file_whole(
    own_progress: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember("01a_neuron/neuron", True)
    before = own_progress.read_bytes()

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nnlib.course.progress.os.replace", broken)
    assert "could not be saved" in remember("01b_perceptron/logic_network", True)
    assert own_progress.read_bytes() == before
    assert list(own_progress.parent.iterdir()) == [own_progress]


def test_a_check_works_where_progress_cannot_be_kept(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "file" / "progress.json"))
    check(EXERCISES["neuron"].reference)
    assert "could not be saved" in shown[0].text
    progress()
    assert "0 of 2 solved" in shown[1].text


def test_without_the_variable_it_is_in_the_users_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NNLIB_PROGRESS")
    assert progress_file().name == "progress.json"
    assert progress_file().parent.name == "nnlib"


def test_outside_jupyter_it_is_plain_text(capsys: Any) -> None:
    check(EXERCISES["neuron"].reference)
    assert capsys.readouterr().out.startswith("✓ neuron: right")
