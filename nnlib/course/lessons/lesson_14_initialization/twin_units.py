"""Six hidden units that start alike: a little noise, and they part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat

import numpy as np

import nnlib.nn.functional as F
from nnlib import Tensor, data, nn, no_grad, optim
from nnlib.classical import Labels
from nnlib.course.kit import runs
from nnlib.course.kit.numbers import counted
from nnlib.course.kit.plane import class_points
from nnlib.course.kit.scene import Floats, Heat, Item, Line, Panel, Points, Scene, pixel_centers
from nnlib.course.kit.widget import Button, Model, choice, steps, widget

UNITS, POINTS = 6, 120
LAST, STRIDE = 800, 25
RATE = 1.0
WINDOW, WEIGHTS = (-2.4, 2.4), (-4.0, 4.0)
FINE = 28  # pixels per side of the map
APART = 0.05  # units whose parameters all differ by less are shown as one
CENTERS = {"0.3": "0.3", "0": "0"}
NOISES = {
    "0": "none",
    "1e-08": "a hundred-millionth",
    "1e-06": "a millionth",
    "0.0001": "a ten-thousandth",
    "0.01": "0.01",
    "0.5": "0.5",
}


@lru_cache(maxsize=1)
def ring() -> tuple[Floats, Labels]:
    """A disk of class 1 inside a ring of class 0."""
    X, y = data.make_circles(POINTS, noise=0.08, factor=0.35, generator=np.random.default_rng(0))
    return 1.7 * X, y


class Run(runs.Run):
    """Gradient descent on all points, from weights that are `center` plus normal numbers times `noise`."""

    every = STRIDE

    def __init__(self, center: float, noise: float) -> None:
        rng = np.random.default_rng(0)
        model = nn.MLP([2, UNITS, 1], nn.Tanh).double()
        for p in model.parameters():
            p.data = center + noise * rng.normal(size=p.shape) if p.ndim > 1 else np.zeros(p.shape)
        X, y = ring()
        batches = repeat((Tensor(X), Tensor(y[:, None].astype(float))))
        self.units: list[Floats] = []  # w₁, w₂, b, v of each
        self.right: list[float] = []
        optimizer = optim.SGD(model.parameters(), lr=RATE)
        super().__init__(model, optimizer, F.binary_cross_entropy_with_logits, batches)

    def keep(self) -> None:
        super().keep()
        W, b, v, _ = (p.data for p in self.parameters)
        self.units.append(np.column_stack([W, b, v[0]]))
        X, y = self.batch
        with no_grad():
            self.right.append(float(np.mean((self.model(X).data >= 0) == y.data)))


run = lru_cache(maxsize=16)(Run)


def kinds(units: Floats) -> int:
    """How many of them differ by more than the eye sees.

    >>> kinds(np.array([[1.0, 2.0], [1.0, 2.01], [3.0, 2.0]]))
    2
    """
    seen: list[Floats] = []
    for unit in units:
        if all(np.abs(unit - other).max() > APART for other in seen):
            seen.append(unit)
    return len(seen)


@dataclass(frozen=True)
class TwinUnits(Model):
    """A network 2–6–1 learns a disk within a ring, from weights that are all (nearly) one number.

    Every weight begins at `center` plus a normal number times `noise`; biases begin at 0.
    """

    title = "Six units that start alike"
    goal = "all points right, from a noise of a millionth or less"
    on_every_page = (
        {"noise": "0", "step": 700},
        {"noise": "1e-06", "step": 700},
        {"noise": "1e-06", "center": "0", "step": 700},
    )

    center: str = choice("all weights", CENTERS, at="0.3")
    noise: str = choice("plus noise of", NOISES, at="0")
    step: int = steps(
        LAST,
        Button("train", "Train", plays=True, interval=120, by=STRIDE),
        Button("anew", "Back to step 0", by=-LAST),
        each=STRIDE,
    )

    @property
    def run(self) -> Run:
        return run(float(self.center), float(self.noise))

    def units(self) -> Floats:
        """w₁, w₂, b and v of each unit, (steps so far + 1, UNITS, 4)."""
        last = self.run.upto(self.step)
        return np.array(self.run.units[: last + 1])

    def right(self) -> float:
        return self.run.right[self.run.upto(self.step)]

    def reached(self) -> bool:
        return float(self.noise) <= 1e-6 and self.right() == 1.0

    def scene(self) -> Scene:
        return Scene((self.answer_panel(), self.weight_panel()), self.words(), columns=2)

    def answer_panel(self) -> Panel:
        network = self.run.at(self.step)
        with no_grad():
            p = F.sigmoid(network(Tensor(pixel_centers(*WINDOW, FINE)))).data.reshape(FINE, FINE)
        heat = Heat(p, ((0.0, "0"), (0.5, "½"), (1.0, "1")), 0.5)
        items = (heat, *class_points(*ring()))
        return Panel(WINDOW, WINDOW, "x₁", "x₂", items, 0.85, title="what the network says")

    def weight_panel(self) -> Panel:
        ways = self.units()
        trails: tuple[Item, ...] = tuple(
            Line(ways[:, unit, :2], "gray", style="dotted") for unit in range(UNITS)
        )
        now = Points(ways[-1, :, :2], "circle", "green", "a hidden unit")
        items = (*trails, now)
        return Panel(WEIGHTS, WEIGHTS, "w₁", "w₂", items, 0.85, title="the weights of its units")

    def words(self) -> str:
        different = kinds(self.units()[-1])
        units = "all six units are alike" if different == 1 else f"of six units {different} differ"
        return (
            f"All weights begin at {self.center}, with noise: {NOISES[self.noise]}. "
            f"After {counted(self.step, 'step')} {units}, and {self.right():.0%} of the points are right."
        )


twin_units = widget(TwinUnits)
