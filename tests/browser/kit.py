"""A widget with everything that the kit has, to be tested and to be looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib.course.kit.numbers import significant
from nnlib.course.kit.scene import (
    Arrow,
    Bars,
    Heat,
    Item,
    Label,
    Line,
    Panel,
    Points,
    Scene,
)
from nnlib.course.kit.widget import (
    Button,
    Model,
    Stop,
    choice,
    log_slider,
    slider,
    steps,
    text,
    widget,
)

SIGNS = ((-1, "−1"), (0, "0"), (1, "1"))
COLORS = ("blue", "orange", "green", "purple", "vermillion")


@dataclass(frozen=True)
class Kit(Model):
    title = "Everything the kit has"
    goal = "bring x₀ to 0.8 or more"
    tour = (
        Stop("It is drawn, and can be dragged.", light="Drag me", x0=0.2),
        Stop("The step goes up to five.", light="Step", step=3),
        Stop("So much for the kit."),
    )

    x0: float = slider("x₀", 0.0, 1.0, 0.1, at=0.5)
    y0: int = slider("y₀", 0, 4, 1, at=2)
    lr: float = log_slider("Learning rate", 0.0001, 1.0, at=0.01)
    kind: str = choice("Kind", {"sin": "sine", "cos": "cosine"}, at="sin")
    word: str = text("Word", at="abc")
    step: int = steps(
        5, Button("step", "Next", by=1), Button("step", "Play", plays=True, interval=100, by=1)
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.word.isalpha():
            raise ValueError(f"word must be letters alone, not {self.word!r}")

    def reached(self) -> bool:
        return self.x0 >= 0.8

    def scene(self) -> Scene:
        panels = (self.dragged(), self.lines(), self.bars(), self.graph(), self.maps())
        return Scene(panels, self.words(), columns=2)

    def words(self) -> str:
        at = f"({significant(self.x0)}, {self.y0})"
        rest = f"{self.kind}, {self.word}, step {self.step}"
        return f"At {at} with learning rate {significant(self.lr)}: {rest}."

    def dragged(self) -> Panel:
        rows = np.linspace(-1, 1, 50)
        heat = Heat(rows[:, None] * rows, SIGNS, 0.0, "h")
        here = Points(np.array([[self.x0, self.y0]]), "cross", "vermillion", "here")
        many = np.random.default_rng(0).random((60, 2)) * (1, 4)
        kinds: tuple[Item, ...] = tuple(
            Points(many[k::5], marker, COLORS[k], marker, "small")
            for k, marker in enumerate(("circle", "square", "triangle", "ring", "diamond"))
        )
        items = (heat, *kinds, here)
        return Panel((0.0, 1.0), (0.0, 4.0), "x", "y", items, title="Drag me", drag=("x0", "y0"))

    def lines(self) -> Panel:
        x = np.geomspace(1e-4, 1, 60)
        styles = ("solid", "dashed", "dotted", "solid", "solid")
        markers = ("circle", "square", "triangle", "diamond", "cross")
        lines: tuple[Item, ...] = tuple(
            Line(np.column_stack([x, x**p]), color, False, f"p = {p}", style, marker)
            for p, color, style, marker in zip(
                (0, 1, 2, 3, 4), COLORS, styles, markers, strict=True
            )
        )
        with np.errstate(divide="ignore"):
            gap = np.where(x < self.lr, 3 * x, np.inf)
        items = (*lines, Line(np.column_stack([x, gap])))
        limits = (1e-4, 1.0), (1e-16, 10.0)
        return Panel(*limits, "η", "loss", items, title="Logs", xlog=True, ylog=True)

    def bars(self) -> Panel:
        one = np.array([1.0, 2.0, -1.0, self.step / 2])
        at = np.arange(1.0, 5.0)
        items = (
            Bars(one, "blue", "first", at - 0.2, 0.4),
            Bars(one[::-1], "orange", "second", at + 0.2, 0.4, hatch=True),
        )
        return Panel((0.5, 4.5), (-1.5, 3.0), "", "", items, height=0.5, whole=True)

    def graph(self) -> Panel:
        spots = {"x\n0.5": (0.1, 0.8), self.word: (0.1, 0.2), "×": (0.5, 0.5), "L": (0.9, 0.5)}
        nodes = tuple(Label(xy, text, "blue", boxed=True) for text, xy in spots.items())
        edges = (
            Arrow(np.array([0.1, 0.8]), np.array([0.46, 0.53]), "gray"),
            Arrow(np.array([0.1, 0.2]), np.array([0.46, 0.47]), "gray"),
            Arrow(np.array([0.5, 0.5]), np.array([0.86, 0.5]), "vermillion"),
        )
        aside = Label((0.68, 0.56), "∂L/∂z = 2", "vermillion", size="small")
        left = Label((0.0, 0.02), "left", align="left")
        right = Label((1.0, 0.02), "right", align="right")
        items = (*edges, *nodes, aside, left, right)
        return Panel((0.0, 1.0), (0.0, 1.0), "", "", items, 0.5, title="A graph", axes=False)

    def maps(self) -> Panel:
        wave = {"sin": np.sin, "cos": np.cos}[self.kind]
        heats = tuple(
            Heat(np.round(wave(np.outer(np.arange(4), np.arange(5) + k))), SIGNS, 0.0, "", extent)
            for k, extent in enumerate(((0.0, 1.0, 0.0, 1.0), (1.2, 2.2, 0.0, 1.0)))
        )
        return Panel((0.0, 2.2), (0.0, 1.0), "", "", heats, 0.45, axes=False)


kit = widget(Kit)
