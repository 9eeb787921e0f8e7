"""By which factor each layer changes the gradient: measured, and by the formula."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only

Numbers = list[float]


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def arrays(N: int, d: int, n1: int, n2: int, n3: int, spread: float = 0.6) -> list[Array]:
        X, dH = rng.normal(size=(N, d)) + 0.3, rng.normal(size=(N, n3)) + 0.4
        shapes = (n1, d), (n2, n1), (n3, n2)
        return [X, *(spread * rng.normal(size=shape) + 0.2 for shape in shapes), dH]

    def case(what: str, values: list[Array]) -> Case:
        return Case(what, dict(zip(("X", "W1", "W2", "W3", "dH"), values, strict=True)))

    yield case("widths 3, 4, 5", arrays(6, 2, 3, 4, 5))
    yield case("widths 5, 4, 3", arrays(4, 3, 5, 4, 3))
    yield case("one example", arrays(1, 3, 4, 2, 5))
    yield case("all widths alike", arrays(4, 4, 4, 4, 4))
    yield case("a wide layer in the middle", arrays(3, 2, 3, 20, 4, 0.4))
    yield case("small weights", arrays(5, 4, 3, 6, 2, 0.1))
    yield case("large weights, which saturate", arrays(5, 3, 4, 3, 6, 1.5))
    yield case("float32", [a.astype(np.float32) for a in arrays(5, 3, 4, 2, 6)])
    X, *weights, dH = arrays(8, 6, 3, 4, 5)
    strided = [X[::2, ::2], weights[0][:, ::2], *weights[1:], dH[::2]]
    yield case("every other row and column of larger arrays", strided)
    yield case("arrays that must not be written to", [read_only(a) for a in arrays(4, 2, 5, 3, 4)])


@exercise(
    returns=("measured", "predicted"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def layer_factors(X: Array, W1: Array, W2: Array, W3: Array, dH: Array) -> tuple[Numbers, Numbers]:
    H1 = np.tanh(X @ W1.T)
    H2 = np.tanh(H1 @ W2.T)
    H3 = np.tanh(H2 @ W3.T)
    slope1, slope2, slope3 = 1 - H1**2, 1 - H2**2, 1 - H3**2
    dZ3 = dH * slope3
    dZ2 = back(dZ3, W3, slope2)
    dZ1 = back(dZ2, W2, slope1)
    measured = [rms(dZ1) / rms(dZ2), rms(dZ2) / rms(dZ3)]
    predicted = [formula(W2, slope1), formula(W3, slope2)]
    return measured, predicted


def back(dZ: Array, W: Array, slope: Array) -> Array:
    return (dZ @ W) * slope


def formula(W: Array, slope: Array) -> float:
    return float(rms(W) * np.sqrt(len(W)) * rms(slope))


def rms(A: Array) -> float:
    return float(np.sqrt((A**2).mean()))
