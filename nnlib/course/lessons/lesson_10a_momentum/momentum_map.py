"""Rate and momentum as a map: where a bowl's directions creep, swing, flip, or fly apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from nnlib.course.kit.numbers import number
from nnlib.course.kit.scene import Floats, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, choice, log_slider, slider, widget

CURVATURE = (3e-4, 30.0)  # the map's range of ηλ
TOP = 0.99  # and of μ
FRAME = (-0.04, 1.0)  # so that a bar on the ground can be seen
STEPS = 60
ARCHES = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
NAMED = (0.5, 0.8, 0.95)  # as many as have room on a narrow page
KAPPAS = (1, 10, 100, 1000)


def factor(steepness: ArrayLike, mu: float) -> Floats:
    """By how much w shrinks per step in the long run: the larger root of r² − (1 + μ − ηλ) r + μ.

    `steepness` is ηλ.

    >>> factor([1.0, 1.0, 4.0], 0.25).round(3)
    array([0.5  , 0.5  , 2.656])
    """
    half = (1 + mu - np.asarray(steepness, dtype=float)) / 2
    root = np.sqrt((half**2 - mu).astype(complex))
    shrink: Floats = np.maximum(np.abs(half + root), np.abs(half - root))
    return shrink


def kind(steepness: float, mu: float) -> str:
    """What a direction does: creep, swing around the bottom, flip from side to side, fly apart."""
    low, high = (1 - np.sqrt(mu)) ** 2, (1 + np.sqrt(mu)) ** 2
    if factor(steepness, mu) < 1e-6:
        return "is there at once"
    if np.isclose(factor(steepness, mu), 1):
        return "is on the edge"
    if factor(steepness, mu) > 1:
        return "flies apart"
    if mu and np.isclose([low, high], steepness, rtol=0.005).any():
        return "just swings"
    return "creeps" if steepness < low else "swings" if steepness < high else "flips"


def best(kappa: float) -> tuple[float, float]:
    """The η and μ that shrink the slowest direction fastest, for curvatures from 1 to κ.

    >>> best(1), [round(x, 4) for x in best(100)]
    ((1.0, 0.0), [0.0331, 0.6694])
    """
    root = float(np.sqrt(kappa))
    return (2 / (root + 1)) ** 2, ((root - 1) / (root + 1)) ** 2


@dataclass(frozen=True)
class MomentumMap(Model):
    """What momentum does to each direction of a bowl, for curvatures λ from 1 to `kappa`.

    `lr` is η, `mu` is μ.
    """

    title = "The momentum map"
    goal = "at κ = 100, bring the slowest |r| down to 0.84"
    buttons = (Button("best", "Show the best"),)

    kappa: int | str = choice("Ravine κ", {str(k): str(k) for k in KAPPAS}, at="100")
    lr: float = log_slider("η", 0.0005, 4.0, at=0.0198, per_decade=20)
    mu: float = slider("μ", 0.0, TOP, 0.01, at=0.0)

    @property
    def steepness(self) -> tuple[float, float]:
        """ηλ of the flattest direction, λ = 1, and of the steepest, λ = κ."""
        return self.lr, self.lr * int(self.kappa)

    @property
    def slowest(self) -> float:
        """The |r| of the direction that decides."""
        return float(factor(self.steepness, self.mu).max())

    def reached(self) -> bool:
        return self.kappa == "100" and self.slowest <= 0.84

    def best(self) -> Self:
        """The best momentum, rounded up to what the slider shows, and the rate that fits it."""
        mu = np.ceil(100 * best(int(self.kappa))[1]) / 100
        lr = float(f"{(1 - mu) / np.sqrt(int(self.kappa)):.4g}")
        return replace(self, lr=lr, mu=float(mu))

    def scene(self) -> Scene:
        return Scene((self.map_panel(), self.time_panel()), self.words())

    def map_panel(self) -> Panel:
        ends = np.array([[steepness, self.mu] for steepness in self.steepness])
        items: tuple[Item, ...] = (
            *landmarks(),
            *self.arch_of_the_slowest(),
            Line(ends, "vermillion", label=f"λ from 1 to {self.kappa}"),
            Points(ends[:1], "circle", "green"),
            Points(ends[1:], "square", "vermillion"),
        )
        drag = ("lr", "mu")
        return Panel(CURVATURE, FRAME, "ηλ", "μ", items, height=0.7, xlog=True, drag=drag)

    def arch_of_the_slowest(self) -> tuple[Item, ...]:
        """The arch under which the whole ravine just fits; none where something diverges."""
        if not 0.01 < self.slowest < 1 - 1e-9:
            return ()
        label = f"slowest: |r| = {size(self.slowest)}"
        return (Line(arch(self.slowest), "blue", label=label, style="dashed"),)

    def time_panel(self) -> Panel:
        flat, steep = (trajectory(steepness, self.mu) for steepness in self.steepness)
        farthest = np.nanmax(np.abs([flat[:, 1], steep[:, 1]]))
        top = 1.2 if farthest < 1.2 else 4.5  # so high a swing comes, and comes down again
        items: list[Item] = [
            Line(steep, "vermillion", label=f"λ = {self.kappa}", marker="square"),
            Line(flat, "green", label="λ = 1", marker="circle"),
        ]
        if farthest > top:
            items.append(Label((STEPS / 2, 0.85 * top), "leaves the picture", boxed=True))
        limits = (0.0, float(STEPS)), (-top, top)
        return Panel(*limits, "step", "w, from 1", tuple(items), height=0.4, whole=True)

    def words(self) -> str:
        names = ("flattest", "steepest")
        told = [
            f"{name} direction, ηλ = {self.lr * curvature:.3g}, {self.kind_in_words(curvature)}"
            for name, curvature in zip(names, (1, int(self.kappa)), strict=True)
        ]
        settings = f"η = {self.lr:.3g}, μ = {number(self.mu)}, κ = {self.kappa}"
        return f"{settings}. The {told[0]}; the {told[1]}. {self.speed_in_words()}"

    def kind_in_words(self, curvature: float) -> str:
        steepness = self.lr * curvature
        return f"{kind(steepness, self.mu)}: |r| = {size(float(factor(steepness, self.mu)))}"

    def speed_in_words(self) -> str:
        if self.slowest > 1 - 1e-9:
            return "It never arrives."
        steps = np.log(1000) / -np.log(self.slowest) if self.slowest > 0.001 else 1
        return f"In the long run, a factor of 1000 takes {count(steps)}."


def size(r: float) -> str:
    """A factor with three digits, or as many as tell it from 1.

    >>> size(0.98004), size(0.99991), size(1.0)
    ('0.98', '0.99991', '1')
    """
    return f"{r:.5g}" if abs(r - 1) < 0.0005 else f"{r:.3g}"


def count(steps: float) -> str:
    return "one step" if steps < 1.5 else f"about {steps:.0f} steps"


def arch(rho: float) -> Floats:
    """Where |r| is ρ, (N, 2): up at μ ≤ ρ², across at μ = ρ², and down. Beneath, |r| < ρ."""
    mu = np.linspace(0, rho**2, 40)
    left = np.column_stack([(1 - rho) * (1 - mu / rho), mu])
    right = np.column_stack([(1 + rho) * (1 + mu / rho), mu])
    whole: Floats = np.concatenate([left, right[::-1]])
    return whole


@lru_cache
def landmarks() -> tuple[Item, ...]:
    """Arches of equal speed, the edge of the stable, and what the regions are called."""
    arches = [Line(arch(rho), "gray") for rho in ARCHES]
    names = [
        Label(np.array([1 - rho**2, rho**2 + 0.022]), f"{rho:g}", "gray", size="small")
        for rho in NAMED
    ]
    mu = np.linspace(0, 1, 40)
    edge = Line(np.column_stack([2 * (1 + mu), mu]), label="|r| = 1")
    inside = np.linspace(0, 0.96, 40)  # higher up, it leaves the map on the left
    corners = np.column_stack([(1 - np.sqrt(inside)) ** 2, inside])
    return (
        *arches,
        *names,
        edge,
        Line(corners, style="dotted"),
        Label((0.004, 0.35), "creeps"),
        Label((0.65, 0.37), "swings"),
        Label((9.0, 0.35), "flies\napart", size="small"),
    )


def trajectory(steepness: float, mu: float) -> Floats:
    """(step, w) from w = 1 at rest; it ends where it leaves the picture for good."""
    w, v = 1.0, 0.0
    path = [w]
    for _ in range(STEPS):
        v = mu * v + steepness * w
        w -= v
        path.append(w if abs(w) < 1e6 else np.nan)
    return np.column_stack([np.arange(STEPS + 1), path])


momentum_map = widget(MomentumMap)
