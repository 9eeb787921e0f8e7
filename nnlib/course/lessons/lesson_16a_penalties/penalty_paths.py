"""Twenty weights over λ, three of which matter, and what they are worth on new examples."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.kit.numbers import counted, number, significant
from nnlib.course.kit.scene import Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, log_slider, widget
from nnlib.course.lessons.lesson_16a_penalties.penalized import PENALTIES, path_of_weights
from nnlib.viz.style import roles

LAMBDA = (0.01, 4.0)
TRUE = np.array([2.0, -1.5, 1.0])  # the other 17 are 0
GOAL = 0.38


@dataclass(frozen=True)
class PenaltyPaths(Model):
    """The weights of the lesson's experiment for every λ, and the two losses; `lam` is λ."""

    title = "Twenty weights, three of which matter"
    goal = f"bring the validation loss down to {GOAL}"
    on_every_page = ({"penalty": "L1", "lam": 0.13},)

    penalty: str = choice("Penalty", PENALTIES, at="L2")
    lam: float = log_slider("λ", *LAMBDA, at=0.25, per_decade=10)

    def reached(self) -> bool:
        return self.losses[1] <= GOAL

    @property
    def w(self) -> Floats:
        return best_weights(self.penalty, self.lam)

    @property
    def losses(self) -> tuple[float, float]:
        """On the training examples and on new ones, without the penalty."""
        X, y, X_val, y_val = examples()
        return loss(X, y, self.w), loss(X_val, y_val, self.w)

    def scene(self) -> Scene:
        return Scene((self.weights_panel(), self.loss_panel()), self.words(), columns=2)

    def weights_panel(self) -> Panel:
        low, high = -1.8, 2.4
        items: tuple[Item, ...] = (
            *weight_lines(self.penalty),
            Line(np.array([[self.lam, low], [self.lam, high]]), style="dashed"),
            Points(np.column_stack([np.full(3, self.lam), self.w[:3]]), "square", "orange"),
        )
        return Panel(LAMBDA, (low, high), "λ", "weight", items, height=0.9, xlog=True)

    def loss_panel(self) -> Panel:
        here = np.column_stack([[self.lam] * 2, self.losses])
        items: tuple[Item, ...] = (
            *loss_lines(self.penalty),
            Line(np.array([[self.lam, 0], [self.lam, 2]]), style="dashed"),
            Points(here[:1], "circle", "blue"),
            Points(here[1:], "triangle", "green"),
        )
        limits = LAMBDA, (0.0, 2.0)
        return Panel(*limits, "λ", "squared error", items, height=0.9, xlog=True)

    def words(self) -> str:
        useful, useless = self.w[:3], self.w[3:]
        kept = ", ".join(number(value) for value in useful)
        zeros = int((useless == 0).sum())
        training, validation = self.losses
        return (
            f"{self.penalty}, λ = {significant(self.lam)}: the three useful weights are {kept} "
            f"(true: 2, −1.5, 1); {counted(zeros, 'of the 17 useless is', 'of the 17 useless are')} "
            f"exactly 0, and the largest of them is {number(np.abs(useless).max())}. Training loss "
            f"{training:.3f}, validation loss {validation:.3f}."
        )


@lru_cache
def examples() -> tuple[Floats, Floats, Floats, Floats]:
    """Of the lesson's 100 examples the first 40, to train on, and 1000 new ones to validate."""
    rng = np.random.default_rng(0)
    w = np.concatenate([TRUE, np.zeros(17)])
    drawn: list[Floats] = []
    for n in (100, 1000):
        inputs = rng.normal(size=(n, 20))
        drawn += [inputs, inputs @ w + 0.5 * rng.normal(size=n)]
    X, y, X_val, y_val = drawn
    return X[:40], y[:40], X_val, y_val


def loss(X: Floats, y: Floats, w: Floats) -> float:
    return float(((X @ w - y) ** 2).mean())


@lru_cache
def best_weights(penalty: str, lam: float) -> Floats:
    X, y, *_ = examples()
    w: Floats = path_of_weights(X, y, np.array([lam]), penalty)[0]
    return w


@lru_cache
def whole_path(penalty: str) -> tuple[Floats, Floats]:
    X, y, *_ = examples()
    lams = np.geomspace(*LAMBDA, 46)
    return lams, path_of_weights(X, y, lams, penalty)


@lru_cache
def weight_lines(penalty: str) -> tuple[Item, ...]:
    lams, path = whole_path(penalty)
    lines = [np.column_stack([lams, path[:, j]]) for j in range(20)]
    gap = np.full((1, 2), np.nan)
    useless = np.concatenate([part for line in lines[3:] for part in (line, gap)])
    return (
        Line(useless, "gray", label="17 useless"),
        *(Line(line, "orange", label="" if j else "3 useful") for j, line in enumerate(lines[:3])),
    )


@lru_cache
def loss_lines(penalty: str) -> tuple[Item, ...]:
    X, y, X_val, y_val = examples()
    lams, path = whole_path(penalty)
    items: list[Item] = []
    for name, inputs, targets in (("training", X, y), ("validation", X_val, y_val)):
        line = np.column_stack([lams, [loss(inputs, targets, w) for w in path]])
        look = asdict(roles[name]) | {"marker": ""}
        items.append(Line(line, label=name, **look))
    return tuple(items)


penalty_paths = widget(PenaltyPaths)
