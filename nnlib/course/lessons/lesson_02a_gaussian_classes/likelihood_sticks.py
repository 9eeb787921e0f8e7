"""A logistic curve through twelve examples: the probability that it gave to each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from nnlib import Tensor, optim
from nnlib.course.kit.numbers import number, scientific
from nnlib.course.kit.scene import Bars, Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, slider, widget
from nnlib.nn import functional as F

X = np.array([-3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0])
LABELS = {
    "overlap": np.array([0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1]),
    "apart": np.array([0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]),
}
NAMES = {"overlap": "classes overlap", "apart": "classes apart"}
WINDOW = (-3.5, 3.5)
SLOPES = (-2.0, 10.0)  # the range of w
OFFSETS = (-8.0, 8.0)  # and of b
STEPS, RATE = 10, 1.0  # of gradient descent, for each press of the button
DECIMALS = 3  # of w and b after it: where they settle, the button comes to rest
TOP = 3.0  # of the losses that are shown
HEIGHT = 0.5  # of each panel, as a share of its width


def losses(w: Floats | float, b: float, y: Floats) -> Floats:
    """−log of the probability of each label, for one w or, in rows, for many."""
    z = np.multiply.outer(w, X) + b
    each: Floats = np.logaddexp(0, z) - y * z
    return each


@dataclass(frozen=True)
class LikelihoodSticks(Model):
    """ŷ = σ(w x + b) for twelve examples; each stick is the probability of what was really seen."""

    title = "The likelihood of twelve examples"
    goal = "where the classes overlap, bring the mean of −log to 0.4 or less"
    buttons = (Button("descend", f"{STEPS} steps downhill", plays=True, interval=150),)

    data: str = choice("Data", NAMES, at="overlap")
    w: float = slider("w", *SLOPES, 0.1, at=0.0)
    b: float = slider("b", *OFFSETS, 0.1, at=0.0)

    @property
    def y(self) -> Floats:
        return LABELS[self.data].astype(float)

    def probabilities(self) -> Floats:
        """What the curve gave to each label: ŷ where y is 1, else 1 − ŷ."""
        given: Floats = np.exp(-losses(self.w, self.b, self.y))
        return given

    def loss(self) -> float:
        return float(losses(self.w, self.b, self.y).mean())

    def descend(self) -> Self:
        """The model after some steps of gradient descent; w and b stay within their sliders."""
        w, b = (Tensor(np.array(value), requires_grad=True) for value in (self.w, self.b))
        optimizer = optim.SGD([w, b], lr=RATE)
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = F.binary_cross_entropy_with_logits(w * Tensor(X) + b, Tensor(self.y))
            loss.backward()
            optimizer.step()
        kept = (np.clip(v.data, *ends) for v, ends in ((w, SLOPES), (b, OFFSETS)))
        new_w, new_b = (round(float(value), DECIMALS) for value in kept)
        return self.changed(w=new_w, b=new_b)

    def reached(self) -> bool:
        return self.data == "overlap" and self.loss() <= 0.4

    def scene(self) -> Scene:
        return Scene((self.curve(), self.valley(), self.bars()), self.words(), columns=2)

    def curve(self) -> Panel:
        """The curve, and from the wrong label to it the stick of each example."""
        across = np.linspace(*WINDOW, 100)
        y_hat = 1 / (1 + np.exp(-(self.w * across + self.b)))
        at = 1 / (1 + np.exp(-(self.w * X + self.b)))
        gaps = np.full((len(X), 2), np.nan)
        sticks = np.stack([np.column_stack([X, 1 - self.y]), np.column_stack([X, at]), gaps], 1)
        kinds = ((0, "circle", "blue"), (1, "square", "orange"))
        items: tuple[Item, ...] = (
            Line(sticks.reshape(-1, 2), "vermillion", label="given to the label"),
            Line(np.column_stack([across, y_hat]), label="σ(w x + b)"),
            *(
                Points(np.column_stack([X, self.y])[self.y == k], marker, color, f"y = {k}")
                for k, marker, color in kinds
            ),
        )
        return Panel(WINDOW, (-0.1, 1.1), "x", "ŷ", items, HEIGHT, title="a stick for each example")

    def bars(self) -> Panel:
        each = np.minimum(losses(self.w, self.b, self.y), TOP)
        items = (Bars(each, "vermillion", positions=X, width=0.35),)
        return Panel(WINDOW, (0.0, TOP), "x", "−log", items, HEIGHT, title="−log of each stick")

    def valley(self) -> Panel:
        """The mean loss for every w, at this b."""
        w = np.linspace(*SLOPES, 121)
        mean = losses(w, self.b, self.y).mean(1)
        here = np.array([[self.w, self.loss()]])
        items = (
            Line(np.column_stack([w, np.minimum(mean, 2 * TOP)]), "purple"),
            Points(here, "circle", "ink"),
        )
        return Panel(
            SLOPES, (0.0, TOP), "w", "mean of −log", items, HEIGHT, title="the loss for every w"
        )

    def words(self) -> str:
        p = self.probabilities()
        least = int(p.argmin())
        return (
            f"{NAMES[self.data].capitalize()}. w = {number(self.w)}, b = {number(self.b)}. "
            f"The product of the {len(X)} probabilities "
            f"is {scientific(float(p.prod()))}, the mean of their −log {self.loss():.3g}. The shortest "
            f"stick is {scientific(float(p[least]))}, at x = {number(X[least])}."
        )


likelihood_sticks = widget(LikelihoodSticks)
