"""Two ways to the same gradient: every path, one after the other, or every edge, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from nnlib.course.kit.numbers import counted
from nnlib.course.kit.scene import Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, slider, steps, widget

DEEPEST, WIDEST = 8, 5
Step = tuple[int, int, int]  # from layer k, unit i, to unit j of layer k + 1


def edge_count(layers: int, width: int) -> int:
    """n²(h − 1) + n edges: between all units of neighboring layers, and to the output."""
    return width**2 * (layers - 1) + width


MOST = edge_count(DEEPEST, WIDEST)


@dataclass(frozen=True)
class PathCounter(Model):
    """nʰ paths against n²(h − 1) + n edges: h layers of n units each, then one output.

    `layers` is h, `width` is n; `step` is how many edges both methods have walked, up to all.
    """

    title = "Every path, or every edge once"
    goal = "more than 50,000 paths over fewer than 120 edges"

    layers: int = slider("Layers h", 1, DEEPEST, 1, at=4)
    width: int = slider("Units in each n", 1, WIDEST, 1, at=3)
    step: int = steps(
        lambda model: model.edges,
        Button("start", "From the start", by=-MOST),
        Button("step", "Next", by=1),
        Button("step", "Play", by=1, plays=True, interval=120),
        Button("end", "To the end", by=MOST),
        label="Edges walked",
    )

    @property
    def sizes(self) -> list[int]:
        return [self.width] * self.layers + [1]

    @property
    def edges(self) -> int:
        return edge_count(self.layers, self.width)

    @property
    def paths(self) -> int:
        return int(self.width**self.layers)

    def changed(self, **settings: Any) -> Self:
        """Another network is shown when reverse mode has finished with it."""
        size = [settings.get(name, getattr(self, name)) for name in ("layers", "width")]
        if "step" not in settings and all(isinstance(n, int) for n in size):
            settings = settings | {"step": edge_count(*size)}
        return super().changed(**settings)

    def path(self, number: int) -> list[Step]:
        """The edges of a path, from the output back; neighbors differ in their first units."""
        units = [0] * (self.layers + 1)
        for k in range(self.layers):
            number, units[k] = divmod(number, self.width)
        return [(k, units[k], units[k + 1]) for k in reversed(range(self.layers))]

    def by_paths(self) -> tuple[int, list[Step]]:
        """After `step` edges: how many paths are walked, and the walked part of the one begun."""
        whole, begun = divmod(self.step, self.layers)
        whole, begun = (self.paths, 0) if whole >= self.paths else (whole, begun)
        if begun == 0 and whole:
            return whole, self.path(whole - 1)
        return whole, self.path(whole)[:begun] if whole < self.paths else []

    def all_edges(self) -> list[Step]:
        """Every edge, from the output back."""
        sizes = self.sizes
        return [
            (k, i, j)
            for k in reversed(range(self.layers))
            for j in range(sizes[k + 1])
            for i in range(sizes[k])
        ]

    def reached(self) -> bool:
        return self.paths > 50_000 and self.edges < 120

    def scene(self) -> Scene:
        whole, walk = self.by_paths()
        walked = {e for number in range(whole) for e in self.path(number)} | set(walk)
        forward = [e for e in self.all_edges() if e not in walked]
        left: tuple[Item, ...] = (
            *self.drawn(forward, "gray", "dotted"),
            *self.drawn(sorted(walked - set(walk)), "orange", "solid"),
            *self.drawn(walk, "vermillion", "dashed"),
            Points(self.units(), "circle", "ink", size="small"),
        )
        done, waiting = self.all_edges()[: self.step], self.all_edges()[self.step :]
        complete = {(k + 1, j) for k, _, j in done} | self.finished(waiting)
        right: tuple[Item, ...] = (
            *self.drawn(waiting, "gray", "dotted"),
            *self.drawn(done, "blue", "solid"),
            Points(self.units(), "circle", "ink", size="small"),
            Points(np.array([self.place(*unit) for unit in sorted(complete)]), "square", "blue"),
        )
        xlim, ylim = (-0.3, self.layers + 0.3), (-WIDEST / 2 - 0.1, WIDEST / 2 + 0.1)
        titles = (
            f"Path by path: {whole} of {self.paths:,}",
            f"Reverse mode: {self.step} of {self.edges} edges",
        )
        panels = [
            Panel(xlim, ylim, "", "", items, height=0.8, title=title, axes=False)
            for items, title in zip((left, right), titles, strict=True)
        ]
        return Scene((*panels, self.growth()), self.words(), columns=3)

    def finished(self, waiting: Sequence[Step]) -> set[tuple[int, int]]:
        """The units whose gradient is complete: no edge from them to the output side waits."""
        open_units = {(k, i) for k, i, _ in waiting}
        return {(k, i) for k, i, _ in self.all_edges() if (k, i) not in open_units} | {
            (self.layers, 0)
        }

    def growth(self) -> Panel:
        """The two counts over the number of layers, at this width."""
        h = range(1, DEEPEST + 1)
        counts = {
            "paths": [self.width**layers for layers in h],
            "edges": [edge_count(layers, self.width) for layers in h],
        }
        looks = {"paths": ("vermillion", "dashed", "circle"), "edges": ("blue", "solid", "square")}
        items: list[Item] = []
        for name, (color, style, marker) in looks.items():
            xy = np.column_stack([h, counts[name]]).astype(float)
            items.append(Line(xy, color, label=name, style=style, marker=marker))
        here = np.array([[self.layers, self.paths], [self.layers, self.edges]], dtype=float)
        items.append(Points(here, "diamond", "purple"))
        top = float(WIDEST**DEEPEST) * 3
        return Panel(
            (0.5, DEEPEST + 0.5), (0.6, top), "layers h", "", tuple(items), 0.8, True, ylog=True
        )

    def place(self, k: int, i: int) -> tuple[float, float]:
        return float(k), (self.sizes[k] - 1) / 2 - i

    def units(self) -> Floats:
        return np.array(
            [self.place(k, i) for k, size in enumerate(self.sizes) for i in range(size)]
        )

    def drawn(self, edges: Sequence[Step], color: str, style: str) -> tuple[Line, ...]:
        """All these edges as one line with gaps."""
        if not edges:
            return ()
        gap = (np.nan, np.nan)
        points = [p for k, i, j in edges for p in (self.place(k, i), self.place(k + 1, j), gap)]
        return (Line(np.array(points), color, style=style),)

    def words(self) -> str:
        whole, _ = self.by_paths()
        network = f"h = {self.layers}, n = {self.width}"
        start = f"{network}: {counted(self.paths, 'path')} over {counted(self.edges, 'edge')}."
        if self.step < self.edges:
            so_far = f"After {counted(self.step, 'step')} reverse mode is not done yet"
            return f"{start} {so_far}; path by path, {whole} of {self.paths:,} are walked."
        if self.paths * self.layers <= self.edges:
            return f"{start} Both are done: here each edge lies on a single path."
        more = counted(self.paths * self.layers - self.edges, "more step")
        return (
            f"{start} Reverse mode is done after {counted(self.edges, 'step')}; path by path, "
            f"{whole} of {self.paths:,} are walked, and the rest take {more}."
        )


path_counter = widget(PathCounter)
