"""Digits with shuffled labels, without Jupyter: the numbers that the lesson states, and true words."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Label, Line, picture, wire
from nnlib.course.lessons.lesson_22a_generalization.label_noise import (
    DECAYS,
    GOAL,
    LAST,
    LabelNoise,
    N,
    digits,
    given,
    label_noise,
)


@pytest.mark.parametrize("percent", [0, 20, 100])
def test_labels_change_places_and_no_other_label_moves(percent: int) -> None:
    y, labels = digits()[1], given(percent)
    np.testing.assert_array_equal(np.sort(labels), np.sort(y))
    assert (labels != y).sum() <= N * percent // 100
    assert (labels != y).any() == (percent > 0)


def test_it_is_nnlibs_training_and_goes_on_where_it_stopped() -> None:
    early, late = LabelNoise(40, "0", 3), LabelNoise(40, "0", 8)
    assert late.right[:4] == early.right and len(late.right) == 9
    network = late.run.at(8 * late.run.every)
    said = network(digits()[2]).data.argmax(1)
    assert late.right[-1][1] == np.mean(said == digits()[3])


def test_what_the_lesson_says_of_four_labels_in_ten() -> None:
    soon, end = LabelNoise(40, "0", 4), LabelNoise(40, "0", LAST)
    assert soon.wrong == 105
    by_heart, true = soon.spoiled[-1]
    assert 0.75 < true < 0.9 and by_heart < 0.2
    assert 0.8 < soon.right[-1][1] < 0.88
    assert end.spoiled[-1] == (1.0, 0.0) and 0.6 < end.right[-1][1] < 0.75


def test_all_shuffled_labels_are_known_by_heart_in_the_end() -> None:
    known, new = LabelNoise(100, "0", LAST).right[-1]
    assert known == 1 and new < 0.2
    assert LabelNoise(100, "0.03", LAST).right[-1][0] < 0.95


def test_the_goal_wants_an_early_stop_and_a_penalty() -> None:
    assert not LabelNoise().reached()
    for decay in DECAYS:
        reached = [LabelNoise(40, decay, epoch).reached() for epoch in range(LAST + 1)]
        assert any(reached) == (decay != "0") and not reached[0] and not reached[-1]
    assert not LabelNoise(0, "0", LAST).reached()
    assert f"{GOAL:.0%}" in LabelNoise.goal


@pytest.mark.parametrize("percent", [0, 100])
@pytest.mark.parametrize("epoch", [0, LAST])
def test_every_end_can_be_shown(percent: int, epoch: int) -> None:
    model = LabelNoise(percent, "0.03", epoch)
    wire(model.scene())
    left, right = model.scene().panels
    assert all(len(i.xy) == epoch + 1 for i in left.items if isinstance(i, Line))
    assert any(isinstance(i, Label) and "no label" in i.text for i in right.items) == (percent == 0)


def test_words_tell_both_panels() -> None:
    words = LabelNoise(40, "0", LAST).words()
    assert words.startswith("40% of the labels are shuffled, after 40 epochs: 100% of the labels")
    assert words.endswith(
        "Of the 105 images with a wrong label 100% get the wrong label as answer, 0% the true digit."
    )
    assert LabelNoise(0, "0", 2).words().endswith("No label is wrong.")


def test_the_widget_gives_its_settings_back() -> None:
    widget = label_noise(percent=60, decay="0.03", epoch=2)
    assert repr(label_noise(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"percent": 101}, {"decay": "1"}, {"epoch": LAST + 1}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        label_noise(**wrong)
