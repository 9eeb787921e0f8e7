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
ALL = np.concatenate([INSIDE, WIDE])
SMALL = 1e-12  # a share of a unit that is no more than this is rounding
LOWEST = 1e-4  # of the error's axis; below it rounding would show
ENOUGH = 0.01


def named(table: dict[str, tuple[str, Callable[[Floats], Floats]]]) -> dict[str, str]:
    return {name: label for name, (label, _) in table.items()}


def features(activation: str, draw: int) -> Floats:
    """A column of ones, for the bias, and φ(w x + b) of the random units: (len(ALL), 1 + WIDEST)."""
    rng = np.random.default_rng(draw)
    w, b = 6 * rng.normal(size=WIDEST), rng.uniform(-6, 6, WIDEST)
    phi = ACTIVATIONS[activation][1]
    return np.column_stack([np.ones(len(ALL)), phi(ALL[:, None] * w + b)])


@lru_cache
def news(activation: str, draw: int) -> tuple[Floats, list[int]]:
    """What each unit can give that no unit before it can; and the numbers of those that give any.

    The rows, (k, len(ALL)), are of length 1 and orthogonal to each other where the fit is made. So
    the best fit by least squares, at every width, is a sum of as many projections.
    """
    fitted = slice(len(INSIDE))
    rows, units = np.zeros((0, len(ALL))), []
    for unit, column in enumerate(features(activation, draw).T):
        rest = column
        for _ in range(2):  # the second time for what rounding left
            rest = rest - (rows[:, fitted] @ rest[fitted]) @ rows
        size = np.linalg.norm(rest[fitted])
        if size > SMALL * np.linalg.norm(column[fitted]):
            rows = np.vstack([rows, rest / size])
            units.append(unit)
    return rows, units


@lru_cache
def fits(activation: str, target: str, draw: int) -> dict[int, Floats]:
    """For every width what the fitted network gives at the points of ALL."""
    rows, units = news(activation, draw)
    shares = rows[:, : len(INSIDE)] @ TARGETS[target][1](INSIDE)
    counts = {width: int(np.searchsorted(units, width, side="right")) for width in WIDTHS}
    return {width: shares[:count] @ rows[:count] for width, count in counts.items()}


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
        return float(self.gaps[WIDTHS.index(self.width)])

    @property
    def gaps(self) -> Floats:
        """The same at every width."""
        wanted = TARGETS[self.target][1](INSIDE)
        given = fits(self.activation, self.target, self.draw)
        return np.array([np.abs(given[q][: len(INSIDE)] - wanted).max() for q in WIDTHS])

    def reached(self) -> bool:
        return self.target == "wave" and self.width <= 20 and self.gap <= ENOUGH

    @property
    def outputs(self) -> tuple[Floats, Floats]:
        """What the network gives at the points INSIDE and WIDE."""
        given = fits(self.activation, self.target, self.draw)[self.width]
        return given[: len(INSIDE)], given[len(INSIDE) :]

    def scene(self) -> Scene:
        return Scene((self.fit_panel(), self.error_panel()), self.words(), columns=2)

    def fit_panel(self) -> Panel:
        far = self.view == "wide"
        x, reach, high = (WIDE, 3.0, 6.0) if far else (INSIDE, 1.0, 1.7)
        wanted = np.column_stack([x, TARGETS[self.target][1](x)])
        given = np.column_stack([x, self.outputs[far]])
        items: list[Item] = [
            Line(wanted, "ink", label="target", style="dashed"),
            Line(given, "blue", label="network"),
        ]
        if far:
            gap = [np.nan, np.nan]
            edges = np.array([[-1, -high], [-1, high], gap, [1, -high], [1, high]])
            items.append(Line(edges, "gray", label="fitted between", style="dotted"))
        title = "Target and network"
        return Panel(
            (-reach, reach), (-high, high), "x", "y", tuple(items), height=0.8, title=title
        )

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
        axes = "hidden units", "largest gap"
        return Panel(*limits, *axes, items, height=0.8, title=title, ylog=True)

    def words(self) -> str:
        name, target = ACTIVATIONS[self.activation][0], TARGETS[self.target][0]
        told = f"{self.width} random units with {name}, fitted to {target} from −1 to 1"
        inside = f"{told}: the largest gap is {tiny(self.gap)}."
        if self.view == "inside":
            return inside
        outside = np.abs(self.outputs[1] - TARGETS[self.target][1](WIDE)).max()
        farther = "more than 100" if outside > 100 else tiny(float(outside))
        return f"{inside} From −3 to 3 it is {farther}."


def tiny(gap: float) -> str:
    """A gap with two digits, or that it is next to nothing.

    >>> tiny(0.0123), tiny(2e-9)
    ('0.012', 'below 0.0001')
    """
    return f"below {LOWEST:g}" if gap < LOWEST else scientific(gap)


width_and_error = widget(WidthAndError)
