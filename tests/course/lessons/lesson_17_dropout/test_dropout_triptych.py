"""What the triptych shows, without Jupyter: at the ends of every range, and that it is true."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Heat, Points, wire
from nnlib.course.lessons.lesson_17_dropout.dropout_triptych import (
    LAST,
    STRIDE,
    TOO_MUCH,
    DropoutTriptych,
    Run,
    moons,
    record,
)
from nnlib.course.widgets import dropout_triptych


@pytest.mark.parametrize("p", [0.0, TOO_MUCH])
@pytest.mark.parametrize("epoch", [0, LAST])
def test_the_ends_of_every_range(p, epoch):
    scene = DropoutTriptych(p, epoch).scene()
    wire(scene)
    for panel in scene.panels:
        heat = panel.items[0]
        assert isinstance(heat, Heat)
        assert np.isfinite(heat.values).all()
        assert heat.values.min() >= 0 and heat.values.max() <= 1
    assert "nan" not in scene.words


def test_none_learns_by_heart_some_helps_too_much_learns_little():
    none, some, much = (record(p, LAST) for p in DropoutTriptych(0.5).ps)
    assert none.train > some.train > much.train
    assert some.test > none.test > much.test + 0.05
    assert some.test_loss < 0.75 * none.test_loss


def test_a_state_does_not_depend_on_the_way_there():
    later = record(0.3, 50)
    assert later.test > 0
    straight = Run(0.3).at(3 * STRIDE)
    through = 1 / (1 + np.exp(-straight(moons().grid).data[:, 0]))
    assert np.allclose(record(0.3, 3 * STRIDE).map.ravel(), through)


def test_every_point_is_drawn_on_every_map():
    for panel in DropoutTriptych(0.5, 0).scene().panels:
        zeros, ones = (item for item in panel.items if isinstance(item, Points))
        assert np.array_equal(zeros.xy, moons().X[moons().y == 0])
        assert np.array_equal(ones.xy, moons().X[moons().y == 1])
        assert zeros.marker != ones.marker


def test_only_the_masks_differ_between_the_three():
    weights = [Run(p).weights[0] for p in DropoutTriptych().ps]
    for other in weights[1:]:
        assert all(np.array_equal(other[name], weights[0][name]) for name in other)


def test_ten_epochs_more_until_the_last():
    assert DropoutTriptych(epoch=0).after("train").epoch == STRIDE
    assert DropoutTriptych().idle() == (), "Train is alive at first sight"
    assert DropoutTriptych(epoch=LAST).idle() == ("train",)
    assert DropoutTriptych(epoch=LAST).after("train").epoch == LAST


def test_the_goal_takes_a_p_in_the_middle():
    assert not DropoutTriptych().reached()
    assert not DropoutTriptych(0.0, LAST).reached()
    assert DropoutTriptych(0.45, LAST).reached()
    assert not DropoutTriptych(0.9, LAST).reached()


def test_words_and_titles():
    model = DropoutTriptych(0.5, 0)
    assert model.words().startswith("After 0 epochs, p = 0: right ")
    assert [panel.title.split(",")[0] for panel in model.scene().panels] == [
        "p = 0",
        "p = 0.5",
        "p = 0.99",
    ]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"p": 1}, "p must be a number from 0 to 0.99, not 1"),
        ({"epoch": 5}, "epoch must be a multiple of 10, not 5"),
        ({"epoch": 210}, "epoch must be a number from 0 to 200, not 210"),
    ],
)
def test_wrong_settings_are_explained(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        DropoutTriptych(**settings)


def test_settings_can_be_passed_back_in():
    widget = dropout_triptych(p=0.3, epoch=20)
    assert dropout_triptych(**widget.settings).settings == widget.settings
