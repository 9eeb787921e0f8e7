"""Weights rescaled layer by layer, until what the data makes of them has size 1."""

from collections.abc import Callable, Iterator

import numpy as np

from nnlib.course.kit.inputs import (
    FLOAT32_LONG,
    Array,
    Case,
    exercise,
    nonzero,
    quarters,
    read_only,
)


def relu(z: Array) -> Array:
    return np.maximum(z, 0)


def tanh(z: Array) -> Array:
    return np.tanh(z)


def softplus(z: Array) -> Array:
    return np.logaddexp(0, z)


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, X: Array, weights: Array, phi: Callable[[Array], Array]) -> Case:
        return Case(what, {"X": X, "weights": weights, "phi": phi})

    def layers(L: int, n: int) -> Array:
        """With two units of opposite weights in each layer: ReLU lets one of them through."""
        drawn = nonzero(rng, L, n, n)
        drawn[:, 1] = -drawn[:, 0]
        return drawn

    example = np.array([[[2.0, 0.0], [0.0, 1.0]], [[0.5, 0.5], [-0.5, -0.5]]])
    yield case("the example", np.array([[1.0, -2.0], [3.0, 0.0], [-1.0, 4.0]]), example, relu)
    for phi in (relu, tanh, softplus):
        for L, n, N in ((3, 3, 4), (2, 4, 7)):
            what = f"{L} layers of {n} units, {N} examples, {phi.__name__}"
            yield case(what, quarters(rng, N, n) + 0.5, layers(L, n), phi)
    yield case("one layer", quarters(rng, 5, 3) + 0.5, layers(1, 3), tanh)
    yield case("tiny weights", quarters(rng, 5, 3) + 0.5, layers(4, 3) / 1000, relu)
    single = (quarters(rng, 6, 3) + 0.5).astype(np.float32), layers(3, 3).astype(np.float32)
    yield case("float32", *single, softplus)
    strided = (quarters(rng, 8, 6) + 0.5)[::2, ::2], layers(4, 3)[::2]
    yield case("every other entry of larger arrays", *strided, relu)
    fixed = read_only(quarters(rng, 5, 3) + 0.5), read_only(layers(3, 3))
    yield case("arrays that must not be written to", *fixed, tanh)


@exercise(
    returns=("scaled",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def calibrated(X: Array, weights: Array, phi: Callable[[Array], Array]) -> Array:
    scaled = np.zeros(weights.shape)
    H = X
    for k, W in enumerate(weights):
        Z = H @ W.T
        size = np.sqrt(np.mean(Z**2))
        scaled[k] = W / size
        H = phi(Z / size)
    return scaled
