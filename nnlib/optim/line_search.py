"""How far to go, how curved it is, and when to stop: on plain arrays and functions.

w is a vector of weights, g = ∇f(w) the gradient there, H = ∇²f(w) the Hessian.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib import random
from nnlib.arguments import (
    FiniteNonNegative,
    FinitePositive,
    Function,
    OpenUnit,
    PositiveInt,
    checked,
    numbers,
    same_shape,
)
from nnlib.engine import Array

__all__ = ["backtracking", "gradient_is_small", "newton_step", "power_iteration", "step_is_small"]


@checked
def backtracking(
    f: Function,
    w: Array,
    g: Array,
    eta: FinitePositive = 1,
    c: OpenUnit = 1e-4,
    shrink: OpenUnit = 0.5,
) -> float:
    """The first η of ``eta``, ``eta`` · ``shrink``, … with f(w − η g) ≤ f(w) − c η ‖g‖²

    The step must bring at least the share ``c`` of what the gradient promises. w and g have one
    shape. Raises ValueError where no step does: then ``g`` is not the gradient of ``f`` at ``w``,
    or not a number.

    Source: Armijo (1966).

    >>> backtracking(lambda w: 50 * w @ w, np.array([1.0]), np.array([100.0]))
    0.015625
    """
    w, g = _alike("backtracking", w=w, g=g)
    here, promised, first = f(w), c * (g * g).sum(), eta
    while not f(w - eta * g) <= here - eta * promised:
        eta *= shrink
        if np.array_equal(w - eta * g, w) or not np.isfinite(here):
            message = f"no step from {first} down to {eta:.1g} lowers f, which is {here} here"
            raise ValueError(f"backtracking: {message}; is g its gradient?")
    return float(eta)


def newton_step(w: Array, g: Array, H: Array) -> Array:
    """w′ = w − H⁻¹ g: where the gradient of the parabola through w is 0

    One step solves a quadratic f. Away from one it finds any point with gradient 0, a saddle or a
    maximum too, unless H is positive definite. Shapes: w, g (d,), H (d, d). Raises ValueError for a
    singular H.

    Source: Nocedal and Wright (2006).

    >>> newton_step(np.array([3.0, 1.0]), g=np.array([6.0, 10.0]), H=np.diag([2.0, 10.0]))
    array([0., 0.])
    """
    w = numbers("newton_step", "w", w, "(d,)")
    g = numbers("newton_step", "g", g, f"({len(w)},)")
    H = numbers("newton_step", "H", H, f"({len(w)}, {len(w)})")
    try:
        step: Array = np.linalg.solve(H, g)
    except np.linalg.LinAlgError:
        raise ValueError("newton_step: H is singular, so f does not bend everywhere") from None
    return w - step


@checked
def power_iteration(
    H: Array, steps: PositiveInt = 1000, tolerance: FiniteNonNegative = 1e-10, *,
    generator: np.random.Generator | None = None,
) -> tuple[float, Array]:  # fmt: skip
    """v ← H v / ‖H v‖ from a random start: the eigenvalue λ of largest size, and its eigenvector

    ``H`` is a symmetric matrix (d, d). For a Hessian without large negative eigenvalues λ is λ_max,
    and gradient descent is stable up to η = 2 / λ_max. Stops once λ changes by less than
    ``tolerance``, relative to its size, or after ``steps``. Raises ValueError for another matrix.

    Source: von Mises and Pollaczek-Geiringer (1929).

    >>> value, vector = power_iteration(np.diag([1.0, 100.0]))
    >>> round(value, 6)
    100.0
    """
    H = numbers("power_iteration", "H", H, "(d, d)")
    if H.shape != H.T.shape or not np.allclose(H, H.T):
        raise ValueError(f"power_iteration: H must be a symmetric matrix; it is {H.shape}")
    v = random.generator(generator).normal(size=len(H))
    v /= np.linalg.norm(v)
    value = 0.0
    for _ in range(steps):
        Hv, before = H @ v, value
        value, size = float(v @ Hv), np.linalg.norm(Hv)
        if size == 0 or abs(value - before) <= tolerance * abs(value):
            break
        v = Hv / size
    return value, v


@checked
def step_is_small(w: Array, before: Array, tolerance: FiniteNonNegative) -> bool:
    """‖wₜ − wₜ₋₁‖ < ε: stops early wherever η is small, however steep it is there

    Both have one shape; ε is ``tolerance``. Raises TypeError for what is no array of numbers.

    >>> step_is_small(np.array([1.0, 2.0]), np.array([1.0, 2.1]), tolerance=0.2)
    True
    """
    w, before = _alike("step_is_small", w=w, before=before)
    return bool(np.linalg.norm(w - before) < tolerance)


@checked
def gradient_is_small(g: Array, tolerance: FiniteNonNegative) -> bool:
    """‖∇f(w)‖ < ε: close to a point with gradient 0, whatever η is

    g has any shape; ε is ``tolerance``. Raises TypeError for what is no array of numbers.

    >>> gradient_is_small(np.array([3.0, 4.0]), tolerance=4.9)
    False
    """
    return bool(np.linalg.norm(numbers("gradient_is_small", "g", g)) < tolerance)


def _alike(function: str, **arrays: Any) -> list[Array]:
    """The arrays, once they are of one shape."""
    given = {name: numbers(function, name, x) for name, x in arrays.items()}
    same_shape(function, **given)
    return list(given.values())
