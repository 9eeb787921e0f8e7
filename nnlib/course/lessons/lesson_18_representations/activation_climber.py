"""The activation climber: nine pictures that climb a unit, beside the images that excite it most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

import nnlib.nn.functional as F
from nnlib import Tensor, nn, optim
from nnlib.course.kit import runs
from nnlib.course.kit.numbers import significant
from nnlib.course.kit.scene import Bars, Floats, Heat, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Button, Model, choice, steps, widget
from nnlib.data import DataLoader, TensorDataset, load_digits_split

TRAINED, STARTS = 720, 9
STRIDE, LAST = 10, 200
RATE, RADIUS = 0.1, 4.0  # ‖x‖ of a digit is 3.9 on average
EVEN = 10  # the place of the logit of "even", behind those of the ten digits
UNITS = {  # name: layer, place
    "first": (1, 13),
    "busy": (2, 31),
    "split": (2, 13),
    "silent": (2, 12),
    "zero": (3, 0),
    "three": (3, 3),
    "eight": (3, 8),
    "even": (3, EVEN),
}
NAMES = {
    "first": "Unit A, layer 1",
    "busy": "Unit B, layer 2",
    "split": "Unit C, layer 2",
    "silent": "Unit D, layer 2",
    "zero": "Logit of 0",
    "three": "Logit of 3",
    "eight": "Logit of 8",
    "even": "Logit of “even”",
}
LIMITS = {"length": "length 4", "ink": "ink from 0 to 1"}


class Digits(NamedTuple):
    """Training images, pixels from 0 to 1."""

    X: Floats
    y: Any


@lru_cache(maxsize=1)
def digits() -> Digits:
    X, y, _, _ = load_digits_split(dtype=np.float64, standardize=False)
    return Digits(X, y)


def loss(z: Tensor, y: Any) -> Tensor:
    """Which digit, and is it even?"""
    even = F.binary_cross_entropy_with_logits(z[:, EVEN], (y % 2 == 0).double())
    return F.cross_entropy(z[:, :EVEN], y) + even


class Run(runs.Run):
    """A 64–32–32–11 network that learns the digits."""

    every = TRAINED

    def __init__(self) -> None:
        model = nn.MLP([64, 32, 32, 11], nn.ReLU, generator=np.random.default_rng(0)).double()
        pairs = TensorDataset(digits().X, digits().y)
        batches = DataLoader(pairs, 50, shuffle=True, generator=np.random.default_rng(1))
        adam = optim.Adam(model.parameters(), lr=0.005)
        super().__init__(model, adam, loss, runs.epochs(batches))


@lru_cache(maxsize=1)
def layers() -> list[nn.Module]:
    """What leads to the pre-activations of layer 1, 2 and 3 of the trained network."""
    parts = list(Run().at(TRAINED).children())
    return [nn.Sequential(*parts[: 2 * k + 1]) for k in range(3)]


def excitement(unit: str, x: Any) -> Tensor:
    """z of the unit for each image: (N,)."""
    layer, place = UNITS[unit]
    z: Tensor = layers()[layer - 1](x)[:, place]
    return z


class Climb(NamedTuple):
    """Nine climbs from random starts, after 0, 10, 20, … steps."""

    pictures: Floats  # (21, 9, 64)
    heights: Floats  # (21, 9)


@lru_cache(maxsize=32)
def climb(unit: str, limits: str) -> Climb:
    pictures = np.array(list(way(unit, limits)))
    heights = np.array([excitement(unit, x).data for x in pictures])
    return Climb(pictures, heights)


def way(unit: str, limits: str) -> Iterator[Floats]:
    """The nine pictures after every ten steps up the gradient."""
    rng = np.random.default_rng(0)
    x = within(
        rng.random((STARTS, 64)) if limits == "ink" else rng.normal(size=(STARTS, 64)), limits
    )
    for step in range(LAST + 1):
        if step % STRIDE == 0:
            yield x
        pixels = Tensor(x, requires_grad=True)
        excitement(unit, pixels).sum().backward()
        x = within(x + RATE * np.asarray(pixels.grad), limits)


def within(x: Floats, limits: str) -> Floats:
    """The nearest pictures that are allowed."""
    if limits == "ink":
        return x.clip(0.0, 1.0)
    nearest: Floats = x * RADIUS / np.linalg.norm(x, axis=1, keepdims=True)
    return nearest


class Real(NamedTuple):
    """What the real images do to a unit."""

    z: Floats  # (1200,)
    top: Any  # the nine that excite it most
    on: Floats  # (10,), the share of each class with z > 0


@lru_cache(maxsize=len(UNITS))
def real(unit: str) -> Real:
    z = excitement(unit, digits().X).data
    on = np.array([(z[digits().y == c] > 0).mean() for c in range(10)])
    return Real(z, np.argsort(-z, kind="stable")[:STARTS], on)


@dataclass(frozen=True)
class ActivationClimber(Model):
    """Nine random pictures climb the pre-activation z of a unit; beside them stand real images.

    `unit` is one of "first", "busy", "split", "silent", "zero", "three", "eight", "even". `limits`
    is "length" (a picture has the length 4) or "ink" (each pixel is from 0 to 1).
    """

    title = "What a unit likes"
    goal = "find a unit that no training image turns on, and nine pictures that do"
    on_page = ("unit", "limits", "step", "climb")

    unit: str = choice("Unit", NAMES, at="zero")
    limits: str = choice("A picture has", LIMITS, at="length")
    step: int = steps(
        LAST,
        Button("climb", "Climb", plays=True, interval=120, by=STRIDE),
        Button("climb", f"{STRIDE} steps", by=STRIDE),
        each=STRIDE,
        label="Steps",
    )

    @property
    def pictures(self) -> Floats:
        shown: Floats = climb(self.unit, self.limits).pictures[self.step // STRIDE]
        return shown

    @property
    def heights(self) -> Floats:
        z: Floats = climb(self.unit, self.limits).heights[self.step // STRIDE]
        return z

    def reached(self) -> bool:
        return bool(real(self.unit).z.max() <= 0 < self.heights.min())

    def alike(self) -> float:
        """The smallest correlation between two of the nine pictures."""
        return float(np.corrcoef(self.pictures).min())

    def scene(self) -> Scene:
        top = real(self.unit).top
        labels = [str(digits().y[k]) for k in top]
        panels = (
            grid(f"nine pictures after {self.step} steps", self.pictures, [""] * STARTS),
            grid("nine real images that excite it most", digits().X[top], labels),
            self.ascent(),
            self.who(),
        )
        return Scene(panels, self.words(), columns=2)

    def ascent(self) -> Panel:
        """z of the nine pictures against steps, and the best real image."""
        heights, best = climb(self.unit, self.limits).heights, real(self.unit).z.max()
        low, high = min(heights.min(), best, 0.0), max(heights.max(), best)
        margin = 0.08 * (high - low)
        seen = heights[: self.step // STRIDE + 1]
        at = np.arange(len(seen)) * float(STRIDE)
        items = tuple(
            Line(
                np.column_stack([at, z]),
                "blue",
                label="" if k else "nine pictures",
                marker="circle",
            )
            for k, z in enumerate(seen.T)
        )
        line = Line(np.array([[0, best], [LAST, best]]), "orange", True, "the best real image")
        ylim = float(low - margin), float(high + margin)
        title = "how much it is excited"
        return Panel((0, LAST), ylim, "step", "z", (*items, line), 0.55, title=title)

    def who(self) -> Panel:
        """For each class of real images, the share that turns the unit on."""
        bars = Bars(real(self.unit).on, positions=np.arange(10.0))
        title = "share of real images with z > 0"
        return Panel((-0.6, 9.6), (0, 1.05), "digit", "", (bars,), 0.55, whole=True, title=title)

    def words(self) -> str:
        seen = real(self.unit)
        loud = ", ".join(str(c) for c in np.flatnonzero(seen.on > 0.5)) or "none"
        return (
            f"{NAMES[self.unit]} after {self.step} steps: the nine pictures excite it to "
            f"z from {significant(self.heights.min())} to {significant(self.heights.max())}, the best real "
            f"image to {significant(seen.z.max())}. The least correlation between two pictures is "
            f"{significant(self.alike())}. Digits of which more than half turn it on: {loud}. "
            "Orange is ink, blue is less than no ink."
        )


def grid(title: str, images: Floats, labels: list[str]) -> Panel:
    """Nine images in rows of three, each in a scale of its own, with a label beneath it."""
    items: list[Heat | Label] = []
    for k, (image, label) in enumerate(zip(images, labels, strict=True)):
        x, y = 10.0 * (k % 3), 10.5 * (2 - k // 3)
        shades = np.round(24 * image / np.abs(image).max()) / 24
        ticks = ((-0.6, ""), (0.0, ""), (0.6, ""))
        items.append(Heat(shades.reshape(8, 8)[::-1], ticks, 0.0, extent=(x, x + 8, y, y + 8)))
        items.append(Label((x + 4, y - 1.2), label, size="small"))
    return Panel((-6, 34), (-2.5, 30), "", "", tuple(items), 0.8, title=title, axes=False)


activation_climber = widget(ActivationClimber)
