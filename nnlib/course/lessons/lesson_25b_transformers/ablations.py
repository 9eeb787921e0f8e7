"""A transformer with a part taken out: how its training goes, beside that of the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib.course.grammar import RATE, floors
from nnlib.course.kit.scene import Floats, Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Model, choice, widget
from nnlib.course.lessons.lesson_25b_transformers.language_model import EVERY, STEPS, store

TAKEN_OUT = {
    "whole": "nothing: two blocks",
    "positions": "the positions",
    "residual": "the two additions (residual)",
    "norm": "the norms",
    "mlp": "the networks (MLP)",
    "block": "one of the two blocks",
    "block_mlp": "one block, and the other's network",
}
SMALL, GOOD = 12_000, 0.25


@dataclass(frozen=True)
class Ablations(Model):
    """The same training of 600 steps, without a `part`."""

    title = "Take a part out"
    goal = f"fewer than {SMALL:,} parameters, and below {GOOD} bits a character"

    part: str = choice("Taken out", TAKEN_OUT, at="whole")

    @property
    def way(self) -> Floats:
        """(step, bits a character over the whole language)"""
        bits = store()[f"way/{self.part}"]
        return np.column_stack([np.arange(len(bits)) * EVERY, bits])

    @property
    def size(self) -> int:
        return int(store()[f"size/{self.part}"])

    def reached(self) -> bool:
        return self.size < SMALL and bool(self.way[-1, 1] < GOOD)

    def scene(self) -> Scene:
        floor, ends = floors()[8], np.array([0, STEPS])
        whole = Ablations("whole").way
        items: tuple[Item, ...] = (
            Line(
                np.column_stack([ends, [floor] * 2]), "gray", style="dotted", label="8 characters"
            ),
            Line(
                np.column_stack([ends, [RATE] * 2]), "green", style="dashed", label="the language"
            ),
            Line(whole, "blue", label="whole"),
            Line(self.way, "vermillion", marker="circle", label="without"),
            Points(self.way[-1:], "square", "vermillion"),
        )
        shown = items[:3] if self.part == "whole" else items
        panel = Panel((0, 1.03 * STEPS), (0.2, 1.0), "step", "bits a character", shown, 0.75)
        return Scene((panel,), self.words())

    def words(self) -> str:
        bits = float(self.way[-1, 1])
        whole = float(Ablations("whole").way[-1, 1])
        says = f"{self.size:,} parameters. After {STEPS} steps {bits:.3f} bits a character, "
        if self.part == "whole":
            return says + f"{bits - RATE:.3f} above the language."
        return says + (
            f"{bits - RATE:.3f} above the language: {(bits - RATE) / (whole - RATE):.1f} times the "
            "excess of the whole."
        )


ablations = widget(Ablations)
