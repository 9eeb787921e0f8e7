"""Module: parameters, and how to walk them."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from typing import Any, Self

from nnlib.arguments import checked

# ruff: noqa: PLC0414  (offered from here as well)
from nnlib.nn.state import Buffer as Buffer
from nnlib.nn.state import Parameter as Parameter
from nnlib.nn.state import State


class Module(State):
    """A function with parameters: write ``__init__`` and ``forward``, and call it like a function.

    Whatever is an attribute belongs to the module: every Parameter, Buffer and Module that was
    assigned to ``self`` is found by walking ``vars(self)``, in the order of assignment. Inputs are
    of any shape that ``forward`` takes. Loading a ``state_dict`` that does not fit raises
    ValueError. As torch.nn.Module.

    >>> from nnlib import Tensor
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter([2.0])
    ...
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> Scale()(Tensor([1.0, 3.0]))
    tensor([2., 6.], requires_grad=True)
    >>> dict(Scale().named_parameters())
    {'factor': tensor([2.], requires_grad=True)}
    """

    training = True

    def forward(self, *inputs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no forward(self, x) yet")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        return self.forward(*inputs, **options)

    # What belongs to it: an attribute, or an attribute's attribute, and so on.

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules assigned to this one, with their names."""
        return ((name, m) for name, m in vars(self).items() if isinstance(m, Module))

    def children(self) -> Iterator[Module]:
        return (m for _, m in self.named_children())

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all below it; one that is used twice comes once."""
        seen: set[int] = set()
        stack: list[tuple[str, Module]] = [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if id(module) not in seen:
                seen.add(id(module))
                yield path, module
                children = [(_join(path, name), child) for name, child in module.named_children()]
                stack += reversed(children)

    def modules(self) -> Iterator[Module]:
        return (m for _, m in self.named_modules())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Every Parameter with its path ("0.weight"); a shared one comes once."""
        return self._named(Parameter, prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        return (p for _, p in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Buffer]]:
        return self._named(Buffer, prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Buffer]:
        return (b for _, b in self.named_buffers(recurse=recurse))

    def _named(self, kind: Any, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules(prefix) if recurse else [(prefix, self)]:
            for name, value in vars(module).items():
                if isinstance(value, kind) and id(value) not in seen:
                    seen.add(id(value))
                    yield _join(path, name), value

    # What is done to all of it.

    @checked
    def train(self, mode: bool = True) -> Self:
        """Switch to training mode (dropout drops, batch norm uses the batch) or back."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        return self.train(False)

    @checked
    def zero_grad(self, set_to_none: bool = True) -> None:
        for p in self.parameters():
            p.grad = None if set_to_none or p.grad is None else 0 * p.grad

    # Converted, saved, loaded: state.py.

    def __repr__(self) -> str:
        """The class, the arguments that differ from its defaults, and the parts."""
        shown = []
        for name, argument in signature(type(self)).parameters.items():
            value = vars(self).get(name, argument.default)
            if isinstance(value, int | float | str | tuple | None) and value != argument.default:
                shown.append(f"{name}={value!r}")
        parts = [f"({name}): {child!r}" for name, child in self.named_children()]
        extra, start = ", ".join(shown), f"{type(self).__name__}("
        if not parts:
            return f"{start}{extra})"
        lines = [start, *([extra] if extra else []), *parts]
        return "\n".join(lines).replace("\n", "\n  ") + "\n)"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
