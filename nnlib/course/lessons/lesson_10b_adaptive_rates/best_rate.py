"""Choosing a learning rate: run each, and look at the validation loss."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import Array, Case, exercise, read_only
from nnlib.course.lessons.lesson_10a_momentum.escape_time import (
    Step,
    gradient_descent,
    heavy_ball,
    understood,
)


def slowing_down(w: Array, g: Array, state: Any, lr: float) -> Step:
    understood(g, lr)
    t = 1 if state is None else state + 1
    return w - 2 * lr * g / (1 + t) ** 2, t


@cache
def bowl(*curvatures: float, at: float = 0.0) -> Callable[[Array], Array]:
    """The gradient of ½ Σ λᵢ (wᵢ − at)²."""

    def gradient(w: Array) -> Array:
        return np.array(curvatures) * (np.asarray(w) - at)

    return gradient


@cache
def height(*curvatures: float, at: float = 0.0, lifted: float = 0.0) -> Callable[[Array], float]:
    """½ Σ λᵢ (wᵢ − at)², above `lifted`; nan where w has run away."""

    def loss(w: Array) -> float:
        if np.abs(w).max() > 20:
            return float("nan")
        return float(lifted + np.sum(np.array(curvatures) * (np.asarray(w) - at) ** 2) / 2)

    return loss


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(
        what: str,
        step: Callable[..., Step],
        rates: Sequence[float] | Array,
        gradient: Callable[[Array], Array],
        validation_loss: Callable[[Array], float],
        start: Array,
        steps: int,
    ) -> Case:
        arguments = {"step": step, "rates": rates, "gradient": gradient}
        rest = {"validation_loss": validation_loss, "start": start, "steps": steps}
        return Case(what, arguments | rest)

    one, two = np.array([1.0]), np.array([1.0, -1.0])
    rates = [0.03, 0.1, 0.3]
    yield case("the largest is best", gradient_descent, rates, bowl(1), height(1), one, 3)
    yield case(
        "the one in the middle", gradient_descent, [0.1, 0.9, 1.7], bowl(1), height(1), one, 2
    )
    yield case("they are not sorted", gradient_descent, [1.7, 0.9, 0.1], bowl(1), height(1), two, 2)
    runaway = [0.02, 0.5, 0.1]
    yield case("one runs away: nan", gradient_descent, runaway, bowl(1, 10), height(1, 10), two, 9)
    first = [0.5, 0.02, 0.1]
    yield case("the first runs away", gradient_descent, first, bowl(1, 10), height(1, 10), two, 9)
    deep = height(1, lifted=-5.0)
    yield case("losses below 0", gradient_descent, rates, bowl(1), deep, one, 3)
    high = height(1, lifted=1000.0)
    yield case("losses around 1000", gradient_descent, rates, bowl(1), high, one, 3)
    yield case(
        "the validation loss has its minimum elsewhere",
        *(gradient_descent, [0.05, 0.2, 0.8], bowl(1), height(1, at=0.5), one, 4),
    )
    yield case("momentum", heavy_ball, [0.1, 0.05, 0.02], bowl(1, 10), height(1, 10), two, 12)
    yield case("momentum, other rates", heavy_ball, [0.3, 0.1, 0.03], bowl(1), height(1), one, 7)
    yield case("momentum, one step", heavy_ball, [0.3, 0.1, 0.9], bowl(1), height(1), one, 1)
    swing = [0.2, 0.25, 0.3, 0.35, 0.4, 0.45]
    yield case("swings: the end counts", heavy_ball, swing, bowl(1), height(1), one, 6)
    yield case("a state that counts", slowing_down, [1.5, 0.4, 0.8], bowl(1), height(1), two, 5)
    start = rng.uniform(0.5, 1, 3)
    drawn = np.sort(rng.uniform(0.01, 0.2, 5))
    yield case("at random", heavy_ball, drawn, bowl(1, 3, 9), height(1, 3, 9), start, 15)
    for tie in ([1.9, 0.5, 1.5], [1.9, 1.5, 0.5]):
        yield case("two are equally good", gradient_descent, tie, bowl(1), height(1), one.copy(), 1)
    whole = np.array([2, -1])
    yield case("whole numbers", heavy_ball, [0.2, 0.1], bowl(1, 4), height(1, 4), whole, 8)
    single = np.array([0.5, 0.25], dtype=np.float32)
    yield case("float32", heavy_ball, [0.02, 0.1], bowl(1, 4), height(1, 4), single, 6)
    strided = np.array([1.0, 9.0, 0.5, 9.0])[::2]
    yield case(
        "every other number of a larger array",
        *(heavy_ball, np.array([0.3, 0.1]), bowl(1, 4), height(1, 4), strided, 8),
    )
    fixed = read_only(np.array([1.0, 0.5]))
    yield case(
        "arrays that must not be written to",
        *(heavy_ball, [0.1, 0.01, 0.05], bowl(1, 4), height(1, 4), fixed, 10),
    )


def none_as_nan(answer: Callable[..., Any], *arguments: Any) -> Any:
    """A rate that was never found is often None; so it can be told from a missing `return`."""
    returned = answer(*arguments)
    if not isinstance(returned, tuple | list):
        return returned
    return tuple(np.nan if value is None else value for value in returned)


@exercise(
    returns=("lr", "loss"),
    inputs=inputs,
    probe=none_as_nan,
    points={"shape": 1, "values": 4, "inputs": 1},
    seconds=3.0,
)
def best_rate(
    step: Callable[..., Step],
    rates: Sequence[float],
    gradient: Callable[[Array], Array],
    validation_loss: Callable[[Array], float],
    start: Array,
    steps: int,
) -> tuple[float, float]:
    best, lowest = np.nan, np.inf
    for lr in rates:
        w, state = start, None
        for _ in range(steps):
            w, state = step(w, gradient(w), state, lr)
        value = validation_loss(w)
        if value < lowest:
            best, lowest = lr, value
    return best, lowest
