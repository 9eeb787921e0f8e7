"""Batch norm as a lens: where it sends one unit's batch, and what one example does to the others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Bars, Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, Stop, choice, slider, widget

MEAN, STD = 1.0, 1.5  # of all data: what the running statistics have arrived at
WATCHED = MEAN + STD  # the example that comes into one random batch after the other
EPS = 1e-5
LARGEST = 32
MANY = 1000  # random batches for the watched example
WINDOW = (-9.0, 9.0)
TICKS = (-6, -3, 0, 3, 6)
BIN = 0.1  # of the histogram, for γ up to 1
BINS = 60


@lru_cache(maxsize=1)
def others() -> Floats:
    """The examples beside the one that is moved, in the order in which they join the batch."""
    return np.random.default_rng(4).normal(MEAN, STD, LARGEST - 1)


@lru_cache(maxsize=LARGEST)
def watched_z_hat(batch: int) -> Floats:
    """ẑ of the watched example, once for each of MANY random batches of so many examples."""
    z = np.random.default_rng(1).normal(MEAN, STD, (MANY, batch))
    z[:, 0] = WATCHED
    z_hat: Floats = ((z - z.mean(1, keepdims=True)) / np.sqrt(z.var(1, keepdims=True) + EPS))[:, 0]
    return z_hat


@dataclass(frozen=True)
class BatchNormLens(Model):
    """y = γ (z − z̄) / √(v + ε) + β for the batch of one unit, each example a ray from z to y.

    z̄ and v are those of the batch (`mode` "train") or the running 1 and 1.5² ("eval"). Beneath:
    one example, z = 2.5, in 1000 random batches.
    """

    title = "Batch norm, seen through one unit"
    goal = "set γ and β so that every ray falls straight down: y = z, in a batch of 3 or more"
    on_every_page = ({"z1": 4.0, "batch": 8, "gamma": 1.7, "beta": 1.2},)
    tour = (
        Stop(
            "Each ray is one example, from its z above to its y below.", "each example, from z to y"
        ),
        Stop(
            "The orange one is far out: the mean goes with it, the spread is wide, and the others "
            "huddle together.",
            "z₁, the example you move",
            z1=6.0,
        ),
        Stop(
            "Near the rest it makes the spread small, and the others are pulled apart.",
            "z₁, the example you move",
            z1=2.0,
        ),
        Stop(
            "In eval mode mean and spread are fixed numbers: each y stands on its purple triangle.",
            "Mode",
            z1=6.0,
            mode="eval",
        ),
        Stop(
            "In a batch of two, one becomes −1 and the other +1, whatever they were.",
            "batch size B",
            batch=2,
        ),
        Stop(
            "One and the same example gets another y in each batch; in large batches they hardly differ.",
            "z = 2.5 in 1000 random batches",
            batch=32,
        ),
    )

    z1: float = slider("z₁, the example you move", -4.0, 6.0, 0.1, at=4.0)
    batch: int = slider("batch size B", 1, LARGEST, 1, at=8)
    mode: str = choice("Mode", {"train": "training", "eval": "eval"}, at="train")
    gamma: float = slider("γ", 0.0, 2.0, 0.1, at=1.0)
    beta: float = slider("β", -2.0, 2.0, 0.1, at=0.0)

    @property
    def z(self) -> Floats:
        """The batch: the moved example first."""
        return np.append(self.z1, others()[: self.batch - 1])

    def statistics(self) -> tuple[float, float]:
        """The mean that is subtracted and the standard deviation that is divided by."""
        if self.mode == "eval":
            return MEAN, STD
        return float(self.z.mean()), float(self.z.std())

    def y(self, mode: str) -> Floats:
        """γ ẑ + β for the whole batch."""
        mean, std = self.changed(mode=mode).statistics()
        y: Floats = self.gamma * (self.z - mean) / np.sqrt(std**2 + EPS) + self.beta
        return y

    def watched(self) -> Floats:
        """y of the watched example in random batches; in eval mode it is always the same."""
        z_hat = watched_z_hat(self.batch)
        if self.mode == "eval":
            z_hat = np.full(MANY, (WATCHED - MEAN) / STD)
        y: Floats = self.gamma * z_hat + self.beta
        return y

    def reached(self) -> bool:
        """Whether γ and β give the batch back as it came: γ = s and β = z̄, as near as sliders go."""
        undone = np.abs(self.y("train") - self.z).max() < 0.15
        return bool(undone) and self.mode == "train" and self.batch > 2

    def scene(self) -> Scene:
        return Scene((self.rays(), self.histogram()), self.words())

    def rays(self) -> Panel:
        """Each example as a ray from its z, above, to its y, below."""
        above, below = 1.0, 0.0
        start, end = on(self.z, above), on(self.y(self.mode), below)
        gaps = np.full((len(start) - 1, 2), np.nan)
        rays = np.stack([start[1:], end[1:], gaps], axis=1).reshape(-1, 2)
        items = (
            *scale(above, "z, before", 0.14),
            *scale(below, "y, after", -0.24),
            Line(rays, "gray"),
            Line(np.array([start[0], end[0]]), "orange"),
            Points(np.vstack([start[1:], end[1:]]), "circle", "blue", "the others"),
            Points(np.array([start[0], end[0]]), "square", "orange", "the example you move"),
            Points(
                on(self.y("eval"), below - 0.1), "triangle", "purple", "y in eval mode", "small"
            ),
        )
        title = "each example, from z to y"
        return Panel(WINDOW, (-0.4, 1.3), "", "", items, height=0.5, title=title, axes=False)

    def histogram(self) -> Panel:
        """How often the watched example gets which y, around the one that it has in eval mode."""
        in_eval = self.gamma * (WATCHED - MEAN) / STD + self.beta
        width = BIN * max(1.0, self.gamma)
        edges = in_eval + width * (np.arange(BINS + 1) - BINS / 2)
        counts, _ = np.histogram(np.clip(self.watched(), edges[0], edges[-1]), edges)
        shares = counts / MANY
        items = (
            Bars(shares, "green", "", (edges[1:] + edges[:-1]) / 2, width),
            Points(np.array([[in_eval, 0.0]]), "triangle", "purple", size="small"),
        )
        title = f"z = {number(WATCHED)} in {MANY} random batches"
        window = float(edges[0]), float(edges[-1])
        top = 1.1 * float(shares.max())
        return Panel(window, (0.0, top), "its y", "", items, height=0.35, title=title)

    def words(self) -> str:
        if self.batch == 1 and self.mode == "train":
            return (
                "A batch of one: the example is its own mean, so z − z̄ = 0 and y = β whatever z is. "
                "Nothing is left of it, and nnlib and PyTorch refuse to train on it."
            )
        mean, std = self.statistics()
        y = self.y(self.mode)
        whose = "the batch's own" if self.mode == "train" else "the running"
        return (
            f"With {whose} mean {number(mean)} and standard deviation {number(std)}, "
            f"z₁ = {number(self.z1)} becomes y₁ = {number(y[0])}. {self.others_in_words()} "
            f"Beneath, z = {number(WATCHED)} in {MANY} batches: its y has the standard deviation "
            f"{number(float(self.watched().std()))}."
        )

    def others_in_words(self) -> str:
        if self.mode == "eval":
            return "The others do not depend on z₁."
        farthest = float(np.abs(self.y("train") - self.y("eval"))[1:].max())
        return f"The others lie up to {number(farthest)} from their places in eval mode."


def on(values: Floats, height: float) -> Floats:
    """The points (value, height)."""
    return np.column_stack([values, np.full(len(values), height)])


def scale(height: float, name: str, aside: float) -> tuple[Item, ...]:
    """A horizontal axis at this height: its numbers `aside` of it, its name on the other side."""
    axis = Line(np.array([[WINDOW[0], height], [WINDOW[1], height]]), "ink")
    numbers = (Label(np.array([t, height + aside]), number(t), size="small") for t in TICKS)
    opposite = np.array([WINDOW[0], height - np.copysign(0.08, aside)])
    return (axis, *numbers, Label(opposite, name, align="left"))


batch_norm_lens = widget(BatchNormLens)
