"""An assignment: its exercises, the instructor's solution, and what students were handed."""

import hashlib
import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import nnlib
from nnlib.course.kit.exercise import Exercise
from nnlib.course.lessons import LESSONS

COURSE = Path(nnlib.__file__).parents[1]
BY_HAND = "by_hand"  # the one property of an answer that a person judges


class NoAssignment(ValueError):
    """There is no such assignment, or it is not complete."""


@dataclass(frozen=True)
class Assignment:
    """Exercises by their specification, and the two notebooks they are in."""

    name: str
    exercises: Sequence[Exercise]
    solution: Path
    release: Path

    @property
    def points(self) -> dict[str, int]:
        """What the judge gives for each exercise."""
        return {exercise.name: sum(exercise.points.values()) for exercise in self.exercises}

    @cached_property
    def by_hand(self) -> dict[str, float]:
        """What a person gives for each derivation or investigation, called by its grade id."""
        about = (
            cell.get("metadata", {}).get("nbgrader", {}) for cell in read(self.solution)["cells"]
        )
        return {
            cell["grade_id"]: float(cell["points"])
            for cell in about
            if cell.get("grade") and cell.get("solution")
        }

    @property
    def parts(self) -> dict[str, Mapping[str, float]]:
        """Everything that earns points: its properties, and the points of each."""
        judged: dict[str, Mapping[str, float]] = {e.name: e.points for e in self.exercises}
        return judged | {name: {BY_HAND: most} for name, most in self.by_hand.items()}

    @cached_property
    def known(self) -> frozenset[str]:
        """All assignments that there are: the course's, and those beside a private one."""
        beside = self.solution.parents[1].glob("*/*.ipynb")
        return frozenset({*LESSONS, self.name, *(path.parent.name for path in beside)})

    @cached_property
    def stubs(self) -> frozenset[str]:
        """The answer cells as students got them."""
        return frozenset(
            source(cell)
            for cell in read(self.release)["cells"]
            if cell.get("metadata", {}).get("nbgrader", {}).get("solution")
        )

    @cached_property
    def _stubs(self) -> frozenset[str]:
        return frozenset(map(_without_space, self.stubs))

    def is_stub(self, text: str) -> bool:
        """Whether it is nothing but a stub; blanks, tabs and empty lines make no answer of it."""
        return _without_space(text) in self._stubs

    @cached_property
    def handed_out(self) -> frozenset[str]:
        """All cells as students got them."""
        return frozenset(map(source, read(self.release)["cells"]))

    @cached_property
    def _given(self) -> frozenset[str]:
        return frozenset(map(_without_space, self.handed_out))

    def is_own(self, text: str) -> bool:
        """Whether a cell's text is a student's own: there is something, and it was not handed out."""
        plain = _without_space(text)
        return bool(plain) and plain not in self._given

    @cached_property
    def version(self) -> str:
        """A word that changes whenever the exercises do."""
        files = {path for exercise in self.exercises for path in exercise.files}  # pages, too
        text = "".join(path.read_text(encoding="utf-8") for path in sorted(files))
        named = " ".join(self.points) + text
        return hashlib.sha256(named.encode()).hexdigest()[:12]


@lru_cache
def find(name: str, folder: str = "", only: str = "") -> Assignment:
    """The assignment of the course, or a private one from the folder given by `--exercises`.

    With `only`, all its other exercises are left out. A private assignment NAME is FOLDER/NAME.py,
    which lists its exercises as `EXERCISES`, with their pages, FOLDER/solutions/NAME/NAME.ipynb and
    FOLDER/exercises/NAME/NAME.ipynb.
    """
    if Path(name).name != name:
        raise NoAssignment(f"an assignment is called by its name, not by a path: {name!r}")
    root = Path(folder) if folder else COURSE
    exercises = _private(root / f"{name}.py") if folder else LESSONS.get(name)
    if exercises is None:
        known = ", ".join(sorted(LESSONS))
        raise NoAssignment(f"there is no assignment {name!r}; there are: {known}")
    solution, release = (
        root / kind / name / f"{name}.ipynb" for kind in ("solutions", "exercises")
    )
    for notebook in (solution, release):
        if not notebook.exists():
            raise NoAssignment(
                f"{name}: {notebook} is missing, and nothing can be graded without it"
            )
    judged = [exercise for exercise in exercises if only in ("", exercise.name)]
    return Assignment(name, judged, solution, release)


def _private(path: Path) -> list[Exercise]:
    if not path.exists():
        raise NoAssignment(f"there is no {path}")
    spec = importlib.util.spec_from_file_location(f"private_{path.stem}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
        exercises = list(module.EXERCISES)
        if not exercises or not all(isinstance(exercise, Exercise) for exercise in exercises):
            raise TypeError("EXERCISES has to be a list of exercises, at least one")
        for mistake in (mistake for exercise in exercises for mistake in exercise.mistakes):
            assert callable(mistake.answer)  # where one does not fit, nothing is graded
    except Exception as error:
        raise NoAssignment(f"{path} cannot be used: {type(error).__name__}: {error}") from error
    return exercises


def read(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def _without_space(text: str) -> str:
    return "".join(text.split())


def source(cell: dict[str, Any]) -> str:
    """The text of a cell; notebooks on disk keep it as a list of lines."""
    text = cell.get("source", "")
    return text if isinstance(text, str) else "".join(text)
