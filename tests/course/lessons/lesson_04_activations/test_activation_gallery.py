"""The gallery of activations: slopes, the meter, its goal."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, Line, picture, wire
from nnlib.course.lessons.lesson_04_activations.activation_gallery import (
    NAMES,
    ActivationGallery,
    activation_gallery,
    with_slope,
)


@pytest.mark.parametrize("name", NAMES)
def test_slopes_are_those_that_differences_measure(name: str) -> None:
    z, step = np.linspace(-6, 6, 100), 1e-6
    h, slope = with_slope(name, z, 0.5)
    higher, lower = with_slope(name, z + step, 0.5)[0], with_slope(name, z - step, 0.5)[0]
    assert h.shape == slope.shape == z.shape
    assert np.abs((higher - lower) / (2 * step) - slope).max() < 1e-7


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("alpha", [0.0, 2.0])
@pytest.mark.parametrize("mean", [-5.0, 5.0])
@pytest.mark.parametrize("spread", [0.1, 10.0])
def test_every_end_can_be_shown(name: str, alpha: float, mean: float, spread: float) -> None:
    model = ActivationGallery(name, alpha, mean, spread)
    scene = model.scene()
    wire(scene)
    bars = [item for item in scene.panels[1].items if isinstance(item, Bars)]
    assert np.isclose(sum(bar.heights.sum() for bar in bars), 100)  # all z are somewhere
    assert 0 <= model.saturated <= 1
    for item in scene.panels[0].items:
        assert isinstance(item, Line) and np.isfinite(item.xy).all()


def test_the_averages_that_the_question_states() -> None:
    def average(name: str, spread: float) -> float:
        return round(float(ActivationGallery(name, spread=spread).slopes.mean()), 2)

    assert [average(name, 1.0) for name in ("tanh", "relu", "sigmoid")] == [0.61, 0.5, 0.21]
    assert [average(name, 10**0.5) for name in ("tanh", "relu")] == [0.24, 0.5]  # 3.2
    assert average("selu", 1.0) == 0.99
    assert round(float(ActivationGallery("elu", 1.0, spread=1.0).slopes.mean()), 2) == 0.76
    assert ActivationGallery("tanh", spread=3.0).saturated > 0.5
    assert ActivationGallery("relu", mean=-5.0, spread=1.0).slopes.mean() == 0


def test_it_is_saturated_where_the_slope_is_below_a_tenth() -> None:
    edge = np.arctanh(np.sqrt(0.9))  # tanh′ = 1/10
    model = ActivationGallery("tanh", spread=2.0)
    assert model.saturated == np.mean(np.abs(model.z) > edge)


def test_the_maximum_breaks_beyond_one() -> None:
    h, slope = with_slope("leaky", np.array([-1.0, 1.0]), 2.0)
    assert h.tolist() == [-1, 2] and slope.tolist() == [1, 2]
    assert "steeper above 0" in ActivationGallery("leaky", 2.0).words()
    assert "steeper" not in ActivationGallery("leaky", 0.5).words()


def test_another_activation_comes_with_its_own_alpha() -> None:
    model = ActivationGallery().changed(activation="elu")
    assert model.alpha == 1 and model.changed(activation="leaky").alpha == 0.1
    assert model.changed(alpha=0.5).changed(spread=2.0).alpha == 0.5


def test_only_a_leaky_unit_reaches_the_goal_and_no_straight_line() -> None:
    assert not ActivationGallery().reached()
    wide = ActivationGallery(spread=3.0)
    reached = {name for name in NAMES if wide.changed(activation=name).reached()}
    assert reached == {"leaky"}
    leaky = wide.changed(activation="leaky")
    assert not leaky.changed(alpha=1.0).reached() and not leaky.changed(alpha=0.05).reached()
    assert not leaky.changed(spread=1.0).reached() and not leaky.changed(mean=1.0).reached()


def test_it_opens_before_the_answer() -> None:
    start = activation_gallery(activation="relu", spread=0.1)
    assert "0.61" not in repr(start) and picture(ActivationGallery().scene())
    assert repr(activation_gallery(**start.settings)) == repr(start)
