"""Sentences drawn character by character, by one who remembers the last k."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnlib.course.grammar import counts, listed, of_the_language, sentences
from nnlib.course.kit.scene import Bars, Item, Label, Panel, Scene
from nnlib.course.kit.widget import Button, Model, choice, widget

MEMORIES = {str(k): str(k) for k in (0, 1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 32, 40)}
DRAWN, SHOWN, LONGEST = 200, 6, 56
WORDS = frozenset(" ".join(sentences()).replace(".", " ").split())
HALF = 0.5


@lru_cache
def following(k: int) -> dict[str, tuple[str, tuple[float, ...]]]:
    """After each k characters: what may follow, and the running sums of how likely that is."""
    before, pairs = counts(k)
    found: dict[str, list[tuple[str, float]]] = {}
    for text, n in pairs.items():
        found.setdefault(text[:k], []).append((text[k], n / before[text[:k]]))
    return {
        context: ("".join(c for c, _ in some), tuple(np.cumsum([p for _, p in some])))
        for context, some in found.items()
    }


@lru_cache(maxsize=64)
def drawn(k: int, seed: int) -> tuple[str, ...]:
    """DRAWN sentences; one that does not end is cut off."""
    rng, table = np.random.default_rng(seed), following(k)
    texts = []
    for chances in rng.random((DRAWN, LONGEST)):
        text = "\n" * k
        for u in chances:
            characters, sums = table[text[len(text) - k :]]
            text += characters[min(int(np.searchsorted(sums, u)), len(characters) - 1)]
            if text[-1] == "\n":
                break
        texts.append(text[k:])
    return tuple(texts)


def words_that_exist(text: str) -> float:
    """The share of the whole words that are words of the language."""
    words = text.replace(".", " ").split()
    words = words if text.endswith("\n") else words[:-1]
    return float(np.mean([word in WORDS for word in words])) if words else 1.0


@dataclass(frozen=True)
class ShannonGame(Model):
    """Each character is drawn by how likely it is after the `k` before it."""

    title = "What comes out"
    goal = "a memory with which at least half of the sentences are in the language"

    k: str = choice("Characters remembered", MEMORIES, at="0")
    seed: int = 0

    buttons = (Button("other", "Other sentences"),)

    def other(self) -> ShannonGame:
        return self.changed(seed=(self.seed + 1) % 3)

    @property
    def drawn(self) -> tuple[str, ...]:
        return drawn(int(self.k), self.seed)

    def share(self) -> float:
        return float(np.mean([of_the_language(text) for text in self.drawn]))

    def words_right(self) -> float:
        return float(np.mean([words_that_exist(text) for text in self.drawn]))

    def reached(self) -> bool:
        return self.share() >= HALF

    def scene(self) -> Scene:
        return Scene((listed(self.drawn[:SHOWN]), self.shares()), self.words())

    def shares(self) -> Panel:
        rates = np.array([self.words_right(), self.share()])
        items: tuple[Item, ...] = (
            Bars(rates[:1], "blue", "words that exist", np.array([1.0])),
            Bars(rates[1:], "green", "sentences of the language", np.array([2.0]), hatch=True),
            Label((1.0, rates[0] + 0.06), f"{rates[0]:.0%}"),
            Label((2.0, rates[1] + 0.06), f"{rates[1]:.1%}"),
        )
        return Panel((0.4, 2.6), (0.0, 1.15), "", "share", items, 0.36, whole=True)

    def words(self) -> str:
        return (
            f"With {self.k} characters of memory {self.words_right():.0%} of the words exist, and "
            f"{self.share():.1%} of {DRAWN} sentences are in the language."
        )


shannon_game = widget(ShannonGame)
