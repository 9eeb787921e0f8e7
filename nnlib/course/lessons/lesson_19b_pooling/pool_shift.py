"""A row of detector values moves under pooling windows: how many pooled values notice?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnlib.course.kit.numbers import counted, number
from nnlib.course.kit.scene import Bars, Floats, Item, Panel, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget

Mask = NDArray[np.bool_]

FARTHEST = 4
SIGNALS = {"textbook": "the textbook's four", "random": "random", "peak": "one narrow peak"}

# Each row is longer than what is seen of it: the first FARTHEST values move in from the left.
ROWS: dict[str, Floats] = {
    "textbook": np.array([0.2, 0.4, 0.2, 0.3, 0.1, 1.0, 0.2, 0.1]),
    "random": np.random.default_rng(35).permutation(np.arange(6, 101, 6))[: 12 + FARTHEST] / 100,
    "peak": np.repeat(
        [0.1, 0.12, 0.08, 0.3, 1.0, 0.28, 0.1, 0.12, 0.09, 0.11, 0.08], [6] + [1] * 10
    ),
}


@dataclass(frozen=True)
class PoolShift(Model):
    """Detector values and what pooling makes of them, before and after a shift to the right."""

    title = "Pooling under a shift"
    goal = "random row, shift 1, stride 1: let at most a quarter of the pooled values change"

    signal: str = choice("Row", SIGNALS, at="textbook")
    shift: int = slider("shift to the right", 0, FARTHEST, 1, at=0)
    width: int = slider("window's width", 1, 8, 1, at=3)
    stride: int = slider("stride", 1, 3, 1, at=1)
    mode: str = choice("Pool by", {"max": "maximum", "average": "average"}, at="max")

    def detector(self, shift: int) -> Floats:
        """What is seen of the row after a shift."""
        row = ROWS[self.signal]
        return row[FARTHEST - shift : len(row) - shift]

    def pooled(self, shift: int) -> Floats:
        """One number per window. What would lie beyond the ends does not count: padding of −∞."""
        row = self.detector(shift)
        middles = range(0, len(row), self.stride)
        left = (self.width - 1) // 2
        windows = [row[max(0, m - left) : m - left + self.width] for m in middles]
        reduce = np.max if self.mode == "max" else np.mean
        return np.array([reduce(window) for window in windows])

    def changed_values(self) -> tuple[Mask, Mask]:
        """Where detector and pooled values are no longer what they were."""
        return (
            np.abs(self.detector(0) - self.detector(self.shift)) > 1e-9,
            np.abs(self.pooled(0) - self.pooled(self.shift)) > 1e-9,
        )

    def reached(self) -> bool:
        detector, pooled = self.changed_values()
        as_asked = (self.signal, self.shift, self.stride) == ("random", 1, 1)
        return as_asked and bool(detector.all()) and bool(pooled.mean() <= 0.25)

    def scene(self) -> Scene:
        return Scene((*self.rows(0), *self.rows(self.shift)), self.words(), columns=2)

    def rows(self, shift: int) -> tuple[Panel, Panel]:
        """The detector values after a shift, and what pooling makes of them."""
        detector, pooled = self.detector(shift), self.pooled(shift)
        changed = (
            self.changed_values()
            if shift
            else [np.zeros(len(row), bool) for row in (detector, pooled)]
        )
        after = f"moved by {shift}" if shift else "not moved"
        return (
            self.bars(detector, changed[0], 1, f"detector, {after}"),
            self.bars(pooled, changed[1], self.stride, f"pooled, {after}"),
        )

    def bars(self, heights: Floats, changed: Mask, apart: int, title: str) -> Panel:
        """Bars where their windows have their middles; those that have changed are striped."""
        places = 1.0 + apart * np.arange(len(heights))
        items: tuple[Item, ...] = (
            Bars(heights[~changed], "blue", "as before", places[~changed], 0.7),
            Bars(heights[changed], "orange", "changed", places[changed], 0.7, hatch=True),
        )
        right = len(self.detector(0)) + 0.6
        return Panel((0.4, right), (0.0, 1.05), "", "", items, 0.4, whole=True, title=title)

    def words(self) -> str:
        if self.shift == 0:
            seen = counted(len(self.pooled(0)), "window")
            return f"{seen}, each {self.width} wide. Nothing has moved yet."
        detector, pooled = self.changed_values()
        size = number(float(np.abs(self.pooled(0) - self.pooled(self.shift)).mean()))
        return (
            f"Moved by {self.shift}: of {len(detector)} detector values {detector.sum()} have "
            f"changed, of {len(pooled)} pooled ones {pooled.sum()}, on average by {size}."
        )


pool_shift = widget(PoolShift)
