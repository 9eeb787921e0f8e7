"""What the two ways show, without Jupyter: at the ends of every range, and that it is true."""

from itertools import product

import numpy as np
import pytest

from nnlib.course.kit.scene import Heat, Points, picture, wire
from nnlib.course.lessons.lesson_19b_pooling.equivariance_tester import (
    BORDERS,
    IMAGE,
    LAYERS,
    SAME,
    EquivarianceTester,
)
from nnlib.course.widgets import equivariance_tester

ENDS = list(product(LAYERS, ("shift", "turn"), (0, 1, 4), BORDERS, (1, 2)))


@pytest.mark.parametrize("settings", ENDS)
def test_the_ends_of_every_range(settings):
    model = EquivarianceTester(*settings)
    scene = model.scene()
    wire(scene)
    for panel in scene.panels:
        assert isinstance(panel.items[0], Heat)
        assert np.isfinite(panel.items[0].values).all()
        assert len(panel.items[0].values) == panel.xlim[1]
    assert ("are equal" in scene.words) == (model.error() < SAME)
    assert "nan" not in scene.words and "inf" not in scene.words


@pytest.mark.parametrize("layer", ["edges", "round", "max"])
def test_a_circle_and_stride_1_follow_every_shift(layer):
    for by in range(5):
        assert EquivarianceTester(layer, "shift", by).error() < SAME
        odd = EquivarianceTester(layer, "shift", by, "circular", 2)
        assert (odd.error() < SAME) == (by % 2 == 0)


@pytest.mark.parametrize("layer", ["edges", "round", "max"])
def test_zeros_spoil_the_border_alone(layer):
    assert EquivarianceTester(layer, "shift", 2, "zero").error() < SAME, "away from the border"
    model = EquivarianceTester(layer, "shift", 4, "zero")
    first, then = model.both()
    assert np.abs(first - then).max() > 0.1
    assert np.abs(first - then)[1:-1, 1:-1].max() < SAME
    assert "at the border only" in model.words()


def test_a_turn_is_followed_by_what_looks_the_same_after_it():
    for border in BORDERS:
        assert EquivarianceTester("round", "turn", 1, border).error() < SAME
        assert EquivarianceTester("max", "turn", 3, border).error() < SAME
        assert EquivarianceTester("edges", "turn", 1, border).error() > 0.5
    assert EquivarianceTester("edges", "turn", 4).error() < SAME


def test_a_global_maximum_stays():
    for by in range(5):
        assert EquivarianceTester("global", "shift", by).change() < SAME
    assert EquivarianceTester("edges", "shift", 1).change() > 0.5
    assert EquivarianceTester("global", "shift", 1, "circular", 2).change() > 0.1
    assert EquivarianceTester("global", "turn", 1).change() > 0.1


def test_a_half_step_shows_the_nearest_of_two():
    model = EquivarianceTester("edges", "shift", 3, "circular", 2)
    y = model.seen(IMAGE)
    first, then = model.both()
    ways = [np.roll(y, places, axis=1) for places in (1, 2)]
    assert any(np.array_equal(then, way) for way in ways)
    assert np.isclose(model.error(), min(np.abs(first - way).max() for way in ways))


def test_max_pooling_is_padded_below_every_value():
    negative = -1 - IMAGE
    assert EquivarianceTester("max", border="zero").seen(negative).max() < 0


def test_crosses_mark_what_differs():
    model = EquivarianceTester("edges", "shift", 1, "circular", 2)
    first, then = model.both()
    [marks] = [i for i in model.scene().panels[-1].items if isinstance(i, Points)]
    assert len(marks.xy) == np.count_nonzero(np.abs(first - then) > SAME) > 0


def test_the_goal_takes_an_even_shift_behind_a_stride():
    assert not EquivarianceTester().reached()
    assert [EquivarianceTester(by=by, stride=2).reached() for by in range(5)] == [
        False, False, True, False, True,
    ]  # fmt: skip
    assert not EquivarianceTester("global", by=2, stride=2).reached()
    assert not EquivarianceTester(move="turn", by=4, stride=2).reached()


def test_every_stop_of_the_tour_shows_what_it_says():
    two_ways, circle, border, turn, stays = (
        EquivarianceTester.on_tour(stop) for stop in EquivarianceTester.tour
    )
    assert two_ways == EquivarianceTester() and circle.error() < SAME and circle.by == 4
    assert "at the border only" in border.words()
    assert turn.move == "turn" and turn.error() > 0.5
    assert stays.change() < SAME and stays.by == 3


def test_words():
    assert EquivarianceTester().words() == (
        "f(g(x)) and g(f(x)) are equal; it is f(x) itself. The map has 12 × 12 places."
    )
    assert EquivarianceTester(stride=2).words().endswith("The map has 6 × 6 places.")
    assert EquivarianceTester(by=1).words().startswith("f(g(x)) and g(f(x)) are equal; from f(x)")


def test_there_is_a_picture():
    assert picture(EquivarianceTester(by=1, stride=2).scene())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"by": 5}, "by must be a number from 0 to 4, not 5"),
        ({"stride": 3}, "stride must be a number from 1 to 2, not 3"),
        ({"border": "wrap"}, "border must be one of circular, zero; not 'wrap'"),
    ],
)
def test_wrong_settings_are_explained(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        EquivarianceTester(**settings)


def test_settings_can_be_passed_back_in():
    widget = equivariance_tester(layer="max", by=3, stride=2)
    assert equivariance_tester(**widget.settings).settings == widget.settings
