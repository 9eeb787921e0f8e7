"""Batch norm in training and in eval mode, with its running statistics."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, quarters, read_only
from nnlib.course.lessons.lesson_15a_batch_normalization.batches import spread, statistics


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, Z: Array, running: Array | None, training: bool, eps: float = 0.25) -> Case:
        C = Z.shape[1]
        gamma, beta = rng.integers(2, 9, C) / 4, quarters(rng, C) + 0.125
        names = ("Z", "gamma", "beta", "running", "training", "momentum", "eps")
        return Case(
            what, dict(zip(names, (Z, gamma, beta, running, training, 0.1, eps), strict=True))
        )

    yield case("the first batch, of two", np.array([[1.0], [3.0]]), None, True, 1e-5)
    yield case("a first batch", spread(rng, 4, 3), None, True)
    for N, C in ((4, 2), (3, 3)):
        yield case("a later batch", spread(rng, N, C), statistics(rng, C), True)
        yield case("eval mode", spread(rng, N, C), statistics(rng, C), False)
    yield case("eval mode before any batch", spread(rng, 4, 2), None, False)
    yield case("eval mode, one example", spread(rng, 1, 3), statistics(rng, 3), False)
    yield case("training on one example", quarters(rng, 1, 3), statistics(rng, 3), True)
    constant = np.column_stack([np.full(4, 2.0), spread(rng, 4, 1)])
    yield case("a unit that never varies", constant, None, True, 1e-5)
    yield case("whole numbers", rng.integers(-9, 10, (5, 2)), None, True)
    yield case("float32", spread(rng, 5, 2).astype(np.float32), None, True)
    strided = spread(rng, 8, 4)[::2, ::2]
    yield case("every other row and column of a larger array", strided, statistics(rng, 2), True)
    fixed = read_only(spread(rng, 4, 2)), read_only(statistics(rng, 2))
    yield case("arrays that must not be written to", *fixed, True)


@exercise(
    returns=("Y", "running"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def batch_norm(
    Z: Array, gamma: Array, beta: Array, running: Array | None,
    training: bool, momentum: float, eps: float,
) -> tuple[Array, Array]:  # fmt: skip
    N, C = Z.shape
    if training and N < 2:
        raise ValueError("a batch of one is its own mean")
    if running is None:
        running = np.stack([np.zeros(C), np.ones(C)])
    mean, var = running
    if training:
        mean = Z.mean(axis=0)
        var = Z.var(axis=0)
        new = np.stack([mean, Z.var(axis=0, ddof=1)])
        running = (1 - momentum) * running + momentum * new
    Y = gamma * ((Z - mean) / np.sqrt(var + eps)) + beta
    return Y, running
