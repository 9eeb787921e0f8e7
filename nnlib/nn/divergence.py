"""How far one distribution, or one direction, is from another."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from nnlib import ops
from nnlib.arguments import NUMBER, Positive, Reduction, Unsupported, checked, floats
from nnlib.engine import Tensor
from nnlib.entrywise import xlogy
from nnlib.masks import raised
from nnlib.nn.loss import check_pair, reduced
from nnlib.nn.module import Module
from nnlib.reductions import norm
from nnlib.shapes import expand

Reductions = Literal["mean", "sum", "none", "batchmean"]

# Distributions -------------------------------------------------------------------------------


@checked
def kl_div(
    input: Any, target: Any, size_average: Unsupported = None, reduce: Unsupported = None,
    reduction: Reductions = "mean", log_target: bool = False,
) -> Tensor:  # fmt: skip
    """p (ln p − ln q), the terms of the divergence of p from q; Kullback and Leibler (1951)

    ``input`` holds ln q, ``target`` p, or ln p with ``log_target``, in one shape (N, …). "batchmean"
    divides their sum by N, which gives the divergence of each example on average; "mean" divides by
    the number of terms. Errors as in :func:`mse_loss`.

    >>> p, q = np.array([[0.5, 0.5]]), np.array([[0.25, 0.75]])
    >>> kl_div(np.log(q), p, reduction="batchmean").item().__round__(4)
    0.1438
    """
    check_pair("kl_div", input, target)
    if log_target:
        terms = ops.mul(ops.exp(target), ops.sub(target, input))
    else:
        terms = xlogy(target, target) - ops.mul(target, input)
    if reduction == "batchmean":
        return terms.sum() / len(input) if input.ndim else terms.sum()
    return reduced(terms, reduction)


class KLDivLoss(Module):
    """See :func:`kl_div`."""

    @checked
    def __init__(
        self, size_average: Unsupported = None, reduce: Unsupported = None,
        reduction: Reductions = "mean", log_target: bool = False,
    ) -> None:  # fmt: skip
        self.reduction, self.log_target = reduction, log_target

    def forward(self, input: Any, target: Any) -> Tensor:
        return kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


@checked
def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: Positive = 1e-6,
    reduction: Reduction = "mean",
) -> Tensor:  # fmt: skip
    """½ (ln v + (y − μ)² / v), with v at least ε: y ~ N(μ, v); Nix and Weigend (1994)

    Shapes: ``input`` μ and ``target`` y are of one shape (…, K); ``var`` v is of the same, or of one
    that has 1 in place of one axis, (…, 1) or (1, K), or lacks the last, (…), or a number. ``full`` adds ½ ln 2π. The gradient
    goes through v even where ε, ``eps``, stands for it. Raises ValueError for a negative variance;
    other errors as in :func:`mse_loss`.

    >>> gaussian_nll_loss(np.array([0.0]), np.array([2.0]), np.array([1.0])).item()
    2.0
    """
    name = "gaussian_nll_loss"
    check_pair(name, input, target)
    if isinstance(var, NUMBER):
        var = np.full(input.shape, var, input.dtype)
    v = floats(name, input=input, var=var)[1]
    if v.shape != input.shape and v.shape == input.shape[:-1]:
        var = ops.reshape(var, *v.shape, 1)
        v = v[..., None]
    other = [m for n, m in zip(input.shape, v.shape, strict=False) if n != m]
    if v.ndim != len(input.shape) or other not in ([], [1]):
        raise ValueError(f"{name}: var {v.shape} does not fit input {input.shape}")
    if (v < 0).any():
        raise ValueError(f"{name}: var holds {v.min():.3g}; a variance is at least 0")
    var, d = raised(var, least=eps), ops.sub(input, target)
    losses = 0.5 * (ops.log(var) + d * d / var)
    return reduced(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)


class GaussianNLLLoss(Module):
    """See :func:`gaussian_nll_loss`."""

    @checked
    def __init__(
        self, *, full: bool = False, eps: Positive = 1e-6, reduction: Reduction = "mean"
    ) -> None:
        self.full, self.eps, self.reduction = full, eps, reduction

    def forward(self, input: Any, target: Any, var: Any) -> Tensor:
        return gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)


# Directions ----------------------------------------------------------------------------------


@checked
def normalize(
    input: Any, p: float = 2.0, dim: int = 1, eps: Positive = 1e-12, out: Unsupported = None
) -> Tensor:
    """x / max(‖x‖, ε) along the axis ``dim``, with ‖x‖ = (Σ |x|ᵖ)^(1/p)

    Any shape that has this axis. Raises TypeError for what is no array of floats, IndexError for an axis
    that is not there. As in torch.

    >>> normalize(np.array([[3.0, 4.0]])).data
    array([[0.6, 0.8]])
    """
    floats("normalize", input=input)
    return ops.div(input, ops.clamp(norm(input, p, dim, True), eps))


@checked
def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: Positive = 1e-8) -> Tensor:
    """⟨x₁, x₂⟩ / (max(‖x₁‖, ε) max(‖x₂‖, ε)) along the axis ``dim``: the cosine of their angle

    Any shape; those of x₁ and x₂ are broadcast, then come the lengths. The gradient goes through a
    length even where ε, ``eps``, stands for it. Raises ValueError where shapes do not fit, TypeError
    where dtypes differ. As in torch.

    >>> cosine_similarity(np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])).data.round(4)
    array([0.7071])
    """
    a, b = floats("cosine_similarity", x1=x1, x2=x2)
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        message = f"x1 {a.shape} and x2 {b.shape} do not go together"
        raise ValueError(f"cosine_similarity: {message}") from None
    u, v = (
        ops.div(x, raised(norm(x, 2, dim, True), least=eps))
        for x in (expand(x1, shape), expand(x2, shape))
    )
    return ops.sum(u * v, dim)


class CosineSimilarity(Module):
    """See :func:`cosine_similarity`."""

    @checked
    def __init__(self, dim: int = 1, eps: Positive = 1e-8) -> None:
        self.dim, self.eps = dim, eps

    def forward(self, x1: Any, x2: Any) -> Tensor:
        return cosine_similarity(x1, x2, self.dim, self.eps)
