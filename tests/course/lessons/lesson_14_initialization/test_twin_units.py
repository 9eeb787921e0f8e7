"""Units that start alike, without Jupyter: they stay alike, and noise parts them."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Points, picture, wire
from nnlib.course.lessons.lesson_14_initialization.twin_units import (
    CENTERS,
    LAST,
    NOISES,
    POINTS,
    STRIDE,
    UNITS,
    TwinUnits,
    kinds,
    ring,
    twin_units,
)


def by_hand(center: float, noise: float, steps: int) -> np.ndarray:
    """The same training in plain NumPy: w₁, w₂, b, v of each unit."""
    X, y = ring()
    rng = np.random.default_rng(0)
    W, b = center + noise * rng.normal(size=(UNITS, 2)), np.zeros(UNITS)
    v, c = center + noise * rng.normal(size=UNITS), 0.0
    for _ in range(steps):
        H = np.tanh(X @ W.T + b)
        dz = (1 / (1 + np.exp(-H @ v - c)) - y) / POINTS
        dZ = np.outer(dz, v) * (1 - H**2)
        W, b, v, c = W - dZ.T @ X, b - dZ.sum(0), v - H.T @ dz, c - dz.sum()
    return np.column_stack([W, b, v])


@pytest.mark.parametrize("center, noise", [("0.3", "0.01"), ("0.3", "0"), ("0", "0.5")])
def test_it_is_gradient_descent(center: str, noise: str) -> None:
    units = TwinUnits(center, noise, 2 * STRIDE).units()
    np.testing.assert_allclose(
        units[-1], by_hand(float(center), float(noise), 2 * STRIDE), atol=1e-9
    )


@pytest.mark.parametrize("center", CENTERS)
def test_without_noise_six_units_stay_one(center: str) -> None:
    model = TwinUnits(center, "0", LAST)
    assert kinds(model.units()[-1]) == 1
    assert np.abs(np.diff(model.units(), axis=1)).max() < 1e-6
    assert "all six units are alike" in model.words()
    assert model.right() < 0.7


def test_a_millionth_is_enough() -> None:
    path = {step: TwinUnits("0.3", "1e-06", step) for step in (250, 350, 600, 700)}
    assert kinds(path[250].units()[-1]) == 1
    assert 1 < kinds(path[350].units()[-1]) <= 4
    assert path[600].right() == path[700].right() == 1.0
    assert kinds(path[700].units()[-1]) == UNITS


def test_from_zero_it_takes_longer() -> None:
    assert TwinUnits("0", "1e-06", LAST).right() < 0.6
    assert TwinUnits("0", "0.01", LAST).right() == 1.0


def test_the_difference_grows_by_a_factor_per_step() -> None:
    ways = TwinUnits("0.3", "1e-06", 250).units()
    gaps = np.abs(np.diff(ways, axis=1)).max(axis=(1, 2))
    assert gaps[-1] > 1000 * gaps[0]
    assert (np.diff(np.log(gaps))[2:] > 0).all()


def test_the_goal() -> None:
    assert not TwinUnits().reached()
    assert TwinUnits("0.3", "1e-06", 700).reached()
    assert not TwinUnits("0.3", "0.5", 700).reached(), "more noise than the goal allows"


@pytest.mark.parametrize("center", CENTERS)
@pytest.mark.parametrize("noise", ["0", "0.5"])
@pytest.mark.parametrize("step", [0, LAST])
def test_every_end_can_be_shown(center: str, noise: str, step: int) -> None:
    assert noise in NOISES
    scene = TwinUnits(center, noise, step).scene()
    wire(scene)
    for panel in scene.panels:
        for item in panel.items:
            if isinstance(item, Points):
                assert np.abs(item.xy).max() < panel.xlim[1]


def test_the_widget_gives_its_settings_back() -> None:
    widget = twin_units(noise="0.01", step=100)
    assert widget.settings == {"center": "0.3", "noise": "0.01", "step": 100}
    assert picture(widget.model.scene())
    with pytest.raises(ValueError, match="noise"):
        twin_units(noise="2")
