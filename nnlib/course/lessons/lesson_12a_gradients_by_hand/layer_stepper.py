"""Forward and backward through a small softmax network, one matrix at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nnlib.course.kit.scene import Floats, Heat, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Button, Model, Stop, choice, slider, steps, widget

SIZES = (2, 3, 4)  # inputs, hidden units, classes: all different, so that shapes tell
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

# What a step is in numbers: matrices, and the signs between them; for rows, and for columns. Only
# dW is drawn otherwise, as a sum with one term per example.
IN_NUMBERS = {
    "Z₁": ("X · W₁ᵀ +b₁= Z₁", "W₁ · X +b₁= Z₁"),
    "H₁": ("Z₁ φ→ H₁", "Z₁ φ→ H₁"),
    "Z₂": ("H₁ · W₂ᵀ +b₂= Z₂", "W₂ · H₁ +b₂= Z₂"),
    "P": ("Z₂ softmax→ P", "Z₂ softmax→ P"),
    "ℓ": ("P E −ln→ ℓ", "P E −ln→ ℓ"),
    "dZ₂": ("P − E /{b}= dZ₂", "P − E /{b}= dZ₂"),
    "db₂": ("dZ₂ Σ→ db₂", "dZ₂ Σ→ db₂"),
    "dH₁": ("dZ₂ · W₂ = dH₁", "W₂ᵀ · dZ₂ = dH₁"),
    "dZ₁": ("dH₁ ⊙ φ′(Z₁) = dZ₁", "dH₁ ⊙ φ′(Z₁) = dZ₁"),
    "db₁": ("dZ₁ Σ→ db₁", "dZ₁ Σ→ db₁"),
}
INPUTS_OF = {"dW₁": ("dZ₁", "X"), "dW₂": ("dZ₂", "H₁")}
IN_FULL = "The step in numbers"
NARROW, HIGH = 16.0, 6.2  # cells of which as many stand in a panel, so that numbers fit into them

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
    X, E = rng.normal(size=(6, d))[:batch], np.eye(k)[[2, 0, 3, 1, 3, 2]][:batch]
    phi, slope = PHI[activation]
    Z1 = X @ W1.T + b1
    H1 = phi(Z1)
    Z2 = H1 @ W2.T + b2
    e = np.exp(Z2)
    P = e / e.sum(1, keepdims=True)
    losses = -np.log((P * E).sum(1, keepdims=True))
    dZ2 = (P - E) / batch
    dH1, slopes = dZ2 @ W2, slope(Z1)
    dZ1 = dH1 * slopes
    named = {"X": X, "E": E, "W₁": W1, "b₁": b1, "W₂": W2, "b₂": b2, "Z₁": Z1, "H₁": H1, "Z₂": Z2}
    named |= {"P": P, "ℓ": losses, "dZ₂": dZ2, "dW₂": dZ2.T @ H1, "db₂": dZ2.sum(0, keepdims=True)}
    named |= {"dH₁": dH1, "dZ₁": dZ1, "dW₁": dZ1.T @ X, "db₁": dZ1.sum(0, keepdims=True)}
    return named | {"φ′(Z₁)": slopes}


@dataclass(frozen=True)
class LayerStepper(Model):
    """Z₁ = X W₁ᵀ + b₁, H₁ = φ(Z₁), Z₂ = H₁ W₂ᵀ + b₂, P = softmax(Z₂), and the way back to dW₁, db₁.

    `batch` is the number of examples; `examples` says whether they are rows or columns.
    """

    title = "Forward and backward, layer by layer"
    goal = "find a hidden unit that learns nothing: a row of zeros in dW₁"
    on_page = ("step", "batch", "examples", "activation", "back", "next")
    tour = (
        Stop("Forward, a layer is a product: a row of X meets every row of W₁.", IN_FULL, step=1),
        Stop("The way back begins with what was said minus what was true.", IN_FULL, step=6),
        Stop("A weight reached every example, so dW₂ adds up: a term for each.", IN_FULL, step=7),
        Stop("With one example there is one term, of the same shape.", "Examples", step=7, batch=1),
        Stop("The blame goes back along the same weights, and none is turned.", IN_FULL, step=9),
        Stop(
            "Then the first layer does what the second did, with its own input.", IN_FULL, step=11
        ),
    )

    activation: str = choice("φ", {name: name for name in PHI}, at="sigmoid")
    batch: int = slider("Examples", 1, 6, 1, at=2)
    examples: str = choice("Examples are", {"rows": "rows", "columns": "columns"}, at="rows")
    step: int = steps(
        len(STEPS),
        Button("back", "Back", by=-1),
        Button("next", "Next", by=1),
        Button("next", "Play", by=1, plays=True, interval=1500),
    )

    def reached(self) -> bool:
        return "dW₁" in self.known() and bool((self.all()["dW₁"] == 0).all(axis=1).any())

    def matrix(self, name: str) -> Floats:
        """A matrix as it is laid out now: W never turns, what holds examples does. Wᵀ is W turned."""
        value = self.all()[name.rstrip("ᵀ")]
        turns = self.examples == "columns" and "W" not in name
        return value.T if turns or name.endswith("ᵀ") else value

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
        return Scene((panel, self.close_up()), self.words())

    def close_up(self) -> Panel:
        """The step in numbers: what goes in, the signs between, and what comes out."""
        parts = self.parts()
        width = sum(sign_width(p) if isinstance(p, str) else p[1].shape[1] for p in parts)
        rows = max(part[1].shape[0] for part in parts if not isinstance(part, str))
        scale = max((width + 0.6) / NARROW, (rows + 1.6) / HIGH, 0.75)
        x, middle, items = (NARROW * scale - width) / 2, HIGH * scale / 2 - 0.5, list[Item]()
        for part in parts:
            if isinstance(part, str):
                items.append(Label((x + sign_width(part) / 2, middle), part))
                x += sign_width(part)
            else:
                name, matrix = part
                corner = x, middle - len(matrix) / 2
                items += written(name, matrix, corner, numbers=scale <= 1)
                x += matrix.shape[1]
        limits = (0.0, NARROW * scale), (0.0, HIGH * scale)
        return Panel(*limits, "", "", tuple(items), HIGH / NARROW, title=IN_FULL, axes=False)

    def parts(self) -> list[str | tuple[str, Floats]]:
        """The signs and the named matrices of the step, from left to right."""
        if self.now is None:
            return [("X", self.matrix("X")), "  ", ("W₁", self.matrix("W₁")), "  ",
                    ("E", self.matrix("E"))]  # fmt: skip
        result = self.now.result
        if result in INPUTS_OF:
            return self.outer_products(result)
        formula = IN_NUMBERS[result][self.examples == "columns"].format(b=self.batch)
        return [
            (token, self.matrix(token)) if token.rstrip("ᵀ") in self.all() else token
            for token in formula.split()
        ]

    def outer_products(self, result: str) -> list[str | tuple[str, Floats]]:
        """dW as it adds up: for each example its row of dZ times its row of the layer's input."""
        dZ, H = (self.all()[name] for name in INPUTS_OF[result])
        parts: list[str | tuple[str, Floats]] = []
        for n, (dz, h) in enumerate(zip(dZ, H, strict=True), 1):
            parts += ["+", (f"example {n}", np.outer(dz, h))]
        return [*parts[1:], "=", (result, self.matrix(result))]

    def all(self) -> dict[str, Floats]:
        return values(self.activation, self.batch)

    def drawn(self, name: str, corner: tuple[float, float]) -> list[Item]:
        """A matrix with its name: shaded once it is known, an empty frame before."""
        matrix, (x, y) = self.matrix(name), corner
        rows, columns = matrix.shape
        known = name in self.known()
        at = (x + columns / 2, y + rows + 0.6)
        title = Label(at, self.name_and_shape(name), "ink" if known else "gray", size="small")
        if not known:
            return [frame(corner, matrix, "gray", "dotted"), title]
        return [*shaded(matrix, corner), title]

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
            f"comes {self.now.result} {shape}{self.same_shape()}. {self.now.why}{self.loss()} "
            f"First row: {self.first_row()}."
        )

    def first_row(self) -> str:
        assert self.now is not None
        return ", ".join(short(value) for value in self.matrix(self.now.result)[0])

    def same_shape(self) -> str:
        """Every gradient has the shape of its own value."""
        assert self.now is not None
        return f", like {self.now.result[1:]}" if self.now.result.startswith("d") else ""

    def loss(self) -> str:
        assert self.now is not None
        losses = self.all()["ℓ"]
        return f" Here L = {losses.mean():.3f}." if self.now.result == "ℓ" else ""

    def shape(self, name: str) -> str:
        rows, columns = self.matrix(name).shape
        if "b" in name and self.examples == "rows":
            return f"({columns},)"  # as in the lesson: a bias is no matrix
        return f"({rows}, {columns})"


def short(value: float) -> str:
    """Two digits, without the zero before the point, so that it fits into a cell.

    >>> [short(value) for value in (-0.254, 0.001, 1.26, 1.0, -2.0)]
    ['−.25', '0', '1.3', '1', '−2']
    """
    text = f"{abs(value):.2f}".lstrip("0") if abs(value) < 0.995 else f"{abs(value):.1f}"
    text = text.removesuffix(".00").removesuffix(".0") or "0"
    return "−" + text if value < 0 and text != "0" else text


def sign_width(sign: str) -> float:
    """Cells that a sign between two matrices takes."""
    return 0.9 if len(sign) < 3 else 0.5 * len(sign)


def written(name: str, matrix: Floats, corner: tuple[float, float], numbers: bool) -> list[Item]:
    """A matrix with its name above, and in each cell its number."""
    (x, y), (rows, columns) = corner, matrix.shape
    items = [*shaded(matrix, corner), Label((x + columns / 2, y + rows + 0.6), name, size="small")]
    if numbers:
        for i, j in np.ndindex(rows, columns):
            at = x + j + 0.5, y + rows - i - 0.5
            items.append(Label(at, short(float(matrix[i, j])), size="small"))
    return items


def shaded(matrix: Floats, corner: tuple[float, float]) -> list[Item]:
    """A matrix in colors, on its own scale, in a frame."""
    (x, y), (rows, columns) = corner, matrix.shape
    most = float(np.abs(matrix).max()) or 1.0
    ticks = ((-most, ""), (0.0, "0"), (most, ""))
    extent = (x, x + columns, y, y + rows)
    return [Heat(matrix[::-1], ticks, 0.0, extent=extent), frame(corner, matrix, "gray")]


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
