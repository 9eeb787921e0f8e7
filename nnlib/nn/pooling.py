"""Pooling: one number per window, so that a small shift of the image changes little.

Zhou and Chellappa (1988); the average is LeCun's (1990), the maximum came to convolutional networks
with Ranzato et al. (2007). Pooling adds invariance only to a degree: a shift of a whole window still
moves everything.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlib.arguments import PositiveInt, Unsupported, checked, floats, whole_numbers
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.masks import selected
from nnlib.nn.convolution import (
    Padding,
    Size,
    Sizes,
    examples_first,
    framed,
    if_dilated,
    rows_first,
    slide,
    spread,
    unframed,
    windows,
)
from nnlib.nn.module import Module


# The lecture's form: nnlib.lecture.max_pool2d
@op
def _max_pool2d(
    x: Array, *, kernel: Sizes, stride: Sizes, padding: Padding, dilation: Sizes = (1, 1)
) -> Vjps:
    whole = framed(x, padding, -math.inf)
    seen, shape, n = _entries(whole, kernel, stride, dilation), whole.shape, math.prod(kernel)
    y = seen[0].copy()
    number = np.min_scalar_type(n).type
    winner = np.zeros(y.shape, number)  # which entry of its window is the largest
    if any(map(any, padding)):
        winner += _first_inside(y.shape, kernel, stride, padding, dilation).astype(number)
    holds_nan = np.isnan(x).any()
    for k in range(1, n):
        larger = seen[k] > y
        if holds_nan:
            larger |= np.isnan(seen[k])  # of several, the last
        np.maximum(winner, number(k) * larger, out=winner)
        np.maximum(y, seen[k], out=y)

    def dx(g: Array) -> Array:  # all of g goes to its window's largest entry, the first of several
        g, gx = rows_first(g), np.zeros(shape, g.dtype)
        for k, into in enumerate(_entries(gx, kernel, stride, dilation)):
            into += selected(g, winner == k)
        return unframed(gx, padding)

    return examples_first(y), dx


def _first_inside(
    shape: Sizes, kernel: Sizes, stride: Sizes, padding: Padding, dilation: Sizes
) -> Array:
    """Which entry of its window is the first that is no padding, (rows, 1, columns, 1): where all
    are −∞, it gets the gradient.
    """
    rows, columns = (
        np.maximum(0, -((step * np.arange(count) - before) // apart))  # rounded up
        for (before, _), step, apart, count in zip(
            padding, stride, dilation, (shape[0], shape[2]), strict=True
        )
    )
    return rows[:, None, None, None] * kernel[1] + columns[:, None]


# The lecture's form: nnlib.lecture.avg_pool2d
@op
def _avg_pool2d(
    x: Array, *, kernel: Sizes, stride: Sizes, padding: Padding, n: int | Array | None = None
) -> Vjps:
    """The sum of each window / n: the kernel's size, a number, or one for each window (rows, columns)"""
    whole = framed(x, padding)
    n = math.prod(kernel) if n is None else n
    shape, n = whole.shape, n if isinstance(n, int) else n[:, None, :, None].astype(x.dtype)
    y = np.divide(sum(_entries(whole, kernel, stride)), n)

    def dx(g: Array) -> Array:  # each entry of a window gets 1/n of its g
        share, gx = rows_first(g) / n, np.zeros(shape, g.dtype)
        for into in _entries(gx, kernel, stride):
            into += share
        return unframed(gx, padding)

    return examples_first(y), dx


def _entries(x: Array, kernel: Sizes, stride: Sizes, dilation: Sizes = (1, 1)) -> list[Array]:
    """For each entry of the window, what stands there, for all outputs: (rows, C, columns, N)"""
    return [entry for row in windows(x, kernel, stride, dilation) for entry in row]


@checked
def max_pool2d(
    input: Any, kernel_size: Size, stride: Size | None = None, padding: Size = 0,
    dilation: Size = 1, ceil_mode: bool = False,
    return_indices: Unsupported = False,
) -> Tensor:  # fmt: skip
    """y[r, q] = the largest of x[s r + i, s q + j] over the window's i, j, in every channel

    Shapes: input (N, C, H, W) or (C, H, W); the result is (N, C, ⌊(H + 2p − kh) / s⌋ + 1, …).
    ``stride`` is the kernel's size by default; padding counts as −∞, and is at most half of the
    kernel. ``dilation`` d sets the window's entries apart; with ``ceil_mode`` a last window may reach
    beyond the end. Raises ValueError where a window does not fit. Ranzato et al. (2007).

    >>> max_pool2d(np.array([[[1.0, 2.0, 3.0, 4.0], [8.0, 7.0, 6.0, 5.0]]]), 2)
    tensor([[[8., 6.]]], dtype=float64)
    """
    given = (kernel_size, stride, padding, ceil_mode, dilation)
    return _pool("max_pool2d", _max_pool2d, 2, input, *given)


@checked
def max_pool1d(
    input: Any, kernel_size: Size, stride: Size | None = None, padding: Size = 0,
    dilation: Size = 1, ceil_mode: bool = False,
    return_indices: Unsupported = False,
) -> Tensor:  # fmt: skip
    """y[r] = the largest of x[s r + j] over the window's j

    Shapes: input (N, C, L) or (C, L). Options, errors and source as in :func:`max_pool2d`.

    >>> max_pool1d(np.array([[0.1, 1.0, 0.2, 0.1]]), 3, stride=1, padding=1).data
    array([[1. , 1. , 1. , 0.2]])
    """
    given = (kernel_size, stride, padding, ceil_mode, dilation)
    return _pool("max_pool1d", _max_pool2d, 1, input, *given)


@checked
def avg_pool2d(
    input: Any, kernel_size: Size, stride: Size | None = None, padding: Size = 0,
    ceil_mode: bool = False, count_include_pad: bool = True,
    divisor_override: PositiveInt | None = None,
) -> Tensor:  # fmt: skip
    """y[r, q] = the mean of x[s r + i, s q + j] over the window's i, j, in every channel

    Shapes, options and errors as in :func:`max_pool2d`, except that padding counts as 0, or not at
    all unless ``count_include_pad``: then the mean is that of fewer. ``divisor_override`` stands for
    how many there are. LeCun et al. (1990).

    >>> avg_pool2d(np.array([[[1.0, 2.0, 3.0, 4.0], [8.0, 7.0, 6.0, 5.0]]]), 2)
    tensor([[[4.5, 4.5]]], dtype=float64)
    """
    run = _average(count_include_pad, divisor_override)
    return _pool("avg_pool2d", run, 2, input, kernel_size, stride, padding, ceil_mode)


@checked
def avg_pool1d(
    input: Any, kernel_size: Size, stride: Size | None = None, padding: Size = 0,
    ceil_mode: bool = False, count_include_pad: bool = True,
) -> Tensor:  # fmt: skip
    """y[r] = the mean of x[s r + j] over the window's j

    Shapes: input (N, C, L) or (C, L). Options, errors and source as in :func:`avg_pool2d`.

    >>> avg_pool1d(np.array([[1.0, 3.0, 5.0, 7.0]]), 2)
    tensor([[2., 6.]], dtype=float64)
    """
    run = _average(count_include_pad)
    return _pool("avg_pool1d", run, 1, input, kernel_size, stride, padding, ceil_mode)


def _pool(
    name: str, run: Any, axes: int, input: Any, kernel_size: Any, stride: Any, padding: Any,
    ceil_mode: bool, dilation: Any = 1,
) -> Tensor:  # fmt: skip
    floats(name, input=input)
    kernel = whole_numbers(name, "kernel_size", kernel_size, axes)
    steps = kernel if stride is None else whole_numbers(name, "stride", stride, axes)
    frame = whole_numbers(name, "padding", padding, axes, least=0)
    apart = whole_numbers(name, "dilation", dilation, axes)
    reach, row = spread(kernel, apart), (1,) * (2 - axes)
    if any(2 * p > k for p, k in zip(frame, reach, strict=True)):
        raise ValueError(f"{name}: padding {padding} is over half of kernel_size {kernel_size}")
    sizes = zip(input.shape[-axes:], reach, steps, frame, strict=False)
    around = tuple((p, p + (_missing(n, k, s, p) if ceil_mode else 0)) for n, k, s, p in sizes)

    def pooled(x: Any, **options: Any) -> Any:
        return run(x, **options | {"kernel": row + kernel}, **if_dilated(row + apart))

    return slide(name, pooled, input, reach, steps, around)


def _missing(n: int, kernel: int, stride: int, padding: int) -> int:
    """How many entries are missing at the end for one more window, which begins inside."""
    left = (n + 2 * padding - kernel) % stride
    begins = n + 2 * padding - kernel - left + stride
    return stride - left if left and begins < n + padding else 0


def _average(count_include_pad: bool, divisor: int | None = None) -> Any:
    """Averages that divide by the divisor, or else by how many entries a window has; of those of
    the padding, if they count. What ceil_mode adds at the end never counts.
    """

    def run(x: Any, **window: Any) -> Any:
        if divisor is not None:
            return _avg_pool2d(x, **window, n=divisor)
        if count_include_pad and all(before == after for before, after in window["padding"]):
            return _avg_pool2d(x, **window)
        n = np.outer(
            *map(counts, x.shape[2:], *(window[k] for k in ("kernel", "stride", "padding")))
        )
        return _avg_pool2d(x, **window, n=n)

    def counts(size: int, k: int, step: int, around: tuple[int, int]) -> Array:
        before, after = around
        start = np.arange(-before, size + after - k + 1, step)
        end = np.minimum(start + k, size + before)
        if not count_include_pad:
            start, end = np.maximum(start, 0), np.minimum(end, size)
        return end - start

    return run


# Modules -------------------------------------------------------------------------------------


class _MaxPool(Module):
    @checked
    def __init__(
        self, kernel_size: Size, stride: Size | None = None, padding: Size = 0,
        dilation: Size = 1, return_indices: Unsupported = False,
        ceil_mode: bool = False,
    ) -> None:  # fmt: skip
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.dilation, self.ceil_mode = dilation, ceil_mode


class MaxPool1d(_MaxPool):
    """See :func:`max_pool1d`."""

    def forward(self, input: Any) -> Tensor:
        return max_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode
        )


class MaxPool2d(_MaxPool):
    """See :func:`max_pool2d`."""

    def forward(self, input: Any) -> Tensor:
        return max_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode
        )


class AvgPool1d(Module):
    """See :func:`avg_pool1d`."""

    @checked
    def __init__(
        self, kernel_size: Size, stride: Size | None = None, padding: Size = 0,
        ceil_mode: bool = False, count_include_pad: bool = True,
    ) -> None:  # fmt: skip
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Any) -> Tensor:
        return avg_pool1d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
            self.count_include_pad,
        )  # fmt: skip


class AvgPool2d(Module):
    """See :func:`avg_pool2d`."""

    @checked
    def __init__(
        self, kernel_size: Size, stride: Size | None = None, padding: Size = 0,
        ceil_mode: bool = False, count_include_pad: bool = True,
        divisor_override: PositiveInt | None = None,
    ) -> None:  # fmt: skip
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Any) -> Tensor:
        return avg_pool2d(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
            self.count_include_pad, self.divisor_override,
        )  # fmt: skip
