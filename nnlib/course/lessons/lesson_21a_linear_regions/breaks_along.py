"""Where a ReLU network with two hidden layers bends along a straight way."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, read_only

NAMES = ("W1", "b1", "W2", "b2", "start", "end")
CLEAR = 0.01  # so far apart are breaks, and so far from 0 is each z at the others' breaks


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, arrays: list[Array]) -> Case:
        return Case(what, dict(zip(NAMES, arrays, strict=True)))

    def drawn(d: int, n1: int, n2: int, both: bool = True) -> list[Array]:
        """Breaks of both layers, of which one unit of the second has two; none too near another."""
        while True:
            arrays = [rng.normal(size=s) for s in ((n1, d), (n1,), (n2, n1), (n2,))]
            arrays += [2 * rng.normal(size=d) - 1, 2 * rng.normal(size=d) + 1]
            if is_clear(arrays, both):
                return arrays

    example = [np.array([[1.0], [2.0]]), np.array([0.0, -2.0]), np.array([[1.0, -2.0]])]
    example += [np.array([-0.5]), np.array([0.0]), np.array([2.0])]
    yield case("the example of the task", example)
    yield case("the other way", [*example[:4], np.array([2.0]), np.array([0.0])])
    for d, n1, n2 in ((2, 4, 4), (3, 5, 3), (1, 4, 5), (2, 3, 6), (2, 4, 4)):
        yield case(f"{d} inputs, {n1} and {n2} units", drawn(d, n1, n2))
    yield case("as many of all", drawn(3, 3, 3))
    arrays = drawn(2, 3, 4)
    yield case("a way so short that nothing bends", [*arrays[:5], arrays[4] + 1e-4])
    axis = [np.eye(2), np.zeros(2), np.array([[1.0, -1.0], [1.0, 1.0]]), np.array([0.25, -3.0])]
    yield case("it begins on a line", [*axis, np.array([0.0, 1.0]), np.array([2.0, 2.0])])
    yield case("float32", [a.astype(np.float32) for a in drawn(2, 4, 3)])
    arrays = [np.repeat(a, 2, axis=0)[::2] for a in drawn(3, 4, 4)]
    yield case("every other row of larger arrays", arrays)
    yield case("arrays that must not be written to", [read_only(a) for a in drawn(2, 4, 4)])


def is_clear(arrays: list[Array], both: bool) -> bool:
    W1, b1, W2, b2, start, end = arrays
    t = np.concatenate([[0.0], breaks_along.reference(*arrays), [1.0]])
    x = start + t[:, None] * (end - start)
    Z1 = x @ W1.T + b1
    Z2 = np.maximum(Z1, 0) @ W2.T + b2
    near = (np.abs(np.column_stack([Z1, Z2])) < CLEAR).sum(axis=1)
    first = (np.diff(np.sign(Z1[[0, -1]]), axis=0) != 0).sum()
    ends = (np.diff(np.sign(Z2[[0, -1]]), axis=0) != 0).sum()
    second = len(t) - 2 - first
    spaced = np.diff(t).min() > CLEAR
    return bool(
        spaced
        and (near[1:-1] == 1).all()
        and near[0] == near[-1] == 0
        and first >= 1
        and second > ends
    )


@exercise(
    returns=("t",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def breaks_along(W1: Array, b1: Array, W2: Array, b2: Array, start: Array, end: Array) -> Array:
    t = np.array([0.0, 1.0])
    Z1 = way(start, end, t) @ W1.T + b1
    t = np.sort(np.append(t, crossings(t, Z1)))
    H1 = np.maximum(way(start, end, t) @ W1.T + b1, 0)
    t = np.sort(np.append(t, crossings(t, H1 @ W2.T + b2)))
    return t[1:-1]


def way(start: Array, end: Array, t: Array) -> Array:
    x: Array = start + t[:, None] * (end - start)
    return x


def crossings(t: Array, Z: Array) -> list[float]:
    found = []
    for z in Z.T:
        for i in range(len(t) - 1):
            if z[i] * z[i + 1] < 0:
                found.append(t[i] + (t[i + 1] - t[i]) * z[i] / (z[i] - z[i + 1]))
    return found
