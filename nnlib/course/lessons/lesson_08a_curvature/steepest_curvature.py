"""The largest curvature, found from gradients alone."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnlib.course.kit.inputs import FLOAT32_LONG, Array, Case, exercise, read_only

BOWL = np.array([[5.0, 2.0], [2.0, 2.0]])
SADDLE = np.array([[1.0, 1.5], [1.5, -4.0]])
VALLEY = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, -1.0], [0.0, -1.0, 1.0]])


def bowl(w: Array) -> Array:
    """The gradient of ½ (5 w₁² + 4 w₁w₂ + 2 w₂²)."""
    return BOWL @ w


def bowl_elsewhere(w: Array) -> Array:
    """Of a bowl whose minimum is at (1, −2)."""
    slope: Array = BOWL @ (w - np.array([1.0, -2.0]))
    return slope


def saddle_of_two(w: Array) -> Array:
    """Of a saddle, whose negative curvature is the larger one."""
    return SADDLE @ w


def bent(w: Array) -> Array:
    """Of a valley whose curvature changes from place to place."""
    return VALLEY @ w + 0.25 * w**3 - 0.5 * w**2


def inputs(rng: np.random.Generator) -> Iterator[Case]:
    def case(
        what: str, gradient: Callable[[Array], Array], w: Array, v: Array, steps: int, h: float
    ) -> Case:
        return Case(what, {"gradient": gradient, "w": w, "v": v, "steps": steps, "h": h})

    def direction(d: int) -> Array:
        v = rng.uniform(0.3, 1, d) * rng.choice([-1, 1], d)
        unit: Array = v / np.linalg.norm(v)
        return unit

    tilted = np.array([0.6, 0.8])
    yield case("the example of the task", bowl, np.zeros(2), tilted, 1, 0.5)
    yield case("the example, 2 steps", bowl, np.zeros(2), tilted.copy(), 2, 0.5)
    yield case(
        "a bowl elsewhere, 3 steps", bowl_elsewhere, rng.normal(size=2), direction(2), 3, 0.1
    )
    yield case("a saddle, 1 step", saddle_of_two, rng.normal(size=2), direction(2), 1, 0.1)
    yield case("a saddle, 6 steps", saddle_of_two, rng.normal(size=2), direction(2), 6, 0.2)
    yield case("a saddle, 3 steps", saddle_of_two, np.array([1.0, -0.5]), tilted.copy(), 3, 0.1)
    for steps in (1, 2, 4):
        w = rng.uniform(0.5, 1.5, 3)
        yield case(f"no quadratic, {steps} steps", bent, w, direction(3), steps, 0.5)
    yield case("no quadratic, a small h", bent, rng.uniform(0.5, 1.5, 3), direction(3), 3, 0.01)
    yield case("many steps", bowl, rng.normal(size=2), direction(2), 40, 0.25)
    single = direction(2).astype(np.float32)
    w = rng.normal(size=2).astype(np.float32)
    yield case("float32", bowl, w, single, 2, 0.5)
    strided = np.repeat(rng.uniform(0.5, 1.5, 3), 2)[::2]
    yield case("every other entry of larger arrays", bent, strided, direction(3), 2, 0.25)
    fixed = read_only(rng.normal(size=2)), read_only(direction(2))
    yield case("arrays that must not be written to", bowl_elsewhere, *fixed, 2, 0.25)


@exercise(
    returns=("lam", "v"),
    inputs=inputs,
    points={"shape": 1, "values": 3, "inputs": 1},
    tolerance=FLOAT32_LONG,
)
def steepest_curvature(
    gradient: Callable[[Array], Array], w: Array, v: Array, steps: int, h: float
) -> tuple[Any, Array]:
    for _ in range(steps):
        z = (gradient(w + h * v) - gradient(w - h * v)) / (2 * h)
        lam = (v * z).sum()
        v = z / np.linalg.norm(z)
    return lam, v
