"""What the climber shows, without Jupyter: at the ends of every range, and that it is true."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, Heat, Line, picture, wire
from nnlib.course.lessons.lesson_18_representations.activation_climber import (
    LAST,
    LIMITS,
    RADIUS,
    STARTS,
    UNITS,
    ActivationClimber,
    climb,
    digits,
    excitement,
    layers,
    real,
)
from nnlib.course.widgets import activation_climber


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("limits", LIMITS)
def test_the_ends_of_every_range(unit, limits):
    for step in (0, LAST):
        scene = ActivationClimber(unit, limits, step).scene()
        wire(scene)
        for panel in scene.panels:
            for item in panel.items:
                if isinstance(item, Heat):
                    assert np.isfinite(item.values).all() and np.abs(item.values).max() <= 1
                if isinstance(item, Line):
                    assert panel.ylim[0] <= item.xy[:, 1].min()
                    assert item.xy[:, 1].max() <= panel.ylim[1]
                if isinstance(item, Bars):
                    assert len(item.heights) == 10 and item.heights.min() >= 0
                    assert item.heights.max() <= 1
        assert "nan" not in scene.words


@pytest.mark.parametrize("unit", UNITS)
def test_pictures_keep_to_their_limits_and_climb(unit):
    lengths = np.linalg.norm(climb(unit, "length").pictures, axis=2)
    assert np.allclose(lengths, RADIUS)
    ink = climb(unit, "ink").pictures
    assert ink.min() >= 0 and ink.max() <= 1
    for limits in LIMITS:
        heights = climb(unit, limits).heights
        assert (heights[-1] > heights[0]).all()
        assert heights[-1].min() > real(unit).z.max(), "above every real image"


def test_a_unit_of_the_first_layer_likes_its_own_weights():
    _, place = UNITS["first"]
    w = layers()[0][0].weight.data[place]
    ends = climb("first", "length").pictures[-1]
    assert (ends @ w / (RADIUS * np.linalg.norm(w))).min() > 0.999


def test_the_real_images_are_those_that_excite_it_most():
    seen = real("three")
    z = excitement("three", digits().X).data
    assert z[seen.top].min() >= np.delete(z, seen.top).max()
    assert (digits().y[seen.top] == 3).mean() > 0.8
    assert len(seen.top) == STARTS


def test_units_differ_in_what_the_picture_does_not_show():
    assert ActivationClimber("busy", step=LAST).alike() > 0.95
    assert ActivationClimber("split", step=LAST).alike() < 0.7, "more than one summit"
    even = real("even").on
    assert even[::2].min() > 0.9 and even[1::2].max() < 0.1
    assert set(digits().y[real("even").top]) < {0, 2, 4, 6, 8}, "not all of them are shown"


def test_the_goal_is_the_unit_that_no_image_turns_on():
    assert not ActivationClimber().reached()
    assert not ActivationClimber("silent").reached(), "the climb has not begun"
    for unit in UNITS:
        assert ActivationClimber(unit, step=LAST).reached() == (unit == "silent")
    assert real("silent").on.max() == 0


def test_ten_steps_more_until_the_last():
    assert ActivationClimber(step=0).after("climb").step == 10
    assert ActivationClimber(step=LAST).idle() == ("climb",) and ActivationClimber().idle() == ()


def test_words():
    words = ActivationClimber("busy", step=LAST).words()
    assert words.startswith("Unit B, layer 2 after 200 steps")
    assert "turn it on: none" in ActivationClimber("silent").words()
    assert "turn it on: 0, 2, 4, 6, 8." in ActivationClimber("even").words()


def test_there_is_a_picture():
    assert picture(ActivationClimber(step=50).scene())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"unit": "nine"}, "unit must be one of first, busy, .*; not 'nine'"),
        ({"step": 5}, "step must be a multiple of 10, not 5"),
        ({"step": 210}, "step must be a number from 0 to 200, not 210"),
    ],
)
def test_wrong_settings_are_explained(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        ActivationClimber(**settings)


def test_settings_can_be_passed_back_in():
    widget = activation_climber(unit="even", limits="ink", step=20)
    assert activation_climber(**widget.settings).settings == widget.settings
