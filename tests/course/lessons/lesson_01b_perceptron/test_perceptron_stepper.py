"""The perceptron's steps, without Jupyter."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, Line, picture, wire
from nnlib.course.lessons.lesson_01b_perceptron.perceptron_stepper import (
    PerceptronStepper,
    history,
    repeats,
)

DATA = ("and", "or", "xor", "blobs")
ORDERS = ("cyclic", "reversed")


def at_end(data: str, order: str = "cyclic") -> PerceptronStepper:
    return PerceptronStepper(data, order, len(history(data, order)))


def test_and_ends_in_epoch_6() -> None:
    end = at_end("and")
    w, b = end.weights(end.step)
    assert (w.tolist(), b) == ([2, 1], -3)
    assert end.errors() == [2, 3, 3, 2, 1, 0]
    assert end.words().endswith(
        "Epoch 6 had no mistake: the line separates the classes, and it stops."
    )


def test_or_ends_in_epoch_4() -> None:
    assert len(at_end("or").errors()) == 4
    assert at_end("or").errors()[-1] == 0


def test_xor_never_ends_and_says_why() -> None:
    end = at_end("xor")
    assert len(end.errors()) == 100
    assert min(end.errors()) >= 3
    assert repeats("xor", "cyclic") == (3, 2)
    ends = [end.weights(4 * epoch) for epoch in (2, 3)]
    assert ends[0][0].tolist() == ends[1][0].tolist() and ends[0][1] == ends[1][1]
    sentence = "Epoch 3 ended with the weights of epoch 2: from there on everything repeats"
    assert sentence in end.words()
    assert sentence not in PerceptronStepper("xor", step=12).words()
    assert sentence in PerceptronStepper("xor", step=13).words()


@pytest.mark.parametrize("order", ORDERS)
def test_what_can_be_learned_is_not_said_to_repeat(order: str) -> None:
    for data in ("and", "or", "blobs"):
        assert repeats(data, order) is None
        assert at_end(data, order).errors()[-1] == 0


@pytest.mark.parametrize(
    "step, words",
    [
        (0, "Before the first step: w = (0, 0) and b = 0, so there is no line yet: z = 0"),
        (1, "x = (0, 0), y = 0, ŷ = 1: a mistake. w = (0, 0) − (0, 0) = (0, 0), b = 0 − 1 = −1."),
        (2, "Step 2, epoch 1: x = (0, 1), y = 0, ŷ = 0: right, so w = (0, 0) and b = −1 stay."),
        (4, "y = 1, ŷ = 0: a mistake. w = (0, 0) + (1, 1) = (1, 1), b = −1 + 1 = 0."),
        (6, "Step 6, epoch 2: x = (0, 1), y = 0, ŷ = 1: a mistake. w = (1, 1) − (0, 1) = (1, 0)"),
    ],
)
def test_each_step_is_told_in_numbers(step: int, words: str) -> None:
    assert words in PerceptronStepper(step=step).words()


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("order", ORDERS)
def test_every_step_can_be_shown(data: str, order: str) -> None:
    last = at_end(data, order).step
    for step in range(last + 1):
        scene = PerceptronStepper(data, order, step).scene()
        wire(scene)
        assert scene.words
    assert picture(PerceptronStepper(data, order, 0).scene())
    assert picture(PerceptronStepper(data, order, last).scene())


def test_the_line_before_is_dashed_beside_the_line_now() -> None:
    lines = [i for i in PerceptronStepper(step=6).scene().panels[0].items if isinstance(i, Line)]
    assert [line.dashed for line in lines] == [True, False]


def test_bars_count_the_mistakes_of_each_epoch() -> None:
    (bars,) = PerceptronStepper(step=6).scene().panels[1].items
    assert isinstance(bars, Bars)
    assert bars.heights.tolist() == [2, 2]
    assert PerceptronStepper().scene().panels[1].items[0].heights.tolist() == []


@pytest.mark.parametrize("data", DATA)
def test_bars_are_wide_enough_to_see_and_the_last_ones_are_shown(data: str) -> None:
    end = at_end(data).step
    for step in {0, end // 2, end}:
        panel = PerceptronStepper(data, step=step).scene().panels[1]
        heights, (left, right) = panel.items[0].heights, panel.xlim
        assert right - left < 13
        assert np.max(heights, initial=0) <= panel.ylim[1]
        assert max(len(heights) - 9, 1) - 0.4 > left and len(heights) + 0.4 < right


def test_the_axis_of_epochs_ends_where_the_training_does() -> None:
    assert at_end("xor").scene().panels[1].xlim == pytest.approx((88.4, 100.6))
    assert at_end("and").scene().panels[1].xlim == pytest.approx((0.4, 12.6))


def test_buttons() -> None:
    start = PerceptronStepper()
    assert start.after("back") == start
    assert start.after("step").step == 1
    assert start.after("mistake").after("mistake").step == 4
    assert PerceptronStepper(step=20).after("mistake").step == 24  # none is left: the end
    assert at_end("and").after("step") == at_end("and")
    assert at_end("and").after("back").step == 23


def test_other_examples_begin_anew() -> None:
    assert at_end("xor").changed(data="or") == PerceptronStepper("or")
    assert at_end("xor").changed(order="reversed") == PerceptronStepper("xor", "reversed")
    assert PerceptronStepper("or").changed(step=3) == PerceptronStepper("or", step=3)


@pytest.mark.parametrize(
    "settings, sentence",
    [
        ({"data": "moons"}, "data must be one of and, or, xor, blobs; not 'moons'"),
        ({"order": "random"}, "order must be one of cyclic, reversed; not 'random'"),
        ({"step": 25}, "step must be a number from 0 to 24, not 25"),
        ({"step": -1}, "step must be a number from 0 to 24, not -1"),
        ({"step": 1.5}, "step must be a whole number"),
    ],
)
def test_wrong_settings_are_explained(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        PerceptronStepper(**settings)  # type: ignore[arg-type]


def test_the_goal_is_reached_at_the_last_step_only() -> None:
    for data in ("and", "or", "blobs"):
        last = PerceptronStepper(data).last
        assert PerceptronStepper(data, step=last).reached()
        assert not PerceptronStepper(data, step=last - 1).reached()
    assert not PerceptronStepper().reached()
    assert not PerceptronStepper("xor", step=PerceptronStepper("xor").last).reached()
