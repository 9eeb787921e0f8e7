"""Layers that silence units: dropout at random, winner-take-all by rank."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib import ops
from nnlib.arguments import Generator, PositiveInt, UnitInterval, checked, floats, unchecked
from nnlib.engine import Array, Tensor, Vjps, op
from nnlib.nn.module import Module
from nnlib.random import generator as _generator

# Dropout -------------------------------------------------------------------------------------


# The lecture's form: nnlib.lecture.dropout
@op
def _dropout(h: Array, *, m: Array, q: float) -> Vjps:
    """h̃ = m ⊙ h / q, with ∂h = m ⊙ ∂h̃ / q: the same mask on the way back."""
    scaled = m * h.dtype.type(1 / q)
    return h * scaled, lambda g: g * scaled


@checked
def dropout(
    input: Any, p: UnitInterval = 0.5, training: bool = True, inplace: bool = False, *,
    generator: Generator = None,
) -> Tensor:  # fmt: skip
    """h̃ = m ⊙ h / q in training, with mᵢ = 1 with probability q = 1 − p, else 0; h̃ = h otherwise

    ``p`` is the probability to *drop* a unit, as in PyTorch. What is kept is scaled up ("inverted"
    dropout), so that h̃ equals h on average and nothing has to be done when predicting.

    Any shape. Raises ValueError for p outside [0, 1]. Source: Srivastava et al. (2014).

    >>> dropout(np.ones(6), 0.5, generator=np.random.default_rng(0)).data
    array([0., 0., 0., 2., 2., 2.])
    """
    (h,) = floats("dropout", input=input)
    if not training:
        return input if isinstance(input, Tensor) else Tensor(input)
    q = 1 - float(p)
    return _dropout(input, m=_mask(h, q, generator), q=q or 1.0)


@checked
def classic_dropout(
    input: Any, p: UnitInterval = 0.5, training: bool = True, *, generator: Generator = None
) -> Tensor:
    """h̃ = m ⊙ h in training, with mᵢ = 1 with probability q = 1 − p, else 0; h̃ = q h otherwise

    Dropout as it was first published: the scale is made good when predicting. ``p`` is the
    probability to drop a unit here too, while the paper's p is the one to keep it. With
    ``training=True`` it is masking noise for a denoising autoencoder.

    Any shape. Raises ValueError for p outside [0, 1]. Source: Hinton et al. (2012).

    >>> classic_dropout(np.ones(2), 0.2, training=False).data
    array([0.8, 0.8])
    """
    (h,) = floats("classic_dropout", input=input)
    q = 1 - float(p)
    return _dropout(input, m=_mask(h, q, generator), q=1.0) if training else ops.mul(input, q)


@checked
def dropout1d(
    input: Any, p: UnitInterval = 0.5, training: bool = True, inplace: bool = False, *,
    generator: Generator = None,
) -> Tensor:  # fmt: skip
    """h̃ = m ⊙ h / q in training, with one m per channel: neighbors in a channel say much the same

    Shapes: input (N, C, L) or (C, L). Options and errors as in :func:`dropout`. Source: Tompson et al.
    (2015).

    >>> dropout1d(np.ones((3, 2)), 0.5, generator=np.random.default_rng(1)).data
    array([[2., 2.],
           [0., 0.],
           [0., 0.]])
    """
    return _dropped_channels("dropout1d", 1, input, p, training, generator)


@checked
def dropout2d(
    input: Any, p: UnitInterval = 0.5, training: bool = True, inplace: bool = False, *,
    generator: Generator = None,
) -> Tensor:  # fmt: skip
    """h̃ = m ⊙ h / q in training, with one m per channel: neighboring pixels say much the same

    Shapes: input (N, C, H, W), or (N, C, L) as in torch. Options and errors as in :func:`dropout`.
    Source: Tompson et al. (2015).

    >>> dropout2d(np.ones((1, 2, 1, 2)), 0.5, generator=np.random.default_rng(1)).data.tolist()
    [[[[2.0, 2.0]], [[0.0, 0.0]]]]
    """
    return _dropped_channels("dropout2d", 2, input, p, training, generator)


def _dropped_channels(
    name: str, axes: int, input: Any, p: float, training: bool, generator: Generator
) -> Tensor:
    (h,) = floats(name, input=input)
    wanted = {1: ((2, 3), "(N, C, L) or (C, L)"), 2: ((3, 4), "(N, C, H, W) or (N, C, L)")}[axes]
    if h.ndim not in wanted[0]:
        raise ValueError(f"{name}: input must be {wanted[1]}, not {h.shape}")
    if not training:
        return input if isinstance(input, Tensor) else Tensor(input)
    channels = 1 if h.ndim == 2 else 2
    each = h[(slice(None),) * channels + (slice(1),) * (h.ndim - channels)]
    q = 1 - float(p)
    return _dropout(input, m=_mask(each, q, generator), q=q or 1.0)


def _mask(h: Array, q: float, generator: Generator) -> Any:
    return _generator(generator).random(h.shape, np.float32) < q


class Dropout(Module):
    """See :func:`dropout`; does nothing in eval mode."""

    @checked
    def __init__(
        self, p: UnitInterval = 0.5, inplace: bool = False, *, generator: Generator = None
    ) -> None:
        self.p, self.generator = p, generator

    def forward(self, input: Any) -> Tensor:
        return unchecked(dropout)(input, self.p, self.training, generator=self.generator)


class Dropout1d(Dropout):
    """See :func:`dropout1d`; does nothing in eval mode."""

    def forward(self, input: Any) -> Tensor:
        return dropout1d(input, self.p, self.training, generator=self.generator)


class Dropout2d(Dropout):
    """See :func:`dropout2d`; does nothing in eval mode."""

    def forward(self, input: Any) -> Tensor:
        return dropout2d(input, self.p, self.training, generator=self.generator)


class ClassicDropout(Module):
    """See :func:`classic_dropout`; scales by 1 − p in eval mode."""

    @checked
    def __init__(self, p: UnitInterval = 0.5, *, generator: Generator = None) -> None:
        self.p, self.generator = p, generator

    def forward(self, input: Any) -> Tensor:
        return classic_dropout(input, self.p, self.training, generator=self.generator)


# Winner-take-all -----------------------------------------------------------------------------


@checked
def winner_take_all(input: Any, k: PositiveInt) -> Tensor:
    """hᵢ where it is one of the ``k`` largest of its example, else 0

    Shapes: input (…, units). Exactly k are kept; of equal ones, the first. The gradient flows through
    the winners alone.

    Raises ValueError unless 1 ≤ k ≤ the number of units. Source: Makhzani and Frey (2014).

    >>> winner_take_all(np.array([[3.0, 1.0, 2.0], [5.0, 5.0, 5.0]]), 2).data
    array([[3., 0., 2.],
           [5., 5., 0.]])
    """
    (h,) = floats("winner_take_all", input=input)
    if k > (units := h.shape[-1] if h.ndim else 0):
        raise ValueError(f"winner_take_all: k={k} winners among {units} units: input is {h.shape}")
    m = np.zeros(h.shape, bool)
    np.put_along_axis(m, np.argsort(-h, kind="stable")[..., :k], True, -1)
    return ops.where(m, input, 0.0)


class WinnerTakeAll(Module):
    """See :func:`winner_take_all`."""

    @checked
    def __init__(self, k: PositiveInt) -> None:
        self.k = k

    def forward(self, input: Any) -> Tensor:
        return winner_take_all(input, self.k)
