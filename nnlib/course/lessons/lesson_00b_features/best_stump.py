"""The stump that leaves least over: where to ask, and what to answer on each side."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only

# Here squares, means of squares, |r − answer| and the farthest answers choose different thresholds.
TELLING = np.array(
    [
        [0, 6, 0, 4, 3, 9, 3, 9, 9, 6],
        [0, 3, 0, 4, 3, 9, 3, 3, 1, 1],
        [1, 1, 3, 4, 0, 0, 9, 3, 3, 0],
        [0, 0, 3, 0, 0, 3, 1, 3, 9, 0],
    ]
)


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, x: Array, r: Array) -> Case:
        return Case(what, {"x": x, "r": r})

    def steps(x: Array) -> Array:
        """A jump somewhere, some noise on it, and the whole shifted, so that no sum is 0."""
        jump = rng.uniform(np.quantile(x, 0.2), np.quantile(x, 0.8))
        r: Array = 1.5 * (x > jump) + rng.normal(0, 0.6, len(x)) + 0.7
        return r

    yield case("the example of the task", np.array([3.0, 1.0, 4.0, 2.0]), np.array([5.0, 1, 6, 1]))
    x = rng.normal(size=9)
    yield case("nine examples, x in no order", x, steps(x))
    x = rng.normal(size=30)
    yield case("thirty examples", x, steps(x))
    for side, far in {"left": np.min, "right": np.max}.items():
        x = rng.uniform(0, 1, 25)
        r = np.where(x == far(x), 9.0, 1.0) + rng.normal(0, 0.3, 25)
        yield case(f"one far example on the {side}", x, r)
    x = rng.integers(0, 5, 24) / 2
    x[:5] = np.arange(5) / 2
    yield case("many examples share an x", x, steps(x))
    x, r = np.array([0.0, 1, 1, 1, 2]), np.array([0.0, 0, 0, 4, 4])
    yield case("equal x with different r", x, r)
    for r in TELLING:
        x = np.arange(10) + 3.0 * (np.arange(10) > 3) + rng.uniform(0, 0.5, 10)  # a wide gap
        order = rng.permutation(10)
        yield case("ten examples", x[order], (r + rng.normal(0, 0.1, 10))[order])
    yield case("two examples", np.array([0.5, -1.0]), rng.normal(size=2))
    x = rng.normal(size=12).astype(np.float32)
    yield case("float32", x, steps(x).astype(np.float32))
    x = rng.normal(size=32)
    yield case("every other entry of a larger array", x[::2], steps(x)[::2])
    x = rng.normal(size=11)
    yield case("arrays that must not be written to", read_only(x), read_only(steps(x)))


@exercise(
    returns=("threshold", "left", "right"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32,
)
def best_stump(x: Array, r: Array) -> tuple[float, float, float]:
    values, tried = np.unique(x), []
    for low, high in pairwise(values):
        below = x < high
        left, right = r[below].mean(), r[~below].mean()
        error = ((r[below] - left) ** 2).sum() + ((r[~below] - right) ** 2).sum()
        tried.append((error, (low + high) / 2, left, right))
    return min(tried)[1:]
