"""Pooling: one number per window, so that a small shift of the image changes little.

Zhou and Chellappa (1988); the average is LeCun's (1990), the maximum came to convolutional networks
with Ranzato et al. (2007). Pooling adds invariance only to a degree: a shift of a whole window still
moves everything.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.nn.checking import at_default, floats
from nnlib.nn.module import Module
from nnlib.nn.windows import (
    Padding,
    Sizes,
    batched,
    examples_first,
    framed,
    output_shape,
    rows_first,
    sizes,
    unframed,
    windows,
)

__all__ = [
    "AvgPool1d", "AvgPool2d", "MaxPool1d", "MaxPool2d", "avg_pool1d", "avg_pool2d", "max_pool1d",
    "max_pool2d",
]  # fmt: skip


@op
def _max_pool2d(x: Array, *, kernel: Sizes, stride: Sizes, padding: Padding) -> Vjps:
    whole = framed(x, padding, -math.inf)
    seen, shape, n = _entries(whole, kernel, stride), whole.shape, math.prod(kernel)
    y = seen[0].copy()
    number = np.min_scalar_type(n).type
    winner = np.zeros(y.shape, number)  # which entry of its window is the largest
    for k in range(1, n):
        np.maximum(winner, number(k) * (seen[k] > y), out=winner)
        np.maximum(y, seen[k], out=y)

    def dx(
        g: Array,
    ) -> Array:  # all of g goes to the largest entry of a window, the first of several
        g, gx = rows_first(g), np.zeros(shape, g.dtype)
        for k, into in enumerate(_entries(gx, kernel, stride)):
            into += g * (winner == k)
        return unframed(gx, padding)

    return examples_first(y), dx


@op
def _avg_pool2d(x: Array, *, kernel: Sizes, stride: Sizes, padding: Padding) -> Vjps:
    whole = framed(x, padding)
    shape, n = whole.shape, math.prod(kernel)
    y = np.divide(sum(_entries(whole, kernel, stride)), n)

    def dx(g: Array) -> Array:  # each entry of a window gets 1/n of its g
        share, gx = rows_first(g) / n, np.zeros(shape, g.dtype)
        for into in _entries(gx, kernel, stride):
            into += share
        return unframed(gx, padding)

    return examples_first(y), dx


def _entries(x: Array, kernel: Sizes, stride: Sizes) -> list[Array]:
    """For each entry of the window, what stands there, for all outputs: (rows, C, columns, N)"""
    return [entry for row in windows(x, kernel, stride) for entry in row]


def max_pool2d(
    input: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    dilation: int | Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """y[r, q] = the largest of x[s r + i, s q + j] over the window's i, j, in every channel

    Shapes: input (N, C, H, W) or (C, H, W); the result is (N, C, ⌊(H + 2p − kh) / s⌋ + 1, …).
    ``stride`` is the kernel's size by default; padding counts as −∞, and is at most half of the
    kernel. Raises ValueError where a window does not fit. Ranzato et al. (2007).

    >>> max_pool2d(np.array([[[1.0, 2.0, 3.0, 4.0], [8.0, 7.0, 6.0, 5.0]]]), 2)
    tensor([[[8., 6.]]], dtype=float64)
    """
    at_default(
        "max_pool2d", dilation=(dilation, 1), ceil_mode=(ceil_mode, False),
        return_indices=(return_indices, False),
    )  # fmt: skip
    return _pool("max_pool2d", _max_pool2d, input, kernel_size, stride, padding, axes=2)


def max_pool1d(
    input: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    dilation: int | Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """y[r] = the largest of x[s r + j] over the window's j; see :func:`max_pool2d`

    Shapes: input (N, C, L) or (C, L).

    >>> max_pool1d(np.array([[0.1, 1.0, 0.2, 0.1]]), 3, stride=1, padding=1).data
    array([[1. , 1. , 1. , 0.2]])
    """
    at_default(
        "max_pool1d", dilation=(dilation, 1), ceil_mode=(ceil_mode, False),
        return_indices=(return_indices, False),
    )  # fmt: skip
    return _pool("max_pool1d", _max_pool2d, input, kernel_size, stride, padding, axes=1)


def avg_pool2d(
    input: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: None = None,
) -> Tensor:
    """y[r, q] = the mean of x[s r + i, s q + j] over the window's i, j, in every channel

    Shapes and options as in :func:`max_pool2d`, except that padding counts as 0. LeCun et al. (1990).

    >>> avg_pool2d(np.array([[[1.0, 2.0, 3.0, 4.0], [8.0, 7.0, 6.0, 5.0]]]), 2)
    tensor([[[4.5, 4.5]]], dtype=float64)
    """
    at_default(
        "avg_pool2d", ceil_mode=(ceil_mode, False), count_include_pad=(count_include_pad, True),
        divisor_override=(divisor_override, None),
    )  # fmt: skip
    return _pool("avg_pool2d", _avg_pool2d, input, kernel_size, stride, padding, axes=2)


def avg_pool1d(
    input: Any,
    kernel_size: int | Sizes,
    stride: int | Sizes | None = None,
    padding: int | Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """y[r] = the mean of x[s r + j] over the window's j; see :func:`avg_pool2d`

    Shapes: input (N, C, L) or (C, L).

    >>> avg_pool1d(np.array([[1.0, 3.0, 5.0, 7.0]]), 2)
    tensor([[2., 6.]], dtype=float64)
    """
    at_default(
        "avg_pool1d", ceil_mode=(ceil_mode, False), count_include_pad=(count_include_pad, True)
    )
    return _pool("avg_pool1d", _avg_pool2d, input, kernel_size, stride, padding, axes=1)


def _pool(
    function: str, formula: Any, input: Any, kernel_size: Any, stride: Any, padding: Any, axes: int
) -> Tensor:
    """Check, make rows of an image out of one-dimensional input, and run the op."""
    (X,) = floats(function, input=input)
    kernel, steps, frame = _geometry(function, kernel_size, stride, padding, axes)
    x, many = batched(function, input, axes)
    result = output_shape(function, X.shape[-axes:], kernel, steps, frame)
    row, no_frame = (1,) * (2 - axes), ((0, 0),) * (2 - axes)
    y: Tensor = formula(x, kernel=row + kernel, stride=row + steps, padding=no_frame + frame)
    return y if many and axes == 2 else y.reshape(*X.shape[:-axes], *result)


def _geometry(
    function: str, kernel_size: Any, stride: Any, padding: Any, axes: int
) -> tuple[Sizes, Sizes, Padding]:
    kernel = sizes(function, "kernel_size", kernel_size, axes, least=1)
    steps = kernel if stride is None else sizes(function, "stride", stride, axes, least=1)
    frame = sizes(function, "padding", padding, axes, least=0)
    if any(2 * p > k for p, k in zip(frame, kernel, strict=True)):
        raise ValueError(
            f"{function}: padding {padding} is more than half of kernel_size {kernel_size}: some "
            "windows would see nothing of the input"
        )
    return kernel, steps, tuple((p, p) for p in frame)


# Modules -------------------------------------------------------------------------------------


class _Pool(Module):
    axes: int

    def __init__(
        self, kernel_size: int | Sizes, stride: int | Sizes | None, padding: int | Sizes
    ) -> None:
        _geometry(type(self).__name__, kernel_size, stride, padding, self.axes)
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _MaxPool(_Pool):
    def __init__(
        self,
        kernel_size: int | Sizes,
        stride: int | Sizes | None = None,
        padding: int | Sizes = 0,
        dilation: int | Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        at_default(
            type(self).__name__, dilation=(dilation, 1), return_indices=(return_indices, False),
            ceil_mode=(ceil_mode, False),
        )  # fmt: skip
        super().__init__(kernel_size, stride, padding)


class MaxPool1d(_MaxPool):
    """See :func:`max_pool1d`."""

    axes = 1

    def forward(self, x: Any) -> Tensor:
        return max_pool1d(x, self.kernel_size, self.stride, self.padding)


class MaxPool2d(_MaxPool):
    """See :func:`max_pool2d`."""

    axes = 2

    def forward(self, x: Any) -> Tensor:
        return max_pool2d(x, self.kernel_size, self.stride, self.padding)


class AvgPool1d(_Pool):
    """See :func:`avg_pool1d`."""

    axes = 1

    def __init__(
        self,
        kernel_size: int | Sizes,
        stride: int | Sizes | None = None,
        padding: int | Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        at_default(
            "AvgPool1d", ceil_mode=(ceil_mode, False), count_include_pad=(count_include_pad, True)
        )
        super().__init__(kernel_size, stride, padding)

    def forward(self, x: Any) -> Tensor:
        return avg_pool1d(x, self.kernel_size, self.stride, self.padding)


class AvgPool2d(_Pool):
    """See :func:`avg_pool2d`."""

    axes = 2

    def __init__(
        self,
        kernel_size: int | Sizes,
        stride: int | Sizes | None = None,
        padding: int | Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: None = None,
    ) -> None:
        at_default(
            "AvgPool2d", ceil_mode=(ceil_mode, False), count_include_pad=(count_include_pad, True),
            divisor_override=(divisor_override, None),
        )  # fmt: skip
        super().__init__(kernel_size, stride, padding)

    def forward(self, x: Any) -> Tensor:
        return avg_pool2d(x, self.kernel_size, self.stride, self.padding)
