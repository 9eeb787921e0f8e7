"""One case of an exercise: what came of it beside what is right, and how far the two are apart."""

from dataclasses import dataclass

import numpy as np

from nnlib.course.kit.calling import Array, Outcome
from nnlib.course.kit.exercise import Case, Tolerance

# What is compared of one call, by name. A word stands where there are no numbers: an exception's
# type, or what was unfit about the answer.
Part = Array | str
Parts = dict[str, Part]

ERROR, WARNING, CHANGED = "the error asked for", "a warning", "changed arguments"


@dataclass(frozen=True)
class Trial:
    """One case: what came of it and the parts that are compared, yours and the right ones."""

    number: int  # of the case, from 0
    case: Case
    yours: Outcome
    right: Outcome
    parts: Parts
    right_parts: Parts

    @property
    def crashed(self) -> bool:
        """Whether it raised where no error is asked for."""
        return bool(self.yours.error and not self.right.error)


def gap(yours: Part, right: Part, tolerance: Tolerance) -> float:
    """How many tolerances two parts are apart; infinitely many if they are of unequal kind.

    >>> gap(np.array([1.0, 2.0]), np.array([1.0, 2.5]), Tolerance(0.0, 0.1, "an example"))
    5.0
    """
    if isinstance(yours, str) or isinstance(right, str):
        alike = isinstance(yours, str) and isinstance(right, str) and yours == right
        return 0.0 if alike else np.inf
    if yours.shape != right.shape:
        return np.inf
    if yours.dtype == right.dtype and yours.tobytes() == right.tobytes():
        return 0.0  # mostly so, and known much sooner
    return float(np.max(gaps(yours, right, tolerance), initial=0.0))


def gaps(yours: Array, right: Array, tolerance: Tolerance) -> Array:
    """The same, entry by entry."""
    a, b = yours.astype(float), right.astype(float)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        apart = np.abs(a - b) / (tolerance.absolute + tolerance.relative * np.abs(b))
    # inf against a number is nan or inf here; both are as far apart as can be.
    return np.where(same, 0.0, np.where(np.isnan(apart), np.inf, apart))
