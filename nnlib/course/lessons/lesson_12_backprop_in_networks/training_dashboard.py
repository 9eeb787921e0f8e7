"""A digits network in training: loss, accuracy and gradients, with a backward pass right or wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np

from nnlib.course.kit.scene import Floats, Heat, Item, Label, Line, Panel, Scene
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

WIDTH, BATCH, STRIDE, LAST = 32, 32, 10, 600
COLORS = ("blue", "orange", "green", "purple", "vermillion")
MARKERS = ("circle", "square", "triangle", "diamond", "cross")
OPTIMIZERS = (("sgd", "SGD"), ("momentum", "momentum 0.9"), ("adam", "Adam"))

# What a wrong backward pass takes for tanh′(Z), given H = tanh(Z).
SLOPES: dict[str, Callable[[Floats], Floats]] = {
    "right": lambda h: 1 - h**2,
    "at h": lambda h: 1 - np.tanh(h) ** 2,
    "forgotten": np.ones_like,
    "frozen": np.zeros_like,
}
BACKWARD = (
    ("right", "right"),
    ("at h", "wrong: φ′ at H"),
    ("forgotten", "wrong: no φ′"),
    ("frozen", "wrong: 0 for φ′"),
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
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))  # as in nnlib.data
    (X, X_test), (y, y_test) = (np.split(a[order], [1200]) for a in (images / 16, labels))
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
    norms: tuple[float, ...]
    check: float
    probabilities: Floats


@dataclass
class Run:
    """One training, deterministic from its settings, which goes on where it stopped."""

    optimizer: str
    lr: float
    hidden: int
    backward: str
    records: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(0)
        sizes = [64, *[WIDTH] * self.hidden, 10]
        self.W = [rng.normal(size=(n, m)) / np.sqrt(m) for m, n in pairwise(sizes)]
        self.b = [np.zeros(n) for n in sizes[1:]]
        self.moments = [(np.zeros_like(p), np.zeros_like(p)) for p in (*self.W, *self.b)]
        self.batches = np.random.default_rng(1)
        self.order = self.batches.permutation(1200)
        self.steps = 0
        self.records.append(self.record(*self.batch()))

    def forward(self, X: Floats) -> tuple[list[Floats], Floats]:
        """[X, H₁, …] and the probabilities P."""
        H = [X]
        for W, b in zip(self.W[:-1], self.b[:-1], strict=True):
            H.append(np.tanh(H[-1] @ W.T + b))
        Z = H[-1] @ self.W[-1].T + self.b[-1]
        e = np.exp(Z - Z.max(1, keepdims=True))
        return H, e / e.sum(1, keepdims=True)

    def gradients(self, X: Floats, y: Any) -> list[Floats]:
        """dW₁, …, dW_L, db₁, …, db_L, by the chosen backward pass."""
        H, P = self.forward(X)
        dZ = (P - np.eye(10)[y]) / len(X)
        dW: list[Floats] = []
        db: list[Floats] = []
        for i in reversed(range(len(self.W))):
            dW.insert(0, dZ.T @ H[i])
            db.insert(0, dZ.sum(0))
            dZ = (dZ @ self.W[i]) * SLOPES[self.backward](H[i])
        return dW + db

    def loss(self, X: Floats, y: Any) -> float:
        P = self.forward(X)[1]
        return float(-np.log(np.maximum(P[np.arange(len(y)), y], 1e-300)).mean())

    def batch(self) -> tuple[Floats, Any]:
        rows = self.order[self.steps * BATCH % 1200 :][:BATCH]  # the last of an epoch is smaller
        return digits().X[rows], digits().y[rows]

    def advance(self) -> None:
        """Ten batches, and a look."""
        with np.errstate(over="ignore", invalid="ignore"):
            seen = []
            for _ in range(STRIDE):
                X, y = self.batch()
                gradients = self.gradients(X, y)
                seen.append(norms(gradients))
                self.update(gradients)
                self.steps += 1
                if self.steps * BATCH % 1200 < BATCH:
                    self.order = self.batches.permutation(1200)
            record = self.record(X, y)
        self.records.append(record._replace(norms=tuple(np.mean(seen, 0))))

    def update(self, gradients: list[Floats]) -> None:
        """One step of lesson 10's rules, in place."""
        t = self.steps + 1
        for p, g, (m, v) in zip((*self.W, *self.b), gradients, self.moments, strict=True):
            if self.optimizer == "adam":
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                p -= self.lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
            else:
                m *= 0.9 if self.optimizer == "momentum" else 0.0
                m += g
                p -= self.lr * m

    def record(self, X: Floats, y: Any) -> Record:
        data = digits()
        P, P_test = self.forward(data.X)[1], self.forward(data.X_test)[1]
        right = P[np.arange(1200), data.y]
        return Record(
            float(-np.log(np.maximum(right, 1e-300)).mean()),
            float((P.argmax(1) == data.y).mean()),
            float((P_test.argmax(1) == data.y_test).mean()),
            norms(self.gradients(X, y)),
            self.check(X, y),
            P_test[data.shown],
        )

    def check(self, X: Floats, y: Any, h: float = 1e-5) -> float:
        """The relative error of the gradient along one random direction v."""
        parameters = (*self.W, *self.b)
        rng = np.random.default_rng(2)
        v = [rng.normal(size=p.shape) for p in parameters]
        pairs = zip(self.gradients(X, y), v, strict=True)
        claimed = sum(float((g * d).sum()) for g, d in pairs)
        losses = []
        for shift in (h, -2 * h):
            for p, d in zip(parameters, v, strict=True):
                p += shift * d
            losses.append(self.loss(X, y))
        for p, d in zip(parameters, v, strict=True):
            p += h * d
        measured = (losses[0] - losses[1]) / (2 * h)
        return abs(claimed - measured) / max(abs(claimed), abs(measured), 1e-12)


def norms(gradients: list[Floats]) -> tuple[float, ...]:
    """‖dW‖ of each layer."""
    return tuple(float(np.linalg.norm(g)) for g in gradients[: len(gradients) // 2])


runs = lru_cache(maxsize=16)(Run)


def records(optimizer: str, lr: float, hidden: int, backward: str, step: int) -> list[Record]:
    """The training up to this step: going on costs ten batches, coming back nothing."""
    run = runs(optimizer, lr, hidden, backward)
    while run.steps < step:
        run.advance()
    return run.records[: step // STRIDE + 1]


@dataclass(frozen=True)
class TrainingDashboard(Model):
    """The settings of `training_dashboard`, and what they look like."""

    optimizer: str = "sgd"
    lr: float = 0.1
    hidden: int = 1
    backward: str = "right"
    step: int = 0

    title = "A training, live"
    function = "training_dashboard"

    def controls(self) -> tuple[Control, ...]:
        return (
            Slider("step", "Step", 0, LAST, STRIDE),
            Button("train", "Train", plays=True, interval=30),
            Button("train", f"{STRIDE} steps"),
            LogSlider("lr", "Learning rate η", 1e-4, 3.0, 4),
            Choice("optimizer", "Optimizer", OPTIMIZERS),
            Slider("hidden", "Hidden layers", 1, 4, 1),
            Choice("backward", "Backward pass", BACKWARD),
        )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.step % STRIDE:
            raise ValueError(f"step must be a multiple of {STRIDE}, not {self.step}")

    def after(self, action: str) -> Self:
        if action == "train":
            return replace(self, step=min(self.step + STRIDE, LAST))
        return super().after(action)

    def idle(self) -> tuple[str, ...]:
        return ("train",) if self.step == LAST else ()

    @property
    def records(self) -> list[Record]:
        return records(self.optimizer, self.lr, self.hidden, self.backward, self.step)

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
            (0, LAST), (low, high), "step", "", (loss,), 0.6, title="training loss", ylog=True
        )

    def accuracy_panel(self) -> Panel:
        train = self.curve([r.accuracy for r in self.records], 0, 1, color="blue", label="training")
        test = self.curve([r.test for r in self.records], 0, 1, color="orange", label="test")
        items = train, replace(test, style="dashed")
        return Panel((0, LAST), (0, 1), "step", "", items, 0.6, title="accuracy")

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
        return Panel((0, LAST), (low, high), "step", "", items, 0.6, title=title, ylog=True)

    def digits_panel(self) -> Panel:
        """Ten test images, and what the network says about each."""
        data, P = digits(), self.records[-1].probabilities
        items: list[Item] = []
        for k, (image, p) in enumerate(zip(data.X_test[data.shown], P, strict=True)):
            x, y = 10.0 * (k % 5), 13.0 * (1 - k // 5)
            ticks = ((0.0, ""), (0.3, ""), (0.6, ""))
            items.append(Heat(image.reshape(8, 8)[::-1], ticks, 0.0, extent=(x, x + 8, y, y + 8)))
            items.append(self.verdict((x + 4, y - 1.8), int(np.argmax(p)), k))
        title = "ten hard test images → what it says"
        return Panel((-1, 49), (-4, 22), "", "", tuple(items), 0.6, title=title, axes=False)

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
        """What finite differences say about the gradient of the last batch."""
        error = self.records[-1].check
        if not np.isfinite(error):
            return "A gradient check is impossible now."
        if error < 1e-4:
            return "Gradient check, along a random direction: passed."
        return f"Gradient check, along a random direction: wrong by {error:.0%}."


def training_dashboard(
    optimizer: str = "sgd",
    lr: float = 0.1,
    hidden: int = 1,
    backward: str = "right",
    step: int = 0,
) -> Widget:
    """A tanh network 64–32–…–10 learns the digits, in batches of 32, by gradients from NumPy alone.

    `optimizer` is "sgd", "momentum" or "adam"; `lr` goes from 0.0001 to 3; `hidden`, the number of
    hidden layers, from 1 to 4; `backward` is "right", or a mistake: "at h" (φ′ at H, not at Z),
    "forgotten" (no φ′), "frozen" (0 for φ′); `step` is a multiple of 10, up to 600. Raises
    ValueError for anything else. `training_dashboard(**widget.settings)` shows the same again.
    """
    return Widget(TrainingDashboard(optimizer, lr, hidden, backward, step))
