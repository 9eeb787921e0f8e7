"""The echo state network: a random recurrent network that is never trained; Jaeger (2001)."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib.engine import Tensor
from nnlib.nn.checking import not_negative
from nnlib.nn.init import Generator
from nnlib.nn.module import Buffer
from nnlib.nn.recurrent import LeakyRNN
from nnlib.random import generator as _generator

__all__ = ["EchoState"]


class EchoState(LeakyRNN, options="spectral_radius input_scale alpha batch_first dtype"):
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

    bias, alpha, spectral_radius, input_scale = False, 0.0, 0.9, 0.1

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        sizes = {"spectral_radius": self.spectral_radius, "input_scale": self.input_scale}
        not_negative("EchoState", **sizes)

    def start(self, name: str, shape: tuple[int, ...], dtype: Any, generator: Generator) -> Tensor:
        rng = _generator(generator)
        if name.startswith("weight_ih"):
            W = rng.uniform(-self.input_scale, self.input_scale, shape)
        else:
            W = rng.normal(size=shape)
            W *= self.spectral_radius / np.abs(np.linalg.eigvals(W)).max()
        return Buffer(W, dtype=dtype or np.float32)

    def extra_repr(self) -> str:
        own = f"spectral_radius={self.spectral_radius}, input_scale={self.input_scale}"
        return f"{super().extra_repr()}, {own}"
