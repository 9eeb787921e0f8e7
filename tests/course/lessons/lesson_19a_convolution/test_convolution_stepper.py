"""The convolution stepper, without Jupyter: its numbers, its brush, and the ends of every range."""

from itertools import product

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib.course.kit.scene import Heat, Label, Line, picture, wire
from nnlib.course.lessons.lesson_19a_convolution.convolution_stepper import (
    IMAGES,
    KERNELS,
    NUMBERED,
    RIGHTWARD,
    ConvolutionStepper,
    N,
    drawn,
    parsed,
)
from nnlib.course.widgets import convolution_stepper
from nnlib.data import shift


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1])
def test_the_output_is_nnlibs(stride: int, padding: int) -> None:
    for image, kernel in product(IMAGES, KERNELS):
        model = ConvolutionStepper(image, kernel, "correlation", stride, padding, 0, 0)
        x, k = model.pixels[None], parsed(kernel)[None, None]
        expected = F.conv2d(x, k, stride=stride, padding=padding).data[0]
        np.testing.assert_allclose(model.output, expected, atol=1e-12)
        turned = model.changed(operation="convolution")
        expected = F.conv2d(x, k[..., ::-1, ::-1].copy(), stride=stride, padding=padding).data[0]
        np.testing.assert_allclose(turned.output, expected, atol=1e-12)


def test_every_place_is_the_sum_of_its_window() -> None:
    model = ConvolutionStepper("L", NUMBERED, stride=2, padding=1, row=0, column=0)
    for row, column in np.ndindex(model.size, model.size):
        there = model.changed(row=row, column=column)
        assert there.value == np.sum(there.window * there.laid)
        assert there.words().endswith((f"= {there.value:g}.", "every product is 0."))


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1])
def test_every_end_can_be_shown(stride: int, padding: int) -> None:
    last = (N + 2 * padding - 3) // stride
    for operation, place in product(("correlation", "convolution"), (0, last)):
        model = ConvolutionStepper(
            "slope", NUMBERED, operation, stride, padding, place, place, "ink"
        )
        scene = model.scene()
        wire(scene)
        for panel in scene.panels:
            low, high = panel.xlim
            for item in panel.items:
                if isinstance(item, Line):
                    assert low <= item.xy[:, 0].min() and item.xy[:, 0].max() <= high
                    assert low <= item.xy[:, 1].min() or panel.height < 1
    assert picture(model.scene())


def test_a_click_in_the_image_finds_the_window_around_it() -> None:
    """The image is drawn in places of the output: the middle of a window lies at its place."""
    for stride, padding in product((1, 2, 3), (0, 1)):
        model = ConvolutionStepper(stride=stride, padding=padding, row=1, column=1)
        panel = model.image_panel()
        assert panel.drag == ("column", "row")
        [window] = [item for item in panel.items if isinstance(item, Line) and item.label]
        assert window.xy[:4].mean(axis=0) == pytest.approx([1, 1])
        [heat] = [item for item in panel.items if isinstance(item, Heat)]
        assert heat.extent is not None
        pixel = (heat.extent[1] - heat.extent[0]) / N
        assert pixel == pytest.approx(1 / stride)


def test_a_dot_answers_with_the_turned_kernel() -> None:
    model = ConvolutionStepper("dot", NUMBERED)
    around = np.s_[2:5, 3:6]
    np.testing.assert_array_equal(model.output[around], parsed(NUMBERED)[::-1, ::-1])
    turned = model.changed(operation="convolution")
    np.testing.assert_array_equal(turned.output[around], parsed(NUMBERED))


def test_the_goal_moves_the_image_and_is_not_reached_at_the_start() -> None:
    assert not ConvolutionStepper().reached()
    model = ConvolutionStepper("L", RIGHTWARD)
    assert model.reached()
    np.testing.assert_array_equal(model.output, shift(model.pixels, dx=1))
    assert not model.changed(operation="convolution").reached()
    assert ConvolutionStepper(kernel="0 0 0 / 0 0 1 / 0 0 0", operation="convolution").reached()


def test_the_brush_paints_where_it_moves_and_a_new_image_forgets_it() -> None:
    model = ConvolutionStepper("blank", brush="ink", row=2, column=2)
    assert model.pixels.sum() == 0  # it has not moved yet
    drawn_on = model.changed(column=3).changed(row=3)
    assert np.argwhere(drawn_on.pixels).tolist() == [[2, 3], [3, 3]]
    erased = drawn_on.changed(brush="paper").changed(row=2)
    assert np.argwhere(erased.pixels).tolist() == [[3, 3]]
    assert "your image" in erased.words()
    np.testing.assert_array_equal(erased.changed(image="dot").pixels, drawn("dot"))
    corner = ConvolutionStepper("blank", brush="ink").changed(row=7, column=7)
    assert np.argwhere(corner.pixels).tolist() == [[7, 7]]


def test_a_smaller_output_keeps_its_place_inside() -> None:
    corner = ConvolutionStepper(padding=1, row=7, column=7)
    assert corner.changed(stride=3, padding=0).size == 2
    moved = corner.changed(stride=3, padding=0)
    assert (moved.row, moved.column) == (1, 1)
    assert corner.changed(padding=0).changed(padding=1).row == 5


def test_a_scan_visits_every_place_and_begins_anew() -> None:
    model = ConvolutionStepper(stride=3, padding=0, row=0, column=0)
    seen = []
    for _ in range(4):
        seen.append((model.row, model.column))
        model = model.after("next")
    assert seen == [(0, 0), (0, 1), (1, 0), (1, 1)] and (model.row, model.column) == (0, 0)


def test_the_tour_finds_what_it_lights_up() -> None:
    for stop in ConvolutionStepper.tour:
        assert ConvolutionStepper.on_tour(stop).scene()


def test_products_are_written_as_they_are_added() -> None:
    items = ConvolutionStepper().products_panel().items
    texts = [item.text for item in items if isinstance(item, Label)]
    assert texts == ["0 · −1", "1 · 0", "1 · 1"] * 3 + ["sum: 3"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kernel": "1 2 3"}, "here are 3"),
        ({"kernel": "1 2 3 4 5 6 7 8 x"}, "nine numbers, such as"),
        ({"kernel": "1 2 3 4 5 6 7 8 900"}, "between −100 and 100"),
        ({"kernel": "1 2 3 4 5 6 7 8 nan"}, "between"),
        ({"paint": "01"}, "64 digits"),
        ({"row": 8}, "row"),
        ({"stride": 4}, "stride"),
        ({"image": "cat"}, "image"),
    ],
)
def test_what_cannot_be_shown_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        convolution_stepper(**wrong)


def test_the_widget_gives_its_settings_back() -> None:
    widget = convolution_stepper(image="L", stride=2, row=1, column=1)
    assert repr(convolution_stepper(**widget.settings)) == repr(widget)
