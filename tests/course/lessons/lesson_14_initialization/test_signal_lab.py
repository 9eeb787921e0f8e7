"""The laboratory of ten layers, without Jupyter: it shows what the lesson computes."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, Label, Line, picture, wire
from nnlib.course.lessons.lesson_14_initialization.signal_lab import (
    ACTIVATIONS,
    DEPTH,
    WIDTH,
    SignalLab,
    draws,
    signal_lab,
    signals,
)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_there_and_back_is_what_torch_finds(activation: str) -> None:
    torch = pytest.importorskip("torch")
    X, weights, G = draws()
    phi = getattr(torch, activation)
    h, kept = torch.tensor(X, dtype=torch.float64), []
    for W in weights:
        z = h @ (0.05 * torch.tensor(W, dtype=torch.float64)).T
        z.requires_grad_() if not kept else z.retain_grad()
        h = phi(z)
        kept.append((z, h))
    h.backward(torch.tensor(G, dtype=torch.float64))
    deltas = np.array([float((z.grad**2).mean()) ** 0.5 for z, _ in kept])
    found = signals(0.05, activation)
    spreads = [float(h.detach().std(unbiased=False)) for _, h in kept]
    np.testing.assert_allclose(found.h, spreads, rtol=1e-3)
    np.testing.assert_allclose(found.delta, deltas / deltas[-1], rtol=1e-3)


@pytest.mark.parametrize(
    "std, activation, h, gradient",
    [
        (0.01, "tanh", 3.0e-7, 1.4e-6),
        (0.045, "tanh", 0.235, 0.29),
        (0.1, "tanh", 0.765, 5.0),
        (1.0, "tanh", 0.98, 7.1e4),
        (0.045, "relu", 0.028, 0.047),
        (0.063, "relu", 0.80, 0.98),
        (0.045, "sigmoid", 0.12, 2.2e-6),
    ],
)
def test_the_numbers_of_the_lesson(std: float, activation: str, h: float, gradient: float) -> None:
    found = signals(std, activation)
    assert found.h[-1] == pytest.approx(h, rel=0.06)
    assert found.delta[0] == pytest.approx(gradient, rel=0.06)


def test_nine_of_ten_units_are_saturated_and_the_gradient_grows() -> None:
    model = SignalLab(1.0)
    assert "where 90% of all h are saturated" in model.words()
    ratios = model.found.delta[:-1] / model.found.delta[1:]
    assert (ratios > 3).all()
    # What the lesson derives: 500 · (4/3) / (√(2π) · 22) is 3.5².
    assert ratios.mean() == pytest.approx(3.5, abs=0.15)


def test_the_sigmoid_lets_the_gradient_through_only_where_it_saturates() -> None:
    half = SignalLab(0.5, "sigmoid")
    assert 0.5 < half.found.delta[0] < 2 and "where 56% of all h are saturated" in half.words()
    small = signals(0.045, "sigmoid").delta
    assert (small[:-1] / small[1:] < 0.25).all()


def test_a_factor_per_layer() -> None:
    h = signals(0.01, "tanh").h
    np.testing.assert_allclose(h[1:] / h[:-1], WIDTH**0.5 * 0.01, rtol=0.08)


def test_only_he_reaches_the_goal() -> None:
    [slider, _] = SignalLab().controls()
    steps = np.round(np.log10(slider.high / slider.low) * slider.per_decade)
    stds = [float(f"{0.001 * 10 ** (k / slider.per_decade):.2g}") for k in range(int(steps) + 1)]
    assert {0.01, 0.045, 0.063, 0.1, 1.0} <= set(stds)
    assert [std for std in stds if SignalLab(std, "relu").reached()] == [0.063]
    assert not any(SignalLab(std, "tanh").reached() for std in stds[::6])
    assert not SignalLab().reached()


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("std", [0.001, 0.02, 1.0])
def test_every_end_can_be_shown(std: float, activation: str) -> None:
    scene = SignalLab(std, activation).scene()
    wire(scene)
    forward, backward, *histograms = scene.panels
    for panel in (forward, backward):
        curve = panel.items[1]
        assert isinstance(curve, Line) and curve.xy.shape == (DEPTH, 2)
        assert np.isfinite(curve.xy).all() and (curve.xy[:, 1] > 0).all()
        beyond = (curve.xy[:, 1] < panel.ylim[0]).any() or (curve.xy[:, 1] > panel.ylim[1]).any()
        assert beyond == any(isinstance(item, Label) for item in panel.items)
    for panel in histograms:
        bars = panel.items[0]
        assert isinstance(bars, Bars) and bars.heights.sum() == pytest.approx(1)


def test_the_tour_finds_what_it_lights_up() -> None:
    for stop in SignalLab.tour:
        assert SignalLab.on_tour(stop)


def test_the_widget_gives_its_settings_back() -> None:
    widget = signal_lab(std=0.1, activation="relu")
    assert widget.settings == {"std": 0.1, "activation": "relu"}
    assert picture(widget.model.scene())
    with pytest.raises(ValueError, match="std"):
        signal_lab(std=2.0)
