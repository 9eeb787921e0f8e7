"""The two classes of Efficient BackProp: one linear unit, one rate, and the error step by step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib import nn, optim
from nnlib.course.kit.numbers import digits, minus, scientific
from nnlib.course.kit.scene import HIGH, LOW, Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, slider, steps, widget
from nnlib.tensors import Tensor

STEPS = 99
STEEPEST = 0.84  # λ_max, as in the paper
INPUTS = (-2.0, 2.0)
WEIGHTS = (-0.7, 1.5), (-0.5, 1.7)
EXCESS = (1e-8, 1e4)
BUTTONS = (
    Button("again", "Rewind", by=-STEPS),
    Button("step", "Next", by=1),
    Button("play", "Play", plays=True, interval=120, by=1),
)


@lru_cache
def two_classes(seed: int = 0) -> tuple[Floats, Floats]:
    """100 points around ±(0.4, 0.8), X (100, 2), scaled so that λ_max = 0.84; labels y of ±1."""
    rng = np.random.default_rng(seed)
    y = np.repeat([1.0, -1.0], 50)
    X = y[:, None] * np.array([0.4, 0.8]) + 0.2 * rng.normal(size=(100, 2))
    return X * np.sqrt(STEEPEST / np.linalg.eigvalsh(X.T @ X / 100)[-1]), y


@lru_cache
def curvatures() -> tuple[Floats, Floats]:
    """The eigenvalues of the Hessian, from the smallest on, and its eigenvectors as columns."""
    X, _ = two_classes()
    values, vectors = np.linalg.eigh(X.T @ X / len(X))
    return values, vectors


def error(w: Floats) -> Floats:
    """E, half the mean squared error, for weights (…, 2)."""
    X, y = two_classes()
    E: Floats = np.mean((w @ X.T - y) ** 2, axis=-1) / 2
    return E


@lru_cache
def lowest() -> tuple[Floats, float]:
    """The best weights, and E there."""
    X, y = two_classes()
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    return best, float(error(best))


@lru_cache(maxsize=256)
def descent(lr: float) -> Floats:
    """The weights after each of STEPS epochs of nnlib's gradient descent, from 0."""
    X, y = two_classes()
    unit = nn.Linear(2, 1, bias=False).double()
    unit.weight.data[:] = 0
    inputs, targets = Tensor(X), Tensor(y[:, None])
    optimizer = optim.SGD(unit.parameters(), lr=lr / 2)  # MSELoss has no ½: half the rate
    path = np.zeros((STEPS + 1, 2))
    for t in range(1, STEPS + 1):
        optimizer.zero_grad()
        nn.MSELoss()(unit(inputs), targets).backward()
        optimizer.step()
        path[t] = unit.weight.data[0]
    return path


@dataclass(frozen=True)
class LecunReplay(Model):
    """A linear unit with two weights learns ±1 from 100 points; every epoch is one step, at rate `lr`."""

    title = "LeCun's two classes"
    goal = "be within 1 % of the lowest E after 2 epochs"
    on_every_page = ({"lr": 1.2}, {"lr": 2.38}, {"lr": 2.5})

    lr: float = slider("η", 0.1, 2.6, 0.02, at=0.5)
    step: int = steps(STEPS, *BUTTONS, label="Epoch")

    def reached(self) -> bool:
        return self.step >= 2 and bool(error(self.path[2]) < 1.01 * lowest()[1])

    @property
    def path(self) -> Floats:
        return descent(self.lr)

    def scene(self) -> Scene:
        panels = (self.inputs_panel(), self.weights_panel(), self.error_panel())
        return Scene(panels, self.words(), columns=3)

    def inputs_panel(self) -> Panel:
        X, y = two_classes()
        items: list[Item] = [
            Points(X[y < 0], "circle", LOW, "y = −1", "small"),
            Points(X[y > 0], "square", HIGH, "y = 1", "small"),
        ]
        w = self.path[self.step]
        if w.any():
            across = np.array([-w[1], w[0]]) / np.hypot(*w)
            items.append(Line(np.outer([-4, 4], across), label="ŷ = 0"))
        return Panel(INPUTS, INPUTS, "x₁", "x₂", tuple(items), title="The points")

    def weights_panel(self) -> Panel:
        path = self.path[: self.step + 1]
        seen = path[np.abs(path).max(axis=1) < 50]  # what lies beyond is far outside the picture
        items: tuple[Item, ...] = (
            *ellipses(),
            Line(seen, "blue", marker="circle"),
            Points(seen[-1:], "circle", "blue", label="w now"),
            Points(lowest()[0][None], "diamond", "green", label="lowest E"),
        )
        return Panel(*WEIGHTS, "w₁", "w₂", items, title="The weights")

    def error_panel(self) -> Panel:
        """How far E is above the lowest, so that each axis becomes a straight piece."""
        above = np.clip(error(self.path[: self.step + 1]) - lowest()[1], EXCESS[0], 1e9)
        one_percent = np.array([[0, 0.01 * lowest()[1]], [STEPS, 0.01 * lowest()[1]]])
        items: tuple[Item, ...] = (
            Line(one_percent, "green", label="1 % of the lowest E", style="dashed"),
            Line(np.column_stack([np.arange(len(above)), above]), "blue"),
            Points(np.array([[self.step, above[-1]]]), "circle", "blue"),
        )
        limits = (0.0, float(STEPS)), EXCESS
        title = "The error"
        return Panel(*limits, "epoch", "E − lowest E", items, ylog=True, whole=True, title=title)

    def words(self) -> str:
        E, (best, least) = float(error(self.path[self.step])), lowest()
        gap = self.path[self.step] - best
        flat, steep = np.abs(curvatures()[1].T @ gap)
        above = E / least - 1
        near = "within 1 % of the lowest" if above < 0.01 else f"the lowest is {digits(least, 3)}"
        distances = f"steep axis {scientific(float(steep))}, flat axis {scientific(float(flat))}"
        rate = minus(f"{self.lr:.2f}")
        return (
            f"η = {rate}, epoch {self.step}: E = {shown(E)}, {near}. "
            f"Distance from the best w: {distances}."
        )


@lru_cache
def ellipses() -> tuple[Line, ...]:
    """Lines of equal E around the best weights."""
    values, vectors = curvatures()
    theta = np.linspace(0, 2 * np.pi, 61)
    ring = np.column_stack([np.cos(theta), np.sin(theta)]) / np.sqrt(values)
    best, _ = lowest()
    return tuple(
        Line(best + size * ring @ vectors.T, "gray") for size in (0.08, 0.16, 0.24, 0.4, 0.6, 0.9)
    )


def shown(E: float) -> str:
    """An error with three digits; where it is huge, with a power of ten."""
    return scientific(E) if E >= 1000 else digits(E, 3)


lecun_replay = widget(LecunReplay)
