"""Six gradients of a small graph, found on paper: a product, a sum, a maximum, a product."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, nonzero, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, x: Array) -> Case:
        return Case(what, {"x": x})

    yield case("the example: a = 2, b = 3, c = 1, where p is the larger", np.array([2.0, 3.0, 1.0]))
    yield case("c is the larger", np.array([0.5, 2.0, 3.0]))
    yield case("c is the larger, and p is negative", np.array([-2.0, 1.5, 0.25]))
    yield case("both are negative, and p is the larger", np.array([0.5, -0.5, -2.0]))
    for larger in (1, -1, 1, -1):
        yield case("drawn numbers", drawn(rng, larger))
    yield case("whole numbers", np.array([3, -1, 2]))
    yield case("float32", drawn(rng, 1).astype(np.float32))
    yield case("every other entry of a larger array", np.repeat(drawn(rng, -1), 2)[::2])
    yield case("an array that must not be written to", read_only(drawn(rng, 1)))


def drawn(rng: np.random.Generator, larger: int) -> Array:
    """a, b and c, with a · b above c for larger = 1, and below for −1."""
    a, b, c = nonzero(rng, 3)
    c = a * b - larger * (abs(c) + 0.25)
    return np.array([a, b, c])


@exercise(
    returns=("grads",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def graph_by_hand(x: Array) -> list[float]:
    a, b, c = x
    p = a * b
    s = p + c
    m = max(p, c)
    gate = float(m == p)  # whether the maximum routes to p
    to_s = m
    to_m = s
    to_p = to_s + to_m * gate
    to_c = to_s + to_m * (1 - gate)
    return [b * to_p, a * to_p, to_c, to_p, to_s, to_m]
