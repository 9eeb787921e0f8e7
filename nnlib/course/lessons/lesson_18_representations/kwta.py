"""k winners of each example, there and back."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, layouts, nonzero


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, n: int, k: int) -> Case:
        return Case(what, {"H": apart(rng, N, n), "G": nonzero(rng, N, n), "k": k})

    H, G = (
        np.array([[3.0, 1.0, 2.0], [-1.0, -2.0, 0.0]]),
        np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    )
    yield Case("the example of the task", {"H": H, "G": G, "k": 2})
    for N, n, k in ((5, 7, 3), (4, 6, 2), (6, 4, 3)):
        yield case(f"{N} examples, {n} units, {k} winners", N, n, k)
    yield case("one winner", 3, 5, 1)
    yield case("all units win", 3, 4, 4)
    yield case("one example", 1, 6, 2)
    negative = case("negative activities only", 4, 6, 2)
    negative.args["H"] = -1 - abs(negative.args["H"])
    yield negative
    ties = case("equal activities", 3, 6, 2)
    ties.args["H"][:] = [[1, 2, 2, 2, 0, -3], [4, 4, 4, 4, 4, 4], [0, -1, 0, -1, 0, -2]]
    yield ties
    wide = case("many units of few different activities", 3, 64, 10)
    wide.args["H"] = rng.permuted(np.tile(np.repeat([1.0, 2.0, 3.0], (30, 30, 4)), (3, 1)), axis=1)
    yield wide  # here a sort that is not stable shows itself, on every machine
    yield from layouts(lambda: case("", 4, 7, 3))


def apart(rng: np.random.Generator, N: int, n: int) -> Array:
    """(N, n), of both signs, and no two entries alike."""
    H = rng.permutation(N * n).reshape(N, n) - N * n // 2 + 0.25
    return H / 2


@exercise(
    returns=("H2", "dH"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def kwta(H: Array, G: Array, k: int) -> tuple[Array, Array]:
    order = np.argsort(-H, axis=1, kind="stable")
    mask = np.zeros(H.shape, dtype=bool)
    np.put_along_axis(mask, order[:, :k], True, axis=1)
    return np.where(mask, H, 0), np.where(mask, G, 0)
