"""A chain of units, one in each layer, and what comes back through it to the first weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nnlib.course.kit.numbers import minus, number, scientific
from nnlib.course.kit.scene import Bars, Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget

LONGEST = 20
ACTIVATIONS = {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU"}
STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}
LOW, HIGH = 1e-14, 1e10  # of the right panel; what lies beyond leaves it


class Chain(NamedTuple):
    """The layers 1, …, L in their order: φ′(z), and |∂ŷ/∂z|, which is ∂ŷ/∂w₁ at layer 1, for x = 1."""

    slopes: Floats
    arrives: Floats


def chain(activation: str, weight: float, layers: int) -> Chain:
    """hₖ = φ(w hₖ₋₁) from h₀ = x = 1, and back again."""
    slopes, h = np.zeros(layers), 1.0
    for k in range(layers):
        z = weight * h
        if activation == "sigmoid":
            h = 1 / (1 + np.exp(-z))
            slopes[k] = h * (1 - h)
        elif activation == "tanh":
            h = np.tanh(z)
            slopes[k] = 1 - h**2
        else:
            h, slopes[k] = max(z, 0.0), float(z > 0)
    arrives = np.zeros(layers)
    g = 1.0  # ∂ŷ/∂ŷ
    for k in reversed(range(layers)):
        arrives[k] = g * slopes[k]
        g = arrives[k] * abs(weight)
    return Chain(slopes, arrives)


@dataclass(frozen=True)
class GradientChain(Model):
    """ŷ = φ(w φ(w … φ(w x))) with x = 1: how much of ∂ŷ/∂ŷ = 1 arrives at the first w.

    `weight` is w, the same in every layer, and `layers` is how many there are.
    """

    title = "A gradient on its way back through a chain"
    goal = "20 layers: let something between 0.1 and 10 arrive at w₁"
    on_every_page = ({"activation": "relu", "weight": 1.0, "layers": LONGEST},)

    activation: str = choice("φ", ACTIVATIONS, at="sigmoid")
    weight: float = slider("Every weight w", -3.0, 3.0, 0.1, at=1.0)
    layers: int = slider("Layers L", 1, LONGEST, 1, at=3)

    @property
    def chain(self) -> Chain:
        return chain(self.activation, self.weight, self.layers)

    @property
    def arrived(self) -> float:
        """|∂ŷ/∂w₁|."""
        return float(self.chain.arrives[0])

    def reached(self) -> bool:
        return self.layers == LONGEST and 0.1 <= self.arrived <= 10

    def scene(self) -> Scene:
        return Scene((self.factors_panel(), self.product_panel()), self.words(), columns=2)

    def factors_panel(self) -> Panel:
        """The two factors of each layer, side by side; the first layer's weight is not among them."""
        places = np.arange(1.0, self.layers + 1)
        weights = np.full(self.layers - 1, abs(self.weight))
        items = (
            Bars(self.chain.slopes, "blue", "slope φ′(zₖ)", places - 0.2, 0.4),
            Bars(weights, "orange", "|wₖ|", places[1:] + 0.2, 0.4, hatch=True),
        )
        title = "the factors, layer by layer"
        return Panel((0.4, self.layers + 0.6), (0, 3.1), "layer k", "", items, 0.8, True, title)

    def product_panel(self) -> Panel:
        """What has arrived at each layer, on its way from the last to the first."""
        places = np.arange(1.0, self.layers + 1)
        passed = self.layers - places  # layers above, each with its weight
        most = STEEPEST[self.activation] ** (passed + 1) * abs(self.weight) ** passed
        items: list[Item] = [
            Line(_seen(places, most), "gray", style="dashed", label="at most: steepest φ′"),
            Line(_seen(places, self.chain.arrives), "blue", label="|∂ŷ/∂zₖ|", marker="circle"),
            Points(_seen(places, self.chain.arrives)[:1], "diamond", "vermillion", "at w₁"),
        ]
        if self.arrived == 0:
            items.append(Label(((1 + self.layers) / 2, 1e-7), "0 arrives", "vermillion", True))
        elif not LOW <= self.arrived <= HIGH:
            arrow, height = ("↓", 1e-12) if self.arrived < LOW else ("↑", 1e8)
            items.append(
                Label((1 + 0.2 * self.layers, height), f"{arrow} off the panel", boxed=True)
            )
        xlim, title = (0.4, self.layers + 0.6), "what arrives, from right to left"
        return Panel(xlim, (LOW, HIGH), "layer k", "", tuple(items), 0.8, True, title, ylog=True)

    def words(self) -> str:
        name = ACTIVATIONS[self.activation]
        units = f"{self.layers} {name} unit{'s' if self.layers > 1 else ''} in a row, w = {number(self.weight)}"
        if self.arrived == 0:
            return f"{units}: nothing arrives at w₁, for a unit on the way has the slope 0."
        verdict = ""
        if self.arrived < 0.001:
            verdict = ": it vanishes"
        elif self.arrived > 1000:
            verdict = ": it explodes"
        sizes = f"Of a gradient of 1 at ŷ, {scientific(self.arrived)} arrives at w₁{verdict}"
        mean = (
            f"{self.arrived ** (1 / self.layers):.2f} per layer"
            if self.layers > 1
            else "one factor"
        )
        return minus(f"{units}. {sizes}. That is {mean}.")


def _seen(places: Floats, sizes: Floats) -> Floats:
    """A line on a logarithmic axis: far outside the panel one number is like another, 0 is a gap."""
    heights = np.where(sizes > 0, np.clip(sizes, 1e-30, 1e30), np.nan)
    return np.column_stack([places, heights])


gradient_chain = widget(GradientChain)
