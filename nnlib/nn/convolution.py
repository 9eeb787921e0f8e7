"""Convolution: the same small neuron at every place of an image; LeCun et al. (1989).

What the software calls convolution is cross-correlation: the kernel is not flipped. A network does
not mind, it learns the flipped kernel.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nnlib import ops
from nnlib.engine import Array, Tensor, Vjps, op, shared
from nnlib.nn import init
from nnlib.nn.checking import at_default, floats
from nnlib.nn.module import Module, Parameter
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

__all__ = ["Conv1d", "Conv2d", "conv1d", "conv2d"]


@op
def _conv2d(x: Array, W: Array, b: Array | None, *, stride: Sizes, padding: Padding) -> Vjps:
    """y[n, o, r, q] = b[o] + Σ over c, i, j of W[o, c, i, j] · x[n, c, s r + i, s q + j]

    For one row r of outputs, the sum is a matrix product, y_r = K X_r: one row of K per kernel, one
    column of X_r per window.
    """
    O, C, kh, kw = W.shape
    K = W.transpose(0, 2, 1, 3).reshape(O, -1)
    whole = framed(x, padding)
    strips = windows(whole, (1, kw), (1, stride[1]))[0].transpose(1, 2, 0, 3, 4)
    strips = np.ascontiguousarray(strips)  # (H, C, kw, columns, N): each row, seen from each column
    X = _kernel_rows(strips, kh, stride[0])
    y = K @ X
    if b is not None:
        y += b[:, None]
    shape = (*y.shape[:2], *strips.shape[3:])

    @shared
    def turned(g: Array) -> Array:
        return rows_first(g).reshape(y.shape)

    def dx(g: Array) -> Array:  # ∂L/∂X_r = Kᵀ g_r; each pixel sums over the windows it stands in
        gx, g_strips = np.zeros_like(whole), np.zeros_like(strips)
        for r, g_r in enumerate(turned(g)):
            seen = g_strips[r * stride[0] :][:kh]
            seen += (K.T @ g_r).reshape(seen.shape)
        for j, into in enumerate(windows(gx, (1, kw), (1, stride[1]))[0]):
            into += g_strips[:, :, j]
        return unframed(gx, padding)

    def dW(g: Array) -> Array:  # ∂L/∂K = Σᵣ g_r X_rᵀ
        dK: Array = (turned(g) @ X.transpose(0, 2, 1)).sum(0)
        return dK.reshape(O, kh, C, kw).transpose(0, 2, 1, 3)

    return (
        examples_first(y.reshape(shape)),
        dx,
        dW,
        lambda g: (turned(g) @ np.ones(y.shape[2], g.dtype)).sum(0),
    )


def _kernel_rows(strips: Array, kh: int, down: int) -> Array:
    """Every kh strips in a row, as one matrix: (rows, kh · C · kw, columns · N)

    The matrices overlap in memory. So of the kh · kw windows that a pixel stands in, only those side
    by side hold a copy of it ("im2col" would copy all).
    """
    H, C, kw, columns, N = strips.shape
    shape = ((H - kh) // down + 1, kh * C * kw, columns * N)
    width = strips.itemsize * columns * N
    return np.ndarray(
        shape, strips.dtype, strips, strides=(down * C * kw * width, width, strips.itemsize)
    )


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: int | Sizes = 1,
    padding: str | int | Sizes = 0,
    dilation: int | Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """y[o, r, q] = b[o] + Σ over c, i, j of W[o, c, i, j] · x[c, s r + i, s q + j]

    Shapes: input (N, C, H, W) or (C, H, W), weight (out, C, kh, kw), bias (out,) or None; the result
    is (N, out, ⌊(H + 2p − kh) / s⌋ + 1, …). ``padding`` is a number of zeros on each side, "valid"
    (none) or "same" (the output has the input's size; only with stride 1). Raises ValueError where
    shapes do not fit, TypeError where dtypes differ. LeCun et al. (1989).

    >>> edge = np.array([[[[-1.0, 1.0]]]])
    >>> conv2d(np.array([[[0.0, 0.0, 5.0, 5.0]]]), edge)
    tensor([[[0., 5., 0.]]], dtype=float64)
    """
    at_default("conv2d", dilation=(dilation, 1), groups=(groups, 1))
    return _conv("conv2d", input, weight, bias, stride, padding, axes=2)


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: int | Sizes = 1,
    padding: str | int | Sizes = 0,
    dilation: int | Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """y[o, r] = b[o] + Σ over c, j of W[o, c, j] · x[c, s r + j]: an image of one row

    Shapes: input (N, C, L) or (C, L), weight (out, C, k); all else as in :func:`conv2d`.

    >>> conv1d(np.array([[1.0, 2.0, 4.0, 8.0]]), np.array([[[1.0, 1.0]]]), stride=2)
    tensor([[ 3., 12.]], dtype=float64)
    """
    at_default("conv1d", dilation=(dilation, 1), groups=(groups, 1))
    return _conv("conv1d", input, weight, bias, stride, padding, axes=1)


def _conv(
    function: str, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, axes: int
) -> Tensor:
    """Check, make rows of an image out of one-dimensional input, and run the op."""
    X, W, b = floats(function, {"bias": bias}, input=input, weight=weight)
    if W.ndim != axes + 2:
        kernel = ("kh, kw", "k")[axes == 1]
        raise ValueError(f"{function}: weight must be (out, in, {kernel}), not {W.shape}")
    x, many = batched(function, input, axes)
    if x.shape[1] != W.shape[1]:
        raise ValueError(
            f"{function}: input has {x.shape[1]} channels, weight expects {W.shape[1]} — input is "
            f"{X.shape}, weight {W.shape}"
        )
    if b is not None and b.shape != W.shape[:1]:
        raise ValueError(
            f"{function}: bias has shape {b.shape}, but weight {W.shape} has {len(W)} outputs"
        )
    kernel, steps = W.shape[2:], sizes(function, "stride", stride, axes, least=1)
    frame = _frame(function, padding, kernel, steps)
    result = output_shape(function, X.shape[-axes:], kernel, steps, frame)
    row, no_frame = (1,) * (2 - axes), ((0, 0),) * (2 - axes)
    if axes == 1:
        weight = ops.reshape(weight, *W.shape[:2], *row, *kernel)
    y = _conv2d(x, weight, bias, stride=row + steps, padding=no_frame + frame)
    return y if many and axes == 2 else y.reshape(*x.shape[: int(many)], len(W), *result)


def _frame(function: str, padding: Any, kernel: Sizes, stride: Sizes) -> Padding:
    """How many zeros stand before and after the image, along each axis."""
    if padding == "same":
        if any(s != 1 for s in stride):
            raise ValueError(f"{function}: padding='same' needs stride 1, not {stride}")
        return tuple(((k - 1) // 2, k // 2) for k in kernel)  # an even kernel: one more at the end
    if isinstance(padding, str) and padding != "valid":
        words = f"{function}: padding must be 'same', 'valid' or numbers, not {padding!r}"
        raise ValueError(words)
    zeros = 0 if padding == "valid" else padding
    return tuple((p, p) for p in sizes(function, "padding", zeros, len(kernel), least=0))


# Modules -------------------------------------------------------------------------------------


class _Conv(Module):
    axes: int

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sizes,
        stride: int | Sizes = 1,
        padding: str | int | Sizes = 0,
        dilation: int | Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: None = None,
        dtype: DTypeLike | None = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        name = type(self).__name__
        at_default(
            name, dilation=(dilation, 1), groups=(groups, 1), padding_mode=(padding_mode, "zeros"),
            device=(device, None),
        )  # fmt: skip
        self.in_channels, self.out_channels = (
            sizes(name, argument, n, 1, least=1)[0]
            for argument, n in [("in_channels", in_channels), ("out_channels", out_channels)]
        )
        self.kernel_size = sizes(name, "kernel_size", kernel_size, self.axes, least=1)
        self.stride = sizes(name, "stride", stride, self.axes, least=1)
        frame = _frame(name, padding, self.kernel_size, self.stride)
        self.padding = padding if isinstance(padding, str) else tuple(p for p, _ in frame)
        blank = np.empty((out_channels, in_channels, *self.kernel_size), dtype or np.float32)
        bound = 1 / math.sqrt(blank[0].size)
        self.weight = init.uniform_(Parameter(blank), -bound, bound, generator)
        first = blank.reshape(out_channels, -1)[:, 0]
        self.bias = init.uniform_(Parameter(first), -bound, bound, generator) if bias else None

    def extra_repr(self) -> str:
        padding = "" if set(self.padding) == {0} else f", padding={self.padding}"
        return (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}{padding}" + ", bias=False" * (self.bias is None)
        )


class Conv1d(_Conv):
    """``out_channels`` kernels along a sequence; see :func:`conv1d`.

    ``weight`` (out, in, k) and ``bias`` (out,) start from U(−1/√(in·k), 1/√(in·k)), as in PyTorch.
    """

    axes = 1

    def forward(self, x: Any) -> Tensor:
        return conv1d(x, self.weight, self.bias, self.stride, self.padding)


class Conv2d(_Conv):
    """``out_channels`` kernels over an image; see :func:`conv2d`.

    ``weight`` (out, in, kh, kw) and ``bias`` (out,) start from U(−1/√n, 1/√n) with n = in·kh·kw,
    as in PyTorch.
    """

    axes = 2

    def forward(self, x: Any) -> Tensor:
        return conv2d(x, self.weight, self.bias, self.stride, self.padding)
