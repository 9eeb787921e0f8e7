"""The threshold that follows from costs, the confusion matrix that it gives, and what that costs."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import FLOAT32, Array, Case, exercise, layouts

PLAIN = ((0.0, 1.0), (4.0, 0.0))  # a false alarm costs 1, a miss 4


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, n: int, costs: object) -> Case:
        p = rng.integers(0, 17, n) / 16  # exact in any precision
        y = (rng.random(n) < p).astype(int)
        return Case(what, {"p": p, "y": y, "costs": np.array(costs)})

    yield case("a miss costs four times a false alarm", 12, PLAIN)
    yield case("both mistakes cost the same", 15, ((0.0, 2.0), (2.0, 0.0)))
    yield case("a false alarm costs more", 14, ((0.0, 5.0), (2.0, 0.0)))
    yield case("a caught 1 costs, too: it is treated", 16, ((0.0, 2.0), (9.0, 3.0)))
    yield case("every decision costs", 20, ((1.0, 3.0), (8.0, 2.0)))
    yield case("a caught 1 is a gain", 18, ((0.0, 1.0), (1.0, -3.0)))
    tie = np.array([0.25, 0.25, 0.5, 0.125, 0.25, 1.0])
    labels = np.array([0, 1, 1, 0, 0, 1])
    yield Case(
        "some p are exactly at the threshold",
        {"p": tie, "y": labels, "costs": np.array([[0.0, 1.0], [3.0, 0.0]])},
    )
    yield Case(
        "nobody is of class 1",
        {"p": np.array([0.125, 0.75, 0.25]), "y": np.zeros(3, dtype=int), "costs": np.array(PLAIN)},
    )
    yield from layouts(lambda: case("", 12, ((1.0, 3.0), (8.0, 2.0))))


@exercise(
    returns=("t", "table", "cost"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32,
)
def cheapest_decision(p: Array, y: Array, costs: Array) -> tuple[float, Array, float]:
    alarm = costs[0, 1] - costs[0, 0]
    miss = costs[1, 0] - costs[1, 1]
    t = alarm / (alarm + miss)
    said = p >= t
    table = np.zeros((2, 2), dtype=int)
    for true, answer in zip(y, said, strict=True):
        table[int(true), int(answer)] += 1
    return t, table, np.sum(table * costs) / len(p)
