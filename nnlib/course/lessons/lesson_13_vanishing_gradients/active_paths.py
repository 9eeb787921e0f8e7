"""The paths of a ReLU network on which every unit is on, and the sum of their products of weights."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, x: Array, W: Array) -> Case:
        return Case(what, {"x": x, "W": W})

    def drawn(L: int, n: int) -> tuple[Array, Array]:
        """Of every layer but the last some units are on and some are off, at this x."""
        while True:
            x, W = rng.normal(size=n), rng.normal(size=(L, n, n))
            h, shares = x, []
            for layer in W[:-1]:
                h = np.maximum(layer @ h, 0)
                shares.append((h > 0).mean())
            if all(0 < share < 1 for share in shares):
                return x, W

    example = np.array([[[1.0, 0.0], [2.0, -1.0]], [[3.0, 5.0], [0.5, 1.0]]])
    yield case("the example of the task", np.array([1.0, 3.0]), example)
    yield case("one layer, without a ReLU", *drawn(1, 3))
    yield case("two layers of 3 units", *drawn(2, 3))
    yield case("three layers of 4 units", *drawn(3, 4))
    yield case("five layers of 6 units", *drawn(5, 6))
    yield case("three layers of 12 units", *drawn(3, 12))
    x, W = drawn(3, 3)
    W[0] = -np.abs(W[0])
    yield case("a layer without any unit on", np.abs(x), W)
    x, W = drawn(3, 4)
    W[0] = np.abs(W[0])
    yield case("a first layer whose units are all on", np.abs(x), W)
    on_the_edge = np.array([[[1.0, -1.0], [1.0, 1.0]], [[1.0, 2.0], [-1.0, 3.0]]])
    yield case("a unit with z = 0, which is off", np.array([2.0, 2.0]), on_the_edge)
    yield case(
        "one unit in each layer, on", np.array([0.5]), np.array([[[2.0]], [[3.0]], [[-1.0]]])
    )
    x, W = drawn(3, 5)
    yield case("an output that is negative", x, np.concatenate([W[:-1], -np.abs(W[-1:])]))
    x, W = drawn(3, 3)
    yield case("float32", x.astype(np.float32), W.astype(np.float32))
    x, W = drawn(3, 4)
    larger = np.zeros((6, 8, 8))
    larger[::2, ::2, ::2] = W
    yield case("every other entry of larger arrays", np.repeat(x, 2)[::2], larger[::2, ::2, ::2])
    x, W = drawn(4, 3)
    yield case("arrays that must not be written to", read_only(x), read_only(W))


@exercise(
    returns=("share", "J"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def active_paths(x: Array, W: Array) -> tuple[float, Array]:
    share, J, h = 1.0, np.eye(len(x)), x
    for layer in W[:-1]:
        z = layer @ h
        on = z > 0
        share = share * on.mean()
        J = on[:, None] * (layer @ J)
        h = on * z
    J = W[-1] @ J
    return share, J
