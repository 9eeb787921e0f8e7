"""Find the dead units of a layer, and give each a bias with which it lives."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import (
    FLOAT32,
    Array,
    Case,
    exercise,
    nonzero,
    quarters,
    read_only,
)


def layer(rng: np.random.Generator, N: int, d: int, m: int) -> tuple[Array, Array, Array]:
    """X, W and b: the first unit is dead with a z of 0, the second far below, the others live."""
    X, W, b = nonzero(rng, N, d), nonzero(rng, m, d), quarters(rng, m)
    z = X @ W.T
    b[0] = -z[:, 0].max()
    b[1] = -z[:, 1].max() - 2.5
    on = rng.integers(0, N, m)  # for this example and all that are larger, the others are on
    b[2:] = 0.25 - z[on, np.arange(m)][2:]
    return X, W, b


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, X: Array, W: Array, b: Array) -> Case:
        return Case(what, {"X": X, "W": W, "b": b})

    # Pixels from 0 to 1: x w falls as long as w < 0.
    X = np.array([[0.25, 0.5], [1.0, 0.75], [0.5, 0.0], [0.0, 0.0]])
    W = np.array([[-1.0, -0.5], [1.0, 0.0], [2.0, -4.0]])
    yield case("the example", X, W, np.array([-0.25, -0.75, -2.0]))
    far = np.array([[1.0], [1.25], [0.75], [-8.0]])  # mean and median have opposite signs
    yield case("one example far from the others", far, np.array([[1.0], [-1.0]]), np.zeros(2))
    yield case("all units live", X.copy(), W[1:].copy(), np.array([0.25, 0.5]))
    yield case("all units are dead", X.copy(), W.copy(), np.array([-4.0, -3.0, -5.0]))
    for N, d, m in ((5, 2, 3), (6, 3, 4), (7, 3, 5), (8, 2, 6)):
        yield case(f"{N} examples, {m} units", *layer(rng, N, d, m))
    yield case("as many examples as units", *layer(rng, 5, 3, 5))
    yield case("as many of all", *layer(rng, 4, 4, 4))
    yield case("float32", *(a.astype(np.float32) for a in layer(rng, 5, 2, 4)))
    X, W, b = layer(rng, 6, 2, 4)
    strided = np.repeat(X, 2, axis=0)[::2], np.repeat(W, 2, axis=0)[::2]
    yield case("every other row of larger arrays", *strided, b)
    fixed = (read_only(a) for a in layer(rng, 5, 3, 4))
    yield case("arrays that must not be written to", *fixed)


@exercise(
    returns=("dead", "new_b"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def revive(X: Array, W: Array, b: Array) -> tuple[Array, Array]:
    sums = X @ W.T
    dead = ~np.any(sums + b > 0, axis=0)
    middle = np.median(sums, axis=0)
    return dead, np.where(dead, -middle, b)
