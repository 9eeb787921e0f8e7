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

from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

try:
    import numpy as _np  # noqa: F401
except ModuleNotFoundError:  # said here, because every other command of nnlib ends here as well
    raise ModuleNotFoundError(
        "nnlib needs NumPy: in the folder of the course, type: make lab"
    ) from None

from nnlib import inplace as _inplace  # noqa: F401  (Tensor gets them)
from nnlib import operators as _operators  # noqa: F401
from nnlib.debugging import debug
from nnlib.engine import Tensor, no_grad, op, use
from nnlib.grad_mode import enable_grad, inference_mode, is_grad_enabled, set_grad_enabled
from nnlib.random import manual_seed

if _TYPE_CHECKING:
    from nnlib.serialize import load, save

tensor = Tensor

__all__ = [
    "Tensor", "debug", "enable_grad", "inference_mode", "is_grad_enabled", "load", "manual_seed",
    "no_grad", "op", "save", "set_grad_enabled", "tensor", "use",
]  # fmt: skip
__version__ = "0.1.0"


def __getattr__(name: str) -> _Any:
    """``save`` and ``load`` when they are first asked for: what writes files is slow to import."""
    if name not in ("load", "save"):
        raise AttributeError(f"nnlib has no {name!r}")
    from nnlib import serialize

    return getattr(serialize, name)
