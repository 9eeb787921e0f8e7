"""What layer_histograms shows, without Jupyter: at the ends of every range, and that it is true."""

from itertools import product

import numpy as np
import pytest

from nnlib import nn
from nnlib.course.kit.scene import Heat, Label, Line, picture, wire
from nnlib.course.lessons.lesson_13_vanishing_gradients.layer_histograms import (
    ACTIVATIONS,
    BATCH,
    DEEPEST,
    SHALLOWEST,
    STARTS,
    WIDTHS,
    LayerHistograms,
    backward,
    draws,
    layer_histograms,
    spread_of_weights,
)

ENDS = list(product(ACTIVATIONS, STARTS, (SHALLOWEST, DEEPEST), ("50", "200")))


@pytest.mark.parametrize(("activation", "start", "depth", "width"), ENDS)
def test_the_ends_of_every_range(activation, start, depth, width):
    for back in (0, depth - 1):
        model = LayerHistograms(activation, start, depth, width, back)
        wire(model.scene())
        histograms, spreads = model.scene().panels
        [heat] = (item for item in histograms.items if isinstance(item, Heat))
        assert heat.values.shape[0] == depth
        assert not heat.values[: depth - 1 - back].any()  # not there yet
        for line in (item for item in spreads.items if isinstance(item, Line)):
            assert line.xy.shape == (back + 1, 2)
            assert np.isfinite(line.xy).all() and (line.xy.astype(np.float32)[:, 1] > 0).all()
        assert "nan" not in model.words() and "inf" not in model.words()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_library_finds_the_same_gradients(activation):
    X, E, numbers = draws()
    phi = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}[activation]
    model = nn.MLP([64, 50, 50, 50, 10], phi).double()
    for k, layer in enumerate(model[::2]):
        outputs, inputs = layer.weight.shape
        layer.weight.data = spread_of_weights("he", inputs) * numbers[k, :outputs, :inputs]
        layer.bias.data = np.zeros(outputs)
    nn.CrossEntropyLoss()(model(X), E.argmax(axis=1)).backward()
    passed = backward(activation, "he", 3, 50)
    assert np.allclose(passed.weights, [model[2 * k].weight.grad.std() for k in range(3)])
    assert len(X) == BATCH


def test_a_histogram_holds_all_that_is_in_its_range_and_not_zero():
    assert np.allclose(backward("sigmoid", "lecun", 8, 100).histograms.sum(axis=1), 1)
    half = backward("relu", "he", 8, 100).histograms.sum(axis=1)
    assert ((half > 0.3) & (half < 0.7)).all()


def test_what_the_lesson_says_of_it():
    for width in WIDTHS:  # more neurons do nothing against it
        model = LayerHistograms(width=width, back=7)
        assert 1 / 40_000 < model.ratio < 1 / 20_000
        assert 0.21 < model.ratio ** (1 / 7) < 0.25
    for activation in ACTIVATIONS:
        assert LayerHistograms(activation, "small", back=7).ratio < 1e-5
    for activation in ("tanh", "relu"):
        assert LayerHistograms(activation, "large", back=7).ratio > 10
        even = backward(activation, "lecun", 8, 100).weights
        assert even.max() < 2 * even.min()
    uneven = backward("sigmoid", "lecun", 8, 100).weights
    assert uneven[0] < 1e-3 * uneven[-1]


def test_the_goal_is_reached_by_two_settings():
    assert not LayerHistograms().reached()
    for depth, width in product((12, 16), WIDTHS):
        reached = [
            (activation, start)
            for activation, start in product(ACTIVATIONS, STARTS)
            if LayerHistograms(activation, start, depth, width, depth - 1).reached()
        ]
        assert reached == [("tanh", "he"), ("relu", "he")]
    assert not LayerHistograms("relu", "he", 12, "100", 5).reached()  # not there yet
    assert not LayerHistograms("relu", "he", 8, "100", 7).reached()


def test_another_depth_keeps_what_was_seen():
    assert LayerHistograms(back=7).changed(depth=12).back == 11
    assert LayerHistograms(back=3).changed(depth=12).back == 3
    assert LayerHistograms(back=5).changed(depth=4).back == 3
    assert LayerHistograms(back=7).changed(width="200").back == 7


def test_what_leaves_the_panel_is_said():
    def said(**settings):
        panel = LayerHistograms(**settings).scene().panels[1]
        return [item.text for item in panel.items if isinstance(item, Label)]

    assert said(activation="relu", start="small", depth=16, back=15) == ["↓ off the panel"]
    assert said(back=7) == []


def test_words():
    assert "Back from layer 8 to 1, ∂ℓ/∂z went from" in LayerHistograms(back=7).words()
    assert LayerHistograms(back=7).words().endswith("per layer. It vanishes.")
    assert LayerHistograms("relu", "large", back=7).words().endswith("It explodes.")
    assert "In layer 8 ∂ℓ/∂z has the spread" in LayerHistograms().words()


def test_picture_and_settings():
    assert picture(LayerHistograms().scene())
    widget = layer_histograms(activation="relu", depth=4, back=2)
    assert layer_histograms(**widget.settings).settings == widget.settings
    with pytest.raises(ValueError, match="back must be a number from 0 to 7, not 8"):
        LayerHistograms(back=8)
