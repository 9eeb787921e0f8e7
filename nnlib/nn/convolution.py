"""Convolution: the same small neuron at every place of an image; LeCun et al. (1989).

What the software calls convolution is cross-correlation: the kernel is not flipped. A network does
not mind, it learns the flipped kernel.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from nnlib import ops
from nnlib.arguments import (
    Device,
    Dtype,
    Generator,
    PositiveInt,
    checked,
    floats,
    shaped,
    whole_numbers,
)
from nnlib.engine import Array, Tensor, Vjps, op, shared
from nnlib.nn.init import uniform_weights
from nnlib.nn.module import Module
from nnlib.nn.padding import pad

Sizes = tuple[int, ...]
Size = int | Sizes
Padding = tuple[tuple[int, int], ...]  # before and after, for each axis of the image
PadSize = Literal["same", "valid"] | Size
PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]


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


def windows(x: Array, kernel: Sizes, stride: Sizes, dilation: Sizes = (1, 1)) -> Array:
    """Every place where the kernel fits: (H, C, W, N) → (kh, kw, rows, C, columns, N)

    Only another look at the memory of x, by strides: one step to the next row of outputs is a step of
    ``stride`` rows in x, one to the next row of the kernel a step of ``dilation`` rows. ``[i, j]`` is
    what meets the kernel's entry (i, j), for all outputs.
    """
    (H, C, W, N), (h, c, w, n) = x.shape, x.strides
    (kh, kw), (down, right), (apart, across) = kernel, stride, dilation
    rows, columns = (H - apart * (kh - 1) - 1) // down + 1, (W - across * (kw - 1) - 1) // right + 1
    strides = (apart * h, across * w, down * h, c, right * w, n)
    return np.ndarray((kh, kw, rows, C, columns, N), x.dtype, x, strides=strides)


def spread(kernel: Sizes, dilation: Sizes) -> Sizes:
    """How many rows and columns a kernel reaches over whose entries stand ``dilation`` apart."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


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


def if_dilated(dilation: Sizes) -> dict[str, Sizes]:
    """The option as an op takes it; not given where it says nothing, for a formula of your own."""
    return {"dilation": dilation} if any(d != 1 for d in dilation) else {}


# Convolution -------------------------------------------------------------------------------------


# The lecture's form: nnlib.lecture.conv2d
@op
def _conv2d(
    x: Array, W: Array, b: Array | None, *, stride: Sizes, padding: Padding,
    dilation: Sizes = (1, 1),
) -> Vjps:  # fmt: skip
    """y[n, o, r, q] = b[o] + Σ over c, i, j of W[o, c, i, j] · x[n, c, s r + d i, s q + d j]

    For one row r of outputs, the sum is a matrix product, y_r = K X_r: one row of K per kernel, one
    column of X_r per window.
    """
    K, whole = _kernel_matrix(W), framed(x, padding)
    X, outputs = _windows_as_columns(whole, W.shape[2:], stride, dilation)
    y = K @ X
    if b is not None:
        y += b[:, None]
    turned = shared(lambda g: rows_first(g).reshape(y.shape))

    def dx(g: Array) -> Array:  # ∂L/∂X_r = Kᵀ g_r
        laid = _laid(K, turned(g), whole.shape, W.shape[2:], stride, dilation)
        return unframed(laid, padding)

    return (
        examples_first(y.reshape(*y.shape[:2], *outputs)),
        dx,
        lambda g: _kernel_gradient(turned(g), X, W.shape),
        lambda g: (turned(g) @ np.ones(y.shape[2], g.dtype)).sum(0),
    )


def _kernel_matrix(W: Array) -> Array:
    """(out, C, kh, kw) → K (out, kh · C · kw), one row per kernel"""
    return W.transpose(0, 2, 1, 3).reshape(len(W), -1)


def _kernel_gradient(g: Array, X: Array, shape: Sizes) -> Array:
    """∂L/∂K = Σᵣ g_r X_rᵀ, in the shape of the weight"""
    O, C, kh, kw = shape
    dK: Array = (g @ X.transpose(0, 2, 1)).sum(0)
    return dK.reshape(O, kh, C, kw).transpose(0, 2, 1, 3)


def _windows_as_columns(
    whole: Array, kernel: Sizes, stride: Sizes, dilation: Sizes
) -> tuple[Array, Sizes]:
    """(H, C, W, N) → X (rows, kh · C · kw, columns · N), and how many columns and examples

    The matrices overlap in memory. So of the kh · kw windows that a pixel stands in, only those side
    by side hold a copy of it ("im2col" would copy all; so does this one where rows are left out).
    """
    (kh, kw), (down, right), (apart, across) = kernel, stride, dilation
    strips = windows(whole, (1, kw), (1, right), (1, across))[0].transpose(1, 2, 0, 3, 4)
    strips = np.ascontiguousarray(strips)  # (H, C, kw, columns, N): each row, seen from each column
    H, C, kw, columns, N = strips.shape
    rows, width = (H - apart * (kh - 1) - 1) // down + 1, strips.itemsize * columns * N
    row = C * kw * width
    shape = (rows, kh, C * kw, columns * N)
    strides = (down * row, apart * row, width, strips.itemsize)
    X = np.ndarray(shape, strips.dtype, strips, strides=strides)
    return X.reshape(rows, kh * C * kw, columns * N), (columns, N)


def _laid(
    K: Array, rows: Array, shape: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes
) -> Array:
    """Kᵀ times each row (out, columns · N), laid where its windows are in an image of ``shape``
    (H, C, W, N): each pixel sums over the windows it stands in.
    """
    (H, C, W, N), (kh, kw), (down, right), (apart, across) = shape, kernel, stride, dilation
    outputs = (W - across * (kw - 1) - 1) // right + 1
    # "full" takes memory that was in use before; new pages, which "zeros" takes, are slow
    image, strips = (np.full(s, 0, rows.dtype) for s in (shape, (H, C, kw, outputs, N)))
    for r, row in enumerate(rows):
        seen = strips[r * down :: apart][:kh]
        seen += (K.T @ row).reshape(seen.shape)
    for j, into in enumerate(windows(image, (1, kw), (1, right), (1, across))[0]):
        into += strips[:, :, j]
    return image


# The lecture's form: nnlib.lecture.conv_transpose2d
@op
def _conv_transpose2d(
    x: Array, W: Array, b: Array | None, *, stride: Sizes, padding: Padding, size: Sizes,
    dilation: Sizes = (1, 1),
) -> Vjps:  # fmt: skip
    """y[n, o, s r + d i, s q + d j] = b[o] + Σ W[c, o, i, j] · x[n, c, r, q] over all that lead there

    The way back through conv2d, run forward: what is ∂L/∂x there is the value here, and the value
    there is ∂L/∂x here. ``size`` is the output's, without the frame that ``padding`` cuts off.
    """
    K, rows = _kernel_matrix(W), rows_first(x)
    flat = rows.reshape(*rows.shape[:2], -1)
    height, width = (n + sum(p) for n, p in zip(size, padding, strict=True))
    shape = (height, W.shape[1], width, len(x))
    whole = _laid(K, flat, shape, W.shape[2:], stride, dilation)
    if b is not None:
        whole += b[:, None, None]

    @shared
    def seen(g: Array) -> Array:
        return _windows_as_columns(framed(g, padding), W.shape[2:], stride, dilation)[0]

    return (
        unframed(whole, padding),
        lambda g: examples_first((K @ seen(g)).reshape(rows.shape)),
        lambda g: _kernel_gradient(flat, seen(g), W.shape),
        lambda g: g.sum((0, 2, 3)),
    )


@checked
def conv2d(
    input: Any, weight: Any, bias: Any = None, stride: Size = 1, padding: PadSize = 0,
    dilation: Size = 1, groups: PositiveInt = 1,
) -> Tensor:  # fmt: skip
    """y[o, r, q] = b[o] + Σ over c, i, j of W[o, c, i, j] · x[c, s r + d i, s q + d j]

    Shapes: input (N, C, H, W) or (C, H, W), weight (out, C / groups, kh, kw), bias (out,) or None; the
    result is (N, out, ⌊(H + 2p − d (kh − 1) − 1) / s⌋ + 1, …). ``padding`` is a number of zeros on
    each side, "valid" for none, or "same": the output has the input's size, only with stride 1.
    ``dilation`` d spreads the kernel; with ``groups`` each group of outputs sees its share of the
    channels alone. Raises ValueError where shapes do not fit, TypeError where dtypes differ. LeCun et
    al. (1989).

    >>> edge = np.array([[[[-1.0, 1.0]]]])
    >>> conv2d(np.array([[[0.0, 0.0, 5.0, 5.0]]]), edge)
    tensor([[[0., 5., 0.]]], dtype=float64)
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


@checked
def conv1d(
    input: Any, weight: Any, bias: Any = None, stride: Size = 1, padding: PadSize = 0,
    dilation: Size = 1, groups: PositiveInt = 1,
) -> Tensor:  # fmt: skip
    """y[o, r] = b[o] + Σ over c, j of W[o, c, j] · x[c, s r + d j]: an image of one row

    Shapes: input (N, C, L) or (C, L), weight (out, C / groups, k). Options and errors as in
    :func:`conv2d`. Waibel et al. (1989).

    >>> conv1d(np.array([[1.0, 2.0, 4.0, 8.0]]), np.array([[[1.0, 1.0]]]), stride=2)
    tensor([[ 3., 12.]], dtype=float64)
    """
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


def _conv(
    axes: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any,
    groups: int,
) -> Tensor:  # fmt: skip
    name = f"conv{axes}d"
    X, W, b = floats(name, {"bias": bias}, input=input, weight=weight)
    steps = whole_numbers(name, "stride", stride, axes)
    if W.ndim != axes + 2:
        kernel = ("kh, kw", "k")[axes == 1]
        raise ValueError(f"{name}: weight must be (out, in, {kernel}), not {W.shape}")
    shaped(name, W.shape[:1], bias=b)
    if len(W) % groups:
        raise ValueError(f"{name}: {len(W)} kernels cannot be shared among groups={groups}")
    apart, row = whole_numbers(name, "dilation", dilation, axes), (1,) * (2 - axes)

    def run(x: Any, kernel: Sizes, stride: Sizes, padding: Padding) -> Tensor:
        if x.shape[1] != W.shape[1] * groups:
            each = "" if groups == 1 else f" for each of {groups} groups"
            message = f"input has {x.shape[1]} channels, weight expects {W.shape[1]}{each}"
            raise ValueError(f"{name}: {message} — input is {X.shape}, weight {W.shape}")
        kernels = weight if axes == 2 else ops.reshape(weight, *W.shape[:2], *row, *W.shape[2:])
        options = {"stride": stride, "padding": padding, **if_dilated(row + apart)}
        return grouped(_conv2d, x, kernels, bias, groups, **options)

    reach = spread(W.shape[2:], apart)
    return slide(name, run, input, reach, steps, _frame(name, padding, reach, steps))


def _frame(function: str, padding: Any, kernel: Sizes, stride: Sizes) -> Padding:
    """How many zeros stand before and after the image, along each axis."""
    if padding != "same":
        given = 0 if padding == "valid" else padding
        zeros = whole_numbers(function, "padding", given, len(kernel), least=0)
        return tuple((p, p) for p in zeros)
    if any(s != 1 for s in stride):
        raise ValueError(f"{function}: padding='same' needs stride 1, not {stride}")
    return tuple(((k - 1) // 2, k // 2) for k in kernel)  # an even kernel: one more at the end


def grouped(formula: Any, x: Any, W: Any, b: Any, groups: int, **options: Any) -> Tensor:
    """``formula`` on each group of channels with its own kernels, and the results side by side."""
    if groups == 1:
        y: Tensor = formula(x, W, b, **options)
        return y

    def share(a: Any, i: int, axis: int = 0) -> Any:
        n = a.shape[axis] // groups
        return ops.index(a, (slice(None),) * axis + (slice(i * n, (i + 1) * n),))

    parts = [
        formula(share(x, i, 1), share(W, i), None if b is None else share(b, i), **options)
        for i in range(groups)
    ]
    return ops.cat(parts, 1)


class _Conv(Module):
    axes: int

    @checked
    def __init__(
        self, in_channels: PositiveInt, out_channels: PositiveInt, kernel_size: Size,
        stride: Size = 1, padding: PadSize = 0, dilation: Size = 1, groups: PositiveInt = 1,
        bias: bool = True, padding_mode: PaddingMode = "zeros", device: Device = None,
        dtype: Dtype | None = None, *, generator: Generator = None,
    ) -> None:  # fmt: skip
        name = type(self).__name__
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size = whole_numbers(name, "kernel_size", kernel_size, self.axes)
        self.stride = whole_numbers(name, "stride", stride, self.axes)
        self.padding, self.padding_mode = padding, padding_mode
        self.dilation, self.groups = dilation, groups
        self.frame()  # raises where it does not fit
        if in_channels % groups or out_channels % groups:
            channels = f"{in_channels} and {out_channels} channels"
            raise ValueError(f"{name}: groups={groups} must divide {channels}")
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight, self.bias = uniform_weights(shape, bias, dtype, generator)

    def frame(self) -> Padding:
        """How many entries stand before and after the image, along each axis."""
        name = type(self).__name__
        dilation = whole_numbers(name, "dilation", self.dilation, self.axes)
        return _frame(name, self.padding, spread(self.kernel_size, dilation), self.stride)

    def forward(self, input: Any) -> Tensor:
        padding = self.padding
        if self.padding_mode != "zeros":
            around = [n for pair in reversed(self.frame()) for n in pair]
            input, padding = pad(input, around, self.padding_mode), 0
        return _conv(
            self.axes, input, self.weight, self.bias, self.stride, padding, self.dilation,
            self.groups,
        )  # fmt: skip


class Conv1d(_Conv):
    """``out_channels`` kernels along a sequence; see :func:`conv1d`.

    ``weight`` (out, in / groups, k) and ``bias`` (out,) start from U(−1/√n, 1/√n) with
    n = in·k / groups, as in PyTorch. ``padding_mode`` says what stands in the frame, as in
    :func:`~nnlib.nn.functional.pad`.
    """

    axes = 1


class Conv2d(_Conv):
    """``out_channels`` kernels over an image; see :func:`conv2d`.

    ``weight`` (out, in / groups, kh, kw) and ``bias`` (out,) start from U(−1/√n, 1/√n) with
    n = in·kh·kw / groups, as in PyTorch. ``padding_mode`` says what stands in the frame, as in
    :func:`~nnlib.nn.functional.pad`.
    """

    axes = 2
