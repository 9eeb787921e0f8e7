"""Backtracking on the loss of a fitted wave: each try that fails shrinks the bracket."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from nnlib.course.kit.numbers import digits, number
from nnlib.course.kit.scene import Floats, Heat, Item, Line, Panel, Points, Scene, relief
from nnlib.course.kit.widget import Button, Model, Stop, choice, slider, steps, widget
from nnlib.course.surfaces import WAVE
from nnlib.optim import backtracking

TRIES = 40
WINDOW = (-1.6, 1.6)
FLAT = 1e-4  # a gradient of that length: it has arrived
LOSS = WAVE.loss()
ALONG = "The loss along the step"
BUTTONS = (
    Button("again", "Rewind", by=-TRIES),
    Button("next", "Next try", by=1),
    Button("play", "Play", plays=True, interval=500, by=1),
)


@dataclass(frozen=True)
class Try:
    """One rate η, tried at w with the gradient g; `above` is the last one that failed there."""

    search: int  # from 1
    w: Floats
    g: Floats
    eta: float
    above: float | None
    taken: bool

    def f(self, eta: ArrayLike) -> Floats:
        """The loss along the step, for rates of any shape."""
        return LOSS.f(self.w - np.asarray(eta)[..., None] * self.g)


@dataclass(frozen=True)
class BracketStepper(Model):
    """Gradient descent that looks for its rate at every step: `first`, then half of it, and so on.

    It starts at (x0, y0). A try is taken if it brings the share `c` of what the slope promises.
    """

    title = "The bracket that shrinks"
    goal = "from (0.9, 1.2), bring the loss below 0.01 within 15 tries"
    tour = (
        Stop("The gradient at the start says in which direction. How far is to be found.", "Tries"),
        Stop("This is the loss along that direction, for every rate η.", ALONG),
        Stop("η = 4 ends above the dashed line: a failure, and the bracket ends there.", ALONG, step=1),
        Stop("η = 2, half of it, ends below: the step is taken.", ALONG, step=2),
        Stop("From the new place the next search begins at 4 once more.", ALONG, step=3),
        Stop("With a larger c the line is steeper, and η = 2 fails as well.", "share c", c="0.5", step=2),
    )  # fmt: skip

    first: str = choice("first η", {x: x for x in ("0.5", "1", "2", "4", "8")}, at="4")
    c: str = choice("share c", {x: x for x in ("0.0001", "0.1", "0.5")}, at="0.0001")
    x0: float = slider("start w₁", -1.5, 1.5, 0.1, at=0.9)
    y0: float = slider("start w₂", -1.5, 1.5, 0.1, at=1.2)
    step: int = steps(TRIES, *BUTTONS, at=0, label="Tries")

    @property
    def tries(self) -> tuple[Try, ...]:
        """All 40, made or not; fewer where it arrives before."""
        return searches(float(self.x0), float(self.y0), float(self.first), float(self.c))

    @property
    def made(self) -> tuple[Try, ...]:
        return self.tries[: self.step]

    @property
    def current(self) -> Try:
        """The last try that was made, or the one that is to come first."""
        return self.tries[min(max(self.step, 1), len(self.tries)) - 1]

    @property
    def places(self) -> Floats:
        """The start and every place that was stepped to, (N, 2)."""
        taken = [t.w - t.eta * t.g for t in self.made if t.taken]
        return np.array([[self.x0, self.y0], *taken], dtype=float)

    @property
    def loss(self) -> float:
        return float(LOSS.f(self.places[-1]))

    def reached(self) -> bool:
        return (self.x0, self.y0) == (0.9, 1.2) and self.step <= 15 and self.loss < 0.01

    def scene(self) -> Scene:
        return Scene((self.plane_panel(), self.slice_panel()), self.words(), columns=2)

    def plane_panel(self) -> Panel:
        now = self.current
        reach = float(self.first) * np.array([[0.0], [1.0]])
        items = (
            bands(),
            Line(now.w - reach * now.g, "blue", style="dotted", label="against the gradient"),
            Line(self.places, "ink"),
            Points(self.places[-1:], "circle", "orange", label="here"),
            Points(self.places[:1], "ring", label="start"),
        )
        return Panel(
            WINDOW,
            WINDOW,
            "w₁",
            "w₂",
            items,
            title="The surface: the bluer, the lower",
            drag=("x0", "y0"),
        )

    def slice_panel(self) -> Panel:
        """Along the step: the loss, what it is asked to fall to, the tries and the bracket."""
        now, first = self.current, float(self.first)
        eta = np.linspace(0, 1.1 * first, 121)
        f, asked = now.f(eta), self.asked(eta)
        low, high = float(f.min()), float(f.max())
        room = 0.15 * (high - low) + 1e-9
        floor = low - room
        items: list[Item] = [
            Line(np.column_stack([eta, f]), label="loss"),
            Line(np.column_stack([eta, np.where(asked > floor, asked, np.nan)]), "green",
                 style="dashed", label="at most this"),
        ]  # fmt: skip
        tried = [t for t in self.made if t.search == now.search]
        end = now.eta if tried and not now.taken else now.above
        bracket = np.array([[0.0, floor], [end or first, floor]])
        items.append(Line(bracket, "blue", marker="square", label="bracket"))
        for marker, color, taken in (("cross", "vermillion", False), ("circle", "orange", True)):
            rates = np.array([t.eta for t in tried if t.taken == taken])
            label = "taken" if taken else "failed"
            if len(rates):
                xy = np.column_stack([rates, now.f(rates)])
                items.append(Points(xy, marker, color, label=label))
        ylim = (floor - room, high + room)
        return Panel((0.0, 1.1 * first), ylim, "η", "", tuple(items), title=ALONG)

    def asked(self, eta: ArrayLike) -> Floats:
        """What the loss may be at most, (5) of the lesson."""
        now = self.current
        return np.asarray(now.f(0.0) - float(self.c) * np.asarray(eta) * (now.g @ now.g))

    def words(self) -> str:
        if not self.step:
            start = f"From ({number(self.x0)}, {number(self.y0)}), f = {digits(self.loss, 2)}"
            return f"{start}. The first try will be η = {self.first}."
        if self.step > len(self.tries):
            return f"After {len(self.tries)} tries it has arrived: the gradient is next to nothing, f = {digits(self.loss, 2)}."
        now = self.current
        there, asked = float(now.f(now.eta)), float(self.asked(now.eta))
        told = f"Try {self.step}, in search {now.search}: η = {number(now.eta)} leads to f = {digits(there, 2)}"
        if now.taken:
            after = f"the step is taken. After {self.step} tries f = {digits(self.loss, 2)}"
        else:
            after = f"it fails, and the bracket is now 0 to {number(now.eta)}"
        sign = "≤" if now.taken else ">"
        return f"{told} {sign} {digits(asked, 2)}: {after}."


@lru_cache(maxsize=256)
def searches(x0: float, y0: float, first: float, c: float) -> tuple[Try, ...]:
    """Forty tries, as nnlib's `backtracking` makes them, or fewer where it arrives before."""
    tries: list[Try] = []
    w, search = np.array([x0, y0]), 0
    g = LOSS.gradient(w)
    while len(tries) < TRIES and np.linalg.norm(g) > FLAT:
        search += 1
        eta = backtracking(LOSS.f, w, g, eta=first, c=c)
        rate, above = first, None
        while rate >= eta:  # it went down to η by halves
            tries.append(Try(search, w, g, rate, above, rate == eta))
            rate, above = rate / 2, rate
        w = w - eta * g
        g = LOSS.gradient(w)
    return tuple(tries[:TRIES])


@lru_cache
def bands(n: int = 80) -> Heat:
    """The surface in shades."""
    along = np.linspace(*WINDOW, n)
    return relief(LOSS.f(np.stack(np.meshgrid(along, along), axis=-1)))


bracket_stepper = widget(BracketStepper)
