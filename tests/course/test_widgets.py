"""Every widget is found by its name, and imported when it is asked for."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mypy import api as mypy

from nnlib.course import lessons, widgets
from nnlib.course.kit.widget import Button, Model, Widget

ROOT = Path(__file__).parents[2]
QUESTIONS = ("Question", "ask", "order", "predict", "quiz")
FILES = sorted((ROOT / "nnlib/course/lessons").glob("lesson_*/*.py"))
NAMES = [name for name in widgets.__all__ if name not in QUESTIONS]


def imported(file: Path) -> list[str]:
    """The modules of nnlib.course that a file imports from."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    names = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return [name for name in names if name.startswith("nnlib.course")]


def test_every_file_that_is_made_with_the_kit_is_found() -> None:
    makers = [file.stem for file in FILES if "nnlib.course.kit.widget" in imported(file)]
    assert sorted(makers) == sorted(NAMES)
    assert dir(widgets) == sorted(widgets.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_a_widget_has_its_name_and_can_be_moved(name: str) -> None:
    show = getattr(widgets, name)
    assert show is getattr(lessons.module_of(name), name)
    shown = show()
    assert isinstance(shown, Widget)
    model: Model = shown.model
    assert repr(shown).startswith(f"{name}(") and model.function == show.__name__ == name
    assert type(model)(**model.settings()) == model
    for button in (control for control in model.controls() if isinstance(control, Button)):
        changes = model.after(button.action) != model
        assert changes == (button.action not in model.idle())


@pytest.mark.parametrize("name", NAMES)
def test_a_goal_is_still_to_be_reached_and_a_tour_finds_what_it_lights_up(name: str) -> None:
    model: Model = getattr(widgets, name)().model
    assert not model.reached()
    assert not model.goal.endswith(".")  # the page ends the sentence
    assert len(model.tour) in (0, *range(2, 8))
    for stop in model.tour:
        assert isinstance(model.on_tour(stop), type(model)) and stop.words


@pytest.mark.parametrize("name", NAMES)
def test_a_widget_leans_on_the_kit_and_on_its_own_lesson_alone(name: str) -> None:
    [file] = [file for file in FILES if file.stem == name]
    own = f"nnlib.course.lessons.{file.parent.name}."
    shared = ("nnlib.course.kit", "nnlib.course.surfaces", "nnlib.course.grammar", own)
    others = [m for m in imported(file) if not m.startswith(shared)]
    assert others == []


@pytest.mark.heavy
def test_they_are_imported_by_name_or_all_at_once() -> None:
    def loaded(statement: str) -> list[str]:
        code = f"{statement}; import sys; print(*(m for m in sys.modules if '.lesson_' in m))"
        run = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        return sorted(name.rpartition(".")[2] for name in run.stdout.split())

    assert (
        loaded(
            "from nnlib.course.widgets import ask, quiz; import nnlib.course.widgets as w; dir(w)"
        )
        == []
    )
    one = loaded("from nnlib.course.widgets import momentum_map; momentum_map()")
    assert one == ["lesson_10a_momentum", "momentum_map"]
    assert {*NAMES} <= {*loaded("from nnlib.course.widgets import *; momentum_map, quiz, Question")}


def test_a_name_that_no_lesson_has() -> None:
    with pytest.raises(AttributeError, match="no lesson has a widget named 'momentum_mop'"):
        widgets.momentum_mop  # noqa: B018
    with pytest.raises(AttributeError):
        widgets.expression  # of a lesson, but no widget  # noqa: B018


def test_the_names_for_mypy_and_editors_are_those_that_are_found() -> None:
    stored = Path(widgets.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    assert stored == widgets.stub(), "write it anew: make notebooks"


def test_mypy_knows_every_setting(tmp_path: Path) -> None:
    wrong = """
from nnlib.course.widgets import momentum_map, optimizer_race, perceptron_steper
optimizer_race(surfac="bowl")
optimizer_race(lr="large")
momentum_map(kappa=100, lr=0.01).settings["lr"]
"""
    file = tmp_path / "wrong.py"
    file.write_text(wrong, encoding="utf-8")
    said, _, _ = mypy.run(["--config-file", str(ROOT / "pyproject.toml"), "--no-pretty", str(file)])
    assert re.findall(r"(\d+): error:", said) == ["2", "3", "4"], said
    assert 'Unexpected keyword argument "surfac"; did you mean "surface"?' in said
