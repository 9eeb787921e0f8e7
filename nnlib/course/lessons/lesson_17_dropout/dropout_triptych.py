"""None, some, too much: one network on noisy moons, trained with three dropout probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, repeat
from typing import NamedTuple

import numpy as np

import nnlib.nn.functional as F
from nnlib import nn, no_grad, optim
from nnlib.course.kit import runs
from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import HIGH, LOW, Floats, Heat, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, slider, steps, widget
from nnlib.data import make_moons

WIDTH, RATE, NOISE = 64, 0.02, 0.35
STRIDE, LAST = 10, 200  # epochs
TOO_MUCH = 0.99
XLIM, YLIM = (-2.0, 3.0), (-1.6, 2.2)
GRID = 45
BUTTONS = (
    Button("train", "Train", plays=True, interval=60, by=STRIDE),
    Button("train", f"{STRIDE} epochs", by=STRIDE),
)


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


class Run(runs.Run):
    """A training of 2–64–64–1 by Adam, on all points at once: one step for each epoch."""

    every = STRIDE

    def __init__(self, p: float) -> None:
        drawn, masks = np.random.default_rng(0), np.random.default_rng(1)
        sizes = (2, WIDTH, WIDTH, 1)
        first, second, last = (nn.Linear(m, n, generator=drawn) for m, n in pairwise(sizes))
        hidden = [first, nn.ReLU(), nn.Dropout(p, generator=masks)]
        hidden += [second, nn.ReLU(), nn.Dropout(p, generator=masks)]
        model = nn.Sequential(*hidden, last)
        runs.started(model, nn.init.kaiming_normal_, np.random.default_rng(0))
        optimizer = optim.Adam(model.parameters(), lr=RATE)
        points = moons().X, moons().y[:, None]
        super().__init__(model, optimizer, F.binary_cross_entropy_with_logits, repeat(points))


run = lru_cache(maxsize=40)(Run)


@lru_cache(maxsize=400)
def record(p: float, epoch: int) -> Record:
    """The network after so many epochs: going on costs an increment, coming back nothing."""
    network, data = run(p).at(epoch), moons()
    with no_grad():
        z, z_test, z_map = (network(X) for X in (data.X, data.X_test, data.grid))
        test_loss = F.binary_cross_entropy_with_logits(z_test, data.y_test[:, None])
    return Record(
        F.sigmoid(z_map).data.reshape(GRID, GRID),
        float(((z.data[:, 0] > 0) == data.y).mean()),
        float(((z_test.data[:, 0] > 0) == data.y_test).mean()),
        test_loss.item(),
    )


@lru_cache(maxsize=1)
def prepare() -> None:
    """Train without dropout and with too much of it, to the end: from then on only yours is left."""
    for p in (0.0, TOO_MUCH):
        for epoch in range(0, LAST + 1, STRIDE):
            record(p, epoch)


@dataclass(frozen=True)
class DropoutTriptych(Model):
    """A 2–64–64–1 network on 100 noisy points, without dropout, with your p, and with p = 0.99.

    `p` is the probability to drop.
    """

    title = "Dropout: none, yours, too much"
    goal = "after 200 epochs, more test points right than p = 0, at half its test loss"

    p: float = slider("p of the middle map", 0.0, TOO_MUCH, 0.01, at=0.2)
    epoch: int = steps(LAST, *BUTTONS, at=20, label="Epochs", each=STRIDE)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "p", round(self.p, 2))  # 0.3 however a slider adds it up

    @property
    def ps(self) -> tuple[float, float, float]:
        return 0.0, self.p, TOO_MUCH

    def reached(self) -> bool:
        """Whether your p beats p = 0 at the end, by accuracy and, far, by loss."""
        if self.epoch < LAST:
            return False
        none, yours = record(0.0, LAST), record(self.p, LAST)
        return yours.test > none.test and yours.test_loss < none.test_loss / 2

    def scene(self) -> Scene:
        prepare()
        return Scene(tuple(self.panel(p) for p in self.ps), self.words(), columns=3)

    def panel(self, p: float) -> Panel:
        data, seen = moons(), record(p, self.epoch)
        ticks = ((0.0, "0"), (0.5, "½"), (1.0, "1"))
        items = (
            Heat(seen.map, ticks, 0.5),
            Points(data.X[data.y == 0], "circle", LOW, "y = 0", "small"),
            Points(data.X[data.y == 1], "square", HIGH, "y = 1", "small"),
        )
        title = f"p = {number(p)}, test {seen.test:.0%}"
        return Panel(XLIM, YLIM, "", "", items, title=title, axes=False)

    def words(self) -> str:
        seen = [(p, record(p, self.epoch)) for p in self.ps]
        each = "; ".join(
            f"p = {number(p)}: right {r.train:.0%} in training, {r.test:.1%} in the test, "
            f"test loss {number(r.test_loss)}"
            for p, r in seen
        )
        shades = (
            "Shades: blue where it says y = 0, orange y = 1; the weaker the color, the less sure."
        )
        return f"After {self.epoch} epochs, {each}. {shades}"


dropout_triptych = widget(DropoutTriptych)
