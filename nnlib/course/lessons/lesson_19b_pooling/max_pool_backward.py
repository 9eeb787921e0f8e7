"""The way back through max pooling: each window's gradient goes to its winner."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, layouts, nonzero


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, n: int, width: int, stride: int) -> Case:
        count = (n - width) // stride + 1
        # Few different values, so that many windows have ties; negative ones are the largest in size.
        X = rng.integers(-3, 2, (N, n)) + 0.5
        X[0, :3] = 2.5, 2.5, -4.5  # a tie, and who wins by its size alone
        X[0, 3:] = np.minimum(X[0, 3:], 0.5)
        dY = nonzero(rng, N, count)
        return Case(what, {"dY": dY, "X": X, "width": width, "stride": stride})

    example = {"dY": np.array([[1.0, 10.0, 100.0]]), "X": np.array([[2.0, 5.0, 5.0, 1.0, 3.0]])}
    yield Case("the example of the task", example | {"width": 3, "stride": 1})
    # The first winner lies in the second window, and loses it.
    beaten = {"dY": np.array([[1.0, 10.0, 100.0]]), "X": np.array([[1.0, 3.0, 2.0, 5.0, 0.0]])}
    yield Case("a winner that loses the next window", beaten | {"width": 3, "stride": 1})
    yield case("stride 1", 3, 9, 3, 1)
    yield case("windows that overlap", 4, 11, 5, 2)
    yield case("windows side by side, and a rest", 3, 11, 3, 3)
    yield case("windows with gaps between them", 4, 13, 3, 4)
    yield case("one window", 3, 6, 6, 2)
    yield case("one example", 1, 8, 4, 1)
    yield from layouts(lambda: case("", 3, 9, 4, 2))


@exercise(
    returns=("dX",),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
)
def max_pool_backward(dY: Array, X: Array, width: int, stride: int) -> Array:
    dX = np.zeros(X.shape)
    rows = np.arange(len(X))
    for r in range(dY.shape[1]):
        start = r * stride
        winner = X[:, start : start + width].argmax(axis=1)
        dX[rows, start + winner] += dY[:, r]
    return dX
