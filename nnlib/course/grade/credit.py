"""What an answer earns: each property by the share of what came back in which it holds.

An answer that is right but for read-only arrays is worth more than one that is wrong, and so is one
of whose three results two are always right. So that guesses earn nothing, a property has to hold
for half of it at least: of all calls, and of all that they return.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlib.course.kit.exercise import Exercise
from nnlib.course.kit.judging import Verdict
from nnlib.course.kit.trial import Trial, gap

LEAST = 0.5  # of the results; where a property holds for fewer, it earns nothing
STEP = 0.5  # of a point
MOST_TYPED = 6000  # characters of a call that can be repeated


def earned(verdict: Verdict, trials: Sequence[Trial]) -> dict[str, float]:
    """The points of each property.

    A warning costs a point, and so does an error that the task asks for and that does not come, and
    so does chance that is not the generator's that was given.
    Arguments that are left alone earn their share of what right values earn.
    """
    exercise, holds = verdict.exercise, {f.property: f.holds for f in verdict.findings}
    wanted = [trial for trial in trials if not trial.right.error]
    ran = [trial for trial in wanted if not trial.yours.error]
    right = share([alike(exercise, trial, name) for trial in wanted for name in exercise.judged])
    # A call that fails costs its values, and not its shape as well: half of them have to run.
    shaped = share([same_shape(trial, name) for trial in ran for name in exercise.judged])
    shares = {
        "shape": shaped if share([not trial.yours.error for trial in wanted]) else 0.0,
        "values": right,
        "inputs": 0.0 if holds["inputs"] is False else right,
    }
    points = {name: whole_steps(most, shares[name]) for name, most in exercise.points.items()}
    flaws = [holds.get(flaw) is False for flaw in ("raises", "chance")]
    flaws.append(any(trial.yours.warning for trial in trials))
    if points.get("values"):
        points["values"] = max(0.0, points["values"] - sum(flaws))
    return points


def share(held: Sequence[bool]) -> float:
    """How much of it holds; 0 where that is too little to be more than luck."""
    part = sum(held) / len(held) if held else 1.0
    return part if part >= LEAST else 0.0


def whole_steps(most: float, part: float) -> float:
    """That part of the points, in whole steps, so that only all is worth all."""
    return float(most) if part == 1 else int(most * part / STEP) * STEP


def same_shape(trial: Trial, name: str) -> bool:
    yours, right = trial.parts[name], trial.right_parts[name]
    return not isinstance(yours, str) and not isinstance(right, str) and yours.shape == right.shape


def alike(exercise: Exercise, trial: Trial, name: str) -> bool:
    apart = gap(trial.parts[name], trial.right_parts[name], exercise.tolerance)
    return not trial.yours.error and apart <= 1


def calls(verdict: Verdict, trials: Sequence[Trial]) -> dict[str, str]:
    """For each property that does not hold, the call that shows it, as a student can type it."""
    name = verdict.exercise.name
    typed_out = {}
    for finding in verdict.findings:
        shown = (trial.case for trial in trials if trial.case.call(name) == finding.call)
        if finding.call and (case := next(shown, None)):
            given = ",\n    ".join(f"{key}={typed(value)}" for key, value in case.args.items())
            if len(given) <= MOST_TYPED and "<" not in given:
                typed_out[finding.property] = f"{name}(\n    {given},\n)"
    return typed_out


def typed(value: Any) -> str:
    """A value as Python reads it; what Python could not read holds a `<`."""
    if isinstance(value, np.ndarray) and value.size == 0:
        return f"np.zeros({value.shape}, dtype=np.{value.dtype})"
    if isinstance(value, (np.ndarray, np.generic)):
        plain = value.dtype in (np.array(1.0).dtype, np.array(1).dtype, np.array(True).dtype)
        kind = "" if plain else f", dtype=np.{value.dtype}"
        return f"np.array({value.tolist()}{kind})"
    return repr(value)
