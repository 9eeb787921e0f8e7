"""A frozen layer with a small correction: what is tuned instead of the whole layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib.arguments import Generator, Positive, PositiveInt, checked
from nnlib.engine import Array, Tensor
from nnlib.nn.init import kaiming_uniform_
from nnlib.nn.linear import Linear, linear
from nnlib.nn.module import Module, Parameter


class LoRALinear(Module):
    """Z = X W₀ᵀ + b + α/r · X Aᵀ Bᵀ: the layer ``base``, frozen, plus a change of rank ≤ r

    ``lora_A`` (r, in) starts as PyTorch's Linear does, ``lora_B`` (out, r) from 0: at first nothing is
    changed. ``lora_alpha`` α is ``r`` unless given. ``base`` is kept, not copied, and its parameters
    require no gradient from now on. Shapes as in :func:`linear`. Raises TypeError for another base
    than a Linear. Names as in PEFT. Hu et al. (2022).

    >>> layer = LoRALinear(Linear(3, 2), r=1)
    >>> [name for name, p in layer.named_parameters() if p.requires_grad]
    ['lora_A', 'lora_B']
    """

    @checked
    def __init__(
        self, base: Module, r: PositiveInt, lora_alpha: Positive | None = None, *,
        generator: Generator = None,
    ) -> None:  # fmt: skip
        if not isinstance(base, Linear):
            raise TypeError(f"LoRALinear: base must be a Linear, not {base}")
        dtype = base.weight.dtype
        self.base = base.requires_grad_(False)
        A = np.empty((r, base.in_features), dtype)
        self.lora_A = kaiming_uniform_(Parameter(A), a=5**0.5, generator=generator)
        self.lora_B = Parameter(np.zeros((base.out_features, r), dtype))
        self.scaling = 1.0 if lora_alpha is None else lora_alpha / r

    def forward(self, input: Any) -> Tensor:
        change: Tensor = linear(linear(input, self.lora_A), self.lora_B) * self.scaling
        return change + self.base(input)  # type: ignore[no-any-return]

    def merged(self) -> Array:
        """W₀ + α/r · B A, (out, in): the weight of a single Linear that does the same"""
        change = self.scaling * self.lora_B.data @ self.lora_A.data
        return self.base.weight.data + change
