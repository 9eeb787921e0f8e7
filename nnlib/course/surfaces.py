"""Surfaces over the plane on which optimizers are raced, each with its gradient by hand.

One of them is the loss of a real fit: `WAVE`, two parameters and forty points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlib import Tensor
from nnlib.optim import Optimizer

__all__ = ["SURFACES", "WAVE", "Fit", "Surface", "plateau", "quadratic", "saddle"]

Floats = NDArray[np.floating[Any]]
FAR = 1e3  # from there nothing comes back: the path is cut off


@dataclass(frozen=True)
class Surface:
    """A function of points (…, 2) with values (…), and its gradient (…, 2).

    >>> saddle.f([1.0, 0.0]), saddle.gradient([1.0, 0.0])
    (np.float64(0.5), array([1., 0.]))
    """

    value: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]

    def f(self, w: ArrayLike) -> Floats:
        return self.value(np.asarray(w, dtype=float))

    def gradient(self, w: ArrayLike) -> Floats:
        return self.slope(np.asarray(w, dtype=float))

    def path(
        self, optimizer: Callable[[list[Tensor]], Optimizer], start: ArrayLike, steps: int
    ) -> Floats:
        """Where an optimizer of nnlib goes from `start`: (steps + 1, 2), NaN once it is lost.

        >>> from nnlib.optim import SGD
        >>> quadratic(1, 10).path(lambda params: SGD(params, lr=0.1), [1.0, 1.0], 2)
        array([[1.  , 1.  ],
               [0.9 , 0.  ],
               [0.81, 0.  ]])
        """
        w = Tensor(np.array(start, dtype=float), requires_grad=True)
        taken = optimizer([w])
        path = np.full((steps + 1, 2), np.nan)
        for t in range(steps + 1):
            if np.abs(w.data).max() > FAR:
                break
            path[t] = w.data
            w.grad = self.slope(w.data)
            taken.step()
        return path


def quadratic(first: float, second: float, degrees: float = 0) -> Surface:
    """½ wᵀ A w, with curvature `first` along an axis turned by `degrees`, `second` across it."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    axes = np.array([[c, s], [-s, c]]) if degrees else np.eye(2)
    A = axes.T @ np.diag([first, second]) @ axes

    def times_A(w: Floats) -> Floats:
        # Not `w @ A`: its last digit depends on the machine, and RMSprop can make much of it.
        product: Floats = w[..., :1] * A[0] + w[..., 1:] * A[1]
        return product

    return Surface(lambda w: 0.5 * np.sum(w * times_A(w), axis=-1), times_A)


def _bump(w: Floats) -> Floats:
    bump: Floats = np.exp(-np.sum(w * w, axis=-1, keepdims=True) / (2 * 0.4**2))
    return bump


# ½x² − ½y² + ¼y⁴: downhill along x, a ridge along y, and two valleys at y = ±1, where f is −¼.
saddle = Surface(
    lambda w: w[..., 0] ** 2 / 2 - w[..., 1] ** 2 / 2 + w[..., 1] ** 4 / 4,
    lambda w: np.stack([w[..., 0], w[..., 1] ** 3 - w[..., 1]], axis=-1),
)
# 1 − exp(−‖w‖² / 0.32): a hole in a plain that is almost flat.
plateau = Surface(lambda w: 1 - _bump(w)[..., 0], lambda w: _bump(w) * w / 0.4**2)


@dataclass(frozen=True)
class Fit:
    """A wave with two parameters that is fitted to points: the smallest model with a real loss.

    Its curve is sin(4z) exp(−z²/2) with z = w₁ + (1 + w₂/2) x: w₁ shifts it, w₂ squeezes it. Its
    loss has one good valley, some poor ones, and passes between them.

    >>> WAVE.loss().f([0.3, 0.4]).round(4), WAVE.loss().f([-1.23, 0.3]).round(4)
    (np.float64(0.0031), np.float64(0.089))
    """

    x: Floats
    y: Floats

    def curve(self, w: ArrayLike, x: ArrayLike) -> Floats:
        """The heights of the wave at x, (…, N), for parameters w, (…, 2)."""
        return _wave(_phase(np.asarray(w, dtype=float), np.asarray(x, dtype=float)))

    def loss(self, rows: ArrayLike | None = None) -> Surface:
        """Half the mean squared error over all points, or over some rows of them: a mini-batch."""
        chosen = np.arange(len(self.x)) if rows is None else np.asarray(rows)
        x, y = self.x[chosen], self.y[chosen]

        def value(w: Floats) -> Floats:
            loss: Floats = np.mean((_wave(_phase(w, x)) - y) ** 2, axis=-1) / 2
            return loss

        def slope(w: Floats) -> Floats:
            z = _phase(w, x)
            along = (_wave(z) - y) * (4 * np.cos(4 * z) - z * np.sin(4 * z)) * np.exp(-z * z / 2)
            return np.stack([along.mean(-1), (along * x / 2).mean(-1)], axis=-1)

        return Surface(value, slope)


def _phase(w: Floats, x: Floats) -> Floats:
    return w[..., :1] + (1 + w[..., 1:] / 2) * x


def _wave(z: Floats) -> Floats:
    wave: Floats = np.sin(4 * z) * np.exp(-z * z / 2)
    return wave


def _forty_points() -> Fit:
    x = np.linspace(-2, 2, 40)
    noise = np.random.default_rng(0).normal(size=40)
    return Fit(x, _wave(_phase(np.array([0.3, 0.4]), x)) + 0.1 * noise)


WAVE = _forty_points()

SURFACES = {
    "bowl": quadratic(1, 2),
    "ravine": quadratic(1, 100),
    "slanted": quadratic(1, 100, degrees=45),
    "saddle": saddle,
    "plateau": plateau,
    "wave": WAVE.loss(),
}
