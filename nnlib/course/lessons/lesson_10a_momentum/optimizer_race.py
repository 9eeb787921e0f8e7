"""Optimizers start together on a surface: where they go, and how fast they come down."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np

from nnlib import Tensor
from nnlib.course.kit.numbers import digits, number
from nnlib.course.kit.scene import Floats, Heat, Item, Line, Panel, Points, Scene, relief
from nnlib.course.kit.widget import Button, Model, choice, log_slider, slider, steps, widget
from nnlib.course.surfaces import SURFACES
from nnlib.optim import SGD, Adam, Optimizer, RMSprop
from nnlib.viz import roles

STEPS = 200
WINDOW = (-1.6, 1.6)
NAMES = {
    "bowl": "bowl",
    "ravine": "ravine",
    "slanted": "slanted ravine",
    "saddle": "saddle",
    "plateau": "plateau",
    "wave": "fit of a wave",
}
STARTS = {
    "bowl": (-1.2, 0.9),
    "ravine": (-1.2, 0.9),
    "slanted": (-1.5, -0.2),  # the ravine's start, turned with it
    "saddle": (1.0, 0.05),
    "plateau": (-1.2, 0.6),
    "wave": (0.9, 1.2),
}
LOWEST = {"saddle": -0.25, "wave": 0.002576}  # elsewhere 0
STYLES = {name: roles[name] for name in ("SGD", "momentum", "Nesterov", "RMSprop", "Adam")}
FIELDS = {"three": "the first three", "five": "all five"}
HEAVY, ADAPTIVE = ("momentum", "Nesterov"), ("RMSprop", "Adam")
BUTTONS = (
    Button("again", "Rewind", by=-STEPS),
    Button("step", "Next", by=1),
    Button("play", "Play", plays=True, interval=60, by=2),
)


@dataclass(frozen=True)
class OptimizerRace(Model):
    """SGD, momentum and Nesterov start at (x0, y0); of five, RMSprop (ρ = 0.9) and Adam as well.

    `lr` and `momentum` hold for the first three, `adaptive_lr` for the other two. Drag in the plane
    to start elsewhere.
    """

    title = "The race of the optimizers"
    goal = "in a ravine, choose η and μ so that momentum is below 0.001 after 60 steps"

    field: str = choice("Who runs", FIELDS, at="three")
    surface: str = choice("Surface", NAMES, at="ravine")
    x0: float = slider("start w₁", -1.5, 1.5, 0.05, at=-1.2)
    y0: float = slider("start w₂", -1.5, 1.5, 0.05, at=0.9)
    lr: float = log_slider("η of SGD, momentum, Nesterov", 0.001, 1.0, at=0.01)
    momentum: float = slider("μ of momentum, Nesterov", 0.0, 0.99, 0.01, at=0.9)
    adaptive_lr: float = log_slider("η of RMSprop, Adam", 0.001, 1.0, at=0.05)
    step: int = steps(STEPS, *BUTTONS, at=0)

    def changed(self, **settings: Any) -> Self:
        """Another surface has a start of its own."""
        if "surface" in settings and settings["surface"] in STARTS:
            x0, y0 = STARTS[settings["surface"]]
            settings = {"x0": x0, "y0": y0, **settings}
        return super().changed(**settings)

    def reached(self) -> bool:
        there = self.surface in ("ravine", "slanted") and self.step >= 60
        return there and bool(self.heights(self.paths["momentum"][60]) < 0.001)

    @property
    def names(self) -> tuple[str, ...]:
        """Who runs."""
        return tuple(STYLES)[: 5 if self.field == "five" else 3]

    @property
    def paths(self) -> dict[str, Floats]:
        """Where each optimizer is at every step, (STEPS + 1, 2); NaN once it is far away."""
        start = float(self.x0), float(self.y0)
        return {
            name: path(
                name,
                self.surface,
                start,
                self.adaptive_lr if name in ADAPTIVE else self.lr,
                self.momentum if name in HEAVY else 0.0,
            )
            for name in self.names
        }

    def scene(self) -> Scene:
        return Scene((self.plane_panel(), self.descent_panel()), self.words(), columns=2)

    def plane_panel(self) -> Panel:
        items: list[Item] = [bands(self.surface)]
        for name, path in self.paths.items():
            role = STYLES[name]
            items.append(Line(path[: self.step + 1], role.color, style=role.style))
        for name, path in self.paths.items():
            here = path[[self.step]]
            if np.isfinite(here).all():
                items.append(Points(here, STYLES[name].marker, STYLES[name].color))
        items.append(Points(np.array([[self.x0, self.y0]]), "ring", label="start"))
        return Panel(WINDOW, WINDOW, "w₁", "w₂", tuple(items), drag=("x0", "y0"))

    def descent_panel(self) -> Panel:
        """How far above the lowest point each one is, step by step."""
        lines = []
        for name, path in self.paths.items():
            heights = np.maximum(self.heights(path[: self.step + 1]), 1e-7)
            xy = np.column_stack([np.arange(self.step + 1), heights])
            lines.append(Line(xy, label=name, **asdict(STYLES[name])))
        ylabel = "f − lowest f" if self.surface in LOWEST else "f"
        xlim, ylim = (0.0, float(STEPS)), (1e-7, 1e3)
        return Panel(xlim, ylim, "step", ylabel, tuple(lines), ylog=True, whole=True)

    def heights(self, path: Floats) -> Floats:
        """f above its lowest value."""
        heights: Floats = SURFACES[self.surface].f(path) - LOWEST.get(self.surface, 0.0)
        return heights

    def words(self) -> str:
        start = f"from ({number(self.x0)}, {number(self.y0)})"
        where = f"{NAMES[self.surface].capitalize()}, {start}, after {self.step} steps"
        now = {name: float(self.heights(path[self.step])) for name, path in self.paths.items()}
        if self.step == 0:
            return f"{where}: {', '.join(now)} are all at f = {tiny(now['SGD'] + self.lowest)}."
        told = [f"{name} {'is lost' if np.isnan(f) else tiny(f)}" for name, f in now.items()]
        best = min(
            (name for name in now if not np.isnan(now[name])), key=now.__getitem__, default=""
        )
        ahead = f" Lowest: {best}." if best else ""
        return f"{where}, above the lowest f: {', '.join(told)}.{ahead}"

    @property
    def lowest(self) -> float:
        return LOWEST.get(self.surface, 0.0)


def tiny(f: float) -> str:
    """A height as it is read: two digits, or that it is next to nothing.

    >>> tiny(0.0123), tiny(2e-9)
    ('0.012', 'below 0.0001')
    """
    return "below 0.0001" if abs(f) < 1e-4 else digits(f, 2)


@lru_cache
def bands(surface: str, n: int = 80) -> Heat:
    """The surface in shades."""
    along = np.linspace(*WINDOW, n)
    return relief(SURFACES[surface].f(np.stack(np.meshgrid(along, along), axis=-1)))


@lru_cache(maxsize=256)
def path(name: str, surface: str, start: tuple[float, float], lr: float, momentum: float) -> Floats:
    """The whole way of one optimizer, by nnlib's own."""

    def make(w: list[Tensor]) -> Optimizer:
        if name == "RMSprop":
            return RMSprop(w, lr=lr, alpha=0.9)
        if name == "Adam":
            return Adam(w, lr=lr)
        # Without momentum there is nothing to look ahead with.
        return SGD(w, lr=lr, momentum=momentum, nesterov=name == "Nesterov" and momentum > 0)

    return SURFACES[surface].path(make, start, STEPS)


optimizer_race = widget(OptimizerRace)
