"""The best of many recipes by a small validation set, and what its promise is worth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.kit.numbers import counted, number
from nnlib.course.kit.scene import Bars, Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, log_slider, widget

RECIPES = (1.0, 251.0)
REPEATS = 400  # projects, each with its own validation set
MEAN, SPREAD = 0.95, 0.008  # of the true shares right, where recipes differ
SIZES = {str(n): f"{n:,}" for n in (50, 100, 300, 1000, 5000)}
KINDS = {"equal": "equally good", "differ": "of different worth"}
GOAL = 0.005
RANGE = (86, 100)  # percent


@lru_cache(maxsize=64)
def projects(kind: str, n: int) -> tuple[Floats, Floats]:
    """In each project, what each recipe is worth in truth and on its validation set: (REPEATS, recipes)."""
    rng = np.random.default_rng(0)
    shape = REPEATS, round(RECIPES[1])
    worth = np.full(shape, MEAN)
    if kind == "differ":
        worth = np.clip(worth + SPREAD * rng.normal(size=shape), 0, 0.995)
    return worth, rng.binomial(n, worth) / n


@dataclass(frozen=True)
class WinnersCurse(Model):
    """Of `recipes` recipes the best on `n` validation images: what it promises, and what it keeps."""

    title = "What the winner promises"
    goal = f"100 recipes or more, and a promise that is at most {GOAL:.1%} too high on average"

    recipes: float = log_slider("Recipes tried", *RECIPES, at=1.0, per_decade=5)
    n: str = choice("Validation images", SIZES, at="100")
    kind: str = choice("The recipes are", KINDS, at="equal")

    @property
    def tried(self) -> int:
        return round(self.recipes)

    def means(self) -> tuple[float, float]:
        """What the winner promises and keeps, over all projects."""
        worth, measured = (a[:, : self.tried] for a in projects(self.kind, int(self.n)))
        best = measured.argmax(axis=1)
        rows = np.arange(REPEATS)
        return float(measured[rows, best].mean()), float(worth[rows, best].mean())

    def reached(self) -> bool:
        promised, kept = self.means()
        return self.tried >= 100 and promised - kept <= GOAL

    def scene(self) -> Scene:
        return Scene((self.one_project(), self.many()), self.words(), columns=2)

    def one_project(self) -> Panel:
        """The recipes of one project: true worth across, measured worth up."""
        worth, measured = (100 * a[0, : self.tried] for a in projects(self.kind, int(self.n)))
        across = worth + (np.arange(self.tried) % 21 - 10) * 0.02  # so that equal ones are seen
        best = int(measured.argmax())
        items: tuple[Item, ...] = (
            Line(np.array([[RANGE[0]] * 2, [RANGE[1]] * 2]), "gray", style="dotted"),
            Points(np.column_stack([across, measured]), "circle", "blue", "a recipe", "small"),
            Points(np.array([[across[best], measured[best]]]), "square", "orange", "the winner"),
        )
        limits = (92, 98), RANGE
        return Panel(
            *limits, "right in truth, in %", "right in validation, in %", items, height=0.85
        )

    def many(self) -> Panel:
        promised, kept = self.means()
        items: tuple[Item, ...] = (
            Bars(np.array([100 * promised]), "orange", "promised", np.array([1.0]), hatch=True),
            Bars(np.array([100 * kept]), "blue", "kept", np.array([2.0])),
            Label((1.0, 100 * promised + 0.4), f"{promised:.1%}"),
            Label((2.0, 100 * kept + 0.4), f"{kept:.1%}"),
        )
        title = f"winners of {REPEATS} projects"
        return Panel((0.4, 2.6), (90, 101), "", "right, in %", items, height=0.85, title=title)

    def words(self) -> str:
        promised, kept = self.means()
        return (
            f"{counted(self.tried, 'recipe')}, {SIZES[self.n]} validation images: on average the "
            f"winner promises {promised:.1%} and keeps {kept:.1%}. "
            f"The promise is {number(round(100 * (promised - kept), 1) + 0.0)} points too high."
        )


winners_curse = widget(WinnersCurse)
