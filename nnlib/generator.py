"""A generator under PyTorch's names: ``nnlib.Generator().manual_seed(42)``.

It is a NumPy generator, so that everything that draws takes it; streams differ from PyTorch's.
"""

from __future__ import annotations

from typing import Self

import numpy as np

from nnlib.arguments import Device, NonNegativeInt, checked

__all__ = ["Generator"]


class Generator(np.random.Generator):
    """Random numbers of one's own: np.random.default_rng(), to be seeded later.

    ``device`` is the CPU. Raises TypeError for another one, ValueError for a seed below 0. As
    torch.Generator.

    >>> from nnlib.data import random_split
    >>> one, other = (random_split(range(9), [6, 3], Generator().manual_seed(0)) for _ in "ab")
    >>> one[0].indices == other[0].indices
    True
    """

    @checked
    def __init__(self, device: Device = None) -> None:
        super().__init__(np.random.PCG64())

    @checked
    def manual_seed(self, seed: NonNegativeInt) -> Self:
        """Start again from ``seed``."""
        self.bit_generator.state = np.random.PCG64(seed).state
        return self
