"""The step network with the fewest steps that stays within a given gap."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, quarters, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, x: Array, y: Array, eps: float) -> Case:
        return Case(what, {"x": x, "y": y, "eps": eps})

    def places(n: int) -> Array:
        """From left to right, at distances of 1/2 to 2."""
        return np.cumsum(2.0 ** rng.integers(-1, 2, n)) - 3.0

    def walk(n: int) -> Array:
        """Up and down by 1/4 to 1, so that some pieces are long and some short."""
        return np.cumsum(rng.integers(1, 5, n) * rng.choice([-1, 1], n)) / 4

    example = np.array([0.0, 1.0, 2.0, 3.0, 5.0])
    yield case("the example of the task", example, np.array([0.0, 1.0, 0.5, 4.0, 6.0]), 0.5)
    yield case("the first point alone", places(4), np.array([3.0, 0.0, 0.5, -1.0]), 0.5)
    yield case("a constant: no step", places(4), np.full(4, 1.5), 0.25)
    yield case("one point", np.array([2.0]), np.array([-1.25]), 0.5)
    yield case("a gap of 0: a step at every change", places(5), np.array([1, 1, 2, 2.0, 0.5]), 0.0)
    down = np.array([3.0, 2.5, 2.0, 1.5, 1.0, 0.5, 0.0])
    yield case("downhill, where 2ε just fits", places(7), down, 0.5)
    yield case("up and down in a piece", places(7), np.array([1, 2, 1.5, 1, 2, 3.0, 2.5]), 0.5)
    slow = np.arange(9) / 4
    yield case("a slow climb: no two neighbors are far apart", places(9), slow, 0.25)
    yield case("one piece holds all", places(6), quarters(rng, 6), 4.0)
    for n in (6, 10, 16, 30):
        yield case(f"{n} points", places(n), walk(n), 0.5)
    yield case("far up and down", places(8), quarters(rng, 8), 0.75)
    yield case("float32", places(7).astype(np.float32), walk(7).astype(np.float32), 0.5)
    x, y = places(9), walk(9)
    yield case(
        "every other entry of larger arrays", np.repeat(x, 2)[::2], np.repeat(y, 2)[::2], 0.5
    )
    yield case("arrays that must not be written to", read_only(places(6)), read_only(walk(6)), 0.5)


@exercise(
    returns=("k", "v", "c"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def step_network(x: Array, y: Array, eps: float) -> tuple[list[float], Array, float]:
    low = high = y[0]
    k, levels = [], [(low + high) / 2]
    for i in range(1, len(y)):
        low, high = min(low, y[i]), max(high, y[i])
        if high - low > 2 * eps:
            low = high = y[i]
            k.append(x[i])
            levels.append(y[i])
        levels[-1] = (low + high) / 2
    return k, np.diff(levels), levels[0]
