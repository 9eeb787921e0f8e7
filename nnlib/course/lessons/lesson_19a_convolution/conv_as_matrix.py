"""A convolution of one channel along one axis, as a matrix."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, nonzero, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def distinct(size: int) -> Array:
        """No two entries are alike, nor are they the same read backward."""
        sizes = rng.permutation(np.arange(1, 13))[:size]
        drawn: Array = sizes * rng.choice([-1, 1], size) / 4
        return drawn

    def case(what: str, k: Array, n: int, stride: int, pad: int) -> Case:
        return Case(what, {"k": k, "n": n, "stride": stride, "pad": pad})

    yield case("the example of the task", np.array([1.0, 2.0, -1.0]), 4, 1, 1)
    yield case("no padding", distinct(3), 6, 1, 0)
    yield case("a kernel of two", distinct(2), 5, 1, 0)
    yield case("padding 1", distinct(3), 5, 1, 1)
    yield case("padding 2", distinct(4), 6, 1, 2)
    yield case("stride 2, which leaves nothing over", distinct(3), 7, 2, 0)
    yield case("stride 2, which leaves one over", distinct(3), 8, 2, 0)
    yield case("stride 3 and padding 1", distinct(4), 9, 3, 1)
    yield case("stride 2 and padding 2", distinct(5), 6, 2, 2)
    yield case("a kernel of one number", distinct(1), 4, 1, 0)
    yield case("a kernel as long as the signal", distinct(4), 4, 1, 0)
    yield case("a kernel longer than the signal", distinct(5), 4, 1, 1)
    yield case("float32", distinct(3).astype(np.float32), 5, 2, 1)
    yield case("every other number of a larger array", nonzero(rng, 6)[::2], 6, 1, 1)
    yield case("a kernel that must not be written to", read_only(distinct(3)), 6, 2, 1)


@exercise(
    returns=("T",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def conv_as_matrix(k: Array, n: int, stride: int, pad: int) -> Array:
    places = (n + 2 * pad - len(k)) // stride + 1
    T = np.zeros((places, n))
    for i in range(places):
        for j in range(len(k)):
            at = stride * i - pad + j
            if 0 <= at < n:
                T[i, at] = k[j]
    return T
