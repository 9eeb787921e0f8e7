"""What a module keeps: parameters and buffers, under names, converted, saved and loaded.

The walk through them is Module's (module.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

import numpy as np
from numpy.typing import ArrayLike

from nnlib.arguments import Device, Dtype, Function, Named, Unsupported, checked, require
from nnlib.engine import Array, Tensor

if TYPE_CHECKING:
    from nnlib.nn.module import Module


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

    >>> from nnlib import nn
    >>> model = nn.Module()
    >>> model.count = Buffer(0)
    >>> model.state_dict(), list(model.parameters())
    ({'count': array(0)}, [])
    """

    __slots__ = ()


class PassingBuffer(Buffer):
    """A Buffer that is converted with its module, but not saved."""

    __slots__ = ()


class IncompatibleKeys(NamedTuple):
    """What ``load_state_dict`` did not find, and what it had no place for."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class State:
    """The part of :class:`~nnlib.nn.Module` that deals with what it keeps."""

    if TYPE_CHECKING:
        named_children: Callable[[], Iterator[tuple[str, Module]]]
        modules: Callable[[], Iterator[Module]]

    @checked
    def __init__(self) -> None:
        """Nothing has to be prepared: ``super().__init__()`` may be written, and need not."""

    # Taken in.

    def __setattr__(self, name: str, value: Any) -> None:
        """As any attribute, except that what belongs to the module is not lost by it.

        A plain Tensor, or a number, in a Parameter's place would no longer be trained: TypeError. In a
        Buffer's place it becomes the Buffer. None empties the place.
        """
        before = vars(self).get(name)
        if isinstance(before, Parameter | Buffer) and not isinstance(value, Parameter | Buffer):
            kind = "Parameter" if isinstance(before, Parameter) else "Buffer"
            if type(value) is Tensor and isinstance(before, Buffer):
                value = _buffer(value, type(before))
            elif value is not None and not (isinstance(value, State) and kind == "Buffer"):
                given = f"{type(self).__name__}: {name} is a {kind}, not a {type(value).__name__}"
                write = f"module.{name}.data = …, or nn.{kind}(…)"
                raise TypeError(f"{given}; to change its values write {write}")
        object.__setattr__(self, name, value)

    @checked
    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Keep a Tensor under ``name``, untrained; unless ``persistent`` it is not saved."""
        kind = Buffer if persistent else PassingBuffer
        self._register(name, tensor if tensor is None else _buffer(tensor, kind))

    @checked
    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """The same as ``self.name = param``, for a name that is put together."""
        self._register(name, param)

    def add_module(self, name: str, module: Module | None) -> None:
        """The same as ``self.name = module``, for a name that is put together."""
        if module is not None and not isinstance(module, State):
            raise TypeError(f"add_module: {name} must be a module, not {type(module).__name__}")
        self._register(name, module)

    register_module = add_module

    def _register(self, name: str, value: Any) -> None:
        own = type(self).__name__
        if not name or "." in name:
            raise KeyError(f"{own}: {name!r} cannot be a name; take a word without dots")
        kept = vars(self).get(name, self if hasattr(self, name) else None)
        if kept is self or not isinstance(kept, Tensor | State | None):
            raise KeyError(f"{own}: it has an attribute {name!r} already")
        setattr(self, name, value)

    # Done to all of it.

    @checked
    def apply(self, fn: Function) -> Self:
        """``fn`` on every module below this one, and on this one last."""
        for _, child in self.named_children():
            child.apply(fn)
        fn(self)
        return self

    @checked
    def requires_grad_(self, requires_grad: bool = True) -> Self:
        for t in self._state(Parameter).values():
            t.requires_grad = requires_grad
        return self

    def to(self, *place: Any, **options: Any) -> Self:
        """``to("cpu")``, ``to(np.float64)``, ``to("cpu", np.float64)`` or ``to(another_tensor)``

        The CPU is where everything is. Raises TypeError for any other device and for what is no float
        dtype. ``device=``, ``dtype=`` and ``non_blocking=`` name the arguments.
        """
        unknown = set(options) - {"device", "dtype", "non_blocking"}
        if unknown:
            raise TypeError(f"to: got an unexpected keyword argument {min(unknown)!r}")
        device, dtype = options.get("device"), options.get("dtype")
        for given in place:
            if isinstance(given, Tensor):
                dtype = given.dtype
            elif _is_dtype(given):
                dtype = given
            elif not isinstance(given, bool):
                device = given
        require(Device, "to", device=device)
        return self if dtype is None else self._convert(dtype)

    def cpu(self) -> Self:
        return self

    def float(self) -> Self:
        return self._convert(np.float32)

    def double(self) -> Self:
        return self._convert(np.float64)

    def half(self) -> Self:
        return self._convert(np.float16)

    def _convert(self, dtype: Any) -> Self:
        require(Dtype, "to", dtype=dtype)
        for t in self._state().values():
            if t.dtype.kind == "f":
                t._changed()
                t._data = t._data.astype(dtype)
                t.grad = None if t.grad is None else t.grad.astype(dtype)
        return self

    # Saved and loaded.

    def _state(self, *kinds: type[Tensor]) -> dict[str, Tensor]:
        """Every place where a Parameter or Buffer stands; a shared one under each of its names."""
        state: dict[str, Tensor] = {}
        for kind in kinds or (Parameter, Buffer):  # PyTorch's order
            state |= {name: t for name, t in vars(self).items() if isinstance(t, kind)}
        for name, child in self.named_children():
            state |= {f"{name}.{key}": value for key, value in child._state(*kinds).items()}
        return state

    def _saved(self) -> dict[str, Tensor]:
        return {k: t for k, t in self._state().items() if not isinstance(t, PassingBuffer)}

    def state_dict(self) -> dict[str, Array]:
        """Copies of all parameters and buffers, under the keys that PyTorch gives them."""
        return {name: t.data.copy() for name, t in self._saved().items()}

    @checked
    def load_state_dict(
        self, state_dict: Named, strict: bool = True, assign: Unsupported = False
    ) -> IncompatibleKeys:
        """Take the values of a ``state_dict``, nnlib's or PyTorch's.

        Raises ValueError that names every missing, unexpected and unfit key; then nothing has been
        changed. Unless ``strict``, missing and unexpected ones are returned instead.
        """
        own = self._saved()
        new = {k: np.asarray(v.data if isinstance(v, Tensor) else v) for k, v in state_dict.items()}
        missing = [key for key in own if key not in new]
        unexpected = [key for key in new if key not in own]
        faults = [f"{key} is missing" for key in missing] if strict else []
        for key, a in new.items():
            if key not in own:
                faults += [f"{key} is not a part of this model"] if strict else []
            elif a.shape != own[key].shape:
                faults.append(f"{key} has shape {a.shape}, the model's has {own[key].shape}")
            if a.dtype.kind not in "fiub":
                faults.append(f"{key} holds {a.dtype}")
        if faults:
            raise ValueError("load_state_dict: " + "; ".join(faults))
        for key, t in own.items():
            if key in new:
                t.data = new[key]
        return IncompatibleKeys(missing, unexpected)


def _buffer(tensor: Tensor, kind: type[Buffer]) -> Buffer:
    """The Tensor itself, from now on a Buffer: whoever holds it sees it change, as in PyTorch."""
    if type(tensor) is not Tensor:
        return tensor if isinstance(tensor, kind) else kind(tensor)
    tensor.__class__ = kind
    return cast("Buffer", tensor)


def _is_dtype(given: Any) -> bool:
    """Whether it names a dtype; a string such as "cuda", or a device, does not."""
    if given is None:
        return False
    try:
        np.dtype(given)
    except TypeError:
        return False
    return True
