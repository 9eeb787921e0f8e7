"""Scales for the branches of a residual network, so that every block lets h grow by the same share."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, d: int, L: int, growth: float, spread: float = 1.0) -> Case:
        X = rng.normal(size=(N, d)) + 0.3
        W = spread * (rng.normal(size=(L, d, d)) / np.sqrt(d) + 0.1)
        return Case(what, {"X": X, "W": W, "growth": growth})

    yield Case("the example of the task", {
        "X": np.array([[1.0, -1.0]]), "W": np.array([[[1.0, 5.0], [1.0, 0.0]]]), "growth": 5.0,
    })  # fmt: skip
    yield case("one block", 5, 3, 1, 2.0)
    yield case("two blocks", 5, 3, 2, 2.0)
    yield case("three blocks, more units than examples", 3, 6, 3, 4.0)
    yield case("as many examples as units and blocks", 4, 4, 4, 3.0)
    yield case("ten blocks", 6, 8, 10, 2.0)
    yield case("weights that are far too large", 6, 5, 3, 2.0, 30.0)
    yield case("weights that are small", 6, 5, 3, 2.0, 0.05)
    yield case("hardly any growth", 6, 5, 3, 1.05)
    yield case("growth 100", 6, 5, 4, 100.0)
    single = case("", 5, 4, 3, 2.0).args
    narrow = {name: single[name].astype(np.float32) for name in ("X", "W")}
    yield Case("float32", narrow | {"growth": 2.0})
    larger = case("", 10, 4, 3, 2.0).args
    yield Case("every other row of a larger array", larger | {"X": larger["X"][::2]})
    fixed = case("", 5, 4, 3, 2.0).args
    yield Case("arrays that must not be written to",
               fixed | {name: read_only(fixed[name]) for name in ("X", "W")})  # fmt: skip


@exercise(
    returns=("s", "H"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def measured_scales(X: Array, W: Array, growth: float) -> tuple[Array, Array]:
    c = growth ** (1 / len(W))
    s, H = np.zeros(len(W)), X
    for k in range(len(W)):
        F = np.maximum(H, 0) @ W[k].T
        a, b, h2 = np.mean(F**2), np.mean(H * F), np.mean(H**2)
        s[k] = (-b + np.sqrt(b**2 + a * (c - 1) * h2)) / a
        H = H + s[k] * F
    return s, H
