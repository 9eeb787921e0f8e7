"""Transposed convolution: from a small image to a large one; Zeiler et al. (2010).

Each pixel lays its own multiple of the kernel into the result, ``stride`` apart, and they add up. It
is the way back through an ordinary convolution, run forward, and so no inverse of it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.arguments import (
    Device,
    Dtype,
    Generator,
    PositiveInt,
    Unsupported,
    checked,
    floats,
    shaped,
    whole_numbers,
)
from nnlib.engine import Tensor
from nnlib.nn.convolution import Size, Sizes, _conv_transpose2d, grouped, if_dilated, spread
from nnlib.nn.init import uniform_
from nnlib.nn.module import Module, Parameter


@checked
def conv_transpose2d(
    input: Any, weight: Any, bias: Any = None, stride: Size = 1, padding: Size = 0,
    output_padding: Size = 0, groups: PositiveInt = 1, dilation: Size = 1,
) -> Tensor:  # fmt: skip
    """y[o, s r + d i, s q + d j] sums b[o] + Σ W[c, o, i, j] · x[c, r, q] over c, i, j, r, q

    Shapes: input (N, C, H, W) or (C, H, W), weight (C, out / groups, kh, kw), bias (out,) or None; the
    result is (N, out, (H − 1) s − 2p + d (kh − 1) + 1 + ``output_padding``, …): the size that a
    convolution of these options makes H of. Raises ValueError where shapes do not fit, TypeError
    where dtypes differ. Zeiler et al. (2010).

    >>> conv_transpose2d(np.array([[[1.0, 2.0]]]), np.array([[[[1.0, 1.0]]]]), stride=2).data
    array([[[1., 1., 2., 2.]]])
    """
    given = (stride, padding, output_padding, dilation)
    return _transposed(2, input, weight, bias, *given, groups)


@checked
def conv_transpose1d(
    input: Any, weight: Any, bias: Any = None, stride: Size = 1, padding: Size = 0,
    output_padding: Size = 0, groups: PositiveInt = 1, dilation: Size = 1,
) -> Tensor:  # fmt: skip
    """y[o, s r + d j] sums b[o] + Σ W[c, o, j] · x[c, r] over c, j, r: an image of one row

    Shapes: input (N, C, L) or (C, L), weight (C, out / groups, k). Options, errors and source as in
    :func:`conv_transpose2d`.

    >>> conv_transpose1d(np.array([[1.0, 2.0]]), np.array([[[1.0, 10.0]]])).data
    array([[ 1., 12., 20.]])
    """
    given = (stride, padding, output_padding, dilation)
    return _transposed(1, input, weight, bias, *given, groups)


def _transposed(
    axes: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, output_padding: Any,
    dilation: Any, groups: int,
) -> Tensor:  # fmt: skip
    name, pads = f"conv_transpose{axes}d", {"padding": padding, "output_padding": output_padding}
    X, W, b = floats(name, {"bias": bias}, input=input, weight=weight)
    steps = whole_numbers(name, "stride", stride, axes)
    frame, more = (whole_numbers(name, k, v, axes, least=0) for k, v in pads.items())
    apart = whole_numbers(name, "dilation", dilation, axes)
    if W.ndim != axes + 2 or X.ndim not in (axes + 1, axes + 2):
        message = f"input {X.shape} and weight {W.shape} must have {axes} axes after the channels"
        raise ValueError(f"{name}: {message}")
    if X.shape[-axes - 1] != len(W) or len(W) % groups:
        message = f"input has {X.shape[-axes - 1]} channels, weight expects {len(W)}"
        raise ValueError(
            f"{name}: {message} in {groups} groups — input {X.shape}, weight {W.shape}"
        )
    shaped(name, (W.shape[1] * groups,), bias=b)
    if any(m >= s for m, s in zip(more, steps, strict=True)):
        raise ValueError(
            f"{name}: output_padding {output_padding} must be less than stride {steps}"
        )
    size = tuple(
        (n - 1) * s - 2 * p + k + m
        for n, s, p, k, m in zip(
            X.shape[-axes:], steps, frame, spread(W.shape[2:], apart), more, strict=True
        )
    )
    if min(size) < 1:
        raise ValueError(
            f"{name}: nothing is left of {X.shape[-axes:]}: the result would be {size}"
        )
    row, none = (1,) * (2 - axes), (0,) * (2 - axes)
    batch = X.shape[: -axes - 1]
    y = grouped(
        _conv_transpose2d,
        ops.reshape(input, *(batch or (1,)), len(W), *row, *X.shape[-axes:]),
        ops.reshape(weight, *W.shape[:2], *row, *W.shape[2:]),
        bias, groups,
        stride=row + steps, padding=tuple((p, p) for p in none + frame), size=row + size,
        **if_dilated(row + apart),
    )  # fmt: skip
    return ops.reshape(y, *batch, y.shape[1], *size)


class _ConvTranspose(Module):
    axes: int

    @checked
    def __init__(
        self, in_channels: PositiveInt, out_channels: PositiveInt, kernel_size: Size,
        stride: Size = 1, padding: Size = 0, output_padding: Size = 0, groups: PositiveInt = 1,
        bias: bool = True, dilation: Size = 1, padding_mode: Unsupported = "zeros",
        device: Device = None, dtype: Dtype | None = None, *, generator: Generator = None,
    ) -> None:  # fmt: skip
        name = type(self).__name__
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size: Sizes = whole_numbers(name, "kernel_size", kernel_size, self.axes)
        self.stride = whole_numbers(name, "stride", stride, self.axes)
        self.padding, self.output_padding = padding, output_padding
        self.groups, self.dilation = groups, dilation
        if in_channels % groups or out_channels % groups:
            channels = f"{in_channels} and {out_channels} channels"
            raise ValueError(f"{name}: groups={groups} must divide {channels}")
        shape = (in_channels, out_channels // groups, *self.kernel_size)
        bound = 1 / math.sqrt(math.prod(shape[1:]))

        def start(*shape: int) -> Parameter:
            blank = Parameter(np.empty(shape, dtype or np.float32))
            return uniform_(blank, -bound, bound, generator)

        self.weight, self.bias = start(*shape), start(out_channels) if bias else None

    @checked
    def forward(self, input: Any, output_size: Unsupported = None) -> Tensor:
        return _transposed(
            self.axes, input, self.weight, self.bias, self.stride, self.padding,
            self.output_padding, self.dilation, self.groups,
        )  # fmt: skip


class ConvTranspose1d(_ConvTranspose):
    """``in_channels`` sequences to ``out_channels`` longer ones; see :func:`conv_transpose1d`.

    ``weight`` (in, out / groups, k) and ``bias`` (out,) start from U(−1/√n, 1/√n) with
    n = out·k / groups, as in PyTorch.
    """

    axes = 1


class ConvTranspose2d(_ConvTranspose):
    """``in_channels`` images to ``out_channels`` larger ones; see :func:`conv_transpose2d`.

    ``weight`` (in, out / groups, kh, kw) and ``bias`` (out,) start from U(−1/√n, 1/√n) with
    n = out·kh·kw / groups, as in PyTorch.
    """

    axes = 2
