"""Backpropagation through time: the gradients of all that a recurrent network shares."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, read_only

Gradients = tuple[Array, Array, Array, Array, Array]


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, T: int, N: int, d: int, n: int, k: int) -> Case:
        X, H = rng.normal(size=(T, N, d)), rng.normal(size=(T + 1, N, n))
        W, U, V = (rng.normal(size=shape) for shape in ((n, n), (n, d), (k, n)))
        b = rng.normal(size=n)
        H[0] = rng.uniform(-0.9, 0.9, (N, n))
        for t in range(T):
            H[t + 1] = np.tanh(0.5 * (H[t] @ W.T + X[t] @ U.T + b))
        dO = rng.normal(size=(T, N, k))
        return Case(what, {"X": X, "H": H, "W": 0.5 * W, "V": V, "dO": dO})

    H = np.array([0.5, 0.6, 0.8]).reshape(3, 1, 1)
    example = {"X": np.array([[[1.0]], [[-1.0]]]), "H": H, "W": np.full((1, 1), 2.0)}
    ones = {"V": np.ones((1, 1)), "dO": np.ones((2, 1, 1))}
    yield Case("the example of the task", example | ones)
    yield case("a single step", 1, 4, 3, 5, 2)
    yield case("2 steps", 2, 4, 3, 5, 2)
    yield case("6 steps of 4 examples", 6, 4, 3, 5, 2)
    yield case("as many inputs as states, outputs and examples", 4, 3, 3, 3, 3)
    yield case("one example", 5, 1, 2, 3, 1)
    last = case("a loss at the last step alone", 5, 3, 2, 4, 2)
    last.args["dO"][:-1] = 0
    yield last
    single = case("float32", 4, 3, 2, 4, 2).args
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    strided = case("", 8, 6, 4, 8, 4).args
    views = {name: a[tuple(slice(None, None, 2) for _ in a.shape)] for name, a in strided.items()}
    views["H"] = strided["H"][:5, ::2, ::2]
    yield Case("every other entry of larger arrays", views)
    fixed = case("", 4, 3, 2, 4, 2).args
    yield Case("arrays that must not be written to", {k: read_only(a) for k, a in fixed.items()})


@exercise(
    returns=("dW", "dU", "db", "dV", "dc"),
    inputs=inputs,
    points={"shape": 2, "values": 5, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def bptt(X: Array, H: Array, W: Array, V: Array, dO: Array) -> Gradients:
    (T, N, d), n = X.shape, len(W)
    dW, dU, db, dz = np.zeros((n, n)), np.zeros((n, d)), np.zeros(n), np.zeros((N, n))
    later = dz
    for t in reversed(range(T)):
        before, now = H[t], H[t + 1]
        dh = dO[t] @ V + later
        slope = 1 - now * now
        dz = dh * slope
        later = dz @ W
        dW = dW + dz.T @ before
        dU = dU + dz.T @ X[t]
        db = db + dz.sum(axis=0)
    after, rows = H[1:].reshape(T * N, n), dO.reshape(T * N, len(V))
    dV = rows.T @ after
    dc = rows.sum(axis=0)
    return dW, dU, db, dV, dc
