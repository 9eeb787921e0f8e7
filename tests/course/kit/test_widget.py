"""What every widget has: checked settings, a stable text, a picture beside the live view."""

from base64 import b64decode
from dataclasses import dataclass, replace
from functools import cached_property
from inspect import signature
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from nnlib.course import progress
from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import (
    Arrow,
    Bars,
    Heat,
    Label,
    Line,
    Panel,
    Points,
    Scene,
    picture,
    pixel_centers,
    relief,
    wire,
)
from nnlib.course.kit.widget import (
    Button,
    Choice,
    LogSlider,
    Model,
    Slider,
    Stop,
    Text,
    Widget,
    choice,
    slider,
    steps,
    text,
    widget,
)
from nnlib.course.widgets import neuron_boundary, perceptron_stepper

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
    assert perceptron_stepper(step=24).state["idle"] == ["step", "mistake"]


def test_an_unknown_button_is_an_error() -> None:
    for each in WIDGETS:
        with pytest.raises(ValueError, match="has no button 'jump'"):
            each.model.after("jump")


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


def test_whole_numbers_go_in_steps() -> None:
    slider = Slider("step", "Step", 0, 100, 10)
    assert slider.checked(30) == 30
    with pytest.raises(ValueError, match="step must be a multiple of 10, not 15"):
        slider.checked(15)


def test_the_browser_gets_float32_bytes() -> None:
    sent = wire(Line(np.array([[0.0, 1.0], [2.0, -3.5]]), label="z = 0"))
    assert sent["kind"] == "Line" and sent["label"] == "z = 0"
    assert sent["xy"]["shape"] == [2, 2]
    assert np.frombuffer(sent["xy"]["bytes"], "<f4").tolist() == [0, 1, 2, -3.5]


def test_the_browser_gets_plain_values() -> None:
    panel = Panel((np.float64(0), np.int64(1)), (0, 1), "x", "y", [Label((0, 1), "a")])
    sent = wire(panel)
    assert [type(v) for v in sent["xlim"]] == [float, int]
    assert sent["items"][0]["kind"] == "Label" and sent["items"][0]["xy"] == [0, 1]
    assert sent["drag"] is None


XY = np.array([[0.5, 0.5], [1.5, 1.0]])
SHADES = ((0, "0"), (0.5, ""), (1, "1"))
ITEMS = [
    Heat(np.eye(2), ((0, "0"), (1, "1")), 0.5, "h"),
    Heat(np.eye(2), SHADES, 0.0, "h"),
    Heat(np.eye(2), SHADES, 0.0),
    Heat(np.eye(2), SHADES, 0.0, extent=(0.0, 1.0, 0.0, 1.0)),
    *(
        Points(XY, marker, size=size)
        for marker in ("circle", "square", "triangle", "cross", "ring", "diamond")
        for size in ("normal", "small")
    ),
    *(Line(XY, style=style) for style in ("solid", "dashed", "dotted")),
    *(Line(XY, marker=marker) for marker in ("circle", "square", "triangle", "diamond", "cross")),
    Arrow(*XY),
    Bars(np.array([1.0])),
    Bars(np.array([1.0]), hatch=True),
    Bars(np.array([1.0]), width=0.4),
    Bars(np.array([1.0]), positions=np.array([0.5])),
    Label((1, 1), "a"),
    Label((1, 1), "a", boxed=True),
    Label((1, 1), "a", "blue"),
    Label((1, 1), "a\na"),
    Label((1, 1), "a", size="small"),
    Label((1, 1), "a", align="left"),
    Label((1, 1), "a", align="right"),
]


def shown(*items: Any, **options: Any) -> bytes:
    panel = Panel((0.1, 2.0), (0.1, 2.0), "x", "y", items, **options)
    return picture(Scene((panel,), "words"))


@pytest.mark.heavy
def test_every_item_is_in_the_picture() -> None:
    pictures = {shown(item) for item in ITEMS}
    assert len(pictures | {shown()}) == len(ITEMS) + 1


def test_every_option_of_a_panel_is_in_the_picture() -> None:
    options: list[dict[str, Any]] = [
        {"height": 0.5},
        {"title": "A title"},
        {"axes": False},
        {"xlog": True},
        {"ylog": True},
        {"whole": True},
    ]
    pictures = {shown(ITEMS[0], **each) for each in ({}, *options)}
    assert len(pictures) == len(options) + 1


def test_dashed_is_one_of_the_styles() -> None:
    assert Line(XY, dashed=True) == Line(XY, dashed=True, style="dashed")
    assert shown(Line(XY, dashed=True)) == shown(Line(XY, style="dashed"))


def test_each_shade_of_a_relief_has_an_equal_share_of_the_plane() -> None:
    heights = pixel_centers(-1, 1, 12).prod(axis=1).reshape(12, 12) + np.arange(144).reshape(12, 12)
    heat = relief(heights, shades=8)
    assert np.bincount(heat.values.ravel().astype(int)).tolist() == [18] * 8
    assert heat.values.ravel()[heights.argmin()] == 0 and heat.center == 7


def test_pixels_lie_inside_the_map_rows_from_the_bottom_up() -> None:
    assert pixel_centers(0, 2, 2).tolist() == [[0.5, 0.5], [1.5, 0.5], [0.5, 1.5], [1.5, 1.5]]


def test_what_comes_later_is_drawn_above() -> None:
    under, over = Points(XY, "circle", "blue"), Points(XY, "circle", "orange")
    assert shown(under, over) != shown(over, under)
    assert shown(Label(XY[0], "a", boxed=True), Arrow(*XY)) != shown(
        Arrow(*XY), Label(XY[0], "a", boxed=True)
    )


def test_panels_stand_in_columns() -> None:
    panel = Panel((0.0, 1.0), (0.0, 1.0), "", "", (), axes=False)

    def shape(panels: int, columns: int) -> tuple[int, int]:
        png = picture(Scene((panel,) * panels, "words", columns))
        width, height = np.frombuffer(png[16:24], ">u4")  # where a PNG says its size
        return int(width), int(height)

    tall, wide = shape(3, 1), shape(3, 3)
    assert tall[1] > 2 * tall[0] and wide[0] > 2 * wide[1]
    assert shape(2, 3) == shape(2, 2)


def test_a_log_slider_takes_what_lies_between_and_says_what_does_not() -> None:
    rate = LogSlider("lr", "Learning rate", 0.0001, 10)
    assert rate.checked(np.float32(0.5)) == 0.5
    assert type(rate.checked(1)) is float
    for value in (0.00009, 10.1, "1", None):
        with pytest.raises(ValueError, match=r"lr must be a number from 0\.0001 to 10, not"):
            rate.checked(value)


def test_a_text_is_text() -> None:
    assert Text("f", "f").checked("x + 1") == "x + 1"
    with pytest.raises(TypeError, match="f must be text, not 3"):
        Text("f", "f").checked(3)


def test_a_choice_is_text_and_takes_what_reads_the_same() -> None:
    size = Choice("size", "Size", (("10", "ten"), ("100", "a hundred")))
    assert size.checked(100) == size.checked("100") == "100"
    for value in (1, "ten", None, 10.0):
        with pytest.raises(ValueError, match="size must be one of 10, 100; not"):
            size.checked(value)


@dataclass(frozen=True)
class Shift(Model):
    """The smallest of widgets, for it to be seen that no more is needed."""

    title = "A shift"

    by: float = slider("by", 0.0, 1.0, 0.1, at=0.0)

    def scene(self) -> Scene:
        items = (Points(np.array([[self.by, 0.5]]), "circle"),)
        return Scene((Panel((0.0, 1.0), (0.0, 1.0), "x", "y", items),), f"{self.by}")


def test_a_new_widget_is_one_small_model() -> None:
    widget = Widget(Shift(0.5))
    assert repr(widget) == "shift(by=0.5)"
    assert widget.state["scene"]["words"] == "0.5"


@dataclass(frozen=True)
class Countdown(Model):
    """From `start` down to 0, in words."""

    title = "A countdown"
    buttons = (Button("double", "Twice as far"),)

    start: int = slider("from", 1, 16, 1, at=4)
    said: int = steps(
        lambda model: model.start,
        Button("back", "Back", by=-1),
        Button("on", "On", by=1),
        Button("jump", "To the middle"),
        Button("on", "Play", by=1, plays=True),
        Button("end", "To the end", by=16),
        label="Said",
    )
    word: str = text("Last word", at="zero", examples={"zero": "a number", "lift-off": "a rocket"})
    case: str = choice("Case", {"lower": "lower", "upper": "UPPER"}, at="lower")

    @cached_property
    def left(self) -> int:
        return self.start - self.said

    def jump(self) -> Self:
        return replace(self, said=self.start // 2)

    def double(self) -> Self:
        return replace(self, start=min(2 * self.start, 16))

    def scene(self) -> Scene:
        return Scene((), f"{self.left or self.word}")


def labels(model: Model) -> list[str]:
    return [control.label for control in model.controls()]


def test_settings_stand_in_their_order_each_with_its_buttons() -> None:
    assert labels(Countdown()) == [
        "from", "Said", "Back", "On", "To the middle", "Play", "To the end",
        "Example", "Last word", "Case", "Twice as far",
    ]  # fmt: skip
    assert Countdown() == Countdown(4, 0, "zero", "lower")


def test_a_page_may_have_another_order() -> None:
    class Other(Countdown):
        on_page = ("said", "case", "word", "start", "end", "jump", "double", "back", "on")

    assert labels(Other()) == [
        "Said", "Case", "Example", "Last word", "from",
        "To the end", "To the middle", "Twice as far", "Back", "On", "Play",
    ]  # fmt: skip

    class Shorter(Countdown):
        on_page = ("case", "end")

    assert labels(Shorter())[:4] == ["Case", "To the end", "from", "Said"]


def test_buttons_move_the_steps_in_which_they_stand_and_stop_at_the_ends() -> None:
    model = Countdown(said=3)
    assert model.after("back").said == 2
    assert model.after("on").said == model.after("end").said == 4
    assert model.after("end").after("on").said == 4
    assert Countdown().after("back").said == 0
    assert Countdown(start=16).after("end").said == 16


def test_a_button_that_moves_no_steps_is_a_method() -> None:
    assert Countdown().after("jump").said == 2
    assert Countdown(start=5).after("double").start == 10
    for action in ("left", "scene", "changed", "start", "__init__"):  # no buttons of the page
        with pytest.raises(ValueError, match=f"countdown has no button '{action}'"):
            Countdown().after(action)


def test_how_far_it_goes_may_depend_on_what_stands_above() -> None:
    assert Countdown(9, 9).said == 9
    with pytest.raises(ValueError, match="said must be a number from 0 to 4, not 9"):
        Countdown(4, 9)
    with pytest.raises(ValueError, match="start must be a number from 1 to 16"):
        Countdown(99, 9)  # and not that of `said`


def test_idle_is_what_would_change_no_setting() -> None:
    start = Countdown()
    assert start.left == 4  # which is kept, and no setting
    assert start.idle() == ("back",)
    assert Countdown(16, 16).idle() == ("on", "end", "double")
    assert Countdown(16, 8).idle() == ("jump", "double")


def test_idle_costs_no_scene(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Countdown, "scene", lambda self: pytest.fail("it is not drawn"))
    Countdown().idle()


def test_examples_stand_in_a_menu_with_what_was_typed() -> None:
    def menu(word: str) -> tuple[tuple[str, str], ...]:
        return next(c.options for c in Countdown(word=word).controls() if c.label == "Example")

    known = (("zero", "a number"), ("lift-off", "a rocket"))
    assert menu("zero") == known
    assert menu("go") == (*known, ("go", "your own"))
    with pytest.raises(TypeError, match="word must be text, not 3"):
        Countdown(word=3)  # type: ignore[arg-type]


def test_the_function_that_students_call() -> None:
    countdown = widget(Countdown)
    assert countdown.__name__ == "countdown"
    assert list(signature(countdown).parameters) == ["start", "said", "word", "case"]
    assert countdown.__doc__ == (
        "From `start` down to 0, in words.\n\n"
        '`start` goes from 1 to 16; `case` is "lower" or "upper". Raises ValueError for anything else.\n'
        "`countdown(**widget.settings)` shows the same again."
    )
    shown = countdown(3, word="lift-off")
    assert repr(shown) == "countdown(start=3, said=0, word='lift-off', case='lower')"
    assert shown.state["idle"] == ["back"]


@pytest.mark.parametrize("message", [{"change": {"by": 2}}, {"press": "jump"}])
def test_a_wrong_change_is_said_and_the_picture_stays(message: dict[str, Any]) -> None:
    widget = Widget(Shift(0.5))
    before = widget.state
    widget._on_message(widget, message, None)
    error = widget.state["error"]
    assert error["words"].startswith(("by must be a number", "shift has no button"))
    assert error["settings"] == list(message.get("change", {}))
    assert {**widget.state, "error": None} == before
    widget._on_message(widget, {"change": {"by": 0.6}}, None)
    assert widget.state["error"] is None
    assert widget.settings == {"by": 0.6}


@pytest.mark.parametrize(
    "message", [{"change": {"by": 0.5}}, {"change": {"by": 2}}, {"press": "jump"}, {"reset": True}]
)
def test_every_message_is_answered(message: dict[str, Any], monkeypatch: Any) -> None:
    answers: list[Any] = []
    monkeypatch.setattr(Widget, "send", lambda self, content: answers.append(content))
    widget = Widget(Shift(0.5))
    widget._on_message(widget, message, None)
    assert answers == ["answered"]


def test_a_model_that_cannot_be_drawn_is_not_kept() -> None:
    class Fragile(Shift):
        def scene(self) -> Scene:
            if self.by == 1:
                raise ValueError("1 cannot be drawn")
            return super().scene()

    widget = Widget(Fragile())
    widget._on_message(widget, {"change": {"by": 1}}, None)
    assert widget.state["error"]["words"] == "1 cannot be drawn"
    assert widget.settings == {"by": 0}


def test_a_model_with_a_button_that_fails_is_not_kept() -> None:
    class Fragile(Countdown):
        def jump(self) -> Self:
            if self.said == 3:
                raise ValueError("from 3 there is no way")
            return super().jump()

    widget = Widget(Fragile())
    widget._on_message(widget, {"change": {"said": 3}}, None)
    assert widget.state["error"]["words"] == "from 3 there is no way"
    assert widget.settings["said"] == widget.state["settings"]["said"] == 0


def test_a_scene_is_computed_once_for_each_message() -> None:
    computed = []

    class Costly(Shift):
        def scene(self) -> Scene:
            computed.append(self.by)
            return super().scene()

    widget = Widget(Costly())
    widget._repr_mimebundle_()
    widget._on_message(widget, {"change": {"by": 0.5}}, None)
    assert computed == [0.0, 0.5]


@pytest.mark.parametrize(
    ("value", "text"), [(0.125, "0.12"), (-1.5, "−1.5"), (-0.0, "0"), (-0.001, "0"), (400, "400")]
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


@dataclass(frozen=True)
class Aimed(Shift):
    """A shift with a goal and a tour."""

    goal = "shift it by half or more"
    tour = (
        Stop("It can be moved.", light="by"),
        Stop("It is here.", light="a title", by=0.75),
        Stop("Nothing is lit up."),
    )

    def reached(self) -> bool:
        return self.by >= 0.5

    def scene(self) -> Scene:
        return Scene((replace(super().scene().panels[0], title="a title"),), f"by {self.by}")


def sent(widget: Widget, **message: Any) -> dict[str, Any]:
    widget._on_message(widget, message, None)
    return widget.state


def test_a_goal_that_was_reached_stays_so() -> None:
    widget = Widget(Aimed())
    assert widget.state["goal"] == {"words": Aimed.goal, "here": False, "ever": False}
    assert not sent(widget, change={"by": 0.4})["goal"]["ever"]
    assert sent(widget, change={"by": 0.5})["goal"] == {
        "words": Aimed.goal, "here": True, "ever": True,
    }  # fmt: skip
    for message in ({"change": {"by": 0.1}}, {"reset": True}):
        goal = sent(widget, **message)["goal"]
        assert goal["ever"] and not goal["here"]


def test_a_goal_is_remembered_for_its_lesson(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))
    sent(Widget(Aimed()), change={"by": 1.0})
    assert progress.read()[0] == {}  # of no lesson
    monkeypatch.setattr(Aimed, "lesson", "10a_momentum")
    widget = Widget(Aimed(0.6))  # it was built so, not reached
    assert not widget.state["goal"]["ever"] and progress.read()[0] == {}
    sent(widget, change={"by": 1.0})
    [(key, remembered)] = progress.read()[0].items()
    assert key == "goal: 10a_momentum/aimed"
    assert remembered["result"] == "reached" and remembered["goal"] == Aimed.goal


def test_a_widget_knows_its_lesson() -> None:
    assert neuron_boundary().model.lesson == "01a_neuron"
    assert Shift.lesson == ""


def test_a_widget_without_a_goal_has_none() -> None:
    assert sent(Widget(Shift()), change={"by": 1.0})["goal"] == {
        "words": "", "here": False, "ever": False,
    }  # fmt: skip


def test_a_tour_sets_the_state_and_ends_where_it_began() -> None:
    widget = Widget(Aimed(0.2))
    assert widget.state["tour"] == {"stops": 3, "at": None}
    assert sent(widget, tour=0)["tour"] == {
        "stops": 3, "at": 0, "words": "It can be moved.", "light": "by",
    }  # fmt: skip
    assert widget.settings == {"by": 0.0}  # as the widget begins, not as it was
    sent(widget, tour=1)
    assert widget.settings == {"by": 0.75}
    assert not widget.state["goal"]["ever"]  # the tour was there, not the student
    assert sent(widget, change={"by": 1.0})["tour"]["at"] == 1
    assert sent(widget, tour=None)["tour"]["at"] is None
    assert widget.settings == {"by": 0.2} and not widget.state["goal"]["ever"]
    sent(widget, tour=2)
    assert sent(widget, reset=True)["tour"]["at"] is None
    assert sent(widget, change={"by": 0.9})["goal"]["ever"]


def test_a_tour_that_speaks_of_what_is_not_there_says_so() -> None:
    class Lost(Aimed):
        tour = (Stop("Where?", light="nowhere"), Stop("When?", by=3.0))

    with pytest.raises(ValueError, match="lost: the tour finds no 'nowhere' to light up"):
        Lost.on_tour(Lost.tour[0])
    assert "by must be a number" in sent(Widget(Lost()), tour=1)["error"]["words"]


def test_a_page_cannot_name_what_it_has_not() -> None:
    class Misspelt(Countdown):
        on_page = ("case", "strat")

    with pytest.raises(ValueError, match="misspelt: on_page names 'strat'; there are"):
        widget(Misspelt)
