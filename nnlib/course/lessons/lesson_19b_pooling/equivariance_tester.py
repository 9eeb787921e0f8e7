"""First move and then the layer, or first the layer and then move: is it the same?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import nnlib.nn.functional as F
from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Floats, Heat, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, Stop, choice, slider, widget

SIZE, SAME = 12, 1e-9
ONE = """
............
............
.......#....
......##....
.....#.##...
....#..##...
.......##...
.......##...
.......##...
........#...
............
............
"""
IMAGE: Floats = np.array([[c == "#" for c in row] for row in ONE.split()], dtype=float)

LAYERS = {
    "edges": "convolution, edge kernel",
    "round": "convolution, symmetric kernel",
    "max": "max pooling, 3 × 3",
    "global": "convolution, then global max",
}
EDGES: Floats = np.array([[0.0, 1.0, -1.0], [0.0, 2.0, -2.0], [0.0, 1.0, -1.0]]) / 4
ROUND: Floats = np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]]) / 4
BORDERS = {"circular": "circular (none)", "zero": "zeros"}


@dataclass(frozen=True)
class EquivarianceTester(Model):
    """f(g(x)) beside g(f(x)): a layer f, and a move g that goes around at the ends.

    Behind a stride, a shift moves the output by the whole number of places that fits best.
    """

    title = "Does the layer move along?"
    goal = "stride 2, a shift of at least one pixel, and a convolution that follows without error"
    tour = (
        Stop(
            "The upper row moves the image and then asks the layer, the lower row asks the layer "
            "and then moves its output.",
            "its map, f(g(x))",
        ),
        Stop(
            "Nothing lies beyond a circle's end, and at every place the same kernel is used: the "
            "two are equal wherever the image goes.",
            "difference",
            by=4,
        ),
        Stop(
            "With zeros around the image they part, and only at the border: a stroke that touches "
            "it is seen in part.",
            "difference",
            by=4,
            border="zero",
        ),
        Stop(
            "A quarter turn makes horizontal edges of vertical ones, and the kernel looks for the "
            "vertical ones still.",
            "Move",
            move="turn",
            by=1,
        ),
        Stop(
            "A global maximum leaves one number, and that stays the same: it is invariant.",
            "moved, g(f(x))",
            layer="global",
            by=3,
        ),
    )

    layer: str = choice("Layer f", LAYERS, at="edges")
    move: str = choice("Move", {"shift": "shift to the right", "turn": "quarter turns"}, at="shift")
    by: int = slider("by", 0, 4, 1, at=0)
    border: str = choice("Beyond the border", BORDERS, at="circular")
    stride: int = slider("stride", 1, 2, 1, at=1)

    def moved(self, image: Floats) -> Floats:
        """g(x)"""
        if self.move == "turn":
            return np.rot90(image, -self.by)
        return np.roll(image, self.by, axis=1)

    def seen(self, image: Floats) -> Floats:
        """f(x), the layer's output."""
        circular = self.border == "circular"
        beyond = 0.0 if circular or self.layer != "max" else -np.inf
        around = np.pad(image, 1, **({"mode": "wrap"} if circular else {"constant_values": beyond}))
        x = around[None, None].copy()
        kernel = ROUND if self.layer == "round" else EDGES
        if self.layer == "max":
            y = F.max_pool2d(x, 3, self.stride)
        else:
            y = F.conv2d(x, kernel[None, None], stride=self.stride)
        seen: Floats = y.data[0, 0]
        return seen.max(keepdims=True) if self.layer == "global" else seen

    def moved_outputs(self) -> Iterator[Floats]:
        """g(f(x)): where the places do not come out even, the two nearest."""
        y = self.seen(IMAGE)
        if self.move == "turn":
            yield np.rot90(y, -self.by)
        else:
            for places in sorted({self.by // self.stride, -(-self.by // self.stride)}):
                yield np.roll(y, places, axis=1)

    def both(self) -> tuple[Floats, Floats]:
        """f(g(x)), and of g(f(x)) the one that is nearest to it."""
        first = self.seen(self.moved(IMAGE))
        return first, min(self.moved_outputs(), key=lambda then: float(np.abs(first - then).max()))

    def error(self) -> float:
        """The largest difference between the two."""
        first, then = self.both()
        return float(np.abs(first - then).max())

    def change(self) -> float:
        """The largest difference between f(g(x)) and f(x): 0 where the layer is invariant."""
        return float(np.abs(self.both()[0] - self.seen(IMAGE)).max())

    def reached(self) -> bool:
        moves = self.move == "shift" and self.by > 0 and self.stride == 2
        return moves and self.layer in ("edges", "round") and self.error() < SAME

    def scene(self) -> Scene:
        first, then = self.both()
        panels = (
            shades("image, x", IMAGE),
            shades("moved, g(x)", self.moved(IMAGE)),
            shades("its map, f(g(x))", first),
            shades("map, f(x)", self.seen(IMAGE)),
            shades("moved, g(f(x))", then),
            shades("difference", first - then, apart=True),
        )
        return Scene(panels, self.words(), columns=3)

    def words(self) -> str:
        error, change = self.error(), self.change()
        follows = "f(g(x)) and g(f(x)) are equal" if error < SAME else self.apart(error)
        stays = "it is f(x) itself" if change < SAME else f"from f(x) it is {number(change)} apart"
        n = len(self.seen(IMAGE))
        return f"{follows}; {stays}. The map has {n} × {n} places."

    def apart(self, error: float) -> str:
        """How far, and whether only at the border."""
        first, then = self.both()
        inner = np.abs(first - then)[1:-1, 1:-1]
        where = ", at the border only" if inner.size and inner.max() < SAME else ""
        return f"f(g(x)) and g(f(x)) are up to {number(error)} apart{where}"


def shades(title: str, values: Floats, apart: bool = False) -> Panel:
    """A matrix as it is read, its first row on top: 0 has the page's color.

    A single number is written out; `apart` marks by a cross what is not 0.
    """
    n = float(len(values))
    ticks = ((-1.0, "−1"), (0.0, "0"), (1.0, "1"))
    frame = Line(n * np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]), "gray")
    items: tuple[Item, ...] = (Heat(values[::-1], ticks, 0.0), frame)
    if values.size == 1:
        items += (Label((0.5, 0.5), number(float(values[0, 0]))),)
    elif apart:
        rows, columns = np.nonzero(np.abs(values) > SAME)
        marks = np.column_stack([columns + 0.5, n - rows - 0.5])
        items += (Points(marks, "cross", "vermillion", size="small"),)
    return Panel((0.0, n), (0.0, n), "", "", items, 1.0, title=title, axes=False)


equivariance_tester = widget(EquivarianceTester)
