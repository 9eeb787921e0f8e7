"""Poisson regression with exposure, by Newton's method."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, read_only

HOURS = (1.0, 2.0, 4.0, 8.0)


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def drawn(n: int, d: int) -> list[Array]:
        """Features within ±1.5 and weights within ±0.8, so that no step overflows."""
        X = rng.uniform(-1.5, 1.5, (n, d))
        X[:, -1] = 1.0
        T = rng.choice(HOURS, n)
        return [X, rng.poisson(T * np.exp(X @ rng.uniform(-0.8, 0.8, d))).astype(float), T]

    def case(what: str, arrays: list[Array], steps: int) -> Case:
        return Case(what, dict(zip(("X", "y", "T", "steps"), (*arrays, steps), strict=True)))

    X, y = np.array([[1.0], [1.0], [1.0]]), np.array([2.0, 0.0, 7.0])
    yield case("the example of the task", [X, y, np.array([1.0, 1.0, 4.0])], 1)
    yield case("only a bias, 8 steps", [X, y, np.array([1.0, 1.0, 4.0])], 8)
    yield case("no step: w = 0", drawn(6, 2), 0)
    yield case("one step", drawn(12, 2), 1)
    yield case("two steps", drawn(12, 3), 2)
    yield case("as far as it goes", drawn(40, 3), 12)
    X, y, T = drawn(30, 2)
    yield case("all watched for one hour", [X, y, np.ones(30)], 3)
    yield case("fractions of an hour", [X.copy(), y.copy(), T / 8], 3)
    X, y, T = drawn(15, 2)
    yield case("many more steps than needed", [X, y, T], 30)
    yield case("float32", [a.astype(np.float32) for a in drawn(24, 2)], 3)
    yield case(
        "every other row of larger arrays", [np.repeat(a, 2, 0)[::2] for a in drawn(16, 3)], 2
    )
    yield case("arrays that must not be written to", [read_only(a) for a in drawn(12, 2)], 4)


@exercise(
    returns=("w",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def poisson_irls(X: Array, y: Array, T: Array, steps: int) -> Array:
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        y_hat = T * np.exp(X @ w)
        gradient = X.T @ (y_hat - y)
        H = (X.T * y_hat) @ X
        w = w - np.linalg.solve(H, gradient)
    return w
