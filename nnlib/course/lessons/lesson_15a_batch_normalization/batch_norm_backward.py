"""The backward pass of batch norm, in training and in eval mode."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, quarters, read_only
from nnlib.course.lessons.lesson_15a_batch_normalization.batches import spread, statistics


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, dY: Array, Z: Array, running: Array | None, eps: float = 0.25) -> Case:
        gamma = rng.integers(2, 9, Z.shape[1]) / 4
        return Case(what, {"dY": dY, "Z": Z, "gamma": gamma, "running": running, "eps": eps})

    def gradient(N: int, C: int) -> Array:
        return quarters(rng, N, C) + np.arange(C) + 0.5  # never of mean 0

    yield case("two examples", np.array([[1.0], [2.0]]), np.array([[1.0], [3.0]]), None)
    for N, C in ((4, 2), (3, 3)):
        yield case("training", gradient(N, C), spread(rng, N, C), None)
        yield case("eval mode", gradient(N, C), spread(rng, N, C), statistics(rng, C))
    yield case("eval mode, one example", gradient(1, 3), spread(rng, 1, 3), statistics(rng, 3))
    constant = np.column_stack([np.full(4, 2.0), spread(rng, 4, 1)])
    yield case("a unit that never varies", gradient(4, 2), constant, None)
    whole = np.cumsum(rng.integers(1, 9, (5, 2)), axis=0)
    yield case("whole numbers", rng.integers(1, 9, (5, 2)), whole, None)
    single = gradient(5, 2).astype(np.float32), spread(rng, 5, 2).astype(np.float32)
    yield case("float32", *single, None)
    strided = gradient(8, 4)[::2, ::2], spread(rng, 8, 4)[::2, ::2]
    yield case("every other row and column of larger arrays", *strided, None)
    fixed = read_only(gradient(4, 2)), read_only(spread(rng, 4, 2)), read_only(statistics(rng, 2))
    yield case("arrays that must not be written to", *fixed)


@exercise(
    returns=("dZ", "dgamma", "dbeta"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32,
)
def batch_norm_backward(
    dY: Array, Z: Array, gamma: Array, running: Array | None, eps: float
) -> tuple[Array, Array, Array]:
    mean, var = (Z.mean(axis=0), Z.var(axis=0)) if running is None else running
    s = np.sqrt(var + eps)
    Z_hat = (Z - mean) / s
    left = dY
    if running is None:
        left = dY - dY.mean(axis=0) - Z_hat * (dY * Z_hat).mean(axis=0)
    dgamma = (dY * Z_hat).sum(axis=0)
    dbeta = dY.sum(axis=0)
    dZ = gamma / s * left
    return dZ, dgamma, dbeta
