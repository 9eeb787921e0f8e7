"""The forward pass of an MLP whose parameters are one vector."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, quarters, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, theta: Array, sizes: list[int], X: Array) -> Case:
        return Case(what, {"theta": theta, "sizes": sizes, "X": X})

    def drawn(sizes: list[int], N: int) -> tuple[Array, list[int], Array]:
        return quarters(rng, parameters(sizes)), sizes, quarters(rng, N, sizes[0])

    theta = np.array([1, 1, 1, 1, 0, -1, 1, -2, 0])
    yield case("XOR's network", theta, [2, 2, 1], np.array([[0, 0], [0, 1], [1, 0], [1, 1]]))
    for sizes in ([3, 4, 2], [2, 5, 3, 2], [4, 2, 3, 5, 1], [3, 3, 3], [2, 4, 4, 3]):
        yield case("–".join(map(str, sizes)), *drawn(sizes, 6))
    yield case("a batch of one", *drawn([3, 2, 4], 1))
    yield case("one unit in each layer", *drawn([1, 1, 1], 3))
    yield case("as many examples as units", *drawn([4, 4, 4], 4))
    theta, sizes, X = drawn([2, 3, 2], 5)
    yield case("float32", theta.astype(np.float32), sizes, X.astype(np.float32))
    strided = np.repeat(quarters(rng, parameters([3, 4, 2])), 2)[::2]
    yield case(
        "every other entry of a larger array", strided, [3, 4, 2], quarters(rng, 8, 6)[::2, ::2]
    )
    theta, sizes, X = drawn([2, 3, 1], 4)
    yield case("arrays that must not be written to", read_only(theta), sizes, read_only(X))
    theta, sizes, X = drawn([2, 3, 2], 3)
    yield case("θ has one number too few", theta[:-1].copy(), sizes, X)
    yield case("θ has one number too many", np.append(theta, 1.0), sizes, X.copy())
    weights_only = quarters(rng, 2 * 3 + 3 * 2)
    yield case("θ has no biases", weights_only, [2, 3, 2], X.copy())


def parameters(sizes: list[int]) -> int:
    return sum(m * (n + 1) for n, m in pairwise(sizes))


@exercise(
    returns=("H", "Z"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def mlp_forward(theta: Array, sizes: list[int], X: Array) -> tuple[Array, Array]:
    if len(theta) != expected(sizes):
        raise ValueError(f"theta has {len(theta)} numbers, the sizes need another number of them")
    A, hidden, start = X, [], 0
    for n, m in pairwise(sizes):
        W, b = cut(theta[start : start + m * (n + 1)], n, m)
        start = start + m * (n + 1)
        Z = A @ W.T + b
        A = np.maximum(Z, 0)
        hidden.append(A)
    return np.hstack(hidden[:-1]), Z


def expected(sizes: list[int]) -> int:
    return sum(m * n + m for n, m in pairwise(sizes))


def cut(piece: Array, n: int, m: int) -> tuple[Array, Array]:
    return piece[: m * n].reshape(m, n), piece[m * n :]
