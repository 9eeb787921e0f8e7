"""What a model is made of: the shapes that its layers give, and how many parameters each holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nnlib.arguments import require
from nnlib.engine import Tensor, no_grad
from nnlib.nn.module import Module


@contextmanager
def watching(model: Module, see: Callable[[str, Module, Any], None]) -> Iterator[None]:
    """Call ``see(name, module, output)`` whenever a module of ``model`` has run; parts before wholes.

    >>> from nnlib import nn
    >>> model = nn.MLP([2, 3, 1])
    >>> with watching(model, lambda name, module, output: print(name or "all", output.shape)):
    ...     _ = model(Tensor([[0.0, 1.0]]))
    0 (1, 3)
    1 (1, 3)
    2 (1, 1)
    all (1, 1)
    """

    def watched(name: str, module: Module, forward: Callable[..., Any]) -> Callable[..., Any]:
        def run(*inputs: Any, **options: Any) -> Any:
            output = forward(*inputs, **options)
            see(name, module, output)
            return output

        return run

    own = [(name, module, vars(module).get("forward")) for name, module in model.named_modules()]
    try:
        for name, module, _ in own:
            vars(module)["forward"] = watched(name, module, module.forward)
        yield
    finally:
        for _, module, before in own:
            vars(module)["forward"] = before
            if before is None:
                del module.forward


@dataclass
class Summary:
    """What :func:`summary` found; its ``repr`` is the table.

    A row is a module's path and kind, the shapes that it gave, and the parameters it holds itself.
    """

    rows: list[tuple[str, str, list[str], int]]
    parameters: int

    def __repr__(self) -> str:
        cells = [("layer", "kind", "output shape", "parameters")]
        for path, kind, shapes, n in self.rows:
            cells.append((path or "(model)", kind, ", ".join(shapes) or "not used", f"{n:,}"))
        a, b, c, d = (max(map(len, column)) for column in zip(*cells, strict=True))
        lines = [f"{p:{a}}  {k:{b}}  {s:{c}}  {n:>{d}}" for p, k, s, n in cells]
        lines.insert(1, "─" * len(lines[0]))
        return "\n".join([*lines, f"{self.parameters:,} parameters"])


def summary(model: Module, *inputs: Any) -> Summary:
    """A table of the modules of ``model``: the shape of what each gives for ``inputs``, its parameters

    A parameter that several modules share counts once, for the first of them. The model runs once,
    in eval mode and off the tape; a module that runs several times shows all its shapes, one that
    does not run is "not used". Inputs have any shape that the model takes. Raises TypeError where
    ``model`` is no module. As Keras's Model.summary.

    >>> from nnlib import nn
    >>> summary(nn.MLP([2, 16, 1]), Tensor([[0.0, 1.0]]))
    layer    kind    output shape  parameters
    ─────────────────────────────────────────
    (model)  MLP     (1, 1)                 0
    0        Linear  (1, 16)               48
    1        ReLU    (1, 16)                0
    2        Linear  (1, 1)                17
    65 parameters
    """
    require(Module, "summary", model=model)
    shapes: dict[int, list[str]] = {}

    def see(path: str, module: Module, output: Any) -> None:
        shapes.setdefault(id(module), []).append(_shape(output))

    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        with no_grad(), watching(model, see):
            model(*inputs)
    finally:
        for module, training in modes:
            module.training = training
    sizes = {path: p.data.size for path, p in model.named_parameters()}
    rows = []
    for path, module in model.named_modules():
        own = sum(n for name, n in sizes.items() if name.rpartition(".")[0] == path)
        rows.append((path, type(module).__name__, shapes.get(id(module), []), own))
    return Summary(rows, sum(sizes.values()))


def _shape(output: Any) -> str:
    if isinstance(output, Tensor):
        return str(output.shape)
    if isinstance(output, tuple | list):
        return "[" + ", ".join(map(_shape, output)) + "]"
    return type(output).__name__
