"""Five hundred runs in the shallower of two valleys: with how much noise do they find the deeper?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np

from nnlib import Tensor
from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Bars, Floats, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, slider, steps, widget
from nnlib.optim import SGD

RUNS, NOISY, LAST, EACH = 500, 500, 1000, 25  # steps with noise, and all of them
START = 1.6
TOP = 0.15363  # the hill between the valleys
RANGE = (-2.0, 2.0)
# Nine bins on the left of the hill and eight on the right of it, all about as wide.
BINS = np.concatenate([np.linspace(-2.0, TOP, 10), np.linspace(TOP, 2.0, 9)[1:]])
ETAS = (0.05, 0.1, 0.2)
SHOWN = 60  # runs, on the curve

W = TypeVar("W", float, Floats)


def height(w: W) -> W:
    return w**4 / 4 - w**2 / 2 + 0.15 * w


def slope(w: W) -> W:
    return w * w * w - w + 0.15


@dataclass(frozen=True)
class NoiseEscape(Model):
    """500 runs from w = 1.6: 500 steps with a noisy gradient, and 500 steps without noise.

    `noise` is the standard deviation of what is added to the gradient, `lr` is η.
    """

    title = "Noise that escapes"
    goal = "bring nine of ten runs into the deeper valley by the end"
    on_every_page = ({"noise": 1.0, "lr": "0.2", "step": LAST},)

    noise: float = slider("noise", 0.0, 2.25, 0.25, at=0.0)
    lr: str = choice("η", {str(lr): str(lr) for lr in ETAS}, at="0.1")
    step: int = steps(
        LAST,
        Button("again", "Rewind", by=-LAST),
        Button("next", "Next 25", by=EACH),
        Button("play", "Play", plays=True, interval=120, by=EACH),
        at=0,
        each=EACH,
    )

    @property
    def places(self) -> Floats:
        """Where the 500 runs are now."""
        here: Floats = runs(self.noise, float(self.lr))[self.step // EACH]
        return here

    @property
    def deeper(self) -> int:
        """How many of them are in the deeper valley, left of the hill."""
        return int((self.places < TOP).sum())

    def reached(self) -> bool:
        return self.step == LAST and self.deeper >= 0.9 * RUNS

    def scene(self) -> Scene:
        return Scene((self.valley_panel(), self.share_panel()), self.words())

    def valley_panel(self) -> Panel:
        w = np.linspace(*RANGE, 160)
        here = self.places[:SHOWN]
        items = (
            Line(np.column_stack([w, height(w)]), "gray"),
            Points(np.column_stack([here, height(here)]), "circle", "vermillion", size="small"),
            Label((-1.07, -0.62), "deeper"),
            Label((0.91, -0.32), "shallower"),
        )
        return Panel(RANGE, (-0.8, 1.2), "w", "C(w)", items, height=0.4, title="60 of the runs")

    def share_panel(self) -> Panel:
        counts, _ = np.histogram(np.clip(self.places, *RANGE), BINS)
        shares = 100 * counts / RUNS
        middles = (BINS[1:] + BINS[:-1]) / 2
        left = middles < TOP
        items = (
            Bars(shares[left], "blue", "deeper valley", middles[left], 0.21, hatch=True),
            Bars(shares[~left], "orange", "shallower valley", middles[~left], 0.21),
        )
        return Panel(RANGE, (0.0, 100.0), "w", "% of 500 runs", items, height=0.4, title="All runs")

    def words(self) -> str:
        settings = f"Noise {number(self.noise)}, η = {self.lr}"
        left = self.step - NOISY
        when = (
            f"after {self.step} steps"
            if left <= 0
            else f"after 500 steps, and {left} without noise"
        )
        return f"{settings}, {when}: {self.deeper} of 500 runs are in the deeper valley."


@lru_cache(maxsize=64)
def runs(noise: float, lr: float) -> Floats:
    """Where nnlib's SGD has all the runs after every 25 steps, (41, 500)."""
    rng = np.random.default_rng(0)
    w = Tensor(np.full(RUNS, START), requires_grad=True)
    optimizer = SGD([w], lr=lr)
    kept = [w.data.copy()]
    for t in range(LAST):
        w.grad = slope(w.data)
        if noise and t < NOISY:
            w.grad = w.grad + noise * rng.normal(size=RUNS)
        optimizer.step()
        if (t + 1) % EACH == 0:
            kept.append(w.data.copy())
    return np.array(kept)


noise_escape = widget(NoiseEscape)
