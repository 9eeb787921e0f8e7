"""The exact vote of all thinned networks."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, quarters, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, n: int, K: int, p: float) -> Case:
        h, V, c = quarters(rng, n), quarters(rng, K, n) / 2, quarters(rng, K)
        h[0], V[0, 0], c[0] = 1.5, V[-1, 0] + 2.0, c[-1] + 1.0
        return Case(what, {"h": h, "V": V, "c": c, "p": p})

    example = {"h": np.array([np.log(4.0)]), "V": np.array([[1.0], [0.0]]), "c": np.zeros(2)}
    yield Case("the example of the task", example | {"p": 0.5})
    for n, K, p in ((3, 2, 0.5), (4, 3, 0.25), (3, 3, 0.75), (5, 2, 0.4)):
        yield case(f"{n} units, {K} classes, p = {p}", n, K, p)
    yield case("nothing is dropped", 3, 2, 0.0)
    # Of two thinned networks each is sure of another class: no logarithm may be cut off.
    sure = {"h": np.array([4.0, 0.5]), "V": np.array([[0.0, 0.0], [-15.0, -2.0]])}
    yield Case("networks sure of different classes", sure | {"c": np.array([0.0, 60.0]), "p": 0.25})
    whole = case("whole numbers", 3, 2, 0.25)
    whole.args.update(
        {
            "h": np.array([1, 2, 0]),
            "V": rng.integers(-1, 2, (2, 3)),
            "c": np.array([1, 0]),
        }
    )
    yield whole
    narrow = case("float32", 3, 3, 0.25)
    narrow.args.update({name: narrow.args[name].astype(np.float32) for name in ("h", "V", "c")})
    yield narrow
    strided = case("every other row and column of a larger array", 3, 2, 0.25)
    strided.args.update({"V": (quarters(rng, 4, 6) / 2)[::2, ::2]})
    yield strided
    fixed = case("arrays that must not be written to", 3, 2, 0.25)
    for name in ("h", "V", "c"):
        read_only(fixed.args[name])
    yield fixed


def softmax(Z: Array) -> Array:
    E = np.exp(Z)
    P: Array = E / E.sum(axis=1, keepdims=True)
    return P


@exercise(
    returns=("arithmetic", "geometric"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32,
)
def committee(h: Array, V: Array, c: Array, p: float) -> tuple[Array, Array]:
    q = 1 - p
    m = np.array(list(product((0, 1), repeat=len(h))))
    kept = m.sum(axis=1)
    chance = q**kept * p ** (len(h) - kept)
    P = softmax(m * h / q @ V.T + c)
    arithmetic = chance @ P
    geometric = np.exp(chance @ np.log(P))
    return arithmetic, geometric / geometric.sum()
