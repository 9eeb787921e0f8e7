"""The nearest mean as a layer: its scores are largest where the distance is smallest."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, quarters, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, X: Array, y: Array, K: int) -> Case:
        return Case(what, {"X": X, "y": y, "K": K})

    def labels(N: int, K: int) -> Array:
        """Each class at least once, in random order, and classes of unequal size."""
        y = np.concatenate([np.arange(K), rng.integers(0, max(1, K - 1), N - K)])
        return rng.permutation(y)

    X = np.array([[0.0, 1.0], [4.0, 3.0], [2.0, 1.0]])
    yield case("the example of the task", X, np.array([0, 1, 0]), 2)
    yield case("three classes", quarters(rng, 9, 4), labels(9, 3), 3)
    yield case("as many classes as features", quarters(rng, 8, 3), labels(8, 3), 3)
    yield case("one feature", quarters(rng, 7, 1), labels(7, 2), 2)
    yield case("one example in each class", quarters(rng, 4, 3), rng.permutation(4), 4)
    yield case("a single class", quarters(rng, 3, 2), np.zeros(3, dtype=int), 1)
    yield case("float32", quarters(rng, 9, 4).astype(np.float32), labels(9, 3), 3)
    yield case("every other row of a larger array", quarters(rng, 20, 3)[::2], labels(10, 4), 4)
    yield case("arrays that must not be written to", read_only(quarters(rng, 6, 3)), read_only(labels(6, 2)), 2)  # fmt: skip


@exercise(
    returns=("W", "b"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def class_layer(X: Array, y: Array, K: int) -> tuple[Array, Array]:
    W = np.stack([X[y == k].mean(axis=0) for k in range(K)])
    b = -(W**2).sum(axis=1) / 2
    return W, b
