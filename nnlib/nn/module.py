"""Module: parameters, and how to walk them."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from nnlib.arguments import Named, Unsupported, checked
from nnlib.engine import Array, Tensor


class Parameter(Tensor):
    """A Tensor that belongs to a module and is trained. As torch.nn.Parameter.

    Shapes and errors as in :class:`~nnlib.Tensor`.

    >>> Parameter([1.0])
    tensor([1.], requires_grad=True)
    """

    __slots__ = ()

    @checked
    def __init__(self, data: ArrayLike | Tensor, requires_grad: bool = True) -> None:
        super().__init__(data, requires_grad=requires_grad)


class Buffer(Tensor):
    """A Tensor that belongs to a module and is kept with it, but not trained.

    >>> model = Module()
    >>> model.count = Buffer(0)
    >>> model.state_dict(), list(model.parameters())
    ({'count': array(0)}, [])
    """

    __slots__ = ()


class Module:
    """A function with parameters: write ``__init__`` and ``forward``, and call it like a function.

    Whatever is an attribute belongs to the module: every Parameter, Buffer and Module that was
    assigned to ``self`` is found by walking ``vars(self)``, in the order of assignment. Inputs are
    of any shape that ``forward`` takes. Loading a ``state_dict`` that does not fit raises
    ValueError. As torch.nn.Module.

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

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every Parameter with its path ("0.weight"); a shared one comes once."""
        seen: set[int] = set()
        for path, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, Parameter) and id(value) not in seen:
                    seen.add(id(value))
                    yield _join(path, name), value

    def parameters(self) -> Iterator[Parameter]:
        return (p for _, p in self.named_parameters())

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
    def zero_grad(self, set_to_none: Unsupported = True) -> None:
        for p in self.parameters():
            p.grad = None

    @checked
    def requires_grad_(self, requires_grad: bool = True) -> Self:
        for p in self.parameters():
            p.requires_grad = requires_grad
        return self

    def float(self) -> Self:
        return self._convert(np.float32)

    def double(self) -> Self:
        return self._convert(np.float64)

    def _convert(self, dtype: Any) -> Self:
        for t in self._state().values():
            if t.dtype.kind == "f":
                t._data = t._data.astype(dtype)
                t.grad = None if t.grad is None else t.grad.astype(dtype)
                t._changed()
        return self

    # Its values, saved and loaded.

    def _state(self) -> dict[str, Tensor]:
        """Every place where a Parameter or Buffer stands; a shared one under each of its names."""
        state: dict[str, Tensor] = {}
        for kind in (Parameter, Buffer):  # PyTorch's order
            state |= {name: t for name, t in vars(self).items() if isinstance(t, kind)}
        for name, child in self.named_children():
            state |= {_join(name, key): value for key, value in child._state().items()}
        return state

    def state_dict(self) -> dict[str, Array]:
        """Copies of all parameters and buffers, under the keys that PyTorch gives them."""
        return {name: t.data.copy() for name, t in self._state().items()}

    @checked
    def load_state_dict(
        self, state_dict: Named, strict: Unsupported = True, assign: Unsupported = False
    ) -> None:
        """Take the values of a ``state_dict``, nnlib's or PyTorch's.

        Raises ValueError that names every missing, unexpected and unfit key; then nothing has been
        changed.
        """
        own, new = self._state(), {key: np.asarray(value) for key, value in state_dict.items()}
        faults = [f"{key} is missing" for key in own if key not in new]
        for key, a in new.items():
            if key not in own:
                faults.append(f"{key} is not a part of this model")
            elif a.shape != own[key].shape:
                faults.append(f"{key} has shape {a.shape}, the model's has {own[key].shape}")
            if a.dtype.kind not in "fiub":
                faults.append(f"{key} holds {a.dtype}")
        if faults:
            raise ValueError("load_state_dict: " + "; ".join(faults))
        for key, t in own.items():
            t.data = new[key]

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


# Functional and Configured: until recurrent.py and pooling.py are written out ------------------

from collections.abc import Callable
from inspect import Signature

from nnlib.arguments import PLAIN, Kind, arguments


class Configured(Module):
    """A module whose arguments the class lists in a ``__signature__``, and keeps as attributes.

    What each may be stands in its annotation (arguments.py).
    """

    __signature__: Signature

    def __init__(self, *args: Any, **options: Any) -> None:
        given = arguments(type(self).__name__, self.__signature__, args, options)
        defaults = {k: p.default for k, p in self.__signature__.parameters.items()}
        vars(self).update(defaults | given)


class Functional(Configured):
    """A function as a module: ``class ReLU(Functional, of=relu)``

    The function's options, or those listed in ``options``, are the constructor's arguments. The
    module is called with what comes before them, and says itself whether it is ``training``.
    """

    function: Callable[..., Any]
    _passed: list[str]

    def __init_subclass__(cls, of: Callable[..., Any] | None = None, options: str = "") -> None:
        if of is not None:
            known = signature(of).parameters
            rest = ("input", "target", "training")
            names = options.split() or [k for k in known if k not in rest]
            cls.__signature__ = Signature([known[name] for name in names])
            # The constructor has checked the options: __wrapped__ is what checked() made sure of.
            cls.function = staticmethod(of.__wrapped__)  # type: ignore[attr-defined]
            own = signature(cls.function).parameters
            cls._passed = [k for k in own if k in (*names, "training")]

    def forward(self, *inputs: Any) -> Any:
        return type(self).function(*inputs, **{name: getattr(self, name) for name in self._passed})


PLAIN["Module"] = Kind("a module", (Module,))
