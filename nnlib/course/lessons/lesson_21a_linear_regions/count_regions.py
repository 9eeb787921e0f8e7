"""Into how many regions the units of one layer cut the plane, also where lines are parallel or meet."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, W: Array, b: Array) -> Case:
        return Case(what, {"W": W, "b": b})

    def drawn(n: int) -> tuple[Array, Array]:
        """Lines no two of which are parallel and no three of which meet."""
        while True:
            W, b = rng.integers(-6, 7, (n, 2)) / 2, rng.integers(-6, 7, n) / 2
            if count_regions.reference(W, b) == 1 + n + n * (n - 1) // 2:
                return W, b

    def parallel(n: int) -> tuple[Array, Array]:
        W = np.tile(rng.integers(1, 6, 2) / 2, (n, 1))
        return W, rng.permutation(2 * n)[:n] - float(n)

    def meeting(n: int) -> tuple[Array, Array]:
        """Lines through one point, no coordinate of which has an exact decimal."""
        angles = np.pi * (np.arange(n) + rng.uniform(0.1, 0.9)) / n
        W = np.column_stack([np.cos(angles), np.sin(angles)])
        return W, -W @ rng.uniform(0.2, 0.8, 2)

    cross = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    yield case("the example of the task", cross, np.array([0.0, 0.0, -1.0]))
    yield case("one line", *drawn(1))
    yield case("four lines in general position", *drawn(4))
    yield case("six lines in general position", *drawn(6))
    yield case(
        "an upright line and a level one after two others",
        np.array([[1.0, 2.0], [-2.0, 1.0], [2.0, 0.0], [0.0, -1.0]]),
        np.append(rng.integers(-2, 3, 2) / 2, [6.0, 5.0]),
    )
    yield case("three parallel lines", *parallel(3))
    W, b = parallel(4)
    yield case(
        "four parallel lines and two across",
        np.append(W, [[1.0, -1.0], [2.0, -1.0]], 0),
        np.append(b, [0.5, 41.0]),
    )
    yield case(
        "three lines through one point",
        np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]]),
        np.array([-2.0, 1.0, -3.0]),
    )
    yield case("five lines through one point", *meeting(5))
    W, b = meeting(4)
    yield case(
        "four lines through one point and one that misses it",
        np.append(W, [[1.0, 2.5]], 0),
        np.append(b, 7.0),
    )
    W, b = drawn(3)
    yield case("the same row again", np.append(W, W[1:2], 0), np.append(b, b[1:2]))
    # Here no line crosses one that is counted twice, so that the lines' order does not matter.
    W, b = parallel(3)
    yield case(
        "parallel lines, one of them again with twice the weights",
        np.append(W, 2 * W[:1], 0),
        np.append(b, 2 * b[:1]),
    )
    W, b = parallel(4)
    yield case(
        "parallel lines, one of them again with the other side on",
        np.append(W, -W[2:3], 0),
        np.append(b, -b[2:3]),
    )
    W, b = drawn(3)
    yield case("a unit without weights", np.insert(W, 1, 0.0, axis=0), np.insert(b, 1, 1.5))
    yield case("no unit has weights", np.zeros((3, 2)), np.array([1.0, -1.0, 0.0]))
    yield case(
        "axes and diagonals",
        np.array([[1.0, 0], [0, 1.0], [1, 1], [1, -1], [1, 1]]),
        np.array([0.0, 0, 0, 0, -2]),
    )
    W, b = drawn(4)
    yield case("float32", W.astype(np.float32), b.astype(np.float32))
    W, b = drawn(4)
    yield case(
        "every other entry of larger arrays",
        np.repeat(np.repeat(W, 2, 0), 2, 1)[::2, ::2],
        np.repeat(b, 2)[::2],
    )
    W, b = drawn(3)
    yield case("arrays that must not be written to", read_only(W), read_only(b))


@exercise(
    returns=("number",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def count_regions(W: Array, b: Array) -> int:
    regions = 1
    lines: list[tuple[Array, float]] = []
    for w, c in zip(W, b, strict=True):
        points, new = [], bool(np.any(w))
        for v, d in lines:
            if np.linalg.matrix_rank([w, v]) == 2:
                points.append(np.linalg.solve([w, v], [-c, -d]))
            elif np.linalg.matrix_rank([[*w, c], [*v, d]]) == 1:
                new = False
        if new:
            lines.append((w, c))
            regions = regions + 1 + different(points)
    return regions


def different(points: list[Array]) -> int:
    kept: list[Array] = []
    for point in points:
        if not any(np.allclose(point, other, rtol=0, atol=1e-4) for other in kept):
            kept.append(point)
    return len(kept)
