"""How fast momentum shrinks each direction of a bowl."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, Tolerance, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, curvatures: Array, lr: float, mu: float) -> Case:
        return Case(what, {"curvatures": curvatures, "lr": lr, "mu": mu})

    yield case("no momentum: |1 − ηλ|", np.array([0.5, 1.0, 1.5, 3.0]), 1.0, 0.0)
    yield case("monotone, oscillating, divergent", np.array([0.0625, 1.0, 4.0]), 1.0, 0.25)
    yield case("a ravine, κ = 100", np.array([1.0, 10.0, 100.0]), 0.0625, 0.5)
    yield case("from side to side, and apart", np.array([5.0, 8.0]), 0.5, 0.25)
    yield case("flat: λ = 0", np.array([0.0]), 0.1, 0.5)
    yield case("a saddle: one λ is negative", np.array([1.0, -1.0]), 0.05, 0.9)
    yield case("where the two roots meet", np.array([1.0, 9.0]), 0.25, 0.25)
    for mu in (0.1, 0.6, 0.95):
        yield case("curvatures at random", 10 ** rng.uniform(-2, 2, 6), 0.05, mu)
    yield case("whole numbers", rng.integers(1, 9, 4), 0.3, 0.8)
    yield case("float32", np.array([0.5, 2.0, 7.0], dtype=np.float32), 0.3, 0.7)
    yield case("every other number of a larger array", rng.uniform(1, 9, 8)[::2], 0.4, 0.3)
    yield case("an array that must not be written to", read_only(rng.uniform(1, 9, 3)), 0.2, 0.4)


@exercise(
    returns=("factors",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=Tolerance(1e-5, 1e-6, "where the two roots meet, np.roots gives half its digits"),
)
def shrink_factors(curvatures: Array, lr: float, mu: float) -> Array:
    p = 1 + mu - lr * curvatures
    inside = p**2 / 4 - mu
    real = np.abs(p) / 2 + np.sqrt(np.maximum(inside, 0))
    return np.where(inside < 0, np.sqrt(mu), real)
