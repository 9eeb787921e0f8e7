"""The digit joystick, without Jupyter: what it says of shifts is true."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, Points, picture, wire
from nnlib.course.lessons.lesson_19a_convolution.digit_joystick import (
    INK,
    NETWORKS,
    DigitJoystick,
    example,
    network,
    on_canvas,
    unit_of,
)
from nnlib.course.widgets import digit_joystick
from nnlib.data import load_digits_split


@pytest.mark.parametrize("kind", NETWORKS)
def test_networks_read_what_stands_in_the_middle_and_little_else(kind: str) -> None:
    _, _, X, y = load_digits_split(dtype=np.float64, standardize=False)
    images = on_canvas(X)

    def right(dx: int) -> float:
        moved = np.roll(images, dx, axis=2).reshape(len(X), -1)  # nothing is at the edge
        return float(np.mean(network(kind)(moved).data.argmax(axis=1) == y))

    assert right(0) > 0.93
    assert max(right(-1), right(1)) < 0.6 and max(right(-2), right(2)) < 0.3


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("digit", range(10))
def test_every_digit_is_read_right_where_it_begins(kind: str, digit: int) -> None:
    model = DigitJoystick(str(digit), kind)
    assert model.read_as == digit and "in the middle, is read as" in model.words()
    assert not model.reached()


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("dx", [-2, 0, 2])
@pytest.mark.parametrize("dy", [-2, 2])
def test_every_end_can_be_shown(kind: str, dx: int, dy: int) -> None:
    model = DigitJoystick("9", kind, dx, dy)
    scene = model.scene()
    wire(scene)
    assert model.canvas.sum() == pytest.approx(example(9).sum())  # nothing leaves the canvas
    [ink] = [item for item in scene.panels[1].items if isinstance(item, Points)]
    assert len(ink.xy) == np.sum(example(9) > INK)
    bars = [item for item in scene.panels[2].items if isinstance(item, Bars)]
    assert sum(bar.heights.sum() for bar in bars) == pytest.approx(1)


def test_the_ink_lies_where_the_digit_is() -> None:
    def ink(model: DigitJoystick) -> np.ndarray:
        [points] = [p for p in model.template_panel().items if isinstance(p, Points)]
        return points.xy

    moved = ink(DigitJoystick("5", dx=2, dy=-1)) - ink(DigitJoystick())
    np.testing.assert_allclose(moved, np.broadcast_to([2, -1], moved.shape))


def test_the_match_is_that_of_the_template_shown() -> None:
    model = DigitJoystick("5", "softmax", dx=1)
    name, template = unit_of("softmax", 5)
    assert name == "output 5"
    assert model.match(model.canvas) == pytest.approx(np.vdot(template, model.canvas))
    assert model.match(model.canvas) < 0.6 * model.match(example(5))


def test_the_goal_can_be_reached_by_some_digits_only() -> None:
    corners = [(dx, dy) for dx in (-2, 2) for dy in (-2, 2)]
    reached = [
        [k for k in range(10) if any(DigitJoystick(str(k), kind, *c).reached() for c in corners)]
        for kind in NETWORKS
    ]
    assert all(0 < len(found) < 6 for found in reached), reached


def test_the_widget_gives_its_settings_back() -> None:
    widget = digit_joystick(digit=7, network="mlp", dx=-1)
    assert widget.settings == {"digit": "7", "network": "mlp", "dx": -1, "dy": 0}
    assert repr(digit_joystick(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"digit": 10}, {"network": "conv"}, {"dx": 3}, {"dy": 0.5}])
def test_what_the_sliders_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        digit_joystick(**wrong)
