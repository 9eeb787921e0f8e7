"""The implicit step of gradient descent, on a bowl in many directions."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import (
    FLOAT32_LONG,
    Array,
    Case,
    exercise,
    nonzero,
    read_only,
)


def bowl(rng: np.random.Generator, d: int) -> Array:
    """A symmetric matrix with positive eigenvalues, entries beside the diagonal not small."""
    half = nonzero(rng, d, d + 1)
    matrix: Array = half @ half.T / 4 + np.eye(d) / 2
    return matrix


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, problem: tuple[Array, Array, Array], lr: float, steps: int) -> Case:
        A, b, w0 = problem
        return Case(what, {"A": A, "b": b, "w0": w0, "lr": lr, "steps": steps})

    def any_bowl(d: int) -> tuple[Array, Array, Array]:
        return bowl(rng, d), nonzero(rng, d), nonzero(rng, d)

    one = np.array([[2.0]]), np.array([1.0]), np.array([4.0])
    yield case("the example of the task", one, 0.5, 2)
    yield case("one step", any_bowl(2), 0.25, 1)
    yield case("four steps", any_bowl(3), 0.25, 4)
    yield case("a rate of 10", any_bowl(3), 10.0, 3)
    yield case("a small rate", any_bowl(4), 0.03, 6)
    yield case("no step", any_bowl(2), 0.5, 0)
    diagonal = np.diag([0.5, 20.0, 3.0]), nonzero(rng, 3), nonzero(rng, 3)
    yield case("three directions, each for itself", diagonal, 0.5, 3)
    flat = np.array([[4.0, 2.0], [2.0, 1.0]]), nonzero(rng, 2), nonzero(rng, 2)
    yield case("a bowl that is flat in one direction", flat, 0.5, 3)
    A, b, w0 = (a.astype(np.float32) for a in any_bowl(2))
    yield case("float32", (A, b, w0), 0.5, 3)
    A, b, w0 = any_bowl(6)
    strided = A[::2, ::2], b[::2], w0[::2]
    yield case("every other number of larger arrays", strided, 0.2, 3)
    A, b, w0 = (read_only(a) for a in any_bowl(3))
    yield case("arrays that must not be written to", (A, b, w0), 0.75, 2)


@exercise(
    returns=("path",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def implicit_path(A: Array, b: Array, w0: Array, lr: float, steps: int) -> list[Array]:
    path = [w0]
    matrix = np.eye(len(b)) + lr * A
    for _ in range(steps):
        path.append(np.linalg.solve(matrix, path[-1] + lr * b))
    return path
