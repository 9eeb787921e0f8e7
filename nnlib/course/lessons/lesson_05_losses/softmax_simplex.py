"""Three logits, their probabilities as bars, and the point that these are in the simplex."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from nnlib import Tensor
from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Bars, Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, slider, widget
from nnlib.nn import functional as F

MOST = 6.0  # logits go from −6 to 6
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])  # where one class has p = 1
AIM = np.array([0.2, 0.3, 0.5])


def logit(label: str, at: float) -> float:
    setting: float = slider(label, -MOST, MOST, 0.1, at)
    return setting


@dataclass(frozen=True)
class SoftmaxSimplex(Model):
    """softmax(z₁, z₂, z₃): three probabilities, and their point in the triangle of all such."""

    title = "Three logits and the simplex"
    goal = "p = (0.2, 0.3, 0.5), each to 0.01, with z₁ = 1"
    on_every_page = ({"z1": 1.0, "z2": 1.4, "z3": 1.9},)
    buttons = (
        Button("add", "Add 1 to all"),
        Button("double", "Double all"),
        Button("halve", "Halve all"),
    )

    z1: float = logit("z₁", 2.0)
    z2: float = logit("z₂", 1.0)
    z3: float = logit("z₃", 0.0)

    @property
    def z(self) -> Floats:
        return np.array([self.z1, self.z2, self.z3])

    @property
    def p(self) -> Floats:
        """The three probabilities."""
        probabilities: Floats = np.asarray(F.softmax(Tensor(self.z), dim=0).data)
        return probabilities

    def reached(self) -> bool:
        return abs(self.z1 - 1) < 1e-9 and bool(np.abs(self.p - AIM).max() <= 0.01)

    def add(self) -> Self:
        return self.moved(self.z + 1)

    def double(self) -> Self:
        return self.moved(2 * self.z)

    def halve(self) -> Self:
        return self.moved(self.z / 2)

    def moved(self, z: Floats) -> Self:
        """The model at these logits; as it was, if a slider could not show one of them."""
        if np.abs(z).max() > MOST + 1e-9:
            return self
        z1, z2, z3 = (float(value) for value in np.clip(z, -MOST, MOST))
        return replace(self, z1=z1, z2=z2, z3=z3)

    def scene(self) -> Scene:
        return Scene((self.triangle(), self.bars()), self.words(), columns=2)

    def triangle(self) -> Panel:
        """Every point is three probabilities: the nearer to a corner, the more of that class."""
        items: tuple[Item, ...] = (
            *(
                Line(level(k, share), "gray", style="dotted")
                for k in range(3)
                for share in (0.25, 0.5, 0.75)
            ),
            Line(CORNERS[[0, 1, 2, 0]]),
            *(Label(place, text) for place, text in zip(BESIDE, NAMES, strict=True)),
            Points(AIM[None] @ CORNERS, "diamond", "green"),
            Label(AIM @ CORNERS + [0.07, 0.05], "goal", "green", align="left", size="small"),
            Points(self.p[None] @ CORNERS, "circle", "vermillion"),
            Label(self.p @ CORNERS + [0.04, 0.05], "p", "vermillion", align="left"),
        )
        title = "the simplex"
        return Panel((-0.2, 1.2), (-0.2, 1.05), "", "", items, 0.9, title=title, axes=False)

    def bars(self) -> Panel:
        heights = zip(range(1, 4), self.p, strict=True)
        shares = [Label((k, share + 0.05), f"{share:.3f}") for k, share in heights]
        items: tuple[Item, ...] = (Bars(self.p), *shares)
        title = "probabilities"
        return Panel((0.4, 3.6), (0.0, 1.12), "class", "p", items, 0.75, whole=True, title=title)

    def words(self) -> str:
        logits = ", ".join(map(number, self.z))
        shares = ", ".join(f"{share:.3f}" for share in self.p)
        losses = zip(range(1, 4), -np.log(self.p), strict=True)
        told = [f"{number(loss)} if class {k} is right" for k, loss in losses]
        return (
            f"The logits ({logits}) give p = ({shares}). "
            f"The loss −ln p is {told[0]}, {told[1]} and {told[2]}."
        )


NAMES = tuple(f"class {k}" for k in (1, 2, 3))
BESIDE = np.array([[0.0, -0.09], [1.0, -0.09], [0.5, 0.96]])


def level(k: int, share: float) -> Floats:
    """The two ends of the line on which class k has this share: parallel to the opposite side."""
    ends = [share * CORNERS[k] + (1 - share) * CORNERS[j] for j in range(3) if j != k]
    return np.array(ends)


softmax_simplex = widget(SoftmaxSimplex)
