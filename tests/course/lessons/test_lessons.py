"""Lessons are found by themselves, and imported when something of them is asked for."""

import ast
import fnmatch
import json
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from nnlib.course import lessons
from nnlib.course.lessons import EXERCISES, LESSONS, exercises, module_of

ROOT = Path(__file__).parents[3]
HERE = ROOT / "nnlib" / "course" / "lessons"
PAGES = [path for path in HERE.glob("*/*.md") if path.name != "questions.md"]  # of exercises


def test_every_folder_with_a_page_is_a_lesson_and_every_page_an_exercise() -> None:
    folders = sorted({path.parent.name for path in PAGES})
    assert [f"lesson_{lesson}" for lesson in LESSONS] == folders
    pages = {path.stem: path.parent.name for path in PAGES}
    assert {name: f"lesson_{EXERCISES[name].lesson}" for name in EXERCISES} == pages
    assert [exercise.name for lesson in LESSONS.values() for exercise in lesson] == list(EXERCISES)


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_has_its_name_and_its_mistakes_have_their_own(name: str) -> None:
    assert EXERCISES[name].name == name
    names = [mistake.name for mistake in EXERCISES[name].mistakes]
    assert len(set(names)) == len(names)


def test_a_name_stands_once_in_the_course() -> None:
    names = Counter(path.stem for path in HERE.glob("*/*.py") if path.stem != "__init__")
    del names["figures"]
    for path in HERE.glob("*/figures.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        figures = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        names.update(name for name in figures if not name.startswith("_"))
    assert [name for name, count in names.items() if count > 1] == []


def test_a_module_is_found_by_its_name_alone() -> None:
    widget = module_of("momentum_map")
    assert widget and widget.__name__.endswith(".lesson_10a_momentum.momentum_map")
    assert module_of("no_such_widget") is None
    assert module_of("figures") is None, "every lesson may have some"
    assert "no_such_exercise" not in EXERCISES
    with pytest.raises(KeyError):
        EXERCISES["momentum_map"]


def loaded(statements: str) -> tuple[set[str], set[str]]:
    """What a new kernel has loaded of the lessons and of the kit."""
    code = f"{statements}\nimport sys\nprint('loaded', *sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = run.stdout.rpartition("loaded ")[2].split()
    of = "nnlib.course.lessons.lesson_"
    return (
        {name.removeprefix(of).partition(".")[2] for name in modules if name.startswith(of)} - {""},
        {name.rpartition(".")[2] for name in modules if name.startswith("nnlib.course.kit.")},
    )


def test_only_the_exercise_that_is_checked_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    start = "from nnlib.course.check import check, hint, progress"
    kit = {"advice", "calling", "exercise", "judging", "page"} | {
        "recognizing", "relations", "time_limit", "trial",
    }  # fmt: skip
    assert loaded(start) == (set(), kit)
    assert loaded(f"{start}\nprogress()")[0] == set()
    checked = (
        f"{start}\ndef poke(x, W, v, i, j, new): return 1.0, 2.0, 3.0\n"
        "try: check(poke)\nexcept Exception: pass"
    )
    assert loaded(checked) == ({"poke"}, kit | {"inputs"})


def test_the_order_is_the_notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "COURSE", tmp_path)
    in_any_order = exercises.__wrapped__
    assert in_any_order("17_dropout") == ("committee", "dropout", "dropout_backward")
    for kind, names in {"exercises": ("dropout", "committee"), "solutions": ("committee",)}.items():
        folder = tmp_path / kind / "17_dropout"
        folder.mkdir(parents=True)
        cells = [{"source": ["import nnlib\n", "\n", f"check({name})"]} for name in names]
        text = json.dumps({"cells": [{"source": "# check(dropout)"}, *cells]})
        (folder / "17_dropout.ipynb").write_text(text, encoding="utf-8")
        rest = sorted({"committee", "dropout", "dropout_backward"} - set(names))
        assert in_any_order("17_dropout") == (*names, *rest)


def test_pages_are_packaged() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["nnlib.course.lessons"]
    pages = [path.relative_to(HERE).as_posix() for path in PAGES]
    assert len(pages) == len(EXERCISES)
    for path in pages:
        assert any(fnmatch.fnmatch(path, pattern) for pattern in patterns)
        assert (HERE / path).parent.joinpath("__init__.py").exists(), "or setuptools leaves it out"
