"""On which inputs a threshold unit fires."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, quarters, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, w: Array, theta: float) -> Case:
        return Case(what, {"w": w, "theta": theta})

    yield case("the unit of the lesson", np.array([1, 1, 1, -1]), 2)
    yield case("AND", np.array([1.0, 1.0]), 2.0)
    yield case("one input", np.array([0.5]), 0.5)
    yield case("an inhibiting input", np.array([-1.5]), -1.0)
    yield case("a threshold never reached", np.array([1.0, 2.0, -1.0]), 4.0)
    yield case("a threshold of 0, which no input at all reaches", quarters(rng, 3), 0.0)
    for p in (2, 3, 5):
        w = quarters(rng, p)
        yield case(f"{p} inputs, θ = w₁: a tie", w, float(w[0]))
        yield case(f"{p} inputs", quarters(rng, p), float(quarters(rng, 1)[0]))
    w = quarters(rng, 4).astype(np.float32)
    yield case("float32", w, float(w[1] + w[2]))
    yield case("every other weight of a larger array", quarters(rng, 6)[::2], 0.25)
    yield case("an array that must not be written to", read_only(quarters(rng, 3)), -0.5)


@exercise(
    returns=("patterns", "fires"),
    inputs=inputs,
    points={"shape": 1, "values": 2, "inputs": 1},
)
def firing_patterns(w: Array, theta: float) -> tuple[Array, Array]:
    patterns = all_patterns(len(w))
    fires = np.where(patterns @ w >= theta, 1, 0)
    return patterns, fires


def all_patterns(p: int) -> Array:
    place = 2 ** np.arange(p)[::-1]
    return np.arange(2**p)[:, None] // place % 2
