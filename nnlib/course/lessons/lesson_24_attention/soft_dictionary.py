"""A dictionary that answers softly: six keys, six values, a query, and how decided the lookup is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import nnlib.nn.functional as F
from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Arrow, Bars, Floats, Item, Label, Panel, Points, Scene
from nnlib.course.kit.widget import Model, slider, widget

VALUES = np.array([4.0, -2.0, 7.0, 1.0, -5.0, 3.0])
ANGLES = np.arange(6) * 60
ENOUGH, LARGEST = 0.99, 11.0  # of the goal


def on_circle(degrees: float | Floats) -> Floats:
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=-1)


KEYS = on_circle(ANGLES.astype(float))


@dataclass(frozen=True)
class SoftDictionary(Model):
    """The query points at `angle`, in degrees; its scores with the keys are multiplied by `beta`."""

    title = "A soft dictionary"
    goal = f"99 % of one value, with β at most {LARGEST:.0f}"

    angle: float = slider("Query", 0, 350, 10, at=40)
    beta: float = slider("β", 0.0, 20.0, 0.5, at=0.0)

    @property
    def weights(self) -> Floats:
        """softmax(β ⟨q, kⱼ⟩), over the keys"""
        weights: Floats = F.softmax(self.beta * (KEYS @ on_circle(self.angle)), 0).data
        return weights

    @property
    def answer(self) -> float:
        return float(self.weights @ VALUES)

    def reached(self) -> bool:
        return bool(self.weights.max() >= ENOUGH and self.beta <= LARGEST)

    def scene(self) -> Scene:
        return Scene((self.keys(), self.taken()), self.words(), columns=2)

    def keys(self) -> Panel:
        items: list[Item] = [Points(KEYS, "circle", "gray")]
        items += [Label(key * np.array([1.32, 1.2]), f"key {j}") for j, key in enumerate(KEYS, 1)]
        items.append(Arrow(np.zeros(2), on_circle(self.angle), "blue", "query"))
        return Panel((-1.5, 1.5), (-1.5, 1.5), "", "", tuple(items), 0.9, axes=False)

    def taken(self) -> Panel:
        """How much of each value comes back."""
        weights = self.weights
        items: list[Item] = [Bars(weights, "blue", positions=np.arange(1.0, 7.0))]
        for j, (weight, value) in enumerate(zip(weights, VALUES, strict=True), 1):
            words = f"{weight:.0%}" if weight >= 0.005 else "0%"
            items.append(Label((j, weight + 0.05), words, size="small"))
            items.append(Label((j, -0.08), f"v = {number(value)}", size="small"))
        title = f"answer: {number(round(self.answer, 2))}"
        limits = (0.4, 6.6), (-0.15, 1.12)
        return Panel(*limits, "", "weight", tuple(items), 0.9, whole=True, title=title)

    def words(self) -> str:
        most = int(self.weights.argmax())
        if self.beta == 0:
            return "With β = 0 all six weights are 1/6: the answer is the mean of all values, 1.33."
        return (
            f"β = {number(self.beta)}: value {most + 1} has the most weight, "
            f"{self.weights[most]:.1%}. The answer is {number(round(self.answer, 2))}."
        )


soft_dictionary = widget(SoftDictionary)
