"""The excess error of a polynomial in three parts: its degree, its examples, its training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import legvander

from nnlib.course.kit.numbers import minus
from nnlib.course.kit.scene import Bars, Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, Stop, choice, widget
from nnlib.course.lessons.lesson_09b_excess_error.polynomials import (
    DEGREES,
    MIDDLE,
    Parts,
    batch,
    examples,
    fits,
    order,
    target,
    typical,
)

EXAMPLES = (20, 50, 100, 200, 1000)
STEPS = (1, 3, 10, 30, 100, 300, 1000)
END = "end"
TOP = 0.6  # of the bars' picture
WIDTH = 1.3  # of a bar
HIGH = 2.0  # of the curves'
DOTS = 100  # as many examples as can be told apart


@dataclass(frozen=True)
class ExcessBars(Model):
    """What a polynomial's excess error is made of, for five degrees side by side.

    `steps` of gradient descent, or "end": trained until nothing moves.
    """

    title = "Three parts of one error"
    goal = "with 20 examples, a total of 0.06 or less"
    on_every_page = (
        {"N": "20", "steps": "30", "degree": "9"},  # as in the prediction
        {"N": "20", "steps": "30", "degree": "7"},  # the goal
    )
    tour = (
        Stop(
            "A straight line, with plenty of data, trained to the end: all of its error is E_app.",
            "Excess error by degree",
            N="1000",
            steps=END,
            degree="1",
        ),
        Stop(
            "Degree 7 can follow the wave. What is left of its error is too small to be seen.",
            "Excess error by degree",
            N="1000",
            steps=END,
            degree="7",
        ),
        Stop(
            "With 50 examples E_est comes on top: the noise has been learned too.",
            "Examples N",
            N="50",
            steps=END,
            degree="7",
        ),
        Stop(
            "After three steps most is E_opt: the curve has hardly begun to bend.",
            "Steps",
            N="50",
            steps="3",
            degree="7",
        ),
        Stop(
            "Few examples: to stop early leaves most of the noise unlearned, and E_opt is below 0.",
            "Steps",
            N="20",
            steps="30",
            degree="9",
        ),
    )

    N: str = choice("Examples N", {str(n): f"{n:,}" for n in EXAMPLES}, at="200")
    degree: str = choice("Degree", {str(d): str(d) for d in DEGREES}, at="5")
    steps: str = choice("Steps", {str(t): f"{t:,}" for t in STEPS} | {END: "to the end"}, at="10")

    def parts(self, degree: int) -> Parts:
        return typical(int(self.N), degree, self.trained(degree))

    def trained(self, degree: int) -> Floats:
        """The weights of every data set, as far as they were trained."""
        N = int(self.N)
        return fits(N, degree) if self.steps == END else batch(N).at(int(self.steps), degree)

    def reached(self) -> bool:
        return self.N == "20" and self.parts(int(self.degree)).total <= 0.06

    def scene(self) -> Scene:
        every = [self.parts(degree) for degree in DEGREES]
        return Scene((self.bars_panel(every), self.curves_panel()), self.words(every), columns=2)

    def bars_panel(self, every: list[Parts]) -> Panel:
        """Stacked from below: E_app, E_est, E_opt. Where E_opt is negative, it takes off the top."""
        app = np.array([parts.app for parts in every])
        learned = np.array([parts.app + parts.est for parts in every])
        total = np.array([parts.total for parts in every])
        at = np.array(DEGREES, dtype=float)
        taken_off = np.where(total < learned, learned, 0)
        put_on = np.where(total > learned, total, 0)
        items: list[Item] = [
            bars(taken_off, at, "sky blue", "E_opt < 0", hatch=True),
            bars(put_on, at, "blue", "E_opt", hatch=True),
            bars(np.minimum(total, learned), at, "orange", "E_est"),
            bars(app, at, "gray", "E_app"),
            Line(tops(at, total), label="total"),
        ]
        for degree, height in zip(DEGREES, np.maximum(learned, total), strict=True):
            if height > TOP:
                items.append(Label((degree, 0.94 * TOP), f"to {height:.2g}", boxed=True))
        yours = DEGREES.index(int(self.degree))
        if total[yours] < TOP:
            items.append(
                Points(np.array([[at[yours], total[yours]]]), "ring", "vermillion", "yours")
            )
        limits = (0.0, 10.0), (0.0, TOP)
        title = "Excess error by degree"
        return Panel(*limits, "degree", "excess error", tuple(items), height=0.8, title=title)

    def curves_panel(self) -> Panel:
        """The chosen degree on the data set in the middle."""
        N, degree = int(self.N), int(self.degree)
        row = int(order(N, degree)[MIDDLE][0])
        x, y = (part[row, :DOTS] for part in examples(N))
        grid = np.linspace(-1, 1, 81)
        X = legvander(grid, degree)

        def curve(values: Floats) -> Floats:
            return np.column_stack([grid, np.where(np.abs(values) > HIGH, np.nan, values)])

        items = (
            Points(np.column_stack([x, y]), "circle", "gray", size="small"),
            Line(curve(target(grid)), style="dotted", label="the wave"),
            Line(
                curve(X @ fits(N, degree)[row]), "orange", dashed=True, label="trained to the end"
            ),
            Line(curve(X @ self.trained(degree)[row]), "blue", label="now"),
        )
        limits = (-1.0, 1.0), (-HIGH, HIGH)
        title = f"One data set, degree {degree}"
        return Panel(*limits, "x", "y", items, height=0.8, title=title)

    def words(self, every: list[Parts]) -> str:
        yours = every[DEGREES.index(int(self.degree))]
        trained = "trained to the end" if self.steps == END else f"{counted_steps(self.steps)}"
        app, est, opt, total = (minus(f"{part:.3f}") for part in (*yours, yours.total))
        best = min(range(len(DEGREES)), key=lambda k: every[k].total)
        lowest = f"degree {DEGREES[best]}, with {every[best].total:.3f}"
        return (
            f"N = {int(self.N):,}, degree {self.degree}, {trained}: E_app {app}, E_est {est}, "
            f"E_opt {opt}, together {total}. Lowest with these examples and steps: {lowest}."
        )


def counted_steps(steps: str) -> str:
    return "1 step" if steps == "1" else f"{int(steps):,} steps"


def tops(at: Floats, heights: Floats) -> Floats:
    """A stroke across each bar at its height, with gaps between; none above the picture."""
    seen = np.where(heights < TOP, heights, np.nan)
    strokes: Floats = np.stack(
        [
            np.column_stack([at - WIDTH / 2, seen]),
            np.column_stack([at + WIDTH / 2, seen]),
            np.full((len(at), 2), np.nan),
        ],
        axis=1,
    ).reshape(-1, 2)
    return strokes


def bars(heights: Floats, at: Floats, color: str, label: str, hatch: bool = False) -> Bars:
    """From the ground up, so that the lower ones are painted over the higher; cut at the top."""
    return Bars(np.minimum(heights, TOP), color, label, positions=at, width=WIDTH, hatch=hatch)


excess_bars = widget(ExcessBars)
