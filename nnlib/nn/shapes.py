"""Layers that only put the same entries in another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nnlib import ops
from nnlib.arguments import PositiveInt, checked, values
from nnlib.engine import Tensor
from nnlib.nn.module import Module


class Unflatten(Module):
    """One axis, ``dim``, split into several: (N, C·H·W) → (N, C, H, W)

    ``unflattened_size`` are their lengths, of which one may be −1. Raises ValueError where they do not
    fit, IndexError for an axis that is not there. As in torch.

    >>> Unflatten(1, (2, 2))(Tensor([[1.0, 2.0, 3.0, 4.0]]))
    tensor([[[1., 2.],
             [3., 4.]]])
    """

    @checked
    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Any) -> Tensor:
        shape = values("Unflatten", "input", input).shape
        if not -len(shape) <= self.dim < len(shape):
            raise IndexError(f"Unflatten: dim={self.dim}, but input has shape {shape}")
        axis, sizes = self.dim % len(shape), self.unflattened_size
        given = math.prod(n for n in sizes if n != -1)
        if -1 in sizes and sizes.count(-1) == 1 and given and shape[axis] % given == 0:
            sizes = tuple(shape[axis] // given if n == -1 else n for n in sizes)
        if math.prod(sizes) != shape[axis] or min(sizes, default=0) < 0:
            message = f"unflattened_size {self.unflattened_size} does not fit {shape[axis]}"
            raise ValueError(f"Unflatten: {message} entries of input {shape}")
        return ops.reshape(input, *shape[:axis], *sizes, *shape[axis + 1 :])


class PixelShuffle(Module):
    """See :func:`pixel_shuffle`."""

    @checked
    def __init__(self, upscale_factor: PositiveInt) -> None:
        self.upscale_factor = upscale_factor

    def forward(self, input: Any) -> Tensor:
        return pixel_shuffle(input, self.upscale_factor)


@checked
def pixel_shuffle(input: Any, upscale_factor: PositiveInt) -> Tensor:
    """y[c, s r + i, s q + j] = x[c s² + s i + j, r, q]: channels become pixels; Shi et al. (2016)

    Shapes: input (…, C s², H, W) → (…, C, s H, s W), s being ``upscale_factor``. Raises ValueError
    where s² does not divide the channels.

    >>> import numpy as np
    >>> pixel_shuffle(np.array([[[1.0]], [[2.0]], [[3.0]], [[4.0]]]), 2).data
    array([[[1., 2.],
            [3., 4.]]])
    """
    s, shape = upscale_factor, values("pixel_shuffle", "input", input).shape
    if len(shape) < 3 or shape[-3] % s**2:
        message = f"input must be (…, C, H, W) with C a multiple of {s**2}, not {shape}"
        raise ValueError(f"pixel_shuffle: {message}")
    *batch, C, H, W = shape
    channels = math.prod(batch) * C // s**2
    apart = ops.reshape(input, channels, s, s, H, W)  # (…, i, j, r, q) → (…, r, i, q, j)
    turned = ops.transpose(ops.transpose(ops.transpose(apart, 1, 3), 2, 3), 3, 4)
    return ops.reshape(turned, *batch, C // s**2, s * H, s * W)
