"""The regions of a small ReLU network in the plane, counted exactly, while it learns two rings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat

import numpy as np

import nnlib.nn.functional as F
from nnlib import Tensor, data, nn, optim
from nnlib.classical import Labels
from nnlib.course.kit import runs
from nnlib.course.kit.scene import (
    HIGH,
    LOW,
    Floats,
    Heat,
    Item,
    Line,
    Panel,
    Points,
    Scene,
    pixel_centers,
)
from nnlib.course.kit.widget import Button, Model, choice, slider, steps, widget
from nnlib.course.lessons.lesson_21a_linear_regions.regions import Layers, regions, square

N = 80  # points to learn from
LAST, STRIDE = 240, 30  # training steps: at most, and between two pictures
SEEDS = 3
PIXELS = 50
FEW = 20  # regions: the goal
NETWORKS = {"8": "2–8–1", "4-4": "2–4–4–1", "12": "2–12–1", "4-4-4": "2–4–4–4–1"}
WINDOWS = {"3": "±3", "10": "±10", "100": "±100"}
STYLES = ("blue", "solid"), ("vermillion", "dashed"), ("green", "dotted")
BUTTONS = (
    Button("train", "Train", plays=True, interval=150, by=STRIDE),
    Button("anew", "Back to step 0", by=-LAST),
)


@lru_cache
def rings() -> tuple[Floats, Labels]:
    """Two rings of points, one around the other."""
    rng = np.random.default_rng(1)
    X, y = data.make_circles(N, noise=0, generator=rng)
    return 2.2 * X + 0.1 * rng.normal(size=X.shape), y


class Run(runs.Run):
    """One training on all points at once."""

    every = STRIDE

    def __init__(self, hidden: tuple[int, ...], seed: int) -> None:
        X, y = rings()
        rng = np.random.default_rng(seed)
        model = nn.MLP([2, *hidden, 1]).double()
        for p in model.parameters():
            p.data = rng.normal(size=p.shape)
        optimizer = optim.Adam(model.parameters(), lr=0.03)
        batch = Tensor(X), Tensor(y[:, None].astype(float))
        super().__init__(model, optimizer, F.binary_cross_entropy_with_logits, repeat(batch))

    def layers(self, step: int) -> Layers:
        """(W, b) of each hidden layer after so many steps."""
        state = list(self.weights[self.upto(step)].values())
        return list(zip(state[:-2:2], state[1:-2:2], strict=True))


run = lru_cache(maxsize=40)(Run)


@dataclass(frozen=True)
class RegionPainter(Model):
    """Where the units of a ReLU network bend, and into how many regions that cuts a window.

    It learns by Adam to tell two rings of points apart. `seed` draws the weights at the start.
    """

    title = "Region painter"
    goal = "all points right, with 20 regions or fewer in the window ±3"
    on_every_page = ({"network": "4-4", "seed": 2},)

    network: str = choice("Network", NETWORKS, at="8")
    seed: int = slider("Seed", 0, SEEDS, 1, at=0)
    window: str = choice("Window", WINDOWS, at="3")
    step: int = steps(LAST, *BUTTONS, each=STRIDE)

    def reached(self) -> bool:
        """The goal: some networks learn the rings with few regions."""
        return self.window == "3" and self.right == 1 and self.found[0] <= FEW

    @property
    def right(self) -> float:
        """The share of points that it has right."""
        z = run(self.hidden, self.seed).at(self.step)(Tensor(rings()[0])).data[:, 0]
        return float(np.mean((z >= 0) == rings()[1]))

    @property
    def hidden(self) -> tuple[int, ...]:
        return tuple(int(width) for width in self.network.split("-"))

    @property
    def half(self) -> float:
        """Of the window's side."""
        return float(self.window)

    @property
    def layers(self) -> Layers:
        return run(self.hidden, self.seed).layers(self.step)

    @property
    def found(self) -> tuple[int, tuple[Floats, ...]]:
        """How many regions there are, and the segments along which each layer bends."""
        return found(self.hidden, self.seed, self.step, self.half)

    def scene(self) -> Scene:
        ticks = ((0.0, "none"), (sum(self.hidden) / 2, ""), (float(sum(self.hidden)), "all"))
        shades = units_on(self.layers, pixel_centers(-self.half, self.half, PIXELS))
        items: list[Item] = [Heat(shades.reshape(PIXELS, PIXELS), ticks, ticks[1][0], "units on")]
        for k, (segments, (color, style)) in enumerate(zip(self.found[1], STYLES, strict=False)):
            if len(segments):
                items.append(Line(with_gaps(segments), color, label=f"layer {k + 1}", style=style))
        X, y = rings()
        items.append(Points(X[y == 0], "circle", LOW, "y = 0", "small"))
        items.append(Points(X[y == 1], "square", HIGH, "y = 1", "small"))
        limits = (-self.half, self.half)
        title = f"{self.found[0]} regions"
        panel = Panel(limits, limits, "x₁", "x₂", tuple(items), height=0.8, title=title)
        return Scene((panel,), self.words())

    def words(self) -> str:
        return (
            f"{NETWORKS[self.network]}, seed {self.seed}, step {self.step}: {self.found[0]} regions "
            f"for both inputs between −{self.half:g} and {self.half:g}. "
            f"{self.right:.0%} of the points are right."
        )


@lru_cache(maxsize=256)
def found(
    hidden: tuple[int, ...], seed: int, step: int, half: float
) -> tuple[int, tuple[Floats, ...]]:
    """How many regions there are in a window, and the segments along which each layer bends."""
    everything, bends = regions(run(hidden, seed).layers(step), square(-half, half))
    return len(everything), tuple(bends)


def units_on(layers: Layers, X: Floats) -> Floats:
    """How many units of all hidden layers are on at each of the points: (N,)."""
    on, H = np.zeros(len(X)), X
    for W, b in layers:
        Z = H @ W.T + b
        on += (Z > 0).sum(axis=1)
        H = np.maximum(Z, 0)
    return on


def with_gaps(segments: Floats) -> Floats:
    """Segments (n, 2, 2) as one line with a gap after each."""
    gaps = np.full((len(segments), 1, 2), np.nan)
    line: Floats = np.concatenate([segments, gaps], axis=1).reshape(-1, 2)
    return line


region_painter = widget(RegionPainter)
