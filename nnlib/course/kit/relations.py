"""How what came back is related to what is right, where it is in the same way in every case.

What no known mistake explains is often one of these: the results in another order, a transpose, a
sign, a factor. Each sentence is a fact about the numbers, so it is true whoever's answer it is.
"""

import re
from collections.abc import Callable, Iterator
from itertools import permutations

import numpy as np

from nnlib.course.kit.calling import Array
from nnlib.course.kit.exercise import Exercise
from nnlib.course.kit.trial import Trial, gap

Pair = tuple[Array, Array]  # yours and the right one
Same = Callable[[Array, Array], bool]


def relations(exercise: Exercise, trials: list[Trial], parts: frozenset[str]) -> dict[str, str]:
    """A sentence on each of these parts of which there is one to say: part → sentence."""
    if exercise.facts:  # which are words on the results already
        return {}

    def same(yours: Array, right: Array) -> bool:
        return gap(yours, right, exercise.tolerance) <= 1

    wanted = [trial for trial in trials if not trial.right.error]
    names = exercise.returns
    rows = [list(_pairs(trial, names)) for trial in wanted]
    if not rows or any(len(row) < len(names) for row in rows):
        return {}  # not every call came far enough
    if parts >= set(names) and (order := _order(rows, names, same)):
        return {"order": f"Your results are right, but in another order. Return {order}."}
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    with np.errstate(all="ignore"):
        told = {name: _relation(list(columns[name]), same) for name in names if name in parts}
    return {name: _said(name, sentence) for name, sentence in told.items() if sentence}


def _said(name: str, sentence: str) -> str:
    """The whole sentence: your loss is …, your losses are …"""
    verb, rest = sentence.split(" ", 1)
    if re.search(r"[^aisu]s$", name):  # not of loss, bias, axis, radius
        verb = {"is": "are", "has": "have", "holds": "hold"}[verb]
    return f"Your {name} {verb} {rest}"


def _pairs(trial: Trial, names: tuple[str, ...]) -> Iterator[Pair]:
    for name in names:
        yours, right = trial.parts[name], trial.right_parts[name]
        if not isinstance(yours, str) and not isinstance(right, str):
            yield yours.astype(float), right.astype(float)


def _order(rows: list[list[Pair]], names: tuple[str, ...], same: Same) -> str:
    """The right order of the results, if they come in another one."""
    for places in list(permutations(range(len(names))))[1:] if len(names) <= 4 else []:
        if all(
            same(row[place][0], right)
            for row in rows
            for place, (_, right) in zip(places, row, strict=True)
        ):
            return ", ".join(names)
    return ""


def _relation(pairs: list[Pair], same: Same) -> str:
    def always(change: Callable[[Array, Array], Array]) -> bool:
        return all(same(change(yours, right), right) for yours, right in pairs)

    if always(lambda yours, right: yours.T):
        return "is transposed: turn rows into columns."
    if always(lambda yours, right: yours.reshape(right.shape) if _as_many(yours, right) else yours):
        return "holds the right numbers, in an array of another shape."
    if any(yours.shape != right.shape for yours, right in pairs):
        return ""
    if always(lambda yours, right: -yours):
        return "has the wrong sign, everywhere."
    factor = _factor(pairs)
    if factor and always(lambda yours, right: yours / factor):
        return f"is {factor:.4g} times what is expected, everywhere."
    shifted = _shift(pairs)
    if shifted and always(lambda yours, right: yours - shifted):
        return f"is {abs(shifted):.4g} too {'large' if shifted > 0 else 'small'}, everywhere."
    if always(lambda yours, right: np.where(right == 0, right, yours)):
        return "is wrong only where 0 is expected."
    if _sorted_alike(pairs, same):
        return "holds the right numbers, at wrong places."
    return ""


def _as_many(yours: Array, right: Array) -> bool:
    return yours.size == right.size


def _factor(pairs: list[Pair]) -> float:
    """Yours over right, at the largest entry of all; 0 where there is none."""
    yours, right = max(
        (entry for y, r in pairs for entry in zip(y.flat, r.flat, strict=True)),
        key=lambda entry: abs(entry[1]),
        default=(0.0, 0.0),
    )
    return float(yours / right) if right and np.isfinite(yours) else 0.0


def _shift(pairs: list[Pair]) -> float:
    full = [(y, r) for y, r in pairs if r.size]
    return float(full[0][0].flat[0]) - float(full[0][1].flat[0]) if full else 0.0


def _sorted_alike(pairs: list[Pair], same: Same) -> bool:
    several = any(np.unique(right).size > 2 for _, right in pairs)
    return several and all(
        same(np.sort(yours, axis=None), np.sort(right, axis=None)) for yours, right in pairs
    )
