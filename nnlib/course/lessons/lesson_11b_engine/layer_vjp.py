"""What one layer sends back to its weights, its bias and its input: three vjps."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, layouts, quarters


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, m: int, d: int) -> Case:
        W, b, x, g = quarters(rng, m, d), quarters(rng, m), quarters(rng, d), quarters(rng, m)
        return Case(what, {"W": W / 4, "b": b / 4, "x": x / 2, "g": g})

    W, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([-17.0, -39.5])
    x, g = np.array([5.0, 6.0]), np.array([1.0, 10.0])
    yield Case("the example", {"W": W, "b": b, "x": x, "g": g})
    for m, d in [(3, 2), (2, 3), (1, 4), (4, 1), (3, 3)]:
        yield case(f"{m} units, {d} inputs", m, d)
    yield from layouts(lambda: case("3 units, 2 inputs", 3, 2))


@exercise(
    returns=("dW", "db", "dx"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def layer_vjp(W: Array, b: Array, x: Array, g: Array) -> tuple[Array, Array, Array]:
    h = np.tanh(W @ x + b)
    dz = (1 - h**2) * g
    dW = np.outer(dz, x)
    dx = W.T @ dz
    return dW, dz, dx
