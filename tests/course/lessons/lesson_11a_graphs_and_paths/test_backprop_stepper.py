"""The backprop stepper's steps, without Jupyter."""

from dataclasses import replace

import numpy as np
import pytest

from nnlib.course.kit.scene import Arrow, Label, picture, wire
from nnlib.course.lessons.lesson_11a_graphs_and_paths.backprop_stepper import (
    EXAMPLES,
    BackpropStepper,
    backprop_stepper,
)


def example(text: str, step: int = 0) -> BackpropStepper:
    a, b, c = EXAMPLES[text][1]
    return BackpropStepper(text, a, b, c, step)


def labels(model: BackpropStepper) -> list[str]:
    return [item.text for item in model.scene().panels[0].items if isinstance(item, Label)]


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_step_of_every_example_can_be_shown(text: str):
    last = example(text).last
    for step in range(last + 1):
        model = example(text, step)
        scene = model.scene()
        wire(scene)
        assert scene.words == model.words()
        assert len(model.sent) == max(step - model.forward - 1, 0)
    assert picture(example(text).scene())
    assert picture(example(text, last).scene())


@pytest.mark.parametrize("text", EXAMPLES)
@pytest.mark.parametrize("corner", [-3.0, 3.0])
def test_examples_at_the_ends_of_the_sliders(text: str, corner: float):
    start = BackpropStepper(text, corner, corner, corner)
    end = replace(start, step=start.last)
    wire(end.scene())
    arrived = end.gradients
    np.testing.assert_allclose(arrived, [float(node.gradient) for node in end.nodes])


def test_values_come_one_by_one_and_then_gradients():
    toy = "(a + b) * (b + 1)"
    assert labels(example(toy)) == [
        "a = 2",
        "b = 1",
        "c = a + b\n?",
        "d = b + 1\n?",
        "e = c · d\n?",
    ]
    assert "c = a + b\n3" in labels(example(toy, 1))
    assert "e = c · d\n6\n∂ 1" in labels(example(toy, 4))
    waiting = labels(example(toy, 7))
    assert "b = 1\n∂ 3 + …" in waiting
    assert "1 × 3 = 3" in waiting
    assert {"a = 2\n∂ 2", "b = 1\n∂ 5"} <= set(labels(example(toy, 9)))


def test_arrows_turn_round_when_the_gradient_has_gone_back():
    def heights(step: int) -> list[bool]:
        items = example("(a + b) * (b + 1)", step).scene().panels[0].items
        return [bool(i.end[1] > i.start[1]) for i in items if isinstance(i, Arrow)]

    assert heights(4) == [False] * 5
    assert heights(6) == [True, True, False, False, False]
    assert heights(9) == [True] * 5


@pytest.mark.parametrize(
    "step, words",
    [
        (0, "e = (a + b) * (b + 1). Only the inputs are known: a = 2, b = 1."),
        (1, "Forward, 1 of 3: c = a + b = 3. Kept for the way back: ∂c/∂a = 1, ∂c/∂b = 1."),
        (4, "The turn: e is the output, and ∂e/∂e = 1. Now back."),
        (6, "Backward, edge 2 of 5, from e to d: ∂e/∂d × ∂e/∂e = 3 × 1 = 3."),
        (9, "The paths add: 3 + 2 = 5. Done, each edge once: ∂e/∂a = 2, ∂e/∂b = 5."),
    ],
)
def test_each_step_is_told_in_numbers(step: int, words: str):
    assert words in example("(a + b) * (b + 1)", step).words()


def test_the_thirteen_net_sends_nothing_through_the_closed_gate():
    end = example("-2*relu(a - 3*b) + 4*relu(c*b - 2*a) - relu(2*a + b)")
    end = replace(end, step=end.last)
    assert "Done, each edge once: ∂p/∂a = −4, ∂p/∂b = 5, ∂p/∂c = 0." in end.words()
    assert "p = m − o\n−13\n∂ 1" in labels(end)


def test_a_value_read_three_times_collects_three_parts():
    model = example("(a * b + a * b) * (a * b)", 8)
    assert "The paths add: 4 + 2 + 2 = 8." in model.words()


def test_another_formula_begins_anew_and_an_example_at_its_own_numbers():
    model = example("(a + b) * (b + 1)", 5)
    kink = model.changed(expression="relu(a) - relu(-a)")
    assert (kink.a, kink.step) == (0.0, 0)
    own = model.changed(expression="a * a * b")
    assert (own.a, own.b, own.step) == (2.0, 1.0, 0)
    assert ("a * a * b", "your own") in own.controls()[0].options
    assert model.changed(a=1.0).step == 5


def test_buttons():
    model = example("(a + b) * (b + 1)")
    assert model.idle() == ("back",)
    assert model.after("back") == model
    assert model.after("turn").step == 3
    assert model.after("turn").idle() == ("turn",)
    end = replace(model, step=model.last)
    assert end.idle() == ("step",)
    assert end.after("step") == end
    assert end.after("back").step == model.last - 1
    with pytest.raises(ValueError, match="no button"):
        model.after("jump")


def test_a_formula_without_b_has_no_b_in_its_graph():
    model = BackpropStepper("a * c + c", 1, 2, 3)
    assert model.names == ["a", "c", "d", "e"]


def test_wrong_settings_are_refused():
    for wrong in [{"a": 4}, {"step": 10}, {"step": -1}, {"expression": "q"}]:
        with pytest.raises(ValueError):
            backprop_stepper(**wrong)
    with pytest.raises(TypeError, match="must be text"):
        backprop_stepper(3)
    with pytest.raises(ValueError, match="log has no finite"):
        BackpropStepper("log(a)", 1.0).changed(a=0.0)


def test_a_wrong_formula_keeps_the_picture_and_is_told():
    widget = backprop_stepper()
    before = widget.state["scene"]
    widget._on_message(widget, {"change": {"expression": "a ? b"}}, None)
    assert "cannot be read" in widget.state["error"]["words"]
    assert widget.state["scene"] == before
    widget._on_message(widget, {"change": {"expression": "a * b"}}, None)
    assert widget.state["error"] is None
    assert widget.settings["expression"] == "a * b"


def test_the_goal_is_reached_where_two_parts_cancel_at_the_end():
    toy = "(a + b) * (b + 1)"
    assert not BackpropStepper().reached()
    assert not BackpropStepper(toy, 2, 1, 0, step=9).reached(), "3 + 2 do not cancel"
    assert BackpropStepper(toy, -2, 0.5, 0, step=9).reached(), "1.5 − 1.5"
    assert not BackpropStepper(toy, -2, 0.5, 0, step=8).reached(), "not there yet"
    assert not BackpropStepper(toy, 1, -1, 0, step=9).reached(), "0 + 0 is no canceling"
    assert not BackpropStepper("a * c + c", 1, 2, 3, step=6).reached(), "no b"


def test_what_the_tour_says_is_in_the_picture():
    stops = [BackpropStepper.on_tour(stop) for stop in BackpropStepper.tour]
    assert [model.step for model in stops] == [0, 1, 4, 6, 7, 9]
    assert "c = a + b\n3" in labels(stops[1])
    assert "e = c · d\n6\n∂ 1" in labels(stops[2])
    assert {"c = a + b\n3\n∂ 2", "d = b + 1\n2\n∂ 3"} <= set(labels(stops[3]))
    assert "b = 1\n∂ 3 + …" in labels(stops[4])
    assert "b = 1\n∂ 5" in labels(stops[5])


def test_settings_reproduce_the_widget():
    widget = backprop_stepper("a * b + c", a=-1, step=2)
    assert backprop_stepper(**widget.settings).model == widget.model
