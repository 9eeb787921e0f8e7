"""The perceptron's learning rule, one example at a time."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, quarters, read_only

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, X: Array, y: Array, epochs: int) -> Case:
        return Case(what, {"X": X, "y": y, "epochs": epochs})

    yield case("AND", CORNERS.copy(), np.array([0, 0, 0, 1]), 20)
    yield case("OR", CORNERS.astype(float), np.array([0, 1, 1, 1]), 20)
    yield case("XOR, which never ends by itself", CORNERS.copy(), np.array([0, 1, 1, 0]), 9)
    yield case("AND, stopped after 3 epochs", CORNERS.copy(), np.array([0, 0, 0, 1]), 3)
    yield case("all labels 1: nothing to learn", quarters(rng, 3, 2), np.ones(3), 5)
    yield case("all labels 0", quarters(rng, 3, 2), np.zeros(3), 8)
    X = quarters(rng, 7, 3)
    y = 1.0 * (X @ np.array([1.0, -2.0, 0.5]) >= 0.75)
    yield case("7 examples of 3 features", X, y, 40)
    yield case("as many examples as features", quarters(rng, 3, 3), np.array([1, 0, 1]), 12)
    yield case("labels at random", quarters(rng, 6, 2), rng.integers(0, 2, 6), 7)
    strided = quarters(rng, 10, 4).astype(np.float32)[::2, ::2]
    yield case(
        "every other row and column of a float32 array", strided, np.array([1, 0, 0, 1, 0]), 6
    )
    fixed = read_only(quarters(rng, 5, 2)), read_only(np.array([0, 1, 0, 1, 1]))
    yield case("arrays that must not be written to", *fixed, 6)


@exercise(
    returns=("w", "b", "errors"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def perceptron_fit(X: Array, y: Array, epochs: int) -> tuple[Array, float, list[int]]:
    w, b, errors = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes = 0
        for x, label in zip(X, y, strict=True):
            error = label - step(w @ x + b)
            if error != 0:
                w = w + error * x
                b = b + error
                mistakes = mistakes + 1
        errors.append(mistakes)
        if mistakes == 0:
            break
    return w, b, errors


def step(z: Array | float) -> int:
    return 1 if z >= 0 else 0
