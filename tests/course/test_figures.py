"""Every figure is found by its name, and imported when it is asked for."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from nnlib import viz
from nnlib.course import figures, lessons

FOLDERS = sorted(file.parent.name for file in Path(lessons.__path__[0]).glob("*/figures.py"))


def drawn_by(folder):
    module = import_module(f"nnlib.course.lessons.{folder}.figures")
    own = (f for f in vars(module).values() if getattr(f, "__module__", "") == module.__name__)
    return {f.__name__: f for f in own if callable(f) and f.__name__[0].islower()}


def test_every_figure_of_every_lesson_is_found():
    assert FOLDERS
    found = {name: f for folder in FOLDERS for name, f in drawn_by(folder).items()}
    assert dir(figures) == sorted(found)
    assert all(getattr(figures, name) is f for name, f in found.items())


def test_no_figure_has_the_name_of_one_that_lessons_share():
    assert not {*dir(figures)} & {*vars(viz)}


def test_they_can_be_imported_by_name():
    from nnlib.course.figures import landscape

    assert landscape.__module__.endswith("lesson_10a_momentum.figures")


def test_what_mypy_and_editors_read_is_up_to_date():
    stored = Path(figures.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    assert stored == figures.stub(), "write it anew: make notebooks"


def test_a_name_that_no_lesson_has():
    with pytest.raises(AttributeError, match="no lesson draws a figure named 'lanscape'"):
        figures.lanscape  # noqa: B018


def test_a_lesson_is_imported_when_its_figure_is_asked_for():
    code = (
        "import sys; from nnlib.course import figures; dir(figures); figures.clouds; "
        "print(*(m for m in sys.modules if m.endswith('.figures')))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    lesson_15b = "nnlib.course.lessons.lesson_15b_normalized_networks.figures"
    assert result.stdout.split() == ["nnlib.course.figures", lesson_15b]
