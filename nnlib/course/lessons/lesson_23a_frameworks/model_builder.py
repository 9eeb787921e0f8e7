"""A model drawn as a graph of layers, with its shapes, its parameters and its code in two dialects."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nnlib.course.kit.numbers import counted
from nnlib.course.kit.scene import Arrow, Item, Label, Panel, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget

INPUTS = 64
LEAST, MOST = 32, 2200  # of the goal: units at least, parameters at most
KINDS = {
    "sequential": "one input, in a row",
    "separate": "two inputs, an encoder each",
    "shared": "two inputs, one encoder for both",
}
MERGES = {"difference": "|a − b|", "concat": "a beside b"}
DIALECTS = {"torch": "nnlib, PyTorch", "keras": "Keras"}


@dataclass(frozen=True)
class Box:
    """A layer: where it stands, what it is called, and how many parameters it has."""

    at: tuple[float, float]
    name: str
    shape: str
    parameters: int = 0

    @property
    def text(self) -> str:
        count = f"\n{self.parameters:,}" if self.parameters else ""
        return f"{self.name}\n{self.shape}{count}"

    @property
    def half(self) -> float:
        """How far it reaches to each side, about: an arrow ends there."""
        return 0.06 + 0.028 * max(len(line) for line in self.text.split("\n"))


@dataclass(frozen=True)
class ModelBuilder(Model):
    """64 pixels per input → `units` ReLU units → one score; `kind` says how many inputs and encoders."""

    title = "One row of layers, or a graph"
    goal = f"two inputs, {LEAST} units or more, at most {MOST:,} parameters"

    kind: str = choice("Model", KINDS, at="sequential")
    units: int = slider("Units in an encoder", 8, 64, 8, at=16)
    merge: str = choice("The two are merged by", MERGES, at="concat")
    dialect: str = choice("Code for", DIALECTS, at="torch")

    @property
    def merged(self) -> int:
        """How many numbers reach the last layer."""
        return (
            2 * self.units if self.kind != "sequential" and self.merge == "concat" else self.units
        )

    @property
    def boxes(self) -> list[Box]:
        """The layers, inputs first. An encoder that is shared is one box."""
        h, encoder = self.units, self.units * (INPUTS + 1)
        out = Box((3.0, 0.5), "score", "(N, 1)", self.merged + 1)
        if self.kind == "sequential":
            return [
                Box((0.0, 0.5), "input", f"(N, {INPUTS})"),
                Box((1.5, 0.5), "encoder", f"(N, {h})", encoder),
                out,
            ]
        inputs = [
            Box((0.0, y), f"input {name}", f"(N, {INPUTS})") for name, y in (("a", 1.0), ("b", 0.0))
        ]
        join = Box((2.0, 0.5), MERGES[self.merge], f"(N, {self.merged})")
        if self.kind == "shared":
            return [
                *inputs,
                Box((1.0, 0.5), "encoder\nused twice", f"(N, {h}) each", encoder),
                join,
                out,
            ]
        towers = [
            Box((1.0, y), f"encoder {name}", f"(N, {h})", encoder)
            for name, y in (("a", 1.0), ("b", 0.0))
        ]
        return [*inputs, *towers, join, out]

    @property
    def parameters(self) -> int:
        return sum(box.parameters for box in self.boxes)

    def reached(self) -> bool:
        return self.kind != "sequential" and self.units >= LEAST and self.parameters <= MOST

    def scene(self) -> Scene:
        return Scene((self.graph(), self.code()), self.words(), columns=1)

    def graph(self) -> Panel:
        boxes = self.boxes
        items: list[Item] = []
        for start, end in self.arrows(boxes):
            (x0, y0), (x1, y1) = start.at, end.at
            ends = np.array([x0 + start.half, y0]), np.array([x1 - end.half, y1])
            items.append(Arrow(*ends, "gray"))
        for box in boxes:
            color = "blue" if box.parameters else "ink"
            items.append(Label(box.at, box.text, color, boxed=True, size="small"))
        title = f"{self.parameters:,} parameters"
        return Panel((-0.5, 3.5), (-0.5, 1.5), "", "", tuple(items), 0.3, title=title, axes=False)

    @staticmethod
    def arrows(boxes: list[Box]) -> list[tuple[Box, Box]]:
        """From each box to those of the next column; where both have two, straight on."""
        columns = sorted({box.at[0] for box in boxes})
        pairs = []
        for x, following in pairwise(columns):
            here = [b for b in boxes if b.at[0] == x]
            there = [b for b in boxes if b.at[0] == following]
            straight = len(here) == len(there) == 2
            pairs += [(a, b) for a in here for b in there if not straight or a.at[1] == b.at[1]]
        return pairs

    def code(self) -> Panel:
        lines = self.lines
        items = tuple(
            Label((0.0, -k), line, align="left", size="small") for k, line in enumerate(lines)
        )
        title = DIALECTS[self.dialect]
        return Panel((0.0, 10.0), (-9.5, 0.7), "", "", items, 0.32, title=title, axes=False)

    @property
    def lines(self) -> list[str]:
        return self.keras_lines() if self.dialect == "keras" else self.torch_lines()

    def torch_lines(self) -> list[str]:
        h, out = self.units, self.merged
        if self.kind == "sequential":
            return [
                "model = nn.Sequential(",
                f"    nn.Linear({INPUTS}, {h}), nn.ReLU(), nn.Linear({h}, 1)",
                ")",
            ]
        encoder = f"nn.Sequential(nn.Linear({INPUTS}, {h}), nn.ReLU())"
        shared = self.kind == "shared"
        made = ["encoder"] if shared else ["left", "right"]
        calls = "self.encoder(a), self.encoder(b)" if shared else "self.left(a), self.right(b)"
        merged = "(a - b).abs()" if self.merge == "difference" else "torch.cat([a, b], dim=1)"
        return [
            "class Pair(nn.Module):",
            "    def __init__(self):",
            "        super().__init__()",
            *(f"        self.{name} = {encoder}" for name in made),
            f"        self.score = nn.Linear({out}, 1)",
            "    def forward(self, a, b):",
            f"        a, b = {calls}",
            f"        return self.score({merged})",
        ]

    def keras_lines(self) -> list[str]:
        h = self.units
        dense = f'layers.Dense({h}, activation="relu")'
        if self.kind == "sequential":
            return [
                "model = keras.Sequential([",
                f"    keras.Input(({INPUTS},)),",
                f"    {dense},",
                "    layers.Dense(1),",
                "])",
            ]
        shared = self.kind == "shared"
        made = [f"{name} = {dense}" for name in (["encoder"] if shared else ["left", "right"])]
        calls = "encoder(a), encoder(b)" if shared else "left(a), right(b)"
        merged = (
            "ops.absolute(ha - hb)"
            if self.merge == "difference"
            else "layers.Concatenate()([ha, hb])"
        )
        return [
            f"a, b = keras.Input(({INPUTS},)), keras.Input(({INPUTS},))",
            *made,
            f"ha, hb = {calls}",
            f"score = layers.Dense(1)({merged})",
            "model = keras.Model([a, b], score)",
        ]

    def words(self) -> str:
        inputs = 1 if self.kind == "sequential" else 2
        parts = " + ".join(f"{box.parameters:,}" for box in self.boxes if box.parameters)
        note = {
            "sequential": "Each layer has one input and one output: Sequential will do.",
            "separate": "Two inputs: no Sequential can be this model.",
            "shared": "Two inputs: no Sequential can be this model. The shared encoder counts once.",
        }[self.kind]
        return f"{counted(inputs, 'input')}: {parts} = {self.parameters:,} parameters. {note}"


model_builder = widget(ModelBuilder)
