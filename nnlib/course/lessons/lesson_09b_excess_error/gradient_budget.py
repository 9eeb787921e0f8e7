"""A fixed number of gradients: few examples seen often, many seen seldom, or each seen once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib.course.kit.numbers import minus
from nnlib.course.kit.scene import Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, widget
from nnlib.course.lessons.lesson_09b_excess_error.polynomials import (
    Parts,
    approximation,
    batch,
    one_pass,
    typical,
)

BUDGETS = (200, 500, 1000, 2000)
EXAMPLES = (20, 50, 100, 200, 500, 1000, 2000)
LIMITS = (15.0, 2700.0), (3e-4, 1.0)


@dataclass(frozen=True)
class GradientBudget(Model):
    """Batch descent on N examples for as many steps as the budget pays, and one pass of SGD."""

    title = "Spend a budget of gradients"
    goal = "bring batch descent to 0.014 or less"
    on_every_page = (
        {"budget": "2000", "degree": "7", "N": "100", "show": "batch"},
        {"budget": "2000", "degree": "9", "N": "100", "show": "batch"},
    )

    budget: str = choice("Gradients", {str(b): f"{b:,}" for b in BUDGETS}, at="1000")
    degree: str = choice("Degree", {d: d for d in ("5", "7", "9")}, at="5")
    N: str = choice("Examples N", {str(n): f"{n:,}" for n in EXAMPLES}, at="500")
    show: str = choice("Show", {"batch": "batch descent", "both": "and one pass"}, at="batch")

    @property
    def steps(self) -> int:
        """Batch descent's: each costs N gradients."""
        return int(self.budget) // int(self.N)

    def batch_parts(self, N: int) -> Parts:
        degree = int(self.degree)
        return typical(N, degree, batch(N).at(int(self.budget) // N, degree))

    def pass_parts(self) -> Parts:
        """One pass has seen as many examples as it has taken steps."""
        N, degree = int(self.budget), int(self.degree)
        return typical(N, degree, one_pass(N).at(N, degree))

    def reached(self) -> bool:
        return self.batch_parts(int(self.N)).total <= 0.014

    def scene(self) -> Scene:
        budget, N = int(self.budget), int(self.N)
        sizes = [n for n in EXAMPLES if n <= budget]
        plans = [self.batch_parts(n) for n in sizes]
        x = np.array(sizes, dtype=float)
        app = np.full(2, approximation(int(self.degree)))
        learned = np.array([plan.app + plan.est for plan in plans])
        total = np.array([plan.total for plan in plans])
        items: list[Item] = [
            Line(np.column_stack([LIMITS[0], app]), "gray", style="dotted", label="E_app"),
            Line(
                np.column_stack([x, learned]),
                "orange",
                label="E_app + E_est",
                marker="square",
                style="dashed",
            ),
            Line(np.column_stack([x, total]), "blue", label="batch: total", marker="circle"),
        ]
        yours = self.batch_parts(N).total
        items.append(Points(np.array([[N, yours]]), "ring", "ink", "your N"))
        if self.show == "both":
            once = self.pass_parts().total
            across = np.array([[LIMITS[0][0], once], [budget, once]])
            items += [
                Line(across, "vermillion", style="dotted"),
                Points(across[1:], "diamond", "vermillion", "one pass: total"),
            ]
        panel = Panel(
            *LIMITS, "examples N", "excess error", tuple(items), height=0.6, xlog=True, ylog=True
        )
        return Scene((panel,), self.words())

    def words(self) -> str:
        steps = "1 step" if self.steps == 1 else f"{self.steps:,} steps"
        told = (
            f"{int(self.budget):,} gradients, degree {self.degree}. Batch descent on "
            f"{int(self.N):,} examples, {steps}: {in_words(self.batch_parts(int(self.N)))}."
        )
        if self.show == "both":
            told += (
                f" One pass over {int(self.budget):,} examples, as many steps: "
                f"{in_words(self.pass_parts())}."
            )
        return told


def in_words(parts: Parts) -> str:
    app, est, opt, total = (minus(f"{part:.4f}") for part in (*parts, parts.total))
    return f"E_app {app}, E_est {est}, E_opt {opt}, together {total}"


gradient_budget = widget(GradientBudget)
