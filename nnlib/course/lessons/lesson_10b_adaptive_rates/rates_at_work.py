"""A rate for every weight: how Adam and its kin divide, in a ravine that can be turned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib import Tensor
from nnlib.course.kit.numbers import digits
from nnlib.course.kit.scene import Floats, Heat, Item, Line, Panel, Points, Scene, relief
from nnlib.course.kit.widget import Button, Model, choice, log_slider, slider, steps, widget
from nnlib.course.surfaces import FAR, Surface, quadratic
from nnlib.optim import SGD, Adagrad, Adam, Optimizer, RMSprop
from nnlib.viz import roles

KAPPA, STEPS, WINDOW = 100, 120, (-1.6, 1.6)
EVEN = 1.15  # two rates that differ by less count as one
BUTTONS = (
    Button("again", "Rewind", by=-STEPS),
    Button("step", "Next", by=1),
    Button("play", "Play", plays=True, interval=80, by=2),
)
# Each optimizer, and where it keeps what it divides by. SGD divides by nothing.
MAKERS: dict[str, tuple[Callable[[list[Tensor], float], Optimizer], str]] = {
    "SGD": (lambda w, lr: SGD(w, lr=lr), ""),
    "Adagrad": (lambda w, lr: Adagrad(w, lr=lr), "sum"),
    "RMSprop": (lambda w, lr: RMSprop(w, lr=lr, alpha=0.9), "square_avg"),
    "Adam": (lambda w, lr: Adam(w, lr=lr), "exp_avg_sq"),
}


@dataclass(frozen=True)
class RatesAtWork(Model):
    """One optimizer in the ravine ½(w₁² + 100 w₂²), turned by `degrees`: its path and its rates.

    The rate of a weight is what its gradient (of Adam: the gradient's mean) is multiplied by.
    """

    title = "A rate for every weight"
    goal = "along the axes, find an optimizer whose rates come to lie 100 times apart"

    optimizer: str = choice("Optimizer", {name: name for name in MAKERS}, at="Adam")
    lr: float = log_slider("η", 0.001, 1.0, at=0.1)
    degrees: int = slider("turned by, in degrees", 0, 45, 5, at=0)
    step: int = steps(STEPS, *BUTTONS, at=0)

    @property
    def run(self) -> tuple[Floats, Floats]:
        return run(self.optimizer, self.lr, self.degrees)

    @property
    def uneven(self) -> float:
        """How many times larger one weight's rate is than the other's, in the latest step."""
        one, other = self.run[1][max(self.step, 1)]
        return float(max(one, other) / min(one, other))

    def reached(self) -> bool:
        rates = self.run[1][1 : self.step + 1]
        apart = rates.max(axis=1) >= KAPPA * rates.min(axis=1)
        return self.degrees == 0 and bool(apart.any())  # at some step, though later ones be nearer

    def scene(self) -> Scene:
        return Scene((self.plane_panel(), self.rates_panel()), self.words(), columns=2)

    def plane_panel(self) -> Panel:
        path, role = self.run[0][: self.step + 1], roles[self.optimizer]
        items: list[Item] = [valley(self.degrees), Line(path, role.color, style=role.style)]
        if np.isfinite(path[-1]).all():
            items.append(Points(path[-1:], role.marker, role.color, self.optimizer))
        items.append(Points(path[:1], "ring", label="start"))
        return Panel(WINDOW, WINDOW, "w₁", "w₂", tuple(items))

    def rates_panel(self) -> Panel:
        taken = np.arange(1, self.step + 1)
        one, other = self.run[1][1 : self.step + 1].T
        items = (
            Line(np.column_stack([taken, one]), "blue", label="rate of w₁", marker="circle"),
            Line(
                np.column_stack([taken, other]), "vermillion", True, "rate of w₂", marker="square"
            ),
        )
        limits = (0.0, float(STEPS)), (1e-4, 100.0)
        return Panel(*limits, "step", "rate", items, whole=True, ylog=True)

    def words(self) -> str:
        turned = f"turned by {self.degrees}°" if self.degrees else "along the axes"
        where = f"{self.optimizer} in a ravine {turned}, after {self.step} steps"
        if self.step == 0:
            return f"{where}: no gradient has been seen yet."
        place, (one, other) = self.run[0][self.step], self.run[1][self.step]
        if not np.isfinite(place).all():
            return f"{where}: it is lost."
        height = float(ravine(self.degrees).f(place))
        rates = f"the rate of w₁ is {digits(one, 2)}, that of w₂ {digits(other, 2)}"
        ratio = "the same" if self.uneven < EVEN else f"{digits(self.uneven, 2)} times apart"
        low = "below 0.0001" if height < 1e-4 else digits(height, 2)
        return f"{where}: {rates} ({ratio}); f = {low}."


def ravine(degrees: int) -> Surface:
    return quadratic(1, KAPPA, degrees=degrees)


@lru_cache(maxsize=256)
def run(name: str, lr: float, degrees: int) -> tuple[Floats, Floats]:
    """The places of w and the rates of its two weights, step by step, (STEPS + 1, 2) each.

    The start lies in the ravine's own axes at (−1.2, 0.3), however it is turned. NaN once w is lost.
    """
    make, kept = MAKERS[name]
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    w = Tensor(np.array([[c, -s], [s, c]]) @ [-1.2, 0.3], requires_grad=True)
    optimizer = make([w], lr)
    places, rates = np.full((2, STEPS + 1, 2), np.nan)
    places[0] = w.data
    for t in range(1, STEPS + 1):
        w.grad = ravine(degrees).gradient(w.data)
        optimizer.step()
        if np.abs(w.data).max() > FAR:
            break
        places[t] = w.data
        rates[t] = lr
        if kept:
            squares = optimizer.state[w][kept]
            if name == "Adam":
                squares = squares / (1 - 0.999**t)
            rates[t] = lr / (np.sqrt(squares) + 1e-8)
    return places, rates


@lru_cache
def valley(degrees: int, n: int = 80) -> Heat:
    """The ravine in shades."""
    along = np.linspace(*WINDOW, n)
    return relief(ravine(degrees).f(np.stack(np.meshgrid(along, along), axis=-1)))


rates_at_work = widget(RatesAtWork)
