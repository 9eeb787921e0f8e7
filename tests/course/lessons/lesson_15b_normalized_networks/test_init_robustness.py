"""What init_robustness shows, without Jupyter: at the ends of every range, and that it is true."""

from itertools import product

import numpy as np
import pytest

from nnlib import Tensor, nn
from nnlib.course.kit.numbers import scientific
from nnlib.course.kit.scene import Label, Line, picture, wire
from nnlib.course.lessons.lesson_15b_normalized_networks.init_robustness import (
    BATCH,
    DEEPEST,
    WIDTH,
    InitRobustness,
    draws,
    init_robustness,
    spreads,
)

ENDS = list(product((0.001, 0.1, 10), (2, DEEPEST), ("tanh", "relu")))


@pytest.mark.parametrize(("std", "depth", "activation"), ENDS)
def test_the_ends_of_every_range(std, depth, activation):
    model = InitRobustness(std, depth, activation)
    wire(model.scene())
    for panel in model.scene().panels:
        lines = [item for item in panel.items if isinstance(item, Line)]
        assert len(lines) == 2
        for line in lines:
            assert line.xy.shape == (depth, 2)
            assert (line.xy.astype(np.float32)[:, 1] > 0).all()  # a logarithm can be taken
            assert np.isfinite(line.xy.astype(np.float32)).all()
    assert "nan" not in model.words() and "inf" not in model.words()


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_library_finds_the_same_spreads(activation, batch_norm):
    X, weights, G = draws()
    phi = {"tanh": nn.Tanh(), "relu": nn.ReLU()}[activation]
    h, outputs = Tensor(X, requires_grad=True), []
    for W in weights[:5]:
        z = h @ Tensor((0.3 * W).T)
        h = phi(nn.BatchNorm1d(WIDTH).double()(z) if batch_norm else z)
        outputs.append(h)
    forward, backward = spreads(0.3, 5, activation, batch_norm)
    assert np.allclose(forward, [h.data.std() for h in outputs], rtol=1e-9)
    # The spread of the gradient at each h: that of a leaf put in its place.
    for i in range(5):
        leaf = h = Tensor(outputs[i].data, requires_grad=True)
        for W in weights[i + 1 : 5]:
            z = h @ Tensor((0.3 * W).T)
            h = phi(nn.BatchNorm1d(WIDTH).double()(z) if batch_norm else z)
        (h * Tensor(G)).sum().backward()
        assert np.isclose(backward[i], leaf.grad.std(), rtol=1e-9)
    assert G.shape == (BATCH, WIDTH)


def test_with_batch_norm_the_scale_of_the_weights_does_not_matter():
    for activation in ("tanh", "relu"):
        small, large = (spreads(std, 20, activation, True) for std in (0.05, 5.0))
        assert np.allclose(small, large, rtol=0.05)


def test_without_it_there_is_one_good_start():
    dead, good, wild = (spreads(std, 10, "tanh", False) for std in (0.01, 0.1, 1.0))
    assert dead[0][-1] < 1e-6 and dead[1][0] < 1e-6
    assert 0.1 < good[0][-1] < 1 and 0.1 < good[1][0] < 10
    assert wild[0][-1] > 0.9 and wild[1][0] > 100


def test_in_deep_relu_networks_gradients_grow_by_a_fifth_per_layer():
    backward = spreads(0.14, 40, "relu", True)[1]
    assert 1.15 < (backward[0] / backward[-1]) ** (1 / 39) < 1.27


def test_the_goal_is_reached_by_the_right_start_alone():
    assert not InitRobustness(std=0.01).reached() and not InitRobustness(std=0.1).reached()
    assert InitRobustness(std=0.1, depth=20).reached()
    assert InitRobustness(std=0.13, depth=20, activation="relu").reached()
    assert not InitRobustness(std=1.0, depth=20).reached()


def test_what_leaves_the_panel_is_said():
    def said(**settings):
        panels = InitRobustness(**settings).scene().panels
        return [item.text for panel in panels for item in panel.items if isinstance(item, Label)]

    assert said(std=0.01) == ["↓ off the panel"] * 2
    assert said(std=0.1) == []
    assert "↑ off the panel" in said(std=10.0, activation="relu")


def test_words():
    assert InitRobustness(std=0.01).words() == (
        "Weights of standard deviation 0.01, 10 layers. Without batch norm, h has the spread 0.096 "
        "in the first layer and 1.0 · 10⁻¹⁰ in the last; with it, 0.63 and 0.64. A gradient of "
        "spread 1 at the last layer arrives at the first as 1.0 · 10⁻⁹; with batch norm, as 2.2."
    )
    assert scientific(0.0) == "0" and scientific(3.2e12) == "3.2 · 10¹²"


def test_picture():
    assert picture(InitRobustness().scene())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"std": 0.0}, "std must be a number from 0.001 to 10, not 0.0"),
        ({"depth": 41}, "depth must be a number from 2 to 40, not 41"),
        ({"activation": "gelu"}, "activation must be one of tanh, relu; not 'gelu'"),
    ],
)
def test_wrong_settings_are_explained(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        InitRobustness(**settings)


def test_settings_can_be_passed_back_in():
    widget = init_robustness(std=0.5, activation="relu")
    assert init_robustness(**widget.settings).settings == widget.settings
