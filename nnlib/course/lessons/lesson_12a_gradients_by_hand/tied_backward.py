"""An autoencoder with tied weights, whose one matrix is reached by two paths."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, d: int, n: int) -> Case:
        parts = rng.normal(size=(N, d)), rng.normal(size=(n, d)), rng.normal(size=n)
        return Case(what, dict(zip("XWbc", (*parts, rng.normal(size=d)), strict=True)))

    yield case("one example", 1, 3, 2)
    yield case("five examples", 5, 3, 2)
    yield case("as many hidden units as inputs", 4, 3, 3)
    yield case("as many examples as inputs and units", 3, 3, 3)
    yield case("more hidden units than inputs", 6, 2, 5)
    args = case("", 4, 3, 2).args
    whole = rng.integers(-2, 3, (4, 3)).astype(float)
    yield Case("whole numbers", args | {"X": whole, "b": np.array([1.0, 0])})
    yield Case("float32", {k: a.astype(np.float32) for k, a in case("", 5, 3, 2).args.items()})
    args = case("", 4, 3, 2).args
    strided = {"X": rng.normal(size=(8, 6))[::2, ::2], "W": rng.normal(size=(4, 6))[::2, ::2]}
    yield Case("every other row and column of larger arrays", args | strided)
    fixed = {k: read_only(a) for k, a in case("", 4, 2, 3).args.items()}
    yield Case("arrays that must not be written to", fixed)


@exercise(
    returns=("dW", "db", "dc"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def tied_backward(X: Array, W: Array, b: Array, c: Array) -> tuple[Array, Array, Array]:
    H = np.tanh(X @ W.T + b)
    dY = (H @ W + c - X) / len(X)
    dZ = (dY @ W.T) * (1 - H**2)
    dW = dZ.T @ X + H.T @ dY
    db = dZ.sum(axis=0)
    dc = dY.sum(axis=0)
    return dW, db, dc
