"""The course's one language, the tiny grammar, and what k characters tell of the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnlib.course.kit.scene import Floats, Item, Label, Panel
from nnlib.data import tiny_grammar

MOST = 44  # more memory than that tells nothing more
RATE = 10 / 44.25  # bits per character of the language itself


@lru_cache
def sentences() -> tuple[str, ...]:
    return tuple(tiny_grammar())


@lru_cache
def _language() -> frozenset[str]:
    return frozenset(sentences())


def of_the_language(text: str) -> bool:
    return text in _language()


def listed(texts: Sequence[str]) -> Panel:
    """The texts, one beneath the other, each with a mark: is it in the language?"""
    items: list[Item] = []
    for row, text in enumerate(texts):
        mark, color = ("✓", "green") if of_the_language(text) else ("✗", "vermillion")
        shown = text.strip("\n") if text.endswith("\n") else text + " …"
        items.append(Label((0.3, len(texts) - row), mark, color))
        items.append(Label((0.8, len(texts) - row), shown, align="left", size="small"))
    return Panel((0.0, 12.0), (0.4, len(texts) + 0.6), "", "", tuple(items), 0.42, axes=False)


@lru_cache
def counts(k: int) -> tuple[Counter[str], Counter[str]]:
    """How often k characters stand before something, and how often with each next one.

    Before a sentence stand line ends.
    """
    before, pairs = Counter[str](), Counter[str]()
    for sentence in sentences():
        text = "\n" * k + sentence
        before.update(text[i : i + k] for i in range(len(sentence)))
        pairs.update(text[i : i + k + 1] for i in range(len(sentence)))
    return before, pairs


def surprise(sentence: str, k: int) -> Floats:
    """−log₂ p(character | k before it), for each character of the sentence"""
    before, pairs = counts(k)
    text = "\n" * k + sentence
    shares = [pairs[text[i : i + k + 1]] / before[text[i : i + k]] for i in range(len(sentence))]
    return -np.log2(shares)


@lru_cache
def floors() -> Floats:
    """For k = 0 … MOST the mean surprise: no model that sees k characters has fewer bits each.

    H(next | before) = H(before, next) − H(before), with the k characters before as one number, which
    is made anew for each character more.
    """
    pad, width = MOST + 1, max(map(len, sentences()))
    text = np.array([list("\n" * pad + s.ljust(width)) for s in sentences()]).view(np.uint32)
    inside = np.array([np.arange(width) < len(s) for s in sentences()])
    columns = {
        k: text[:, pad - k : pad - k + width][inside].astype(np.int64) for k in range(pad + 1)
    }
    before, found = np.zeros(inside.sum(), np.int64), []
    for k in range(MOST + 1):
        found.append(entropy(before * 256 + columns[0]) - entropy(before))
        before = np.unique(before * 256 + columns[k + 1], return_inverse=True)[1]
    return np.array(found)


def entropy(ids: NDArray[np.int64]) -> float:
    """Of how often each number occurs, in bits."""
    share = np.unique(ids, return_counts=True)[1] / len(ids)
    return float(-(share * np.log2(share)).sum())
