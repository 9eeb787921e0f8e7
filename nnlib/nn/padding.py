"""Padding: a frame around an image, of one number or of what stands near its edge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from nnlib import ops
from nnlib.arguments import WHOLE, checked, values
from nnlib.engine import Tensor
from nnlib.nn.module import Module

PadMode = Literal["constant", "reflect", "replicate", "circular"]
# Which of the n entries stands at place i, where i may also lie before the first or behind the last.
AROUND: dict[str, Callable[[Any, int], Any]] = {
    "reflect": lambda i, n: n - 1 - abs(n - 1 - abs(i)),
    "replicate": lambda i, n: np.clip(i, 0, n - 1),
    "circular": lambda i, n: i % n,
}


@checked
def pad(
    input: Any, pad: Sequence[int], mode: PadMode = "constant", value: float | None = None
) -> Tensor:
    """y = x with entries before and after it along the last axes; a negative number cuts off

    ``pad`` names the last axis first: (left, right, top, bottom). ``mode`` "constant" fills up with
    ``value``, 0 by default; "reflect" mirrors without the edge, "replicate" repeats the edge,
    "circular" goes on at the other side. Any shape. Raises ValueError where there are more pairs than
    axes, or where there is too little to mirror. As in torch.

    >>> pad(np.array([[1.0, 2.0, 3.0]]), (2, 1), mode="reflect").data
    array([[3., 2., 1., 2., 3., 2.]])
    """
    x = values("pad", "input", input)
    pairs = list(zip(pad[::2], pad[1::2], strict=False))
    if len(pad) % 2 or len(pairs) > x.ndim:
        raise ValueError(f"pad: pad {tuple(pad)} must be pairs, one per axis, for input {x.shape}")
    if mode != "constant" and value:
        raise ValueError(f"pad: value={value} is for mode 'constant', not {mode!r}")
    y = input if isinstance(input, Tensor) else Tensor(input)
    for axis, (before, after) in zip(range(x.ndim - 1, -1, -1), pairs, strict=False):
        y = _along(y, axis, before, after, mode, value or 0)
    return y


def _along(y: Tensor, axis: int, before: int, after: int, mode: str, value: float) -> Tensor:
    """One axis of it."""
    n = y.shape[axis]
    left = n + min(before, 0) + min(after, 0)
    none = {"replicate": not n, "reflect": max(before, after) >= n, "circular": left <= 0}
    if n + before + after < 0 or none.get(mode):
        message = f"{mode} by {(before, after)} does not fit axis {axis} of {n}"
        raise ValueError(f"pad: {message}; input is {y.shape}")
    if mode in ("constant", "circular") and min(before, after) < 0:
        y = y[(slice(None),) * axis + (slice(max(-before, 0), n - max(-after, 0)),)]
        n, before, after = y.shape[axis], max(before, 0), max(after, 0)
    if not before and not after:
        return y
    if mode != "constant":
        where = AROUND[mode](np.arange(-before, n + after), n)
        return y[(slice(None),) * axis + (where,)]
    around = [
        np.full((*y.shape[:axis], k, *y.shape[axis + 1 :]), value, y.dtype) for k in (before, after)
    ]
    return ops.cat([around[0], y, around[1]], axis)


# Modules -------------------------------------------------------------------------------------


class _Pad(Module):
    axes: int
    mode: PadMode
    value: float | None = None

    @checked
    def __init__(self, padding: int | Sequence[int]) -> None:
        name, count = type(self).__name__, 2 * self.axes
        given = (padding,) * count if isinstance(padding, WHOLE) else tuple(padding)
        if len(given) != count or not all(isinstance(n, WHOLE) for n in given):
            message = f"padding must be a whole number, or {count} of them, not {padding!r}"
            raise ValueError(f"{name}: {message}")
        self.padding = given

    def forward(self, input: Any) -> Tensor:
        name, ndim = type(self).__name__, values(type(self).__name__, "input", input).ndim
        if ndim not in (self.axes + 1, self.axes + 2):
            names = ("C, H, W", "C, L")[self.axes == 1]
            raise ValueError(f"{name}: input must be (N, {names}) or ({names}), not {input.shape}")
        return pad(input, self.padding, self.mode, self.value)


class ZeroPad1d(_Pad):
    """A frame of zeros around a sequence; see :func:`pad`."""

    axes, mode = 1, "constant"


class ZeroPad2d(_Pad):
    """A frame of zeros around an image; see :func:`pad`."""

    axes, mode = 2, "constant"


class _ConstantPad(_Pad):
    mode = "constant"

    @checked
    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value


class ConstantPad1d(_ConstantPad):
    """A frame of ``value`` around a sequence; see :func:`pad`."""

    axes = 1


class ConstantPad2d(_ConstantPad):
    """A frame of ``value`` around an image; see :func:`pad`."""

    axes = 2


class ReflectionPad1d(_Pad):
    """A sequence that goes on mirrored; see :func:`pad`."""

    axes, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """An image that goes on mirrored; see :func:`pad`."""

    axes, mode = 2, "reflect"


class ReplicationPad1d(_Pad):
    """A sequence whose ends are repeated; see :func:`pad`."""

    axes, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """An image whose edge is repeated; see :func:`pad`."""

    axes, mode = 2, "replicate"


class CircularPad1d(_Pad):
    """A sequence that goes on at its other end; see :func:`pad`."""

    axes, mode = 1, "circular"


class CircularPad2d(_Pad):
    """An image that goes on at its other side; see :func:`pad`."""

    axes, mode = 2, "circular"
