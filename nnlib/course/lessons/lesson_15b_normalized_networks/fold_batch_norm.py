"""Batch norm folded into the linear layer before it."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, quarters, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, W: Array, bias: bool = True, eps: float = 0.25) -> Case:
        out = len(W)
        b = quarters(rng, out) + 0.125 if bias else None
        gamma, beta = rng.integers(2, 9, out) / 4, quarters(rng, out) + 0.375
        running = np.stack([quarters(rng, out), rng.integers(1, 17, out) / 4])
        names = ("W", "b", "gamma", "beta", "running", "eps")
        return Case(what, dict(zip(names, (W, b, gamma, beta, running, eps), strict=True)))

    yield Case(
        "the example of the task",
        {
            "W": np.array([[2.0]]),
            "b": np.array([1.0]),
            "gamma": np.array([3.0]),
            "beta": np.array([10.0]),
            "running": np.array([[5.0], [4.0]]),
            "eps": 0.0,
        },
    )
    for shape in ((2, 3), (3, 3), (4, 1)):
        yield case(f"{shape[1]} inputs, {shape[0]} units", quarters(rng, *shape))
    yield case("no bias", quarters(rng, 3, 2), bias=False)
    yield case("whole numbers", rng.integers(-5, 6, (3, 2)))
    yield case("float32", quarters(rng, 2, 3).astype(np.float32))
    yield case("every other row and column of a larger array", quarters(rng, 6, 4)[::2, ::2])
    fixed = case("arrays that must not be written to", quarters(rng, 2, 2))
    for array in fixed.args.values():
        if isinstance(array, np.ndarray):
            read_only(array)
    yield fixed


@exercise(
    returns=("W_new", "b_new"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def fold_batch_norm(
    W: Array, b: Array | None, gamma: Array, beta: Array, running: Array, eps: float
) -> tuple[Array, Array]:
    mean, var = running
    a = gamma / np.sqrt(var + eps)
    shift = -mean if b is None else b - mean
    return a[:, None] * W, a * shift + beta
