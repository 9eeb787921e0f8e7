"""Gradients made smaller, between ``backward()`` and the optimizer's step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlib.checking import NotNegative, as_in_torch, tensors
from nnlib.engine import Array, Tensor

__all__ = ["clip_grad_norm_", "clip_grad_value_"]


@as_in_torch("parameters max_norm norm_type error_if_nonfinite foreach")
def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: NotNegative,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """g ← g · min(1, ``max_norm`` / (‖g‖ + 1e-6)), with g all gradients as one long vector

    The direction stays, only the length is limited. ``norm_type`` is p of the p-norm, ∞ for the
    largest entry. Returns the norm from before. With ``error_if_nonfinite``, a NaN or infinite norm
    raises ValueError and leaves the gradients as they are, as a negative ``max_norm`` always does.
    Raises TypeError where ``parameters`` are not Tensors or ``norm_type`` is not a number.

    Source: Pascanu et al. (2013).

    >>> w = Tensor([0.0, 0.0], requires_grad=True)
    >>> w.grad = np.array([30.0, 40.0], np.float32)
    >>> clip_grad_norm_([w], max_norm=5.0)
    tensor(50.)
    >>> w.grad
    array([3., 4.], dtype=float32)
    """
    gradients = _gradients("clip_grad_norm_", parameters)
    norms = [np.linalg.norm(g.reshape(-1), norm_type) for g in gradients if g.size]
    norm = np.linalg.norm(norms, norm_type) if norms else np.float32(0)
    if error_if_nonfinite and not np.isfinite(norm):
        words = "look for the first NaN or infinity with nnlib.debug()"
        raise ValueError(f"clip_grad_norm_: the norm of the gradients is {norm}; {words}")
    for g in gradients:
        g *= np.minimum(1, max_norm / (norm + 1e-6))
    return Tensor(norm)


@as_in_torch("parameters clip_value foreach")
def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: NotNegative) -> None:
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
