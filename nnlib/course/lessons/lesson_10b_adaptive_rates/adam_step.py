"""A step of Adam, with decoupled weight decay."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import (
    FLOAT32_LONG,
    Arguments,
    Array,
    Case,
    exercise,
    nonzero,
    quarters,
    read_only,
)

Step = tuple[Array, Any]  # the new w, and what the next step has to know


def inputs(rng: np.random.Generator) -> Iterator[Case]:
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
    returns=("w after each step",),
    inputs=inputs,
    probe=adam_steps,
    observe=apart,
    facts=(PLAIN, DECAYED),
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32_LONG,
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
