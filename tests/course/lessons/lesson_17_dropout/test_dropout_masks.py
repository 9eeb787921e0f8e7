"""What the masks show, without Jupyter: at the ends of every range, and that it is true."""

from itertools import product

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, Line, Points, picture, wire
from nnlib.course.lessons.lesson_17_dropout.dropout_masks import LAST, UNITS, DropoutMasks, H, V, W
from nnlib.course.widgets import dropout_masks

ENDS = list(product((0, 0.9), (1, LAST), ("inverted", "classic"), ("linear", "relu")))


@pytest.mark.parametrize("settings", ENDS)
def test_the_ends_of_every_range_lie_in_the_picture(settings):
    scene = DropoutMasks(*settings).scene()
    wire(scene)
    for panel in scene.panels:
        for item in panel.items:
            if isinstance(item, Points | Line) and len(item.xy):
                xy = item.xy[np.isfinite(item.xy).all(axis=1)]
                assert panel.xlim[0] <= xy[:, 0].min(initial=9) or not len(xy)
                assert xy[:, 0].max(initial=0) <= panel.xlim[1]
                assert panel.ylim[0] <= xy[:, 1].min(initial=9)
                assert xy[:, 1].max(initial=-9) <= panel.ylim[1]
            if isinstance(item, Bars):
                assert item.heights.min() >= 0 and item.heights.max() <= panel.ylim[1]
    assert "nan" not in scene.words


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("scaling", ["inverted", "classic"])
def test_units_are_dropped_with_probability_p_and_keep_their_mean(p, scaling):
    model = DropoutMasks(p, LAST, scaling)
    assert abs(model.masks.mean() - (1 - p)) < 0.02
    handed_on = model.passed_on(model.masks)
    assert np.allclose(handed_on.mean(axis=0), model.in_eval(), rtol=0.6 if p == 0.9 else 0.15)
    factor = 1 / (1 - p) if scaling == "inverted" else 1
    assert np.allclose(handed_on, model.masks * H * factor)


def test_all_networks_agree_with_eval_mode_behind_a_linear_unit_alone():
    for p in (0.0, 0.3, 0.9):
        for scaling in ("inverted", "classic"):
            model = DropoutMasks(p, scaling=scaling)
            assert np.isclose(model.expected(), V @ model.in_eval(), atol=1e-12)
    relu = DropoutMasks(0.5, readout="relu")
    assert relu.expected() > np.maximum(W @ H, 0).sum() + 0.3


def test_the_mean_of_many_passes_comes_near_that_of_all_networks():
    for readout in ("linear", "relu"):
        model = DropoutMasks(0.5, LAST, readout=readout)
        assert abs(model.output(model.passed_on(model.masks)).mean() - model.expected()) < 0.25


def test_a_larger_p_drops_more_of_the_same_pass():
    few, many = DropoutMasks(0.2, 50).masks, DropoutMasks(0.7, 50).masks
    assert (many <= few).all() and many.sum() < few.sum()


def test_the_network_shows_who_is_kept():
    model = DropoutMasks(0.5, 7)
    network = model.scene().panels[0]
    _, kept, dropped, *_ = network.items
    assert np.array_equal(kept.xy[:, 0], 1 + np.flatnonzero(model.masks[-1]))
    assert len(kept.xy) + len(dropped.xy) == UNITS


def test_one_more_pass_until_the_last():
    assert DropoutMasks(passes=3).after("pass").passes == 4
    assert DropoutMasks(passes=LAST).idle() == ("pass",) and DropoutMasks().idle() == ()
    assert DropoutMasks(passes=LAST).after("pass").passes == LAST


def test_words():
    assert DropoutMasks().words() == (
        "In pass 1, dropped are the units 3, 4. The mean of y over 1 pass is −0.02. "
        "Over all 256 masks it is exactly that of eval mode, 0.95."
    )
    assert "no unit is dropped" in DropoutMasks(p=0).words()
    relu = DropoutMasks(readout="relu").words()
    assert relu.endswith("In eval mode it is 3.4; over all 256 masks, 0.54 more.")


@pytest.mark.parametrize("settings", ENDS)
def test_the_words_never_call_two_numbers_equal_that_they_print_apart(settings):
    model = DropoutMasks(*settings)
    last = model.compared()
    assert ("exactly" in last) == (model.gap() < 1e-9)
    if "more" in last:
        assert float(last.split()[-2]) > 0
        assert model.expected() > model.output(model.in_eval())


def test_the_goal_is_one_p_behind_a_relu():
    assert not DropoutMasks().reached()
    for scaling in ("inverted", "classic"):
        ps = np.round(np.arange(0, 0.95, 0.05), 2)
        good = [p for p in ps if DropoutMasks(p, scaling=scaling, readout="relu").reached()]
        assert len(good) == 1 and 0.1 < good[0] < 0.4


def test_behind_a_relu_layer_the_network_goes_on_to_y():
    squares = DropoutMasks(readout="relu").scene().panels[0].items[3]
    assert len(squares.xy) == 5
    assert len(DropoutMasks().scene().panels[0].items[3].xy) == 1


def test_there_is_a_picture():
    assert picture(DropoutMasks(passes=20).scene())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"p": 1}, "p must be a number from 0 to 0.9, not 1"),
        ({"passes": 0}, "passes must be a number from 1 to 400, not 0"),
        ({"scaling": "torch"}, "scaling must be one of inverted, classic; not 'torch'"),
    ],
)
def test_wrong_settings_are_explained(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        DropoutMasks(**settings)


def test_settings_can_be_passed_back_in():
    widget = dropout_masks(p=0.3, readout="relu")
    assert dropout_masks(**widget.settings).settings == widget.settings
