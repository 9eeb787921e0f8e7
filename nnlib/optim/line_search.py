"""How far to go, how curved it is, and when to stop: on plain arrays and functions.

w is a vector of weights, g = ∇f(w) the gradient there, H = ∇²f(w) the Hessian.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib import random
from nnlib.engine import Array

__all__ = ["backtracking", "gradient_is_small", "newton_step", "power_iteration", "step_is_small"]


def backtracking(
    f: Callable[[Array], Any],
    w: Array,
    g: Array,
    eta: float = 1,
    c: float = 1e-4,
    shrink: float = 0.5,
) -> float:
    """The first η of ``eta``, ``eta`` · ``shrink``, … with f(w − η g) ≤ f(w) − c η ‖g‖²

    The step must bring at least the share ``c`` of what the gradient promises. w and g have one
    shape. Raises ValueError where no step does: then ``g`` is not the gradient of ``f`` at ``w``,
    or not a number.

    Source: Armijo (1966).

    >>> backtracking(lambda w: 50 * w @ w, np.array([1.0]), np.array([100.0]))
    0.015625
    """
    w, g = _vectors("backtracking", w=w, g=g)
    if not eta > 0 or not 0 < c < 1 or not 0 < shrink < 1:
        words = "eta must be positive, c and shrink between 0 and 1; they are"
        raise ValueError(f"backtracking: {words} {eta}, {c} and {shrink}")
    here, promised, first = f(w), c * (g * g).sum(), eta
    while not f(w - eta * g) <= here - eta * promised:
        eta *= shrink
        if np.array_equal(w - eta * g, w) or not np.isfinite(here):
            words = f"no step from {first} down to {eta:.1g} lowers f, which is {here} here"
            raise ValueError(f"backtracking: {words}; is g its gradient?")
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
    w, g, H = _vectors("newton_step", w=w, g=g, H=H)
    if w.ndim != 1 or g.shape != w.shape or H.shape != w.shape * 2:
        words = "w and g must be (d,) and H (d, d), not"
        raise ValueError(f"newton_step: {words} {w.shape}, {g.shape}, {H.shape}")
    try:
        step: Array = np.linalg.solve(H, g)
    except np.linalg.LinAlgError:
        words = "f does not bend in some direction, so no parabola says how far to go"
        raise ValueError(f"newton_step: H is singular: {words}") from None
    return w - step


def power_iteration(
    H: Array | Callable[[Array], Array],
    d: int | None = None,
    steps: int = 1000,
    tolerance: float = 1e-10,
    *,
    generator: np.random.Generator | None = None,
) -> tuple[float, Array]:
    """v ← H v / ‖H v‖ from a random start: the eigenvalue λ of largest size, and its eigenvector

    ``H`` is a symmetric matrix (d, d), or a function v ↦ H v on vectors of length ``d``, so that
    the matrix itself is never needed. For a Hessian without large negative eigenvalues λ is λ_max,
    and gradient descent is stable up to η = 2 / λ_max. Stops once λ changes by less than
    ``tolerance``, relative to its size, or after ``steps``. Raises ValueError for another matrix,
    and for a function without ``d``.

    Source: von Mises and Pollaczek-Geiringer (1929).

    >>> value, vector = power_iteration(np.diag([1.0, 100.0]))
    >>> round(value, 6)
    100.0
    """
    if callable(H):
        product = H
        if d is None:
            raise ValueError("power_iteration: with a function for H, give d, the length of v")
    else:
        H = np.asarray(H)
        if H.ndim != 2 or H.shape != H.T.shape or not np.allclose(H, H.T):
            raise ValueError(f"power_iteration: H must be a symmetric matrix; it is {H.shape}")
        product, d = H.__matmul__, len(H)
    v = random.generator(generator).normal(size=d)
    v /= np.linalg.norm(v)
    value = 0.0
    for _ in range(steps):
        Hv, before = product(v), value
        value, size = float(v @ Hv), np.linalg.norm(Hv)
        if size == 0 or abs(value - before) <= tolerance * abs(value):
            break
        v = Hv / size
    return value, v


def step_is_small(w: Array, before: Array, tolerance: float) -> bool:
    """‖wₜ − wₜ₋₁‖ < ε: stops early wherever η is small, however steep it is there

    Both have one shape; ε is ``tolerance``. Raises TypeError for what is no array of numbers.

    >>> step_is_small(np.array([1.0, 2.0]), np.array([1.0, 2.1]), tolerance=0.2)
    True
    """
    w, before = _vectors("step_is_small", w=w, before=before)
    return bool(np.linalg.norm(w - before) < tolerance)


def gradient_is_small(g: Array, tolerance: float) -> bool:
    """‖∇f(w)‖ < ε: close to a point with gradient 0, whatever η is

    g has any shape; ε is ``tolerance``. Raises TypeError for what is no array of numbers.

    >>> gradient_is_small(np.array([3.0, 4.0]), tolerance=4.9)
    False
    """
    return bool(np.linalg.norm(_vectors("gradient_is_small", g=g)[0]) < tolerance)


def _vectors(function: str, **arrays: Any) -> list[Array]:
    for name, x in arrays.items():
        if not isinstance(x, np.ndarray) or x.dtype.kind not in "fiu":
            raise TypeError(f"{function}: {name} must be an array of numbers, not {x!r:.60}")
    return list(arrays.values())
