"""A gradient that is claimed, held against its measurement."""

from collections.abc import Callable, Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, Tolerance, exercise, read_only

Loss = Callable[[Array], float]
ROUNDED = Tolerance(1e-6, 1e-6, "the difference of two losses is rounded")


def cubic(theta: Array) -> float:
    return float((theta**3).sum()) / 3


def bent(theta: Array) -> float:
    """Every entry meets its neighbors, so that no entry can be measured while another is moved."""
    flat = theta.ravel()
    return float((flat[:-1] ** 2 * flat[1:]).sum() + np.sin(flat[0]))


def wavy(theta: Array) -> float:
    return float(np.sin(theta).sum())


def flat(theta: Array) -> float:
    return 2.0


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, loss: Loss, theta: Array, claimed: Array, h: float) -> Case:
        return Case(what, {"loss": loss, "theta": theta, "claimed": claimed, "h": h})

    theta = rng.normal(size=(2, 3))
    yield case("arrays that must not be written to", cubic, read_only(theta.copy()),
               read_only(theta**2 + 0.5), 1e-3)  # fmt: skip
    yield case("a right gradient", cubic, theta.copy(), theta**2, 1e-5)
    yield case("a wide step", cubic, theta.copy(), theta**2, 0.5)
    yield case("a gradient with the wrong sign", cubic, theta.copy(), -(theta**2), 1e-4)
    yield case("one entry is wrong", wavy, theta.copy(), np.cos(theta) + np.eye(2, 3), 1e-4)
    bias = rng.normal(size=4)
    yield case("a vector", bent, bias, rng.normal(size=4), 0.1)
    yield case("three axes", bent, rng.normal(size=(2, 3, 2)), rng.normal(size=(2, 3, 2)), 1e-2)
    yield case("a square matrix", bent, rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), 1e-2)
    yield case("far too large", wavy, bias.copy(), 40 * np.cos(bias), 1e-3)
    yield case("far too small", wavy, bias.copy(), np.cos(bias) / 40, 1e-3)
    yield case("a claimed gradient of 0", wavy, bias.copy(), np.zeros(4), 1e-3)
    yield case("a flat loss", flat, theta.copy(), theta**2, 1e-3)
    yield case("a flat loss, and a claimed gradient of 0", flat, theta.copy(), 0 * theta, 1e-3)
    whole = rng.integers(1, 4, (2, 2))
    yield case("whole numbers", wavy, whole, np.cos(whole) + np.eye(2), 1e-3)
    single = rng.normal(size=(3, 2)).astype(np.float32)
    yield case("float32", wavy, single, np.cos(single), 1e-6)
    strided = rng.normal(size=(4, 6))[::2, ::2]
    yield case("every other row and column of a larger array", bent, strided, strided**2, 1e-2)


@exercise(
    returns=("measured", "error"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=ROUNDED,
    whole=("theta",),
)
def gradient_error(loss: Loss, theta: Array, claimed: Array, h: float) -> tuple[Array, float]:
    measured = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        up = theta.astype(float)
        down = theta.astype(float)
        up[i] += h
        down[i] -= h
        measured[i] = (loss(up) - loss(down)) / (2 * h)
    largest = max(length(claimed), length(measured))
    if largest == 0:
        return measured, 0.0
    error = length(claimed - measured) / largest
    return measured, error


def length(a: Array) -> float:
    return float(np.sqrt((a**2).sum()))
