"""One pass of SGD that measures its own risk."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, layouts, nonzero


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, N: int, d: int, rates: list[float] | None = None) -> Case:
        arrays = {
            "X": nonzero(rng, N, d) / 2,
            "y": nonzero(rng, N),
            "w": nonzero(rng, d),
            "lr": 2.0 ** -rng.integers(4, 7, N) if rates is None else np.array(rates),
        }
        return Case(what, arrays)

    example = {"X": np.array([[1.0], [2.0]]), "y": np.array([1.0, 3.0])}
    yield Case(
        "the example of the task", example | {"w": np.zeros(1), "lr": np.array([0.25, 0.125])}
    )
    yield case("one example", 1, 2)
    yield case("three examples of two features", 3, 2)
    yield case("as many examples as features", 3, 3)
    yield case("more features than examples", 2, 5)
    yield case("eight examples, falling rates", 8, 3, [0.125, 0.125, 0.0625] + [0.03125] * 5)
    yield case("the rate stays the same", 5, 2, [0.0625] * 5)
    yield case("all rates 0: nothing is learned", 4, 2, [0.0] * 4)
    known = case("every example is right already", 3, 2)
    yield Case(known.what, known.args | {"y": known.args["X"] @ known.args["w"]})
    yield from layouts(lambda: case("", 6, 3))


@exercise(
    returns=("w", "risk"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def one_pass(X: Array, y: Array, w: Array, lr: Array) -> tuple[Array, float]:
    losses = []
    for x, wanted, rate in zip(X, y, lr, strict=True):
        off = np.sum(x * w) - wanted
        losses.append(off**2)
        w = w - rate * (2 * off * x)
    return w, np.mean(losses)
