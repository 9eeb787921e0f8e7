"""Ops that choose among entries: the gradient goes to what was chosen, by a mask.

The mask selects and does not multiply: where an entry had no part in the output, its gradient is 0,
also where ∂L/∂(output) is infinite, for 0 · ∞ would be NaN. As in torch, under the same names.

>>> maximum(Tensor([1.0, 5.0]), 2)
tensor([2., 5.])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.promotion import arithmetic, meet

_BITS = {2: np.int16, 4: np.int32, 8: np.int64}  # whole numbers as long as a float of so many bytes


def selected(g: Array, mask: Any) -> Array:
    """g where the mask holds, else 0

    The bits of a float, read as a whole number, times 1 are the same bits, and times 0 are 0,
    whatever float they stand for; no slower than the product of floats, and np.where is.

    >>> selected(np.array([np.inf, np.inf, 2.0]), np.array([False, True, True]))
    array([ 0., inf,  2.])
    """
    return (g.view(_BITS[g.itemsize]) * mask).view(g.dtype)  # type: ignore[no-any-return]


@op
def where(condition: Array, x: Array, y: Array) -> Vjps:
    """x where the condition holds, y elsewhere"""
    return (
        np.where(condition, *meet(x, y)),
        lambda g: None,
        lambda g: selected(g, np.not_equal(condition, 0)),
        lambda g: selected(g, np.equal(condition, 0)),
    )


@arithmetic
def maximum(x: Array, y: Array) -> Vjps:
    """The larger of x and y; at a tie each gets half of the gradient"""
    return (
        np.maximum(x, y),
        lambda g: selected(np.where(np.equal(x, y), g / 2, g), ~np.less(x, y)),
        lambda g: selected(np.where(np.equal(x, y), g / 2, g), ~np.greater(x, y)),
    )


@arithmetic
def _clamp(x: Array, low: Any, high: Any) -> Vjps:
    inside = np.logical_and(low is None or x >= low, high is None or x <= high)
    return (
        np.clip(x, low, high),
        lambda g: selected(g, inside),
        lambda g: selected(g, np.logical_and(x < low, high is None or low < high)),
        lambda g: selected(g, np.logical_or(x > high, low is not None and high < low)),
    )


def clamp(input: Any, min: Any = None, max: Any = None) -> Tensor:
    """x, but at least ``min`` and at most ``max``; no gradient flows where it was cut"""
    return _clamp(input, min, max)


@op
def raised(x: Array, *, least: float) -> Vjps:
    """max(x, least) with the gradient of x: as if x had been raised while nothing was recorded"""
    return np.maximum(x, least), lambda g: g


@op
def _max(x: Array) -> Vjps:
    y = x.max()

    def dx(g: Array) -> Array:
        largest = np.isnan(x) if np.isnan(y) else x == y  # where there is a NaN, it is the largest
        return selected(np.asarray(g / largest.sum()).astype(x.dtype), largest)

    return y, dx


def max(input: Any) -> Tensor:
    """The largest entry of all; ties share the gradient evenly"""
    shape = np.shape(input.data if isinstance(input, Tensor) else input)
    if 0 in shape:
        raise ValueError(f"amax: nothing to choose from in shape {shape}")
    return _max(input)
