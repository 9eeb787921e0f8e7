"""A training that runs too long, and where patience would have stopped it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np

import nnlib.nn.functional as F
from nnlib import nn, no_grad, optim
from nnlib.course.kit import runs
from nnlib.course.kit.numbers import counted
from nnlib.course.kit.scene import Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, slider, steps, widget
from nnlib.data import DataLoader, TensorDataset, make_moons
from nnlib.viz.style import roles

WIDTH, RATE, NOISE, BATCH = 64, 0.005, 0.35, 20
LAST, STRIDE = 200, 5  # epochs
SIZES = (40, 200, 2000)  # of the validation set
TOP = 0.9  # of the picture
WITHIN = 0.02  # of the lowest true loss, for the goal
DEADLINE = 100  # epochs, for the goal
ROOM = 44  # epochs that a label needs
BUTTONS = (
    Button("train", "Train", plays=True, interval=120, by=STRIDE),
    Button("train", f"{STRIDE} epochs", by=STRIDE),
    Button("again", "Again", by=-LAST),
)


@lru_cache
def moons(n: int, seed: int) -> tuple[Floats, Floats]:
    X, y = make_moons(n, noise=NOISE, generator=np.random.default_rng(seed))
    return X, y[:, None].astype(float)


class Run(runs.Run):
    """A training of 2–64–64–1 by Adam on 100 points: five steps for each epoch."""

    every = 100 // BATCH

    def __init__(self) -> None:
        self.losses: list[list[float]] = []
        drawn = np.random.default_rng(0)
        hidden = nn.Linear(2, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU()
        model = nn.Sequential(*hidden, nn.Linear(WIDTH, 1))
        runs.started(model, nn.init.kaiming_normal_, drawn)
        pairs = TensorDataset(*moons(100, 10))
        batches = runs.epochs(DataLoader(pairs, BATCH, shuffle=True, generator=drawn))
        optimizer = optim.Adam(model.parameters(), lr=RATE)
        super().__init__(model, optimizer, F.binary_cross_entropy_with_logits, batches)

    def keep(self) -> None:
        """The loss on the training set, on each validation set, and on the test set."""
        super().keep()
        sets = [moons(100, 10), *(moons(n, 12) for n in SIZES), moons(4000, 11)]
        with no_grad():
            self.losses.append([self.loss(self.model(X), y).item() for X, y in sets])


@lru_cache(maxsize=1)
def curves() -> dict[str, Floats]:
    """The losses after 0, 1, …, LAST epochs: "training", "40", "200", "2000" and "test"."""
    run = Run()
    run.upto(LAST * run.every)
    names = ("training", *map(str, SIZES), "test")
    return dict(zip(names, np.array(run.losses).T, strict=True))


def stopped(losses: Sequence[float] | Floats, patience: int) -> tuple[int, int]:
    """The epoch of the stop and the best one up to there; losses[0] is that of epoch 1."""
    best = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch + 1, best + 1
    return len(losses), best + 1


@dataclass(frozen=True)
class StoppingPlayer(Model):
    """A training, epoch by epoch, with a validation set of `n` points and some `patience`."""

    title = "Early stopping with patience"
    goal = (
        f"stop within {DEADLINE} epochs, and restore a model whose test loss is within 2 % of the "
        "lowest"
    )

    n: str = choice("Validation points", {str(n): str(n) for n in SIZES}, at="200")
    patience: int = slider("Patience (epochs)", 1, 40, 1, at=3)
    epoch: int = steps(LAST, *BUTTONS, at=0, label="Epoch", each=STRIDE)

    @property
    def stop(self) -> tuple[int, int]:
        """When it stops, and which epoch it restores, if it trains to the end of the slider."""
        return stopped(curves()[self.n][1:], self.patience)

    @property
    def has_stopped(self) -> bool:
        return self.epoch >= self.stop[0]

    def reached(self) -> bool:
        test = curves()["test"][1:]
        end, best = self.stop
        enough = bool(test[best - 1] <= (1 + WITHIN) * test.min())
        return self.has_stopped and end <= DEADLINE and enough

    def scene(self) -> Scene:
        return Scene((self.panel(),), self.words())

    def panel(self) -> Panel:
        seen = {"training": curves()["training"], "validation": curves()[self.n]}
        end = min(self.epoch, self.stop[0])
        items: list[Item] = []
        for name, losses in seen.items():
            look = asdict(roles[name]) | {"marker": ""}
            items.append(Line(way(losses, 1, end), label=name, **look))
        if self.epoch > end:
            beyond = way(seen["validation"], end, self.epoch)
            items.append(Line(beyond, "gray", style="dotted", label="had it gone on"))
        best = int(np.argmin(seen["validation"][1 : end + 1])) + 1 if end else 0
        if best:
            here = np.array([[best, seen["validation"][best]]])
            items.append(Points(here, "ring", "ink", "best so far" * (not self.has_stopped)))
        if self.has_stopped:
            items += [
                Line(np.array([[end, 0], [end, TOP]]), "vermillion", style="dashed"),
                Label((end + 3, TOP - 0.05), f"stops: {end}", "vermillion", align="left"),
                self.restored(best, end, here[0, 1] + 0.2),
            ]
        return Panel((0, LAST), (0.0, TOP), "epoch", "loss", tuple(items), height=0.5)

    def restored(self, best: int, end: int, height: float) -> Label:
        """Which epoch it goes back to: on the left of that, or on the right of the stop."""
        text = f"restores: {best}"
        if best < ROOM:
            return Label((end + 3, height), text, align="left")
        return Label((best - 3, height), text, align="right")

    def words(self) -> str:
        losses, (end, best) = curves()[self.n], self.stop
        about = f"{self.n} validation points, patience {self.patience}."
        if not self.has_stopped:
            if self.epoch == 0:
                return f"{about} Not trained yet."
            so_far = int(np.argmin(losses[1 : self.epoch + 1])) + 1
            return (
                f"{about} After {counted(self.epoch, 'epoch')}: training loss "
                f"{curves()['training'][self.epoch]:.2f}, validation loss {losses[self.epoch]:.3f}; "
                f"best so far {losses[so_far]:.3f}, in epoch {so_far}. It goes on."
            )
        test = curves()["test"]
        excess = test[best] / test[1:].min() - 1
        return (
            f"{about} It stopped after epoch {end} and restored epoch {best}, with a validation loss of "
            f"{losses[best]:.3f}. Test loss there {test[best]:.3f}, {excess:.0%} above the lowest of "
            f"all epochs; after epoch {LAST} it is {test[LAST]:.2f}."
        )


def way(losses: Floats, first: int, last: int) -> Floats:
    """The curve from one epoch to another: (epochs, 2)."""
    epochs = np.arange(first, max(last, first) + 1)
    return np.column_stack([epochs, losses[epochs]])


stopping_player = widget(StoppingPlayer)
