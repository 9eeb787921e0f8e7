"""A loop that each number runs as often as it needs: outputs, rounds and slopes."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, rounds: list[int], w: float) -> Case:
        """Numbers of both signs that run so many rounds, and end well inside (w, 1)."""
        ends = rng.choice([0.3, 0.5, 0.7], len(rounds)) * (1 - w) + w
        x = ends * rng.choice([-1.0, 1.0], len(rounds)) / w ** np.array(rounds, dtype=float)
        return Case(what, {"x": x, "w": w})

    yield case("0 to 4 rounds", [2, 0, 4, 1, 3], 0.5)
    yield case("w = 0.8", [5, 1, 0, 7], 0.8)
    yield case("w = 0.25", [1, 3, 2, 0], 0.25)
    yield case("one number", [3], 0.5)
    yield case("no round at all", [0, 0, 0], 0.5)
    edge = case("exactly 1 and −1: no round", [2, 3, 1], 0.5).args
    edge["x"][:2] = 1.0, -1.0
    yield Case("exactly 1 and −1: no round", edge)
    zero = case("a 0", [1, 2, 0], 0.5).args
    zero["x"][1] = 0.0
    yield Case("a 0", zero)
    single = case("", [2, 0, 3], 0.5).args
    yield Case("float32", single | {"x": single["x"].astype(np.float32)})
    strided = case("", [1, 4, 2, 0, 3, 3], 0.5).args
    yield Case("every other entry of a larger array", strided | {"x": strided["x"][::2]})
    fixed = case("", [3, 1, 2], 0.5).args
    yield Case("an array that must not be written to", fixed | {"x": read_only(fixed["x"])})


@exercise(
    returns=("y", "dx", "dw"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def loop_gradient(x: Array, w: float) -> tuple[Array, Array, Array]:
    h, k = x, np.zeros(len(x))
    while np.any(np.abs(h) > 1):
        on = np.abs(h) > 1
        h = np.where(on, w * h, h)
        k = k + on
    return h**2, 2 * h * w**k, 2 * h * k * h / w
