"""LDA from examples: the two bells, and the w and b that follow from them."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, layouts, quarters


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, labels: list[int], d: int) -> Case:
        y = np.array(labels)
        shift = 2.0 * np.arange(1, d + 1) * y[:, None]  # class 1 lies elsewhere
        return Case(what, {"X": quarters(rng, len(y), d) + shift, "y": y})

    yield case("one feature, equally many of both classes", [0, 1] * 6, 1)
    yield case("two features, few of class 1", [0] * 9 + [1] * 4, 2)
    yield case("two features, many of class 1", [0] * 4 + [1] * 11, 2)
    yield case(
        "three features, classes in any order", rng.permutation([0] * 9 + [1] * 7).tolist(), 3
    )
    leaning = case("two features that go together", [0, 0, 1] * 7, 2)
    leaning.args["X"][:, 1] += leaning.args["X"][:, 0]
    yield leaning
    far = case("both classes far from 0", [0, 1, 1] * 5, 2)
    far.args["X"] += np.array([8.0, -6.0])
    yield far
    yield from layouts(lambda: case("", [0] * 7 + [1] * 5, 2))


@exercise(
    returns=("w", "b"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def lda_fit(X: Array, y: Array) -> tuple[Array, float]:
    m0, m1 = X[y == 0].mean(axis=0), X[y == 1].mean(axis=0)
    centered = X - np.where(y[:, None] == 1, m1, m0)
    covariance = centered.T @ centered / len(X)
    w = np.linalg.solve(covariance, m1 - m0)
    share = np.mean(y)
    return w, -np.dot(w, m0 + m1) / 2 + np.log(share / (1 - share))
