"""One call of a student's function, and what came of it.

The check in the notebook uses this file, and a grader's worker is given it, alone: so it imports
the standard library and NumPy, and nothing of nnlib.
"""

import random
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import iscoroutine
from typing import Any

# By name, so that an answer that replaces them elsewhere still is observed.
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy import errstate
from numpy.typing import NDArray

Array = NDArray[Any]

# How deep an answer may call itself. It is what Python begins with; a notebook, or what it imports,
# may have set another, and a grader's worker never knows of it.
DEPTH = 1000

# Where an argument has one of these names, all chance is to come from it.
OF_CHANCE = {"generator", "rng", "seed"}
GLOBAL_CHANCE = "it draws random numbers that are NumPy's or Python's for all the program"


@dataclass(frozen=True)
class Outcome:
    """What one call gave: outputs or an exception's type, and what it did on the way."""

    outputs: tuple[Array, ...] = ()
    error: str = ""
    message: str = ""
    line: str = ""
    warning: str = ""  # NumPy's, or GLOBAL_CHANCE
    changed: tuple[str, ...] = ()


def call(
    answer: Callable[..., Any],
    arguments: Mapping[str, Any],
    count: int,
    probe: Callable[..., Any] | None = None,
) -> Outcome:
    """Call `answer`, or let `probe` call it; `count` things are to come back."""
    outputs: tuple[Array, ...] = ()
    error = message = line = ""
    chance = _global_chance() if OF_CHANCE & set(arguments) else None
    with catch_warnings(record=True) as caught, _same_depth():
        simplefilter("always")
        with errstate(divide="warn", over="warn", invalid="warn", under="ignore"):
            try:
                values = arguments.values()
                returned = probe(answer, *values) if probe else answer(*values)
                if iscoroutine(returned):
                    returned.close()
                    raise TypeError(
                        "`async def` makes a function that waits to be run: write `def`"
                    )
                outputs = _outputs(returned, count)
            except (Exception, SystemExit) as raised:  # noqa: BLE001 (all that it does is a result)
                error, message, line = (
                    type(raised).__name__,
                    message_of(raised),
                    _line(raised, answer),
                )
    warning = next((str(w.message) for w in caught if w.category is RuntimeWarning), "")
    if chance and chance != _global_chance():
        warning = GLOBAL_CHANCE
    return Outcome(outputs, error, message, line, warning)


@contextmanager
def _same_depth() -> Iterator[None]:
    """Room for DEPTH calls from here on, however deep this is and whatever the session allows."""
    before, frame, here = sys.getrecursionlimit(), sys._getframe(), 0
    while frame := frame.f_back:  # type: ignore[assignment]
        here += 1
    sys.setrecursionlimit(here + DEPTH)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def message_of(raised: BaseException) -> str:
    """What an exception says, if it can be brought to say it."""
    try:
        return str(raised)
    except BaseException:  # noqa: BLE001 (its own __str__ may do anything)
        return ""


def _line(raised: BaseException, answer: Callable[..., Any]) -> str:
    """Where in the student's own cell it happened, if Python still has the source."""
    code = getattr(answer, "__code__", None)
    file = code and code.co_filename
    steps = traceback.extract_tb(raised.__traceback__)
    return next((step.line or "" for step in reversed(steps) if step.filename == file), "")


def _global_chance() -> tuple[object, ...]:
    """How far the generators have come that belong to nobody."""
    _, keys, *rest = np.random.get_state(legacy=True)
    return np.asarray(keys).tobytes(), *rest, random.getstate()


def _outputs(returned: Any, count: int) -> tuple[Array, ...]:
    """What `a, b, c = returned` would give: an array is taken apart, too, if it has so many rows."""
    rows = isinstance(returned, np.ndarray) and returned.shape[:1] == (count,)
    several = count > 1 and (rows or isinstance(returned, (tuple, list)))
    return tuple(_array(part) for part in (returned if several else [returned]))


def _array(part: Any) -> Array:
    try:
        return np.array(part)
    except (ValueError, TypeError):  # rows of unequal length, or nothing that NumPy can read
        return np.array([None])


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the arguments that are not what they were."""
    return tuple(name for name in before if not same(before[name], after[name]))


def same(before: Any, after: Any) -> bool:
    """Whether two arguments are equal, type for type; a generator is there to be used up."""
    if callable(before) or isinstance(before, np.random.Generator):
        return True
    if isinstance(before, np.ndarray):
        return (
            isinstance(after, np.ndarray)
            and before.dtype == after.dtype
            and np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
        )
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(same(before[k], after[k]) for k in before)
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(same, before, after))
    return bool(before == after)
