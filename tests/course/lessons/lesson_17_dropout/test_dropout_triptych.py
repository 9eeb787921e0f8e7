"""What the triptych shows, without Jupyter: at the ends of every range, and that it is true."""

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib import Tensor
from nnlib.course.kit.scene import Heat, picture, wire
from nnlib.course.lessons.lesson_17_dropout.dropout_triptych import (
    BATCH,
    LAST,
    STRIDE,
    TOO_MUCH,
    DropoutTriptych,
    Run,
    logits,
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


def test_gradients_are_those_of_the_library_without_dropout():
    run, data = Run(0.0), moons()
    X, y = data.X[:BATCH], data.y[:BATCH]
    tensors = [Tensor(p, requires_grad=True) for p in run.parameters]
    W1, W2, W3, b1, b2, b3 = tensors
    hidden = F.relu(F.linear(F.relu(F.linear(X, W1, b1)), W2, b2))
    F.binary_cross_entropy_with_logits(F.linear(hidden, W3, b3)[:, 0], y).backward()
    for ours, tensor in zip(run.gradients(X, y), tensors, strict=True):
        assert np.allclose(ours, tensor.grad, atol=1e-12)


def test_masks_are_inverted_dropout():
    mask = Run(0.8).mask()
    assert set(np.round(np.unique(mask), 9)) == {0.0, 5.0}
    assert abs((mask == 0).mean() - 0.8) < 0.03


def test_a_state_does_not_depend_on_the_way_there():
    straight = Run(0.3)
    for _ in range(3):
        straight.advance()
    later = record(0.3, 50)
    assert later.test > 0
    grid = moons().grid
    through = 1 / (1 + np.exp(-logits(straight.snapshots[3], grid)))
    assert np.allclose(record(0.3, 3 * STRIDE).map.ravel(), through)


def test_ten_epochs_more_until_the_last():
    assert DropoutTriptych(epoch=0).after("train").epoch == STRIDE
    assert DropoutTriptych().idle() == ("train",)
    assert DropoutTriptych().after("train").epoch == LAST


def test_words_and_titles():
    model = DropoutTriptych(0.5, 0)
    assert model.words().startswith("After 0 epochs, p = 0: right ")
    assert [panel.title.split(":")[0] for panel in model.scene().panels] == [
        "p = 0",
        "p = 0.5",
        "p = 0.99",
    ]


def test_there_is_a_picture():
    assert picture(DropoutTriptych().scene())


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
