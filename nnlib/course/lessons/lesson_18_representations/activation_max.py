"""Activation maximization for a network with one hidden layer, its gradient by hand."""

from collections.abc import Iterator

import numpy as np

from nnlib.course.kit.inputs import (
    FLOAT32_LONG,
    Array,
    Case,
    exercise,
    nonzero,
    quarters,
    read_only,
)


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(what: str, n: int, d: int, R: float, lr: float, steps: int) -> Case:
        W, b, v, x = nonzero(rng, n, d), quarters(rng, n) / 2, nonzero(rng, n), nonzero(rng, d)
        b[: n // 2] += 0.125 + n  # so many are on for certain; of the others some
        v[0] = -abs(v[0])
        return Case(what, {"W": W, "b": b, "v": v, "x": x, "R": R, "lr": lr, "steps": steps})

    yield Case("the example of the task", example())
    for n, d, R, lr, steps in ((4, 3, 2.0, 0.1, 3), (3, 5, 1.5, 0.25, 5), (6, 2, 4.0, 0.05, 4)):
        yield case(f"{n} hidden units, {d} inputs, {steps} steps", n, d, R, lr, steps)
    yield case("as many inputs as hidden units", 4, 4, 3.0, 0.1, 4)
    yield case("no step", 3, 4, 2.0, 0.1, 0)
    yield case("one step", 3, 4, 0.5, 0.2, 1)
    off = case("every hidden unit is off", 3, 4, 2.0, 0.1, 2)
    off.args["b"] = np.full(3, -100.0)
    yield off
    edge = {"W": np.array([[4.0, -3.0], [1.0, 0.0]]), "b": np.zeros(2), "v": np.array([2.0, 1.0])}
    more = {"x": np.array([3.0, 4.0]), "R": 5.0, "lr": 0.5, "steps": 1}
    yield Case("a hidden unit at exactly 0", edge | more)
    arrays = "W", "b", "v", "x"
    narrow = case("", 4, 5, 2.0, 0.1, 3).args
    yield Case("float32", narrow | {k: narrow[k].astype(np.float32) for k in arrays})
    larger = case("", 8, 6, 2.0, 0.1, 3).args
    parts = {k: larger[k][::2] for k in ("b", "v", "x")} | {"W": larger["W"][::2, ::2]}
    yield Case("every other entry of larger arrays", larger | parts)
    fixed = case("", 3, 4, 2.5, 0.1, 2).args
    what = "arrays that must not be written to"
    yield Case(what, fixed | {k: read_only(fixed[k]) for k in arrays})


def example() -> dict[str, object]:
    W = np.array([[1.0, 0.0], [0.0, 1.0]])
    unit = {"W": W, "b": np.array([0.0, -10.0]), "v": np.array([2.0, 1.0])}
    return unit | {"x": np.array([6.0, 8.0]), "R": 5.0, "lr": 0.5, "steps": 1}


def height(W: Array, b: Array, v: Array, x: Array) -> Array:
    z: Array = np.sum(v * np.maximum(W @ x + b, 0))
    return z


def uphill(W: Array, b: Array, v: Array, x: Array) -> Array:
    on = W @ x + b > 0
    g: Array = W.T @ (v * on)
    return g


def long(x: Array, R: float) -> Array:
    right: Array = R * x / np.linalg.norm(x)
    return right


@exercise(
    returns=("x", "heights"),
    inputs=inputs,
    points={"shape": 1, "values": 4, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def activation_max(
    W: Array, b: Array, v: Array, x: Array, R: float, lr: float, steps: int
) -> tuple[Array, Array]:
    x = long(x, R)
    heights = [height(W, b, v, x)]
    for _ in range(steps):
        step = lr * uphill(W, b, v, x)
        x = long(x + step, R)
        heights.append(height(W, b, v, x))
    return x, np.array(heights)
