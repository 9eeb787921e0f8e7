"""Sentences of a trained transformer, drawn at a temperature."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.grammar import listed, of_the_language, sentences
from nnlib.course.kit.numbers import counted, number
from nnlib.course.kit.scene import Item, Line, Panel, Points, Scene
from nnlib.course.kit.widget import Button, Model, slider, widget
from nnlib.course.lessons.lesson_25b_transformers.language_model import (
    DRAWN,
    TEMPERATURES,
    store,
    written,
)

SHOWN = 6
CORRECT, DIFFERENT = 0.9, 170


@lru_cache
def texts(place: int) -> tuple[str, ...]:
    """What was drawn at that temperature."""
    return tuple(written(store()["drawn"][place]))


@lru_cache
def judged() -> tuple[tuple[float, int, float], ...]:
    """At every temperature: the share correct, how many of these differ, the share never trained on."""
    seen = {sentences()[i] for i in store()["seen"]}
    found = []
    for place in range(len(TEMPERATURES)):
        right = [text for text in texts(place) if of_the_language(text)]
        new = sum(text not in seen for text in right)
        found.append((len(right) / DRAWN, len(set(right)), new / max(len(right), 1)))
    return tuple(found)


@dataclass(frozen=True)
class Temperature(Model):
    """200 sentences at temperature `T`, of which six are shown."""

    title = "Temperature"
    goal = f"at least {CORRECT:.0%} correct, and at least {DIFFERENT} different correct ones of {DRAWN}"

    T: float = slider("Temperature", TEMPERATURES[0], TEMPERATURES[-1], 0.1, at=2.0)
    page: int = 0

    buttons = (Button("other", "Other sentences"),)

    @property
    def place(self) -> int:
        return TEMPERATURES.index(round(self.T, 1))

    def other(self) -> Temperature:
        return self.changed(page=(self.page + 1) % 3)

    def reached(self) -> bool:
        share, different, _ = judged()[self.place]
        return share >= CORRECT and different >= DIFFERENT

    def scene(self) -> Scene:
        shown = texts(self.place)[self.page * SHOWN : (self.page + 1) * SHOWN]
        return Scene((listed(shown), self.shares()), self.words())

    def shares(self) -> Panel:
        """What is known of this temperature and of higher ones: the others are still to be found."""
        rates, known = np.array(judged())[self.place :], TEMPERATURES[self.place :]
        share = np.column_stack([known, rates[:, 0]])
        different = np.column_stack([known, rates[:, 1] / DRAWN])
        here = np.array([share[0], different[0]])
        items: tuple[Item, ...] = (
            Line(share, "blue", label="correct"),
            Line(different, "orange", style="dashed", label="correct and different"),
            Points(here, "square", "ink"),
        )
        return Panel((0.2, 2.1), (0.0, 1.1), "temperature", f"share of {DRAWN}", items, 0.42)

    def words(self) -> str:
        share, different, new = judged()[self.place]
        return (
            f"T = {number(self.T)}: {share:.0%} of {DRAWN} sentences are in the language, "
            f"{counted(different, 'different one')}. Of the correct ones {new:.0%} were never trained on."
        )


temperature = widget(Temperature)
