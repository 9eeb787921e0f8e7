"""The n-th word from here: what a table of counted pairs says of it."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, C: Array, start: int, n: int) -> Case:
        return Case(what, {"C": C, "start": start, "n": n})

    def counts(V: int) -> Array:
        """Random counts, with zeros; each row has a sum of its own, above 0."""
        drawn = rng.integers(1, 9, (V, V)) * (rng.random((V, V)) < 0.7)
        drawn[np.arange(V), (np.arange(V) + 1) % V] += 1 + np.arange(V)
        return 1.0 * drawn

    C = np.array([[0.0, 3.0, 1.0], [1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    yield case("the example of the task", C, 0, 2)
    yield case("one word on", counts(4), 2, 1)
    yield case("two words on", counts(4), 1, 2)
    yield case("three words on", counts(5), 4, 3)
    yield case("six words on", counts(3), 0, 6)
    yield case("no step: the word itself", counts(3), 1, 0)
    yield case("two words only", counts(2), 1, 3)
    yield case("float32", counts(4).astype(np.float32), 3, 2)
    yield case("every other row and column of a larger array", np.repeat(np.repeat(counts(4), 2, 0), 2, 1)[::2, ::2], 0, 2)  # fmt: skip
    yield case("an array that must not be written to", read_only(counts(4)), 2, 4)


@exercise(
    returns=("p",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def word_after(C: Array, start: int, n: int) -> Array:
    P = C / C.sum(axis=1, keepdims=True)
    p = np.zeros(len(C))
    p[start] = 1.0
    for _ in range(n):
        p = p @ P
    return p
