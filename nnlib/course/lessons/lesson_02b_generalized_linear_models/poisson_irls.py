"""Poisson regression with exposure, by Newton's method."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, read_only

HOURS = (1.0, 2.0, 4.0, 8.0)


def nearly_there(rng: np.random.Generator) -> list[Array]:
    """Counts close to T, so that w = 0 is close to the best, and wrong steps stay small, too."""
    X, T = rng.uniform(-1, 1, (12, 2)), rng.choice(HOURS, 12)
    return [X, T + rng.choice([-1e-3, 1e-3], 12), T]


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def drawn(n: int, d: int) -> list[Array]:
        """Features within ±1.5 and weights within ±0.8, so that no step overflows."""
        X = rng.uniform(-1.5, 1.5, (n, d))
        X[:, -1] = 1.0
        T = rng.choice(HOURS, n)
        return [X, rng.poisson(T * np.exp(X @ rng.uniform(-0.8, 0.8, d))).astype(float), T]

    def case(what: str, arrays: list[Array], steps: int) -> Case:
        return Case(what, dict(zip(("X", "y", "T", "steps"), (*arrays, steps), strict=True)))

    # Three steps at most where they lead far off: what a wrong one comes to then is chance.
    X, y, T = np.ones((3, 1)), np.array([2.0, 0.0, 7.0]), np.array([1.0, 1.0, 4.0])
    yield case("the example of the task", [X, y, T], 1)
    yield case("only a bias, two steps", [X.copy(), y.copy(), T.copy()], 2)
    yield case("no step: w = 0", drawn(6, 2), 0)
    yield case("one step", drawn(12, 2), 1)
    yield case("one step, three weights", drawn(20, 3), 1)
    yield case("two steps", drawn(12, 3), 2)
    X, y, T = drawn(30, 2)
    yield case("all watched for two hours", [X, y, np.full(30, 2.0)], 2)
    yield case("fractions of an hour", [X.copy(), y.copy(), T / 8], 1)
    yield case("three steps, with few surprises", nearly_there(rng), 3)
    yield case("float32", [a.astype(np.float32) for a in drawn(24, 2)], 1)
    strided = [np.repeat(a, 2, 0)[::2] for a in drawn(16, 3)]
    yield case("every other row of larger arrays", strided, 2)
    yield case("arrays that must not be written to", [read_only(a) for a in drawn(12, 2)], 1)
    yield case("until nothing moves any more", nearly_there(rng), 12)


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
