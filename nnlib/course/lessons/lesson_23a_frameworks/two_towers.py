"""One encoder for two inputs: the score, and the gradient of what is used twice."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, layouts, nonzero, quarters


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, n: int, h: int) -> Case:
        """No unit of either side at its kink, and no two sides equal where a unit is on."""
        while True:
            A, B = quarters(rng, N, n), quarters(rng, N, n)
            W, b = nonzero(rng, h, n), nonzero(rng, h) + 1 / 8
            ha, hb = (np.maximum(X @ W.T + b, 0) for X in (A, B))
            differ = (ha != hb) | ((ha == 0) & (hb == 0))
            if differ.all() and (ha > 0).any() and (hb > 0).any() and ((ha > 0) & (hb > 0)).any():
                break
        return Case(
            what, {"A": A, "B": B, "W": W, "b": b, "v": nonzero(rng, h), "dz": nonzero(rng, N)}
        )

    yield case("4 pairs, 3 inputs, 2 units", 4, 3, 2)
    yield case("3 pairs, 2 inputs, 5 units", 3, 2, 5)
    yield case("as many units as inputs and pairs", 3, 3, 3)
    yield case("two pairs", 2, 3, 4)
    yield case("one unit", 5, 2, 1)
    for dressed in layouts(lambda: case("", 4, 3, 2)):
        if "whole" not in dressed.what:
            yield dressed


@exercise(
    returns=("z", "dW", "db"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def two_towers(
    A: Array, B: Array, W: Array, b: Array, v: Array, dz: Array
) -> tuple[Array, Array, Array]:
    ha, hb = np.maximum(A @ W.T + b, 0), np.maximum(B @ W.T + b, 0)
    z = np.abs(ha - hb) @ v
    sign = np.sign(ha - hb)
    da = dz[:, None] * v * sign * (ha > 0)
    db = -dz[:, None] * v * sign * (hb > 0)
    return z, da.T @ A + db.T @ B, da.sum(axis=0) + db.sum(axis=0)
