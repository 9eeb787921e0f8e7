"""The one layer that a ReLU network is, near a point."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, quarters, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, *arrays: Array) -> Case:
        return Case(what, dict(zip(("x", "W1", "b1", "W2", "b2"), arrays, strict=True)))

    def drawn(d: int, m: int, K: int) -> list[Array]:
        """Some units on and some off, wherever there is more than one."""
        while True:
            arrays = [quarters(rng, *s) for s in ((d,), (m, d), (m,), (K, m), (K,))]
            z = arrays[1] @ arrays[0] + arrays[2]
            if len(set(z > 0)) == 2 and z.all():
                return arrays

    W1, W2 = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[1.0, -2.0]])
    xor = W1, np.array([0.0, -1.0]), W2, np.array([0.0])
    yield case("XOR's network: one unit on", np.array([0.25, 0.5]), *xor)
    yield case("XOR's network: both on", np.array([1.0, 1.0]), *xor)
    yield case("XOR's network: the second just off", np.array([0.5, 0.4375]), *xor)
    yield case("both off, and b2 = 0.5", np.array([-1.0, -0.5]), *xor[:3], np.array([0.5]))
    for d, m, K in ((3, 4, 2), (2, 5, 3), (4, 3, 1), (2, 6, 2), (3, 5, 4)):
        yield case(f"{d} inputs, {m} units, {K} outputs", *drawn(d, m, K))
    yield case("as many of all", *drawn(3, 3, 3))
    x, W1, b1, W2, b2 = drawn(3, 5, 2)
    b1[1:3] = -(W1 @ x)[1:3]
    yield case("two units at z = 0 exactly", x, W1, b1, W2, b2)
    whole = [rng.integers(-4, 5, s) for s in ((2,), (4, 2), (4,), (3, 4), (3,))]
    yield case("whole numbers", *whole)
    yield case("float32", *(a.astype(np.float32) for a in drawn(2, 4, 2)))
    x, W1, b1, W2, b2 = drawn(3, 4, 2)
    strided = [np.repeat(a, 2, axis=0)[::2] for a in (W1, b1, W2)]
    yield case("every other row of a larger array", x, *strided, b2)
    yield case("arrays that must not be written to", *(read_only(a) for a in drawn(2, 3, 2)))


@exercise(
    returns=("W", "b"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
)
def one_layer_at(x: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array]:
    on = W1 @ x + b1 > 0
    W = W2[:, on] @ W1[on]
    b = W2[:, on] @ b1[on] + b2
    return W, b
