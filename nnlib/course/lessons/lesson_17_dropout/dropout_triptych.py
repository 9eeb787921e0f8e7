"""None, some, too much: one network on noisy moons, trained with three dropout probabilities."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple, Self

import numpy as np

from nnlib.course.kit.scene import HIGH, LOW, Floats, Heat, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Control, Model, Slider, Widget, number
from nnlib.data import make_moons

WIDTH, BATCH, RATE, NOISE = 64, 50, 0.01, 0.35
STRIDE, LAST = 10, 200  # epochs
TOO_MUCH = 0.99
XLIM, YLIM = (-2.0, 3.0), (-1.6, 2.2)
GRID = 45


class Moons(NamedTuple):
    """100 points to train on, 2000 to test, and the points of the map."""

    X: Floats
    y: Floats
    X_test: Floats
    y_test: Floats
    grid: Floats


@lru_cache(maxsize=1)
def moons() -> Moons:
    X, y = make_moons(100, noise=NOISE, generator=np.random.default_rng(10))
    X_test, y_test = make_moons(2000, noise=NOISE, generator=np.random.default_rng(11))
    x1, x2 = np.meshgrid(np.linspace(*XLIM, GRID), np.linspace(*YLIM, GRID))
    grid = np.column_stack([x1.ravel(), x2.ravel()])
    return Moons(X, y.astype(float), X_test, y_test.astype(float), grid)


class Record(NamedTuple):
    """What is seen of a network: its map, and how good it is."""

    map: Floats
    train: float
    test: float
    test_loss: float


@dataclass
class Run:
    """A training of 2–64–64–1 by Adam that goes on where it stopped; a snapshot every ten epochs."""

    p: float
    snapshots: list[list[Floats]] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(0)
        sizes = ((WIDTH, 2), (WIDTH, WIDTH), (1, WIDTH))
        W = [rng.normal(size=size) * np.sqrt(2 / size[1]) for size in sizes]
        self.parameters: list[Floats] = [*W, *(np.zeros(len(w)) for w in W)]
        self.moments = [(np.zeros_like(p), np.zeros_like(p)) for p in self.parameters]
        self.chance, self.steps = np.random.default_rng(1), 0
        self.keep_snapshot()

    def keep_snapshot(self) -> None:
        self.snapshots.append([p.copy() for p in self.parameters])

    def advance(self) -> None:
        """Ten epochs."""
        data = moons()
        for _ in range(STRIDE):
            order = self.chance.permutation(len(data.y))
            for rows in np.split(order, len(order) // BATCH):
                self.step(self.gradients(data.X[rows], data.y[rows]))
        self.keep_snapshot()

    def mask(self) -> Floats:
        """Inverted dropout: 1/q for a unit that is kept, else 0."""
        q = 1 - self.p
        kept: Floats = (self.chance.random((BATCH, WIDTH)) < q) / q
        return kept

    def gradients(self, X: Floats, y: Floats) -> list[Floats]:
        W1, W2, W3, b1, b2, b3 = self.parameters
        m1, m2 = self.mask(), self.mask()
        H1 = np.maximum(X @ W1.T + b1, 0) * m1
        H2 = np.maximum(H1 @ W2.T + b2, 0) * m2
        z = (H2 @ W3.T + b3)[:, 0]
        d3 = ((sigmoid(z) - y) / len(y))[:, None]
        d2 = (d3 @ W3) * m2 * (H2 > 0)
        d1 = (d2 @ W2) * m1 * (H1 > 0)
        return [d1.T @ X, d2.T @ H1, d3.T @ H2, d1.sum(0), d2.sum(0), d3.sum(0)]

    def step(self, gradients: list[Floats]) -> None:
        self.steps += 1
        first, second = 1 - 0.9**self.steps, 1 - 0.999**self.steps
        for p, g, (m, v) in zip(self.parameters, gradients, self.moments, strict=True):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            p -= RATE * (m / first) / (np.sqrt(v / second) + 1e-8)


def sigmoid(z: Floats) -> Floats:
    s: Floats = 0.5 * (1 + np.tanh(z / 2))
    return s


def logits(parameters: list[Floats], X: Floats) -> Floats:
    """z in eval mode."""
    W1, W2, W3, b1, b2, b3 = parameters
    H = np.maximum(np.maximum(X @ W1.T + b1, 0) @ W2.T + b2, 0)
    z: Floats = (H @ W3.T + b3)[:, 0]
    return z


runs = lru_cache(maxsize=40)(Run)


@lru_cache(maxsize=400)
def record(p: float, epoch: int) -> Record:
    """The network after so many epochs: going on costs an increment, coming back nothing."""
    run, data = runs(p), moons()
    while len(run.snapshots) <= epoch // STRIDE:
        run.advance()
    parameters = run.snapshots[epoch // STRIDE]
    z, z_test = logits(parameters, data.X), logits(parameters, data.X_test)
    return Record(
        sigmoid(logits(parameters, data.grid)).reshape(GRID, GRID),
        float(((z > 0) == data.y).mean()),
        float(((z_test > 0) == data.y_test).mean()),
        float(np.logaddexp(0, np.where(data.y_test > 0, -z_test, z_test)).mean()),
    )


@dataclass(frozen=True)
class DropoutTriptych(Model):
    """The settings of `dropout_triptych`, and what they look like."""

    p: float = 0.5
    epoch: int = LAST

    title = "Dropout: none, yours, too much"
    function = "dropout_triptych"

    def controls(self) -> tuple[Control, ...]:
        return (
            Slider("p", "p of the middle map", 0.0, TOO_MUCH, 0.01),
            Slider("epoch", "Epochs", 0, LAST, STRIDE),
            Button("train", "Train", plays=True, interval=60),
            Button("train", f"{STRIDE} epochs"),
        )

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "p", round(self.p, 2))  # 0.3 however a slider adds it up
        if self.epoch % STRIDE:
            raise ValueError(f"epoch must be a multiple of {STRIDE}, not {self.epoch}")

    def after(self, action: str) -> Self:
        if action == "train":
            return replace(self, epoch=min(self.epoch + STRIDE, LAST))
        return super().after(action)

    def idle(self) -> tuple[str, ...]:
        return ("train",) if self.epoch == LAST else ()

    @property
    def ps(self) -> tuple[float, float, float]:
        return 0.0, self.p, TOO_MUCH

    def scene(self) -> Scene:
        return Scene(tuple(self.panel(p) for p in self.ps), self.words(), columns=3)

    def panel(self, p: float) -> Panel:
        data, seen = moons(), record(p, self.epoch)
        ticks = ((0.0, "0"), (0.5, "½"), (1.0, "1"))
        items = (
            Heat(seen.map, ticks, 0.5),
            Points(data.X[data.y == 0], "circle", LOW, "y = 0", "small"),
            Points(data.X[data.y == 1], "square", HIGH, "y = 1", "small"),
        )
        title = f"p = {number(p)}: test {seen.test:.1%}"
        return Panel(XLIM, YLIM, "", "", items, title=title, axes=False)

    def words(self) -> str:
        seen = [(p, record(p, self.epoch)) for p in self.ps]
        each = "; ".join(
            f"p = {number(p)}: right {r.train:.0%} in training, {r.test:.1%} in the test, "
            f"test loss {number(r.test_loss)}"
            for p, r in seen
        )
        shades = "Shades: blue where it says y = 0, orange y = 1; the paler, the less sure."
        return f"After {self.epoch} epochs, {each}. {shades}"


def dropout_triptych(p: float = 0.5, epoch: int = LAST) -> Widget:
    """A 2–64–64–1 network on 100 noisy points, without dropout, with your p, and with p = 0.99.

    `p`, the probability to drop, goes from 0 to 0.99; `epoch` is a multiple of 10 up to 200. Raises
    ValueError for anything else. `dropout_triptych(**widget.settings)` shows the same again.
    """
    return Widget(DropoutTriptych(p, epoch))
