"""The gradient on its way back through a new network, as a histogram of each layer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Self

import numpy as np

from nnlib.course.kit.numbers import scientific
from nnlib.course.kit.scene import Floats, Heat, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Button, Model, choice, slider, steps, widget
from nnlib.data import load_digits_split

BATCH, SHALLOWEST, DEEPEST, WIDEST = 32, 2, 16, 200
ACTIVATIONS = {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU"}
STARTS = {
    "small": "0.01",
    "lecun": "1/√n",
    "he": "√(2/n)",
    "large": "4/√n",
}
WIDTHS = {"50": "50", "100": "100", "200": "200"}
BINS = np.linspace(-12, 4, 65)  # of log₁₀ |∂ℓ/∂z|
LOWEST, HIGHEST = 10.0 ** BINS[0], 10.0 ** BINS[-1]


def spread_of_weights(start: str, inputs: int) -> float:
    """The standard deviation that a layer's weights start with."""
    if start == "small":
        return 0.01
    return math.sqrt({"lecun": 1, "he": 2, "large": 16}[start] / inputs)


@lru_cache(maxsize=1)
def draws() -> tuple[Floats, Any, Floats]:
    """32 digits with their labels, and standard normal numbers for all weights."""
    X, y, _, _ = load_digits_split(dtype=np.float64)
    rng = np.random.default_rng(0)
    return X[:BATCH], np.eye(10)[y[:BATCH]], rng.normal(size=(DEEPEST + 1, WIDEST, WIDEST))


class Passed(NamedTuple):
    """Of the hidden layers 1, …, L in their order."""

    spread: Floats  # the standard deviation of ∂ℓ/∂z
    weights: Floats  # that of ∂ℓ/∂W
    histograms: Floats  # (L, bins): the share of the entries of ∂ℓ/∂z in each bin


@lru_cache(maxsize=128)
def backward(activation: str, start: str, depth: int, width: int) -> Passed:
    """One way forward and back through a network 64–width–…–width–10, before any training."""
    X, E, numbers = draws()
    sizes = [64, *[width] * depth, 10]
    H: list[Floats] = [X]
    slopes: list[Floats] = []
    weights: list[Floats] = []
    for k in range(depth + 1):
        inputs, outputs = sizes[k], sizes[k + 1]
        weights.append(spread_of_weights(start, inputs) * numbers[k, :outputs, :inputs])
        Z = H[k] @ weights[k].T
        if activation == "sigmoid":
            H.append(1 / (1 + np.exp(-Z)))
            slopes.append(H[-1] * (1 - H[-1]))
        elif activation == "tanh":
            H.append(np.tanh(Z))
            slopes.append(1 - H[-1] ** 2)
        else:
            H.append(np.maximum(Z, 0))
            slopes.append((Z > 0) * 1.0)
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    dZ = P / P.sum(axis=1, keepdims=True) - E  # of each example, without the mean's 1/N
    passed = Passed(np.zeros(depth), np.zeros(depth), np.zeros((depth, len(BINS) - 1)))
    for k in reversed(range(depth)):
        dZ = (dZ @ weights[k + 1]) * slopes[k]
        passed.spread[k] = dZ.std()
        passed.weights[k] = (dZ.T @ H[k] / BATCH).std()
        sizes_seen = np.abs(dZ[dZ != 0])
        passed.histograms[k] = np.histogram(np.log10(sizes_seen), BINS)[0] / dZ.size
    return passed


@dataclass(frozen=True)
class LayerHistograms(Model):
    """How large ∂ℓ/∂z is in each hidden layer of a network that reads digits, before any training.

    `start` is the standard deviation of the weights: "small" is 0.01, "lecun" 1/√n, "he" √(2/n),
    "large" 4/√n, for a unit with n inputs. `back` is how many layers the gradient has gone back.
    """

    title = "The gradient in every layer, before any training"
    goal = "12 layers or more: let layer 1 get the last layer's gradient, to a factor of 2"
    on_page = ("activation", "start", "depth", "width", "back")
    on_every_page = (
        {"activation": "relu", "start": "he", "depth": 12, "back": 11},
        {"activation": "tanh", "start": "he", "depth": 12, "back": 11},
        {"width": "50", "back": 7},
        {"width": "200", "back": 7},
        {"activation": "relu", "start": "small", "back": 7},
        {"activation": "tanh", "start": "large", "back": 7},
    )

    activation: str = choice("φ", ACTIVATIONS, at="sigmoid")
    start: str = choice("Spread of the weights", STARTS, at="lecun")
    depth: int = slider("Hidden layers L", SHALLOWEST, DEEPEST, 1, at=8)
    width: str = choice("Units in each", WIDTHS, at="100")
    back: int = steps(
        lambda model: model.depth - 1,
        Button("restart", "To the output", by=-DEEPEST),
        Button("step", "One layer back", by=1),
        Button("step", "Play", by=1, plays=True, interval=400),
        label="Layers gone back",
    )

    def changed(self, **settings: Any) -> Self:
        """Another depth keeps the gradient at layer 1 if it is there, and else where it can be."""
        depth = settings.get("depth", self.depth)
        if "back" not in settings and isinstance(depth, int):
            arrived = self.back == self.depth - 1
            settings = settings | {"back": depth - 1 if arrived else min(self.back, depth - 1)}
        return super().changed(**settings)

    @property
    def passed(self) -> Passed:
        return backward(self.activation, self.start, self.depth, int(self.width))

    @property
    def ratio(self) -> float:
        """What is left after so many layers, of the spread in the last."""
        spread = self.passed.spread
        return float(spread[self.depth - 1 - self.back] / spread[-1])

    def reached(self) -> bool:
        arrived = self.back == self.depth - 1
        return self.depth >= 12 and arrived and 0.5 <= self.ratio <= 2

    def scene(self) -> Scene:
        return Scene((self.histogram_panel(), self.spread_panel()), self.words(), columns=2)

    @property
    def seen(self) -> slice:
        """The layers that the gradient has reached."""
        return slice(self.depth - 1 - self.back, self.depth)

    def histogram_panel(self) -> Panel:
        shares = np.zeros((self.depth, len(BINS) - 1))
        shares[self.seen] = self.passed.histograms[self.seen]
        ticks = ((0.0, "0"), (0.06, "6 %"), (0.12, "12 %"))
        low, high = 0.5, self.depth + 0.5
        heat = Heat(shares, ticks, 0.0, "share", (BINS[0], BINS[-1], low, high))
        xlabel, title = "log₁₀ |∂ℓ/∂z|", "a histogram of each layer"
        xlim = BINS[0], BINS[-1]
        return Panel(xlim, (low, high), xlabel, "layer", (heat,), 0.8, True, title)

    def spread_panel(self) -> Panel:
        layers = np.arange(1, self.depth + 1)[self.seen]

        def line(values: Floats) -> Floats:
            return np.column_stack([layers, np.clip(values[self.seen], 1e-30, 1e30)])

        items: tuple[Item, ...] = (
            Line(line(self.passed.weights), "orange", True, "std of ∂ℓ/∂W", marker="square"),
            Line(line(self.passed.spread), "blue", label="std of ∂ℓ/∂z", marker="circle"),
        )
        if self.passed.spread[self.seen].min() < LOWEST:
            items += (Label((0.6 + 0.2 * self.depth, 1e-11), "↓ off the panel", boxed=True),)
        xlim, title = (0.5, self.depth + 0.5), "how large they are"
        ylim = LOWEST, HIGHEST
        return Panel(xlim, ylim, "layer", "", items, 0.8, True, title, ylog=True)

    def words(self) -> str:
        network = (
            f"{self.depth} hidden layers of {self.width} {ACTIVATIONS[self.activation]} units, "
            f"weights of spread {STARTS[self.start]}."
        )
        last = self.passed.spread[-1]
        if self.back == 0:
            return f"{network} In layer {self.depth} ∂ℓ/∂z has the spread {scientific(last)}."
        layer = self.depth - self.back
        verdict = ""
        if self.ratio < 0.01:
            verdict = " It vanishes."
        elif self.ratio > 100:
            verdict = " It explodes."
        went = f"Back from layer {self.depth} to {layer}, ∂ℓ/∂z went from {scientific(last)}"
        to = f"to {scientific(self.passed.spread[layer - 1])}"
        return (
            f"{network} {went} {to}: times {self.ratio ** (1 / self.back):.2f} per layer.{verdict}"
        )


layer_histograms = widget(LayerHistograms)
