"""A recurrent network reads sequences: all its states, and all its outputs."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, T: int, N: int, d: int, n: int, k: int) -> Case:
        X, h0 = rng.normal(size=(T, N, d)), rng.uniform(-0.9, 0.9, (N, n))
        W, U, V = (rng.normal(size=shape) for shape in ((n, n), (n, d), (k, n)))
        b, c = rng.uniform(0.5, 1.0, n), rng.uniform(0.5, 1.0, k)
        arguments = {"X": X, "h0": h0, "W": W, "U": U, "b": b, "V": V, "c": c}
        return Case(what, arguments)

    scalar = {name: np.ones((1, 1)) for name in ("h0", "W", "U", "V")}
    example = {"X": np.array([[[0.0]], [[-0.5]]]), **scalar, "b": np.zeros(1), "c": np.ones(1)}
    order = ("X", "h0", "W", "U", "b", "V", "c")
    yield Case("the example of the task", {name: example[name] for name in order})
    yield case("a single step", 1, 4, 3, 5, 2)
    yield case("6 steps of 4 examples", 6, 4, 3, 5, 2)
    yield case("as many steps as examples", 3, 3, 2, 4, 2)
    yield case("as many inputs as states and outputs", 4, 2, 3, 3, 3)
    yield case("one example", 5, 1, 2, 3, 1)
    single = case("float32", 4, 3, 2, 4, 2).args
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    strided = case("", 8, 6, 4, 8, 4).args
    views = {name: a[tuple(slice(None, None, 2) for _ in a.shape)] for name, a in strided.items()}
    yield Case("every other entry of larger arrays", views)
    fixed = case("", 4, 3, 2, 4, 2).args
    yield Case("arrays that must not be written to", {k: read_only(a) for k, a in fixed.items()})


@exercise(
    returns=("H", "O"),
    inputs=inputs,
    points={"shape": 2, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def rnn_forward(
    X: Array, h0: Array, W: Array, U: Array, b: Array, V: Array, c: Array
) -> tuple[Array, Array]:
    T, N, _ = X.shape
    H, O = np.zeros((T + 1, N, len(W))), np.zeros((T, N, len(V)))
    h = H[0] = h0
    for t, x in enumerate(X):
        z = h @ W.T + x @ U.T + b
        h = np.tanh(z)
        H[t + 1] = h
        O[t] = h @ V.T + c
    return H, O
