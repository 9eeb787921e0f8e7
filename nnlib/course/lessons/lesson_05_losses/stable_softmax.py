"""Softmax and its logarithm, for logits of any size and shape."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_SMALL, Array, Case, exercise, read_only


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, Z: Array) -> Case:
        return Case(what, {"Z": Z})

    yield case("the example of the task", np.log([1.0, 3.0]))
    yield case("one example, (K,)", rng.normal(size=4))
    yield case("a batch, (N, K)", rng.normal(size=(5, 3)))
    yield case("as many examples as classes", rng.normal(size=(4, 4)))
    yield case("sentences of words, (N, T, K)", rng.normal(size=(2, 3, 4)))
    yield case("one class alone", rng.normal(size=(3, 1)))
    yield case("logits of ±1000", np.array([[1000.0, 1001, 0], [-1000, -999, -1001]]))
    yield case("a row far below another", np.array([[3.0, 2000, 1], [-2000, 1, -2001]]))
    yield case("rows that all lie far below 0", rng.normal(size=(3, 4)) - [[5000], [900], [2000]])
    yield case("a class that is ruled out, −inf", np.array([[0.5, -np.inf, 1.5], [2, 1, 0]]))
    yield case("ruled out, in one example", np.array([-np.inf, 700.0, 702, -np.inf]))
    yield case("float32", rng.normal(size=(3, 4)).astype(np.float32))
    yield case("every other row and column of a larger array", rng.normal(size=(8, 6))[::2, ::2])
    yield case("an array that must not be written to", read_only(rng.normal(size=(4, 3))))


@exercise(
    returns=("P", "log_P"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def stable_softmax(Z: Array) -> tuple[Array, Array]:
    shifted = Z - Z.max(axis=-1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(axis=-1, keepdims=True)
    P = e / total
    log_P = shifted - np.log(total)
    return P, log_P
