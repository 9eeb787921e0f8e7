"""A loop that goes on until a number is small: the tape holds what was run, for this x alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnlib import Tensor
from nnlib.autodiff import Trace, trace
from nnlib.course.kit.numbers import counted, digits, number
from nnlib.course.kit.scene import Arrow, Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, slider, widget

LAST = 8.0
GOAL = 1.9


def halved(x: Tensor) -> Tensor:
    """Half of x, again and again while it is above 1; then its square."""
    while x > 1:
        x = 0.5 * x
    return x * x


@dataclass(frozen=True)
class LoopTape(Model):
    """What `while x > 1: x = x / 2` and a square leave on the tape."""

    title = "The tape of a loop"
    goal = f"find an x with a slope of {GOAL} or more"

    x: float = slider("x", 0.2, LAST, 0.1, at=0.6)

    @cached_property
    def recorded(self) -> Trace:
        return trace(halved, self.x)

    @property
    def rounds(self) -> int:
        return sum(node.op == "mul" for node in self.recorded) - 1  # the last one is the square

    @property
    def slope(self) -> float:
        gradient = self.recorded["x"].gradient
        assert gradient is not None
        return float(gradient.item())

    def reached(self) -> bool:
        return self.slope >= GOAL

    def scene(self) -> Scene:
        return Scene((self.tape(), self.curve()), self.words(), columns=2)

    def tape(self) -> Panel:
        """A box for x and for each operation, with its value and its gradient."""
        nodes = [node for node in self.recorded if node.kind == "input" or node.op == "mul"]
        items: list[Item] = []
        for k, node in enumerate(nodes):
            gradient = 0.0 if node.gradient is None else float(node.gradient.item())
            name = "x" if k == 0 else "square" if k == len(nodes) - 1 else f"half, round {k}"
            text = f"{name}: {digits(float(node.value.item()))}\ngradient {digits(gradient)}"
            items.append(Label((0.0, -k), text, "ink" if k else "blue", boxed=True, size="small"))
            if k:
                items.append(Arrow(np.array([0.0, -k + 0.68]), np.array([0.0, -k + 0.34]), "gray"))
        title = "on the tape"
        return Panel((-1.0, 1.0), (-4.6, 0.6), "", "", tuple(items), 0.95, title=title, axes=False)

    def curve(self) -> Panel:
        """The output over x, in pieces, and the slope at x."""
        y = float(self.recorded.nodes[-1].value.item())
        reach = np.array([-0.5, 0.5])
        tangent = np.column_stack([self.x + reach, y + self.slope * reach])
        items = (
            Line(pieces(), "gray"),
            Line(tangent, "orange", style="dashed", label="slope"),
            Points(np.array([[self.x, y]]), "square", "blue"),
        )
        return Panel((0.0, LAST + 0.3), (-0.1, 1.3), "x", "output", items, 0.95)

    def words(self) -> str:
        y = float(self.recorded.nodes[-1].value.item())
        return (
            f"x = {number(self.x)}: {counted(self.rounds, 'round')}, so "
            f"{counted(self.rounds + 1, 'operation')} on the tape. Output {number(y)}, slope "
            f"{number(self.slope)}. How near the next round is, the slope does not tell."
        )


def pieces() -> Floats:
    """(x/2ᵏ)² where x/2ᵏ is in (½, 1], with a gap between the pieces; below ½ it is x²."""
    ways: list[Floats] = []
    for low, high, k in ((0.0, 1.0, 0), (1.0, 2.0, 1), (2.0, 4.0, 2), (4.0, 8.0, 3)):
        x = np.linspace(low, high, 41)
        ways += [np.column_stack([x, (x / 2**k) ** 2]), np.full((1, 2), np.nan)]
    return np.concatenate(ways)


loop_tape = widget(LoopTape)
