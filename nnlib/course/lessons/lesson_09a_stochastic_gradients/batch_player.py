"""Stochastic gradient descent with batches from 1 to all, compared at equal cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib import Tensor
from nnlib.course.kit.numbers import counted, digits
from nnlib.course.kit.scene import Floats, Heat, Item, Line, Panel, Points, Scene, relief
from nnlib.course.kit.widget import Button, Model, choice, log_slider, steps, widget
from nnlib.optim import SGD

N = 200  # examples
BUDGET = 10 * N  # example gradients: ten passes, of which each is an exact step
SIZES = (1, 5, 20, 50, N)
PLANE = (-1.0, 3.5), (-3.0, 1.5)
FALLING = 0.01  # the rate at step t is η / (1 + 0.01 t)
RATES = {"constant": "constant", "falling": "falling as η / (1 + 0.01 t)"}  # as told


def line_data() -> tuple[Floats, Floats]:
    """The lesson's 200 examples: y = 2 x₁ − x₂ and noise."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=N), 0.5 * rng.normal(size=N)])
    return X, X @ np.array([2.0, -1.0]) + 0.5 * rng.normal(size=N)


X, Y = line_data()
BEST: Floats = np.linalg.lstsq(X, Y, rcond=None)[0]


@dataclass(frozen=True)
class BatchPlayer(Model):
    """SGD from (0, 0) on 200 examples; what counts is how many examples it has looked at.

    `batch` is B, `lr` is η. Beside it runs gradient descent on all 200, with the same η.
    """

    title = "Large and small batches at the same price"
    goal = "be within 0.15 of w* after 200 examples, and within 0.05 on average in the last pass"
    on_every_page = ({"batch": "1", "rate": "falling", "seen": BUDGET},)

    batch: str = choice("Batch size B", {str(B): str(B) for B in SIZES}, at=str(N))
    lr: float = log_slider("η", 0.01, 2.2, at=0.1, per_decade=3)
    rate: str = choice("The rate is", {rate: rate for rate in RATES}, at="constant")
    seen: int = steps(
        BUDGET,
        Button("again", "Rewind", by=-BUDGET),
        Button("next", "Next 200", by=N),
        Button("play", "Play", plays=True, interval=400, by=N),
        at=0,
        label="Examples looked at",
        each=N,
    )

    @property
    def path(self) -> Floats:
        """Every place of the whole way."""
        return walk(int(self.batch), self.lr, self.rate)

    @property
    def taken(self) -> int:
        """How many steps the examples seen so far were enough for."""
        return self.seen // int(self.batch)

    def reached(self) -> bool:
        away = distances(self.path)
        a_pass = N // int(self.batch)
        return self.seen == BUDGET and bool(away[a_pass] < 0.15 and away[-a_pass:].mean() < 0.05)

    def scene(self) -> Scene:
        return Scene((self.plane_panel(), self.distance_panel()), self.words(), columns=2)

    def plane_panel(self) -> Panel:
        items: list[Item] = [shades()]
        if self.batch != str(N):
            whole = walk(N, self.lr, self.rate)[: self.seen // N + 1]
            items += [Line(whole, style="dashed"), Points(whole[-1:], "square", "ink")]
        way = self.path[: self.taken + 1]
        items.append(Line(thinned(way), "vermillion"))
        if np.isfinite(way[-1]).all():
            items.append(Points(way[-1:], "circle", "vermillion"))
        items.append(Points(BEST[None], "ring", "ink", label="w*"))
        return Panel(*PLANE, "w₁", "w₂", tuple(items))

    def distance_panel(self) -> Panel:
        items = []
        if self.batch != str(N):
            items.append(self.curve(N, "B = 200, the same η", "ink", "dashed"))
        items.append(self.curve(int(self.batch), f"B = {self.batch}", "vermillion", "solid"))
        limits = (0.0, 1.05 * BUDGET), (1e-3, 10.0)  # with room for the last tick
        return Panel(*limits, "examples looked at", "distance to w*", tuple(items), ylog=True)

    def curve(self, B: int, label: str, color: str, style: str) -> Line:
        away = distances(walk(B, self.lr, self.rate))[: self.seen // B + 1]
        xy = np.column_stack([B * np.arange(len(away)), away])
        return Line(thinned(xy), color, label=label, style=style)

    def words(self) -> str:
        settings = f"B = {self.batch}, η = {self.lr:g}, {RATES[self.rate]}"
        where = f"after {counted(self.seen, 'example')} and {counted(self.taken, 'step')}"
        told = f"{settings}: {where} w is {away_in_words(self.path[self.taken])}."
        if self.batch == str(N):
            return told
        whole = walk(N, self.lr, self.rate)[self.seen // N]
        stride = counted(self.seen // N, "step")
        return f"{told} All 200 at once, at the same price: {stride}, {away_in_words(whole)}."


def away_in_words(w: Floats) -> str:
    """How far from w* a place is, or that it is lost."""
    away = float(np.linalg.norm(w - BEST))
    return f"{digits(away, 2)} from w*" if np.isfinite(away) else "lost"


def distances(path: Floats) -> Floats:
    away: Floats = np.linalg.norm(path - BEST, axis=-1)
    return away


def thinned(way: Floats, dense: int = 100, every: int = 10) -> Floats:
    """The first places all, later only some, for the eye cannot follow each of them; and the last."""
    return np.concatenate([way[:dense], way[dense::every], way[-1:]])


@lru_cache
def shades(n: int = 50) -> Heat:
    """The loss over the plane."""
    w = np.stack(np.meshgrid(np.linspace(*PLANE[0], n), np.linspace(*PLANE[1], n)), axis=-1)
    return relief(((w @ X.T - Y) ** 2).mean(axis=-1) / 2)


@lru_cache(maxsize=128)  # all settings of the controls are fewer
def walk(B: int, lr: float, rate: str) -> Floats:
    """(steps + 1, 2): where nnlib's SGD goes, a new order in every pass; NaN once it is lost."""
    rng = np.random.default_rng(1)
    orders = [rng.permutation(N) for _ in range(BUDGET // N)]
    batches = np.concatenate(orders).reshape(-1, B)
    w = Tensor(np.zeros(2), requires_grad=True)
    optimizer = SGD([w], lr=lr)
    path = np.full((len(batches) + 1, 2), np.nan)
    path[0] = 0
    for t, rows in enumerate(batches):
        x = X[rows]
        w.grad = (x @ w.data - Y[rows]) @ x / B
        if rate == "falling":
            optimizer.param_groups[0]["lr"] = lr / (1 + FALLING * t)
        optimizer.step()
        if np.abs(w.data).max() > 1e3:
            break
        path[t + 1] = w.data
    return path


batch_player = widget(BatchPlayer)
