"""Activations with their slopes, and a meter: how much of a change they let through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any, Self

import numpy as np

import nnlib.nn.functional as F
from nnlib import Tensor, maximum
from nnlib.course.kit.numbers import number, significant
from nnlib.course.kit.scene import Bars, Floats, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Model, choice, log_slider, slider, widget

EDGE = 8.0  # the pictures reach from −EDGE to EDGE
BIN = 0.25
SATURATED = 0.1  # where |φ′| is less than this
DRAWN = 2000  # equally likely values of z

NAMES = {
    "relu": "ReLU",
    "leaky": "leaky ReLU, max(αz, z)",
    "elu": "ELU",
    "selu": "SELU",
    "softplus": "softplus",
    "gelu": "GELU",
    "silu": "SiLU",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
}
ALPHAS = {"leaky": 0.1, "elu": 1.0}  # those that have an α, and where it starts
FUNCTIONS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "relu": lambda z, _: F.relu(z),
    "leaky": lambda z, alpha: maximum(alpha * z, z),  # as lectures write it, for α > 1 too
    "elu": F.elu,
    "selu": lambda z, _: F.selu(z),
    "softplus": lambda z, _: F.softplus(z),
    "gelu": lambda z, _: F.gelu(z),
    "silu": lambda z, _: F.silu(z),
    "sigmoid": lambda z, _: F.sigmoid(z),
    "tanh": lambda z, _: F.tanh(z),
}


def with_slope(name: str, z: Floats, alpha: float = 0.1) -> tuple[Floats, Floats]:
    """φ(z) and φ′(z), entry by entry, as nnlib computes them.

    >>> [x.tolist() for x in with_slope("relu", np.array([-2.0, 3.0]))]
    [[0.0, 3.0], [0.0, 1.0]]
    """
    inputs = Tensor(z, requires_grad=True)
    h = FUNCTIONS[name](inputs, alpha)
    h.sum().backward()
    return h.data, np.asarray(inputs.grad)


@lru_cache(maxsize=1)
def normal() -> Floats:
    """Values of a standard normal z, all equally likely: its quantiles."""
    levels = (np.arange(DRAWN) + 0.5) / DRAWN
    return np.array([NormalDist().inv_cdf(level) for level in levels])


@dataclass(frozen=True)
class ActivationGallery(Model):
    """An activation φ and its slope φ′, and where the z of a given mean and spread fall."""

    title = "A gallery of activations, with a saturation meter"
    goal = "mean 0, spread 3 or more: at most 5% of z saturated, and still a bend"

    activation: str = choice("Activation φ", NAMES, at="relu")
    alpha: float = slider("α (leaky ReLU, ELU)", 0.0, 2.0, 0.05, at=0.1)
    mean: float = slider("Mean of z", -5.0, 5.0, 0.25, at=0.0)
    spread: float = log_slider("Spread of z", 0.1, 10.0, at=0.1)

    def changed(self, **settings: Any) -> Self:
        """Another activation comes with its own usual α."""
        name = settings.get("activation", self.activation)
        if name != self.activation and name in ALPHAS and "alpha" not in settings:
            settings["alpha"] = ALPHAS[name]
        return super().changed(**settings)

    @property
    def z(self) -> Floats:
        """Equally likely values of z, lowest first."""
        return self.mean + self.spread * normal()

    @property
    def slopes(self) -> Floats:
        """φ′ at each of them."""
        return with_slope(self.activation, self.z, self.alpha)[1]

    @property
    def saturated(self) -> float:
        """The share of z at which next to nothing of a change comes through."""
        return float(np.mean(np.abs(self.slopes) < SATURATED))

    def reached(self) -> bool:
        straight = self.activation == "leaky" and self.alpha == 1
        wide = self.mean == 0 and self.spread >= 3
        return wide and self.saturated <= 0.05 and not straight

    def scene(self) -> Scene:
        return Scene((self.curves(), self.meter()), self.words(), columns=2)

    def curves(self) -> Panel:
        z = np.linspace(-EDGE, EDGE, 641)
        h, slope = with_slope(self.activation, z, self.alpha)
        items = (
            Line(np.array([[-EDGE, 0], [EDGE, 0]]), "gray", style="dotted"),
            Line(np.column_stack([z, h]), "blue", label="φ(z)"),
            Line(np.column_stack([z, slope]), "vermillion", True, "slope φ′(z)"),
        )
        title = f"{NAMES[self.activation].partition(',')[0]} and its slope"
        return Panel((-EDGE, EDGE), (-2.2, 4.2), "z", "", items, height=0.75, title=title)

    def meter(self) -> Panel:
        """How often z falls where; striped where it saturates. The end bars hold all beyond."""
        edges = np.arange(-EDGE, EDGE + BIN, BIN)
        middles = edges[:-1] + BIN / 2
        heights = 100 * np.histogram(np.clip(self.z, middles[0], middles[-1]), edges)[0] / DRAWN
        slopes = with_slope(self.activation, middles, self.alpha)[1]
        dull = np.abs(slopes) < SATURATED
        items: list[Item] = [
            Bars(heights[~dull], "blue", "|φ′| ≥ 0.1", middles[~dull], BIN),
            Bars(heights[dull], "vermillion", "|φ′| < 0.1, saturated", middles[dull], BIN, True),
        ]
        top = 1.35 * float(heights.max())
        told = f"saturated: {self.saturated:.0%}\nφ′ on average: {significant(self.slopes.mean())}"
        items.append(Label((0.0, 0.88 * top), told, boxed=True))
        title = "Where the values of z fall"
        limits = (-EDGE, EDGE), (0.0, top)
        return Panel(*limits, "z", "% of all z", tuple(items), height=0.75, title=title)

    def words(self) -> str:
        name = NAMES[self.activation].partition(",")[0]
        alpha = f" with α = {number(self.alpha)}" if self.activation in ALPHAS else ""
        broken = self.activation == "leaky" and self.alpha > 1
        told = (
            f"{name}{alpha}. z has mean {number(self.mean)} and spread {significant(self.spread)}: "
            f"{self.saturated:.0%} of z saturate (|φ′| < 0.1), and φ′ is "
            f"{significant(self.slopes.mean())} on average."
        )
        return told + " With α > 1, max(αz, z) is steeper above 0 than below." * broken


activation_gallery = widget(ActivationGallery)
