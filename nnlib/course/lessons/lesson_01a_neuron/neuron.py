"""A neuron: h = φ(w·x + b), for one input or a batch."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, quarters, read_only

ACTIVATIONS = ("heaviside", "sigmoid", "tanh", "relu", "identity")


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, x: Array, w: Array, b: float, phi: str) -> Case:
        return Case(what, {"x": x, "w": w, "b": b, "phi": phi})

    w = np.array([2.0, -1.0])
    yield case("one input with z = 0", np.array([1.0, 2.0]), w, 0.0, "heaviside")
    yield case("one input", np.array([1.0, 1.0]), w.copy(), 0.5, "identity")
    for phi in ACTIVATIONS:
        yield case("a batch", quarters(rng, 5, 3), quarters(rng, 3), 0.75, phi)
        yield case("as many inputs as weights", quarters(rng, 3, 3), quarters(rng, 3), -0.5, phi)
        near = np.linspace(-1, 1, 9)[:, None]
        yield case("z from −1 to 1", near, np.ones(1), 0.0, phi)
    yield case("a batch of one", quarters(rng, 1, 3), quarters(rng, 3), -1.25, "tanh")
    yield case("an empty batch", np.zeros((0, 3)), quarters(rng, 3), 1.0, "relu")
    whole = rng.integers(-4, 5, (6, 2))
    yield case("whole numbers", whole, np.array([1, -1]), 0, "heaviside")
    far = np.array([[1000.0], [-1000.0], [0.0]])
    yield case("z = 1000, −1000 and 0", far, np.ones(1), 0.0, "sigmoid")
    yield case("z = 1000, −1000 and 0", far.copy(), np.ones(1), 0.0, "tanh")
    single = quarters(rng, 4, 3).astype(np.float32)
    yield case("float32", single, quarters(rng, 3).astype(np.float32), 0.25, "sigmoid")
    strided = quarters(rng, 8, 6)[::2, ::2]
    yield case(
        "every other row and column of a larger array", strided, quarters(rng, 3), 0.5, "tanh"
    )
    fixed = read_only(quarters(rng, 4, 2)), read_only(quarters(rng, 2))
    yield case("arrays that must not be written to", *fixed, 0.5, "relu")
    yield case(
        "an activation that does not exist", quarters(rng, 2, 3), quarters(rng, 3), 0.0, "step"
    )


@exercise(
    returns=("h",),
    inputs=inputs,
    points={"shape": 1, "values": 2, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def neuron(x: Array, w: Array, b: float, phi: str) -> Array:
    return activate(x @ w + b, phi)


def activate(z: Array, phi: str) -> Array:
    if phi == "heaviside":
        return np.where(z >= 0, 1.0, 0.0)
    if phi == "sigmoid":
        e = np.exp(-np.abs(z))
        return np.where(z < 0, e, 1.0) / (1.0 + e)
    if phi == "tanh":
        return np.tanh(z)
    if phi == "relu":
        return np.maximum(z, 0.0)
    if phi == "identity":
        return z
    raise ValueError(f"phi must be one of {', '.join(ACTIVATIONS)}; got {phi!r}")
