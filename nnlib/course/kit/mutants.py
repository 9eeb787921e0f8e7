"""Small wrong changes to a right answer, made from its source: each of them must fail its check."""

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

from nnlib.course.kit.exercise import with_helpers

COMPARISONS: dict[type[ast.cmpop], list[type[ast.cmpop]]] = {
    ast.GtE: [ast.Gt, ast.LtE],
    ast.Gt: [ast.GtE],
    ast.LtE: [ast.Lt],
    ast.Lt: [ast.LtE],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
}
ARITHMETIC: dict[type[ast.operator], list[type[ast.operator]]] = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Mult],
    ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Mult],
}


def mutants(reference: Callable[..., Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every change to the function or to a helper of its own module: (what was changed, mutant)."""
    functions = [_tree(f) for f in with_helpers(reference)]
    for i, function in enumerate(functions):
        for position, node in enumerate(ast.walk(function)):
            for replacement in _changes(node):
                changed = _Replace(position, replacement).apply(function)
                program = [*functions[:i], changed, *functions[i + 1 :]]
                line = ast.unparse(node)
                new = ast.unparse(replacement) if replacement else "nothing"
                yield f"{function.name}: {line} → {new}", _compile(program, reference)


def _tree(function: Callable[..., Any]) -> ast.FunctionDef:
    tree = ast.parse(inspect.getsource(function)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    tree.decorator_list, tree.returns = [], None
    for argument in tree.args.args:
        argument.annotation = None
    return tree


def _compile(program: Sequence[ast.stmt], reference: Callable[..., Any]) -> Callable[..., Any]:
    namespace = dict(reference.__globals__)
    module = ast.fix_missing_locations(ast.Module(body=deepcopy(list(program)), type_ignores=[]))
    exec(compile(module, "<mutant>", "exec"), namespace)  # noqa: S102 (our own code)
    mutant: Callable[..., Any] = namespace[reference.__name__]
    return mutant


class _Replace(ast.NodeTransformer):
    """Put another node at one position of the walk."""

    def __init__(self, position: int, replacement: ast.AST | None) -> None:
        self.position, self.replacement = position, replacement

    def apply(self, function: ast.FunctionDef) -> ast.FunctionDef:
        copied = deepcopy(function)
        self.target = list(ast.walk(copied))[self.position]
        result = self.visit(copied)
        assert isinstance(result, ast.FunctionDef)
        return result

    def visit(self, node: ast.AST) -> Any:
        return self.replacement or ast.Pass() if node is self.target else self.generic_visit(node)


def _changes(node: ast.AST) -> Iterator[ast.AST | None]:
    match node:
        case ast.Compare(left=left, ops=[op], comparators=right):
            for comparison in COMPARISONS.get(type(op), []):
                yield ast.Compare(left, [comparison()], right)
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            yield ast.BinOp(right, ast.MatMult(), left)
        case ast.BinOp(left=left, op=op, right=right):
            for other in ARITHMETIC[type(op)]:
                yield ast.BinOp(left, other(), right)
            yield left
            yield right
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield operand
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.keyword(arg="axis", value=ast.Constant(value=int(axis))):
            yield ast.keyword("axis", ast.Constant(1 - axis))
        case ast.Attribute(value=value, attr="T"):
            yield value
        case ast.Attribute(value=value, attr="maximum", ctx=ctx):
            yield ast.Attribute(value, "minimum", ctx)
        case ast.Call(func=ast.Attribute(), args=[argument]):
            yield argument
        case ast.Return(value=ast.Tuple(elts=parts)):
            for i in range(len(parts)):
                yield ast.Return(ast.Tuple(parts[:i] + parts[i + 1 :], ast.Load()))
            yield ast.Return(ast.Tuple([parts[1], parts[0], *parts[2:]], ast.Load()))
        case ast.Break() | ast.Raise() | ast.Assign(targets=[ast.Name()]):
            yield None
