"""The course's lessons: a folder for each, found by itself, of which a part is imported when asked for.

In lesson_17_dropout/ an exercise is a NAME.py with a page NAME.md, and a widget a NAME.py that makes
NAME. Whoever adds a lesson adds a folder, and touches no list. A name exists once in the course.
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
CHECK = re.compile(r"^check\((\w+)\)$", re.MULTILINE)

T = TypeVar("T")


class Found(Mapping[str, T]):
    """A mapping that knows its names, and makes what one stands for when it is asked for."""

    def __init__(self, names: Callable[[], Sequence[str]], make: Callable[[str], T]) -> None:
        self._names, self._make = names, make

    def __getitem__(self, name: str) -> T:
        if name not in self:
            raise KeyError(name)
        return self._make(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


@cache
def lessons() -> tuple[str, ...]:
    """The lessons, in the order of their numbers."""
    folders = HERE.glob("lesson_*/")
    return tuple(sorted(folder.name.removeprefix("lesson_") for folder in folders))


@cache
def exercises(lesson: str) -> tuple[str, ...]:
    """The names of a lesson's exercises, in the order in which its notebook checks them."""
    names = sorted(page.stem for page in (HERE / f"lesson_{lesson}").glob("*.md"))
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
def _modules() -> dict[str, str]:
    """Every module of a lesson by its own name, with that by which it is imported."""
    files = HERE.glob("lesson_*/*.py")
    return {file.stem: f"{__name__}.{file.parent.name}.{file.stem}" for file in files}


def module_of(name: str) -> ModuleType | None:
    """The module of that name, from whichever lesson has it; imported now, and no other is."""
    return import_module(_modules()[name]) if name in _modules() else None


def _exercise(name: str) -> Exercise:
    found: Exercise = getattr(module_of(name), name)
    return found


EXERCISES = Found(lambda: [name for lesson in lessons() for name in exercises(lesson)], _exercise)
LESSONS = Found(lessons, lambda lesson: [EXERCISES[name] for name in exercises(lesson)])
