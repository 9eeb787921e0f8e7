"""How signals and gradients travel through a deep network at the start, with and without batch norm."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.kit.numbers import scientific, significant
from nnlib.course.kit.scene import Floats, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Model, choice, log_slider, slider, widget

WIDTH, BATCH = 100, 64
DEEPEST = 40
EPS = 1e-5
ACTIVATIONS = {"tanh": "tanh", "relu": "ReLU"}


@lru_cache(maxsize=1)
def draws() -> tuple[Floats, Floats, Floats]:
    """Standard normal numbers: the inputs, all weights, and the gradient that arrives at the end."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(BATCH, WIDTH))
    return X, rng.normal(size=(DEEPEST, WIDTH, WIDTH)), rng.normal(size=(BATCH, WIDTH))


@lru_cache(maxsize=256)
def spreads(std: float, depth: int, activation: str, batch_norm: bool) -> tuple[Floats, Floats]:
    """The standard deviations of h and of ∂L/∂h for each of the layers 1, …, depth."""
    H, weights, G = draws()
    passed = []  # per layer: φ′(y), and what the backward pass of batch norm needs
    h_spread, g_spread = np.zeros(depth), np.zeros(depth)
    for layer in range(depth):
        Z = H @ (std * weights[layer]).T
        Y, s = normalized(Z) if batch_norm else (Z, None)
        H = np.tanh(Y) if activation == "tanh" else np.maximum(Y, 0)
        slope = 1 - H**2 if activation == "tanh" else (Y > 0).astype(float)
        passed.append((slope, Y, s))
        h_spread[layer] = H.std()
    for layer in reversed(range(depth)):
        g_spread[layer] = G.std()
        slope, Y, s = passed[layer]
        G = G * slope
        if s is not None:
            G = (G - G.mean(0) - Y * (G * Y).mean(0)) / s
        G = G @ (std * weights[layer])
    return h_spread, g_spread


def normalized(Z: Floats) -> tuple[Floats, Floats]:
    """ẑ, and the √(v + ε) that it was divided by."""
    s = np.sqrt(Z.var(0) + EPS)
    return (Z - Z.mean(0)) / s, s


def off_the_panel(curve: Floats, ylim: tuple[float, float]) -> tuple[Item, ...]:
    """Where the curve without batch norm leaves the panel, an arrow in words says so."""
    for gone, height, arrow in (
        (curve < ylim[0], 4 * ylim[0], "↓"),
        (curve > ylim[1], ylim[1] / 4, "↑"),
    ):
        if gone.any():
            layer = float(np.flatnonzero(gone).mean()) + 1
            return (Label((layer, height), f"{arrow} off the panel", "vermillion", boxed=True),)
    return ()


@dataclass(frozen=True)
class InitRobustness(Model):
    """The spread of h and of ∂L/∂h, layer by layer, in a new network with and without batch norm.

    `std` is that of all weights; each hidden layer has 100 units. The batch are 64 inputs of
    standard normal numbers, and ∂L/∂h at the last layer is drawn like them.
    """

    title = "From layer to layer, before any training"
    goal = (
        "no batch norm, 20 layers: let the gradient reach layer 1 within a factor of 10 of its size"
    )

    std: float = log_slider("standard deviation of the weights", 0.001, 10.0, at=0.1)
    depth: int = slider("hidden layers", 2, DEEPEST, 1, at=10)
    activation: str = choice("φ", ACTIVATIONS, at="tanh")

    def spreads(self, batch_norm: bool) -> tuple[Floats, Floats]:
        """Those of the activations and of their gradients, layer by layer."""
        return spreads(self.std, self.depth, self.activation, batch_norm)

    def reached(self) -> bool:
        """Whether a plain network this deep passes the gradient on, neither shrunk nor blown up."""
        gradient = self.spreads(False)[1]
        return self.depth >= 20 and bool(0.1 < gradient[0] / gradient[-1] < 10)

    def scene(self) -> Scene:
        forward, backward = zip(self.spreads(False), self.spreads(True), strict=True)
        signal = self.panel(forward, "forward: std of the activations h", (1e-6, 1e4))
        gradient = self.panel(backward, "backward: std of ∂L/∂h", (1e-6, 1e6))
        return Scene((signal, gradient), self.words(), columns=2)

    def panel(self, curves: tuple[Floats, Floats], title: str, ylim: tuple[float, float]) -> Panel:
        layers = np.arange(1, self.depth + 1)
        # Far outside the panel one number is like another, and float32 has no 10⁻⁸⁰.
        seen = (np.clip(curve, 1e-30, 1e30) for curve in curves)
        without, with_bn = (np.column_stack([layers, curve]) for curve in seen)
        items: tuple[Item, ...] = (
            Line(without, "vermillion", True, "without batch norm", marker="square"),
            Line(with_bn, "blue", label="with batch norm", marker="circle"),
        )
        xlim = (0.5, self.depth + 0.5)
        items += off_the_panel(curves[0], ylim)
        return Panel(xlim, ylim, "layer", "", items, 0.8, whole=True, title=title, ylog=True)

    def words(self) -> str:
        (h, g), (h_bn, g_bn) = self.spreads(False), self.spreads(True)
        return (
            f"Weights of standard deviation {significant(self.std)}, {self.depth} layers. "
            f"Without batch norm, h has the spread {scientific(h[0])} in the first layer and {scientific(h[-1])} "
            f"in the last; with it, {scientific(h_bn[0])} and {scientific(h_bn[-1])}. A gradient of spread 1 at "
            f"the last layer arrives at the first as {scientific(g[0])}; with batch norm, as "
            f"{scientific(g_bn[0])}."
        )


init_robustness = widget(InitRobustness)
