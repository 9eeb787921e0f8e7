"""The way back through a convolution: to the image, and to the kernel that all places share."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, nonzero, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, image: tuple[int, int], kernel: tuple[int, int], stride: int) -> Case:
        (H, W), (kh, kw) = image, kernel
        places = (H - kh) // stride + 1, (W - kw) // stride + 1
        arrays = nonzero(rng, *image), nonzero(rng, *kernel), nonzero(rng, *places)
        X, K, dY = arrays
        return Case(what, {"X": X, "K": K, "dY": dY, "stride": stride})

    X, K, dY = np.array([[1.0, 2, 3]]), np.array([[10.0, 20]]), np.array([[1.0, -1]])
    yield Case("the example of the task", {"X": X, "K": K, "dY": dY, "stride": 1})
    yield case("one row", (1, 6), (1, 3), 1)
    yield case("one column", (5, 1), (2, 1), 1)
    yield case("an image", (5, 6), (3, 2), 1)
    yield case("a square kernel", (4, 5), (2, 2), 1)
    yield case("stride 2, which leaves nothing over", (7, 5), (3, 3), 2)
    yield case("stride 2, which leaves a row and a column over", (6, 8), (3, 3), 2)
    yield case("a stride beyond the kernel", (6, 7), (2, 1), 3)
    yield case("a kernel of 1 × 1", (3, 4), (1, 1), 1)
    yield case("a kernel as large as the image", (3, 4), (3, 4), 1)
    args = case("", (4, 6), (2, 3), 1).args
    yield Case("float32", args | {name: args[name].astype(np.float32) for name in ("X", "K", "dY")})
    args = case("", (5, 4), (3, 2), 1).args
    yield Case("every other pixel of a larger image", args | {"X": nonzero(rng, 10, 8)[::2, ::2]})
    args = case("", (5, 7), (3, 2), 2).args
    fixed = {name: read_only(args[name]) for name in ("X", "K", "dY")}
    yield Case("arrays that must not be written to", args | fixed)


@exercise(
    returns=("dX", "dK"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def conv_backward(X: Array, K: Array, dY: Array, stride: int) -> tuple[Array, Array]:
    kh, kw = K.shape
    dX = np.zeros(X.shape)
    dK = np.zeros(K.shape)
    for r, q in np.ndindex(dY.shape):
        i, j = stride * r, stride * q
        dX[i : i + kh, j : j + kw] += dY[r, q] * K
        dK += dY[r, q] * X[i : i + kh, j : j + kw]
    return dX, dK
