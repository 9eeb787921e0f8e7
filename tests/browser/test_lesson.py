"""The lessons as a student meets them: top to bottom in JupyterLab, and exercises of the first."""

import json
import re
from pathlib import Path

import pytest

from nnlib.course.lessons import EXERCISES

from .lab import REPOSITORY, Lab, press, telling

LESSONS = sorted(path.name for path in (REPOSITORY / "notebooks").glob("[0-9]*_*.ipynb"))
EXERCISE = "exercises/01a_neuron/01a_neuron.ipynb"
SOLUTION = "solutions/01a_neuron/01a_neuron.ipynb"


def needs(path: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not (REPOSITORY / path).exists(), reason=f"there is no {path} yet")


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_and_its_widgets_answer(lab: Lab, lesson: str) -> None:
    lab.open(f"notebooks/{lesson}")
    lab.run_all()
    assert lab.errors() == []
    outputs = "\n".join(lab.notebook.locator(".jp-OutputArea").all_inner_texts())
    assert not re.search(r"\w+Warning: .*", outputs)
    lab.notebook.locator(".nnlib").first.wait_for()
    widgets = lab.notebook.locator(".nnlib:has(canvas)")
    assert widgets.count() > 0
    for widget in widgets.all():
        widget.scroll_into_view_if_needed()
        press(widget, *telling(widget))
    assert lab.errors() == []


@needs(EXERCISE)
def test_a_mistake_is_named_then_the_answer_passes_and_is_remembered(lab: Lab) -> None:
    answer = answer_of("neuron-answer")
    mistake = answer.replace("np.where(z >= 0, 1.0, 0.0)", "np.where(z > 0, 1.0, 0.0)")
    assert mistake != answer
    sentence = EXERCISES["neuron"].mistakes[0].sentence
    assert sentence.startswith("Your step is 0 at z = 0")
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
