"""The polynomial that a layer of powers is, whatever its width."""

from collections.abc import Iterable, Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, quarters, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, layer: Iterable[Array], p: int) -> Case:
        return Case(what, {**dict(zip("wbv", layer, strict=True)), "p": p})

    def drawn(units: int) -> tuple[Array, Array, Array]:
        return quarters(rng, units), quarters(rng, units), quarters(rng, units)

    example = np.array([1.0, 2.0]), np.array([3.0, -1.0]), np.array([1.0, 0.5])
    yield case("the example of the task", example, 2)
    yield case("one unit, a cube", [np.array([2.0]), np.array([-1.0]), np.array([1.5])], 3)
    yield case("p = 1: a straight line", drawn(4), 1)
    yield case("p = 0: a constant", drawn(3), 0)
    for units, p in ((1, 2), (3, 2), (5, 2), (2, 3), (4, 3), (3, 4), (2, 5)):
        yield case(f"{units} units, p = {p}", drawn(units), p)
    w, _, v = drawn(3)
    yield case("no biases", [w, np.zeros(3), v], 2)
    yield case("fifty units", drawn(50), 2)
    yield case("float32", [a.astype(np.float32) for a in drawn(3)], 2)
    yield case("every other entry of larger arrays", [np.repeat(a, 2)[::2] for a in drawn(4)], 3)
    yield case("arrays that must not be written to", map(read_only, drawn(3)), 2)


@exercise(
    returns=("a",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def as_polynomial(w: Array, b: Array, v: Array, p: int) -> Array:
    a = np.zeros(p + 1)
    for i in range(len(w)):
        power = np.zeros(p + 1)
        power[0] = 1
        for _ in range(p):
            power = b[i] * power + w[i] * np.append(0, power[:-1])
        a += v[i] * power
    return a
