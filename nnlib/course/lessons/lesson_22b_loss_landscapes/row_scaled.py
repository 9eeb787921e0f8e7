"""A direction whose rows are as long as those of the weights."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, layouts, nonzero, quarters


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, m: int, n: int) -> Case:
        W = nonzero(rng, m, n) * rng.choice([1.0, 2.0, 4.0], (m, 1))
        return Case(what, {"D": nonzero(rng, m, n) * rng.choice([0.5, 1.0, 3.0], (m, 1)), "W": W})

    yield case("3 units with 4 inputs", 3, 4)
    yield case("4 units with 2 inputs", 4, 2)
    yield case("one unit", 1, 5)
    yield case("one input", 3, 1)
    off = case("a unit whose weights are all 0", 4, 3).args
    off["W"][1] = 0
    yield Case("a unit whose weights are all 0", off)
    still = case("a row of D that is 0", 4, 3).args
    still["D"][2] = 0
    yield Case("a row of D that is 0", still)
    both = case("a row that is 0 in both", 3, 2).args
    both["D"][0] = both["W"][0] = 0
    yield Case("a row that is 0 in both", both)
    yield from layouts(
        lambda: Case("", {"D": 2 + quarters(rng, 3, 5) / 4, "W": nonzero(rng, 3, 5) * 4})
    )


@exercise(
    returns=("the scaled D",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
    whole=("D", "W"),
)
def row_scaled(D: Array, W: Array) -> Array:
    scaled = np.zeros(D.shape)
    for i in range(len(D)):
        length = np.sqrt(np.sum(D[i] ** 2.0))
        if length > 0:
            scaled[i] = np.sqrt(np.sum(W[i] ** 2.0)) / length * D[i]
    return scaled
