"""Where the bits of a sentence are, for a reader who remembers so many characters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib.course.grammar import MOST, RATE, floors, surprise
from nnlib.course.kit.scene import Bars, Item, Label, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, slider, widget

TEXTS = {
    "mila": "mila has a wild frog. the wild frog likes mila.",
    "ben": "ben has a red cat. ben likes the red cat.",
    "rosa": "rosa has a shy owl. the shy owl likes rosa.",
}
CHEAP = 10.5


@dataclass(frozen=True)
class MemoryBits(Model):
    """Of every character the reader knows how likely it is after the `k` before it."""

    title = "Where the bits are"
    goal = f"the smallest memory with which the sentence costs at most {CHEAP} bits"

    text: str = choice("Sentence", TEXTS, at="mila")
    k: int = slider("Characters remembered", 0, MOST, 1, at=0)

    @property
    def sentence(self) -> str:
        return TEXTS[self.text] + "\n"

    def cost(self, k: int) -> float:
        return float(surprise(self.sentence, k).sum())

    def reached(self) -> bool:
        return self.cost(self.k) <= CHEAP < self.cost(self.k - 1) if self.k else False

    def scene(self) -> Scene:
        return Scene((self.characters(), self.floors()), self.words())

    def characters(self) -> Panel:
        bits = surprise(self.sentence, self.k)
        at = np.arange(len(bits)) + 1.0
        items: list[Item] = [Bars(bits, "blue", positions=at)]
        shown = self.sentence.replace("\n", "↵")
        items += [Label((x, -0.4), c, size="small") for x, c in zip(at, shown, strict=True)]
        title = f"{bits.sum():.1f} bits in all"
        limits = (0.0, 49.0), (-0.9, 7.0)
        return Panel(*limits, "", "surprise in bits", tuple(items), 0.42, title=title)

    def floors(self) -> Panel:
        every = np.column_stack([np.arange(MOST + 1), floors()])
        items: tuple[Item, ...] = (
            Line(every, "gray"),
            Line(np.array([[0, RATE], [MOST, RATE]]), "green", style="dashed", label="10 bits"),
            Points(every[self.k : self.k + 1], "square", "blue"),
        )
        limits = (-0.8, MOST + 0.8), (0.0, 4.4)
        return Panel(*limits, "characters remembered", "bits a character", items, 0.36)

    def words(self) -> str:
        bits = surprise(self.sentence, self.k)
        return (
            f"With {self.k} characters of memory {int((bits > 0.005).sum())} of {len(bits)} characters "
            f"cost something, {bits.sum():.1f} bits in all. Over all sentences: "
            f"{floors()[self.k]:.3f} bits a character."
        )


memory_bits = widget(MemoryBits)
