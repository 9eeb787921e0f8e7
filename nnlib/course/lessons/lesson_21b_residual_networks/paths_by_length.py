"""The 2ᴸ paths of a gradient through L blocks, summed up by how many branches they go through."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, layouts, quarters


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, L: int, d: int) -> Case:
        return Case(what, {"J": quarters(rng, L, d, d) / (1 if L < 5 else 4)})

    example = np.array([[[0.0, 2.0], [0.0, 0.0]], [[0.0, 0.0], [3.0, 0.0]]])
    yield Case("the example of the task", {"J": example})
    yield case("one block of 3 units", 1, 3)
    yield case("two blocks of 3 units", 2, 3)
    yield case("three blocks of 2 units", 3, 2)
    yield case("four blocks of 4 units", 4, 4)
    yield case("five blocks of 3 units", 5, 3)
    yield case("blocks of one unit", 4, 1)
    yield Case("twenty blocks, a million paths", {"J": rng.normal(size=(20, 2, 2)) / 4})
    idle = quarters(rng, 4, 3, 3)
    idle[1] = 0.0
    yield Case("a block whose branch is 0", {"J": idle})
    yield Case("branches that undo their blocks", {"J": np.stack([-np.eye(2)] * 3)})
    yield from layouts(lambda: case("", 3, 3))


@exercise(
    returns=("T",),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32,
    seconds=5.0,
)
def paths_by_length(J: Array) -> Array:
    L, d, _ = J.shape
    T = np.zeros((L + 1, d, d))
    T[0] = np.eye(d)
    for block in J:
        longer = block @ T[:-1]
        T[1:] = T[1:] + longer
    return T
