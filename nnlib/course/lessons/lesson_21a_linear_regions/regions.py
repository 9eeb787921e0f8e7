"""The linear pieces of a ReLU network with two inputs, exactly: polygons, cut by one unit at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnlib.course.kit.scene import Floats

Layers = Sequence[tuple[Floats, Floats]]  # (W, b) of each hidden layer
NARROW = 1e-12  # of the window's width: what is nearer to a line lies on it


@dataclass(frozen=True)
class Region:
    """A polygon in which no unit of the hidden layers bends: there they are A x + c."""

    corners: Floats  # (m, 2), one after the other around it
    A: Floats  # (n, 2): the last hidden layer's h, as a function of the inputs
    c: Floats  # (n,)


def square(low: float, high: float) -> Floats:
    """The corners of a square window, against the clock."""
    return np.array([[low, low], [high, low], [high, high], [low, high]], dtype=float)


def regions(layers: Layers, window: Floats) -> tuple[list[Region], list[Floats]]:
    """All regions within a convex window, and for each layer the segments (n, 2, 2) it bends along.

    >>> found, bends = regions([(np.eye(2), np.zeros(2))], square(-1, 1))
    >>> len(found), bends[0].shape
    (4, (3, 2, 2))
    """
    near = NARROW * float(np.ptp(window))
    found, bends = [Region(window, np.eye(2), np.zeros(2))], []
    for W, b in layers:
        grown: list[Region] = []
        segments: list[Floats] = []
        for region in found:
            A, c = W @ region.A, W @ region.c + b
            parts = [region.corners]
            for a, offset in zip(A, c, strict=True):
                parts = [part for whole in parts for part in cut(whole, a, offset, near, segments)]
            for part in parts:
                on = A @ part.mean(axis=0) + c > 0
                grown.append(Region(part, on[:, None] * A, on * c))
        found = grown
        bends.append(np.array(segments).reshape(-1, 2, 2))
    return found, bends


def cut(
    corners: Floats, a: Floats, offset: float, near: float, segments: list[Floats]
) -> list[Floats]:
    """The polygon, or its two sides where the line a · x + offset = 0 goes through it.

    The piece of the line is added to `segments`.
    """
    z = corners @ a + offset
    beyond = near * float(np.hypot(*a))
    if z.min() >= -beyond or z.max() <= beyond:
        return [corners]
    k = np.flatnonzero(z * np.roll(z, 1) < 0)  # it crosses the edges that end in these corners
    share = z[k - 1] / (z[k - 1] - z[k])
    crossings = corners[k - 1] + share[:, None] * (corners[k] - corners[k - 1])
    corners, z = np.insert(corners, k, crossings, axis=0), np.insert(z, k, 0)
    segments.append(corners[np.abs(z).argsort(kind="stable")[:2]])  # where z is 0
    return [corners[z <= 0], corners[z >= 0]]


def count(layers: Layers, window: Floats) -> int:
    """How many regions there are in the window."""
    return len(regions(layers, window)[0])
