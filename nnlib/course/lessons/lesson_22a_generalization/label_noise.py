"""A network learns digits of which some have a shuffled label: first what they share, then the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

import nnlib.nn.functional as F
from nnlib import nn, no_grad, optim
from nnlib.classical import Labels
from nnlib.course.kit import runs
from nnlib.course.kit.numbers import counted
from nnlib.course.kit.scene import Floats, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, slider, steps, widget
from nnlib.data import DataLoader, TensorDataset, load_digits_split

N, BATCH, WIDTH, RATE = 300, 50, 128, 0.005
LAST = 40  # epochs
DECAYS = {"0": "none", "0.03": "0.03"}
GOAL = 0.85  # of the new images, with 40 % of the labels shuffled
BUTTONS = (
    Button("train", "Train", plays=True, interval=150, by=1),
    Button("again", "Again", by=-LAST),
)
Curve = list[tuple[float, float]]


@lru_cache
def digits() -> tuple[Floats, Labels, Floats, Labels]:
    """N images to learn, 300 new ones."""
    X, y, new, new_y = load_digits_split(dtype=np.float64)
    return X[:N], y[:N], new[:N], new_y[:N]


@lru_cache
def given(percent: int) -> Labels:
    """The labels, of which so many percent have changed places with each other."""
    labels, rng = digits()[1].copy(), np.random.default_rng(0)
    chosen = rng.choice(N, N * percent // 100, replace=False)
    labels[chosen] = labels[rng.permutation(chosen)]
    return labels


class Run(runs.Run):
    """A training of 64–128–10 by Adam: six steps for each epoch."""

    every = N // BATCH

    def __init__(self, percent: int, decay: float) -> None:
        self.right: Curve = []  # the shares right: of the labels as given, of the new images
        self.spoiled: Curve = []  # where the label is wrong: says the wrong one, says the true one
        rng, self.labels = np.random.default_rng(0), given(percent)
        model = runs.started(nn.MLP([64, WIDTH, 10]), nn.init.kaiming_normal_, rng)
        pairs = TensorDataset(digits()[0], self.labels)
        batches = runs.epochs(DataLoader(pairs, BATCH, shuffle=True, generator=rng))
        optimizer = optim.Adam(model.parameters(), lr=RATE, weight_decay=decay)
        super().__init__(model, optimizer, F.cross_entropy, batches)

    def keep(self) -> None:
        super().keep()
        X, y, new, new_y = digits()
        with no_grad():
            said, said_new = (self.model(images).data.argmax(1) for images in (X, new))
        self.right.append((share(said == self.labels), share(said_new == new_y)))
        wrong = self.labels != y
        if wrong.any():
            kinds = said[wrong] == self.labels[wrong], said[wrong] == y[wrong]
            self.spoiled.append((share(kinds[0]), share(kinds[1])))


def share(right: Labels) -> float:
    return float(np.mean(right))


run = lru_cache(maxsize=16)(Run)


@dataclass(frozen=True)
class LabelNoise(Model):
    """300 digits, `percent` of them with a shuffled label, learned for `epoch` epochs."""

    title = "What is learned first?"
    goal = f"40 % of the labels shuffled: at least {GOAL:.0%} of the new images right"
    on_every_page = (
        {"percent": 40, "epoch": 4},
        {"percent": 40, "epoch": 40},
        {"percent": 100, "epoch": 40},
        {"percent": 40, "decay": "0.03", "epoch": 5},
    )

    percent: int = slider("Labels shuffled (%)", 0, 100, 20, at=100)
    decay: str = choice("Weight decay", DECAYS, at="0")
    epoch: int = steps(LAST, *BUTTONS, label="Epoch")

    def reached(self) -> bool:
        return self.percent == 40 and self.right[-1][1] >= GOAL

    @property
    def run(self) -> Run:
        made = run(self.percent, float(self.decay))
        made.upto(self.epoch * made.every)
        return made

    @property
    def right(self) -> Curve:
        return self.run.right[: self.epoch + 1]

    @property
    def spoiled(self) -> Curve:
        return self.run.spoiled[: self.epoch + 1]

    @property
    def wrong(self) -> int:
        """How many labels are wrong: a shuffled one may come back to its own place, or to a twin's."""
        return int((given(self.percent) != digits()[1]).sum())

    def scene(self) -> Scene:
        title = f"the {counted(self.wrong, 'image')} with a wrong label"
        panels = (
            panel(self.right, "all labels, as given", "new images", "share right"),
            panel(self.spoiled, "says the wrong label", "says the true digit", "share", title),
        )
        return Scene(panels, self.words(), columns=2)

    def words(self) -> str:
        known, new = self.right[-1]
        about = (
            f"{self.percent}% of the labels are shuffled, after {counted(self.epoch, 'epoch')}: "
            f"{known:.0%} of the labels as given and {new:.0%} of the new images are answered right."
        )
        if not self.wrong:
            return f"{about} No label is wrong."
        by_heart, true = self.spoiled[-1]
        return (
            f"{about} Of the {counted(self.wrong, 'image')} with a wrong label {by_heart:.0%} get the "
            f"wrong label as answer, {true:.0%} the true digit."
        )


def panel(curve: Curve, first: str, second: str, ylabel: str, title: str = "") -> Panel:
    """Two shares over the epochs, and a mark at the end of each."""
    if not curve:
        nothing = (Label((LAST / 2, 0.5), "no label is wrong"),)
        return Panel((0, LAST), (0.0, 1.05), "epoch", ylabel, nothing, height=0.75, title=title)
    shares = np.array(curve)
    ways = [np.column_stack([np.arange(len(shares)), column]) for column in shares.T]
    items = (
        Line(ways[0], "orange", style="dashed", label=first),
        Line(ways[1], "blue", label=second),
        Points(ways[0][-1:], "square", "orange"),
        Points(ways[1][-1:], "circle", "blue"),
    )
    return Panel((0, LAST), (0.0, 1.05), "epoch", ylabel, items, height=0.75, title=title)


label_noise = widget(LabelNoise)
