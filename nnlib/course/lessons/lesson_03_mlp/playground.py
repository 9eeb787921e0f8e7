"""A small MLP learns to tell two classes of points apart, while you watch all of its units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, Self

import numpy as np
from contourpy import contour_generator

import nnlib.nn.functional as F
from nnlib import Tensor, data, nn, no_grad, optim
from nnlib.classical import Labels
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
)
from nnlib.course.kit.widget import (
    Button,
    Choice,
    Control,
    LogSlider,
    Model,
    Slider,
    Widget,
    significant,
)

N = 160  # points to learn from, and as many others to test on
LAST, STRIDE = 1000, 10  # training steps: at most, and between two pictures
WINDOW = (-3.0, 3.0)
FINE, COARSE = 66, 2  # pixels per side of the large map; a unit's map has every second of them
STRONG = 0.4  # wires are drawn for weights of at least this share of their layer's largest

KINDS = (
    ("circles", "rings"),
    ("xor", "XOR"),
    ("moons", "moons"),
    ("spirals", "spirals"),
    ("blobs", "two blobs"),
)
ACTIVATIONS: dict[str, tuple[str, type[nn.Module]]] = {
    "tanh": ("tanh", nn.Tanh),
    "relu": ("ReLU", nn.ReLU),
    "sigmoid": ("sigmoid", nn.Sigmoid),
    "identity": ("none (identity)", nn.Identity),
}


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
    """The middle of every pixel of the large map, rows from the bottom up: (FINE², 2)."""
    low, high = WINDOW
    along = low + (high - low) * (np.arange(FINE) + 0.5) / FINE
    x1, x2 = np.meshgrid(along, along)
    return Tensor(np.column_stack([x1.ravel(), x2.ravel()]))


class Run:
    """One training, kept as far as it was asked for: weights, losses and shares right on the way."""

    def __init__(
        self, kind: str, noise: float, sizes: tuple[int, ...], phi: str, rate: float, seed: int
    ):
        points = [examples(kind, noise, k) for k in (1, 2)]
        self.sets = [(Tensor(X), Tensor(y[:, None].astype(float))) for X, y in points]
        rng = np.random.default_rng(seed)
        self.model = nn.MLP(sizes, ACTIVATIONS[phi][1], generator=rng).double()
        self.optimizer = optim.Adam(self.model.parameters(), lr=rate)
        self.weights: list[dict[str, Any]] = []  # after 0, STRIDE, 2 STRIDE, … steps
        self.losses: list[list[float]] = []  # on the training points and on the others
        self.right: list[list[float]] = []
        self._keep()

    def upto(self, step: int) -> None:
        """Train on if need be. Where a training comes to depends on its settings alone."""
        if step // STRIDE < len(self.weights):
            return
        self.model.load_state_dict(self.weights[-1])
        X, y = self.sets[0]
        while step // STRIDE >= len(self.weights):
            for _ in range(STRIDE):
                self.optimizer.zero_grad()
                F.binary_cross_entropy_with_logits(self.model(X), y).backward()
                self.optimizer.step()
            self._keep()

    def _keep(self) -> None:
        self.weights.append(self.model.state_dict())
        with no_grad():
            scores = [(self.model(X), y) for X, y in self.sets]
            losses = [F.binary_cross_entropy_with_logits(z, y).item() for z, y in scores]
        self.losses.append(losses)
        self.right.append([float(np.mean((z.data >= 0) == y.data)) for z, y in scores])

    def layers(self, step: int, X: Tensor) -> list[Floats]:
        """What each layer gives for X after so many steps: the hidden units' h, then the score z."""
        self.upto(step)
        self.model.load_state_dict(self.weights[step // STRIDE])
        given, h = [], X
        with no_grad():
            for module in self.model:
                h = module(h)
                given.append(h.data)
        return [*given[1::2], given[-1]]


run = lru_cache(maxsize=32)(Run)


@dataclass(frozen=True)
class Playground(Model):
    """The settings of `playground`, and what they look like."""

    data: str = "circles"
    noise: float = 0.1
    depth: int = 1
    width: int = 4
    activation: str = "tanh"
    rate: float = 0.03
    step: int = 0
    seed: int = 0

    title = "Playground: a small network learns"
    function = "playground"

    def controls(self) -> tuple[Control, ...]:
        names = tuple((name, label) for name, (label, _) in ACTIVATIONS.items())
        return (
            Choice("data", "Data", KINDS),
            Slider("noise", "Noise", 0.0, 0.5, 0.05),
            Slider("depth", "Hidden layers", 0, 3, 1),
            Slider("width", "Units in each", 1, 8, 1),
            Choice("activation", "Activation φ", names),
            LogSlider("rate", "Rate η", 0.001, 1.0, 5),
            Slider("step", "Step", 0, LAST, STRIDE),
            Button("train", "Train", plays=True, interval=60),
            Button("anew", "Back to step 0"),
            Button("weights", "Other start weights"),
        )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.step % STRIDE:
            raise ValueError(f"step must be a multiple of {STRIDE}, not {self.step}")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise ValueError(f"seed must be a whole number from 0, not {self.seed!r}")

    @property
    def sizes(self) -> tuple[int, ...]:
        return 2, *[self.width] * self.depth, 1

    @property
    def run(self) -> Run:
        how = self.activation, self.rate, self.seed
        return run(self.data, self.noise, self.sizes, *how)

    def upto_now(self, kept: list[list[float]]) -> Floats:
        """The part of `kept` that belongs to this step and those before."""
        self.run.upto(self.step)
        return np.array(kept[: self.step // STRIDE + 1])

    def after(self, action: str) -> Self:
        match action:
            case "train":
                return replace(self, step=min(self.step + STRIDE, LAST))
            case "anew":
                return replace(self, step=0)
            case "weights":
                return replace(self, seed=self.seed + 1)
        return super().after(action)

    def idle(self) -> tuple[str, ...]:
        return ("train",) * (self.step == LAST) + ("anew",) * (self.step == 0)

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
            Heat(square(F.sigmoid(z).data), ticks, 0.5),
            *boundary(square(z)),
            Points(X[y == 0], "circle", LOW, "y = 0", "small"),
            Points(X[y == 1], "square", HIGH, "y = 1", "small"),
        )
        return Panel(WINDOW, WINDOW, "x₁", "x₂", items, title="P(y = 1): the network's answer")

    def network(self, maps: list[Floats]) -> Panel:
        """A map for each input and each unit, and the wires between them with the largest weights."""
        columns = [pixels().data, *maps]
        side = min(1.6, 6.2 / len(columns), 7.4 / max(self.sizes))
        places = [
            [(10 * (k + 0.5) / len(columns), 9 - 8.4 * (i + 0.5) / n) for i in range(n)]
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
        title = f"Every unit's own map ({'–'.join(map(str, self.sizes))})"
        return Panel((0, 10), (0, 10), "", "", tuple(items), axes=False, title=title)

    def wires(self, places: list[list[tuple[float, float]]], side: float) -> tuple[Item, ...]:
        """The large weights: positive ones solid, negative ones dashed."""
        ways: dict[bool, list[Floats]] = {True: [], False: []}
        state = self.run.weights[self.step // STRIDE]
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
        return Panel(xlim, ylim, "training step", name, items, height=0.4)

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


def playground(
    data: str = "circles",
    noise: float = 0.1,
    depth: int = 1,
    width: int = 4,
    activation: str = "tanh",
    rate: float = 0.03,
    step: int = 0,
    seed: int = 0,
) -> Widget:
    """An MLP 2–width–…–width–1 that learns two classes of points: its regions, its units, its losses.

    `data` is "circles", "xor", "moons", "spirals" or "blobs", with `noise` from 0 to 0.5; `depth`
    hidden layers (0 to 3) of `width` units (1 to 8); `activation` "tanh", "relu", "sigmoid" or
    "identity"; `rate` from 0.001 to 1; `step` from 0 to 1000 in tens; `seed` draws the weights at
    the start. Raises ValueError for anything else. It trains by Adam on all points at once. Each
    picture depends on the settings alone: `playground(**widget.settings)` shows the same again.
    """
    return Widget(Playground(data, noise, depth, width, activation, rate, step, seed))
