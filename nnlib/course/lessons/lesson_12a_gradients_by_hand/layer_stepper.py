"""Forward and backward through a small softmax network, one matrix at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nnlib.course.kit.scene import Floats, Heat, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Button, Model, choice, slider, steps, widget

SIZES = (3, 4, 5)  # inputs, hidden units, classes: all different, so that shapes tell
Function = Callable[[Floats], Floats]


def sigmoid(z: Floats) -> Floats:
    return 1 / (1 + np.exp(-z))


PHI: dict[str, tuple[Function, Function]] = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
}


class Step(NamedTuple):
    """What one step computes, from what, by which formula, and why."""

    result: str
    reads: tuple[str, ...]
    rows: str  # the formula where examples are rows …
    columns: str  # … and where they are columns; {b} is the number of examples
    why: str


STEPS = (
    Step("Z₁", ("X", "W₁", "b₁"), "X W₁ᵀ + b₁", "W₁ X + b₁", "Every neuron weighs every input."),
    Step("H₁", ("Z₁",), "φ(Z₁)", "φ(Z₁)", "Entry by entry, so the shape stays."),
    Step("Z₂", ("H₁", "W₂", "b₂"), "H₁ W₂ᵀ + b₂", "W₂ H₁ + b₂", "The logits."),
    Step("P", ("Z₂",), "softmax(Z₂)", "softmax(Z₂)", "Each example's probabilities add up to 1."),
    Step("ℓ", ("P", "E"), "−ln P at the label", "−ln P at the label", "The loss is their mean."),
    Step("dZ₂", ("P", "E"), "(P − E) / {b}", "(P − E) / {b}", "What it said minus what was true."),
    Step("dW₂", ("dZ₂", "H₁"), "dZ₂ᵀ H₁", "dZ₂ H₁ᵀ", "The product adds up over the examples."),
    Step("db₂", ("dZ₂",), "sum of dZ₂'s rows", "sum of dZ₂'s columns", "b₂ reached every example."),
    Step("dH₁", ("dZ₂", "W₂"), "dZ₂ W₂", "W₂ᵀ dZ₂", "Back along the same weights."),
    Step("dZ₁", ("dH₁", "Z₁"), "dH₁ ⊙ φ′(Z₁)", "dH₁ ⊙ φ′(Z₁)", "Entry by entry, φ′ at Z₁."),
    Step("dW₁", ("dZ₁", "X"), "dZ₁ᵀ X", "dZ₁ Xᵀ", "As in layer 2, with this layer's input."),
    Step("db₁", ("dZ₁",), "sum of dZ₁'s rows", "sum of dZ₁'s columns", "All gradients are there."),
)
FORWARD = 5
GIVEN = ("X", "W₁", "b₁", "W₂", "b₂", "E")
PARAMETERS = ("W₁", "b₁", "W₂", "b₂")

# Every gradient lies beneath what it belongs to; a weight matrix beneath the layer's input.
GRID = (
    ("X", "Z₁", "H₁", "Z₂", "P", "E"),
    ("", "dZ₁", "dH₁", "dZ₂", "ℓ", ""),
    ("W₁", "b₁", "W₂", "b₂", "", ""),
    ("dW₁", "db₁", "dW₂", "db₂", "", ""),
)
GAP_X, GAP_Y = 1.0, 1.5


@lru_cache
def values(activation: str, batch: int) -> dict[str, Floats]:
    """Every matrix of the network by name, examples as rows."""
    rng = np.random.default_rng(0)
    d, n, k = SIZES
    W1, W2 = rng.normal(size=(n, d)), rng.normal(size=(k, n))
    b1, b2 = rng.normal(size=(1, n)) / 2, rng.normal(size=(1, k)) / 2
    X, E = rng.normal(size=(6, d))[:batch], np.eye(k)[[2, 0, 4, 1, 3, 2]][:batch]
    phi, slope = PHI[activation]
    Z1 = X @ W1.T + b1
    H1 = phi(Z1)
    Z2 = H1 @ W2.T + b2
    e = np.exp(Z2)
    P = e / e.sum(1, keepdims=True)
    losses = -np.log((P * E).sum(1, keepdims=True))
    dZ2 = (P - E) / batch
    dH1 = dZ2 @ W2
    dZ1 = dH1 * slope(Z1)
    named = {"X": X, "E": E, "W₁": W1, "b₁": b1, "W₂": W2, "b₂": b2, "Z₁": Z1, "H₁": H1, "Z₂": Z2}
    named |= {"P": P, "ℓ": losses, "dZ₂": dZ2, "dW₂": dZ2.T @ H1, "db₂": dZ2.sum(0, keepdims=True)}
    return named | {
        "dH₁": dH1, "dZ₁": dZ1, "dW₁": dZ1.T @ X, "db₁": dZ1.sum(0, keepdims=True)
    }  # fmt: skip


@dataclass(frozen=True)
class LayerStepper(Model):
    """Z₁ = X W₁ᵀ + b₁, H₁ = φ(Z₁), Z₂ = H₁ W₂ᵀ + b₂, P = softmax(Z₂), and the way back to dW₁, db₁.

    `batch` is the number of examples; `examples` says whether they are rows or columns.
    """

    title = "Forward and backward, layer by layer"
    on_page = ("step", "batch", "examples", "activation", "back", "next")

    activation: str = choice("φ", {name: name for name in PHI}, at="sigmoid")
    batch: int = slider("Examples", 1, 6, 1, at=4)
    examples: str = choice("Examples are", {"rows": "rows", "columns": "columns"}, at="rows")
    step: int = steps(
        len(STEPS),
        Button("back", "Back", by=-1),
        Button("next", "Next", by=1),
        Button("next", "Play", by=1, plays=True, interval=1500),
    )

    def matrix(self, name: str) -> Floats:
        """A matrix as it is laid out now: W never turns, what holds examples does."""
        value = values(self.activation, self.batch)[name]
        turns = self.examples == "columns" and "W" not in name
        return value.T if turns else value

    @property
    def now(self) -> Step | None:
        return STEPS[self.step - 1] if self.step else None

    def known(self) -> set[str]:
        """The names of all that is computed by now."""
        return {*GIVEN, *(step.result for step in STEPS[: self.step])}

    def places(self) -> tuple[dict[str, tuple[float, float]], float, float]:
        """The lower left corner of each matrix, and the width and height of them all."""
        shapes = {name: self.matrix(name).shape for row in GRID for name in row if name}
        widths = [max(shapes[n][1] for n in column if n) for column in zip(*GRID, strict=True)]
        heights = [max(shapes[n][0] for n in row if n) for row in GRID]
        left = np.cumsum([0, *(w + GAP_X for w in widths)])
        below = np.cumsum([0, *(h + GAP_Y for h in heights)])
        total = float(below[-1])
        corners = {
            name: (float(left[j]), total - float(below[i]) - GAP_Y - shapes[name][0])
            for i, row in enumerate(GRID)
            for j, name in enumerate(row)
            if name
        }
        return corners, float(left[-1]) - GAP_X, total

    def scene(self) -> Scene:
        corners, width, height = self.places()
        items = [item for name, corner in corners.items() for item in self.drawn(name, corner)]
        items += self.marks(corners)
        limits = (-0.6, width + 0.6), (-0.6, height + 0.3)
        ratio = (limits[1][1] - limits[1][0]) / (limits[0][1] - limits[0][0])
        panel = Panel(*limits, "", "", tuple(items), ratio, title=self.headline(), axes=False)
        return Scene((panel,), self.words())

    def drawn(self, name: str, corner: tuple[float, float]) -> list[Item]:
        """A matrix with its name: shaded once it is known, an empty frame before."""
        matrix, (x, y) = self.matrix(name), corner
        rows, columns = matrix.shape
        known = name in self.known()
        at = (x + columns / 2, y + rows + 0.6)
        title = Label(at, self.name_and_shape(name), "ink" if known else "gray", size="small")
        if not known:
            return [frame(corner, matrix, "gray", "dotted"), title]
        most = float(np.abs(matrix).max()) or 1.0
        ticks = ((-most, ""), (0.0, "0"), (most, ""))
        extent = (x, x + columns, y, y + rows)
        return [Heat(matrix[::-1], ticks, 0.0, extent=extent), frame(corner, matrix, "gray"), title]

    def name_and_shape(self, name: str) -> str:
        """The name; with its shape where the step reads or computes it, and before the first."""
        shown = (self.now.result, *self.now.reads) if self.now else GIVEN
        return f"{name} {self.shape(name)}" if name in shown else name

    def marks(self, corners: dict[str, tuple[float, float]]) -> list[Item]:
        """Frames around what the step computes and what it reads."""
        if self.now is None:
            return []
        result, *reads = (
            frame(corners[name], self.matrix(name), margin=0.15)
            for name in (self.now.result, *self.now.reads)
        )
        read = [replace(line, color="blue", style="dashed") for line in reads]
        return [
            replace(read[0], label="read in this step"),
            *read[1:],
            replace(result, color="vermillion", label="computed in this step"),
        ]

    def formula(self, step: Step) -> str:
        body = step.rows if self.examples == "rows" else step.columns
        return f"{step.result} = {body.format(b=self.batch)}"

    def headline(self) -> str:
        return self.formula(self.now) if self.now else "What is given, before the first step"

    def words(self) -> str:
        if self.now is None:
            shapes = ", ".join(f"{name} {self.shape(name)}" for name in GIVEN)
            return f"Given are {shapes}; E holds the labels, one-hot."
        way = "forward" if self.step <= FORWARD else "backward"
        reads = " and ".join(f"{name} {self.shape(name)}" for name in self.now.reads)
        shape = self.shape(self.now.result)
        return (
            f"Step {self.step} of {len(STEPS)}, {way}: {self.formula(self.now)}. From {reads} "
            f"comes {self.now.result} {shape}{self.same_shape()}. {self.now.why}{self.loss()}"
        )

    def same_shape(self) -> str:
        """Every gradient has the shape of its own value."""
        assert self.now is not None
        return f", like {self.now.result[1:]}" if self.now.result.startswith("d") else ""

    def loss(self) -> str:
        assert self.now is not None
        losses = values(self.activation, self.batch)["ℓ"]
        return f" Here L = {losses.mean():.3f}." if self.now.result == "ℓ" else ""

    def shape(self, name: str) -> str:
        rows, columns = self.matrix(name).shape
        return f"({rows}, {columns})"


def frame(
    corner: tuple[float, float],
    matrix: Floats,
    color: str = "ink",
    style: str = "solid",
    margin: float = 0.0,
) -> Line:
    """A rectangle around a matrix."""
    (x, y), (rows, columns) = corner, matrix.shape
    left, right, low, high = x - margin, x + columns + margin, y - margin, y + rows + margin
    path = [[left, low], [right, low], [right, high], [left, high], [left, low]]
    return Line(np.array(path), color, style=style)


layer_stepper = widget(LayerStepper)
