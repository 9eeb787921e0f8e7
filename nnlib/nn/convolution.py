"""Convolution: the same small neuron at every place of an image; LeCun et al. (1989).

What the software calls convolution is cross-correlation: the kernel is not flipped. A network does
not mind, it learns the flipped kernel.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from nnlib import ops
from nnlib.arguments import (
    Dtype,
    Generator,
    PositiveInt,
    Unsupported,
    checked,
    floats,
    shaped,
    whole_numbers,
)
from nnlib.engine import Array, Tensor, Vjps, op, shared
from nnlib.nn.init import uniform_weights
from nnlib.nn.module import Module

Sizes = tuple[int, ...]
Size = int | Sizes
Padding = tuple[tuple[int, int], ...]  # before and after, for each axis of the image


# A window that slides over an image --------------------------------------------------------------
#
# An image batch has shape (N, C, H, W). Inside, it is turned to (H, C, W, N): row by row, and the
# examples last. Then one row of an image, over all examples, is one run of neighboring numbers,
# which is what makes copying and multiplying fast. Turning the axes is free for arrays that one of
# our ops has made.


def rows_first(x: Array) -> Array:
    """(N, C, H, W) → (H, C, W, N), without a copy where memory is in that order already"""
    return np.ascontiguousarray(x.transpose(2, 1, 3, 0))


def examples_first(x: Array) -> Array:
    """(H, C, W, N) → (N, C, H, W), another look at the same memory"""
    return x.transpose(3, 1, 0, 2)


def framed(x: Array, padding: Padding, value: float = 0.0) -> Array:
    """(N, C, H, W) → (H, C, W, N) with a frame of ``value`` around each image"""
    if not any(map(any, padding)):
        return rows_first(x)
    (top, bottom), (left, right) = padding
    N, C, H, W = x.shape
    whole = np.full((top + H + bottom, C, left + W + right, N), value, x.dtype)
    whole[top : top + H, :, left : left + W] = x.transpose(2, 1, 3, 0)
    return whole


def unframed(x: Array, padding: Padding) -> Array:
    """(H, C, W, N) → (N, C, H, W), without the frame"""
    (top, bottom), (left, right) = padding
    return examples_first(x[top : len(x) - bottom, :, left : x.shape[2] - right])


def windows(x: Array, kernel: Sizes, stride: Sizes) -> Array:
    """Every place where the kernel fits: (H, C, W, N) → (kh, kw, rows, C, columns, N)

    Only another look at the memory of x, by strides: one step to the next row of outputs is a step of
    ``stride`` rows in x. ``[i, j]`` is what meets the kernel's entry (i, j), for all outputs.
    """
    (H, C, W, N), (h, c, w, n) = x.shape, x.strides
    (kh, kw), (down, right) = kernel, stride
    shape = (kh, kw, (H - kh) // down + 1, C, (W - kw) // right + 1, N)
    return np.ndarray(shape, x.dtype, x, strides=(h, w, down * h, c, right * w, n))


def slide(
    function: str, run: Any, input: Any, kernel: Sizes, stride: Sizes, padding: Padding
) -> Tensor:
    """``run`` on a batch of images; a sequence is an image of one row, one image a batch of one."""
    axes, shape = len(kernel), input.shape
    if len(shape) not in (axes + 1, axes + 2):
        names = ("C, H, W", "C, L")[axes == 1]
        raise ValueError(f"{function}: input must be (N, {names}) or ({names}), not {shape}")
    *batch, channels = shape[:-axes]
    image, row = shape[-axes:], (1,) * (2 - axes)
    whole = tuple(n + sum(p) for n, p in zip(image, padding, strict=True))
    if 0 in image or any(k > n for k, n in zip(kernel, whole, strict=True)):
        raise ValueError(f"{function}: kernel {kernel} does not fit into {image}, padded {whole}")
    x = input if len(shape) == 4 else ops.reshape(input, *(batch or [1]), channels, *row, *image)
    frame = ((0, 0),) * (2 - axes) + padding
    y: Tensor = run(x, kernel=row + kernel, stride=row + stride, padding=frame)
    return y if x is input else ops.reshape(y, *batch, y.shape[1], *y.shape[-axes:])


# Convolution -------------------------------------------------------------------------------------


# The lecture's form: nnlib.lecture.conv2d
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

    def dW(g: Array) -> Any:  # ∂L/∂K = Σᵣ g_r X_rᵀ
        dK = (turned(g) @ X.transpose(0, 2, 1)).sum(0)
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
    strides = (down * C * kw * width, width, strips.itemsize)
    return np.ndarray(shape, strips.dtype, strips, strides=strides)


@checked
def conv2d(
    input: Any, weight: Any, bias: Any = None, stride: Size = 1,
    padding: Literal["same"] | Size = 0, dilation: Unsupported = 1, groups: Unsupported = 1,
) -> Tensor:  # fmt: skip
    """y[o, r, q] = b[o] + Σ over c, i, j of W[o, c, i, j] · x[c, s r + i, s q + j]

    Shapes: input (N, C, H, W) or (C, H, W), weight (out, C, kh, kw), bias (out,) or None; the result
    is (N, out, ⌊(H + 2p − kh) / s⌋ + 1, …). ``padding`` is a number of zeros on each side, or
    "same": the output has the input's size, only with stride 1. Raises ValueError where
    shapes do not fit, TypeError where dtypes differ. LeCun et al. (1989).

    >>> edge = np.array([[[[-1.0, 1.0]]]])
    >>> conv2d(np.array([[[0.0, 0.0, 5.0, 5.0]]]), edge)
    tensor([[[0., 5., 0.]]], dtype=float64)
    """
    return _conv(2, input, weight, bias, stride, padding)


@checked
def conv1d(
    input: Any, weight: Any, bias: Any = None, stride: Size = 1,
    padding: Literal["same"] | Size = 0, dilation: Unsupported = 1, groups: Unsupported = 1,
) -> Tensor:  # fmt: skip
    """y[o, r] = b[o] + Σ over c, j of W[o, c, j] · x[c, s r + j]: an image of one row

    Shapes: input (N, C, L) or (C, L), weight (out, C, k). Options and errors as in :func:`conv2d`.
    Waibel et al. (1989).

    >>> conv1d(np.array([[1.0, 2.0, 4.0, 8.0]]), np.array([[[1.0, 1.0]]]), stride=2)
    tensor([[ 3., 12.]], dtype=float64)
    """
    return _conv(1, input, weight, bias, stride, padding)


def _conv(axes: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any) -> Tensor:
    name = f"conv{axes}d"
    X, W, b = floats(name, {"bias": bias}, input=input, weight=weight)
    steps = whole_numbers(name, "stride", stride, axes)
    if W.ndim != axes + 2:
        kernel = ("kh, kw", "k")[axes == 1]
        raise ValueError(f"{name}: weight must be (out, in, {kernel}), not {W.shape}")
    shaped(name, W.shape[:1], bias=b)

    def run(x: Any, kernel: Sizes, stride: Sizes, padding: Padding) -> Tensor:
        if x.shape[1] != W.shape[1]:
            message = f"input has {x.shape[1]} channels, weight expects {W.shape[1]}"
            raise ValueError(f"{name}: {message} — input is {X.shape}, weight {W.shape}")
        kernels = weight if axes == 2 else ops.reshape(weight, *W.shape[:2], *kernel)
        return _conv2d(x, kernels, bias, stride=stride, padding=padding)

    frame = _frame(name, padding, W.shape[2:], steps)
    return slide(name, run, input, W.shape[2:], steps, frame)


def _frame(function: str, padding: Any, kernel: Sizes, stride: Sizes) -> Padding:
    """How many zeros stand before and after the image, along each axis."""
    if padding != "same":
        zeros = whole_numbers(function, "padding", padding, len(kernel), least=0)
        return tuple((p, p) for p in zeros)
    if any(s != 1 for s in stride):
        raise ValueError(f"{function}: padding='same' needs stride 1, not {stride}")
    return tuple(((k - 1) // 2, k // 2) for k in kernel)  # an even kernel: one more at the end


class _Conv(Module):
    axes: int

    @checked
    def __init__(
        self, in_channels: PositiveInt, out_channels: PositiveInt, kernel_size: Size,
        stride: Size = 1, padding: Literal["same"] | Size = 0, dilation: Unsupported = 1,
        groups: Unsupported = 1, bias: bool = True, padding_mode: Unsupported = "zeros",
        device: Unsupported = None, dtype: Dtype | None = None, *, generator: Generator = None,
    ) -> None:  # fmt: skip
        name = type(self).__name__
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = whole_numbers(name, "kernel_size", kernel_size, self.axes)
        self.stride = whole_numbers(name, "stride", stride, self.axes)
        _frame(name, padding, self.kernel_size, self.stride)  # raises where it does not fit
        self.padding = padding
        shape = (out_channels, in_channels, *self.kernel_size)
        self.weight, self.bias = uniform_weights(shape, bias, dtype, generator)

    def forward(self, x: Any) -> Tensor:
        return _conv(self.axes, x, self.weight, self.bias, self.stride, self.padding)


class Conv1d(_Conv):
    """``out_channels`` kernels along a sequence; see :func:`conv1d`.

    ``weight`` (out, in, k) and ``bias`` (out,) start from U(−1/√(in·k), 1/√(in·k)), as in PyTorch.
    """

    axes = 1


class Conv2d(_Conv):
    """``out_channels`` kernels over an image; see :func:`conv2d`.

    ``weight`` (out, in, kh, kw) and ``bias`` (out,) start from U(−1/√n, 1/√n) with n = in·kh·kw,
    as in PyTorch.
    """

    axes = 2
