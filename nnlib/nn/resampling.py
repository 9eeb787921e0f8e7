"""Images in another size: averaged over so many regions, or their pixels repeated or mixed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from nnlib import ops
from nnlib.arguments import (
    NUMBER,
    Constraint,
    Unsupported,
    checked,
    floats,
    values,
    whole_numbers,
)
from nnlib.engine import Tensor
from nnlib.nn.module import Module

Sizes = int | None | Sequence[int | None]

# To so many pixels --------------------------------------------------------------------------


@checked
def adaptive_avg_pool2d(input: Any, output_size: Sizes) -> Tensor:
    """y[r, q] = the mean of x over region (r, q) of ``output_size`` regions, in every channel

    Along an axis of n pixels with m regions, region r goes from ⌊r n / m⌋ to below ⌈(r + 1) n / m⌉: all
    are of one size where m divides n, else neighbors overlap. Shapes: input (N, C, H, W) or (C, H, W);
    the result ends in ``output_size``, whose None means the input's own. Raises ValueError where shapes
    do not fit. As in torch.

    >>> adaptive_avg_pool2d(np.array([[[1.0, 2.0, 3.0]]]), (1, 2)).data
    array([[[1.5, 2.5]]])
    """
    return _averaged("adaptive_avg_pool2d", 2, input, output_size)


@checked
def adaptive_avg_pool1d(input: Any, output_size: Sizes) -> Tensor:
    """y[r] = the mean of x over region r of ``output_size`` regions

    Shapes: input (N, C, L) or (C, L). Regions and errors as in :func:`adaptive_avg_pool2d`. As in
    torch.

    >>> adaptive_avg_pool1d(np.array([[1.0, 2.0, 3.0, 6.0]]), 2).data
    array([[1.5, 4.5]])
    """
    return _averaged("adaptive_avg_pool1d", 1, input, output_size)


def _averaged(name: str, axes: int, input: Any, output_size: Sizes) -> Tensor:
    (x,) = floats(name, input=input)
    if x.ndim not in (axes + 1, axes + 2) or 0 in x.shape[-axes:]:
        names = ("C, H, W", "C, L")[axes == 1]
        raise ValueError(f"{name}: input must be (N, {names}) or ({names}), not {x.shape}")
    given = tuple(output_size) if isinstance(output_size, tuple | list) else (output_size,) * axes
    own = dict(zip(range(-axes, 0), x.shape[-axes:], strict=True))
    wanted = [own[axis] if m is None else m for axis, m in zip(own, given, strict=False)]
    sizes = whole_numbers(name, "output_size", wanted if len(given) == axes else given, axes)
    y: Any = input
    for (axis, n), m in zip(own.items(), sizes, strict=True):
        after = (slice(None),) * (-1 - axis)
        regions = [slice(r * n // m, -(-(r + 1) * n // m)) for r in range(m)]
        y = ops.stack([ops.mean(ops.index(y, (..., part, *after)), axis) for part in regions], axis)
    return y  # type: ignore[no-any-return]


class _AdaptiveAvgPool(Module):
    @checked
    def __init__(self, output_size: Sizes) -> None:
        self.output_size = output_size


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """See :func:`adaptive_avg_pool1d`."""

    def forward(self, input: Any) -> Tensor:
        return adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """See :func:`adaptive_avg_pool2d`."""

    def forward(self, input: Any) -> Tensor:
        return adaptive_avg_pool2d(input, self.output_size)


# To any size --------------------------------------------------------------------------------

Scale = float | Sequence[float] | None
Mode = Literal["nearest", "linear", "bilinear"]


@checked
def interpolate(
    input: Any, size: int | Sequence[int] | None = None, scale_factor: Scale = None,
    mode: Mode = "nearest", align_corners: bool | None = None,
    recompute_scale_factor: Unsupported = None, antialias: Unsupported = False,
) -> Tensor:  # fmt: skip
    """y[r] = x[⌊r n / m⌋] along each axis after the channels, which has n pixels and gets m

    That is mode "nearest". "linear", of sequences, and "bilinear", of images, mix the two pixels next to
    (r + ½) n / m − ½, where the middle of pixel r comes to lie; with ``align_corners`` next to
    r (n − 1) / (m − 1), so that the first and the last pixels stay where they are.

    Shapes: input (N, C, L) or (N, C, H, W). Either ``size`` says what m is, or ``scale_factor`` f does,
    m = ⌊f n⌋, and then 1/f stands for n / m; one number is for all axes. Raises ValueError where
    neither or both are given, or where they or the mode do not fit, TypeError where whole numbers
    are to be mixed. As in torch, whose other modes are left out.

    >>> interpolate(np.array([[[1.0, 2.0]]]), scale_factor=2).data
    array([[[1., 1., 2., 2.]]])
    """
    x = values("interpolate", "input", input)
    if x.ndim < 3:
        raise ValueError(f"interpolate: input must be (N, C, L) or (N, C, H, W), not {x.shape}")
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: give either size or scale_factor")
    image = x.shape[2:]
    if size is None:
        factors = _factors(scale_factor, len(image))
        sizes = tuple(int(n * f) for n, f in zip(image, factors, strict=True))
        steps = [1 / f for f in factors]
    else:
        sizes = whole_numbers("interpolate", "size", size, len(image))
        steps = [n / m for n, m in zip(image, sizes, strict=True)]
    if 0 in sizes or 0 in image:
        raise ValueError(f"interpolate: nothing is left of {image}: the result would be {sizes}")
    _check_mode(mode, align_corners, len(image))
    if mode != "nearest":
        floats("interpolate", input=input)
    y = input
    for axis, (n, m, step) in enumerate(zip(image, sizes, steps, strict=True), 2):
        if mode == "nearest":  # where PyTorch counts in float32
            seen = np.floor(np.arange(m, dtype=np.float32) * np.float32(step)).astype(int)
            y = ops.index(y, (slice(None),) * axis + (np.minimum(seen, n - 1),))
            continue
        at = np.maximum((np.arange(m) + 0.5) * step - 0.5, 0)
        if align_corners:
            at = np.arange(m) * ((n - 1) / (m - 1) if m > 1 else 0)
        y = _mixed(y, at, axis, x.dtype)
    return y  # type: ignore[no-any-return]


def _check_mode(mode: Mode, align_corners: bool | None, axes: int) -> None:
    if mode == "nearest" and align_corners is not None:
        raise ValueError("interpolate: align_corners is for modes that mix pixels, not 'nearest'")
    fits = {"linear": 1, "bilinear": 2}.get(mode, axes)
    if fits != axes:
        raise ValueError(
            f"interpolate: mode {mode!r} is for {fits} axes after the channels, not {axes}"
        )


def _mixed(x: Any, at: Any, axis: int, dtype: Any) -> Tensor:
    """What lies at places between pixels: (1 − t) x[i] + t x[i + 1] at i + t"""
    before = np.minimum(at.astype(int), x.shape[axis] - 1)
    t = (at - before).astype(dtype).reshape(-1, *(1,) * (x.ndim - axis - 1))
    along = (slice(None),) * axis
    left = ops.index(x, (*along, before))
    right = ops.index(x, (*along, np.minimum(before + 1, x.shape[axis] - 1)))
    return ops.add(ops.mul(left, 1 - t), ops.mul(right, t))


def _factors(scale_factor: Any, count: int) -> tuple[float, ...]:
    """One positive factor for each axis."""
    many = isinstance(scale_factor, tuple | list)
    given = tuple(scale_factor) if many else (scale_factor,) * count
    right = len(given) == count and all(isinstance(f, NUMBER) and f > 0 for f in given)
    wanted = Constraint(f"a number above 0, or {count} of them", (object,), lambda _: right)
    wanted.check("interpolate", "scale_factor", scale_factor)
    return tuple(map(float, given))


class Upsample(Module):
    """See :func:`interpolate`."""

    @checked
    def __init__(
        self, size: int | Sequence[int] | None = None, scale_factor: Scale = None,
        mode: Mode = "nearest", align_corners: bool | None = None,
        recompute_scale_factor: Unsupported = None,
    ) -> None:  # fmt: skip
        self.size, self.scale_factor, self.mode = size, scale_factor, mode
        self.align_corners = align_corners

    def forward(self, input: Any) -> Tensor:
        return interpolate(input, self.size, self.scale_factor, self.mode, self.align_corners)
