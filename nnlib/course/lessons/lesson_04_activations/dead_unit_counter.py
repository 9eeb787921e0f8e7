"""A digits network in its first steps, and how many of its hidden units are off for every image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

import nnlib.nn.functional as F
from nnlib import data, nn, no_grad, optim
from nnlib.course.kit import runs
from nnlib.course.kit.numbers import number, significant
from nnlib.course.kit.scene import Bars, Floats, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Button, Model, choice, log_slider, slider, steps, widget

UNITS, IMAGES, BATCH = 100, 600, 32
LAST, STRIDE = 80, runs.Run.every
NAMES = {"relu": "ReLU", "leaky": "leaky ReLU, slope 0.1", "elu": "ELU"}
MODULES: dict[str, Any] = {
    "relu": nn.ReLU,
    "leaky": partial(nn.LeakyReLU, 0.1),
    "elu": nn.ELU,
}
BUTTONS = (
    Button("train", "Train", plays=True, interval=150, by=STRIDE),
    Button("anew", "Back to step 0", by=-LAST),
)


@lru_cache(maxsize=1)
def images() -> tuple[Floats, Any]:
    """Digits with pixels from 0 to 1, and what they are."""
    X, y, *_ = data.load_digits_split(dtype=np.float64, standardize=False)
    return X[:IMAGES], y[:IMAGES]


class Run(runs.Run):
    """One training by SGD. `on` holds, per snapshot, on which share of the images each unit is on."""

    def __init__(self, activation: str, lr: float, bias: float) -> None:
        self.on: list[Floats] = []
        self.right: list[float] = []
        model = nn.MLP([64, UNITS, 10], MODULES[activation])
        model = runs.started(model, nn.init.kaiming_normal_, np.random.default_rng(0))
        hidden = list(model.parameters())[1]
        hidden.data = hidden.data + bias
        examples, order = data.TensorDataset(*images()), np.random.default_rng(1)
        batches = runs.epochs(data.DataLoader(examples, BATCH, shuffle=True, generator=order))
        super().__init__(model, optim.SGD(model.parameters(), lr), F.cross_entropy, batches)

    def keep(self) -> None:
        super().keep()
        X, y = images()
        linear, phi, last = self.model.children()
        with no_grad():
            z = linear(X)
            scores = last(phi(z)).data
        self.on.append((z.data > 0).mean(axis=0))
        self.right.append(float((scores.argmax(axis=1) == y).mean()))


run = lru_cache(maxsize=64)(Run)


@dataclass(frozen=True)
class DeadUnitCounter(Model):
    """Which of 100 hidden units are off, z ≤ 0, for all 600 images, step by step of a training.

    `bias` is that of every hidden unit at the start. A ReLU unit that is off for all is dead.
    """

    title = "Units that are off for every image"
    goal = "from a bias of −2, read 80% of the images by step 80"

    activation: str = choice("Activation φ", NAMES, at="relu")
    lr: float = log_slider("Rate η", 0.01, 4.0, at=0.1, per_decade=5)
    bias: float = slider("Bias at the start", -3.0, 1.0, 0.25, at=0.0)
    step: int = steps(LAST, *BUTTONS, each=STRIDE)

    @property
    def run(self) -> Run:
        return run(self.activation, self.lr, self.bias)

    def kept(self) -> tuple[Floats, Floats]:
        """Up to this step: how many units are off for every image, and the share that is right."""
        end = self.run.upto(self.step) + 1
        off = np.array([(on == 0).sum() for on in self.run.on[:end]])
        return off, np.array(self.run.right[:end])

    def reached(self) -> bool:
        return self.bias == -2 and bool(self.kept()[1][-1] >= 0.8)

    @property
    def name(self) -> str:
        """What a unit is called that is off for every image: only with ReLU it is lost."""
        return "dead units" if self.activation == "relu" else "units off for all"

    def scene(self) -> Scene:
        return Scene((self.units_panel(), self.time_panel()), self.words(), columns=2)

    def units_panel(self) -> Panel:
        on = np.sort(self.run.on[self.run.upto(self.step)])
        off = int((on == 0).sum())
        items: list[Item] = [Bars(100 * on, "blue", "images: it is on", width=0.9)]
        if off:  # a unit that is never on has no bar: so a mark beneath its place
            ends = np.array([[0.5, -4.0], [off + 0.5, -4.0]])
            items.append(Line(ends, "vermillion", label=f"{self.name}: {off}", marker="square"))
        limits = (0.0, UNITS + 1.0), (-8.0, 104.0)
        title = "Each unit, sorted"
        return Panel(*limits, "unit", "% of the images", tuple(items), height=0.75, title=title)

    def time_panel(self) -> Panel:
        off, right = self.kept()
        at = STRIDE * np.arange(len(off))
        items: list[Item] = [
            Line(np.column_stack([at, off]), "vermillion", label=self.name, marker="square"),
            Line(np.column_stack([at, 100 * right]), "blue", True, "images right", marker="circle"),
        ]
        if self.activation != "relu":
            items.append(Label((LAST / 2, 100.0), "none is lost: its slope is not 0", size="small"))
        limits = (0.0, float(LAST)), (-8.0, 104.0)
        title = "On the way"
        return Panel(*limits, "step", "%", tuple(items), 0.75, title=title)

    def words(self) -> str:
        off, right = self.kept()
        settings = f"{NAMES[self.activation]}, η = {significant(self.lr)}, bias {number(self.bias)}"
        at_first = f", {off[0]} at the start" if self.step else ""
        return (
            f"{settings}. Step {self.step}: {off[-1]} of {UNITS} units are off for all "
            f"{IMAGES} images{at_first}; {right[-1]:.0%} of the images are right."
        )


dead_unit_counter = widget(DeadUnitCounter)
