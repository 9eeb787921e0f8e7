"""A state that meets one matrix a hundred times: three parts, and what each eigenvalue makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.kit.numbers import number, scientific
from nnlib.course.kit.scene import Floats, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget

STEPS = 100
LOW, HIGH = 1e-6, 1e6  # of both panels; what lies beyond leaves them
LOOKS = (
    ("blue", "solid", "circle"),
    ("orange", "dashed", "square"),
    ("green", "dotted", "triangle"),
)
KINDS = {"linear": "h ← W h", "tanh": "h ← tanh(W h)"}


@lru_cache
def directions() -> Floats:
    """Q: three directions at right angles, one in each column."""
    q: Floats = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    return q


def matrix(eigenvalues: tuple[float, float, float], shear: float) -> Floats:
    """Q (Λ + shear · N) Qᵀ, where N passes part 2 on to part 1, and part 3 to part 2.

    Above the diagonal N changes no eigenvalue.

    >>> W = matrix((0.5, -0.9, 1.1), 2.0)
    >>> np.sort(np.linalg.eigvals(W).real).round(6)
    array([-0.9,  0.5,  1.1])
    """
    q = directions()
    w: Floats = q @ (np.diag(eigenvalues) + shear * np.eye(3, k=1)) @ q.T
    return w


def states(W: Floats, kind: str) -> Floats:
    """h₀, …, h₁₀₀ from h₀ = Q (1, 1, 1): (101, 3)."""
    h = [directions() @ np.ones(3)]
    for _ in range(STEPS):
        z = W @ h[-1]
        h.append(np.tanh(z) if kind == "tanh" else z)
    return np.array(h)


@dataclass(frozen=True)
class EigenvalueDial(Model):
    """h_t from h₀ = Q (1, 1, 1), with W = Q (Λ + shear · N) Qᵀ.

    `first`, `second` and `third` are the eigenvalues λ, `kind` is "linear" or "tanh".
    """

    title = "Three eigenvalues, to the power of time"
    goal = "linear, no |λ| above 0.9: a state that is longer than 20 on its way"
    on_every_page = ({"first": 0.9, "second": 0.9, "third": 0.9, "shear": 1.0},)

    first: float = slider("λ₁", -1.2, 1.2, 0.1, at=0.5)
    second: float = slider("λ₂", -1.2, 1.2, 0.1, at=0.7)
    third: float = slider("λ₃", -1.2, 1.2, 0.1, at=0.9)
    shear: float = slider("Shear", 0.0, 2.0, 0.2, at=0.0)
    kind: str = choice("Step", KINDS, at="linear")

    @property
    def eigenvalues(self) -> tuple[float, float, float]:
        return self.first, self.second, self.third

    @property
    def states(self) -> Floats:
        return states(matrix(self.eigenvalues, self.shear), self.kind)

    @property
    def lengths(self) -> Floats:
        sizes: Floats = np.linalg.norm(self.states, axis=1)
        return sizes

    def reached(self) -> bool:
        small = max(map(abs, self.eigenvalues)) < 0.9 + 1e-9
        return self.kind == "linear" and small and bool(self.lengths.max() > 20)

    def scene(self) -> Scene:
        return Scene((self.parts_panel(), self.length_panel()), self.words(), columns=2)

    def parts_panel(self) -> Panel:
        parts = np.abs(self.states @ directions())  # Qᵀ h, for every step
        lines = tuple(
            Line(_seen(parts[:, k]), color, label=f"part {k + 1}", style=style, marker=marker)
            for k, (color, style, marker) in enumerate(LOOKS)
        )
        title = "the parts of h, in size"
        limits = (0.0, float(STEPS)), (LOW, HIGH)
        return Panel(*limits, "step t", "", lines, 0.8, True, title, ylog=True)

    def length_panel(self) -> Panel:
        line = Line(_seen(self.lengths), "vermillion", label="‖hₜ‖")
        off = not LOW <= self.lengths[-1] <= HIGH
        arrow, height = ("↑", 1e5) if self.lengths[-1] > 1 else ("↓", 1e-5)
        labels = (Label((75, height), f"{arrow} off the panel", boxed=True),) if off else ()
        limits, title = ((0.0, float(STEPS)), (LOW, HIGH)), "the length of h"
        return Panel(*limits, "step t", "", (line, *labels), 0.8, True, title, ylog=True)

    def words(self) -> str:
        lambdas = ", ".join(number(value) for value in self.eigenvalues)
        told = f"λ = {lambdas}; shear {number(self.shear)}; {KINDS[self.kind]}."
        start, end, longest = self.lengths[0], self.lengths[-1], int(self.lengths.argmax())
        told += f" ‖h‖ is {scientific(start)} at first, and {scientific(end)} after {STEPS} steps."
        if 0 < longest < STEPS and self.lengths[longest] > start * 1.05:
            told += f" On its way it is {scientific(self.lengths[longest])}, at step {longest}."
        return told


def _seen(sizes: Floats) -> Floats:
    """Every second step, on a logarithmic axis: far outside it numbers are alike, 0 is a gap."""
    heights = np.where(sizes > 0, np.clip(sizes, 1e-30, 1e30), np.nan)
    return np.column_stack([np.arange(len(sizes)), heights])[::2]


eigenvalue_dial = widget(EigenvalueDial)
