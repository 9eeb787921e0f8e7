"""What a student types, `relu(a * b) + c`, as a trace of nnlib's own engine. Nothing is evaluated
that is not one of the few operations below: the text is parsed, never run.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

import nnlib.nn.functional as F
from nnlib import Tensor, ops
from nnlib.autodiff import Trace, trace
from nnlib.course.kit.numbers import digits

INPUTS = ("a", "b", "c")
LETTERS, OPERATIONS = 90, 16  # what a picture can hold
OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
FUNCTIONS: dict[str, Callable[[Any], Tensor]] = {
    "relu": F.relu,
    "tanh": F.tanh,
    "sigmoid": F.sigmoid,
    "exp": ops.exp,
    "log": ops.log,
}
KNOWN = f"use a, b, c, numbers, + - * / ** and {', '.join(FUNCTIONS)}"


@lru_cache(maxsize=256)
def traced(expression: str, a: float, b: float, c: float) -> Trace:
    """Every value, local derivative and gradient of the expression at a, b, c.

    What is written twice is computed once and read twice. Raises ValueError, in words for the
    student, for what cannot be read, has no operation, or is no finite number at a, b, c.

    >>> traced("(a + b) * (b + 1)", 2, 1, 0)["b"]
    b = 1, gradient 5
    """
    tree = parsed(expression)

    def f(a: Tensor, b: Tensor, c: Tensor) -> Any:
        return _value(tree, {"a": a, "b": b, "c": c}, {})

    with np.errstate(all="ignore"):
        tape = trace(f, a, b, c)
    operations = [node for node in tape if node.kind == "operation"]
    if len(operations) > OPERATIONS:
        raise ValueError(
            f"{len(operations)} operations are too many for one picture; take at most {OPERATIONS}"
        )
    for node in operations:
        numbers = [node.value.item(), *(slope for slope in node.local if slope is not None)]
        if not np.isfinite(numbers).all():
            at = ", ".join(digits(x.value.item()) for x in node.inputs)
            raise ValueError(f"{node.op} has no finite value or no finite slope at {at}")
    return tape


@lru_cache(maxsize=64)
def parsed(expression: str) -> ast.expr:
    """The expression's tree, where every part is one of those that this file knows."""
    if len(expression) > LETTERS:
        raise ValueError(f"that is {len(expression)} letters long; take at most {LETTERS}")
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(
            f"{expression!r} cannot be read as a formula: look at its brackets and operators"
        ) from None
    _check(tree)
    if not _has_letters(tree):
        raise ValueError("there is nothing to differentiate by: use a, b or c")
    if (name := ast.unparse(tree)) in INPUTS:
        raise ValueError(f"{name} alone has no operation: write one, such as {name} * b")
    return tree


def _check(tree: ast.expr) -> None:
    """Raise a ValueError unless the tree is made of known parts alone."""
    match tree:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            if not abs(value) <= 1000:
                raise ValueError("numbers go from −1000 to 1000")
        case ast.Name(id=name):
            if name not in INPUTS:
                raise ValueError(f"there is no {name}: {KNOWN}")
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _check(operand)
        case ast.BinOp(op=ast.BitXor()):
            raise ValueError("write a power with two stars: a**2")
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            _check(left)
            _check(right)
            if isinstance(op, ast.Pow) and _has_letters(right):
                raise ValueError("the exponent of ** must be a number, as in a**2")
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]):
            if name not in FUNCTIONS:
                raise ValueError(f"there is no function {name}: {KNOWN}")
            _check(argument)
        case _:
            raise ValueError(f"{ast.unparse(tree)} is not known here: {KNOWN}")


def _has_letters(tree: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) for node in ast.walk(tree))


def _value(tree: ast.AST, inputs: dict[str, Tensor], known: dict[str, Any]) -> Any:
    """The value of a checked tree; `known` holds what was computed before, by its text."""
    text = ast.dump(tree)
    if text not in known:
        known[text] = _computed(tree, inputs, known)
    return known[text]


def _computed(tree: ast.AST, inputs: dict[str, Tensor], known: dict[str, Any]) -> Any:
    match tree:
        case ast.Name(id=name):
            return inputs[name]
        case ast.Constant(value=value):
            return float(value)  # type: ignore[arg-type]
        case ast.UnaryOp(op=op, operand=operand):
            x = _value(operand, inputs, known)
            return -x if isinstance(op, ast.USub) else x
        case ast.BinOp(left=left, op=op, right=right):
            x, y = _value(left, inputs, known), _value(right, inputs, known)
            return _applied(OPERATORS[type(op)], x, y)
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            x = _value(argument, inputs, known)
            function = FUNCTIONS[name]
            return function(x) if isinstance(x, Tensor) else function(np.asarray(x)).item()
    raise AssertionError(f"not checked: {ast.dump(tree)}")


def _applied(operation: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    try:
        result = operation(x, y)
    except (ZeroDivisionError, OverflowError) as error:
        raise ValueError(f"its numbers do not go together: {error}") from None
    if type(result) is complex:
        raise ValueError(f"its numbers do not go together: {x:g} to the power {y:g} is not real")
    return result
