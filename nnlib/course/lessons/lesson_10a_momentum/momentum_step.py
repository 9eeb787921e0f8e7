"""A step of momentum, in PyTorch's convention."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import (
    FLOAT32_SMALL,
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
    returns=("w after each step",),
    inputs=inputs,
    probe=momentum_steps,
    observe=apart,
    facts=(PLAIN, AHEAD),
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_SMALL,
)
def momentum_step(w: Array, g: Array, state: Any, lr: float, mu: float, nesterov: bool) -> Step:
    b = g if state is None else mu * state + g
    direction = g + mu * b if nesterov else b
    return w - lr * direction, b
