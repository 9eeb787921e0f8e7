"""A network with two hidden layers, trained by hand."""

from collections.abc import Iterator
from copy import deepcopy

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Arguments, Array, Case, exercise, read_only

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def network(d: int, n1: int, n2: int, K: int) -> Arguments:
        shapes = [(n1, d), (n1,), (n2, n1), (n2,), (K, n2), (K,)]
        return {name: rng.normal(size=s) * 0.8 for name, s in zip(NAMES, shapes, strict=True)}

    def case(what: str, sizes: tuple[int, ...], N: int, batches: Array, lr: float) -> Case:
        X, y = rng.normal(size=(N, sizes[0])), rng.integers(0, sizes[-1], N)
        rest = {"batches": batches, "lr": lr}
        return Case(what, {"X": X, "y": y, **network(*sizes), **rest})

    def draw(steps: int, B: int, N: int) -> Array:
        return np.stack([rng.permutation(N)[:B] for _ in range(steps)])

    yield case("one step with one example", (2, 3, 4, 2), 1, np.array([[0]]), 0.5)
    yield case("one step with 3 of 6 examples", (2, 4, 3, 3), 6, draw(1, 3, 6), 0.5)
    yield case("two steps", (3, 5, 4, 2), 6, draw(2, 4, 6), 0.3)
    yield case("four steps, all layers of one width", (3, 3, 3, 3), 6, draw(4, 3, 6), 0.2)
    still = case("", (2, 4, 3, 2), 4, draw(2, 4, 4), 0.5).args
    still["X"] = np.array([[0.0, 0], [1, 0], [0, 0], [0, -1]])
    zero = {"b1": np.zeros(4), "b2": np.ones(3)}
    yield Case("rows of zeros and b1 = 0, so that Z1 = 0 there", deepcopy(still) | zero)
    zero = {"b1": -np.ones(4), "b2": np.zeros(3)}
    yield Case("rows of zeros, H1 = 0 and b2 = 0, so that Z2 = 0 there", still | zero)
    gaps = case("", (2, 4, 3, 4), 4, np.array([[0, 1, 1], [0, 3, 3]]), 0.5).args
    yield Case("an example twice in a batch, and no label of the last class",
               gaps | {"y": np.array([0, 2, 1, 2])})  # fmt: skip
    whole = case("", (3, 4, 3, 2), 5, draw(2, 3, 5), 0.25).args
    numbers = {"X": rng.integers(-2, 3, (5, 3)).astype(float), "b3": np.array([1.0, 0])}
    yield Case("whole numbers", whole | numbers)
    single = case("", (3, 4, 3, 2), 5, draw(2, 3, 5), 0.25).args
    narrow = {name: single[name].astype(np.float32) for name in ("X", *NAMES)}
    yield Case("float32", single | narrow)
    fixed = case("", (3, 4, 3, 2), 4, draw(2, 3, 4), 0.25).args
    fixed |= {"X": rng.normal(size=(8, 6))[::2, ::2], "W2": rng.normal(size=(6, 8))[::2, ::2]}
    kept = {k: read_only(a) if isinstance(a, np.ndarray) else a for k, a in fixed.items()}
    yield Case("parts of larger arrays, which must not be written to", kept)


@exercise(
    returns=(*NAMES, "losses"),
    inputs=inputs,
    points={"shape": 1, "values": 5, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def train_mlp(
    X: Array, y: Array, W1: Array, b1: Array, W2: Array, b2: Array, W3: Array, b3: Array,
    batches: Array, lr: float,
) -> tuple[Array | list[float], ...]:  # fmt: skip
    losses = []
    for rows in batches:
        x, t = X[rows], y[rows]
        Z1 = x @ W1.T + b1
        H1 = np.maximum(Z1, 0)
        Z2 = H1 @ W2.T + b2
        H2 = np.maximum(Z2, 0)
        P = softmax(H2 @ W3.T + b3)
        losses.append(-np.log(P[np.arange(len(t)), t]).mean())
        dZ3 = (P - np.eye(len(b3))[t]) / len(t)
        dZ2 = (dZ3 @ W3) * step(Z2)
        dZ1 = (dZ2 @ W2) * step(Z1)
        W3, b3 = W3 - lr * (dZ3.T @ H2), b3 - lr * dZ3.sum(axis=0)
        W2, b2 = W2 - lr * (dZ2.T @ H1), b2 - lr * dZ2.sum(axis=0)
        W1, b1 = W1 - lr * (dZ1.T @ x), b1 - lr * dZ1.sum(axis=0)
    return W1, b1, W2, b2, W3, b3, losses


def softmax(Z: Array) -> Array:
    e = np.exp(Z)
    P: Array = e / e.sum(axis=1, keepdims=True)
    return P


def step(Z: Array) -> Array:
    slope: Array = Z > 0
    return slope
