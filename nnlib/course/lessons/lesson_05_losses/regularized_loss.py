"""The loss of a batch, and the penalty, once."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, layouts, nonzero


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, d: int, units: int, outputs: int, l2: float) -> Case:
        arrays = {
            "Y_hat": nonzero(rng, N, outputs),
            "Y": nonzero(rng, N, outputs),
            "W1": nonzero(rng, units, d),
            "b1": nonzero(rng, units),
            "W2": nonzero(rng, outputs, units),
            "b2": nonzero(rng, outputs),
        }
        return Case(what, arrays | {"l2": l2})

    one = np.ones((1, 1))
    yield Case(
        "the example of the task",
        {"Y_hat": 3 * one, "Y": one.copy(), "W1": 2 * one, "b1": np.array([5.0]),
         "W2": -one, "b2": np.array([7.0]), "l2": 0.5},
    )  # fmt: skip
    yield case("no penalty", 5, 3, 4, 2, 0.0)
    yield case("one example, two outputs", 1, 3, 4, 2, 0.25)
    yield case("five examples, one output", 5, 2, 3, 1, 0.25)
    yield case("five examples, three outputs", 5, 2, 4, 3, 0.5)
    yield case("as many examples as outputs", 3, 4, 3, 3, 0.125)
    yield case("a large penalty", 4, 3, 5, 2, 8.0)
    right = case("nothing is wrong with the answers", 4, 3, 5, 2, 0.5)
    yield Case(right.what, right.args | {"Y": right.args["Y_hat"].copy()})
    yield from layouts(lambda: case("", 4, 3, 5, 2, 0.5))


@exercise(
    returns=("loss",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def regularized_loss(
    Y_hat: Array, Y: Array, W1: Array, b1: Array, W2: Array, b2: Array, l2: float
) -> Any:
    losses = ((Y_hat - Y) ** 2).sum(axis=1)
    penalty = (W1**2).sum() + (W2**2).sum()
    return losses.mean() + l2 * penalty
