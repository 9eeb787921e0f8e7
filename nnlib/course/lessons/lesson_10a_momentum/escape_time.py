"""How long an optimizer takes to leave a saddle."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import NAN_IS_NONE, Array, Case, exercise, none_as_nan, read_only

Step = tuple[Array, Any]  # the new w, and what the next step has to know


def understood(g: Any, lr: Any) -> None:
    """Says what a step is called with, before arithmetic fails with words about operands."""
    if callable(g):
        raise TypeError("step wants the gradient at w, an array of numbers, not a function")
    if isinstance(g, tuple | list) or np.ndim(g) == 0:
        raise TypeError("step wants the gradient, an array with a number for each weight")
    if not isinstance(lr, int | float | np.number):
        raise TypeError("step is called as step(w, g, state, lr); its last argument is the rate")


def gradient_descent(w: Array, g: Array, state: Any, lr: float) -> Step:
    understood(g, lr)
    return w - lr * g, None


def heavy_ball(w: Array, g: Array, state: Any, lr: float) -> Step:
    understood(g, lr)
    b = g if state is None else 0.9 * state + g
    return w - lr * b, b


def rmsprop(w: Array, g: Array, state: Any, lr: float) -> Step:
    understood(g, lr)
    s = 0.1 * g**2 if state is None else 0.9 * state + 0.1 * g**2
    return w - lr * g / (np.sqrt(s) + 1e-8), s


def unit_steps(w: Array, g: Array, state: Any, lr: float) -> Step:
    understood(g, lr)
    return w - lr * g / (np.sqrt(g @ g) + 1e-12), None


def slowing_down(w: Array, g: Array, state: Any, lr: float) -> Step:
    understood(g, lr)
    t = 1 if state is None else state[0] + 1
    return w - lr * g / np.sqrt(t), (t,)


def by_sign(w: Array, g: Array, state: Any, lr: float) -> Step:
    understood(g, lr)
    return w - lr * np.sign(g), None


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, step: Callable[..., Step], start: Array, lr: float, limit: int) -> Case:
        return Case(what, {"step": step, "start": start, "lr": lr, "limit": limit})

    lesson = np.array([1.0, 1e-4])
    yield case("gradient descent, as in the lesson", gradient_descent, lesson, 0.05, 200)
    yield case("momentum, as in the lesson", heavy_ball, lesson.copy(), 0.05, 100)
    yield case("RMSprop, as in the lesson", rmsprop, lesson.copy(), 0.05, 50)
    yield case("exactly on the axis", heavy_ball, np.array([1, 0]), 0.05, 60)
    yield case("the limit is too low", gradient_descent, np.array([1.0, 1e-3]), 0.25, 28)
    yield case("the limit is just enough", gradient_descent, np.array([1.0, 1e-3]), 0.25, 29)
    yield case(
        "on the line |y| = 0.5, with a rate of 0", gradient_descent, np.array([1.0, 0.5]), 0.0, 3
    )
    yield case("to the other side", heavy_ball, np.array([1.0, -0.01]), 0.05, 100)
    yield case("steps of one length", unit_steps, np.array([0.75, 0.03]), 0.04, 90)
    beyond = np.array([0.5, 1.2])
    yield case("from beyond the line, in and out again", gradient_descent, beyond, 1.5, 9)
    yield case("out at the first step", gradient_descent, np.array([1.0, 0.4]), 0.5, 9)
    yield case("steps by sign", by_sign, np.array([0.5, 0.02]), 0.05, 90)
    yield case("a rate that falls", slowing_down, np.array([0.5, 0.125]), 0.25, 90)
    y = float(rng.choice([-1, 1]) * 10 ** rng.uniform(-3, -1))
    yield case("a start at random", heavy_ball, np.array([rng.uniform(-1, 1), y]), 0.1, 200)
    single = np.array([0.5, 0.25], dtype=np.float32)
    yield case("float32", gradient_descent, single, 0.125, 60)
    strided = np.array([1.0, 9.0, 0.02, 9.0])[::2]
    yield case("every other number of a larger array", heavy_ball, strided, 0.05, 90)
    fixed = read_only(np.array([-0.5, 0.02]))
    yield case("an array that must not be written to", unit_steps, fixed, 0.05, 90)


@exercise(
    returns=(f"t{NAN_IS_NONE}",),
    inputs=inputs,
    probe=none_as_nan,
    points={"shape": 1, "values": 3, "inputs": 1},
    seconds=3.0,
)
def escape_time(step: Callable[..., Step], start: Array, lr: float, limit: int) -> int | None:
    w, state = start, None
    for t in range(1, limit + 1):
        x, y = w
        w, state = step(w, np.array([x, y**3 - y]), state, lr)
        if abs(w[1]) > 0.5:
            return t
    return None
