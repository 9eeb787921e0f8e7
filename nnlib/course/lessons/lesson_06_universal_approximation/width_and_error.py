"""How near a hidden layer comes to a function, by its activation and its width."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.kit.numbers import scientific
from nnlib.course.kit.scene import Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget

ACTIVATIONS: dict[str, tuple[str, Callable[[Floats], Floats]]] = {
    "step": ("step H", lambda z: np.where(z >= 0, 1.0, 0.0)),
    "relu": ("ReLU", lambda z: np.maximum(z, 0)),
    "tanh": ("tanh", np.tanh),
    "square": ("z²", np.square),
    "cube": ("z³", lambda z: z**3),
    "sine": ("sine", np.sin),
}
TARGETS: dict[str, tuple[str, Callable[[Floats], Floats]]] = {
    "wave": ("sin 3πx", lambda x: np.sin(3 * np.pi * x)),
    "corner": ("|x|", np.abs),
}
VIEWS = {"inside": "from −1 to 1, where it is fitted", "wide": "from −3 to 3"}
STEP, WIDEST = 10, 150
WIDTHS = tuple(range(STEP, WIDEST + 1, STEP))
INSIDE = np.linspace(-1, 1, 201)
WIDE = np.linspace(-3, 3, 301)
LOWEST = 1e-4  # of the error's axis; below it rounding would show
ENOUGH = 0.01


def named(table: dict[str, tuple[str, Callable[[Floats], Floats]]]) -> dict[str, str]:
    return {name: label for name, (label, _) in table.items()}


def features(activation: str, x: Floats, width: int, draw: int) -> Floats:
    """φ(w x + b) for that many random units, (len(x), width), and a column of ones for the bias."""
    rng = np.random.default_rng(draw)
    w, b = 6 * rng.normal(size=WIDEST), rng.uniform(-6, 6, WIDEST)
    phi = ACTIVATIONS[activation][1]
    h = phi(x[:, None] * w[:width] + b[:width])
    return np.column_stack([h, np.ones(len(x))])


@lru_cache(maxsize=512)
def fit(activation: str, target: str, width: int, draw: int) -> tuple[Floats, float]:
    """The best output weights by least squares, and the largest gap that they leave."""
    H, f = features(activation, INSIDE, width, draw), TARGETS[target][1](INSIDE)
    v = np.linalg.lstsq(H, f, rcond=None)[0]
    return v, float(np.abs(H @ v - f).max())


@dataclass(frozen=True)
class WidthAndError(Model):
    """A hidden layer of random units; its output weights are fitted by least squares on [−1, 1].

    `draw` draws other random units.
    """

    title = "Width and error"
    goal = f"reach a largest gap of {ENOUGH} to sin 3πx with 20 hidden units"

    activation: str = choice("φ", named(ACTIVATIONS), at="step")
    target: str = choice("Target", named(TARGETS), at="wave")
    width: int = slider("Hidden units", STEP, WIDEST, STEP, at=30)
    draw: int = slider("Random draw", 0, 3, 1, at=0)
    view: str = choice("Look", VIEWS, at="inside")

    @property
    def gap(self) -> float:
        """The largest distance from the target on [−1, 1]."""
        return fit(self.activation, self.target, self.width, self.draw)[1]

    @property
    def gaps(self) -> Floats:
        """The same at every width."""
        return np.array([fit(self.activation, self.target, q, self.draw)[1] for q in WIDTHS])

    def reached(self) -> bool:
        return self.target == "wave" and self.width <= 20 and self.gap <= ENOUGH

    def output(self, x: Floats) -> Floats:
        """What the network gives."""
        v, _ = fit(self.activation, self.target, self.width, self.draw)
        values: Floats = features(self.activation, x, self.width, self.draw) @ v
        return values

    def scene(self) -> Scene:
        return Scene((self.fit_panel(), self.error_panel()), self.words(), columns=2)

    def fit_panel(self) -> Panel:
        x, reach = (INSIDE, 1.0) if self.view == "inside" else (WIDE, 3.0)
        high = 1.7 if self.view == "inside" else 6.0
        wanted = np.column_stack([x, TARGETS[self.target][1](x)])
        given = np.column_stack([x, self.output(x)])
        items: list[Item] = [
            Line(wanted, "ink", label="target", style="dashed"),
            Line(given, "blue", label="network"),
        ]
        if self.view == "wide":
            for edge in (-1.0, 1.0):
                ends = np.array([[edge, -high], [edge, high]])
                items.append(Line(ends, "gray", label="fitted between", style="dotted"))
        title = "Target and network"
        return Panel((-reach, reach), (-high, high), "x", "y", tuple(items), title=title)

    def error_panel(self) -> Panel:
        points = np.column_stack([WIDTHS, np.maximum(self.gaps, LOWEST)])
        here = np.array([[self.width, max(self.gap, LOWEST)]])
        enough = np.array([[WIDTHS[0], ENOUGH], [WIDTHS[-1], ENOUGH]])
        items = (
            Line(enough, "gray", label=f"gap {ENOUGH}", style="dotted"),
            Line(points, "vermillion", label="largest gap", marker="square"),
            Points(here, "ring", "ink", label="this width"),
        )
        limits = (0.0, WIDEST + 10.0), (LOWEST / 2, 3.0)
        title = "Largest gap at every width"
        return Panel(*limits, "hidden units", "largest gap", items, title=title, ylog=True)

    def words(self) -> str:
        name, target = ACTIVATIONS[self.activation][0], TARGETS[self.target][0]
        told = f"{self.width} random units with {name}, fitted to {target} from −1 to 1"
        inside = f"{told}: the largest gap is {tiny(self.gap)}."
        if self.view == "inside":
            return inside
        outside = np.abs(self.output(WIDE) - TARGETS[self.target][1](WIDE)).max()
        farther = "more than 100" if outside > 100 else tiny(float(outside))
        return f"{inside} From −3 to 3 it is {farther}."


def tiny(gap: float) -> str:
    """A gap with two digits, or that it is next to nothing.

    >>> tiny(0.0123), tiny(2e-9)
    ('0.012', 'below 0.0001')
    """
    return f"below {LOWEST:g}" if gap < LOWEST else scientific(gap)


width_and_error = widget(WidthAndError)
