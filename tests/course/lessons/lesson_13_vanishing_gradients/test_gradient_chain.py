"""What gradient_chain shows, without Jupyter: at the ends of every range, and that it is true."""

from itertools import product

import numpy as np
import pytest

from nnlib import Tensor
from nnlib.course.kit.scene import Bars, Label, Line, picture, wire
from nnlib.course.lessons.lesson_13_vanishing_gradients.gradient_chain import (
    ACTIVATIONS,
    LONGEST,
    STEEPEST,
    GradientChain,
    chain,
    gradient_chain,
)
from nnlib.nn import functional as F

ENDS = list(product(ACTIVATIONS, (-3.0, 0.0, 1.0, 3.0), (1, 2, LONGEST)))


@pytest.mark.parametrize(("activation", "weight", "layers"), ENDS)
def test_the_ends_of_every_range(activation, weight, layers):
    model = GradientChain(activation, weight, layers)
    wire(model.scene())
    factors, arrives = model.scene().panels
    slopes, weights = (item for item in factors.items if isinstance(item, Bars))
    assert len(slopes.heights) == layers and len(weights.heights) == layers - 1
    assert max(slopes.heights) <= STEEPEST[activation]
    for line in (item for item in arrives.items if isinstance(item, Line)):
        assert line.xy.shape == (layers, 2)
        assert not (line.xy.astype(np.float32)[:, 1] <= 0).any()  # a logarithm, or a gap
    assert "nan" not in model.words() and "inf" not in model.words()


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("weight", [-1.3, 0.7, 2.0])
def test_the_tape_finds_the_same(activation, weight):
    phi = {"sigmoid": F.sigmoid, "tanh": F.tanh, "relu": F.relu}[activation]
    first = Tensor(np.array(weight), requires_grad=True)
    h = phi(first)  # x = 1
    for _ in range(4):
        h = phi(weight * h)
    h.backward()
    assert np.isclose(chain(activation, weight, 5).arrives[0], abs(first.grad), rtol=1e-12)


def test_nothing_passes_the_bound():
    for activation, weight, layers in ENDS:
        most = STEEPEST[activation] ** layers * abs(weight) ** (layers - 1)
        assert chain(activation, weight, layers).arrives[0] <= most * (1 + 1e-12)


def test_what_the_lesson_says_of_it():
    assert np.isclose(GradientChain(layers=10).arrived, 2.8e-7, rtol=0.02)
    tanh = {w / 10: GradientChain("tanh", w / 10, 10).arrived for w in range(1, 31)}
    assert 0.8 <= max(tanh, key=tanh.get) <= 1.1
    sigmoid = [GradientChain("sigmoid", w / 10, 10).arrived for w in range(-30, 31)]
    assert max(sigmoid) < 0.001
    assert GradientChain("relu", 0.5, 10).arrived < 0.01
    assert GradientChain("relu", 2, 10).arrived > 100
    assert GradientChain("relu", -0.1, 10).arrived == 0


def test_the_goal_is_reached_by_weights_near_one_alone():
    assert not GradientChain().reached()
    reached = [
        (activation, w)
        for activation in ACTIVATIONS
        for w in range(-30, 31)
        if GradientChain(activation, w / 10, LONGEST).reached()
    ]
    assert reached == [("relu", 9), ("relu", 10), ("relu", 11)]
    assert not GradientChain("relu", 1.0, 10).reached()


def test_what_leaves_the_panel_is_said():
    def said(*settings):
        return [
            i.text for i in GradientChain(*settings).scene().panels[1].items if isinstance(i, Label)
        ]

    assert said("relu", -1.0, 3) == ["0 arrives"]
    assert said("tanh", 3.0, 20) == ["↓ off the panel"]
    assert said("sigmoid", 1.0, 3) == said("relu", 3.0, 20) == []


def test_words():
    assert GradientChain(layers=10).words() == (
        "10 sigmoid units in a row, w = 1. Of a gradient of 1 at ŷ, 2.8 · 10⁻⁷ arrives at w₁: it "
        "vanishes. That is 0.22 per layer."
    )
    assert GradientChain("relu", -1.0, 3).words() == (
        "3 ReLU units in a row, w = −1: nothing arrives at w₁, for a unit on the way has the slope 0."
    )
    assert "it explodes" in GradientChain("relu", 3.0, 20).words()


def test_picture_and_settings():
    assert picture(GradientChain().scene())
    widget = gradient_chain(activation="tanh", layers=7)
    assert gradient_chain(**widget.settings).settings == widget.settings
    with pytest.raises(ValueError, match="layers must be a number from 1 to 20, not 21"):
        GradientChain(layers=21)
