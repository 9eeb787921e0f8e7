"""Lesson 12's exercises of November 2026 as a private assignment, which no lesson changes."""

import math
from collections.abc import Iterator
from copy import deepcopy

import numpy as np

from nnlib.course.kit.inputs import (
    FLOAT32_SMALL,
    Arguments,
    Array,
    Case,
    exercise,
    read_only,
)

# ── A weighted cross-entropy and its gradient at the logits ──────────────────────────────────────


def softmax_ce_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, Z: Array, y: Array, omega: Array) -> Case:
        return Case(what, {"Z": Z, "y": y, "omega": omega})

    yield case(
        "the example of the task", np.array([[0.0, 0], [0, 0]]), np.array([0, 1]), np.ones(2)
    )
    for N, K in ((1, 3), (5, 3), (4, 4)):
        Z, y = rng.normal(size=(N, K)), rng.integers(0, K, N)
        yield case(f"{N} examples of {K} classes, all weights 1", Z, y, np.ones(N))
        yield case(f"{N} examples, unequal weights", Z.copy(), y.copy(), rng.uniform(0.5, 3, N))
    Z, y = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    yield case("weights of 0", Z, y, np.array([1.0, 0, 2, 0, 0, 0.5]))
    yield case("no label names the last class, nor class 1", rng.normal(size=(5, 4)),
               np.array([0, 2, 2, 0, 2]), rng.uniform(0.5, 3, 5))  # fmt: skip
    far = np.array([[1000.0, 0, -1000], [-1000, -999, -1001], [3, 1000, 2]])
    yield case("logits of ±1000", far, np.array([2, 1, 1]), np.array([1.0, 2, 1]))
    whole = rng.integers(-3, 4, (4, 3))
    yield case("whole numbers", whole, rng.integers(0, 3, 4), np.array([1, 2, 3, 4]))
    single = rng.normal(size=(5, 3)).astype(np.float32)
    yield case("float32", single, rng.integers(0, 3, 5), np.linspace(1, 2, 5).astype(np.float32))
    strided = rng.normal(size=(8, 6))[::2, ::2]
    yield case("every other row and column of a larger array", strided, np.array([2, 0, 0, 1]),
               rng.uniform(1, 2, 4))  # fmt: skip
    fixed = read_only(rng.normal(size=(4, 3))), read_only(rng.integers(0, 3, 4))
    yield case("arrays that must not be written to", *fixed, read_only(rng.uniform(1, 2, 4)))


@exercise(
    returns=("loss", "dZ"),
    inputs=softmax_ce_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def softmax_ce(Z: Array, y: Array, omega: Array) -> tuple[Array, Array]:
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    share = omega / omega.sum()
    n = np.arange(len(Z))
    loss = -(share * log_p[n, y]).sum()
    dZ = np.exp(log_p)
    dZ[n, y] -= 1
    dZ = share[:, None] * dZ
    return loss, dZ


# ── The way back through a linear layer, for inputs of any shape ─────────────────────────────────


def linear_backward_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, lead: tuple[int, ...], inputs: int, outputs: int) -> Case:
        g, x = rng.normal(size=(*lead, outputs)), rng.normal(size=(*lead, inputs))
        return Case(what, {"g": g, "x": x, "W": rng.normal(size=(outputs, inputs))})

    yield case("a batch of 4", (4,), 3, 2)
    yield case("as many examples as inputs and outputs", (3,), 3, 3)
    yield case("a batch of 1", (1,), 3, 2)
    yield case("a single example, without an axis of examples", (), 3, 2)
    yield case("a single example, square W", (), 2, 2)
    yield case("2 batches of 4", (2, 4), 3, 5)
    yield case("axes of 2, 3 and 2, square W", (2, 3, 2), 2, 2)
    numbers = rng.integers(-3, 4, (4, 2)), rng.integers(-3, 4, (4, 3)), rng.integers(-3, 4, (2, 3))
    yield Case("whole numbers", dict(zip("gxW", numbers, strict=True)))
    single = case("float32", (5,), 3, 2).args
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    strided = case("", (8,), 6, 4).args
    yield Case("every other row and column of larger arrays",
               {name: a[::2, ::2] for name, a in strided.items()})  # fmt: skip
    fixed = case("", (4,), 2, 3).args
    yield Case("arrays that must not be written to", {k: read_only(a) for k, a in fixed.items()})


@exercise(
    returns=("dx", "dW", "db"),
    inputs=linear_backward_inputs,
    points={"shape": 2, "values": 2, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def linear_backward(g: Array, x: Array, W: Array) -> tuple[Array, Array, Array]:
    rows_g, rows_x = as_rows(g), as_rows(x)
    dx = g @ W
    dW = rows_g.T @ rows_x
    db = rows_g.sum(axis=0)
    return dx, dW, db


def as_rows(a: Array) -> Array:
    return a.reshape(math.prod(a.shape[:-1]), a.shape[-1])


# ── An autoencoder with tied weights, whose one matrix is reached by two paths ───────────────────


def tied_backward_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, d: int, n: int) -> Case:
        parts = rng.normal(size=(N, d)), rng.normal(size=(n, d)), rng.normal(size=n)
        return Case(what, dict(zip("XWbc", (*parts, rng.normal(size=d)), strict=True)))

    yield case("one example", 1, 3, 2)
    yield case("five examples", 5, 3, 2)
    yield case("as many hidden units as inputs", 4, 3, 3)
    yield case("as many examples as inputs and units", 3, 3, 3)
    yield case("more hidden units than inputs", 6, 2, 5)
    args = case("", 4, 3, 2).args
    yield Case("whole numbers", args | {"X": rng.integers(-2, 3, (4, 3)), "b": np.array([1, 0])})
    yield Case("float32", {k: a.astype(np.float32) for k, a in case("", 5, 3, 2).args.items()})
    args = case("", 4, 3, 2).args
    strided = {"X": rng.normal(size=(8, 6))[::2, ::2], "W": rng.normal(size=(4, 6))[::2, ::2]}
    yield Case("every other row and column of larger arrays", args | strided)
    fixed = {k: read_only(a) for k, a in case("", 4, 2, 3).args.items()}
    yield Case("arrays that must not be written to", fixed)


@exercise(
    returns=("dW", "db", "dc"),
    inputs=tied_backward_inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def tied_backward(X: Array, W: Array, b: Array, c: Array) -> tuple[Array, Array, Array]:
    H = np.tanh(X @ W.T + b)
    dY = (H @ W + c - X) / len(X)
    dZ = (dY @ W.T) * (1 - H**2)
    dW = dZ.T @ X + H.T @ dY
    db = dZ.sum(axis=0)
    dc = dY.sum(axis=0)
    return dW, db, dc


# ── A network with two hidden layers, trained by hand ────────────────────────────────────────────


NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")


def train_mlp_inputs(rng: np.random.Generator) -> Iterator[Case]:
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
    numbers = {"X": rng.integers(-2, 3, (5, 3)), "b3": np.array([1, 0])}
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
    inputs=train_mlp_inputs,
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


EXERCISES = [softmax_ce, linear_backward, tied_backward, train_mlp]
