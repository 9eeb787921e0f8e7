"""A neuron is trained on nnlib's own engine."""

from collections.abc import Iterator

import numpy as np

from nnlib import Tensor
from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, quarters, read_only
from nnlib.nn.functional import tanh

Arrays = tuple[Array, Array, Array]


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, arrays: Arrays, lr: float = 0.5, steps: int = 3) -> Case:
        X, y, w = arrays
        return Case(what, {"X": X, "y": y, "w": w, "lr": lr, "steps": steps})

    def drawn(N: int, d: int) -> Arrays:
        X, w = quarters(rng, N, d) / 2, quarters(rng, d) / 4
        return X, np.where(X[:, 0] + quarters(rng, N) / 4 > 0, 1.0, -1.0), w

    one = np.array([[1.0, 2.0]]), np.array([0.5]), np.array([0.25, -0.25])
    yield case("one example, one step", one, steps=1)
    yield case("one example, two steps", one, steps=2)
    yield case("no step", drawn(4, 2), steps=0)
    for N, d in [(6, 2), (5, 3), (4, 4), (8, 1)]:
        yield case(f"{N} examples of {d} features", drawn(N, d))
    yield case("a small rate", drawn(7, 3), lr=0.05, steps=6)
    X, y, w = drawn(5, 2)
    yield case("labels that are whole numbers", (np.sign(X).astype(int), y.astype(int), w))
    X, y, w = (a.astype(np.float32) for a in drawn(6, 2))
    yield case("float32", (X, y, w))
    X, y, w = drawn(12, 4)
    yield case("every other row and column of a larger array", (X[::2, ::2], y[::2], w[::2]))
    X, y, w = (read_only(a) for a in drawn(5, 2))
    yield case("arrays that must not be written to", (X, y, w))


@exercise(
    returns=("w", "losses"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    uses=("numpy", "nnlib"),
    tolerance=FLOAT32_LONG,
)
def train_neuron(X: Array, y: Array, w: Array, lr: float, steps: int) -> tuple[Array, list[float]]:
    t = Tensor(w, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((tanh(X @ t) - y) ** 2).mean()
        losses.append(loss.item())
        t.grad = None
        loss.backward()
        step(t, lr)
    return t.data, losses


def step(t: Tensor, lr: float) -> None:
    assert t.grad is not None
    t.data = t.data - lr * t.grad
