"""The shapes of an MLP, layer by layer, and how many parameters it has: in three conventions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np

from nnlib.course.kit.numbers import superscript
from nnlib.course.kit.scene import Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Button, Model, choice, slider, steps, text, widget

MOST_LAYERS, LARGEST = 6, 10_000_000
GAP, THIN = 0.35, 0.3  # between the boxes of the picture, and the thin side of the biases
CONVENTIONS = {
    "torch": "here, PyTorch: HWᵀ",
    "keras": "Keras: HK",
    "columns": "columns: WH",
}


def parsed(text: str) -> tuple[int, ...]:
    """The sizes that were typed, or an error that says how to type them.

    >>> parsed("784, 1000, 10")
    (784, 1000, 10)
    """
    words = text.replace(",", " ").split()
    if not all(word.isdecimal() and 1 <= int(word) <= LARGEST for word in words):
        raise ValueError(
            f"sizes must be whole numbers from 1 to {LARGEST:,}, such as 784, 1000, 10; not {text!r}"
        )
    if not 2 <= len(words) <= MOST_LAYERS + 1:
        raise ValueError(
            f"sizes must be 2 to {MOST_LAYERS + 1} numbers, the inputs first, the outputs last; "
            f"not {len(words)}"
        )
    return tuple(map(int, words))


@dataclass(frozen=True)
class ShapeCounter(Model):
    """The shapes of Z = H Wᵀ + b in an MLP, one layer at a time, and m(n + 1) parameters for each.

    `sizes` is typed: "784, 1000, 10", 2 to 7 of them; `layer` is the one that is drawn.
    """

    title = "Shapes and parameters, layer by layer"
    goal = "784 inputs, two hidden layers, 10 outputs, and 99,000 to 101,000 parameters"
    on_every_page = (
        {"sizes": "784, 120, 45, 10"},
        {"sizes": "784, 126, 10"},
        {"sizes": "784, 1000, 1000, 10"},
        {"sizes": "2, 3, 1"},
    )
    on_page = ("sizes", "n", "layer", "convention", "next", "first")

    sizes: str = text("Sizes", at="784, 1000, 10")
    n: int = slider("Examples N", 1, 256, 1, at=32)
    layer: int = steps(
        lambda model: model.depth,
        Button("next", "Next layer", by=1),
        Button("first", "First layer", by=-MOST_LAYERS),
        at=1,
        first=1,
        label="Layer",
    )
    convention: str = choice("Convention", CONVENTIONS, at="torch")

    @property
    def numbers(self) -> tuple[int, ...]:
        return parsed(self.sizes)

    @property
    def depth(self) -> int:
        return len(self.numbers) - 1

    @property
    def counts(self) -> list[int]:
        """Parameters of each layer: m rows of n weights and one bias."""
        return [m * (n + 1) for n, m in pairwise(self.numbers)]

    def reached(self) -> bool:
        ends = self.numbers[0], self.numbers[-1]
        return ends == (784, 10) and self.depth == 3 and 99_000 <= sum(self.counts) <= 101_000

    def changed(self, **settings: Any) -> Self:
        """A shorter network ends at its own last layer."""
        if "sizes" in settings:
            last = len(parsed(settings["sizes"])) - 1
            settings = {"layer": min(self.layer, last), **settings}
        return super().changed(**settings)

    def batch(self, width: int) -> tuple[int, int]:
        """The shape of what N examples are at a layer of this width."""
        return (width, self.n) if self.convention == "columns" else (self.n, width)

    def stored(self, n_in: int, n_out: int) -> tuple[str, tuple[int, int], tuple[int, ...]]:
        """The name and shape of the stored weights, and the shape of the biases."""
        if self.convention == "keras":
            return "K", (n_in, n_out), (n_out,)
        return "W", (n_out, n_in), (n_out, 1) if self.convention == "columns" else (n_out,)

    def product(self) -> list[tuple[str, tuple[int, ...]]]:
        """This layer's left factor, right factor, biases and result: names and shapes as multiplied."""
        n_in, n_out = self.numbers[self.layer - 1 : self.layer + 1]
        top = raised(self.layer)
        name, shape, biases = self.stored(n_in, n_out)
        given = "X" if self.layer == 1 else f"H{raised(self.layer - 1)}"
        data = given, self.batch(n_in)
        if self.convention == "torch":
            weights = f"W{top}ᵀ", (n_in, n_out)
        else:
            weights = f"{name}{top}", shape
        factors = [weights, data] if self.convention == "columns" else [data, weights]
        return [*factors, (f"b{top}", biases), (f"Z{top}", self.batch(n_out))]

    def formula(self) -> str:
        left, right, b, z = (name for name, _ in self.product())
        return f"{z} = {left} {right} + {b}"

    def scene(self) -> Scene:
        return Scene((self.table(), self.picture()), self.words())

    def table(self) -> Panel:
        """One row per layer: what is stored, what comes out, how many parameters."""
        head = ("layer", "weights", "biases", "gives", "parameters")
        rows = [(head, "gray")]
        for k, (n_in, n_out) in enumerate(pairwise(self.numbers), start=1):
            name, shape, biases = self.stored(n_in, n_out)
            top = raised(k)
            row = (
                f"{'▸ ' if k == self.layer else ''}{k}",
                f"{name}{top} {shape}",
                f"b{top} {biases}",
                f"Z{top} {self.batch(n_out)}",
                f"{self.counts[k - 1]:,}",
            )
            rows.append((row, "vermillion" if k == self.layer else "ink"))
        rows.append((("in all", "", "", "", f"{sum(self.counts):,}"), "ink"))
        places = (0.08, 0.27, 0.5, 0.72, 0.92)
        items = tuple(
            Label(np.array([x, -float(y)]), words, color, size="small")
            for y, (row, color) in enumerate(rows)
            for x, words in zip(places, row, strict=True)
        )
        height = 0.055 * len(rows)
        return Panel((0.0, 1.0), (0.5 - len(rows), 0.5), "", "", items, height=height, axes=False)

    def picture(self) -> Panel:
        """The product with the right factor above the result: sides that touch must be equal."""
        (left, a), (right, b), (bias, c), (result, z) = self.product()
        tall, wide, inner = side(z[0]), side(z[1]), side(a[1])
        columns = self.convention == "columns"
        edge, above = inner + GAP, tall + GAP  # where the result ends
        colors = ("vermillion", "ink") if columns else ("ink", "vermillion")
        boxes = [
            Box(0, 0, inner, tall, f"{left}\n{a}", colors[0]),
            Box(edge, above, wide, inner, f"{right}\n{b}", colors[1]),
            Box(edge, 0, wide, tall, f"{result}\n{z}", "blue"),
            Box(edge + wide + GAP, 0, THIN, tall, "", "vermillion")
            if columns
            else Box(edge, -GAP - THIN, wide, THIN, "", "vermillion"),
        ]
        notes = [
            Label(np.array([inner / 2, above + inner / 2]), meeting(a[1]), "gray", size="small"),
            Label(np.array([inner / 2, -GAP - THIN / 2]), f"+ {bias} {c}", "vermillion"),
        ]
        # One window for all: the page must not jump from layer to layer.
        width, height = edge + wide + (GAP + THIN) * columns, above + inner + GAP + THIN
        scale = max(width / 9.4, height / 7.0)
        middle = np.array([width / 2, height / 2 - GAP - THIN])
        items: tuple[Item, ...] = (*(item for box in boxes for item in box.items()), *notes)
        return Panel(
            (middle[0] - 5 * scale, middle[0] + 5 * scale),
            (middle[1] - 3.75 * scale, middle[1] + 3.75 * scale),
            "",
            "",
            items,
            height=0.75,
            axes=False,
            title=f"Layer {self.layer}: {self.formula()}",
        )

    def words(self) -> str:
        network, total = "–".join(map(str, self.numbers)), sum(self.counts)
        sums = " + ".join(f"{count:,}" for count in self.counts)
        equal = f"{sums} = {total:,}" if self.depth > 1 else f"{total:,}"
        (left, a), (right, b), _, (_, z) = self.product()
        then = "these are the scores" if self.layer == self.depth else "φ gives the next H"
        return (
            f"{network}: {equal} parameters, whatever N is: {megabytes(total)} in 32-bit numbers. "
            f"Layer {self.layer}: {left} {a} times {right} {b} gives {z}; "
            f"{then}."
        )


def raised(layer: int) -> str:
    """The layer as a superscript, in brackets: ⁽²⁾."""
    return superscript(f"({layer})")


def megabytes(parameters: int) -> str:
    """What that many 32-bit numbers take up.

    >>> megabytes(795_010), megabytes(65)
    ('3.18 MB', '260 bytes')
    """
    size = 4.0 * parameters
    power = int(np.log10(size)) // 3
    size /= 1000**power
    return f"{size:.3g} {('bytes', 'kB', 'MB', 'GB', 'TB', 'PB')[power]}"


def side(n: int) -> float:
    """How long n is drawn: sizes from 1 to millions side by side."""
    return 0.9 + 0.7 * float(np.log10(n))


def meeting(n: int) -> str:
    """What makes the two factors fit: as many columns on the left as rows on the right."""
    return "1 column meets\n1 row" if n == 1 else f"{n:,} columns meet\n{n:,} rows"


@dataclass(frozen=True)
class Box:
    """A matrix as a rectangle with words in it; (x, y) is its lower left corner."""

    x: float
    y: float
    width: float
    height: float
    words: str
    color: str

    def items(self) -> tuple[Item, ...]:
        (x0, y0), (x1, y1) = (self.x, self.y), (self.x + self.width, self.y + self.height)
        outline = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]])
        middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        return Line(outline, self.color), Label(middle, self.words, self.color)


shape_counter = widget(ShapeCounter)
