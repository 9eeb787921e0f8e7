"""Cross-entropy from integer labels, smoothed."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, Z: Array, y: Array, eps: float) -> Case:
        return Case(what, {"Z": Z, "y": y, "eps": eps})

    yield case("the example of the task", np.log([[1.0, 3.0], [1.0, 3.0]]), np.array([1, 0]), 0.0)
    for N, K in ((1, 3), (5, 3), (4, 4), (6, 2)):
        Z, y = rng.normal(size=(N, K)), rng.integers(0, K, N)
        yield case(f"{N} examples of {K} classes, eps = 0", Z, y, 0.0)
        yield case(f"{N} examples of {K} classes, smoothed", Z.copy(), y.copy(), 0.1)
    Z, y = rng.normal(size=(5, 4)), np.array([0, 2, 2, 0, 2])
    yield case("no label names the last class, nor class 1", Z, y, 0.2)
    yield case("eps = 1: the labels do not count", Z.copy(), y.copy(), 1.0)
    far = np.array([[1000.0, 0, -1000], [-1000, -999, -1001], [3, 1000, 2]])
    yield case("logits of ±1000", far, np.array([2, 1, 1]), 0.1)
    yield case("logits of ±1000, not smoothed", far.copy(), np.array([2, 1, 1]), 0.0)
    single = rng.normal(size=(5, 3)).astype(np.float32)
    yield case("float32", single, rng.integers(0, 3, 5), 0.25)
    strided = rng.normal(size=(8, 6))[::2, ::2]
    yield case("every other row and column of a larger array", strided, np.array([2, 0, 0, 1]), 0.1)
    fixed = read_only(rng.normal(size=(4, 3))), read_only(rng.integers(0, 3, 4))
    yield case("arrays that must not be written to", *fixed, 0.3)


@exercise(
    returns=("loss",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def smoothed_cross_entropy(Z: Array, y: Array, eps: float) -> Any:
    N, K = Z.shape
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    q = np.full((N, K), eps / K)
    q[np.arange(N), y] += 1 - eps
    losses = -(q * log_p).sum(axis=1)
    return losses.mean()
