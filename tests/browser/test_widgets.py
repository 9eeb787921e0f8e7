"""Each widget in JupyterLab, in a browser: keys move it, words follow, nothing fails in silence."""

from pathlib import Path
from statistics import median
from uuid import uuid4

import pytest
from playwright.sync_api import Locator

from nnlib.course import widgets

from .lab import (
    REPOSITORY,
    Lab,
    movable,
    paint_times,
    picture,
    press,
    slider,
    telling,
    write_notebook,
)

# The lesson's name in that of the test makes it a part of `make test LESSON=…`.
WIDGETS = [
    f"{file.parent.name.removeprefix('lesson_')}/{file.stem}"
    for file in sorted(REPOSITORY.glob("nnlib/course/lessons/lesson_*/*.py"))
    if file.stem in widgets.__all__
]
FIRST = "from nnlib.course.widgets import *"
DEAD = """
from dataclasses import dataclass
from nnlib.course.kit.widget import Widget, slider
from nnlib.course.lessons.lesson_01a_neuron.neuron_boundary import NeuronBoundary

@dataclass(frozen=True)
class Dead(NeuronBoundary):
    on_page = (*NeuronBoundary.on_page, "wire")

    wire: float = slider("wire", 0.0, 1.0, 0.1, at=0.0)

Widget(Dead())
"""
FAILING = """
class Failing(Dead):
    def changed(self, **settings):
        raise RuntimeError("nobody sees this")

Widget(Failing())
"""
KIT = "from nnlib.course.kit.widget import Widget\nfrom tests.browser.kit import Kit, kit"
SLOW = """
class Slow(Kit):
    def scene(self):
        import time
        time.sleep(0.4)
        return super().scene()

Widget(Slow())
"""
# In how many rows the panels stand: those of a row end at one height.
ROWS = """node => new Set([...node.querySelectorAll("canvas")]
  .map((canvas) => Math.round(canvas.getBoundingClientRect().bottom))).size"""
QUIZ = """quiz([
    Question("Is H(0) 1?", ["no", "yes"], 1, ["It is 1 where z ≥ 0.", "By convention."]),
    Question("Is σ(0) 1?", ["no", "yes"], 0, ["It is 0.5.", "σ(0) = 0.5."]),
])"""


def words(widget: Locator) -> str:
    return widget.locator(".nnlib-words").inner_text()


def run(lab: Lab, root: Path, *cells: str) -> None:
    """Open a notebook of these cells, and run it."""
    path = root / f"{uuid4()}.ipynb"  # JupyterLab remembers the kernel of a file it knows
    write_notebook(path, *cells)
    lab.open(path.name)
    lab.run_all()


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_widget_answers(lab: Lab, root: Path, widget: str) -> None:
    name = widget.split("/")[1]
    run(lab, root, f"from nnlib.course.widgets import {name}\n{name}()")
    shown = lab.widget()
    press(shown, *telling(shown))
    assert lab.errors() == []


def test_every_widget_of_the_course_is_tried() -> None:
    others = {"Question", "ask", "order", "predict", "quiz"}
    assert {name.split("/")[1] for name in WIDGETS} == set(widgets.__all__) - others


@pytest.mark.parametrize(
    "call, name", [("neuron_boundary()", "w₁"), ("perceptron_stepper(step=3)", "Step")]
)
def test_a_key_moves_picture_and_words(lab: Lab, root: Path, call: str, name: str) -> None:
    run(lab, root, FIRST, call)
    widget = lab.widget()
    press(widget, slider(widget, name))
    times = paint_times(widget, slider(widget, name))
    print(f"{call}: {median(times):.0f} ms from key to picture")
    assert lab.errors() == []


def test_every_control_of_the_neuron(lab: Lab, root: Path) -> None:
    run(lab, root, FIRST, "neuron_boundary('xor')")
    widget = lab.widget()
    words = widget.locator(".nnlib-words")
    start = words.inner_text()
    for name in ("w₁", "w₂", "b"):
        press(widget, slider(widget, name), "End")
    assert words.inner_text().startswith("z = 3 x₁ + 3 x₂ + 4.")
    press(widget, widget.get_by_role("combobox", name="Data"), "ArrowUp")
    press(widget, widget.get_by_role("button", name="Reset"), "Enter")
    assert words.inner_text() == start
    assert lab.errors() == []


def test_no_key_is_lost_while_python_answers(lab: Lab, root: Path) -> None:
    run(lab, root, FIRST, "neuron_boundary(b=-0.5)")
    widget = lab.widget()
    bias = slider(widget, "b")
    for _ in range(20):
        bias.press("ArrowLeft", delay=0)
    widget.get_by_text("z = 1 x₁ + 1 x₂ − 2.5.").first.wait_for()
    assert bias.input_value() == "-2.5"
    assert lab.errors() == []


def test_every_button_of_the_stepper(lab: Lab, root: Path) -> None:
    run(lab, root, FIRST, "perceptron_stepper()")
    widget = lab.widget()
    for name, key, step in [
        ("Next", "Enter", "Step 1,"),
        ("To next mistake", "Space", "Step 4,"),
        ("Back", "Enter", "Step 3,"),
        ("Reset", "Enter", "Before the first step"),
    ]:
        press(widget, widget.get_by_role("button", name=name, exact=True), key)
        assert widget.locator(".nnlib-words").inner_text().startswith(step)
    widget.get_by_role("button", name="Play").press("Enter")
    widget.get_by_text("Step 2, ").first.wait_for()
    widget.get_by_role("button", name="Pause").press("Enter")
    widget.get_by_role("button", name="Play").wait_for()
    assert lab.errors() == []


def test_nothing_plays_by_itself_where_less_motion_is_asked_for(lab: Lab, root: Path) -> None:
    lab.page.emulate_media(reduced_motion="reduce")
    run(lab, root, FIRST, "perceptron_stepper()")
    lab.page.emulate_media(reduced_motion="no-preference")
    assert lab.widget().get_by_role("button", name="Next", exact=True).is_visible()
    assert not lab.widget().get_by_text("Play").is_visible()


def test_every_kind_of_control(lab: Lab, root: Path) -> None:
    run(lab, root, KIT, "kit()")
    widget = lab.widget()
    moves = movable(widget)
    assert len(moves) == 8  # all but the text
    for control, keys in moves:
        if control.inner_text() != "Play":
            press(widget, control, keys[0])
    press(widget, slider(widget, "Learning rate"), "Home")
    assert words(widget).startswith("At (0.5, 2) with learning rate 0.0001:")
    assert lab.errors() == []


def test_a_wrong_text_is_explained_and_the_picture_stays(lab: Lab, root: Path) -> None:
    run(lab, root, KIT, "kit()")
    widget = lab.widget()
    field = widget.get_by_role("textbox", name="Word")
    before = picture(widget)
    field.press("End")
    field.press_sequentially("1")  # key by key, which fill would not show
    field.press("Enter")
    widget.get_by_text("word must be letters alone, not 'abc1'").first.wait_for()
    assert picture(widget) == before
    assert field.get_attribute("aria-invalid") == "true"
    assert field.input_value() == "abc1"
    field.fill("ab")
    press(widget, field, "Enter")
    assert field.get_attribute("aria-invalid") == "false"
    assert "ab, step 0" in words(widget)
    field.fill("a1")
    field.press("Tab")
    widget.get_by_text("word must be letters alone").first.wait_for()
    assert field.input_value() == "a1"
    press(widget, slider(widget, "x₀"))
    assert field.input_value() == "ab"
    assert lab.errors() == []


def test_a_drag_moves_two_sliders_by_their_steps(lab: Lab, root: Path) -> None:
    run(lab, root, KIT, "kit()")
    widget = lab.widget()
    plane = widget.locator("canvas").first
    right, top = plane.evaluate("node => [node.at.x(0.93), node.at.y(2.8)]")
    plane.click(position={"x": right, "y": top})
    widget.get_by_text("At (0.9, 3)").first.wait_for()
    assert slider(widget, "x₀").input_value() == "0.9"
    plane.click(position={"x": 5, "y": top})  # beside the panel
    lab.settle()
    assert words(widget).startswith("At (0.9, 3)")
    plane.hover(position={"x": right, "y": top})
    corner = plane.bounding_box()
    assert corner
    lab.page.mouse.down()
    lab.page.mouse.move(corner["x"] - 50, corner["y"] + top, steps=4)  # beyond the panel
    lab.page.mouse.up()
    widget.get_by_text("At (0, 3)").first.wait_for()
    lab.page.mouse.move(corner["x"] + right, corner["y"] + top)
    lab.settle()
    assert words(widget).startswith("At (0, 3)")
    assert lab.errors() == []


def test_it_plays_to_its_end_however_slow_python_is(lab: Lab, root: Path) -> None:
    run(lab, root, KIT, SLOW)
    widget = lab.widget()
    widget.get_by_role("button", name="Play").press("Enter")
    widget.get_by_text("step 2").first.wait_for()
    widget.get_by_role("button", name="Pause").press("Enter")
    lab.page.wait_for_timeout(1200)  # time for three answers
    assert "step 2" in words(widget) or "step 3" in words(widget)  # no more were under way
    widget.get_by_role("button", name="Play").press("Enter")
    widget.get_by_text("step 5").first.wait_for()
    assert widget.get_by_role("button", name="Play").get_attribute("aria-disabled") == "true"
    assert lab.errors() == []


def test_what_takes_long_is_said_to_be_computing(lab: Lab, root: Path) -> None:
    run(lab, root, KIT, SLOW)
    widget = lab.widget()
    computing = widget.locator("xpath=self::*[@aria-busy='true']")
    assert computing.count() == 0
    widget.get_by_role("button", name="Play").press("Enter")
    computing.wait_for(timeout=2000)
    title = widget.locator(".nnlib-title")
    assert "computing" in title.evaluate("node => getComputedStyle(node, '::after').content")
    widget.get_by_text("step 1").first.wait_for()
    widget.get_by_role("button", name="Pause").press("Enter")
    lab.page.wait_for_timeout(1200)
    assert computing.count() == 0
    assert lab.errors() == []


def test_a_narrow_page_has_fewer_columns(lab: Lab, root: Path) -> None:
    run(lab, root, KIT, "kit()")
    widget = lab.widget()
    rows = [widget.evaluate(ROWS)]
    widget.evaluate("node => (node.style.width = '20rem')")
    lab.page.wait_for_timeout(300)
    rows.append(widget.evaluate(ROWS))
    assert rows == [3, 5]


def test_the_picture_follows_the_theme(lab: Lab, root: Path) -> None:
    run(lab, root, FIRST, "neuron_boundary()")
    light = picture(lab.widget())
    lab.command("apputils:change-theme", theme="JupyterLab Dark")
    lab.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    lab.page.wait_for_timeout(500)
    dark = picture(lab.widget())
    lab.command("apputils:change-theme", theme="JupyterLab Light")
    assert dark != light


def test_a_slider_wired_to_nothing_is_found(lab: Lab, root: Path) -> None:
    run(lab, root, DEAD)
    widget = lab.widget()
    with pytest.raises(AssertionError, match="did not change"):
        press(widget, slider(widget, "wire"))
    press(widget, slider(widget, "b"))


def test_an_error_behind_a_slider_is_found(lab: Lab, root: Path) -> None:
    run(lab, root, DEAD, FAILING)
    assert lab.errors() == []
    slider(lab.widget(1), "b").press("ArrowRight")
    lab.settle()
    assert lab.errors() == ["RuntimeError: nobody sees this"]


def test_a_quiz_by_keyboard(lab: Lab, root: Path) -> None:
    run(lab, root, FIRST, QUIZ, QUIZ)
    first, second = lab.widget(0).locator("form").all()
    verdict = first.get_by_role("status")
    first.get_by_role("radio", name="no").press("Space")
    first.get_by_role("button", name="Check").press("Enter")
    assert verdict.inner_text() == "✗ Not this one. It is 1 where z ≥ 0."
    first.get_by_role("radio", name="no").press("ArrowDown")
    assert verdict.inner_text() == ""
    first.get_by_role("button", name="Check").press("Enter")
    assert verdict.inner_text() == "✓ Right. By convention."
    second.get_by_role("button", name="Check").press("Enter")
    assert second.get_by_role("status").inner_text() == "Choose an option first."
    assert lab.errors() == []
