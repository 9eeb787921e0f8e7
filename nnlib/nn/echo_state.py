"""The echo state network: a random recurrent network that is never trained; Jaeger (2001)."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib.nn.module import Buffer
from nnlib.nn.recurrent import Generator, LeakyRNN
from nnlib.random import generator as _generator

__all__ = ["EchoState"]


class EchoState(LeakyRNN):
    """h_t = α h_{t−1} + (1 − α) tanh(U x_t + W h_{t−1}): a reservoir whose U and W stay as drawn

    U ~ U(−input_scale, input_scale); W ~ N(0, 1), then rescaled such that its largest |eigenvalue|
    is ``spectral_radius``. Memory of the input is best just below 1; there, two different starts
    are forgotten (the "echo state"), though |λ| < 1 neither guarantees nor is needed for that:
    Yildiz, Jaeger and Kiebel (2012). ``alpha`` is the leak of :class:`~nnlib.nn.LeakyRNN` (Jaeger's
    a is 1 − α). Only a read-out on the states is trained, by (ridge) regression.

    ``states, h_n = reservoir(input, hx)``, shapes as in :class:`~nnlib.nn.RNN`. ``weight_ih_l0`` and
    ``weight_hh_l0`` are buffers. Raises ValueError for options out of range.

    >>> reservoir = EchoState(1, 50, spectral_radius=0.9)
    >>> round(float(abs(np.linalg.eigvals(reservoir.weight_hh_l0.data)).max()), 4)
    0.9
    >>> list(reservoir.parameters())
    []
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        spectral_radius: float = 0.9,
        input_scale: float = 0.1,
        alpha: float = 0.0,
        *,
        batch_first: bool = False,
        dtype: Any = None,
        generator: Generator = None,
    ) -> None:
        for name, value in [("spectral_radius", spectral_radius), ("input_scale", input_scale)]:
            if not value >= 0:
                raise ValueError(f"EchoState: {name} must not be negative, and it is {value}")
        super().__init__(
            input_size, hidden_size, alpha, bias=False, batch_first=batch_first, dtype=dtype,
            generator=generator,
        )  # fmt: skip
        rng = _generator(generator)
        U = rng.uniform(-input_scale, input_scale, (hidden_size, input_size))
        W = rng.normal(size=(hidden_size, hidden_size))
        W *= spectral_radius / np.abs(np.linalg.eigvals(W)).max()
        self.weight_ih_l0, self.weight_hh_l0 = (
            Buffer(a, dtype=dtype or np.float32) for a in (U, W)
        )
        self.spectral_radius, self.input_scale = spectral_radius, input_scale

    def extra_repr(self) -> str:
        own = f", spectral_radius={self.spectral_radius}, input_scale={self.input_scale}"
        return super().extra_repr().replace(", bias=False", "") + own
