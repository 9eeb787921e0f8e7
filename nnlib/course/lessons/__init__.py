"""The course's lessons: a folder for each, found by itself, of which a part is imported when asked for.

In lesson_17_dropout/ an exercise is a NAME.py with a page NAME.md, a widget a NAME.py that makes NAME,
the figures that this lesson alone draws are functions of figures.py, and its questions are questions.md. Whoever adds a lesson adds a
folder, and touches no list. A name exists once in the course.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from nnlib.course.kit.exercise import Exercise

HERE = Path(__file__).parent
COURSE = HERE.parents[2]  # where the notebooks are, too
IN_EVERY_LESSON = ("__init__", "figures", "questions")
CHECK = re.compile(r"^check\((\w+)\)$", re.MULTILINE)

T = TypeVar("T")


@cache
def lessons() -> tuple[str, ...]:
    """The lessons that have exercises, in the order of their numbers."""
    return tuple(sorted({folder.removeprefix("lesson_") for folder in _folders("md").values()}))


@cache
def exercises(lesson: str) -> tuple[str, ...]:
    """The names of a lesson's exercises, in the order in which its notebook checks them."""
    names = sorted(name for name, folder in _folders("md").items() if folder == f"lesson_{lesson}")
    checked = {name: place for place, name in enumerate(_checked(lesson))}
    return tuple(sorted(names, key=lambda name: checked.get(name, len(checked))))


def _checked(lesson: str) -> list[str]:
    """What a lesson's notebook checks: the source, or the students' where there is no other."""
    for kind in ("solutions", "exercises"):
        notebook = COURSE / kind / lesson / f"{lesson}.ipynb"
        if notebook.exists():
            cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
            return [name for cell in cells for name in CHECK.findall("".join(cell["source"]))]
    return []


@cache
def _folders(suffix: str) -> dict[str, str]:
    """The folder of each page, or of each module, by its name."""
    files = HERE.glob(f"lesson_*/*.{suffix}")
    return {file.stem: file.parent.name for file in files if file.stem not in IN_EVERY_LESSON}


def module_of(name: str) -> ModuleType | None:
    """The module of that name, from whichever lesson has it; imported now, and no other is."""
    folder = _folders("py").get(name)
    return import_module(f"{__name__}.{folder}.{name}") if folder else None


class Found(Mapping[str, T]):
    """A mapping that knows its names, and finds what one stands for when it is asked for."""

    def __init__(self, names: Callable[[], Sequence[str]], find: Callable[[str], T]) -> None:
        self._names, self._find = names, find

    def __getitem__(self, name: str) -> T:
        return self._find(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


def _exercise(name: str) -> Exercise:
    if name not in _folders("md"):
        raise KeyError(name)
    exercise: Exercise = getattr(module_of(name), name)
    return exercise


def _exercises(lesson: str) -> list[Exercise]:
    if lesson not in lessons():
        raise KeyError(lesson)
    return [EXERCISES[name] for name in exercises(lesson)]


EXERCISES = Found(lambda: [name for lesson in lessons() for name in exercises(lesson)], _exercise)
LESSONS = Found(lessons, _exercises)
