"""A neuron on the plane: h = φ(w·x + b), its line and its arrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnlib.classical import heaviside
from nnlib.course.kit import plane
from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Floats, Heat, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget

ACTIVATIONS: dict[str, tuple[str, Callable[[Floats], Floats]]] = {
    "heaviside": ("step H", heaviside),
    "sigmoid": ("sigmoid σ", lambda z: 1 / (1 + np.exp(-z))),
    "tanh": ("tanh", np.tanh),
    "relu": ("ReLU", lambda z: np.maximum(z, 0)),
    "identity": ("identity", lambda z: z),
}
NAMES = {name: label for name, (label, _) in ACTIVATIONS.items()}
# The heat map's legend: h and how it is written, from the lowest shade to the highest.
TICKS = {
    "heaviside": ((0, "0"), (1, "1")),
    "sigmoid": ((0, "0"), (0.5, "0.5"), (1, "1")),
    "tanh": ((-1, "−1"), (0, "0"), (1, "1")),
    "relu": ((0, "0"), (2, "2"), (4, "≥ 4")),
    "identity": ((-4, "≤ −4"), (0, "0"), (4, "≥ 4")),
}


@dataclass(frozen=True)
class NeuronBoundary(Model):
    """h = φ(w₁x₁ + w₂x₂ + b) as shades on the plane, with the line z = 0 and the arrow w."""

    title = "A neuron's boundary"
    goal = "AND, with no point nearer to the line than 0.35"
    on_page = ("w1", "w2", "b", "activation", "data")

    data: str = choice("Data", plane.DATA, at="and")
    w1: float = slider("w₁", -3.0, 3.0, 0.1, at=1.0)
    w2: float = slider("w₂", -3.0, 3.0, 0.1, at=1.0)
    b: float = slider("b", -4.0, 4.0, 0.1, at=-0.5)
    activation: str = choice("φ", NAMES, at="heaviside")

    @property
    def w(self) -> Floats:
        return np.array([self.w1, self.w2])

    def heat(self, n: int = 100) -> Heat:
        """h = φ(w·x + b) at n × n points of the window."""
        phi, ticks = ACTIVATIONS[self.activation][1], TICKS[self.activation]
        h = phi(plane.grid(n) @ self.w + self.b).reshape(n, n)
        center = 0.5 if self.activation in ("heaviside", "sigmoid") else 0.0
        return Heat(h, ticks, center, "h")

    def wrong(self) -> Floats:
        """The points on the wrong side: those where ŷ = 1[z ≥ 0] is not y."""
        X, y = plane.examples(self.data)
        wrong: Floats = X[heaviside(self.preactivation(X)) != y]
        return wrong

    def reached(self) -> bool:
        if self.data != "and" or len(self.wrong()):
            return False
        nearest = np.abs(self.preactivation(plane.examples("and")[0])).min()
        return bool(nearest >= 0.35 * np.hypot(*self.w) > 0)

    def preactivation(self, X: Floats) -> Floats:
        # Sliders move in tenths, which binary numbers miss: 3 · 0.1 − 0.3 must lie on the line.
        return np.round(X @ self.w + self.b, 9)

    def scene(self) -> Scene:
        X, y = plane.examples(self.data)
        items = (
            self.heat(),
            *plane.boundary(self.w, self.b, "z = 0"),
            *plane.weight_arrow(self.w, self.b),
            *plane.class_points(X, y),
            Points(self.wrong(), "ring", label="wrong side"),
        )
        return Scene((Panel(plane.WINDOW, plane.WINDOW, "x₁", "x₂", items),), self.words())

    def words(self) -> str:
        """The formula with its numbers, the points on the right side, and where the line is."""
        n = len(plane.examples(self.data)[0])
        sides = f"{n - len(self.wrong())} of {n} points on the right side (ŷ = 1 where z ≥ 0)."
        return f"z = {formula(self.w, self.b)}. {sides} {self.line_in_words()}"

    def line_in_words(self) -> str:
        if not self.w.any():
            side = int(self.b >= 0)
            z = number(self.b)
            return (
                f"w = 0, so there is no line: z = {z} everywhere, and every point gets ŷ = {side}."
            )
        distance = abs(self.b) / np.hypot(*self.w)
        away = "" if plane.is_visible(self.w, self.b) else " and lies outside the picture"
        return f"The line z = 0 is |b| / ‖w‖ = {number(distance)} from the origin{away}."


def formula(w: Floats, b: float) -> str:
    """w·x + b with its numbers.

    >>> formula(np.array([1.0, -0.5]), -1.5)
    '1 x₁ − 0.5 x₂ − 1.5'
    """
    rest = [f"{'−' if c < 0 else '+'} {number(abs(c))}" for c in (w[1], b)]
    return f"{number(w[0])} x₁ {rest[0]} x₂ {rest[1]}"


neuron_boundary = widget(NeuronBoundary)
