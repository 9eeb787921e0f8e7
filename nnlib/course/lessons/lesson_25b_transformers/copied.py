"""What an induction head says: what came last time after the same character."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def mixed(n: int, m: int) -> Array:
        """A text in which characters return, with another one behind them each time."""
        while True:
            ids = rng.integers(1, m + 1, size=n)
            if len(set(ids.tolist())) == m and np.bincount(ids).max() > 2:
                return ids

    yield Case("the example of the task", {"ids": np.array([4, 7, 9, 4, 5, 4, 7])})
    yield Case("12 characters of 4", {"ids": mixed(12, 4)})
    yield Case("20 characters of 5", {"ids": mixed(20, 5)})
    yield Case("a text that repeats", {"ids": np.tile(rng.permutation(5) + 1, 3)})
    yield Case("no character returns", {"ids": rng.permutation(8) + 3})
    yield Case("always the same", {"ids": np.full(6, 2)})
    yield Case("one character", {"ids": np.array([3])})
    yield Case("numbers in float32", {"ids": mixed(10, 3).astype(np.float32)})
    yield Case("numbers in float64", {"ids": mixed(11, 3).astype(float)})
    yield Case("every other entry of a larger array", {"ids": np.repeat(mixed(12, 4), 2)[::2]})
    yield Case("an array that must not be written to", {"ids": read_only(mixed(14, 4))})


@exercise(
    returns=("said",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def copied(ids: Array) -> Array:
    said = -np.ones(len(ids))
    for t in range(len(ids)):
        for j in range(1, t + 1):
            if ids[j - 1] == ids[t]:
                said[t] = ids[j]
    return said
