"""What convolution and pooling share: a window that slides over an image.

An image batch has shape (N, C, H, W). Inside, it is turned to (H, C, W, N): row by row, and the
examples last. Then one row of an image, over all examples, is one run of neighboring numbers, which
is what makes copying and multiplying fast. Turning the axes is free for arrays that one of our ops
has made.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.engine import Array, Tensor
from nnlib.nn.checking import values

__all__ = [
    "Padding", "Sizes", "batched", "examples_first", "framed", "output_shape", "rows_first", "sizes",
    "unframed", "windows",
]  # fmt: skip

Sizes = tuple[int, ...]
Padding = tuple[tuple[int, int], ...]  # before and after, for each axis of the image


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


# What the public functions check -------------------------------------------------------------


def sizes(function: str, argument: str, value: Any, axes: int, least: int) -> Sizes:
    """One whole number for all axes, or a tuple with one for each."""
    several = (value,) * axes if isinstance(value, int | np.integer) else value
    if (
        not isinstance(several, tuple | list)
        or len(several) != axes
        or not all(isinstance(n, int | np.integer) and n >= least for n in several)
    ):
        expected = f"a whole number from {least}" + f", or {axes} of them" * (axes > 1)
        raise ValueError(f"{function}: {argument} must be {expected}, not {value!r}")
    return tuple(int(n) for n in several)


def batched(function: str, input: Any, axes: int) -> tuple[Tensor, bool]:
    """input as (N, C, H, W), and whether it came as a batch."""
    shape = values(function, "input", input).shape
    names = ("C, H, W", "C, L")[axes == 1]
    if len(shape) not in (axes + 1, axes + 2):
        raise ValueError(f"{function}: input must be (N, {names}) or ({names}), not {shape}")
    many = len(shape) == axes + 2
    N, C, *image = shape if many else (1, *shape)
    if len(shape) == 4:
        return input, many
    return ops.reshape(input, N, C, *(1,) * (2 - axes), *image), many


def output_shape(
    function: str, image: Sizes, kernel: Sizes, stride: Sizes, padding: Padding
) -> Sizes:
    """⌊(n + padding − k) / s⌋ + 1 along each axis; ValueError where the kernel does not fit"""
    whole = tuple(n + sum(p) for n, p in zip(image, padding, strict=True))
    if any(k > n for k, n in zip(kernel, whole, strict=True)) or not math.prod(image):
        words = f", with padding {whole}" if whole != image else ""
        raise ValueError(
            f"{function}: a kernel of {kernel} does not fit into an input of {image}{words}"
        )
    return tuple((n - k) // s + 1 for n, k, s in zip(whole, kernel, stride, strict=True))
