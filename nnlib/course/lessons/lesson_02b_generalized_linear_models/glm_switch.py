"""Target and link, chosen apart: what a generalized linear model says, and what it leaves over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import lgamma
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nnlib.classical import LinearRegression, LogisticRegression, PoissonRegression
from nnlib.course.kit.numbers import counted, number, significant
from nnlib.course.kit.scene import Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, slider, widget

Mask = NDArray[np.bool_]

N = 60
WARMTH = (-1.0, 3.0)  # tens of degrees Celsius
REACH = (-4.0, 8.0)  # of w and b
TARGETS = {
    "count": "a count: bicycles an hour",
    "yes-no": "yes or no: ice on the road",
    "number": "a number: minutes late",
}
LINKS = {"identity": "ŷ = z", "sigmoid": "ŷ = σ(z)", "exp": "ŷ = exp(z)"}
HEIGHTS = {"count": (-6.0, 26.0), "yes-no": (-0.8, 1.8), "number": (-6.0, 8.0)}
IMPOSSIBLE = {"count": "negative", "yes-no": "no probability", "number": ""}


def mean(link: str, z: Floats) -> Floats:
    """ŷ = t(z).

    >>> mean("exp", np.array([0.0, 1.0])).round(2)
    array([1.  , 2.72])
    """
    if link == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-z)))
    return np.asarray(np.exp(z)) if link == "exp" else z


def possible(target: str, y_hat: Floats) -> Mask:
    """Whether a distribution of the target can have this mean."""
    if target == "yes-no":
        return (y_hat > 0) & (y_hat < 1)
    return np.asarray(y_hat > 0 if target == "count" else np.isfinite(y_hat))


def variance(target: str, y_hat: Floats) -> Floats:
    """How much the target varies around this mean; nan where it cannot have it."""
    v = {"count": y_hat, "yes-no": y_hat * (1 - y_hat), "number": np.ones_like(y_hat)}[target]
    return np.where(possible(target, y_hat), v, np.nan)


def loss(target: str, y_hat: Floats, y: Floats) -> float:
    """The mean of −ln p(y): infinite where some ŷ is no mean of such a target.

    >>> round(loss("count", np.array([2.0]), np.array([1.0])), 3)  # −ln(2 e⁻²)
    1.307
    """
    if not possible(target, y_hat).all():
        return np.inf
    if target == "count":
        losses = y_hat - y * np.log(y_hat) + np.array([lgamma(k + 1) for k in y])
    elif target == "yes-no":
        losses = -y * np.log(y_hat) - (1 - y) * np.log(1 - y_hat)
    else:
        losses = (y - y_hat) ** 2 / 2 + np.log(2 * np.pi) / 2
    return float(losses.mean())


@lru_cache
def examples(target: str) -> tuple[Floats, Floats]:
    """Sixty days: x, and what was seen. They are drawn from the three distributions themselves."""
    rng = np.random.default_rng(2)
    x = np.sort(rng.uniform(*WARMTH, N))
    if target == "count":
        return x, rng.poisson(np.exp(0.6 + 0.8 * x)).astype(float)
    if target == "yes-no":
        return x, (rng.random(N) < mean("sigmoid", 1.5 - 2 * x)).astype(float)
    return x, rng.normal(3 - 1.5 * x)


@lru_cache
def fitted(target: str, link: str) -> tuple[float, float]:
    """w and b of nnlib's own model with this link, as near as it can be brought to the target."""
    x, y = examples(target)
    if link == "identity":
        model: Any = LinearRegression().fit(x[:, None], y)
    elif link == "exp":
        model = PoissonRegression().fit(x[:, None], np.maximum(y, 0))
    else:
        model = LogisticRegression().fit(x[:, None], (y >= 0.5).astype(int))
    w, b = np.round([model.weight[0], model.bias], 1).clip(*REACH)
    return float(w), float(b)


@dataclass(frozen=True)
class GlmSwitch(Model):
    """One score z = w x + b, three kinds of target, three links.

    *Fit* sets w and b as the model with this link would: a line by least squares, σ by logistic
    regression (it takes y ≥ ½ for yes), exp by Poisson regression (it takes y < 0 for 0).
    """

    title = "Target and link"
    goal = "for the bicycles, a loss of 2.2 or less"
    buttons = (Button("fit", "Fit"),)

    target: str = choice("Target", TARGETS, at="count")
    link: str = choice("Link", LINKS, at="identity")
    w: float = slider("w", *REACH, 0.1, at=0.0)
    b: float = slider("b", *REACH, 0.1, at=5.0)

    def changed(self, **settings: Any) -> Self:
        """Another target begins with a flat line."""
        anew = {"w": 0.0, "b": 0.0} if "target" in settings else {}
        return super().changed(**{**anew, **settings})

    def fit(self) -> Self:
        w, b = fitted(self.target, self.link)
        return replace(self, w=w, b=b)

    def says(self, x: Floats) -> Floats:
        return mean(self.link, self.w * x + self.b)

    @property
    def loss(self) -> float:
        x, y = examples(self.target)
        return loss(self.target, self.says(x), y)

    @property
    def impossible(self) -> int:
        """For how many examples the model says what cannot be."""
        return int((~possible(self.target, self.says(examples(self.target)[0]))).sum())

    def reached(self) -> bool:
        return self.target == "count" and self.loss <= 2.2

    def scene(self) -> Scene:
        return Scene((self.data_panel(), self.residual_panel()), self.words(), columns=2)

    def data_panel(self) -> Panel:
        x, y = examples(self.target)
        bottom, top = HEIGHTS[self.target]
        along = np.linspace(*WARMTH, 121)
        curve = self.says(along)
        fine = possible(self.target, curve)
        items: list[Item] = [Points(np.column_stack([x, y]), "circle", "blue", "y", "small")]
        items.append(_line(along, curve, fine, bottom, top, "ink", "solid", "ŷ"))
        if not fine.all():
            cannot = f"ŷ {IMPOSSIBLE[self.target]}"
            items.append(_line(along, curve, ~fine, bottom, top, "vermillion", "dashed", cannot))
        reach = 2 * np.sqrt(variance(self.target, curve))
        for edge, name in ((curve - reach, ""), (curve + reach, "ŷ ± 2√variance")):
            items.append(_line(along, edge, fine, bottom, top, "green", "dotted", name))
        limits = (-1.1, 3.1), (bottom, top)
        return Panel(*limits, "x, in 10 °C", "y", tuple(items), 0.9, title="What it says")

    def residual_panel(self) -> Panel:
        x, y = examples(self.target)
        bottom, top = HEIGHTS[self.target]
        half = (top - bottom) / 2
        left = np.clip(y - self.says(x), -0.97 * half, 0.97 * half)  # at the edge: beyond it
        along = np.linspace(*WARMTH, 121)
        reach = 2 * np.sqrt(variance(self.target, self.says(along)))
        fine = np.isfinite(reach)
        items: tuple[Item, ...] = (
            Line(np.array([[-1.1, 0.0], [3.1, 0.0]]), "gray"),
            Points(np.column_stack([x, left]), "square", "blue", "residual y − ŷ", "small"),
            _line(along, reach, fine, -half, half, "green", "dotted", ""),
            _line(along, -reach, fine, -half, half, "green", "dotted", ""),
        )
        limits = (-1.1, 3.1), (-half, half)
        return Panel(*limits, "x, in 10 °C", "y − ŷ", items, 0.9, title="What it leaves over")

    def words(self) -> str:
        name = {"count": "Bicycles", "yes-no": "Ice", "number": "Minutes late"}[self.target]
        model = f"{name}, {LINKS[self.link]}, w = {number(self.w)}, b = {number(self.b)}"
        return f"{model}. {self.step_in_words()} {self.loss_in_words()}"

    def step_in_words(self) -> str:
        if self.link == "identity":
            return f"10 °C more add {number(self.w)} to ŷ."
        what = "ŷ" if self.link == "exp" else "the odds"
        return f"10 °C more multiply {what} by {significant(float(np.exp(self.w)))}."

    def loss_in_words(self) -> str:
        if self.impossible:
            where = f"on {counted(self.impossible, 'day')} of {N} ŷ is {IMPOSSIBLE[self.target]}"
            return f"The loss is infinite: {where}."
        return f"The loss, the mean of −ln p(y), is {number(self.loss)}."


def _line(
    x: Floats,
    y: Floats,
    shown: Mask,
    bottom: float,
    top: float,
    color: str,
    style: str,
    label: str,
) -> Line:
    """The line where it is to be shown and inside the picture; elsewhere a gap."""
    inside = shown & (y >= bottom) & (y <= top)
    return Line(np.column_stack([x, np.where(inside, y, np.nan)]), color, label=label, style=style)


glm_switch = widget(GlmSwitch)
