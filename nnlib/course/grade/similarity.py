"""Answers of a class that are more alike than most, for the instructor to read side by side.

Programs are compared as syntax trees: without comments, layout and the names that a student chose,
and in short pieces, so that lines may stand in another order. A piece counts the more the fewer have
it. How alike two answers are says nothing of why; how many pairs are as alike is told beside it.
"""

import ast
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnlib.course.grade.cells import without_magics

LENGTH = 5  # of a piece: that many steps through the tree
LEAST = 0.8  # likeness of a pair that is shown; 1 is the same tree
MOST_PAIRS = 40
LEAST_PIECES = 10  # of all answers; less says nothing

Piece = tuple[str, str]  # of which exercise, and some steps
Answers = Mapping[str, Mapping[str, str]]  # by student and exercise: the code


@dataclass(frozen=True)
class Pair:
    """Two students, how alike their answers are, and how many pairs are as alike or more."""

    one: str
    other: str
    likeness: float
    as_alike: int


@dataclass(frozen=True)
class Comparison:
    """All pairs of a class: those that stand out, and what is usual."""

    students: int
    pairs: int  # of which nobody is left out but teams
    usual: float  # half of the pairs are at most so alike
    rare: float  # 99 of 100 pairs are
    shown: tuple[Pair, ...]
    above: int  # pairs of at least LEAST


def compare(answers: Answers, handed_out: Sequence[str], teams: Mapping[str, str]) -> Comparison:
    """Compare everybody with everybody, over all of an assignment's exercises at once.

    What was handed out, and what the worked answers hold, counts as one student's more. Members of
    one team hand in the same.
    """
    pieces = {student: _pieces_of(codes) for student, codes in sorted(answers.items())}
    pieces = {student: own for student, own in pieces.items() if len(own) >= LEAST_PIECES}
    students = list(pieces)
    likeness = _likeness(list(pieces.values()), set().union(*map(_plain_pieces, handed_out)))
    rows, columns = np.triu_indices(len(students), 1)
    apart = [_apart(students[i], students[j], teams) for i, j in zip(rows, columns, strict=True)]
    rows, columns = rows[apart], columns[apart]
    values = likeness[rows, columns]
    order = np.argsort(-values, kind="stable")
    shown = tuple(
        Pair(
            *(students[rows[k]], students[columns[k]], float(values[k])),
            as_alike=int((values >= values[k] - 1e-9).sum()),
        )
        for k in order[:MOST_PAIRS]
        if values[k] >= LEAST
    )
    usual, rare = np.quantile(values, [0.5, 0.99]) if len(values) else (0.0, 0.0)
    above = int((values >= LEAST).sum())
    return Comparison(len(students), len(values), float(usual), float(rare), shown, above)


def _apart(one: str, other: str, teams: Mapping[str, str]) -> bool:
    return not teams.get(one) or teams.get(one) != teams.get(other)


def _likeness(own: Sequence[set[Piece]], common: set[str]) -> NDArray[np.float64]:
    """For each pair what both have, of what either has; each piece by how rare it is."""
    spread = Counter(piece for pieces in own for piece in pieces)
    spread.update([piece for piece in spread if piece[1] in common])
    known = {piece: place for place, piece in enumerate(sorted(spread))}
    weight = np.array([math.log((len(own) + 2) / spread[piece]) for piece in known])
    has = np.zeros((len(own), len(known)))
    for row, pieces in enumerate(own):
        has[row, [known[piece] for piece in pieces]] = 1
    both = (has * weight) @ has.T
    each = np.diag(both)
    either = each[:, None] + each[None, :] - both
    return np.asarray(np.divide(both, either, out=np.zeros_like(both), where=either > 1e-9))


def _pieces_of(codes: Mapping[str, str]) -> set[Piece]:
    """The pieces of all answers, told apart by the exercise that they are of."""
    return {(name, piece) for name, code in codes.items() for piece in _plain_pieces(code)}


def _plain_pieces(code: str) -> set[str]:
    try:
        tree = ast.parse(without_magics(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    own = {name for node in ast.walk(tree) for name in _chosen(node)}
    lines = (list(_steps(node, own)) for node in ast.walk(tree) if isinstance(node, ast.stmt))
    return {piece for steps in lines for piece in _pieces(steps)}


def _pieces(steps: Sequence[str]) -> Iterator[str]:
    """Of one line alone, so that its place among the others does not matter."""
    for start in range(max(len(steps) - LENGTH, 0) + 1):
        yield " ".join(steps[start : start + LENGTH])


def _chosen(node: ast.AST) -> list[str]:
    """The name that a student gives there."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            return [name]
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
    return []


def _steps(node: ast.AST, own: set[str]) -> Iterator[str]:
    """A line's tree from its root down, in words, without annotations and chosen names.

    What stands indented beneath it has lines of its own; a docstring has none.
    """
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Name):
        yield "name" if node.id in own else node.id
        return
    yield type(node).__name__
    for key, value in ast.iter_fields(node):
        if key in ("annotation", "returns", "ctx", "type_comment", "kind"):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.stmt):
                continue
            if isinstance(part, ast.AST):
                yield from _steps(part, own)
            elif part is not None and not (isinstance(part, str) and part in own):
                yield repr(part)[:40]
