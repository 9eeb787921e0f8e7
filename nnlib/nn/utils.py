"""Gradients made smaller, between ``backward()`` and the optimizer's step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlib.engine import Array, Tensor
from nnlib.nn.checking import at_default, not_negative

__all__ = ["clip_grad_norm_", "clip_grad_value_"]


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: None = None,
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
    at_default("clip_grad_norm_", foreach=(foreach, None))
    not_negative("clip_grad_norm_", max_norm=max_norm)
    if not isinstance(norm_type, int | float):
        raise TypeError(f"clip_grad_norm_: norm_type must be a number, not {norm_type!r}")
    gradients = _gradients("clip_grad_norm_", parameters)
    norms = [np.linalg.norm(g.reshape(-1), norm_type) for g in gradients if g.size]
    norm = np.linalg.norm(norms, norm_type) if norms else np.float32(0)
    if error_if_nonfinite and not np.isfinite(norm):
        words = "look for the first NaN or infinity with nnlib.debug()"
        raise ValueError(f"clip_grad_norm_: the norm of the gradients is {norm}; {words}")
    for g in gradients:
        g *= np.minimum(1, max_norm / (norm + 1e-6))
    return Tensor(norm)


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: None = None
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
    at_default("clip_grad_value_", foreach=(foreach, None))
    not_negative("clip_grad_value_", clip_value=clip_value)
    for g in _gradients("clip_grad_value_", parameters):
        np.clip(g, -clip_value, clip_value, out=g)


def _gradients(function: str, parameters: Any) -> list[Array]:
    given = [parameters] if isinstance(parameters, Tensor) else parameters
    params = list(given) if isinstance(given, Iterable) else [given]
    for p in params:
        if not isinstance(p, Tensor):
            words = f"parameters must be Tensors, not {p!r:.60}: write model.parameters()"
            raise TypeError(f"{function}: {words}")
    return [p.grad for p in params if p.grad is not None]
