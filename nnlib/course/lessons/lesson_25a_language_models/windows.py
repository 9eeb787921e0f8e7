"""From a text to what a network with a memory of k characters learns from."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, n: int, k: int) -> Case:
        return Case(what, {"ids": rng.integers(1, 20, size=n), "k": k})

    yield Case("the example of the task", {"ids": np.array([5, 3, 8, 6]), "k": 2})
    yield case("9 characters, a memory of 3", 9, 3)
    yield case("12 characters, a memory of 5", 12, 5)
    yield case("a memory of 1", 7, 1)
    yield case("a memory as long as the text", 6, 6)
    yield case("a memory longer than the text", 3, 5)
    yield case("one character", 1, 2)
    yield Case("numbers in float32", {"ids": rng.integers(1, 20, 7).astype(np.float32), "k": 2})
    yield Case("numbers in float64", {"ids": rng.integers(1, 20, 8).astype(float), "k": 3})
    yield Case("every other entry of a larger array", {"ids": rng.integers(1, 20, 16)[::2], "k": 3})
    fixed = read_only(rng.integers(1, 20, size=8))
    yield Case("an array that must not be written to", {"ids": fixed, "k": 4})


@exercise(
    returns=("X", "y"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def windows(ids: Array, k: int) -> tuple[Array, Array]:
    padded = np.concatenate([np.zeros(k, dtype=int), ids])
    X = np.array([padded[i : i + k] for i in range(len(ids))])
    return X, ids.copy()
