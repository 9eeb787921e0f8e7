"""A convolution layer for one example: channels, stride, padding and bias."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, nonzero, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(
        what: str, image: tuple[int, ...], kernels: tuple[int, ...], stride: int, pad: int
    ) -> Case:
        arrays = nonzero(rng, *image), nonzero(rng, *kernels), nonzero(rng, kernels[0])
        X, K, b = arrays
        return Case(what, {"X": X, "K": K, "b": b, "stride": stride, "pad": pad})

    X, K = np.arange(1.0, 10).reshape(1, 3, 3), np.array([[[[1.0, 2], [3, 4]]]])
    example = {"X": X, "K": K, "b": np.array([0.5]), "stride": 1, "pad": 0}
    yield Case("the example of the task", example)
    yield case("one channel, one kernel", (1, 5, 6), (1, 1, 3, 2), 1, 0)
    yield case("three kernels", (1, 4, 5), (3, 1, 2, 3), 1, 0)
    yield case("three channels, two kernels", (3, 5, 4), (2, 3, 3, 2), 1, 0)
    yield case("padding 1", (2, 3, 5), (3, 2, 3, 3), 1, 1)
    yield case("padding 2", (2, 4, 3), (1, 2, 2, 3), 1, 2)
    yield case("stride 2, which leaves nothing over", (2, 7, 5), (2, 2, 3, 3), 2, 0)
    yield case("stride 2, which leaves a row and a column over", (2, 6, 8), (3, 2, 3, 3), 2, 0)
    yield case("stride 3 and padding 1", (2, 7, 9), (2, 2, 3, 2), 3, 1)
    yield case("kernels of 1 × 1", (3, 2, 4), (2, 3, 1, 1), 1, 0)
    yield case("kernels as large as the image", (2, 3, 4), (3, 2, 3, 4), 2, 0)
    args = case("", (2, 5, 4), (3, 2, 2, 3), 2, 1).args
    single = {name: args[name].astype(np.float32) for name in "XKb"}
    yield Case("float32", args | single)
    args = case("", (2, 4, 5), (3, 2, 3, 2), 1, 1).args
    strided = nonzero(rng, 4, 8, 10)[::2, ::2, ::2]
    yield Case("every other pixel of a larger image", args | {"X": strided})
    args = case("", (2, 5, 3), (3, 2, 2, 2), 2, 1).args
    fixed = {name: read_only(args[name]) for name in "XKb"}
    yield Case("arrays that must not be written to", args | fixed)


@exercise(
    returns=("Y",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def conv2d(X: Array, K: Array, b: Array, stride: int, pad: int) -> Array:
    framed = np.pad(X, [(0, 0), (pad, pad), (pad, pad)])
    (O, _, kh, kw), (H, W) = K.shape, framed.shape[1:]
    rows = (H - kh) // stride + 1
    columns = (W - kw) // stride + 1
    Y = np.zeros((O, rows, columns))
    for o, r, q in np.ndindex(O, rows, columns):
        i, j = stride * r, stride * q
        window = framed[:, i : i + kh, j : j + kw]
        Y[o, r, q] = np.sum(K[o] * window) + b[o]
    return Y
