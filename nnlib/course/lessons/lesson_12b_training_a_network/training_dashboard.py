"""A digits network in training: loss, accuracy and gradients, with a backward pass right or wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

import nnlib.nn.functional as F
from nnlib import Tensor, nn, no_grad, optim, use
from nnlib.course.kit import runs
from nnlib.course.kit.numbers import significant
from nnlib.course.kit.scene import Floats, Heat, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Button, Model, choice, log_slider, slider, steps, widget
from nnlib.data import DataLoader, TensorDataset, load_digits_split
from nnlib.engine import Array

WIDTH, BATCH, STRIDE, LAST = 32, 32, runs.Run.every, 600
HEIGHT = 0.42  # of a panel over its width: all four and the controls are seen at once
COLORS = ("blue", "orange", "green", "purple", "vermillion")
MARKERS = ("circle", "square", "triangle", "diamond", "cross")
NAMES = {"sgd": "SGD", "momentum": "momentum 0.9", "adam": "Adam"}
OPTIMIZERS: dict[str, Callable[[Any, float], optim.Optimizer]] = {
    "sgd": lambda w, lr: optim.SGD(w, lr=lr),
    "momentum": lambda w, lr: optim.SGD(w, lr=lr, momentum=0.9),
    "adam": lambda w, lr: optim.Adam(w, lr=lr),
}
BACKWARD = {
    "right": "right",
    "at h": "wrong: φ′ at H",
    "forgotten": "wrong: no φ′",
    "frozen": "wrong: 0 for φ′",
}
# What a wrong backward pass takes for tanh′(Z), given H = tanh(Z).
SLOPES: dict[str, Callable[[Floats], Floats]] = {
    "at h": lambda h: 1 - np.tanh(h) ** 2,
    "forgotten": np.ones_like,
    "frozen": np.zeros_like,
}
BUTTONS = (
    Button("train", "Train", plays=True, interval=30, by=STRIDE),
    Button("train", f"{STRIDE} steps", by=STRIDE),
)


class Digits(NamedTuple):
    """Pixels from 0 to 1, and one hard test image of each class to look at."""

    X: Floats
    y: Any
    X_test: Floats
    y_test: Any
    shown: Any


@lru_cache(maxsize=1)
def digits() -> Digits:
    X, y, X_test, y_test = load_digits_split(dtype=np.float64, standardize=False)
    means = np.stack([X[y == k].mean(0) for k in range(10)])
    distance = ((X_test[:, None] - means) ** 2).sum(2)
    doubt = distance[np.arange(len(y_test)), y_test] - np.sort(distance, 1)[:, 1]
    shown = [np.argmax(np.where(y_test == k, doubt, -np.inf)) for k in range(10)]
    return Digits(X, y, X_test, y_test, np.array(shown))


class Record(NamedTuple):
    """What is seen of the training after every ten steps."""

    loss: float
    accuracy: float
    test: float
    norms: tuple[float, ...]  # ‖dW‖ of each layer, their mean over the ten steps


def tanh_with(slope: Callable[[Floats], Floats]) -> Callable[[Floats], Any]:
    """The formula of tanh, with something else for its slope."""

    def tanh(z: Floats) -> Any:
        h = np.tanh(z)
        return h, lambda g: g * slope(h)

    return tanh


class Run(runs.Run):
    """One training of nnlib's MLP, on nnlib's tanh or a wrong one."""

    def __init__(self, optimizer: str, lr: float, hidden: int, backward: str) -> None:
        self.records: list[Record] = []
        self.norms: list[list[float]] = []  # since the last record
        model = nn.MLP([64, *[WIDTH] * hidden, 10], nn.Tanh, generator=np.random.default_rng(0))
        model = runs.started(model, nn.init.lecun_normal_, np.random.default_rng(0))
        examples, order = TensorDataset(digits().X, digits().y), np.random.default_rng(1)
        batches = runs.epochs(DataLoader(examples, BATCH, shuffle=True, generator=order))
        parts = {} if backward == "right" else {"tanh": tanh_with(SLOPES[backward])}
        rule = OPTIMIZERS[optimizer](model.parameters(), lr)
        super().__init__(model, rule, F.cross_entropy, batches, **parts)

    def step(self) -> None:
        super().step()
        self.norms.append(norms([p.grad for p in self.parameters]))

    def keep(self) -> None:
        super().keep()
        data = digits()
        with no_grad():
            z, z_test = self.model(data.X), self.model(data.X_test)
            loss = self.loss(z, data.y).item()
        right = float((z.data.argmax(1) == data.y).mean())
        test = float((z_test.data.argmax(1) == data.y_test).mean())
        seen = np.mean(self.norms or [norms(self.gradients())], axis=0)
        self.records.append(Record(loss, right, test, tuple(seen)))
        self.norms = []

    def check(self, step: int, h: float = 1e-5) -> float:
        """The relative error of a batch's gradient after so many steps, along a random direction v."""
        network, x, y = self.at(step), digits().X[:BATCH], digits().y[:BATCH]
        parameters, rng = list(network.parameters()), np.random.default_rng(2)
        start = [(p, p.data.copy(), rng.normal(size=p.shape)) for p in parameters]

        def loss(t: float) -> Tensor:
            for p, w, v in start:
                p.data = w + t * v
            with use(**self.parts):
                return self.loss(network(x), y)

        loss(0).backward()
        claimed = sum(float(np.sum(np.asarray(p.grad) * v)) for p, _, v in start)
        measured = (loss(h).item() - loss(-h).item()) / (2 * h)
        return float(abs(claimed - measured) / max(abs(claimed), abs(measured), 1e-12))


def norms(gradients: Sequence[Array | None]) -> list[float]:
    """‖dW‖ of each layer; between two of them stands the gradient of a bias."""
    return [float(np.linalg.norm(np.asarray(dW))) for dW in gradients[::2]]


run = lru_cache(maxsize=16)(Run)


@dataclass(frozen=True)
class TrainingDashboard(Model):
    """A tanh network 64–32–…–10 learns the digits, in batches of 32.

    Its backward pass is right, or has a mistake: "at h" (φ′ at H, not at Z), "forgotten" (no φ′),
    "frozen" (0 for φ′).
    """

    title = "A training, live"
    goal = "read 96 % of the test images with a wrong gradient"
    on_every_page = ({"hidden": 4, "backward": "at h", "step": 600},)
    on_page = ("step", "train", "lr", "optimizer", "hidden", "backward")

    optimizer: str = choice("Optimizer", NAMES, at="sgd")
    lr: float = log_slider("Learning rate η", 1e-4, 3.0, at=0.1, per_decade=4)
    hidden: int = slider("Hidden layers", 1, 4, 1, at=1)
    backward: str = choice("Backward pass", BACKWARD, at="right")
    step: int = steps(LAST, *BUTTONS, each=STRIDE)

    def reached(self) -> bool:
        return self.backward != "right" and self.records[-1].test >= 0.96

    @property
    def run(self) -> Run:
        return run(self.optimizer, self.lr, self.hidden, self.backward)

    @property
    def records(self) -> list[Record]:
        """What was seen up to this step."""
        return self.run.records[: self.run.upto(self.step) + 1]

    def scene(self) -> Scene:
        panels = self.loss_panel(), self.accuracy_panel(), self.norms_panel(), self.digits_panel()
        return Scene(panels, self.words(), columns=2)

    def curve(self, values: list[float], low: float, high: float, **look: Any) -> Line:
        """Values against steps; what leaves the panel runs along its edge."""
        steps = np.arange(len(values)) * STRIDE
        inside = np.clip(np.nan_to_num(values, nan=high, posinf=high), low, high)
        return Line(np.column_stack([steps, inside]), **look)

    def loss_panel(self) -> Panel:
        low, high = 1e-3, 1e1
        loss = self.curve([r.loss for r in self.records], low, high, color="blue", label="training")
        return Panel(
            (0, LAST), (low, high), "step", "", (loss,), HEIGHT, title="training loss", ylog=True
        )

    def accuracy_panel(self) -> Panel:
        train = self.curve([r.accuracy for r in self.records], 0, 1, color="blue", label="training")
        test = self.curve([r.test for r in self.records], 0, 1, color="orange", label="test")
        items = train, replace(test, style="dashed")
        return Panel((0, LAST), (0, 1), "step", "", items, HEIGHT, title="accuracy")

    def norms_panel(self) -> Panel:
        low, high = 1e-3, 1e1
        items = tuple(
            self.curve(
                [r.norms[i] for r in self.records], low, high,
                color=COLORS[i], marker=MARKERS[i], label=f"layer {i + 1}",
            )
            for i in range(self.hidden + 1)
        )  # fmt: skip
        title = "gradient norm ‖dW‖ of each layer"
        return Panel((0, LAST), (low, high), "step", "", items, HEIGHT, title=title, ylog=True)

    def digits_panel(self) -> Panel:
        """Ten test images, and what the network says about each."""
        data = digits()
        images, network = data.X_test[data.shown], self.run.at(self.step)
        with no_grad():
            said = network(images).data.argmax(1)
        items: list[Item] = []
        for k, (image, answer) in enumerate(zip(images, said, strict=True)):
            x, y = 10.0 * (k % 5), 13.0 * (1 - k // 5)
            ticks = ((0.0, ""), (0.3, ""), (0.6, ""))
            items.append(Heat(image.reshape(8, 8)[::-1], ticks, 0.0, extent=(x, x + 8, y, y + 8)))
            items.append(self.verdict((x + 4, y - 1.8), int(answer), k))
        title = "ten hard test images → what it says"
        return Panel((-7, 55), (-4, 22), "", "", tuple(items), HEIGHT, title=title, axes=False)

    def verdict(self, xy: tuple[float, float], said: int, true: int) -> Label:
        right = said == true
        return Label(
            xy, f"{true} → {said} {'✓' if right else '✗'}", "green" if right else "vermillion"
        )

    def words(self) -> str:
        now = self.records[-1]
        if not np.isfinite(now.loss) or now.loss > 10:
            return f"After {self.step} steps the training has diverged. {self.checked()}"
        right = (
            f"right are {now.accuracy:.1%} of the training and {now.test:.1%} of the test images"
        )
        return f"After {self.step} steps: loss {significant(now.loss)}; {right}. {self.checked()}"

    def checked(self) -> str:
        """What finite differences say about the gradient."""
        error = self.run.check(self.step)
        if not np.isfinite(error):
            return "A gradient check is impossible now."
        if error < 1e-4:
            return "Gradient check, along a random direction: passed."
        return f"Gradient check, along a random direction: wrong by {error:.0%}."


training_dashboard = widget(TrainingDashboard)
