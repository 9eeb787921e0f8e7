"""A reservoir: how much of its past a random recurrent network still knows, and whether its start."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nnlib import nn
from nnlib.course.kit.numbers import number, scientific
from nnlib.course.kit.scene import Floats, Line, Panel, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget

UNITS = 50
WASHOUT, TRAINED, TESTED = 100, 600, 300  # steps: not used, to fit the read-outs, to judge them
STEPS = WASHOUT + TRAINED + TESTED
DELAYS = 50
RIDGE = 1e-9
SCALES = ("0.1", "0.3", "1", "3")
FORGOTTEN = 1e-6  # so near two states count as one
FLOOR = 1e-16  # as near as float64 tells


class Memory(NamedTuple):
    """What a reservoir recalls, r² for each delay (DELAYS,), and how far two runs of it are apart,
    step by step (STEPS,)."""

    recalled: Floats
    apart: Floats


@lru_cache(maxsize=64)
def memory(rho: float, scale: float) -> Memory:
    """One random reservoir reads random numbers, once from each of two random starts."""
    rng = np.random.default_rng(0)
    reservoir = nn.EchoState(1, UNITS, rho, scale, dtype=np.float64, generator=rng)
    u = rng.uniform(-0.5, 0.5, STEPS)
    starts = rng.uniform(-1, 1, (1, 2, UNITS))
    both = reservoir(np.repeat(u, 2).reshape(STEPS, 2, 1), starts)[0].data
    apart = np.linalg.norm(both[:, 0] - both[:, 1], axis=1)
    return Memory(recall(both[:, 0], u), apart)


def recall(H: Floats, u: Floats) -> Floats:
    """r² between u_{t−k} and the best linear read-out of h_t for it, on new steps, k = 1, …, DELAYS."""
    past = np.column_stack([np.roll(u, k) for k in range(1, DELAYS + 1)])
    fit, test = slice(WASHOUT, WASHOUT + TRAINED), slice(WASHOUT + TRAINED, STEPS)
    W = np.linalg.solve(H[fit].T @ H[fit] + RIDGE * np.eye(UNITS), H[fit].T @ past[fit])
    said, right = (a - a.mean(axis=0) for a in (H[test] @ W, past[test]))
    sizes = (said**2).sum(axis=0) * (right**2).sum(axis=0)
    r2: Floats = (said * right).sum(axis=0) ** 2 / np.maximum(sizes, 1e-300)
    return r2


@dataclass(frozen=True)
class Reservoir(Model):
    """50 tanh units with random weights that nobody trains, fed with random numbers. Above: how well a
    linear read-out recalls the input of k steps ago. Beneath: two runs from different starts.

    `rho` is the spectral radius ρ of W, `scale` the size of the input weights.
    """

    title = "What a reservoir remembers"
    goal = "with ρ = 1.2 or more, make it forget its start: the two runs within 10⁻⁶ at the end"
    on_every_page = (
        {"rho": 1.2, "scale": "1"},
        {"rho": 1.2, "scale": "3"},
        {"rho": 0.9, "scale": "3"},
    )

    rho: float = slider("Spectral radius ρ", 0.1, 1.6, 0.05, at=0.3)
    scale: str = choice("Input weights up to", {s: s for s in SCALES}, at="0.1")

    @property
    def memory(self) -> Memory:
        return memory(round(self.rho, 2), float(self.scale))

    def reached(self) -> bool:
        """Whether it forgets, where the rule of thumb says that it does not."""
        return self.rho > 1.19 and bool(self.memory.apart[-1] <= FORGOTTEN)

    def scene(self) -> Scene:
        return Scene((self.recall_panel(), self.start_panel()), self.words())

    def recall_panel(self) -> Panel:
        xy = np.column_stack([np.arange(1, DELAYS + 1), self.memory.recalled])
        line = Line(xy, "blue", marker="circle")
        title = "how well the input of k steps ago is recalled"
        limits = (0.0, DELAYS + 1.0), (-0.03, 1.05)
        return Panel(*limits, "delay k", "r²", (line,), 0.4, whole=True, title=title)

    def start_panel(self) -> Panel:
        every = np.arange(0, STEPS, 10)
        xy = np.column_stack([every + 1, np.maximum(self.memory.apart[every], FLOOR)])
        ends = np.array([[0.0, FORGOTTEN], [1.04 * STEPS, FORGOTTEN]])
        items = (
            Line(ends, "gray", True, "one millionth"),
            Line(xy, "vermillion", label="‖h − h′‖", marker="square"),
        )
        title = "the same input, from two different starts"
        limits = (0.0, 1.04 * STEPS), (FLOOR / 3, 100.0)  # the last tick's number needs room
        return Panel(*limits, "step", "apart", items, 0.4, ylog=True, title=title)

    def words(self) -> str:
        capacity, apart = self.memory.recalled.sum(), float(self.memory.apart[-1])
        known = int(np.sum(self.memory.recalled > 0.5))
        ending = "" if apart > FORGOTTEN else ": the start is forgotten"
        shown = f"{scientific(apart)}" if apart > FLOOR else "less than 10⁻¹⁶"
        return (
            f"ρ = {number(self.rho)}, input weights up to {self.scale}: the memory is Σ r² = "
            f"{capacity:.1f} steps; {known} of {DELAYS} inputs are recalled with r² above ½. "
            f"After {STEPS} steps the two runs are {shown} apart{ending}."
        )


reservoir = widget(Reservoir)
