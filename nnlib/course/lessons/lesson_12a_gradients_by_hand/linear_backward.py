"""The way back through a linear layer, for inputs of any shape."""

import math
from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, lead: tuple[int, ...], inputs: int, outputs: int) -> Case:
        g, x = rng.normal(size=(*lead, outputs)), rng.normal(size=(*lead, inputs))
        return Case(what, {"g": g, "x": x, "W": rng.normal(size=(outputs, inputs))})

    yield case("a batch of 4", (4,), 3, 2)
    yield case("as many examples as inputs and outputs", (3,), 3, 3)
    yield case("a batch of 1", (1,), 3, 2)
    yield case("a single example, without an axis of examples", (), 3, 2)
    yield case("a single example, square W", (), 2, 2)
    yield case("2 batches of 4", (2, 4), 3, 5)
    yield case("axes of 2, 3 and 2, square W", (2, 3, 2), 2, 2)
    single = case("float32", (5,), 3, 2).args
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    strided = case("", (8,), 6, 4).args
    yield Case("every other row and column of larger arrays",
               {name: a[::2, ::2] for name, a in strided.items()})  # fmt: skip
    fixed = case("", (4,), 2, 3).args
    yield Case("arrays that must not be written to", {k: read_only(a) for k, a in fixed.items()})


@exercise(
    returns=("dx", "dW", "db"),
    inputs=inputs,
    points={"shape": 2, "values": 2, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def linear_backward(g: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    rows_g, rows_x = as_rows(g), as_rows(x)
    dx = g @ W
    dW = rows_g.T @ rows_x
    db = rows_g.sum(axis=0)
    return dx, dW, db


def as_rows(a: Array) -> Array:
    return a.reshape(math.prod(a.shape[:-1]), a.shape[-1])
