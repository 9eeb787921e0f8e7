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


def zeroed(g: Array, mask: Any) -> Array:
    """g, but 0 where the mask holds

    True − 1 is 0 and False − 1 is −1, which has all bits set: "and" then drops a float or takes it
    whole, in little more time than a product, while np.where takes several times as long.

    >>> zeroed(np.array([np.inf, np.inf, 2.0]), np.array([True, False, False]))
    array([ 0., inf,  2.])
    """
    bits = _BITS[g.itemsize]
    return (np.subtract(mask, 1, dtype=bits) & g.view(bits)).view(g.dtype)  # type: ignore[no-any-return]


@op
def where(condition: Array, x: Array, y: Array) -> Vjps:
    """x where the condition holds, y elsewhere"""
    return (
        np.where(condition, *meet(x, y)),
        lambda g: None,
        lambda g: zeroed(g, np.logical_not(condition)),
        lambda g: zeroed(g, np.not_equal(condition, 0)),
    )


@arithmetic
def maximum(x: Array, y: Array) -> Vjps:
    """The larger of x and y; at a tie each gets half of the gradient"""
    return (
        np.maximum(x, y),
        lambda g: zeroed(np.where(np.equal(x, y), g / 2, g), np.less(x, y)),
        lambda g: zeroed(np.where(np.equal(x, y), g / 2, g), np.greater(x, y)),
    )


@arithmetic
def _clamp(x: Array, low: Any, high: Any) -> Vjps:
    inside = np.logical_and(low is None or x >= low, high is None or x <= high)
    return (
        np.clip(x, low, high),
        lambda g: zeroed(g, ~inside),
        lambda g: zeroed(g, ~np.logical_and(x < low, high is None or low < high)),
        lambda g: zeroed(g, ~np.logical_or(x > high, low is not None and high < low)),
    )


def clamp(input: Any, min: Any = None, max: Any = None) -> Tensor:
    """x, but at least ``min`` and at most ``max``; no gradient flows where it was cut"""
    return _clamp(input, min, max)


@op
def _max(x: Array) -> Vjps:
    y = x.max()

    def dx(g: Array) -> Array:
        others = ~np.isnan(x) if np.isnan(y) else x != y  # NaN counts as the largest
        share = np.asarray(g / (x.size - others.sum())).astype(x.dtype)
        return zeroed(np.broadcast_to(share, x.shape), others)

    return y, dx


def max(input: Any) -> Tensor:
    """The largest entry of all; ties share the gradient evenly"""
    shape = np.shape(input.data if isinstance(input, Tensor) else input)
    if 0 in shape:
        raise ValueError(f"amax: nothing to choose from in shape {shape}")
    return _max(input)
