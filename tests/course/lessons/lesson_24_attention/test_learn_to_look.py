"""One head that learns, without Jupyter: what it should look at, and what comes out."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Heat, Points, picture, wire
from nnlib.course.lessons.lesson_24_attention.learn_to_look import (
    EVERY,
    LAST,
    TASKS,
    LearnToLook,
    examples,
    learn_to_look,
    training,
)


def test_the_tasks_are_what_they_are_called() -> None:
    rng = np.random.default_rng(0)
    letters, backwards = examples("reverse", 50, rng)
    assert (letters[:, ::-1] == backwards).all() and letters.shape == (50, 8)
    given, wanted = examples("recall", 50, rng)
    for row, value in zip(given, wanted, strict=True):
        keys, values, asked = row[:4], row[4:8], row[8]
        assert len(set(keys)) == 4 and values[keys == asked] == value


@pytest.mark.parametrize("task", TASKS)
def test_the_tables_are_weights(task: str) -> None:
    for step in (0, LAST):
        look = LearnToLook(task, step).look
        np.testing.assert_allclose(look.sum(axis=1), 1, atol=1e-5)
        assert (look >= 0).all()


def test_places_and_contents_are_learned_and_a_bag_is_not() -> None:
    assert LearnToLook("reverse", 0).right < 0.2 and LearnToLook("recall", 0).right < 0.25
    assert LearnToLook("reverse", LAST).right > 0.99
    assert LearnToLook("recall", LAST).right > 0.98
    best = []  # with the most frequent of the seven others
    for letters in np.random.default_rng(0).integers(10, size=(4000, 8)):
        counts = np.bincount(letters[1:], minlength=10)
        best.append(counts.max() / 7)
    assert np.mean(best) == pytest.approx(0.317, abs=0.005)
    assert LearnToLook("bag", LAST).right == pytest.approx(0.317, abs=0.03)


def test_what_was_right_is_what_the_weights_look_at() -> None:
    model = LearnToLook("recall", LAST)
    chosen = model.look.argmax(axis=1)
    np.testing.assert_array_equal(chosen, model.wanted())
    assert LearnToLook("reverse", LAST).look.argmax(axis=1).tolist() == [7, 6, 5, 4, 3, 2, 1, 0]


def test_the_goal_is_reached_by_training_with_positions() -> None:
    reached = [s for s in range(0, LAST + 1, EVERY) if LearnToLook("reverse", s).reached()]
    assert 20 < min(reached) < 80 and reached[-1] == LAST
    assert not LearnToLook("bag", LAST).reached() and not LearnToLook("recall", LAST).reached()


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("step", [0, LAST])
def test_every_end_can_be_shown(task: str, step: int) -> None:
    model = LearnToLook(task, step)
    wire(model.scene())
    left, _ = model.scene().panels
    [heat] = [i for i in left.items if isinstance(i, Heat)]
    [marks] = [i for i in left.items if isinstance(i, Points)]
    rows, columns = heat.values.shape
    assert (rows, columns) == ((8, 4) if task == "recall" else (8, 8))
    at = marks.xy.astype(int) - 1  # column, and row from the bottom up
    mirror = model.look[np.arange(rows), model.wanted()]
    np.testing.assert_array_equal(heat.values[at[:, 1], at[:, 0]], mirror)


def test_a_step_is_trained_but_once() -> None:
    run = training("reverse")
    assert LearnToLook("reverse", 40).look is not None
    length = len(run.weights)
    assert LearnToLook("reverse", 8).right == run.right[2]
    assert len(run.weights) == length


def test_words_tell_what_is_right() -> None:
    words = LearnToLook("recall", LAST).words()
    assert words.startswith(f"Step {LAST}: ") and "The right pair gets a weight of" in words
    assert "The mirror place gets" in LearnToLook("bag", 0).words()


def test_the_widget_gives_its_settings_back() -> None:
    widget = learn_to_look(task="recall", step=8)
    assert repr(learn_to_look(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"task": "sort"}, {"step": 3}, {"step": LAST + EVERY}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        learn_to_look(**wrong)
