"""Modules made of modules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from nnlib.nn.activation import ReLU
from nnlib.nn.linear import Linear
from nnlib.nn.module import Module

__all__ = ["MLP", "Sequential"]


class Sequential(Module):
    """fₗ ∘ … ∘ f₁: each module is fed what the one before it returned.

    Takes modules, or one OrderedDict of named modules. Raises TypeError for anything else.

    >>> Sequential(Linear(2, 1), ReLU())[0]
    Linear(in_features=2, out_features=1, bias=True)
    """

    def __init__(self, *modules: Module | OrderedDict[str, Module]) -> None:
        if len(modules) == 1 and isinstance(modules[0], dict):
            named = modules[0]
        else:
            named = {str(i): m for i, m in enumerate(modules)}  # type: ignore[assignment]
        for name, module in named.items():
            if not isinstance(module, Module):
                hint = f": write {module.__name__}(…)" if isinstance(module, type) else ""
                raise TypeError(f"Sequential: part {name} is {module!r}, not a module{hint}")
            setattr(self, name, module)

    def forward(self, x: Any) -> Any:
        for module in self:
            x = module(x)
        return x

    def __len__(self) -> int:
        return sum(1 for _ in self.children())

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):  # the parts keep their names, as in PyTorch
            return Sequential(OrderedDict(list(self.named_children())[index]))
        return list(self.children())[index]


class MLP(Sequential):
    """Linear layers of the given sizes with an activation between each two, none after the last.

    Its ``state_dict`` is that of the ``torch.nn.Sequential`` of the same layers.

    >>> MLP([2, 16, 1])
    MLP(
      (0): Linear(in_features=2, out_features=16, bias=True)
      (1): ReLU()
      (2): Linear(in_features=16, out_features=1, bias=True)
    )
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: type[Module] = ReLU,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        if len(sizes) < 2:
            raise ValueError(
                f"MLP: sizes needs at least an input and an output size, not {sizes!r}"
            )
        layers: list[Module] = []
        for n_in, n_out in pairwise(sizes):
            layers += [Linear(n_in, n_out, generator=generator), activation()]
        super().__init__(*layers[:-1])
