"""A digit on a canvas, to be moved: what a unit of a fully connected network still finds of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

import nnlib.nn.functional as F
from nnlib import data, nn, optim
from nnlib.course.kit import runs
from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Bars, Floats, Heat, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget

N, MARGIN = 12, 2  # pixels of the canvas along each side, and those that are free around a digit
STEPS = 760  # twenty epochs of 38 batches
NETWORKS = {"softmax": "no hidden layer", "mlp": "100 hidden units"}
LAYERS: dict[str, Callable[[], nn.Module]] = {
    "softmax": lambda: nn.Linear(N * N, 10),
    "mlp": lambda: nn.MLP([N * N, 100, 10]),
}
INK = 0.5  # a pixel with more ink than this is marked on the template


class Training(runs.Run):
    every: ClassVar[int] = STEPS


def on_canvas(images: Floats) -> Floats:
    """Digits of 64 pixels in the middle of canvases: (…, 12, 12)."""
    frame = [(0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN)]
    return np.pad(images.reshape(-1, N - 2 * MARGIN, N - 2 * MARGIN), frame)


@lru_cache
def network(kind: str) -> nn.Module:
    """A network that has learned digits in the middle of the canvas, and nowhere else."""
    X, y, _, _ = data.load_digits_split(dtype=np.float64, standardize=False)
    rng = np.random.default_rng(0)
    model = runs.started(LAYERS[kind](), nn.init.xavier_uniform_, rng)
    pairs = data.TensorDataset(on_canvas(X).reshape(len(X), -1), y)
    batches = runs.epochs(data.DataLoader(pairs, 32, shuffle=True, generator=rng))
    adam = optim.Adam(model.parameters(), lr=0.003)
    return Training(model, adam, F.cross_entropy, batches).at(STEPS)


@lru_cache
def example(digit: int) -> Floats:
    """A test image of the digit that both networks read right where it is, (12, 12)."""
    _, _, X, y = data.load_digits_split(dtype=np.float64, standardize=False)
    images = on_canvas(X[y == digit])
    flat = images.reshape(len(images), -1)
    right = [network(kind)(flat).data.argmax(axis=1) == digit for kind in NETWORKS]
    found: Floats = images[np.logical_and(*right)][0]
    return found


@lru_cache
def unit_of(kind: str, digit: int) -> tuple[str, Floats]:
    """The unit that says most for the digit, by name, and its template, (12, 12)."""
    W, b, *above = (np.array(p.data) for p in network(kind).parameters())
    if not above:
        return f"output {digit}", W[digit].reshape(N, N)
    h = np.maximum(W @ example(digit).ravel() + b, 0)
    best = int(np.argmax(above[0][digit] * h))
    return f"hidden unit {best + 1}", W[best].reshape(N, N)


@dataclass(frozen=True)
class DigitJoystick(Model):
    """A digit that is moved over a canvas of 12 × 12, and how a network reads it.

    The network has learned 1,200 digits, all of them in the middle. `dx` moves to the right, `dy`
    down. The template is that of the unit that says most for this digit.
    """

    title = "Move a digit"
    goal = "find a digit that is still read right in a corner of the canvas"

    digit: str = choice("Digit", {str(k): str(k) for k in range(10)}, at="5")
    network: str = choice("Network with", NETWORKS, at="softmax")
    dx: int = slider("To the right", -MARGIN, MARGIN, 1, at=0)
    dy: int = slider("Down", -MARGIN, MARGIN, 1, at=0)

    @property
    def canvas(self) -> Floats:
        moved: Floats = data.shift(example(int(self.digit)), self.dx, self.dy)
        return moved

    @property
    def probabilities(self) -> Floats:
        logits = network(self.network)(self.canvas.reshape(1, -1))
        shares: Floats = F.softmax(logits, 1).data[0]
        return shares

    @property
    def read_as(self) -> int:
        return int(self.probabilities.argmax())

    def reached(self) -> bool:
        corner = abs(self.dx) == abs(self.dy) == MARGIN
        return corner and self.read_as == int(self.digit)

    def match(self, canvas: Floats) -> float:
        """w · x, of the unit whose template is shown."""
        return float(np.sum(unit_of(self.network, int(self.digit))[1] * canvas))

    def scene(self) -> Scene:
        panels = self.canvas_panel(), self.template_panel(), self.shares_panel()
        return Scene(panels, self.words(), columns=3)

    def canvas_panel(self) -> Panel:
        """In coordinates of which 0 is the middle, so that a click moves the digit there."""
        half = N / 2
        heat = Heat(self.canvas[::-1], ((-1, ""), (0, "0"), (1, "1")), 0.0)
        edge = half - MARGIN
        home = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * edge
        items = (heat, frame(half), Line(home, "gray", style="dotted", label="where all learned"))
        limits, drag = ((-half, half), (half, -half)), ("dx", "dy")
        return Panel(*limits, "", "", items, title="the canvas", axes=False, drag=drag)

    def template_panel(self) -> Panel:
        name, template = unit_of(self.network, int(self.digit))
        most = float(np.abs(template).max())
        half = N / 2
        rows, columns = np.nonzero(self.canvas > INK)
        ink = np.column_stack([columns, rows]) - (half - 0.5)
        heat = Heat(template[::-1], ((-most, ""), (0.0, "0"), (most, "")), 0.0)
        items = heat, frame(half), Points(ink, "circle", "ink", "ink of the digit", "small")
        title = f"template of {name}"
        return Panel((-half, half), (half, -half), "", "", items, title=title, axes=False)

    def shares_panel(self) -> Panel:
        p = self.probabilities
        true = int(self.digit)
        others = np.arange(10.0) != true
        items = (
            Bars(p[others], "blue", "other digits", np.arange(10.0)[others]),
            Bars(p[~others], "orange", f"the digit, {true}", np.array([float(true)]), hatch=True),
        )
        title = "probabilities"
        return Panel((-0.7, 9.7), (0.0, 1.0), "digit", "", items, whole=True, title=title)

    def words(self) -> str:
        right = "right" if self.read_as == int(self.digit) else "wrong"
        name, _ = unit_of(self.network, int(self.digit))
        now, before = self.match(self.canvas), self.match(example(int(self.digit)))
        return (
            f"A {self.digit}, {moved(self.dx, self.dy)}, is read as {self.read_as}, which is "
            f"{right}, with probability {number(float(self.probabilities.max()))}. It matches the "
            f"template of {name} by w · x = {number(now)}; in the middle by {number(before)}."
        )


def moved(dx: int, dy: int) -> str:
    """Where a digit went, in words.

    >>> moved(0, 0), moved(-1, 2)
    ('in the middle', 'moved 1 to the left and 2 down')
    """
    ways = [
        f"{abs(way)} {names[way > 0]}"
        for way, names in ((dx, ("to the left", "to the right")), (dy, ("up", "down")))
        if way
    ]
    return f"moved {' and '.join(ways)}" if ways else "in the middle"


def frame(half: float) -> Line:
    """The edge of the canvas."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * (half - 0.03)
    return Line(corners, "gray")


digit_joystick = widget(DigitJoystick)
