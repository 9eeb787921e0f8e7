"""A gradient on its way back through a hundred steps, beside the states of the way there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nnlib.course.kit.numbers import number, scientific
from nnlib.course.kit.scene import Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget

UNITS, STEPS = 50, 100
LOW, HIGH = 1e-12, 1e12  # of the gradient's panel; what lies beyond leaves it
KINDS = {"tanh": "tanh", "linear": "none: linear"}
SCALES = {"0.1": "0.1", "0.3": "0.3", "1": "1"}


class Parts(NamedTuple):
    """What a network is made of, before its settings: W of spectral radius 1, U, x, and g at the end."""

    W: Floats
    U: Floats
    x: Floats
    g: Floats


@lru_cache
def parts(seed: int = 0) -> Parts:
    rng = np.random.default_rng(seed)
    W = rng.normal(size=(UNITS, UNITS))
    W /= np.abs(np.linalg.eigvals(W)).max()
    U, x, g = rng.normal(size=UNITS), rng.normal(size=STEPS), rng.normal(size=UNITS)
    return Parts(W, U, x, g / np.linalg.norm(g))


@lru_cache
def there_and_back(rho: float, kind: str, scale: float, seed: int = 0) -> tuple[Floats, Floats]:
    """The typical size of a unit after steps 0 … T, and the gradient's length at lags 0 … T − 1."""
    W, U, x, g = parts(seed)
    h = np.zeros((STEPS + 1, UNITS))
    for t in range(STEPS):
        z = rho * (W @ h[t]) + scale * U * x[t]
        h[t + 1] = np.tanh(z) if kind == "tanh" else z
    lengths = [1.0]
    for t in range(STEPS, 1, -1):
        slopes = 1 - h[t] ** 2 if kind == "tanh" else 1.0
        g = rho * (W.T @ (slopes * g))
        lengths.append(float(np.linalg.norm(g)))
    return np.sqrt(np.mean(h**2, axis=1)), np.array(lengths)


@dataclass(frozen=True)
class GradientLag(Model):
    """50 units read 100 random numbers: what of a gradient at the last state arrives at earlier ones.

    `rho` is the spectral radius of W, `kind` the activation, `scale` the size of the inputs.
    """

    title = "A gradient on its way back through time"
    goal = "tanh, inputs of size 1: let between 0.1 and 10 arrive at lag 99"
    on_every_page = ({"rho": 1.8, "kind": "tanh", "scale": "1"},)

    rho: float = slider("Spectral radius ρ", 0.5, 2.5, 0.1, at=1.0)
    kind: str = choice("Activation", KINDS, at="tanh")
    scale: str = choice("Size of the inputs", SCALES, at="0.1")

    @property
    def lengths(self) -> Floats:
        return there_and_back(round(self.rho, 6), self.kind, float(self.scale))[1]

    @property
    def sizes(self) -> Floats:
        return there_and_back(round(self.rho, 6), self.kind, float(self.scale))[0]

    def reached(self) -> bool:
        return (self.kind, self.scale) == ("tanh", "1") and bool(0.1 <= self.lengths[-1] <= 10)

    def scene(self) -> Scene:
        return Scene((self.there(), self.back()), self.words(), columns=2)

    def there(self) -> Panel:
        line = np.column_stack([np.arange(STEPS + 1), np.clip(self.sizes, 0, 10)])
        items: list[Item] = [Line(line, "green", label="a typical |h|")]
        if self.sizes.max() > 1.2:
            items.append(Label((50, 1.05), "↑ off the panel", boxed=True))
        limits, title = ((0.0, float(STEPS)), (0.0, 1.2)), "there: the states"
        return Panel(*limits, "step t", "", tuple(items), 0.8, title=title)

    def back(self) -> Panel:
        lags = np.arange(STEPS)
        forecast = np.column_stack([lags, np.clip(float(self.rho) ** lags, 1e-30, 1e30)])
        arrives = np.column_stack([lags, np.clip(self.lengths, 1e-30, 1e30)])
        items: list[Item] = [
            Line(forecast, "gray", style="dashed", label="ρ to the lag"),
            Line(arrives, "blue", label="arrives"),
            Points(arrives[-1:], "circle", "vermillion", "lag 99"),
        ]
        if not LOW <= self.lengths[-1] <= HIGH:
            arrow, height = ("↓", 1e-10) if self.lengths[-1] < 1 else ("↑", 1e10)
            items.append(Label((75, height), f"{arrow} off the panel", boxed=True))
        limits, title = ((0.0, float(STEPS)), (LOW, HIGH)), "back: the gradient"
        return Panel(*limits, "lag", "", tuple(items), 0.8, True, title, ylog=True)

    def words(self) -> str:
        lag = [scientific(float(self.lengths[k])) for k in (10, 50, 99)]
        typical = scientific(float(self.sizes[50:].mean()))
        return (
            f"ρ = {number(self.rho)}, activation {KINDS[self.kind]}, inputs of size {self.scale}. "
            f"From step 50 on a typical |h| is {typical}. "
            f"Of a gradient of length 1, {lag[0]} arrives at lag 10, {lag[1]} at lag 50, "
            f"{lag[2]} at lag 99."
        )


gradient_lag = widget(GradientLag)
