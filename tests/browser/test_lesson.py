"""Lesson 01 as a student meets it: top to bottom in JupyterLab, and its exercises."""

import json
import re
from pathlib import Path

import pytest

from nnlib.course.exercises import EXERCISES

from .lab import REPOSITORY, Lab, press

LESSON = "notebooks/01_neuron.ipynb"
EXERCISE = "exercises/01_neuron/01_neuron.ipynb"
SOLUTION = "solutions/01_neuron/01_neuron.ipynb"


def needs(path: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not (REPOSITORY / path).exists(), reason=f"there is no {path} yet")


@needs(LESSON)
def test_the_lesson_runs_and_its_widgets_answer(lab: Lab) -> None:
    lab.open(LESSON)
    lab.run_all()
    assert lab.errors() == []
    lab.notebook.locator(".nnlib").first.wait_for()
    widgets = lab.notebook.locator(".nnlib:has(input[type=range])")
    assert widgets.count() > 0
    for widget in widgets.all():
        widget.scroll_into_view_if_needed()
        press(widget, widget.get_by_role("slider").first)
    assert lab.errors() == []


@needs(EXERCISE)
def test_a_mistake_is_named_then_the_answer_passes_and_is_remembered(lab: Lab) -> None:
    answer = answer_of("neuron-answer")
    mistake = answer.replace("np.where(z >= 0, 1.0, 0.0)", "np.where(z > 0, 1.0, 0.0)")
    assert mistake != answer
    sentence = next(m.sentence for m in EXERCISES["neuron"].mistakes if m.name == "strict_step")
    lab.open(EXERCISE)

    lab.run_cell("setup")
    lab.run_cell("neuron-answer")
    assert "not written yet" in lab.run_cell("neuron-check")

    lab.run_cell("neuron-answer", mistake)
    assert sentence in lab.run_cell("neuron-check")

    lab.run_cell("neuron-answer", answer)
    assert "✓ neuron: right" in lab.run_cell("neuron-check")

    lab.restart()
    assert "NameError" in lab.run_cell("neuron-check")
    lab.run_cell("setup")
    shown = lab.run_cell("progress", "progress()")
    assert re.search(r"\bneuron\s+solved", shown), shown


def answer_of(cell: str) -> str:
    """The worked answer in the solution's cell of this id."""
    notebook = json.loads(Path(REPOSITORY / SOLUTION).read_text(encoding="utf-8"))
    source = next(c["source"] for c in notebook["cells"] if c["id"] == cell)
    return "".join(source)
