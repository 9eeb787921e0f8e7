"""Lesson 10: how long an optimizer takes to leave a saddle."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.exercise import Array, Case, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import read_only
from nnlib.course.lessons.lesson_10_optimizers.momentum import LESSON, Step


def gradient_descent(w: Array, g: Array, state: Any, lr: float) -> Step:
    return w - lr * g, None


def heavy_ball(w: Array, g: Array, state: Any, lr: float) -> Step:
    b = g if state is None else 0.9 * state + g
    return w - lr * b, b


def rmsprop(w: Array, g: Array, state: Any, lr: float) -> Step:
    s = 0.1 * g**2 if state is None else 0.9 * state + 0.1 * g**2
    return w - lr * g / (np.sqrt(s) + 1e-8), s


def unit_steps(w: Array, g: Array, state: Any, lr: float) -> Step:
    return w - lr * g / (np.sqrt(g @ g) + 1e-12), None


def slowing_down(w: Array, g: Array, state: Any, lr: float) -> Step:
    t = 1 if state is None else state[0] + 1
    return w - lr * g / np.sqrt(t), (t,)


def by_sign(w: Array, g: Array, state: Any, lr: float) -> Step:
    return w - lr * np.sign(g), None


def escape_inputs(rng: np.random.Generator) -> Iterator[Case]:
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


def number_or_nan(answer: Callable[..., Any], *arguments: Any) -> Any:
    """None, which is an answer here, as a number that nothing equals."""
    t = answer(*arguments)
    return np.nan if t is None else t


@exercise(
    lesson=LESSON,
    returns=("t (nan means None)",),
    inputs=escape_inputs,
    probe=number_or_nan,
    points={"shape": 1, "values": 3, "inputs": 1},
    seconds=3.0,
    hints=(
        (
            "The loop of every training: compute the gradient at w, call `step` with it and with the "
            "state of last time, keep the new w and the new state. Look at y after each step."
        ),
        (
            "The gradient at (x, y) is (x, y³ − y), an array of two numbers. Begin with w = start and "
            "state = None; for t from 1 to limit: `w, state = step(w, g, state, lr)`, and "
            "`return t` if abs(w[1]) > 0.5. After the loop: `return None`."
        ),
    ),
)
def escape_time(step: Callable[..., Step], start: Array, lr: float, limit: int) -> int | None:
    w, state = start, None
    for t in range(1, limit + 1):
        x, y = w
        w, state = step(w, np.array([x, y**3 - y]), state, lr)
        if abs(w[1]) > 0.5:
            return t
    return None


escape_time.slip(
    "y**3 - y",
    "y - y**3",
    "The sign of ∂f/∂y is wrong: f has −y²/2 + y⁴/4, so it is y³ − y. Yours is pulled back to the axis.",
)

escape_time.slip(
    "y**3 - y",
    "-y",
    "∂f/∂y lacks the part of y⁴/4, which is y³.",
)

escape_time.slip(
    "np.array([x, y**3 - y])",
    "np.array([-x, y**3 - y])",
    "The sign of ∂f/∂x is wrong: f has x²/2, so it is x.",
)

escape_time.slip(
    "np.array([x, y**3 - y])",
    "np.array([y**3 - y, x])",
    "The two parts of the gradient are in the wrong order: first ∂f/∂x = x, then ∂f/∂y = y³ − y.",
)

escape_time.slip(
    "state, lr)",
    "None, lr)",
    "You give `step` a new state of None in every step, so that it forgets. Hand back what it gave you.",
)

escape_time.slip(
    "return t\n",
    "return t - 1\n",
    "You count from 0: after the first step t is 1.",
)

escape_time.slip(
    "limit + 1",
    "limit",
    "Who is out after exactly `limit` steps has escaped, and t is limit. (range(1, limit) ends at "
    "limit − 1: write range(1, limit + 1).)",
)

escape_time.slip(
    "abs(w[1])",
    "w[1]",
    "You see only who leaves upwards. y may fall below −0.5 as well: take |y|.",
)

escape_time.slip(
    "abs(w[1])",
    "abs(w[0])",
    "You look at x. It is y, `w[1]`, that leaves the ridge.",
)

escape_time.slip(
    "return None",
    "return limit",
    "Who never escapes gets None, not the limit: the two must be told apart.",
)

escape_time.slip(
    "return None",
    "return -1",
    "Who never escapes gets None, not −1.",
)

escape_time.slip(
    "        if abs(w[1]) > 0.5:\n            return t\n    return None",
    "    return t if abs(w[1]) > 0.5 else None",
    "You look only once, after the last step. Look after each one, and return at the first that is out.",
)

escape_time.slip(
    "        w, state = step(w, np.array([x, y**3 - y]), state, lr)\n        if abs(w[1]) > 0.5:\n            return t\n",
    "        if abs(w[1]) > 0.5:\n            return t\n        w, state = step(w, np.array([x, y**3 - y]), state, lr)\n",
    "You look at y before the step, so that your t is one too large. Take the step, then look: t is "
    "the number of steps taken.",
)


escape_time.slip(
    "x, y = w",
    "x, y = start",
    "You use the gradient of the start in every step. Compute it anew, at the w of now.",
)

escape_time.slip(
    "return None",
    "return 0",
    "Who never escapes gets None, not 0 (and not False).",
)

escape_time.slip(
    "return t\n",
    "return t + 1\n",
    "You count one too many: after the first step t is 1.",
)

escape_time.slip(
    "y**3 - y",
    "4 * y**3 - 2 * y",
    "∂f/∂y lacks the factors of f, 1/4 and 1/2: the derivative of y⁴/4 is y³, that of y²/2 is y.",
)

escape_time.slip(
    "y**3 - y",
    "y**3 / 4 - y / 2",
    "In ∂f/∂y the exponents must come down as factors: the derivative of y⁴/4 is y³, that of y²/2 is y.",
)

escape_time.slip(
    "state, lr)",
    "lr, state)",
    "The arguments of `step` are in another order: step(w, g, state, lr).",
)

escape_time.slip(
    "np.array([x, y**3 - y])",
    "np.array([x**2 / 2, y**4 / 4 - y**2 / 2])",
    "These are the parts of f itself. The gradient holds its derivatives: x, and y³ − y.",
)

escape_time.slip(
    "abs(w[1])",
    "np.sqrt(w @ w)",
    "You look at the distance from (0, 0), but x counts as well there. Only |y| is asked for.",
)

escape_time.slip(
    "start, None",
    "start, 0",
    "Your first state is 0. It is None: that is how `step` knows that it begins.",
)

escape_time.slip(
    "np.array([x, y**3 - y])",
    "(x, y**3 - y)",
    "Your gradient is a tuple, with which `step` cannot compute. Make it an array, np.array([…]).",
)

escape_time.slip(
    "y**3 - y",
    "4 * y**3 - y",
    "∂f/∂y is y³ − y: the 4 that comes down from y⁴ meets the factor 1/4.",
)

escape_time.slip(
    "y**3 - y",
    "y**3 / 4 - y",
    "∂f/∂y is y³ − y: the factor 1/4 meets the 4 that comes down from y⁴.",
)

escape_time.slip(
    "np.array([x, y",
    "np.array([x / 2, y",
    "∂f/∂x is x: the factor 1/2 of x²/2 meets the 2 that comes down.",
)

escape_time.slip(
    "> 0.5",
    ">= 0.5",
    "On the line |y| = 0.5 it is not yet out: only |y| > 0.5 counts.",
)

escape_time.slip(
    "> 0.5",
    "< 0.5",
    "Your comparison is the wrong way round: it is out where |y| > 0.5.",
)

escape_time.slip(
    "w, state = step(w, np.array([x, y**3 - y]), state, lr)",
    "g = np.array([x, y**3 - y])\n        w, state = step(w - lr * g, g, state, lr)",
    "You step twice: `step` gets the w of now and makes the whole step by itself.",
)

escape_time.slip(
    "w, state = step(w, np.array([x, y**3 - y]), state, lr)",
    "w = w - lr * np.array([x, y**3 - y])",
    "You never use `step`: yours is gradient descent for all of them. Call w, state = step(w, g, "
    "state, lr).",
)

escape_time.slip(
    "np.array([x, y**3 - y])",
    "lr * np.array([x, y**3 - y])",
    "You multiply the gradient by lr before you hand it on. `step` gets the gradient itself; it "
    "has lr as well.",
)

escape_time.slip(
    "state, lr)",
    "state, 0.05)",
    "You hand a rate of your own to `step`, in place of the argument lr.",
)

escape_time.slip(
    "x, y = w",
    "y, x = w",
    "x and y are exchanged: w is (x, y), so x = w[0] and y = w[1].",
)

escape_time.slip(
    "abs(w[1])",
    "abs(w[1] - start[1])",
    "You measure how far y has come from the start. What counts is |y| itself.",
)

escape_time.slip(
    "limit + 1",
    "limit + 2",
    "You take one step too many: `limit` is the last that counts.",
)

escape_time.slip(
    "    for t in",
    "    if abs(start[1]) > 0.5:\n        return 0\n    for t in",
    "You look before the first step as well. t is at least 1, even where the start is already out.",
)

escape_time.slip(
    "return t\n    return None",
    "return t\n        return None",
    "Your `return None` stands inside the loop, so that it ends after one step. Move it to the "
    "left, below the loop.",
)

escape_time.slip(
    "return t\n",
    "return None\n",
    "None comes back even where it escapes. Do you print t? `return t` hands it back.",
)

escape_time.slip(
    "return t\n",
    "return t, w\n",
    "Only t is to come back, one whole number (or None).",
)
