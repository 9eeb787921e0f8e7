"""A ReLU network with one input that passes through given points."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, x: Array, y: Array) -> Case:
        return Case(what, {"x": x, "y": y})

    def drawn(n: int) -> tuple[Array, Array]:
        """Points from left to right, at distances of 1/2 to 2: slopes without rounding."""
        return np.cumsum(2.0 ** rng.integers(-1, 2, n)) - 3.0, heights(n)

    def heights(n: int) -> Array:
        """No piece is flat: run over rise is a number, too."""
        rises = rng.choice([-1, 1], n) * rng.integers(1, 13, n) / 4
        return np.cumsum(rises)

    yield case("the example of the task", np.array([0.0, 1.0, 3.0]), np.array([1.0, 3.0, 2.0]))
    yield case("two points: one hinge", np.array([-1.0, 1.0]), np.array([2.0, 0.5]))
    for n in (3, 4, 5, 8):
        yield case(f"{n} points", *drawn(n))
    line = np.array([0.0, 0.5, 2.5, 3.5])
    yield case("points on one line: no bend after the first knot", line, 2 * line + 1)
    yield case("equal distances of 1", np.arange(5.0), heights(5))
    x, y = drawn(6)
    yield case("float32", x.astype(np.float32), y.astype(np.float32))
    x, y = drawn(5)
    yield case("every other entry of a larger array", np.repeat(x, 2)[::2], np.repeat(y, 2)[::2])
    x, y = drawn(4)
    yield case("arrays that must not be written to", read_only(x), read_only(y))


@exercise(
    returns=("k", "w", "c"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def hinge_network(x: Array, y: Array) -> tuple[Array, Array, float]:
    slopes = np.diff(y) / np.diff(x)
    w = np.append(slopes[0], np.diff(slopes))
    return x[:-1], w, y[0]
