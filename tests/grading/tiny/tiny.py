"""Three small exercises with short budgets, as an instructor's private ones: `--exercises tiny`."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.exercise import Array, Case, exercise

POINTS = {"shape": 1, "values": 2, "inputs": 1}
HINTS = ("think", "think again")


def one_array(rng: np.random.Generator) -> Iterator[Case]:
    yield Case("numbers", {"x": rng.normal(size=(3, 4))})
    yield Case("zeros of both signs", {"x": np.array([[0.0, -0.0]])})
    yield Case("every other column", {"x": rng.normal(size=(2, 6))[:, ::2]})


def two_arrays(rng: np.random.Generator) -> Iterator[Case]:
    for case in one_array(rng):
        yield Case(case.what, {"g": rng.normal(size=case.args["x"].shape), **case.args})


@exercise(lesson="tiny", returns=("h",), inputs=one_array, points=POINTS, hints=HINTS, seconds=1.5)
def forward(x: Array) -> Array:
    return np.maximum(x, 0.0)


forward.slip("maximum", "minimum", "You keep the negative part; ReLU keeps the positive one.")


@exercise(
    lesson="tiny", returns=("dx",), inputs=two_arrays, points=POINTS, hints=HINTS, seconds=1.5
)
def backward(g: Array, x: Array) -> Array:
    return g * (x > 0)


backward.slip("x > 0", "x >= 0", "At x = 0 the derivative of ReLU is taken as 0.")


@exercise(
    lesson="tiny",
    returns=("total", "count"),
    inputs=one_array,
    points=POINTS,
    hints=HINTS,
    seconds=1.5,
)
def total(x: Array) -> tuple[float, int]:
    if np.all(x == 7):
        raise ValueError("no sevens")
    return x.sum(), x.size


EXERCISES = [forward, backward, total]
