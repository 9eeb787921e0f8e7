"""What every widget has: checked settings, a stable text, a picture beside the live view."""

from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from nnlib.course.widgets import neuron_boundary, perceptron_stepper
from nnlib.course.widgets.base import Control, Model, Slider, Widget, number
from nnlib.course.widgets.scene import Bars, Heat, Line, Panel, Points, Scene, picture, wire

VIEW = "application/vnd.jupyter.widget-view+json"
WIDGETS = [
    neuron_boundary("xor", w1=-2, w2=0.5, b=1, activation="tanh"),
    perceptron_stepper("or", order="reversed", step=5),
]


@pytest.mark.parametrize("widget", WIDGETS, ids=repr)
class TestEveryWidget:
    def test_its_text_builds_it_again(self, widget: Widget) -> None:
        functions = {
            "neuron_boundary": neuron_boundary,
            "perceptron_stepper": perceptron_stepper,
        }
        again = eval(repr(widget), functions)
        assert again.model == widget.model
        assert repr(again) == repr(widget)

    def test_its_settings_can_be_passed_back_in(self, widget: Widget) -> None:
        assert type(widget.model)(**widget.settings) == widget.model

    def test_it_has_a_picture_in_words_too(self, widget: Widget) -> None:
        data, metadata = widget._repr_mimebundle_()
        words = f"{widget.model.title}. {widget.model.scene().words}"
        assert b64decode(data["image/png"]).startswith(b"\x89PNG")
        assert data["text/plain"] == metadata["image/png"]["alt"] == words
        assert data["text/html"].startswith("<img alt=")
        assert VIEW in data

    def test_its_picture_is_always_the_same(self, widget: Widget) -> None:
        scene = widget.model.scene()
        assert picture(scene) == picture(scene)


def test_a_moved_slider_gives_a_new_scene_and_reset_the_first() -> None:
    widget = neuron_boundary()
    first = widget.state
    widget._on_message(widget, {"change": {"w1": -0.5}}, None)
    assert widget.settings["w1"] == -0.5
    assert widget.state["scene"]["words"].startswith("z = −0.5 x₁")
    widget._on_message(widget, {"reset": True}, None)
    assert widget.state == first


def test_buttons_that_would_do_nothing_are_idle() -> None:
    assert perceptron_stepper().state["idle"] == ["back"]
    assert perceptron_stepper(step=5).state["idle"] == []
    assert perceptron_stepper(step=24).state["idle"] == ["step", "mistake", "step"]


def test_an_unknown_button_is_an_error() -> None:
    for widget in WIDGETS:
        with pytest.raises(ValueError, match="has no button 'jump'"):
            widget.model.after("jump")


@pytest.mark.parametrize("value", [np.float64(0.5), np.float32(0.5), 0.5])
def test_numbers_of_every_kind_become_plain_floats(value: Any) -> None:
    w1 = neuron_boundary(w1=value).settings["w1"]
    assert type(w1) is float
    assert w1 == 0.5


@pytest.mark.parametrize("value", ["1", None, 3.1, -3.1, float("nan"), 1j])
def test_a_setting_out_of_range_is_named(value: Any) -> None:
    with pytest.raises(ValueError, match="w1 must be a number from −3 to 3, not"):
        neuron_boundary(w1=value)


def test_whole_numbers_stay_whole() -> None:
    slider = Slider("step", "Step", 0, 10, 1)
    assert slider.checked(np.int64(3)) == 3
    assert type(slider.checked(3.0)) is int
    with pytest.raises(ValueError, match=r"step must be a whole number, not 2\.5"):
        slider.checked(2.5)


def test_the_browser_gets_float32_bytes() -> None:
    sent = wire(Line(np.array([[0.0, 1.0], [2.0, -3.5]]), label="z = 0"))
    assert sent["kind"] == "Line" and sent["label"] == "z = 0"
    assert sent["xy"]["shape"] == [2, 2]
    assert np.frombuffer(sent["xy"]["bytes"], "<f4").tolist() == [0, 1, 2, -3.5]


def test_every_item_is_in_the_picture() -> None:
    def shown(*items: Any) -> bytes:
        return picture(Scene((Panel((0.0, 2.0), (0.0, 2.0), "x", "y", items),), "words"))

    xy = np.array([[0.5, 0.5], [1.5, 1.0]])
    items = [
        Heat(np.eye(2), ((0, "0"), (1, "1")), 0.5, "h"),
        *(Points(xy, marker) for marker in ("circle", "square", "ring", "diamond")),
        Line(xy),
        Line(xy, dashed=True),
        Bars(np.array([1.0])),
    ]
    pictures = {shown(item) for item in items}
    assert len(pictures | {shown()}) == len(items) + 1


def test_a_new_widget_is_one_small_model() -> None:
    @dataclass(frozen=True)
    class Shift(Model):
        by: float = 0.0
        title = "A shift"
        function = "shift"

        def controls(self) -> tuple[Control, ...]:
            return (Slider("by", "by", 0.0, 1.0, 0.1),)

        def scene(self) -> Scene:
            items = (Points(np.array([[self.by, 0.5]]), "circle"),)
            return Scene((Panel((0.0, 1.0), (0.0, 1.0), "x", "y", items),), f"{self.by}")

    widget = Widget(Shift(0.5))
    assert repr(widget) == "shift(by=0.5)"
    assert widget.state["scene"]["words"] == "0.5"


@pytest.mark.parametrize(
    ("value", "text"), [(0.125, "0.12"), (-1.5, "−1.5"), (-0.0, "0"), (-0.001, "0"), (400, "400")]
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text
