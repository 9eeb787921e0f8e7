"""Gradient against error, without Jupyter: slopes are slopes, and stuck is stuck."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Points, picture, wire
from nnlib.course.lessons.lesson_05_losses.gradient_and_error import (
    HEADS,
    LOSSES,
    GradientAndError,
    gradient_and_error,
    size,
)

PAIRS = [(head, loss) for head in HEADS for loss in LOSSES]


@pytest.mark.parametrize(("head", "loss"), PAIRS)
@pytest.mark.parametrize("y", [-2.0, 0.0, 0.3, 1.0, 3.0])
def test_slopes_are_those_of_the_loss(head: str, loss: str, y: float) -> None:
    model = GradientAndError(head, loss, y=y)
    z = np.array([-4.05, -2.05, -0.55, 0.45, 0.95, 2.05, 4.05])
    measured = (model.losses(z + 1e-5) - model.losses(z - 1e-5)) / 2e-5
    np.testing.assert_allclose(model.slopes(z), measured, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("head", "loss"), PAIRS)
@pytest.mark.parametrize("z", [-10.0, 0.0, 10.0])
@pytest.mark.parametrize("y", [-2.0, 0.0, 1.0, 3.0])
def test_every_end_can_be_shown(head: str, loss: str, z: float, y: float) -> None:
    model = GradientAndError(head, loss, z, y)
    scene = model.scene()
    wire(scene)
    assert scene.words == model.words()
    defined = np.isfinite(model.here[1])
    markers = [sum(isinstance(i, Points) for i in panel.items) for panel in scene.panels]
    assert markers == [1, int(defined), int(defined)]
    for panel in scene.panels:
        for item in panel.items:
            if isinstance(item, Points):
                (left, right), (low, high) = panel.xlim, panel.ylim
                assert left <= item.xy[0, 0] <= right and low <= item.xy[0, 1] <= high


@pytest.mark.parametrize(
    ("head", "loss", "y", "factor"),
    [
        ("identity", "squared", 1.0, 2),
        ("sigmoid", "cross_entropy", 1.0, 1),
        ("sigmoid", "cross_entropy", 0.3, 1),
        ("exp", "poisson", 2.0, 1),
    ],
)
def test_in_matched_pairs_the_slope_is_the_error(
    head: str, loss: str, y: float, factor: float
) -> None:
    model = GradientAndError(head, loss, y=y)
    z = np.linspace(-10, 10, 41)
    np.testing.assert_allclose(model.slopes(z), factor * (model.answer(z) - y), rtol=1e-12)


def test_the_numbers_of_the_lesson() -> None:
    far = np.array([-20.0, -5.0])
    squared = GradientAndError("sigmoid", "squared").slopes(far)
    np.testing.assert_allclose(squared, [-4.12e-9, -0.01321], rtol=1e-3)
    np.testing.assert_allclose(
        GradientAndError("sigmoid", "cross_entropy").slopes(far), [-1, -0.9933], rtol=1e-4
    )
    for y, slope in ((9.99, 0.02), (1, 18)):  # answer 10
        assert 2 * (10 - y) == pytest.approx(slope)


def test_stuck_is_a_wrong_answer_that_nothing_pulls_at() -> None:
    assert not GradientAndError().reached()
    assert GradientAndError("sigmoid", "squared", -6.0).reached()
    assert GradientAndError("relu", "squared", -0.1).reached()
    for head, loss in (("identity", "squared"), ("sigmoid", "cross_entropy"), ("exp", "poisson")):
        for z in np.arange(-10, 10.1, 0.5):
            for y in (0.0, 1.0):
                assert not GradientAndError(head, loss, float(z), y).reached()


def test_what_has_no_meaning_is_said() -> None:
    assert "not defined here" in GradientAndError("tanh", "cross_entropy", -1.0).words()
    assert "not defined here" in GradientAndError("relu", "poisson", -1.0).words()
    assert "no meaning" in GradientAndError("sigmoid", "cross_entropy", 0.0, 1.5).words()
    assert "no meaning" in GradientAndError("exp", "poisson", 0.0, -0.5).words()


def test_sizes_are_read_with_their_sign() -> None:
    assert [size(v) for v in (-0.25, 0.0, 4.1e-9)] == ["−0.25", "0", "4.1 · 10⁻⁹"]


def test_the_widget_gives_its_settings_back() -> None:
    widget = gradient_and_error(head="sigmoid", loss="squared", z=-3.0)
    assert repr(gradient_and_error(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())
    with pytest.raises(ValueError, match="head"):
        gradient_and_error(head="softmax")
