"""One LSTM cell whose gates a student sets: it shall store a number, show it when asked, and clear it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nnlib import nn
from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Bars, Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, Stop, slider, steps, widget

STEPS = 24
WRITE, SHOW, CLEAR, AGAIN = 3, 12, 17, 21  # when the signals come
SIGNALS = {"write": (WRITE,), "show": (SHOW, AGAIN), "clear": (CLEAR,)}
STORED = 2.0  # the number that comes with "write"; all others are noise
PUSH = 10.0  # how strongly a signal opens its gate, or closes it
NEAR = 0.1  # c and h may be so far from those of a perfect memory


@lru_cache(maxsize=1)
def inputs() -> Floats:
    """A number and the three signals, in each step: (STEPS, 4)."""
    x = np.zeros((STEPS, 4))
    x[:, 0] = np.random.default_rng(2).normal(0, 0.5, STEPS)
    x[WRITE - 1, 0] = STORED
    for column, times in enumerate(SIGNALS.values(), start=1):
        x[np.array(times) - 1, column] = 1
    x.flags.writeable = False
    return x


class Course(NamedTuple):
    """What the gates, the memory and the output are in each step: (STEPS,) each."""

    i: Floats
    f: Floats
    o: Floats
    c: Floats
    h: Floats


def perfect() -> tuple[Floats, Floats]:
    """c and h of a memory without fault: it holds u = tanh x from "write" to "clear", and tells it
    when asked.
    """
    c, h = np.zeros(STEPS), np.zeros(STEPS)
    c[WRITE - 1 : CLEAR - 1] = np.tanh(STORED)
    h[SHOW - 1] = np.tanh(c[SHOW - 1])
    return c, h


def sigmoid(z: Floats) -> Floats:
    result: Floats = 1 / (1 + np.exp(-z))
    return result


@dataclass(frozen=True)
class MemoryCell(Model):
    """One LSTM cell with hand-set weights: "write" pushes its input gate open, "show" its output gate,
    and "clear" pushes its forget gate shut. `b_i`, `b_f` and `b_o` are the gates' biases, where they
    stand without a signal.
    """

    title = "One memory cell and its gates"
    goal = "keep c and h within 0.1 of a perfect memory's, in all 24 steps"
    on_every_page = tuple({"b_i": -5, "b_f": f, "b_o": -5} for f in (5, 6))
    tour = (
        Stop(
            "All biases are 0, so every gate stands half open, and each step halves the memory.",
            "gates: 1 is open, 0 is shut",
        ),
        Stop(
            "Signals push: “write” opens the input gate, “show” the output gate, and “clear” shuts "
            "the forget gate.",
            "gates: 1 is open, 0 is shut",
            step=CLEAR,
        ),
        Stop(
            "With the input gate shut, noise stays outside; only what comes with “write” gets in.",
            "input gate, bias",
            b_i=-5,
            step=SHOW,
        ),
        Stop(
            "With the forget gate shut as well, what was written is gone one step later.",
            "forget gate, bias",
            b_i=-5,
            b_f=-5,
            step=SHOW,
        ),
        Stop(
            "The output gate does not touch the memory c: it only says what the others get to see.",
            "c and h; gray: those of a perfect memory",
            b_i=-5,
            b_o=-5,
            step=SHOW,
        ),
    )

    b_i: int = slider("input gate, bias", -6, 6, 1, at=0)
    b_f: int = slider("forget gate, bias", -6, 6, 1, at=0)
    b_o: int = slider("output gate, bias", -6, 6, 1, at=0)
    step: int = steps(
        STEPS,
        Button("back", "Back", by=-1),
        Button("next", "Next", by=1),
        Button("next", "Play", by=1, plays=True, interval=400),
        Button("start", "To step 1", by=-STEPS),
        at=STEPS,
        first=1,
    )

    @property
    def weights(self) -> dict[str, Floats]:
        """Those of nnlib's LSTM of one unit; its four rows are i, f, u, o."""
        signals = [[0, PUSH, 0, 0], [0, 0, 0, -PUSH], [1, 0, 0, 0], [0, 0, PUSH, 0]]
        biases = np.array([self.b_i, self.b_f, 0, self.b_o], dtype=float)
        return {
            "weight_ih_l0": np.array(signals, dtype=float),
            "weight_hh_l0": np.zeros((4, 1)),
            "bias_ih_l0": biases,
            "bias_hh_l0": np.zeros(4),
        }

    @property
    def course(self) -> Course:
        """The gates, as the weights say, and the memory; h is what nnlib's LSTM gives."""
        z = inputs() @ self.weights["weight_ih_l0"].T + self.weights["bias_ih_l0"]
        i, f, o, u = sigmoid(z[:, 0]), sigmoid(z[:, 1]), sigmoid(z[:, 3]), np.tanh(z[:, 2])
        c = np.zeros(STEPS)
        for t in range(STEPS):
            c[t] = f[t] * (c[t - 1] if t else 0.0) + i[t] * u[t]
        lstm = nn.LSTM(4, 1, dtype=np.float64)
        lstm.load_state_dict(self.weights)
        return Course(i, f, o, c, lstm(inputs())[0].data[:, 0])

    def faults(self) -> int:
        """In how many steps c or h is not nearly that of a perfect memory."""
        c, h = perfect()
        course = self.course
        return int(np.sum((np.abs(course.c - c) > NEAR) | (np.abs(course.h - h) > NEAR)))

    def reached(self) -> bool:
        return self.faults() == 0

    def scene(self) -> Scene:
        return Scene((self.input_panel(), self.gate_panel(), self.memory_panel()), self.words())

    def input_panel(self) -> Panel:
        x = inputs()[:, 0]
        times = np.arange(1.0, STEPS + 1)
        items: list[Item] = [Bars(x, "gray", "input x", times, 0.5)]
        looks = {
            "write": ("square", "orange"),
            "show": ("triangle", "green"),
            "clear": ("cross", "blue"),
        }
        for name, when in SIGNALS.items():
            marker, color = looks[name]
            items.append(Points(over(when, 2.6), marker, color, f"“{name}”"))
        items.append(self.now(-1.6, 3.1))
        return Panel(
            (0.0, STEPS + 1.0), (-1.6, 3.1), "", "x", tuple(items), 0.3, title="what comes in"
        )

    def gate_panel(self) -> Panel:
        course = self.course
        items: tuple[Item, ...] = (
            Line(self.upto(course.i), "orange", label="input gate i", marker="square"),
            Line(self.upto(course.f), "blue", True, "forget gate f", marker="circle"),
            Line(
                self.upto(course.o),
                "green",
                label="output gate o",
                style="dotted",
                marker="triangle",
            ),
            self.now(-0.08, 1.08),
        )
        title = "gates: 1 is open, 0 is shut"
        return Panel((0.0, STEPS + 1.0), (-0.08, 1.08), "", "", items, 0.35, title=title)

    def memory_panel(self) -> Panel:
        course = self.course
        top = max(1.2, 1.1 * float(np.abs(course.c).max()))
        times = range(1, STEPS + 1)
        items: tuple[Item, ...] = (
            *(Line(over(times, wanted), "gray") for wanted in perfect()),
            Line(self.upto(course.c), "purple", True, "memory c", marker="diamond"),
            Line(self.upto(course.h), "vermillion", label="output h", marker="circle"),
            self.now(-top, top),
        )
        title = "c and h; gray: those of a perfect memory"
        limits = (0.0, STEPS + 1.0), (-top, top)
        return Panel(*limits, "step", "", items, 0.4, whole=True, title=title)

    def upto(self, values: Floats) -> Floats:
        """(step, value) as far as the cell has read."""
        return over(range(1, self.step + 1), values[: self.step])

    def now(self, low: float, high: float) -> Line:
        """A mark at the step of now."""
        return Line(
            np.array([[self.step, low], [self.step, high]], dtype=float), "gray", style="dotted"
        )

    def words(self) -> str:
        course, t = self.course, self.step - 1
        before = course.c[t - 1] if t else 0.0
        u = float(np.tanh(inputs()[t, 0]))
        signals = [f" and “{name}”" for name, when in SIGNALS.items() if self.step in when]
        c = f"{factors(course.f[t], before)} + {factors(course.i[t], u)} = {number(course.c[t])}"
        h = f"{factors(course.o[t], np.tanh(course.c[t]))} = {number(course.h[t])}"
        return (
            f"Step {self.step}, x = {number(inputs()[t, 0])}{''.join(signals)}: "
            f"c = f·c + i·u = {c}; h = o·tanh c = {h}. "
            f"Over all steps, c or h is more than {NEAR} off in {self.faults()} of {STEPS}."
        )


def factors(gate: float, value: float) -> str:
    """A gate times a value.

    >>> factors(0.9933, 0.5), factors(0.0067, -0.25)
    ('0.993·0.5', '0.007·(−0.25)')
    """
    shown = number(value)
    return f"{gate:.3f}".rstrip("0").rstrip(".") + (f"·({shown})" if value < 0 else f"·{shown}")


def over(times: Iterable[int], values: Floats | float) -> Floats:
    """The points (time, value); one value serves all times."""
    t = np.array(list(times), dtype=float)
    return np.column_stack([t, np.broadcast_to(values, t.shape)])


memory_cell = widget(MemoryCell)
