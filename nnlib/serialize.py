"""Keep what was learnt: in files without pickle, and as a model of PyTorch's.

    nnlib.save(model.state_dict(), "model.npz")
    model.load_state_dict(nnlib.load("model.npz"))

A pickle may run any code when it is opened, so a stranger's model file could do anything. An npz file
holds arrays and nothing else; what is around them (lists, names, numbers) is kept as JSON.
"""

from __future__ import annotations

import inspect
import json
import os
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib.arguments import Device, File, Ignored, checked
from nnlib.engine import Array, Tensor

if TYPE_CHECKING:
    from nnlib.nn.module import Module

__all__ = ["from_torch", "load", "save", "to_torch"]

NEST = "nest.json"  # the entry that says how the arrays belong together


@checked
def save(obj: Any, f: File) -> None:
    """Write ``obj`` to the file ``f``: a state_dict, or arrays in any nest of dicts and lists.

    Beside arrays and Tensors (which come back as arrays) there may be numbers, strings, booleans
    and None; NumPy scalars come back as Python numbers. A file that is there is replaced at the
    very end, so that an interruption leaves the old one whole. ``np.load`` can open it too. Raises
    TypeError that names what cannot be saved. As torch.save, without pickle.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "state.npz"
    >>> save({"weight": np.eye(2), "step": 3}, path)
    >>> load(path)
    {'weight': array([[1., 0.], [0., 1.]]), 'step': 3}
    """
    arrays: dict[str, Array] = {NEST: np.array("")}
    arrays[NEST] = np.array(json.dumps(_packed(obj, "", arrays)))
    path = Path(f)
    draft = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(draft, "w") as archive:
            for name, array in arrays.items():
                # An entry without a date: the same state gives the same bytes.
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                    np.lib.format.write_array(entry, array, allow_pickle=False)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


@checked
def load(f: File, map_location: Device = None, *, weights_only: Ignored = None) -> Any:
    """What :func:`save` wrote to ``f``; from another npz file, a dict of its arrays.

    ``map_location`` may be "cpu"; a file never holds more than what ``weights_only`` asks for.
    Raises ValueError where the file is damaged, of another kind, or would need pickle, TypeError
    for another device. As torch.load, without pickle.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "history.npz"
    >>> save([0.5, 0.25], path)
    >>> load(path)
    [0.5, 0.25]
    """
    with open(f, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as entries:
                arrays = {name: entries[name] for name in entries.files}
            nest = arrays.pop(NEST, None)
            return arrays if nest is None else _unpacked(json.loads(str(nest)), arrays)
        except Exception as error:  # noqa: BLE001  (zip, npy and JSON raise all sorts of things)
            raise ValueError(f"load: {f} is not a whole file that save() wrote: {error}") from None


def _packed(obj: Any, place: str, arrays: dict[str, Array]) -> Any:
    """The nest as JSON takes it, with the name of its entry in place of each array."""
    obj = obj.data if isinstance(obj, Tensor) else obj
    obj = obj.item() if isinstance(obj, np.generic) else obj
    if obj is None or isinstance(obj, bool | int | float | str):
        return obj
    if isinstance(obj, np.ndarray) and obj.dtype.kind in "fiub":
        while place in arrays:
            place += "'"
        arrays[place] = obj
        return {"array": place}
    inside = f"{place}/" if place else ""
    if isinstance(obj, dict) and all(isinstance(key, str | int) for key in obj):
        return {"dict": [[key, _packed(x, f"{inside}{key}", arrays)] for key, x in obj.items()]}
    if isinstance(obj, list | tuple):
        values = [_packed(x, f"{inside}{i}", arrays) for i, x in enumerate(obj)]
        return {"tuple" if isinstance(obj, tuple) else "list": values}
    hint = ": save its state_dict()" if hasattr(obj, "state_dict") else ""
    raise TypeError(f"save: {place or 'obj'} is of type {type(obj).__name__}{hint}")


def _unpacked(nest: Any, arrays: dict[str, Array]) -> Any:
    if not isinstance(nest, dict):
        return nest
    ((kind, inside),) = nest.items()
    if kind == "array":
        return arrays[inside]
    if kind == "dict":
        return {key: _unpacked(value, arrays) for key, value in inside}
    values = [_unpacked(value, arrays) for value in inside]
    return tuple(values) if kind == "tuple" else values


# Whole models, to and from PyTorch ---------------------------------------------------------------

# Not handed on: where and how a layer is made, and torch's way of saving memory.
LEFT_OUT = {"self", "device", "dtype", "generator", "inplace"}


def to_torch(model: Module) -> Any:
    """The same model in PyTorch: layers, parameters, buffers, dtype, mode and what is trained.

    For models made of layers that both have, in Sequential, ModuleList and ModuleDict (an MLP becomes
    a Sequential). Raises TypeError that names any other module: write such a class again with torch's
    import, and give it the parameters by ``load_state_dict``.

    >>> from nnlib import nn
    >>> to_torch(nn.MLP([2, 3, 1]))  # doctest: +SKIP
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    """
    import torch

    from nnlib import nn

    twin = _twin(model, nn, torch.nn)
    twin.load_state_dict({key: torch.from_numpy(a) for key, a in model.state_dict().items()})
    return twin


def from_torch(model: Any) -> Module:
    """The same model in nnlib; errors as in :func:`to_torch`.

    >>> import torch  # doctest: +SKIP
    >>> from_torch(torch.nn.Linear(2, 3))  # doctest: +SKIP
    Linear(in_features=2, out_features=3)
    """
    import torch

    from nnlib import nn

    twin: Module = _twin(model, torch.nn, nn)
    twin.load_state_dict({key: t.detach().cpu().numpy() for key, t in model.state_dict().items()})
    return twin


def _twin(model: Any, here: Any, there: Any) -> Any:
    """The model in the library ``there``: of the same dtype, and training the same parameters."""
    twin = _rebuilt(model, here, there, {})
    if any(str(p.dtype).endswith("float64") for p in model.parameters()):
        twin.double()
    trained = {name: p.requires_grad for name, p in model.named_parameters()}
    for name, p in twin.named_parameters():
        p.requires_grad = trained[name]
    return twin


def _rebuilt(module: Any, here: Any, there: Any, made: dict[int, Any]) -> Any:
    """The module's twin in the library ``there``; one that stands in two places has one twin."""
    if id(module) in made:
        return made[id(module)]
    own = type(module).__name__
    name = "Sequential" if own == "MLP" else own
    make = getattr(there, name, None)
    # A student's own class may have the name of a layer.
    if make is None or type(module) is not getattr(here, own, None):
        message = "write the class again with the other import, and load the state_dict into it"
        raise TypeError(f"{own} is not a layer of both libraries: {message}")
    # torch's named_children() leaves out a child's second name.
    children = getattr(module, "_modules", None) or dict(module.named_children())
    parts = {key: _rebuilt(part, here, there, made) for key, part in children.items()}
    if name in ("Sequential", "ModuleDict"):
        twin = make(OrderedDict(parts))
    elif name == "ModuleList":
        twin = make(parts.values())
    else:
        twin = make(**_options(module, name, there))
    twin.training = module.training
    made[id(module)] = twin
    return twin


def _options(module: Any, name: str, there: Any) -> dict[str, Any]:
    """The arguments that made the module: both libraries keep them under the arguments' names."""
    from nnlib import nn

    known = set(inspect.signature(getattr(nn, name)).parameters) - LEFT_OUT
    options = {key: getattr(module, key) for key in sorted(known) if hasattr(module, key)}
    if "bias" in options:  # True or False at first, then the Parameter itself or None
        options["bias"] = options["bias"] is not None and options["bias"] is not False
    for key in options.keys() & {"weight", "pos_weight"}:  # those of a loss are Tensors
        if options[key] is not None:
            import torch

            weights = options[key].detach().numpy().copy()
            options[key] = weights if there is nn else torch.from_numpy(weights)
    if set(np.ravel(options.get("dilation", 1))) == {1}:  # torch keeps 1 as (1, 1)
        options.pop("dilation", None)
    return options
