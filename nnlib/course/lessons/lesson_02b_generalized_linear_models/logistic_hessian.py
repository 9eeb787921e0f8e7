"""The Hessians of logistic regression: with cross-entropy, and with squared error."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only

LOSSES = ("cross-entropy", "squared error")


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def drawn(n: int, d: int) -> list[Array]:
        X, w = rng.normal(size=(n, d)), rng.normal(size=d)
        return [X, (rng.random(n) < 0.5).astype(float), w]

    for loss in LOSSES:

        def case(what: str, arrays: list[Array], loss: str = loss) -> Case:
            args = dict(zip(("X", "y", "w", "loss"), (*arrays, loss), strict=True))
            return Case(f"{what}, {loss}", args)

        example = [np.array([[2.0]]), np.array([1.0]), np.array([0.0])]
        yield case("the example of the task", example)
        yield case("one example, sure and wrong", [example[0], example[1], np.array([-1.5])])
        yield case("12 examples, 3 weights", drawn(12, 3))
        yield case("as many examples as weights", drawn(3, 3))
        yield case("40 examples, 2 weights", drawn(40, 2))
        X, _, w = drawn(9, 2)
        yield case("all of class 0", [X, np.zeros(9), w])
        yield case("all of class 1", [X.copy(), np.ones(9), w.copy()])
        yield case("at w = 0", [*drawn(8, 4)[:2], np.zeros(4)])
        yield case("float32", [a.astype(np.float32) for a in drawn(10, 2)])
        X, y, w = drawn(7, 3)
        strided = [np.repeat(X, 2, 0)[::2], np.repeat(y, 2)[::2], w]
        yield case("every other row of larger arrays", strided)
        yield case("arrays that must not be written to", [read_only(a) for a in drawn(6, 2)])


@exercise(
    returns=("H",),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def logistic_hessian(X: Array, y: Array, w: Array, loss: str) -> Array:
    y_hat = 1 / (1 + np.exp(-(X @ w)))
    slope = y_hat * (1 - y_hat)
    if loss == "cross-entropy":
        second = slope
    else:
        second = slope**2 + (y_hat - y) * slope * (1 - 2 * y_hat)
    H: Array = (X.T * second) @ X / len(X)
    return H
