"""Gradient descent with patience, and the w that it restores."""

from collections.abc import Callable, Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, read_only

NAMES = ("X", "y", "X_val", "y_val")


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(
        what: str, seed_of: Callable[[], dict[str, Array]], lr: float, patience: int, most: int
    ) -> Case:
        return Case(what, {**seed_of(), "lr": lr, "patience": patience, "most": most})

    yield case("the example of the task", example, 0.25, 1, 10)
    for patience in (1, 2, 3):
        yield case("one direction swings", lambda: swinging(rng), 0.45, patience, 30)
    for patience in (2, 4):
        yield case("noisy targets", lambda: noisy(rng, 6, 4), 0.1, patience, 40)
    yield case("more features than examples", lambda: noisy(rng, 3, 5), 0.05, 3, 25)
    yield case("nothing is better than w = 0", lambda: opposite(rng), 0.1, 3, 20)
    yield case("the validation loss never changes", lambda: blind(rng), 0.1, 4, 12)
    yield case("it still falls at the end", lambda: easy(rng), 0.02, 3, 6)
    yield case("no step at all", lambda: noisy(rng, 5, 3), 0.1, 2, 0)
    single = case("float32", lambda: swinging(rng), 0.45, 2, 20)
    for name in NAMES:
        single.args[name] = single.args[name].astype(np.float32)
    yield single
    strided = case("every other entry of larger arrays", lambda: noisy(rng, 6, 3), 0.1, 2, 30)
    for name in NAMES:
        strided.args[name] = np.repeat(strided.args[name], 2, axis=0)[::2]
    yield strided
    fixed = case("arrays that must not be written to", lambda: noisy(rng, 6, 3), 0.1, 3, 30)
    for name in NAMES:
        read_only(fixed.args[name])
    yield fixed


def example() -> dict[str, Array]:
    """One weight goes 0, 2, 3, 3.5, …, and 2.75 would be best for the validation example."""
    one = np.array([[1.0]])
    return {"X": one, "y": np.array([4.0]), "X_val": one.copy(), "y_val": np.array([2.75])}


def noisy(rng: np.random.Generator, N: int, d: int) -> dict[str, Array]:
    """Few training examples, so that the validation loss soon rises."""
    truth = rng.normal(size=d)
    X, X_val = rng.normal(size=(N, d)), rng.normal(size=(N + 3, d))
    y = X @ truth + 2 * rng.normal(size=N)
    return {"X": X, "y": y, "X_val": X_val, "y_val": X_val @ truth + rng.normal(size=N + 3)}


def swinging(rng: np.random.Generator) -> dict[str, Array]:
    """At η = 0.45 the first weight swings around its best and the second creeps to its own.

    So the validation loss falls in every second step, and its lowest value lies in the middle.
    """
    X = np.sqrt(2) * np.diag([1.45, 0.33])
    u = np.array([rng.uniform(1, 1.2), rng.uniform(3, 4)])
    X_val = np.diag(rng.uniform(0.9, 1.1, 2))
    return {"X": X, "y": X @ u, "X_val": X_val, "y_val": X_val @ (u * [0.6, 0.45])}


def opposite(rng: np.random.Generator) -> dict[str, Array]:
    drawn = noisy(rng, 6, 3)
    X = drawn["X"]
    y = X @ np.array([1.0, -2.0, 1.5])
    return {"X": X, "y": y, "X_val": X.copy(), "y_val": -y}


def blind(rng: np.random.Generator) -> dict[str, Array]:
    drawn = noisy(rng, 6, 3)
    return drawn | {"X_val": np.zeros((4, 3)), "y_val": np.array([1.0, -2.0, 0.5, 3.0])}


def easy(rng: np.random.Generator) -> dict[str, Array]:
    X, X_val, w = rng.normal(size=(20, 3)), rng.normal(size=(20, 3)), np.array([3.0, -3.0, 3.0])
    return {"X": X, "y": X @ w, "X_val": X_val, "y_val": X_val @ w}


@exercise(
    returns=("w", "best", "taken"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def stopped_descent(
    X: Array, y: Array, X_val: Array, y_val: Array, lr: float, patience: int, most: int
) -> tuple[Array, int, int]:
    def validated(w: Array) -> float:
        return float(np.mean((X_val @ w - y_val) ** 2))

    w = np.zeros(X.shape[1])
    kept, best, lowest, t = w, 0, validated(w), 0
    while t < most and t - best < patience:
        w = w - lr * 2 / len(y) * X.T @ (X @ w - y)
        t = t + 1
        loss = validated(w)
        if loss < lowest:
            kept, best, lowest = w, t, loss
    return kept, best, t
