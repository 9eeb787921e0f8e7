"""Logistic regression by gradient descent, with a loss that is finite for every score."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, layouts, quarters


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, n: int, d: int, lr: float, steps: int) -> Case:
        y = rng.permutation(np.arange(n) % 3 == 0).astype(int)  # one in three
        X = quarters(rng, n, d) + 0.5 * y[:, None]
        return Case(what, {"X": X, "y": y, "lr": lr, "steps": steps})

    yield case("no step at all", 6, 2, 0.5, 0)
    yield case("one step", 6, 2, 0.5, 1)
    yield case("five steps", 7, 3, 0.5, 5)
    yield case("a larger rate", 9, 2, 1.0, 4)
    yield case("as many examples as features", 3, 3, 0.25, 3)
    apart = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    yield Case("classes apart", {"X": apart, "y": np.array([0, 0, 1, 1]), "lr": 1.0, "steps": 8})
    huge = np.array([[-4000.0], [-3000.0], [-1000.0], [3000.0], [4000.0]])
    yield Case(
        "scores in the hundred thousands, one of them wrong",
        {"X": huge, "y": np.array([0, 0, 1, 1, 1]), "lr": 1.0, "steps": 1},
    )
    yield Case(
        "a step from scores in the hundred thousands",  # where σ itself has to be finite
        {"X": huge, "y": np.array([0, 0, 1, 1, 1]), "lr": 1.0, "steps": 2},
    )
    yield from layouts(lambda: case("", 6, 2, 0.5, 3))


@exercise(
    returns=("w", "b", "losses"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def logistic_fit(X: Array, y: Array, lr: float, steps: int) -> tuple[Array, float, list[float]]:
    w, b = np.zeros(X.shape[1]), 0.0
    losses = [loss(np.zeros(len(X)), y)]  # all scores are 0
    for _ in range(steps):
        error = sigmoid(X @ w + b) - y
        w = w - lr * error @ X / len(X)
        b = b - lr * np.mean(error)
        losses.append(loss(X @ w + b, y))
    return w, b, losses


def sigmoid(z: Array) -> Array:
    p: Array = np.exp(-np.logaddexp(0, -z))
    return p


def loss(z: Array, y: Array) -> float:
    return float(np.mean(np.logaddexp(0, z) - y * z))
