"""The lines of a procedure, to be brought into order."""

from __future__ import annotations

import random
from collections.abc import Mapping

from nnlib.course.kit.files import source
from nnlib.course.kit.piece import Piece, folded, listed
from nnlib.course.message import code


class Ordering(Piece):
    """The lines on the page, each to be moved by mouse or by keyboard, and *Check*."""

    _esm = source("order.js", "piece.js", "element.js")


def order(
    steps: Mapping[str, str],
    distractors: Mapping[str, str] | None = None,
    question: str = "Bring the lines into order.",
    name: str = "",
) -> Ordering:
    """Ask for the order of `steps`; `distractors` stand among them, and are to be put aside.

    Each line has its reason: why a step stands where it stands, why another does not belong.

    >>> order({"Z = X @ W.T": "H needs Z.", "H = φ(Z)": "It takes Z."}, {"H = φ(X)": "Z is missing."})
    Bring the lines into order.
      H = φ(X)
      H = φ(Z)
      Z = X @ W.T
    """
    others = dict(distractors or {})
    if len(steps) < 2:
        raise ValueError(f"“{question}”: an order needs two steps or more")
    if both := steps.keys() & others.keys():
        raise ValueError(f"“{question}”: {min(both)!r} is both a step and a distractor")
    lines = _shuffled([*steps], [*others])
    text = "\n".join([question, *(f"  {line}" for line in lines)])
    asked = {
        "text": question,
        "lines": [{"text": line, "reason": {**steps, **others}[line]} for line in lines],
        "order": [lines.index(line) for line in steps],
    }
    return Ordering(asked, text, _html(question, lines, steps, others), name)


def _shuffled(steps: list[str], others: list[str]) -> list[str]:
    """All lines in an order that depends on their text alone, and is never the right one."""
    lines = [*steps, *others]
    chance = random.Random("\n".join(lines))
    while [line for line in lines if line in steps] == steps:
        chance.shuffle(lines)
    return lines


def _html(
    question: str, lines: list[str], steps: Mapping[str, str], others: Mapping[str, str]
) -> str:
    def told(lines: Mapping[str, str]) -> list[str]:
        return [f"{code(line)}<br>{code(reason)}" for line, reason in lines.items()]

    aside = f"<p>Not part of it:</p>{listed(told(others))}" if others else ""
    answer = folded("Answer", listed(told(steps), "ol"), aside)
    return f"<p><b>{code(question)}</b></p>{listed(map(code, lines))}{answer}"
