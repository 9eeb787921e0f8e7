"""Boosting, round by round: what the stumps say together, and what they have left over."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np

from nnlib import data
from nnlib.classical import StumpBoosting
from nnlib.course.kit.numbers import number, significant
from nnlib.course.kit.scene import Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, steps, widget
from nnlib.viz import roles

N, OTHERS, NOISE = 40, 200, 0.2
LAST = 60  # rounds
RATES = {"0.1": "0.1", "0.3": "0.3", "1": "1, all of it"}


@lru_cache
def examples(seed: int) -> tuple[Floats, Floats]:
    """A noisy sine: N points to learn from (seed 0), or OTHERS to test on."""
    rng = np.random.default_rng(seed)
    return data.make_sine(N if seed == 0 else OTHERS, noise=NOISE, generator=rng)


@lru_cache
def boosted(rate: str) -> StumpBoosting:
    thresholds = np.linspace(0.04, 0.96, 24)
    return StumpBoosting(LAST, float(rate), thresholds).fit(*examples(0))


@lru_cache
def errors(rate: str) -> Floats:
    """The mean squared error after 0, 1, … rounds: on the points learned from, on the others."""
    X, y = examples(100)
    model = boosted(rate)
    others = [np.mean((model.predict(X, n) - y) ** 2) for n in range(LAST + 1)]
    return np.column_stack([model.losses, others])


@dataclass(frozen=True)
class BoostingRounds(Model):
    """Stumps fitted one after the other to what is left of a noisy sine; a share of each is added.

    `rounds` is how many, `lr` the share η.
    """

    title = "Boosting with stumps"
    goal = "an error of less than 0.06 on the other points"

    rounds: int = steps(
        LAST,
        Button("more", "One more stump", by=1),
        Button("ten", "Ten more", by=10),
        Button("none", "From the start", by=-LAST),
        at=0,
        label="Stumps n",
    )
    lr: str = choice("η", RATES, at="1")

    @property
    def error(self) -> tuple[float, float]:
        """On the points that it learns from, and on the others."""
        learned, others = errors(self.lr)[self.rounds]
        return float(learned), float(others)

    def reached(self) -> bool:
        return self.error[1] < 0.06

    def scene(self) -> Scene:
        return Scene((self.fit_panel(), self.left_panel(), self.error_panel()), self.words())

    def fit_panel(self) -> Panel:
        X, y = examples(0)
        x = np.linspace(0, 1, 301)
        items: tuple[Item, ...] = (
            Points(np.column_stack([X[:, 0], y]), "circle", "sky blue", size="small"),
            Line(np.column_stack([x, np.sin(2 * np.pi * x)]), "gray", True, "the sine"),
            Line(
                np.column_stack([x, boosted(self.lr).predict(x[:, None], self.rounds)]),
                "vermillion",
                label="aₙ, the sum so far",
            ),
        )
        return Panel((0.0, 1.0), (-1.8, 1.8), "x", "y", items, height=0.36)

    def left_panel(self) -> Panel:
        """What is left over, and the stump that is fitted to it next."""
        X, y = examples(0)
        model, x = boosted(self.lr), np.linspace(0, 1, 301)
        left = y - model.predict(X, self.rounds)
        items: list[Item] = [
            Points(np.column_stack([X[:, 0], left]), "triangle", "green", "y − aₙ", size="small")
        ]
        if self.rounds < LAST:
            stump = model.stumps[self.rounds](x[:, None])
            line = Line(np.column_stack([x, stump]), "blue", label="the next stump", style="dotted")
            items.append(line)
        return Panel((0.0, 1.0), (-1.8, 1.8), "x", "left over", tuple(items), height=0.26)

    def error_panel(self) -> Panel:
        n = np.arange(self.rounds + 1)
        learned, others = errors(self.lr)[: self.rounds + 1].T
        items = (
            Line(
                np.column_stack([n, learned]), label="error, training", **asdict(roles["training"])
            ),
            Line(
                np.column_stack([n, others]), label="error, other points", **asdict(roles["test"])
            ),
            Line(np.array([[0, NOISE**2], [LAST, NOISE**2]]), "gray", style="dotted"),
        )
        return Panel((0.0, float(LAST)), (0.01, 1.0), "stumps", "error", items, 0.26, ylog=True)

    def words(self) -> str:
        learned, others = (significant(e) for e in self.error)
        stumps = f"{self.rounds} stump{'s' * (self.rounds != 1)}"
        return (
            f"{stumps}, η = {self.lr}: mean squared error {learned} on the {N} points that it "
            f"learns from, {others} on {OTHERS} others. The noise alone is {number(NOISE**2)}."
        )


boosting_rounds = widget(BoostingRounds)
