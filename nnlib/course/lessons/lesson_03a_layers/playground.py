"""A small MLP learns to tell two classes of points apart, while you watch all of its units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise, repeat
from typing import Self

import numpy as np
from contourpy import contour_generator

import nnlib.nn.functional as F
from nnlib import Tensor, data, nn, no_grad, optim
from nnlib.classical import Labels
from nnlib.course.kit import runs
from nnlib.course.kit.numbers import significant
from nnlib.course.kit.scene import (
    HIGH,
    LOW,
    Floats,
    Heat,
    Item,
    Label,
    Line,
    Panel,
    Points,
    Scene,
    pixel_centers,
)
from nnlib.course.kit.widget import Button, Model, choice, log_slider, slider, steps, widget

N = 160  # points to learn from, and as many others to test on
LAST, STRIDE = 1000, runs.Run.every  # training steps: at most, and between two pictures
WINDOW = (-3.0, 3.0)
LOW_SCREEN = 0.75  # height over width of the upper panels: with the controls they fill a laptop's
BROAD = 12.6  # width of the panel of maps, which is 10 high
WIDE = (-4.0, 4.0)  # so that the plane keeps one scale
FINE, COARSE = 66, 2  # pixels per side of the large map; a unit's map has every second of them
STRONG = 0.4  # wires are drawn for weights of at least this share of their layer's largest

KINDS = {
    "circles": "rings",
    "xor": "XOR",
    "moons": "moons",
    "spirals": "spirals",
    "blobs": "two blobs",
}
ACTIVATIONS = {"tanh": "tanh", "relu": "ReLU", "sigmoid": "sigmoid", "identity": "none (identity)"}
MODULES = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "identity": nn.Identity}
BUTTONS = (
    Button("train", "Train", plays=True, interval=60, by=STRIDE),
    Button("anew", "Back to step 0", by=-LAST),
)


@lru_cache
def examples(kind: str, noise: float, seed: int) -> tuple[Floats, Labels]:
    """N points of the window and their classes; `noise` is a standard deviation."""
    rng = np.random.default_rng(seed)
    if kind == "xor":
        X, y = data.make_xor(N, noise=0.12, generator=rng)
        X = 3 * X - 1.5
    elif kind == "moons":
        X, y = data.make_moons(N, noise=0, generator=rng)
        X = 1.6 * (X - [0.5, 0.25])
    elif kind == "blobs":
        X, y = data.make_blobs(N, centers=[[-1, -0.8], [1, 0.8]], cluster_std=0.4, generator=rng)
    else:
        make = data.make_circles if kind == "circles" else data.make_spirals
        X, y = make(N, noise=0, generator=rng)
        X = 2.2 * X
    return X + noise * rng.normal(size=X.shape), y


@lru_cache
def pixels() -> Tensor:
    """The middles of the pixels of the large map: (FINE², 2)."""
    return Tensor(pixel_centers(*WINDOW, FINE))


class Run(runs.Run):
    """One training on all points at once: losses and shares right on the way."""

    def __init__(
        self, kind: str, noise: float, sizes: tuple[int, ...], phi: str, rate: float, seed: int
    ):
        points = [examples(kind, noise, k) for k in (1, 2)]
        self.sets = [(Tensor(X), Tensor(y[:, None].astype(float))) for X, y in points]
        self.losses: list[list[float]] = []  # on the training points and on the others
        self.right: list[list[float]] = []
        rng = np.random.default_rng(seed)
        model = nn.MLP(sizes, MODULES[phi], generator=rng).double()
        optimizer = optim.Adam(model.parameters(), lr=rate)
        loss = F.binary_cross_entropy_with_logits
        super().__init__(model, optimizer, loss, repeat(self.sets[0]))

    def keep(self) -> None:
        super().keep()
        with no_grad():
            scores = [(self.model(X), y) for X, y in self.sets]
            self.losses.append([self.loss(z, y).item() for z, y in scores])
        self.right.append([float(np.mean((z.data >= 0) == y.data)) for z, y in scores])

    def layers(self, step: int, X: Tensor) -> list[Floats]:
        """What each layer gives for X after so many steps: the hidden units' h, then the score z."""
        network, given, h = self.at(step), [], X
        with no_grad():
            for module in network.children():
                h = module(h)
                given.append(h.data)
        return [*given[1::2], given[-1]]


run = lru_cache(maxsize=32)(Run)


@dataclass(frozen=True)
class Playground(Model):
    """An MLP 2–width–…–width–1 that learns two classes of points: its regions, its units, its losses.

    It trains by Adam on all points at once. `seed` draws the weights at the start.
    """

    title = "Playground: a small network learns"
    goal = "spirals, at most 8 hidden units: 95% of the other points right"
    on_every_page = (
        {"data": "spirals", "depth": 1, "width": 8, "activation": "tanh", "step": 300},
        {"data": "spirals", "depth": 2, "width": 4, "activation": "tanh", "seed": 1, "step": 300},
    )
    buttons = (Button("weights", "Other start weights"),)

    data: str = choice("Data", KINDS, at="circles")
    noise: float = slider("Noise", 0.0, 0.5, 0.05, at=0.1)
    depth: int = slider("Hidden layers", 0, 3, 1, at=1)
    width: int = slider("Units in each", 1, 8, 1, at=4)
    activation: str = choice("Activation φ", ACTIVATIONS, at="tanh")
    rate: float = log_slider("Rate η", 0.001, 1.0, at=0.03, per_decade=5)
    step: int = steps(LAST, *BUTTONS, each=STRIDE)
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise ValueError(f"seed must be a whole number from 0, not {self.seed!r}")

    def reached(self) -> bool:
        """The goal: it takes two layers of 4 and a lucky start, or patience with one layer of 8."""
        few = self.data == "spirals" and self.depth * self.width <= 8
        return few and bool(self.upto_now(self.run.right)[-1][1] >= 0.95)

    def weights(self) -> Self:
        """Drawn anew."""
        return self.changed(seed=self.seed + 1)

    @property
    def sizes(self) -> tuple[int, ...]:
        return 2, *[self.width] * self.depth, 1

    @property
    def run(self) -> Run:
        how = self.activation, self.rate, self.seed
        return run(self.data, self.noise, self.sizes, *how)

    def upto_now(self, kept: list[list[float]]) -> Floats:
        """The part of `kept` that belongs to this step and those before."""
        return np.array(kept[: self.run.upto(self.step) + 1])

    def scene(self) -> Scene:
        maps = self.run.layers(self.step, pixels())
        top = max(0.8, 1.1 * self.run.losses[0][0])
        panels = (
            self.plane(maps[-1]),
            self.network(maps),
            self.curves(self.run.losses, "loss", (0.0, top)),
            self.curves(self.run.right, "share right", (0.4, 1.02)),
        )
        return Scene(panels, self.words(), columns=2)

    def plane(self, z: Floats) -> Panel:
        """The points, and how sure the network is of class 1 everywhere."""
        X, y = examples(self.data, self.noise, 1)
        ticks = ((0, "0"), (0.5, "0.5"), (1, "1"))
        items = (
            Heat(square(F.sigmoid(z).data), ticks, 0.5, extent=(*WINDOW, *WINDOW)),
            *boundary(square(z)),
            Points(X[y == 0], "circle", LOW, "y = 0", "small"),
            Points(X[y == 1], "square", HIGH, "y = 1", "small"),
        )
        return Panel(WIDE, WINDOW, "x₁", "x₂", items, height=LOW_SCREEN, title="P(y = 1)")

    def network(self, maps: list[Floats]) -> Panel:
        """A map for each input and each unit, and the wires between them with the largest weights."""
        columns = [pixels().data, *maps]
        side = min(1.6, 8 / len(columns), 7.4 / max(self.sizes))
        places = [
            [(BROAD * (k + 0.5) / len(columns), 9 - 8.4 * (i + 0.5) / n) for i in range(n)]
            for k, n in enumerate(self.sizes)
        ]
        items: list[Item] = list(self.wires(places, side))
        for k, (column, at) in enumerate(zip(columns, places, strict=True)):
            kind = self.activation if 0 < k < len(columns) - 1 else "identity"
            items += [
                small_map(v, kind, place, side) for v, place in zip(column.T, at, strict=True)
            ]
            name = "input" if k == 0 else "score z" if k == len(columns) - 1 else f"layer {k}"
            items.append(Label(np.array([at[0][0], 9.5]), name, size="small"))
        items.append(frames([place for at in places for place in at], side))
        title = f"Every unit's map, {'–'.join(map(str, self.sizes))}"
        panel = Panel((0, BROAD), (0, 10), "", "", tuple(items), axes=False, title=title)
        return replace(panel, height=10 / BROAD)

    def wires(self, places: list[list[tuple[float, float]]], side: float) -> tuple[Item, ...]:
        """The large weights: positive ones solid, negative ones dashed."""
        ways: dict[bool, list[Floats]] = {True: [], False: []}
        state = self.run.weights[self.run.upto(self.step)]
        matrices = [W for name, W in state.items() if name.endswith("weight")]
        for W, (left, right) in zip(matrices, pairwise(places), strict=True):
            for j, i in np.argwhere(np.abs(W) >= STRONG * np.abs(W).max()):
                (x0, y0), (x1, y1) = left[i], right[j]
                ends = [[x0 + side / 2, y0], [x1 - side / 2, y1], [np.nan, np.nan]]
                ways[bool(W[j, i] > 0)].append(np.array(ends))
        styles = (
            (True, HIGH, "solid", "large weight > 0"),
            (False, LOW, "dashed", "large weight < 0"),
        )
        return tuple(
            Line(np.concatenate(ways[sign]), color, label=label, style=style)
            for sign, color, style, label in styles
            if ways[sign]
        )

    def curves(self, kept: list[list[float]], name: str, ylim: tuple[float, float]) -> Panel:
        """Something that was measured on the way: on the training points, and on others."""
        values = self.upto_now(kept)
        steps = STRIDE * np.arange(len(values))
        styles = ("green", "training points", "solid"), ("purple", "other points", "dashed")
        items = tuple(
            Line(np.column_stack([steps, column]), color, label=label, style=style)
            for column, (color, label, style) in zip(values.T, styles, strict=True)
        )
        xlim = (0.0, float(max(200, self.step)))
        return Panel(xlim, ylim, "training step", name, items, height=0.3)

    def words(self) -> str:
        loss, other = map(significant, self.upto_now(self.run.losses)[-1])
        right, others = (f"{share:.0%}" for share in self.upto_now(self.run.right)[-1])
        parameters = sum(m * (n + 1) for n, m in pairwise(self.sizes))
        return (
            f"Step {self.step}: loss {loss}, {right} right on the points that it learns from; "
            f"loss {other}, {others} right on {N} others. {parameters} parameters."
        )


def square(values: Floats) -> Floats:
    """Values at all pixels as rows and columns."""
    return values.reshape(FINE, FINE)


def boundary(z: Floats) -> tuple[Item, ...]:
    """The line z = 0, in as many pieces as there are."""
    along = pixels().data[:FINE, 0]
    pieces = contour_generator(along, along, z).lines(0.0)
    if not pieces:
        return ()
    gap = np.full((1, 2), np.nan)
    return (Line(np.concatenate([part for p in pieces for part in (p, gap)]), label="z = 0"),)


def small_map(values: Floats, kind: str, place: tuple[float, float], side: float) -> Heat:
    """One unit's values over the window, around `place`."""
    shown = square(values)[::COARSE, ::COARSE]
    center = 0.5 if kind == "sigmoid" else 0.0
    size = {"sigmoid": 0.5, "tanh": 1.0}.get(kind) or float(np.abs(shown).max()) or 1.0
    ticks = ((center - size, ""), (center, ""), (center + size, ""))
    (x, y), half = place, side / 2
    return Heat(shown, ticks, center, extent=(x - half, x + half, y - half, y + half))


def frames(places: list[tuple[float, float]], side: float) -> Line:
    """A frame around every map, all in one line with gaps."""
    corners = side / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1], [np.nan] * 2])
    return Line(np.concatenate([corners + place for place in places]), "gray")


playground = widget(Playground)
