"""One weight is poked. What its slope promises, and what happens."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, quarters, read_only

Arrays = tuple[Array, Array, Array]


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, arrays: Arrays, i: int = 1, j: int = 1, new: float = 1.0) -> Case:
        x, W, v = arrays
        return Case(what, {"x": x, "W": W, "v": v, "i": i, "j": j, "new": new})

    def drawn(m: int, d: int) -> Arrays:
        return quarters(rng, d), quarters(rng, m, d), quarters(rng, m)

    def net() -> Arrays:
        x, W = np.array([2.0, -1.0]), np.array([[1.0, -3.0], [-2.0, 0.0], [2.0, 1.0]])
        return x, W, np.array([-2.0, 4.0, -1.0])

    yield case("the −13 net, 0 → 1", net())
    yield case("the −13 net, a unit that is on", net(), i=0, new=-2.0)
    yield case("the −13 net: the last weight", net(), i=2, new=2.0)
    yield case("the −13 net: a unit wakes", net(), new=-10.0)
    yield case("the −13 net: a unit falls asleep", net(), i=0, j=0, new=-6.0)
    for what, row in [("a unit with z = 0", [0.5, 1.0]), ("a unit just on", [0.5, 0.5])]:
        x, W, v = net()
        W[1] = row
        yield case(what, (x, W, v), new=0.25)
    for m, d in [(4, 2), (2, 4), (3, 3), (3, 3), (5, 3)]:
        i, j = int(rng.integers(m)), int(rng.integers(d))
        new = float(quarters(rng, 1)[0])
        yield case(f"{m} units, {d} inputs", drawn(m, d), i, j, new)
    whole = rng.integers(1, 4, 3), rng.integers(1, 5, (4, 3)), rng.integers(1, 4, 4)
    yield case("whole numbers, and a fraction as the new weight", whole, i=3, j=2, new=0.5)
    x, W, v = (a.astype(np.float32) for a in drawn(3, 2))
    yield case("float32", (x, W, v), i=2, j=0, new=-0.25)
    x, W, v = drawn(8, 6)
    strided = x[::2], W[::2, ::2], v[::2]
    yield case("every other row and column of a larger array", strided, i=3, j=2)
    x, W, v = (read_only(a) for a in drawn(3, 2))
    yield case("arrays that must not be written to", (x, W, v), i=2, j=1, new=-1.5)


@exercise(
    returns=("before", "after", "promised"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    whole=("x", "W", "v"),
)
def poke(x: Array, W: Array, v: Array, i: int, j: int, new: float) -> tuple[float, float, float]:
    z = W @ x
    before = output(z, v)
    moved = np.array(W, dtype=float)
    moved[i, j] = new
    after = output(moved @ x, v)
    slope = v[i] * (z[i] > 0) * x[j]
    return before, after, before + slope * (new - W[i, j])


def output(z: Array, v: Array) -> float:
    return float(np.sum(v * np.maximum(z, 0)))
