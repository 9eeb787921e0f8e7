"""Dropout, pass by pass: a mask, the mean over all passes so far, and eval mode beside it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from nnlib.course.kit.numbers import counted, number, significant
from nnlib.course.kit.scene import Bars, Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, slider, steps, widget

H = np.array([1.0, 0.6, 1.4, 0.4, 1.2, 0.8, 0.5, 1.1])
UNITS = len(H)
LAST = 400
READOUTS = {"linear": "linear unit", "relu": "ReLU layer"}
MASKS = np.array(list(product((0.0, 1.0), repeat=UNITS)))
V = np.array([0.5, -0.4, 0.6, 0.3, -0.5, 0.7, 0.2, -0.3])  # the linear read-out
W = np.array(  # a ReLU layer of four units, which are added up
    [
        [0.6, -0.4, 0.4, -0.2, -0.4, 0.6, -0.2, 0.2],
        [-0.2, 0.6, -0.4, 0.6, 0.4, -0.2, 0.6, 0.2],
        [0.4, 0.4, -0.4, -0.2, 0.6, -0.4, 0.4, 0.3],
        [-0.4, 0.4, 0.6, 0.4, -0.2, 0.4, -0.4, 0.1],
    ]
)

# One number per pass and unit, which is kept where it is below q: a larger p drops more of them.
DRAWS = np.random.default_rng(3).random((LAST, UNITS))


@dataclass(frozen=True)
class DropoutMasks(Model):
    """Eight units with dropout: this pass's mask, the mean over passes, and the output's.

    `p` is the probability to drop; `scaling` is "inverted" (m h / q in training) or "classic" (q h
    in eval mode); `readout` is what comes after.
    """

    title = "Dropout, pass by pass"
    goal = "behind a ReLU layer, find the largest p whose 256 networks come within 0.1 of eval mode"

    p: float = slider("p (to drop)", 0.0, 0.9, 0.05, at=0.5)
    passes: int = steps(
        LAST,
        Button("pass", "Run", by=1, plays=True, interval=150),
        Button("pass", "One more pass", by=1),
        at=1,
        first=1,
        label="Passes",
    )
    scaling: str = choice("Scaling", {"inverted": "inverted", "classic": "classic"}, at="inverted")
    readout: str = choice("Then comes a", READOUTS, at="linear")

    @property
    def q(self) -> float:
        return 1 - self.p

    @property
    def masks(self) -> Floats:
        """1 for a unit that was kept, a row per pass: (passes, 8)."""
        kept: Floats = (DRAWS[: self.passes] < self.q).astype(float)
        return kept

    def passed_on(self, masks: Floats) -> Floats:
        """h̃, what the next layer gets in training."""
        handed_on: Floats = masks * H / (self.q if self.scaling == "inverted" else 1)
        return handed_on

    def in_eval(self) -> Floats:
        """What the next layer gets in eval mode."""
        return H if self.scaling == "inverted" else self.q * H

    def output(self, h: Floats) -> Floats:
        """y of each row of h."""
        y: Floats = h @ V if self.readout == "linear" else np.maximum(h @ W.T, 0).sum(axis=-1)
        return y

    def expected(self) -> float:
        """The mean of y over all 256 masks, each with its probability."""
        kept = MASKS.sum(axis=1)
        chance = self.q**kept * self.p ** (UNITS - kept)
        return float(chance @ self.output(self.passed_on(MASKS)))

    def gap(self) -> float:
        """How far the mean over all 256 masks lies from y in eval mode."""
        return abs(self.expected() - float(self.output(self.in_eval())))

    def reached(self) -> bool:
        """Whether the goal is met: one step more of p, and the gap would be too wide."""
        if self.readout == "linear" or self.p > 0.85:
            return False
        return self.gap() <= 0.1 < self.changed(p=self.p + 0.05).gap()

    def scene(self) -> Scene:
        panels = self.network(), self.outputs(), self.now(), self.means()
        return Scene(panels, self.words(), columns=2)

    def network(self) -> Panel:
        """The thinned network of this pass."""
        kept = self.masks[-1] > 0
        below = np.column_stack([np.arange(1.0, UNITS + 1), np.zeros(UNITS)])
        y = np.array([[4.5, 1.1]])
        above = (
            y if self.readout == "linear" else np.array([[x, 0.6] for x in (1.5, 3.5, 5.5, 7.5)])
        )
        ends = [(a, b) for a in below[kept] for b in above]
        ends += [(b, y[0]) for b in above if self.readout == "relu"]
        gap = np.full(2, np.nan)
        wires = np.array([point for a, b in ends for point in (a, b, gap)]).reshape(-1, 2)
        items: tuple[Item, ...] = (
            Line(wires, "gray"),
            Points(below[kept], "circle", "blue", "kept"),
            Points(below[~kept], "cross", "vermillion", "dropped"),
            Points(np.unique(np.vstack([above, y]), axis=0), "square", "ink", "never dropped"),
            Label(y[0] + [0.5, 0.05], "y", align="left"),
        )
        title = f"the network of pass {self.passes}"
        return Panel((0.2, 8.8), (-0.4, 1.3), "", "", items, 0.55, title=title, axes=False)

    def now(self) -> Panel:
        title = f"pass {self.passes}"
        return self.units(self.passed_on(self.masks[-1]), "handed on in this pass", title)

    def means(self) -> Panel:
        mean = self.passed_on(self.masks).mean(axis=0)
        return self.units(
            mean, "mean handed on", f"mean of {counted(self.passes, 'pass', 'passes')}"
        )

    def units(self, heights: Floats, label: str, title: str) -> Panel:
        """Bars for the units, and a diamond where each stands in eval mode."""
        places = np.column_stack([np.arange(1.0, UNITS + 1), self.in_eval()])
        items = Bars(heights, "blue", label), Points(places, "diamond", "orange", "eval mode")
        top = 1.1 * H.max() / (self.q if self.scaling == "inverted" else 1)
        return Panel((0.4, 8.6), (0.0, top), "unit", "", items, 0.55, whole=True, title=title)

    def outputs(self) -> Panel:
        """y of every pass, and its running mean."""
        y = self.output(self.passed_on(self.masks))
        steps = np.arange(1.0, self.passes + 1)
        running = np.cumsum(y) / steps
        level = float(self.output(self.in_eval()))
        everything = np.append(self.output(self.passed_on(MASKS)), level)
        low, high = everything.min(), everything.max()
        margin = 0.08 * (high - low)
        end = max(20.0, float(self.passes))
        items = (
            Points(np.column_stack([steps, y]), "circle", "gray", "y of a pass", "small"),
            Line(np.column_stack([steps, running]), "blue", label="mean so far"),
            Line(np.array([[0, level], [end, level]]), "orange", True, "eval mode"),
            Line(
                np.array([[0, self.expected()], [end, self.expected()]]),
                "green",
                label="all 256 networks",
                style="dotted",
            ),
        )
        ylim = float(low - margin), float(high + margin)
        return Panel((0.0, end), ylim, "pass", "y", items, 0.55, title="output")

    def words(self) -> str:
        dropped = [str(i + 1) for i in np.flatnonzero(self.masks[-1] == 0)]
        who = f"dropped are the units {', '.join(dropped)}" if dropped else "no unit is dropped"
        mean = float(self.output(self.passed_on(self.masks)).mean())
        passes = counted(self.passes, "pass", "passes")
        return (
            f"In pass {self.passes}, {who}. The mean of y over {passes} is {number(mean)}. "
            f"{self.compared()}"
        )

    def compared(self) -> str:
        """All 256 networks beside eval mode: one number where they agree, else the difference."""
        whole = number(float(self.output(self.in_eval())))
        if self.gap() < 1e-9:
            return f"Over all 256 masks it is exactly that of eval mode, {whole}."
        return f"In eval mode it is {whole}; over all 256 masks, {significant(self.gap())} more."


dropout_masks = widget(DropoutMasks)
