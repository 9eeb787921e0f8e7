"""A weighted cross-entropy and its gradient at the logits."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
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
    whole = rng.integers(-3, 4, (4, 3)).astype(float)
    yield case("whole numbers", whole, rng.integers(0, 3, 4), np.array([1.0, 2, 3, 4]))
    single = rng.normal(size=(5, 3)).astype(np.float32)
    yield case("float32", single, rng.integers(0, 3, 5), np.linspace(1, 2, 5).astype(np.float32))
    strided = rng.normal(size=(8, 6))[::2, ::2]
    yield case("every other row and column of a larger array", strided, np.array([2, 0, 0, 1]),
               rng.uniform(1, 2, 4))  # fmt: skip
    fixed = read_only(rng.normal(size=(4, 3))), read_only(rng.integers(0, 3, 4))
    yield case("arrays that must not be written to", *fixed, read_only(rng.uniform(1, 2, 4)))


@exercise(
    returns=("loss", "dZ"),
    inputs=inputs,
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
