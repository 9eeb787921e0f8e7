"""A gradient on its way back through blocks with one number each: all its paths, by their length."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, sqrt

import numpy as np

from nnlib.course.kit.numbers import counted, number, scientific
from nnlib.course.kit.scene import Bars, Floats, Item, Label, Line, Panel, Scene
from nnlib.course.kit.widget import Model, Stop, choice, slider, widget

MOST = 40
SCALES = {"one": "1", "root": "1/√L", "all": "1/L"}
LOW, HIGH = 1e-8, 1e6  # of the left panel; what lies beyond leaves it


@dataclass(frozen=True)
class IdentityPaths(Model):
    """h + s F(h), `blocks` times in a row, and the slope F′ of every branch is the number `slope`.

    `scale` is s: "one", "root" (1/√L) or "all" (1/L), where L is the number of blocks. Without skips
    each block multiplies the gradient by F′, with them by 1 + s F′.
    """

    title = "A gradient, back through blocks with and without a skip"
    goal = "20 blocks or more, F′ at least 0.5 in size: let between 0.5 and 2 arrive with skips"
    tour = (
        Stop("One block has two ways back: beside the branch, or through it.", blocks=1),
        Stop(
            "Each further block doubles the paths; they are sorted by the branches they go through.",
            light="all paths, by length",
            blocks=4,
        ),
        Stop(
            "The longest path alone is what is left without skips.",
            light="what has arrived",
            blocks=10,
        ),
        Stop(
            "Negative slopes give paths of both signs, and they cancel.",
            light="all paths, by length",
            slope=-0.5,
            blocks=10,
        ),
    )
    on_every_page = (
        {"blocks": 20},
        {"blocks": 20, "scale": "root"},
        {"blocks": 20, "scale": "all"},
        {"blocks": 20, "slope": -0.5},
        {"blocks": 20, "slope": -1.0},
        {"blocks": 40, "scale": "all"},
    )

    slope: float = slider("F′ of every branch", -1.5, 1.5, 0.1, at=0.5)
    blocks: int = slider("Blocks L", 1, MOST, 1, at=3)
    scale: str = choice("Scale s of the branch", SCALES, at="one")

    @property
    def s(self) -> float:
        return {"one": 1.0, "root": 1 / sqrt(self.blocks), "all": 1 / self.blocks}[self.scale]

    @property
    def factor(self) -> float:
        """By what one block with a skip multiplies the gradient."""
        return round(1 + self.s * self.slope, 12)  # 1 − 1 is 0, whatever the slider's rounding

    @property
    def arrived(self) -> float:
        return abs(self.factor) ** self.blocks

    def reached(self) -> bool:
        far = self.blocks >= 20 and abs(self.slope) >= 0.5 - 1e-9
        return far and 0.5 <= self.arrived <= 2

    def by_length(self) -> Floats:
        """The sum of all paths through k branches, for k = 0, …, L; their sum is (1 + s F′)ᴸ."""
        factor = self.s * self.slope
        lengths = range(self.blocks + 1)
        return np.array([comb(self.blocks, k) * factor**k for k in lengths])

    def scene(self) -> Scene:
        return Scene((self.arrives_panel(), self.paths_panel()), self.words(), columns=2)

    def arrives_panel(self) -> Panel:
        gone = np.arange(self.blocks + 1.0)
        plain, skips = abs(self.slope) ** gone, abs(self.factor) ** gone
        items: list[Item] = [
            Line(seen(gone, np.ones(len(gone))), "gray", style="dotted"),
            Line(seen(gone, plain), "orange", True, "without skips: |F′|ᵏ", marker="square"),
            Line(seen(gone, skips), "blue", label="with skips: |1 + s F′|ᵏ", marker="circle"),
        ]
        for name, size, color in (
            ("without", plain[-1], "orange"),
            ("with", skips[-1], "blue"),
        ):
            if not LOW <= size <= HIGH:
                at = (0.75 * self.blocks, LOW * 20 if size < LOW else HIGH / 20)
                gone_where = "0 arrives" if size == 0 else f"off the panel, {name} skips"
                items.append(Label(at, gone_where, color, boxed=True))
        xlim, title = (-0.3, self.blocks + 0.3), "what has arrived"
        return Panel(xlim, (LOW, HIGH), "blocks gone back k", "", tuple(items), 0.8, True, title,
                     ylog=True)  # fmt: skip

    def paths_panel(self) -> Panel:
        """Shares, so that all lengths are seen at any size: of the sum of all paths without signs."""
        parts = self.by_length()
        shares, lengths = parts / np.abs(parts).sum(), np.arange(self.blocks + 1.0)
        up, down = shares >= 0, shares < 0
        items: list[Item] = [Bars(shares[up], "blue", "positive", lengths[up])]
        if down.any():
            items.append(Bars(shares[down], "purple", "negative", lengths[down], hatch=True))
        xlim, title = (-0.7, self.blocks + 0.7), "all paths, by length"
        return Panel(xlim, (-0.65, 1.05), "branches on the path", "share",
                     tuple(items), 0.8, True, title)  # fmt: skip

    def words(self) -> str:
        parts = np.abs(self.by_length())
        heaviest, paths = int(parts.argmax()), counted(2**self.blocks, "path")
        plain = abs(self.slope) ** self.blocks
        return (
            f"{counted(self.blocks, 'block')}, F′ = {number(self.slope)}, s = {SCALES[self.scale]}. "
            f"Of a gradient of 1, {scientific(plain)} arrives without skips, and "
            f"{scientific(self.arrived)} with them. There are {paths}. Those through "
            f"{counted(heaviest, 'branch', 'branches')} weigh most: "
            f"{parts[heaviest] / parts.sum():.0%} of all."
        )


def seen(places: Floats, sizes: Floats) -> Floats:
    """A line on a logarithmic axis: far outside the panel one number is like another, 0 is a gap."""
    heights = np.where(sizes > 0, np.clip(sizes, 1e-30, 1e30), np.nan)
    return np.column_stack([places, heights])


identity_paths = widget(IdentityPaths)
