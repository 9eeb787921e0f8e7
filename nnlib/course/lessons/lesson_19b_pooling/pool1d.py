"""Max and average pooling of the rows of a batch."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, layouts, quarters


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, n: int, width: int, stride: int, mode: str) -> Case:
        x = quarters(rng, N, n)
        x[-1] = -np.abs(x[-1]) - 0.25  # one row has negative values alone
        return Case(what, {"x": x, "width": width, "stride": stride, "mode": mode})

    example = np.array([[1.0, 5.0, -2.0, 0.0, 3.0]])
    for mode in ("max", "mean"):
        arguments = {"x": example.copy(), "width": 3, "stride": 2, "mode": mode}
        yield Case(f"the example of the task, {mode}", arguments)
        yield case(f"windows that overlap, {mode}", 3, 11, 4, 2, mode)
        yield case(f"windows side by side, and a rest, {mode}", 4, 11, 3, 3, mode)
        yield case(f"windows with gaps between them, {mode}", 3, 12, 2, 4, mode)
        yield case(f"stride 1, {mode}", 2, 7, 3, 1, mode)
        yield case(f"one window, {mode}", 4, 6, 6, 2, mode)
        yield case(f"windows of one, {mode}", 3, 7, 1, 3, mode)
    yield from layouts(lambda: case("", 3, 10, 4, 3, "mean"))


@exercise(
    returns=("y",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
    whole=("x",),
)
def pool1d(x: Array, width: int, stride: int, mode: str) -> Array:
    count = (x.shape[1] - width) // stride + 1
    y = np.zeros((len(x), count))
    for r in range(count):
        window = x.T[r * stride : r * stride + width]  # an example per column
        y[:, r] = window.max(axis=0) if mode == "max" else window.mean(axis=0)
    return y
