"""Gradients made smaller, between ``backward()`` and the optimizer's step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlib.arguments import NonNegative, Unsupported, checked, tensors
from nnlib.engine import Array, Tensor
from nnlib.nn.utils import rnn as rnn

__all__ = ["clip_grad_norm_", "clip_grad_value_"]


@checked
def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: NonNegative, norm_type: Unsupported = 2.0,
    error_if_nonfinite: Unsupported = False, foreach: Unsupported = None,
) -> Tensor:  # fmt: skip
    """g ← g · min(1, ``max_norm`` / (‖g‖ + 1e-6)), with g all gradients as one long vector

    The direction stays, only the length is limited. Returns the norm from before. Raises TypeError
    where ``parameters`` are not Tensors, ValueError for a negative ``max_norm``. Norms other than
    the Euclidean are left out.

    Source: Pascanu et al. (2013).

    >>> w = Tensor([0.0, 0.0], requires_grad=True)
    >>> w.grad = np.array([30.0, 40.0], np.float32)
    >>> clip_grad_norm_([w], max_norm=5.0)
    tensor(50.)
    >>> w.grad
    array([3., 4.], dtype=float32)
    """
    gradients = _gradients("clip_grad_norm_", parameters)
    norms = [np.linalg.norm(g.reshape(-1)) for g in gradients]
    norm = np.linalg.norm(norms or [np.float32(0)])
    for g in gradients:
        g *= np.minimum(1, max_norm / (norm + 1e-6))
    return Tensor(norm)


@checked
def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: NonNegative, foreach: Unsupported = None
) -> None:
    """gᵢ ← max(−c, min(gᵢ, c)) for every entry, c = ``clip_value``; the direction may change

    Raises TypeError where ``parameters`` are not Tensors, ValueError for a negative ``clip_value``.
    Source: Mikolov (2012).

    >>> w = Tensor([0.0, 0.0], requires_grad=True)
    >>> w.grad = np.array([30.0, 4.0], np.float32)
    >>> clip_grad_value_([w], 5.0)
    >>> w.grad
    array([5., 4.], dtype=float32)
    """
    for g in _gradients("clip_grad_value_", parameters):
        np.clip(g, -clip_value, clip_value, out=g)


def _gradients(function: str, parameters: Any) -> list[Array]:
    return [p.grad for p in tensors(function, parameters) if p.grad is not None]
