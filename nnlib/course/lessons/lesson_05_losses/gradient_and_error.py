"""A head and a loss: the answer, how wrong it is, and how hard the gradient pulls at the score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnlib.course.kit.numbers import number, scientific
from nnlib.course.kit.scene import Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget

WINDOW = (-10.0, 10.0)
ALONG = np.linspace(*WINDOW, 401)
FRAME = 3.0  # how far errors and slopes are drawn

Function = Callable[[Floats], Floats]


def sigmoid(z: Floats) -> Floats:
    value: Floats = np.exp(-np.logaddexp(0, -z))
    return value


# What a head makes of the score z, and its slope.
HEADS: dict[str, tuple[str, Function, Function]] = {
    "identity": ("none, ŷ = z", lambda z: z, np.ones_like),
    "sigmoid": ("sigmoid σ", sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": ("tanh", np.tanh, lambda z: 4 * sigmoid(2 * z) * sigmoid(-2 * z)),
    "relu": ("ReLU", lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "exp": ("exp", np.exp, np.exp),
}
LOSSES = {
    "squared": "squared error (ŷ − y)²",
    "cross_entropy": "cross-entropy, y from 0 to 1",
    "poisson": "Poisson ŷ − y ln ŷ, y ≥ 0",
}


@dataclass(frozen=True)
class GradientAndError(Model):
    """One score z, its target y: the answer ŷ, the loss, and the loss's slope at z."""

    title = "Gradient against error"
    goal = "find a pair and a z where ŷ is off by more than 0.9, and the slope between ±0.01"
    on_page = ("head", "loss", "z", "y")

    head: str = choice("Head", {name: shown[0] for name, shown in HEADS.items()}, at="identity")
    loss: str = choice("Loss", LOSSES, at="squared")
    z: float = slider("score z", *WINDOW, 0.1, at=0.0)
    y: float = slider("target y", -2.0, 3.0, 0.1, at=1.0)

    def answer(self, z: Floats) -> Floats:
        return HEADS[self.head][1](z)

    def losses(self, z: Floats) -> Floats:
        """The loss at each z; nan where it is not defined."""
        y_hat, y = self.answer(z), self.y
        if self.loss == "squared":
            return (y_hat - y) ** 2
        if not self.target_fits():
            return np.full(z.shape, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.loss == "poisson":
                value = np.where(y_hat > 0, y_hat - y * np.log(y_hat), np.nan)
            elif self.head == "sigmoid":  # from the score: ln(1 − σ) would lose its digits
                value = np.logaddexp(0, z) - y * z
            else:
                value = -y * np.log(y_hat) - (1 - y) * np.log(1 - y_hat)
                value = np.where((y_hat > 0) & (y_hat < 1), value, np.nan)
        shown: Floats = value
        return shown

    def slopes(self, z: Floats) -> Floats:
        """dℓ/dz at each z: the loss's slope at ŷ times the head's at z; nan where there is none."""
        y_hat, y = self.answer(z), self.y
        if (self.head, self.loss) in (("sigmoid", "cross_entropy"), ("exp", "poisson")):
            slope = y_hat - y  # the two factors cancel
        else:
            with np.errstate(divide="ignore", invalid="ignore"):
                at_answer = {
                    "squared": 2 * (y_hat - y),
                    "cross_entropy": (1 - y) / (1 - y_hat) - y / y_hat,
                    "poisson": 1 - y / y_hat,
                }[self.loss]
                slope = at_answer * HEADS[self.head][2](z)
        shown: Floats = np.where(np.isfinite(self.losses(z)), slope, np.nan)
        return shown

    def target_fits(self) -> bool:
        """Whether the loss has a meaning for this target."""
        lowest, highest = {"cross_entropy": (0, 1), "poisson": (0, np.inf)}.get(
            self.loss, (-np.inf, np.inf)
        )
        return bool(lowest <= self.y <= highest)

    @property
    def here(self) -> tuple[float, float, float]:
        """ŷ, the loss and its slope at the score z."""
        z = np.array([self.z])
        return (
            float(self.answer(z).item()),
            float(self.losses(z).item()),
            float(self.slopes(z).item()),
        )

    def reached(self) -> bool:
        y_hat, _, slope = self.here
        return abs(y_hat - self.y) > 0.9 and abs(slope) < 0.01

    def scene(self) -> Scene:
        y_hat, loss, slope = self.here
        left, right = WINDOW
        target = Line(np.array([[left, self.y], [right, self.y]]), "orange", True)
        name = Label((left + 0.4, self.y + 0.4), "target y", "orange", align="left", size="small")
        zero = Line(np.array([[left, 0], [right, 0]]), "gray", style="dotted")
        upright = Line(np.array([[0, -FRAME], [0, FRAME]]), "gray", style="dotted")
        answers, losses, slopes = self.answer(ALONG), self.losses(ALONG), self.slopes(ALONG)
        panels = (
            panel(
                "the answer ŷ", ALONG, answers, (self.z, y_hat), (WINDOW, (-3, 4)), (target, name)
            ),
            panel("the loss", ALONG, losses, (self.z, loss), (WINDOW, (-2, 6)), (zero,)),
            panel(
                "slope of the loss at z",
                answers - self.y,
                slopes,
                (y_hat - self.y, slope),
                ((-FRAME, FRAME), (-FRAME, FRAME)),
                (zero, upright),
                xlabel="error ŷ − y",
            ),
        )
        return Scene(panels, self.words(), columns=3)

    def words(self) -> str:
        y_hat, loss, slope = self.here
        told = f"At z = {number(self.z)} the answer is {size(y_hat)}, the target {number(self.y)}."
        if not self.target_fits():
            return f"{told} This loss has no meaning for such a target."
        if not np.isfinite(loss):
            return f"{told} The loss is not defined here: this head gives what has no logarithm."
        return f"{told} The loss is {size(loss)}, its slope {size(slope)}."


def panel(
    title: str,
    xs: Floats,
    ys: Floats,
    now: tuple[float, float],
    limits: tuple[tuple[float, float], tuple[float, float]],
    below: tuple[Item, ...],
    xlabel: str = "score z",
) -> Panel:
    """A curve, and a marker where we are on it: a triangle at the edge where that lies outside."""
    (left, right), (low, high) = limits
    outside = (xs < left - 1) | (xs > right + 1) | (ys < low - 1) | (ys > high + 1)
    curve = np.where(outside[:, None], np.nan, np.column_stack([xs, ys]))
    items: tuple[Item, ...] = (*below, Line(curve, "blue"))
    if np.isfinite(now).all():
        inside = left <= now[0] <= right and low <= now[1] <= high
        x, y = 0.04 * (right - left), 0.04 * (high - low)  # so that all of the triangle is seen
        edge = np.clip(now, (left + x, low + y), (right - x, high - y))
        place = np.array(now) if inside else edge
        items = (*items, Points(place[None], "circle" if inside else "triangle", "vermillion"))
    return Panel(*limits, xlabel, "", items, 0.9, title=title)


def size(value: float) -> str:
    """Two significant digits with a sign, and a power of ten where it is tiny or huge.

    >>> size(-0.0000041), size(1.5), size(0.0)
    ('−4.1 · 10⁻⁶', '1.5', '0')
    """
    return f"−{scientific(-value)}" if value < 0 else scientific(value)


gradient_and_error = widget(GradientAndError)
