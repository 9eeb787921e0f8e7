"""Lesson 10: a step of Adam, with decoupled weight decay."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.exercise import Arguments, Array, Case, Tolerance, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only
from nnlib.course.lessons.lesson_10_optimizers.momentum import LESSON, Step, nonzero


def adam_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, w: Array, g: Array, lr: float = 0.125, **options: float) -> Case:
        given = {"b1": 0.9, "b2": 0.999, "eps": 1e-8, "decay": 0.0} | options
        start = {"w": w, "g": g, "state": None, "lr": lr}
        return Case(f"{what}; g has one row for each step", start | given)

    yield case("the first step is η for every weight", quarters(rng, 2), nonzero(rng, 1, 2))
    yield case("5 steps", quarters(rng, 3), nonzero(rng, 5, 3), b1=0.8, b2=0.9)
    yield case(
        "tiny gradients, and ε as large", quarters(rng, 2), 1e-6 * nonzero(rng, 3, 2), eps=1e-6
    )
    yield case("a large ε", quarters(rng, 2), nonzero(rng, 3, 2), eps=0.5)
    yield case("gradients of 0, then not", quarters(rng, 2), np.array([[0, 0], [0, 1.0]]))
    yield case("no memory: b1 = b2 = 0", quarters(rng, 2), nonzero(rng, 3, 2), b1=0.0, b2=0.0)
    for steps in (1, 4):
        w = 2 + rng.random(3)
        yield case("weight decay", w, nonzero(rng, steps, 3), b2=0.95, decay=0.5)
    yield case("a matrix", quarters(rng, 2, 3), nonzero(rng, 3, 2, 3), b2=0.95, decay=0.25)
    whole = rng.integers(1, 5, (3, 2))
    yield case("whole numbers", np.array([1, -2]), whole, b2=0.9)
    single = nonzero(rng, 4, 3).astype(np.float32)
    yield case("float32", quarters(rng, 3).astype(np.float32), single, b2=0.9)
    strided = nonzero(rng, 4, 6)[:, ::2]
    yield case("every other number of larger arrays", quarters(rng, 6)[::2], strided, b2=0.9)
    fixed = read_only(quarters(rng, 2)), read_only(nonzero(rng, 3, 2))
    yield case("arrays that must not be written to", *fixed, b2=0.95, decay=0.5)


def adam_steps(
    answer: Callable[..., Any], w: Array, g: Array, state: Any, *options: float
) -> Array:
    """w after each step of a run."""
    path = []
    for gradient in g:
        returned = answer(w, gradient, state, *options)
        if not isinstance(returned, tuple | list) or len(returned) != 2:
            raise RuntimeError("it must return two things: the new w and the new state")
        w, state = returned
        path.append(np.array(w))
    return np.array(path)


PLAIN, DECAYED = "w after each step", "w after each step, with weight decay"


def apart(args: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """With and without weight decay for themselves, so that a mistake in each can be named."""
    none = np.zeros(0)
    return (
        {DECAYED: outputs[0], PLAIN: none} if args["decay"] else {PLAIN: outputs[0], DECAYED: none}
    )


@exercise(
    lesson=LESSON,
    returns=("w after each step",),
    inputs=adam_inputs,
    probe=adam_steps,
    observe=apart,
    facts=(PLAIN, DECAYED),
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=Tolerance(1e-4, 1e-5, "float32 inputs, which an answer may keep or widen"),
    hints=(
        (
            "The state holds three things: m, s and the number of steps t. The first time, with None, "
            "they are all 0. Begin with t + 1, so that the first step has t = 1."
        ),
        (
            "m and s are running means of g and of g². Divide them by 1 − b1ᵗ and 1 − b2ᵗ for this "
            "step only: keep m and s themselves as the state. The decay shrinks w by η·decay·w, and "
            "its part never enters m or s."
        ),
    ),
)
def adam_step(
    w: Array,
    g: Array,
    state: Any,
    lr: float,
    b1: float,
    b2: float,
    eps: float,
    decay: float,
) -> Step:
    m, s, t = (0.0, 0.0, 0) if state is None else state
    t = t + 1
    m = b1 * m + (1 - b1) * g
    s = b2 * s + (1 - b2) * g**2
    m_hat = m / (1 - b1**t)
    s_hat = s / (1 - b2**t)
    w = w - lr * decay * w
    return w - lr * m_hat / (np.sqrt(s_hat) + eps), (m, s, t)


adam_step.slip(
    "m / (1 - b1**t)",
    "m",
    "m is not corrected for its start at 0: divide it by 1 − b1ᵗ, or the first steps are too short.",
)

adam_step.slip(
    "s / (1 - b2**t)",
    "s",
    "s is not corrected for its start at 0: divide it by 1 − b2ᵗ, or the first steps are far too long.",
)


adam_step.slip(
    "m / (1 - b1**t)",
    "m / (1 - b1)",
    "You divide m by 1 − b1 in every step. The correction fades: 1 − b1ᵗ, with the number of the step.",
)

adam_step.slip(
    "s / (1 - b2**t)",
    "s / (1 - b2)",
    "You divide s by 1 − b2 in every step. The correction fades: 1 − b2ᵗ, with the number of the step.",
)

adam_step.slip(
    "t = t + 1",
    "t = max(t, 1) + 1",
    "Your t is one too large: the first step has t = 1.",
)

adam_step.slip(
    "t = t + 1",
    "t = max(t, 1)",
    "Your t stays 1: it counts the steps, so keep it in the state and add 1 each time.",
)

adam_step.slip(
    "t = t + 1",
    "t = t",
    "Your t is 0 in the first step, so that 1 − b1ᵗ is 0. Count first: the first step has t = 1.",
)

adam_step.slip(
    "(1 - b2) * g**2",
    "(1 - b2) * g",
    "s averages the squares of the gradients: (1 − b2) g².",
)

adam_step.slip(
    "(1 - b2) * g**2",
    "g**2",
    "s lacks the factor 1 − b2 before the new square: as a mean it weighs old and new by b2 and 1 − b2.",
)

adam_step.slip(
    "(1 - b1) * g",
    "g",
    "m lacks the factor 1 − b1 before the new gradient. (Adam's m is a mean; only the buffer of SGD "
    "adds the whole gradient.)",
)

adam_step.slip(
    "np.sqrt(s_hat) + eps",
    "np.sqrt(s_hat + eps)",
    "ε is inside the root. It is added after it: √ŝ + ε. For gradients around 10⁻⁶ that matters.",
)

adam_step.slip(
    "np.sqrt(s_hat) + eps",
    "s_hat + eps",
    "The root is missing: divide by √ŝ + ε, which has the units of a gradient, as m̂ has.",
)


adam_step.slip(
    "b1 * m + (1 - b1) * g",
    "b2 * m + (1 - b2) * g",
    "m uses b2. The mean of the gradients has b1, the mean of their squares b2.",
)

adam_step.slip(
    "b2 * s + (1 - b2) * g**2",
    "b1 * s + (1 - b1) * g**2",
    "s uses b1. The mean of the gradients has b1, the mean of their squares b2.",
)

adam_step.slip(
    "w - lr * m_hat",
    "w + lr * m_hat",
    "Your w climbs: the step is −η m̂ / (√ŝ + ε).",
)

adam_step.slip(
    "w = w - lr * decay * w",
    "w = w - decay * w",
    "The decay forgets the learning rate: w shrinks by η · decay · w.",
)

adam_step.slip(
    "w = w - lr * decay * w",
    "w = w",
    "The weight decay is missing: besides Adam's step, w shrinks by η · decay · w.",
)

adam_step.slip(
    "w = w - lr * decay * w",
    "w = w + lr * decay * w",
    "Your decay makes the weights grow: subtract η · decay · w.",
)


adam_step.slip(
    "(m, s, t)",
    "(m_hat, s_hat, t)",
    "You keep the corrected means as the state, so that they are corrected again and again. Keep m "
    "and s; m̂ and ŝ are for this step only.",
)

adam_step.slip(
    "+ eps), (m, s, t)",
    "+ eps), state",
    "The state that you return is the old one: each step takes itself for the first. Return the new "
    "m, s and t.",
)

adam_step.slip(
    "+ eps), (m, s, t)",
    "+ eps)",
    "Two things are to come back, the new w and one state that holds m, s and t: `return w, (m, s, t)`.",
)


adam_step.slip(
    "(0.0, 0.0, 0) if state is None else state",
    "state",
    "The first state is None: there is no past yet. Begin with m = 0, s = 0 and t = 0.",
)

adam_step.slip(
    "m_hat = m / (1 - b1**t)\n    s_hat = s / (1 - b2**t)",
    "m_hat = m\n    s_hat = s",
    "The bias correction is missing. Both means start at 0 and are too small at first: divide m by "
    "1 − b1ᵗ and s by 1 − b2ᵗ. Then the very first step is η for every weight.",
)


adam_step.slip(
    "t = t + 1",
    "t, g, decay = t + 1, g + decay * w, 0",
    "Your decay is a part of the gradient: g + decay·w goes through m and s, and weights with large "
    "gradients hardly decay. Here it is decoupled: w shrinks by η · decay · w, beside Adam's step.",
)


adam_step.slip(
    "w = w - lr * decay * w\n    return w - lr * m_hat / (np.sqrt(s_hat) + eps)",
    "w = w - lr * m_hat / (np.sqrt(s_hat) + eps)\n    return w - lr * decay * w",
    "Your decay shrinks w after Adam's step. The w of before it is shrunk: w − η·decay·w, and then "
    "−η m̂ / (√ŝ + ε).",
)


adam_step.slip(
    "w = w - lr * decay * w",
    "w -= lr * decay * w",
    "You change w in place (`w -= …`), and the caller's array with it. Make a new one: w = w − …",
)

adam_step.slip(
    "return w - lr * m_hat / (np.sqrt(s_hat) + eps), (m, s, t)",
    "return (m, s, t), w - lr * m_hat / (np.sqrt(s_hat) + eps)",
    "The two are in the wrong order: return w first, then the state.",
)

adam_step.slip(
    "lr * m_hat / (np.sqrt(s_hat) + eps)",
    "lr * m_hat / np.sqrt(s_hat) + eps",
    "Brackets are missing: `a / b + eps` adds ε to the quotient. Write `a / (b + eps)`.",
)

adam_step.slip(
    "np.sqrt(s_hat) + eps",
    "np.sqrt(s_hat)",
    "ε is missing. Where a gradient is 0, your step is 0/0: divide by √ŝ + ε.",
)

adam_step.slip(
    "np.sqrt(s_hat) + eps",
    "np.sqrt(s) / (1 - b2**t) + eps",
    "The root must cover the correction too: √(s / (1 − b2ᵗ)), not √s / (1 − b2ᵗ).",
)

adam_step.slip(
    "t = t + 1",
    "t, b1, b2 = t + 1, b2, b1",
    "b1 and b2 are exchanged: b1 belongs to m, the mean of g, and b2 to s, the mean of g².",
)

adam_step.slip(
    "m = b1 * m + (1 - b1) * g\n    s = b2 * s + (1 - b2) * g**2",
    "m = (1 - b1) * m + b1 * g\n    s = (1 - b2) * s + b2 * g**2",
    "The weights are exchanged. The old mean keeps b1 (or b2), nearly all; the new gradient gets "
    "1 − b1 (or 1 − b2).",
)

adam_step.slip(
    "m = b1 * m + (1 - b1) * g\n    s = b2 * s + (1 - b2) * g**2",
    "m = b1 * m + g\n    s = b2 * s + g**2",
    "m and s are means, not sums: the new g and g² come with the factors 1 − b1 and 1 − b2.",
)

adam_step.slip(
    "m_hat = m / (1 - b1**t)\n    s_hat = s / (1 - b2**t)",
    "m_hat = m * (1 - b1**t)\n    s_hat = s * (1 - b2**t)",
    "You multiply by the corrections. m and s are too small at first, so divide by 1 − b1ᵗ and 1 "
    "− b2ᵗ.",
)

adam_step.slip(
    "s / (1 - b2**t)",
    "s / (1 - b1**t)",
    "s is corrected with b1. It was averaged with b2: divide by 1 − b2ᵗ.",
)

adam_step.slip(
    "lr * m_hat",
    "lr * g",
    "You step along g, and m is never used. The direction is m̂, the mean of the gradients.",
)

adam_step.slip(
    "lr * m_hat",
    "m_hat",
    "The learning rate is missing: the step is −η m̂ / (√ŝ + ε).",
)

adam_step.slip(
    "(1 - b2) * g**2",
    "(1 - b2) * np.sum(g**2)",
    "You sum the squares over all weights. Each weight has its own s: g² element by element.",
)

adam_step.slip(
    "(m, s, t)",
    "(s, m, t)",
    "You return the state in another order than you take it apart: s comes back as m.",
)

adam_step.slip(
    "w = w - lr * decay * w",
    "m_hat = m_hat + decay * w",
    "Your decay is divided by √ŝ + ε together with m̂. It stands beside that: w − η·decay·w.",
)

adam_step.slip(
    "(np.sqrt(s_hat) + eps)",
    "(np.sqrt(s_hat) + eps / np.sqrt(1 - b2**t))",
    "You add ε to √s and correct afterwards, which makes ε larger. First ŝ, then √ŝ + ε.",
)
