"""Ten layers of 500 units before any training: how far signals and gradients come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.kit.numbers import scientific, significant
from nnlib.course.kit.scene import Bars, Floats, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Model, Stop, choice, log_slider, widget

WIDTH, DEPTH, BATCH = 500, 10, 64
ACTIVATIONS = {"tanh": "tanh", "relu": "ReLU", "sigmoid": "sigmoid"}
SEEN = {"tanh": (-1.0, 1.0), "relu": (0.0, 3.0), "sigmoid": (0.0, 1.0)}  # of h, in a histogram
BINS = 20
YLIM = (1e-8, 1e6)
FLAT = 1.5  # the goal: at most this factor from one end to the other


@lru_cache(maxsize=1)
def draws() -> tuple[Floats, Floats, Floats]:
    """Standard normal numbers: the inputs, all weights, and the gradient that arrives at the end.

    In float32, so that a slider answers at once.
    """
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> Floats:
        return rng.standard_normal(shape, dtype=np.float32)

    return normal(BATCH, WIDTH), normal(DEPTH, WIDTH, WIDTH), normal(BATCH, WIDTH)


@dataclass(frozen=True)
class Signals:
    """What a pass there and back finds: one number per layer, and all h of the first and the last."""

    h: Floats  # standard deviations of the activations
    delta: Floats  # root mean squares of ∂ℓ/∂z, over that of the last layer
    first: Floats
    last: Floats


@lru_cache(maxsize=256)
def signals(std: float, activation: str) -> Signals:
    """A batch through ten layers whose weights have this standard deviation, and a gradient back."""
    H, weights, G = draws()
    scale = np.float32(std)
    activations, slopes = [], []
    for W in weights:
        H, slope = bent(scale * (H @ W.T), activation)
        activations.append(H)
        slopes.append(slope)
    sizes = []
    for W, slope in zip(weights[::-1], slopes[::-1], strict=True):
        D = G * slope
        sizes.append(float(np.sqrt(np.mean(np.square(D, dtype=float)))))
        G = scale * (D @ W)
    spreads = np.array([float(h.std(dtype=float)) for h in activations])
    return Signals(spreads, np.array(sizes[::-1]) / sizes[0], activations[0], activations[-1])


def bent(Z: Floats, activation: str) -> tuple[Floats, Floats]:
    """φ(z) and φ′(z)."""
    if activation == "relu":
        return np.maximum(Z, 0), (Z > 0).astype(Z.dtype)
    if activation == "tanh":
        H = np.tanh(Z)
        return H, 1 - H**2
    H = 0.5 + 0.5 * np.tanh(Z / 2)  # the sigmoid, without overflow
    return H, H * (1 - H)


@dataclass(frozen=True)
class SignalLab(Model):
    """The spread of h and of ∂ℓ/∂z in ten layers of 500 units, and the h of two layers.

    `std` is the standard deviation of all weights; biases are 0. 64 inputs of standard normal numbers
    go in, and the gradient that arrives at the end is drawn like them.
    """

    title = "Ten layers of 500 units, before any training"
    goal = "with ReLU, keep signal and gradient within a factor of 1.5 from end to end"
    tour = (
        Stop("With weights this small each layer keeps about a fifth of the spread.", std=0.01),
        Stop(
            "In layer 10 every h is close to 0, yet none is 0: the curve never stops falling.",
            light="h in layer 10",
            std=0.01,
        ),
        Stop("Large weights drive nearly every h to −1 or 1.", light="h in layer 10", std=1.0),
        Stop(
            "Few slopes are left there, but the weights multiply what they let through: it grows.",
            light="backward: ∂ℓ/∂z, layer 10 has 1",
            std=1.0,
        ),
        Stop(
            "The standard deviation 1/√500 is almost flat for tanh…",
            light="forward: standard deviation of h",
            std=0.045,
        ),
        Stop(
            "… but not for ReLU, which throws half of the square away in every layer.",
            light="forward: standard deviation of h",
            std=0.045,
            activation="relu",
        ),
    )
    on_every_page = (
        {"std": 0.01},
        {"std": 0.045},
        {"std": 1.0},
        {"std": 0.045, "activation": "relu"},
        {"std": 0.063, "activation": "relu"},
    )

    std: float = log_slider("std of the weights", 0.001, 1.0, at=0.2, per_decade=20)
    activation: str = choice("φ", ACTIVATIONS, at="tanh")

    @property
    def found(self) -> Signals:
        return signals(self.std, self.activation)

    def reached(self) -> bool:
        """Whether a ReLU network passes both on, neither shrunk nor blown up."""
        forward = self.found.h[-1] / self.found.h[0]
        backward = self.found.delta[0]
        return self.activation == "relu" and all(
            1 / FLAT < ratio < FLAT for ratio in (forward, backward)
        )

    def scene(self) -> Scene:
        found = self.found
        forward = curve(found.h, "forward: standard deviation of h", "blue", "circle")
        title = "backward: ∂ℓ/∂z, layer 10 has 1"
        backward = curve(found.delta, title, "vermillion", "square")
        first, last = (
            self.histogram(h, f"h in layer {layer}")
            for h, layer in ((found.first, 1), (found.last, DEPTH))
        )
        return Scene((forward, backward, first, last), self.words(), columns=2)

    def histogram(self, h: Floats, title: str) -> Panel:
        """Shares in bins of one width; what lies beyond the last is counted in it."""
        low, high = SEEN[self.activation]
        counts, edges = np.histogram(np.clip(h, low, high), BINS, (low, high))
        bars = Bars(
            counts / h.size, "sky blue", "", (edges[1:] + edges[:-1]) / 2, (high - low) / BINS
        )
        beyond: tuple[Item, ...] = ()
        if self.activation == "relu" and (h > high).any():
            beyond = (Label((2.6, 0.6), "3 and more →", size="small"),)
        return Panel((low, high), (0.0, 1.0), "h", "share", (bars, *beyond), 0.3, title=title)

    def words(self) -> str:
        found = self.found
        times = self.std * np.sqrt(WIDTH)
        extreme = {"tanh": np.abs(found.last) > 0.99, "relu": found.last == 0}.get(
            self.activation, np.abs(found.last - 0.5) > 0.49
        )
        what = "0" if self.activation == "relu" else "saturated"
        return (
            f"{ACTIVATIONS[self.activation]}, weights of standard deviation {significant(self.std)}, "
            f"which is {significant(times)}/√500. h has the spread {scientific(found.h[0])} in layer 1 "
            f"and {scientific(found.h[-1])} in layer 10, where {extreme.mean():.0%} of all h are {what}. "
            f"From layer 10 back to layer 1, the gradient becomes "
            f"{scientific(found.delta[0])} times as large."
        )


def curve(values: Floats, title: str, color: str, marker: str) -> Panel:
    """One number per layer, on a logarithmic axis; an arrow says where it leaves the panel."""
    layers = np.arange(1, DEPTH + 1)
    seen = np.column_stack([layers, np.clip(values, 1e-30, 1e30)])
    items: tuple[Item, ...] = (
        Line(np.array([[1, 1], [DEPTH, 1]]), "gray", style="dotted"),
        Line(seen, color, marker=marker),
    )
    for gone, height, arrow in (
        (values < YLIM[0], 10 * YLIM[0], "↓"),
        (values > YLIM[1], YLIM[1] / 10, "↑"),
    ):
        if gone.any():
            where = float(layers[gone].mean())
            items += (Label((where, height), f"{arrow} off the panel", color, boxed=True),)
    xlim = (0.5, DEPTH + 0.5)
    return Panel(xlim, YLIM, "layer", "", items, 0.5, whole=True, title=title, ylog=True)


signal_lab = widget(SignalLab)
