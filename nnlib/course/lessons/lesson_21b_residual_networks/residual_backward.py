"""A residual block of two layers and its way back: the gradient comes by two ways and is added."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, layouts


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def args(N: int, d: int, m: int, s: float) -> dict[str, Array | float]:
        """Nothing near the kink, and some of z on, some off, in every case of several units."""
        while True:
            X, W1, W2 = (rng.integers(-8, 9, shape) / 4 for shape in ((N, d), (m, d), (d, m)))
            Z = X @ W1.T
            if m * N < 3 or (0 < (Z > 0).sum() < Z.size and not (Z == 0).any()):
                return {"X": X, "W1": W1, "W2": W2, "s": s, "dY": rng.integers(-8, 9, (N, d)) / 4}

    def case(what: str, N: int, d: int, m: int, s: float) -> Case:
        return Case(what, args(N, d, m, s))

    example = {"X": [[1.0, 2.0]], "W1": [[1.0, 1.0]], "W2": [[2.0], [-1.0]]}
    arrays = {name: np.array(value) for name, value in example.items()}
    yield Case("the example of the task", arrays | {"s": 0.5, "dY": np.array([[1.0, 4.0]])})
    yield case("four examples, three units in and out, five hidden", 4, 3, 5, 0.25)
    yield case("five examples, fewer hidden units", 5, 4, 2, 0.5)
    yield case("one example", 1, 3, 4, 0.5)
    yield case("as many examples as units", 3, 3, 3, 0.75)
    yield case("s = 1", 4, 2, 5, 1.0)
    yield case("s = 2", 6, 2, 3, 2.0)
    yield case("s = 0: the block is the identity", 4, 3, 2, 0.0)
    yield case("a negative s", 4, 3, 2, -0.5)
    off = args(4, 3, 2, 0.5)
    yield Case("all hidden units off", off | {"X": np.abs(off["X"]) + 0.25,
                                              "W1": -np.abs(off["W1"]) - 0.25})  # fmt: skip
    on = args(4, 3, 2, 0.5)
    yield Case("all hidden units on", on | {"X": np.abs(on["X"]) + 0.25,
                                            "W1": np.abs(on["W1"]) + 0.25})  # fmt: skip
    edge = {"X": [[1.0, 1.0], [2.0, 1.0]], "W1": [[1.0, -1.0], [1.0, 1.0]],
            "W2": [[1.0, 2.0], [3.0, -1.0]], "dY": [[1.0, 2.0], [-1.0, 0.5]]}  # fmt: skip
    at_zero = {name: np.array(value) for name, value in edge.items()}
    yield Case("a unit with z = 0, where relu′ is 0", {
        name: at_zero.get(name, 0.5) for name in ("X", "W1", "W2", "s", "dY")})  # fmt: skip
    yield from layouts(lambda: case("", 4, 3, 2, 0.5))


@exercise(
    returns=("Y", "dX", "dW1", "dW2"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32,
)
def residual_backward(
    X: Array, W1: Array, W2: Array, s: float, dY: Array
) -> tuple[Array, Array, Array, Array]:
    Z = X @ W1.T
    H = np.maximum(Z, 0)
    Y = X + s * (H @ W2.T)
    dF = s * dY
    dW2 = dF.T @ H
    dZ = (dF @ W2) * (Z > 0)
    dW1 = dZ.T @ X
    dX = dY + dZ @ W1
    return Y, dX, dW1, dW2
