"""Modules made of modules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from nnlib import ops
from nnlib.arguments import Function, Generator, Named, Parts, checked, require, whole_numbers
from nnlib.engine import Tensor
from nnlib.nn.activation import ReLU
from nnlib.nn.linear import Linear
from nnlib.nn.module import Module


class ModuleList(Module):
    """A list of modules, whose parameters belong to the module that it is assigned to.

    It is not called itself: your ``forward`` says what happens with the parts. A plain list would
    hide their parameters. Raises TypeError for a part that is no module. As torch.nn.ModuleList.

    >>> ModuleList([Linear(2, 1), Linear(2, 1)])[1]
    Linear(in_features=2, out_features=1)
    """

    @checked
    def __init__(self, modules: Parts | None = None) -> None:
        for module in [] if modules is None else modules:
            self.append(module)

    @checked
    def append(self, module: Module) -> ModuleList:
        setattr(self, str(len(self)), module)
        return self

    def __len__(self) -> int:
        return len(list(self.children()))

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __getitem__(self, index: int | slice) -> Any:
        return list(self.children())[index]


class Sequential(ModuleList):
    """fₗ ∘ … ∘ f₁: each module is fed what the one before it returned.

    Takes modules, or one OrderedDict of named modules; raises TypeError for anything else. The
    input has any shape that the first module takes. As torch.nn.Sequential.

    >>> Sequential(Linear(2, 1), ReLU())[0]
    Linear(in_features=2, out_features=1)
    """

    def __init__(self, *modules: Module | OrderedDict[str, Module]) -> None:
        first = modules[0] if len(modules) == 1 else None
        named: Any = first.items() if isinstance(first, dict) else enumerate(modules)
        for name, module in named:
            require(Module, "Sequential", **{f"part {name}": module})
            setattr(self, str(name), module)

    def forward(self, x: Any) -> Any:
        for module in self:
            x = module(x)
        return x

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):  # the parts keep their names, as in PyTorch
            return Sequential(OrderedDict(list(self.named_children())[index]))
        return super().__getitem__(index)


class MLP(Sequential):
    """Linear layers of the given sizes with an activation between each two, none after the last.

    Shapes: (…, sizes[0]) → (…, sizes[−1]). Its ``state_dict`` is that of the
    ``torch.nn.Sequential`` of the same layers. Raises ValueError for fewer than two sizes.
    Rumelhart, Hinton and Williams (1986).

    >>> MLP([2, 16, 1])
    MLP(
      (0): Linear(in_features=2, out_features=16)
      (1): ReLU()
      (2): Linear(in_features=16, out_features=1)
    )
    """

    @checked
    def __init__(
        self, sizes: Sequence[int], activation: Function = ReLU, *, generator: Generator = None
    ) -> None:
        numbers = whole_numbers("MLP", "sizes", sizes)
        if len(numbers) < 2:
            raise ValueError(f"MLP: sizes needs an input and an output size, not {sizes!r}")
        layers: list[Module] = []
        for n_in, n_out in pairwise(numbers):
            layers += [Linear(n_in, n_out, generator=generator), activation()]
        super().__init__(*layers[:-1])


class Flatten(Module):
    """The axes from ``start_dim`` to ``end_dim`` joined into one: (N, C, H, W) → (N, C·H·W)

    Raises IndexError for an axis that is not there, ValueError where ``start_dim`` comes after
    ``end_dim``. As torch.nn.Flatten.

    >>> Flatten()(Tensor([[[1.0, 2.0], [3.0, 4.0]]]))
    tensor([[1., 2., 3., 4.]])
    """

    @checked
    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Tensor:
        return ops.flatten(x, self.start_dim, self.end_dim)


class ModuleDict(Module, Mapping[str, Module]):
    """Modules by name, whose parameters belong to the module that it is assigned to.

    Raises KeyError for a name that is taken, such as ``"forward"``, or that holds a dot, TypeError
    for a part that is no module. As torch.nn.ModuleDict.

    >>> heads = ModuleDict({"digit": Linear(64, 10), "parity": Linear(64, 2)})
    >>> heads["parity"].out_features
    2
    """

    @checked
    def __init__(self, modules: Named | None = None) -> None:
        for name, module in (modules or {}).items():
            self[name] = module

    @checked
    def __setitem__(self, name: str, module: Module) -> None:
        taken = hasattr(self, name) and name not in self  # by what every module has
        if taken or "." in name or not name:
            raise KeyError(f"ModuleDict: {name!r} cannot be a name; take a word without dots")
        setattr(self, name, module)

    def __getitem__(self, name: str) -> Module:
        parts = dict(self.named_children())
        if name not in parts:
            raise KeyError(f"ModuleDict: there is no {name!r}; there are {list(parts)}")
        return parts[name]

    def __len__(self) -> int:
        return len(list(self.children()))

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.named_children())

    __eq__, __hash__ = object.__eq__, object.__hash__  # a module is itself, whatever its parts
