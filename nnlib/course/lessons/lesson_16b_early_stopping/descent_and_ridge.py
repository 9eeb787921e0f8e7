"""Gradient descent that is stopped, beside a ridge: two ways from 0 to u, the best w."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnlib.course.kit.numbers import counted, number, significant
from nnlib.course.kit.scene import Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, log_slider, steps, widget

BEST = np.array([1.2, 0.8])  # u
CURVATURES = np.array([2.0, 0.1])  # h of w₁, of w₂
LAMBDA = (0.01, 10.0)
LAST, STRIDE = 200, 5
RATES = {"0.02": "0.02", "0.05": "0.05", "0.1": "0.1"}
NEAR = 0.05
LEVELS = (0.02, 0.1, 0.4, 1.2, 3.0)  # of the loss, at which a line is drawn
SPAN = (0.01, 4.0)  # of the curvatures in the right panel
BUTTONS = (
    Button("play", "Descend", plays=True, interval=150, by=STRIDE),
    Button("again", "Again", by=-LAST),
)


def descent_share(h: Floats, lr: float, t: int | NDArray[np.int_]) -> Floats:
    """Which share of its u gradient descent has after t steps from 0, at curvature h."""
    share: Floats = 1 - (1 - 2 * lr * h) ** t
    return share


def ridge_share(h: Floats, lam: float | Floats) -> Floats:
    """Which share of its u a ridge leaves, at curvature h."""
    share: Floats = h / (h + lam)
    return share


@dataclass(frozen=True)
class DescentAndRidge(Model):
    """The loss Σⱼ hⱼ (wⱼ − uⱼ)²: descent from 0, stopped after `t` steps, and the ridge of `lam`."""

    title = "Stop early, or shrink"
    goal = f"fit more than half of w₂, with the two models within {NEAR} of each other"
    on_every_page = ({"lr": "0.05", "t": 80, "lam": 0.079},)

    lr: str = choice("η", RATES, at="0.05")
    t: int = steps(LAST, *BUTTONS, at=0, label="Steps", each=STRIDE)
    lam: float = log_slider("λ of the ridge", *LAMBDA, at=1.0, per_decade=10)

    @property
    def stopped(self) -> Floats:
        w: Floats = descent_share(CURVATURES, float(self.lr), self.t) * BEST
        return w

    @property
    def ridge(self) -> Floats:
        w: Floats = ridge_share(CURVATURES, self.lam) * BEST
        return w

    @property
    def alike(self) -> float:
        """The λ of the ridge that such a descent is like, 1/(2ηt)."""
        return 1 / (2 * float(self.lr) * self.t) if self.t else np.inf

    @property
    def distance(self) -> float:
        return float(np.linalg.norm(self.stopped - self.ridge))

    def reached(self) -> bool:
        half = BEST[1] / 2
        both = bool(min(self.stopped[1], self.ridge[1]) > half)
        return both and self.distance <= NEAR

    def scene(self) -> Scene:
        return Scene((self.plane(), self.shares()), self.words(), columns=2)

    def plane(self) -> Panel:
        steps_so_far = np.arange(self.t + 1)[:, None]
        went = descent_share(CURVATURES, float(self.lr), steps_so_far) * BEST
        items: tuple[Item, ...] = (
            *valley(),
            Line(ridge_path(), "vermillion", style="dashed", label="ridge, every λ"),
            Line(went, "ink", label="descent"),
            Points(BEST[None], "ring"),
            Points(self.ridge[None], "square", "vermillion", label="ridge"),
            Points(self.stopped[None], "circle", "ink", label="stopped here"),
        )
        return Panel((-0.1, 1.5), (-0.1, 1.2), "w₁", "w₂", items, height=0.8)

    def shares(self) -> Panel:
        h = np.geomspace(*SPAN, 61)
        lr = float(self.lr)
        items: tuple[Item, ...] = (
            Line(np.column_stack([h, ridge_share(h, self.lam)]), "vermillion", style="dashed"),
            Line(np.column_stack([h, descent_share(h, lr, self.t)]), "ink"),
            Points(np.column_stack([CURVATURES, self.ridge / BEST]), "square", "vermillion"),
            Points(np.column_stack([CURVATURES, self.stopped / BEST]), "circle", "ink"),
        )
        limits = SPAN, (-0.05, 1.05)
        return Panel(*limits, "curvature h", "share of u", items, height=0.8, xlog=True)

    def words(self) -> str:
        def point(w: Floats) -> str:
            return f"({number(w[0])}, {number(w[1])})"

        alike = f" 1/(2ηt) is {significant(self.alike)}." if self.t else ""
        return (
            f"Best: u = (1.2, 0.8), with curvature 2 along w₁ and 0.1 along w₂. Descent, stopped after "
            f"{counted(self.t, 'step')} at η = {self.lr}: w = {point(self.stopped)}. Ridge with "
            f"λ = {significant(self.lam)}: w = {point(self.ridge)}. They are {number(self.distance)} "
            f"apart.{alike}"
        )


@lru_cache
def valley() -> tuple[Item, ...]:
    """Lines of equal loss around u."""
    turn = np.linspace(0, 2 * np.pi, 97)
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    lines = [BEST + np.sqrt(level / CURVATURES) * circle for level in LEVELS]
    return tuple(Line(line, "gray") for line in lines)


@lru_cache
def ridge_path() -> Floats:
    """The ridge for every λ: (61, 2)."""
    lams = np.geomspace(1e-3, 1e3, 61)[:, None]
    path: Floats = ridge_share(CURVATURES, lams) * BEST
    return path


descent_and_ridge = widget(DescentAndRidge)
