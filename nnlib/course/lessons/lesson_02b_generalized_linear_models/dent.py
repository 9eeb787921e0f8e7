"""From samples: two points whose chord shows that a function is not convex."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import NAN_IS_NONE, Array, Case, exercise, read_only

Function = Callable[[Array], float]


def understood(w: Any) -> Array:
    """Says what f is called with, before arithmetic fails with words about operands."""
    if not isinstance(w, np.ndarray) or w.ndim != 1:
        raise TypeError("f takes one point, an array of shape (d,)")
    return w


def bowl(w: Array) -> float:
    return float(understood(w) @ w)


def sum_of_sizes(w: Array) -> float:
    return float(np.abs(understood(w)).sum())


def plane(w: Array) -> float:
    return float(0.1 * understood(w).sum() + 0.7)


def saddle(w: Array) -> float:
    return float(understood(w)[0] ** 2 - (w[1:] ** 2).sum())


def hill(w: Array) -> float:
    return float(-(understood(w) @ w))


def waves(w: Array) -> float:
    return float(np.cos(2 * understood(w)).sum())


def ripples(w: Array) -> float:
    return float(0.02 * np.cos(2 * understood(w)).sum())


def whisper(w: Array) -> float:
    return float(1e-6 * np.cos(2 * understood(w)).sum())


def roots(w: Array) -> float:
    return float(np.sqrt(np.abs(understood(w))).sum())


def sigmoid_squared_error(w: Array) -> float:
    z = understood(w).sum()
    return float((1 / (1 + np.exp(-z)) - 1) ** 2 / 2)


def spike(w: Array) -> float:
    return 1e-9 if understood(w)[0] == 0 else 0.0


def hill_off_the_middle(w: Array) -> float:
    """From 0 to 1 it rises highest at 0.3, and not in the middle, where alone it is judged."""
    return float(np.exp(-64 * ((understood(w) - 0.3) ** 2).sum()))


def slow_step(w: Array) -> float:
    """It only rises, so that it has no valley but one, and is not convex."""
    return float(np.tanh(understood(w)[0]) + 0.001 * w[0])


def rounded_up(rng: np.random.Generator) -> Array:
    """Two points in whose middle a plane lies above its chord, by rounding."""
    while True:
        W = rng.normal(size=(2, 3))
        if plane((W[0] + W[1]) / 2) > (plane(W[0]) + plane(W[1])) / 2:
            return W


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, f: Function, W: Array) -> Case:
        return Case(what, {"f": f, "W": W})

    yield case("the example of the task", hill, np.array([[0.0], [3.0], [1.0]]))
    yield case("convex: a bowl", bowl, rng.normal(size=(8, 3)))
    corners = np.array([[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0]])  # no two are equally near a dent
    W = corners * rng.uniform(0.5, 2, (3, 2))
    yield case("convex, with kinks: |w₁| + |w₂|", sum_of_sizes, W)
    yield case("a plane: only rounding between chord and function", plane, rounded_up(rng))
    yield case("a saddle", saddle, rng.normal(size=(7, 2)))
    yield case("a hill", hill, rng.normal(size=(8, 2)))
    yield case("waves", waves, 2 * rng.normal(size=(10, 2)))
    yield case("ripples: shallow dents", ripples, 2 * rng.normal(size=(6, 1)))
    yield case("a whisper: dents of a millionth", whisper, 2 * rng.normal(size=(6, 1)))
    yield case("roots: a valley with hollow walls", roots, rng.normal(size=(8, 2)))
    yield case("squared error on a sigmoid", sigmoid_squared_error, 3 * rng.normal(size=(9, 2)))
    yield case("a function that only rises", slow_step, 2 * rng.normal(size=(8, 1)))
    yield case("a dent of exactly 1e-9, which is not more", spike, np.array([[-1.0], [1.0]]))
    off = np.array([[0.0], [1.0], [0.4]])
    yield case("a hill that is highest beside the middle", hill_off_the_middle, off)
    yield case("two points", hill, rng.normal(size=(2, 2)))
    yield case("one point: no chord", hill, rng.normal(size=(1, 2)))
    yield case("the last two are the worst", hill, np.array([[0.0], [0.5], [-3.0], [4.0]]))
    yield case("float32", saddle, rng.normal(size=(6, 2)).astype(np.float32))
    yield case(
        "every other row of a larger array", waves, np.repeat(rng.normal(size=(6, 2)), 2, 0)[::2]
    )
    yield case("an array that must not be written to", saddle, read_only(rng.normal(size=(5, 2))))


def pair_or_nan(answer: Callable[..., Any], f: Function, W: Array) -> Any:
    """None, which is an answer here, as numbers that nothing equals."""
    pair = answer(f, W)
    if pair is None:
        return np.full(2, np.nan)
    return np.array(pair, dtype=float)


@exercise(
    returns=(f"pair{NAN_IS_NONE}",),
    inputs=inputs,
    probe=pair_or_nan,
    points={"shape": 1, "values": 3, "inputs": 1},
    seconds=3.0,
)
def dent(f: Function, W: Array) -> tuple[int, int] | None:
    worst, pair = 1e-9, None
    for j in range(len(W)):
        for i in range(j):
            above = f((W[i] + W[j]) / 2) - (f(W[i]) + f(W[j])) / 2
            if above > worst:
                worst, pair = above, (i, j)
    return pair
