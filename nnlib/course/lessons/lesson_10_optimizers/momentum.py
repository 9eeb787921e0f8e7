"""Lesson 10: a step of momentum, in PyTorch's convention."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.exercise import Arguments, Array, Case, Tolerance, exercise
from nnlib.course.lessons.lesson_01_neuron.neuron import quarters, read_only

LESSON = "10_optimizers"

Step = tuple[Array, Any]  # the new w, and what the next step has to know


def momentum_inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, w: Array, g: Array, lr: list[float], mu: float, nesterov: bool) -> Case:
        arguments = {"w": w, "g": g, "state": None, "lr": lr, "mu": mu, "nesterov": nesterov}
        return Case(f"{what}; g has one row for each step, lr one entry", arguments)

    same, falling = [0.5] * 4, [0.5, 0.5, 0.05, 0.05]
    for nesterov in (False, True):
        name = "Nesterov" if nesterov else "momentum"
        yield case(f"one step, {name}", quarters(rng, 2), nonzero(rng, 1, 2), [0.1], 0.5, nesterov)
        g = nonzero(rng, 4, 3)
        yield case(f"4 steps, {name}", quarters(rng, 3), g, same, 0.75, nesterov)
        yield case(
            f"the rate falls, {name}", quarters(rng, 2), nonzero(rng, 4, 2), falling, 0.75, nesterov
        )
    g = nonzero(rng, 3, 2, 3)
    yield case("w is a matrix", quarters(rng, 2, 3), g, [0.1, 0.2, 0.3], 0.9, True)
    yield case("no momentum", quarters(rng, 2), nonzero(rng, 3, 2), same[:3], 0.0, False)
    whole = rng.integers(1, 5, (3, 2))
    yield case("whole numbers", np.array([1, -2]), whole, same[:3], 0.5, False)
    single = nonzero(rng, 4, 3).astype(np.float32)
    yield case("float32", quarters(rng, 3).astype(np.float32), single, same, 0.75, True)
    strided = nonzero(rng, 4, 6)[:, ::2]
    yield case(
        "every other number of larger arrays", quarters(rng, 6)[::2], strided, same, 0.5, True
    )
    fixed = read_only(quarters(rng, 2)), read_only(nonzero(rng, 3, 2))
    yield case("arrays that must not be written to", *fixed, same[:3], 0.5, False)


def nonzero(rng: np.random.Generator, *shape: int) -> Array:
    """Quarters, none of them 0."""
    drawn: Array = rng.integers(1, 13, shape) * rng.choice([-1, 1], shape) / 4
    return drawn


def momentum_steps(
    answer: Callable[..., Any],
    w: Array,
    g: Array,
    state: Any,
    lr: list[float],
    mu: float,
    nes: bool,
) -> Array:
    """w after each step of a run."""
    path = []
    for gradient, rate in zip(g, lr, strict=True):
        returned = answer(w, gradient, state, rate, mu, nes)
        if not isinstance(returned, tuple | list) or len(returned) != 2:
            raise RuntimeError("it must return two things: the new w and the new state")
        w, state = returned
        path.append(np.array(w))
    return np.array(path)


PLAIN, AHEAD = "w after each step", "w after each step, with Nesterov"


def apart(args: Arguments, outputs: tuple[Array, ...]) -> dict[str, Array]:
    """With and without Nesterov for themselves, so that a mistake in each can be named."""
    none = np.zeros(0)
    return (
        {AHEAD: outputs[0], PLAIN: none} if args["nesterov"] else {PLAIN: outputs[0], AHEAD: none}
    )


@exercise(
    lesson=LESSON,
    returns=("w after each step",),
    inputs=momentum_inputs,
    probe=momentum_steps,
    observe=apart,
    facts=(PLAIN, AHEAD),
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=Tolerance(1e-5, 1e-6, "float32 inputs, which an answer may keep or widen"),
    hints=(
        (
            "Two things happen: the buffer is renewed, then w moves along it (or, with Nesterov, a "
            "little ahead of it). The first time, state is None: there is no past yet, so b is g."
        ),
        (
            "`b = g if state is None else mu * state + g`. The direction is b, or `g + mu * b` with "
            "Nesterov. Return `w - lr * direction` and b: a tuple of two, so that the next call can "
            "be given b as its state."
        ),
    ),
)
def momentum_step(w: Array, g: Array, state: Any, lr: float, mu: float, nesterov: bool) -> Step:
    b = g if state is None else mu * state + g
    direction = g + mu * b if nesterov else b
    return w - lr * direction, b


momentum_step.slip(
    "w - lr",
    "w + lr",
    "Your w climbs: the step goes against the gradient, w ← w − η b.",
)

momentum_step.slip(
    "mu * state + g",
    "mu * state + (1 - mu) * g",
    "You average: b ← μ b + (1 − μ) g. That is another convention, whose steps are 1 − μ times as "
    "long. PyTorch's buffer adds the whole gradient: b ← μ b + g.",
)


momentum_step.slip(
    "mu * state + g",
    "state + mu * g",
    "μ stands at the wrong place: it shrinks the past, not the new gradient. b ← μ b + g.",
)

momentum_step.slip(
    "mu * state + g",
    "mu * (state + g)",
    "You shrink the new gradient too. Only the past is multiplied by μ: b ← μ b + g.",
)

momentum_step.slip(
    "mu * state + g",
    "mu * state - g",
    "In your buffer old and new gradients have opposite signs. With w ← w − η b the gradient is "
    "added: b ← μ b + g. (With the sign of the other convention, b ← μ b − g, it must be w ← w + η b.)",
)

momentum_step.slip(
    "mu * state + g",
    "mu * state",
    "After the first step the gradient is forgotten. Each step adds its own: b ← μ b + g.",
)

momentum_step.slip(
    "mu * state + g",
    "state + g",
    "Your buffer forgets nothing, as if μ were 1. Multiply the old one by μ before g is added.",
)

momentum_step.slip(
    "mu * state + g",
    "g",
    "The past has no say: each step is as if it were the first. b ← μ b + g needs the old b, which "
    "comes back to you as `state`; so see as well that you return the new b, not the old state.",
)

momentum_step.slip(
    "direction, b",
    "direction, direction",
    "With Nesterov you keep g + μ b as the state. What is kept is b; the look ahead counts for this "
    "one step only.",
)

momentum_step.slip(
    "if nesterov else b",
    "if False else b",
    "With `nesterov` your steps are those of plain momentum. The direction is then g + μ b, with the b "
    "that has just been renewed: with the old one it is plain momentum again.",
)

momentum_step.slip(
    "if nesterov else b",
    "if True else b",
    "You always look ahead. Only where `nesterov` is True the direction is g + μ b; else it is b.",
)

momentum_step.slip(
    "g + mu * b if nesterov",
    "b + mu * g if nesterov",
    "With Nesterov the two are swapped: the direction is g + μ b, not b + μ g.",
)

momentum_step.slip(
    "g + mu * b if nesterov",
    "mu * b if nesterov",
    "With Nesterov the gradient is missing from the direction: g + μ b.",
)

momentum_step.slip(
    "g + mu * b if nesterov",
    "b + mu * b if nesterov",
    "With Nesterov you take b + μ b. The direction is g + μ b: the gradient, and the buffer's push.",
)

momentum_step.slip(
    "b = g if",
    "b = 0 * g if",
    "Your first step goes nowhere: the buffer begins at 0, but the first gradient is added to it at "
    "once, so b = g.",
)

momentum_step.slip(
    "b = g if state is None else mu * state + g",
    "b = mu * state + g",
    "The first state is None: there is no past yet. Ask for it, `if state is None`; then b is g.",
)

momentum_step.slip(
    "state is None",
    "state == None",
    "You ask a whole array whether it is None (or true). Ask `if state is None`: that looks at the "
    "one thing, not at each of its numbers.",
)

momentum_step.slip(
    "direction, b",
    "direction",
    "Two things are to come back, the new w and the new buffer, for the next step: `return w, b`.",
)

momentum_step.slip(
    "g if state is None else mu * state + g",
    "(1 - mu) * g if state is None else mu * state + (1 - mu) * g",
    "You weigh the new gradient by 1 − μ, from the first step on: a running mean. PyTorch's buffer "
    "adds the whole gradient, b ← μ b + g, which makes its steps 1/(1 − μ) times as long.",
)


momentum_step.slip(
    "b = g if",
    "g, lr = lr * g, 1.0\n    b = g if",
    "Your rate is inside the velocity, v ← μ v + η g. As long as η stays the same that is equal, but "
    "when the rate changes, your old steps keep the old rate. PyTorch's buffer holds gradients, and "
    "the rate of now multiplies all of it: b ← μ b + g, w ← w − η b.",
)


momentum_step.slip(
    "return w - lr * direction",
    "w -= lr * direction\n    return w",
    "You change w in place (`w -= …`), and the caller's array with it. Make a new one: w = w − η b.",
)

momentum_step.slip(
    "return w - lr * direction, b",
    "return b, w - lr * direction",
    "The two are in the wrong order: return w first, then the state.",
)

momentum_step.slip(
    "b = g if state is None else mu * state + g\n    direction = g + mu * b if nesterov else b",
    "old = 0 * g if state is None else state\n    b = mu * old + g\n"
    "    direction = mu * old if nesterov else old",
    "You step along the old buffer, and renew it afterwards: always one gradient late. First "
    "b ← μ b + g, then the step.",
)

momentum_step.slip(
    "b = g if state is None else mu * state + g",
    "b = g if state is None else np.add(np.multiply(mu, state, out=state), g, out=state)",
    "You keep the first g itself as the buffer and then change it in place: it is the caller's. "
    "Make a new array, b = mu * state + g.",
)

momentum_step.slip(
    "if nesterov else b",
    "if nesterov and state is not None else b",
    "In the first step you leave Nesterov out. There b = g, and the direction is g + μ b all the same.",
)

momentum_step.slip(
    "direction, b",
    "direction, g if state is None else state",
    "You return the first buffer again and again. What comes back next time is what you return, "
    "so return the new b.",
)

momentum_step.slip(
    "direction = g + mu * b if nesterov else b",
    "old = b if state is None else state\n    direction = g + mu * old if nesterov else old",
    "From the second step on you step along the old buffer. First b ← μ b + g, then the step "
    "along the new b.",
)

momentum_step.slip(
    "lr * direction",
    "(lr * g + mu * b if nesterov else lr * b)",
    "With Nesterov η multiplies only g. Brackets are missing: w − η (g + μ b).",
)

momentum_step.slip(
    "b = g if state is None else mu * state + g",
    "b = np.array(g if state is None else mu * state + g, dtype=g.dtype)",
    "Your buffer holds whole numbers where g does (np.zeros_like(g) takes its type), and cuts "
    "the fractions off. Begin with floats, or make a new array: b = mu * state + g.",
)
