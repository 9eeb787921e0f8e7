"""What specifications are made of: numbers whose sums are exact, and one call in every layout."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.exercise import (
    NAN_IS_NONE,
    Arguments,
    Array,
    Case,
    Tolerance,
    Unfit,
    exercise,
)

__all__ = [
    "FLOAT32",
    "FLOAT32_LONG",
    "FLOAT32_SMALL",
    "NAN_IS_NONE",
    "Arguments",
    "Array",
    "Case",
    "Tolerance",
    "Unfit",
    "exercise",
    "layouts",
    "none_as_nan",
    "nonzero",
    "quarters",
    "read_only",
]

# What float32 inputs allow, which an answer may keep or widen.
FLOAT32 = Tolerance(1e-5, 1e-5, "float32 inputs, which an answer may keep or widen")
FLOAT32_SMALL = Tolerance(1e-5, 1e-6, "float32 inputs, and results far below 1")
FLOAT32_LONG = Tolerance(1e-4, 1e-5, "float32 inputs, and errors that add up over several steps")


def none_as_nan(answer: Callable[..., Any], *arguments: Any) -> Any:
    """A probe where None is an answer, too: a number that nothing equals stands for it."""
    number = answer(*arguments)
    return np.nan if number is None else number


def quarters(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 1/4 in [−3, 3]: their sums are exact in whatever order they are added."""
    return rng.integers(-12, 13, shape) / 4


def nonzero(rng: np.random.Generator, *shape: int) -> Array:
    """Multiples of 1/4 in [−3, 3], none of them 0."""
    drawn: Array = rng.integers(1, 13, shape) * rng.choice([-1, 1], shape) / 4
    return drawn


def read_only(a: Array) -> Array:
    """The same array, which now must not be written to."""
    a.flags.writeable = False
    return a


def layouts(case: Callable[[], Case]) -> Iterator[Case]:
    """The same call with arrays of other types and layouts: no right answer minds them."""
    yield _dressed(case(), "whole numbers, and masks of 0 and 1", lambda a: np.rint(a).astype(int))
    yield _dressed(case(), "float32", lambda a: a.astype(np.float32) if a.dtype == float else a)
    yield _dressed(case(), "every other entry of larger arrays", _strided)
    yield _dressed(case(), "arrays that must not be written to", read_only)


def _dressed(case: Case, what: str, dress: Callable[[Array], Array]) -> Case:
    args = {k: dress(v) if isinstance(v, np.ndarray) else v for k, v in case.args.items()}
    return Case(what, args)


def _strided(a: Array) -> Array:
    larger = np.zeros([2 * n for n in a.shape], a.dtype)
    seen = larger[tuple(slice(None, None, 2) for _ in a.shape)]
    seen[...] = a
    return seen
