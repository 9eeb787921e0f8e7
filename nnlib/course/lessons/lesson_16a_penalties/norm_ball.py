"""A loss of two weights, a penalty, and the ball that stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.kit.numbers import number, significant
from nnlib.course.kit.scene import Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, log_slider, slider, widget
from nnlib.course.lessons.lesson_16a_penalties.penalized import (
    PENALTIES,
    lowest_in_the_plane,
    size,
)

BEST = np.array([1.2, 0.8])  # w*, where the loss alone is lowest
FLAT, STEEP = 1.0, 6.0  # h, half of the curvature, along the valley and across it
LAMBDA = (0.1, 32.0)
LEVELS = (0.1, 0.5, 1.5, 3.5)  # of the loss, at which a line is drawn


@dataclass(frozen=True)
class NormBall(Model):
    """The best w with an L1 or an L2 penalty, in a valley of the loss that can be turned.

    `lam` is λ; `degrees` is the direction in which the valley is flat, 0 along w₁.
    """

    title = "A penalty and its ball"
    goal = "with L1, switch off w₂ and keep w₁"
    on_every_page = ({"penalty": "L1", "lam": 1.0, "degrees": 90},)

    penalty: str = choice("Penalty", PENALTIES, at="L2")
    lam: float = log_slider("λ", *LAMBDA, at=0.5, per_decade=6)
    degrees: int = slider("Valley turned by (°)", 0, 165, 15, at=0)

    @property
    def H(self) -> Floats:
        return valley(self.degrees)

    @property
    def w(self) -> Floats:
        return lowest_in_the_plane(self.H, BEST, self.lam, self.penalty)

    def reached(self) -> bool:
        return self.penalty == "L1" and bool(self.w[1] == 0 and self.w[0] != 0)

    def scene(self) -> Scene:
        return Scene((self.plane(), self.paths()), self.words(), columns=2)

    def plane(self) -> Panel:
        way = path(self.penalty, self.degrees)
        items: tuple[Item, ...] = (
            *axes(),
            *(Line(ellipse(self.H, level), "gray") for level in LEVELS),
            Line(ellipse(self.H, self.loss), "blue", label="loss at w"),
            Line(ball(self.penalty, size(self.w, self.penalty)), "vermillion", label="ball"),
            Line(way, "ink", style="dotted", label="w for every λ"),
            Points(BEST[None], "ring", label="w*, no penalty"),
            Points(self.w[None], "square", "vermillion", label="w"),
        )
        return Panel((-1.0, 2.2), (-1.2, 2.0), "w₁", "w₂", items)

    def paths(self) -> Panel:
        way = path(self.penalty, self.degrees)
        lams = np.geomspace(*LAMBDA, len(way))
        here = np.array([[self.lam, -0.4], [self.lam, 1.6]])
        items: tuple[Item, ...] = (
            Line(np.array([[LAMBDA[0], 0], [LAMBDA[1], 0]]), "gray"),
            Line(here, "gray", style="dashed"),
            Line(np.column_stack([lams, way[:, 0]]), "green", label="w₁", marker="triangle"),
            Line(np.column_stack([lams, way[:, 1]]), "purple", True, "w₂", marker="diamond"),
            Label((self.lam, 1.66), f"λ = {significant(self.lam)}", size="small"),
        )
        return Panel(LAMBDA, (-0.4, 1.8), "λ", "weight", items, xlog=True)

    @property
    def loss(self) -> float:
        away = self.w - BEST
        return float(away @ self.H @ away)

    def words(self) -> str:
        omega = "w₁² + w₂²" if self.penalty == "L2" else "|w₁| + |w₂|"
        off = [name for name, value in zip(("w₁", "w₂"), self.w, strict=True) if value == 0]
        zeros = f"Exactly 0: {' and '.join(off)}." if off else "No weight is exactly 0."
        return (
            f"{self.penalty}, λ = {significant(self.lam)}, valley turned by {self.degrees}°: "
            f"w = ({number(self.w[0])}, {number(self.w[1])}) in place of (1.2, 0.8). "
            f"The ball: {omega} ≤ {number(size(self.w, self.penalty))}. {zeros}"
        )


def valley(degrees: float) -> Floats:
    """H (2, 2): h is FLAT in the direction of `degrees`, and STEEP across it."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    along, across = np.array([c, s]), np.array([-s, c])
    H: Floats = FLAT * np.outer(along, along) + STEEP * np.outer(across, across)
    return H


def ellipse(H: Floats, level: float) -> Floats:
    """Where (w − w*)ᵀ H (w − w*) is `level`: (65, 2)."""
    turn = np.linspace(0, 2 * np.pi, 65)
    h, axes = np.linalg.eigh(H)
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    around: Floats = BEST + np.sqrt(level) * (circle / np.sqrt(h)) @ axes.T
    return around


def ball(penalty: str, C: float) -> Floats:
    """The edge of Ω(w) ≤ C: a circle for L2, a square on its corner for L1."""
    if penalty == "L1":
        return C * np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1], [1, 0]])
    turn = np.linspace(0, 2 * np.pi, 65)
    circle: Floats = np.sqrt(C) * np.column_stack([np.cos(turn), np.sin(turn)])
    return circle


@lru_cache
def axes() -> tuple[Item, ...]:
    ends = (-1.2, 2.2)
    return (
        Line(np.array([[ends[0], 0], [ends[1], 0]]), "gray", style="dotted"),
        Line(np.array([[0, ends[0]], [0, ends[1]]]), "gray", style="dotted"),
    )


@lru_cache
def path(penalty: str, degrees: int) -> Floats:
    """The best w for λ from the smallest to the largest: (61, 2)."""
    H = valley(degrees)
    lams = np.geomspace(*LAMBDA, 61)
    return np.array([lowest_in_the_plane(H, BEST, lam, penalty) for lam in lams])


norm_ball = widget(NormBall)
