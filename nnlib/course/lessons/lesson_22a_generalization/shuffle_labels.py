"""A share of the labels change places with each other, by chance."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import Arguments, Array, Case, Unfit, exercise, read_only

SEEDS = 40  # of so many, in at least one no label comes back to its own place: 1 in 10⁸ misses
MANY = 40  # labels from which chance alone shows nothing else


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, y: Array, share: float) -> Case:
        return Case(what, {"y": y, "share": share, "seed": int(rng.integers(1000))})

    def different(N: int) -> Array:
        """Labels of which no two are the same, so that each can be followed."""
        y: Array = rng.permutation(N) / 4
        return y

    yield case("ten labels, four of them", different(10), 0.4)
    yield case("60 labels, 30 %", different(60), 0.3)
    yield case("57 labels, 30 %: 17.1, so 17", different(57), 0.3)
    yield case("63 labels, 30 %: 18.9, so 19", different(63), 0.3)
    yield case("all 50", different(50), 1.0)
    yield case("none of 20", different(20), 0.0)
    yield case("200 digits", rng.integers(0, 10, 200), 0.25)
    yield case("float32", different(80).astype(np.float32), 0.6)
    yield case("every other entry of a larger array", different(100)[::2], 0.2)
    yield case("an array that must not be written to", read_only(different(48)), 0.75)


def shuffles(answer: Callable[..., Any], y: Array, share: float, seed: int) -> tuple[Array, ...]:
    """The labels of `seed` twice, then those of other seeds."""
    before = y.copy()  # what an answer writes into y must not spoil the next call
    found = [np.asarray(answer(y, share, seed))]  # the caller's own array, so that it is seen
    found += [
        np.asarray(answer(before.copy(), share, s)) for s in (seed, *range(seed + 1, seed + SEEDS))
    ]
    return tuple(found)


FACTS = (
    "every label is one of those in y (1: yes)",
    "each label comes as often as in y (1: yes)",
    "no more labels move than shall (1: yes)",
    "at most one label too many moves (1: yes)",
    "as many move as shall, if none comes back by chance (1: yes)",
    "about as many move as shall, on average (1: yes)",
    "some labels stay, where not all shall move (1: yes)",
    "any label may move (1: yes)",
    "the same seed gives the same labels (1: yes)",
    "another seed gives other labels (1: yes)",
)


def shuffled(arguments: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """What all right shuffles have in common."""
    y, share = np.asarray(arguments["y"]), float(arguments["share"])
    if any(labels.shape != y.shape for labels in outputs):
        raise Unfit(f"All {len(y)} labels must come back, also those that stay: shape {y.shape}.")
    N, k = len(y), round(share * len(y))
    first, again, *others = outputs
    moved = np.array([labels != y for labels in (first, *others)])
    counts = moved.sum(axis=1)
    followed, many = len(set(y.tolist())) == N, N >= MANY and k > 1
    seen = followed and many
    facts = (
        set(np.concatenate(outputs).tolist()) <= set(y.tolist()),
        all(np.array_equal(np.sort(labels), np.sort(y)) for labels in outputs),
        counts.max() <= k,
        counts.max() <= k + 1,
        not seen or counts.max() >= k,
        not seen or abs(counts.mean() - (k - 1)) < 3.5,
        not seen or k == N or counts.max() < N,
        not many or moved.any(axis=0).mean() > 0.9,
        not many or np.array_equal(first, again),
        not many or any(not np.array_equal(first, labels) for labels in others),
    )
    return {name: np.array(int(bool(fact))) for name, fact in zip(FACTS, facts, strict=True)}


@exercise(
    returns=tuple(f"labels {s + 1}" for s in range(SEEDS + 1)),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    probe=shuffles,
    observe=shuffled,
    facts=FACTS,
    whole=("y",),
)
def shuffle_labels(y: Array, share: float, seed: int) -> Array:
    rng, labels = np.random.default_rng(seed), y.copy()
    chosen = rng.choice(len(y), round(share * len(y)), replace=False)
    labels[chosen] = y[rng.permutation(chosen)]
    return labels
