"""The shortest of all weights that give a ReLU network the same answers."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, nonzero, read_only

Weights = tuple[Array, Array, Array]


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, h: int, n: int, k: int) -> Case:
        """Each unit with a scale of its own, so that no common α serves all."""
        scale = rng.permutation(np.geomspace(0.25, 4, h)) if h > 1 else np.array([3.0])
        W, b, V = nonzero(rng, h, n), nonzero(rng, h), nonzero(rng, k, h)
        return Case(what, {"W": W * scale[:, None], "b": b * scale, "V": V / scale})

    yield case("3 hidden units, 2 inputs, 1 output", 3, 2, 1)
    yield case("4 hidden units, 3 inputs, 2 outputs", 4, 3, 2)
    yield case("as many inputs, units and outputs", 3, 3, 3)
    yield case("one hidden unit", 1, 4, 2)
    quiet = case("no biases", 3, 4, 2).args
    yield Case("no biases", quiet | {"b": np.zeros(3)})
    once = case("", 4, 2, 3).args
    W, b, V = once["W"], once["b"], once["V"]
    r = np.sqrt(np.linalg.norm(V, axis=0) / np.sqrt(np.sum(W**2, 1) + b**2))
    yield Case("balanced already", {"W": r[:, None] * W, "b": r * b, "V": V / r})
    single = case("", 3, 5, 2).args
    yield Case("float32", {name: a.astype(np.float32) for name, a in single.items()})
    wide = case("", 6, 4, 4).args
    strided = {"W": wide["W"][::2, ::2], "b": wide["b"][::2], "V": wide["V"][::2, ::2]}
    yield Case("every other entry of larger arrays", strided)
    fixed = case("", 4, 2, 2).args
    what = "arrays that must not be written to"
    yield Case(what, {name: read_only(a) for name, a in fixed.items()})


@exercise(
    returns=("W", "b", "V"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def balanced(W: Array, b: Array, V: Array) -> Weights:
    into = np.sum(W**2, axis=1) + b**2
    out = np.sum(V**2, axis=0)
    alpha = (out / into) ** 0.25
    return alpha[:, None] * W, alpha * b, V / alpha
