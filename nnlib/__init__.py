"""nnlib: neural networks from the neuron up, in NumPy, with PyTorch's names and numbers.

>>> from nnlib import nn
>>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
>>> model
Sequential(
  (0): Linear(in_features=2, out_features=3)
  (1): ReLU()
  (2): Linear(in_features=3, out_features=1)
)
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

try:
    import numpy as _np
except ModuleNotFoundError:  # said here, because every other command of nnlib ends here as well
    raise ModuleNotFoundError(
        "nnlib needs NumPy. In the folder of the course, type: make lab. Elsewhere: pip install numpy"
    ) from None

# isort: off
from nnlib import methods as _methods  # Tensor gets them
from nnlib import inplace as _inplace  # noqa: F401
from nnlib.creation import *
from nnlib.debugging import debug
from nnlib.dtypes import *
from nnlib.engine import Tensor, no_grad, op, use
from nnlib.entrywise import *
from nnlib.grad_mode import enable_grad, inference_mode, is_grad_enabled, set_grad_enabled
from nnlib.ops import (
    absolute as absolute, cat as cat, clamp as clamp, div as div, exp as exp,
    flatten as flatten, log as log, matmul as matmul, maximum as maximum, mul as mul, neg as neg,
    pow as pow, reshape as reshape, sqrt as sqrt, stack as stack,
    transpose as transpose, where as where,
)  # fmt: skip
from nnlib.random import manual_seed
from nnlib.reductions import *
from nnlib.shapes import *

if _TYPE_CHECKING:
    from nnlib import autodiff as autodiff, classical as classical, data as data, nn as nn
    from nnlib import optim as optim, testing as testing, train as train, utils as utils
    from nnlib.generator import Generator
    from nnlib.serialize import load, save

abs, clip, concat, concatenate, swapaxes, multiply, subtract, divide = (
    absolute, clamp, cat, cat, transpose, mul, sub, div,
)  # fmt: skip
eq, ne, lt, le, gt, ge = (
    getattr(Tensor, f"__{name}__") for name in ("eq", "ne", "lt", "le", "gt", "ge")
)
relu, sigmoid, tanh, sign, softmax, log_softmax, dropout, heaviside = map(
    _methods.functional,
    ("relu", "sigmoid", "tanh", "sign", "softmax", "log_softmax", "dropout", "heaviside"),
)
pi, e, inf, nan = _np.pi, _np.e, _np.inf, _np.nan

__all__ = [
    "Generator", "Tensor", "debug", "enable_grad", "inference_mode", "is_grad_enabled", "load", "manual_seed",
    "no_grad", "op", "save", "set_grad_enabled", "tensor", "use",
]  # fmt: skip
__version__ = "0.1.0"

# Imported when they are first asked for: most programs need only some.
_PARTS = {
    "autodiff", "callbacks", "classical", "course", "data", "lecture", "nn", "optim", "serialize",
    "testing", "train", "utils", "viz",
}  # fmt: skip
_NAMES = {"Generator": "generator", "load": "serialize", "save": "serialize"}


def __getattr__(name: str) -> _Any:
    """``nnlib.nn``, ``nnlib.optim`` …, ``save`` and ``load``, when they are first asked for."""
    if name in _NAMES:
        return getattr(_import_module(f"nnlib.{_NAMES[name]}"), name)
    if name in _PARTS:
        return _import_module(f"nnlib.{name}")
    instead = ": write tensor(data), with dtype= where it matters" if name[-6:] == "Tensor" else ""
    raise AttributeError(f"nnlib has no {name!r}{instead}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_PARTS, *_NAMES})
