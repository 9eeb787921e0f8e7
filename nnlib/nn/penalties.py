"""What holds a network back: penalties on weights and on activities, a norm's limit, noise.

A penalty is a number to add to the loss, times a λ of your choice:

>>> from nnlib import nn
>>> model = nn.Linear(2, 1)
>>> loss = model(np.ones((4, 2), np.float32)).sum() + 0.01 * l2_penalty([model.weight])
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.arguments import (
    AtLeastTwo,
    FiniteNonNegative,
    Generator,
    NonNegative,
    OpenUnit,
    Positive,
    UnitInterval,
    checked,
    floats,
    tensors,
    values,
)  # fmt: skip
from nnlib.engine import Array, Tensor
from nnlib.nn.module import Module
from nnlib.random import generator as _generator

# On weights ----------------------------------------------------------------------------------


def l1_penalty(parameters: Iterable[Tensor]) -> Tensor:
    """Σ |w| over all entries of all ``parameters``

    Gradient steps on it bring weights close to 0 but never onto it: see :func:`proximal_l1_`.
    Raises ValueError where there are no parameters. Source: Tibshirani (1996).

    >>> l1_penalty([Tensor([[3.0, -4.0]]), Tensor([1.0])]).item()
    8.0
    """
    first, *rest = (ops.sum(ops.absolute(w)) for w in _several("l1_penalty", parameters))
    return sum(rest, first)


def l2_penalty(parameters: Iterable[Tensor]) -> Tensor:
    """Σ ‖W‖² over all ``parameters``: the Frobenius norm, squared

    Its gradient is 2W, so λ here is half of PyTorch's ``weight_decay`` (and equals it in plain SGD
    alone). Raises ValueError where there are no parameters. Source: Hoerl and Kennard (1970).

    >>> l2_penalty([Tensor([[3.0, 0.0], [0.0, 4.0]])]).item()
    25.0
    """
    first, *rest = (ops.sum(ops.mul(w, w)) for w in _several("l2_penalty", parameters))
    return sum(rest, first)


@checked
def soft_threshold(u: Array, t: NonNegative) -> Any:
    """S_t(u) = sgn(u) max(|u| − t, 0), the w that makes ½ (w − u)² + t |w| smallest

    u has any shape. Raises ValueError for a negative t. Source: Donoho (1995).

    >>> soft_threshold(np.array([-3.0, -0.5, 0.2, 2.0]), 1.0).tolist()
    [-2.0, 0.0, 0.0, 1.0]
    """
    u = values("soft_threshold", "u", u)
    return u - np.clip(u, -t, t)


@checked
def proximal_l1_(parameters: Iterable[Tensor], threshold: NonNegative) -> None:
    """w ← S_ηλ(w), in place: the proximal step for the penalty λ Σ |w|

    Call it after ``optimizer.step()`` in place of adding the penalty to the loss, with
    ``threshold`` ηλ. Small weights become exactly 0. Source: Daubechies et al. (2004).

    Raises ValueError for a negative ``threshold`` and where there are no parameters.

    >>> w = Tensor([-1.0, 0.25], requires_grad=True)
    >>> proximal_l1_([w], 0.5)
    >>> w.data.tolist()
    [-0.5, 0.0]
    """
    for w in _several("proximal_l1_", parameters):
        w.data = soft_threshold(w.data, threshold)


@checked
def max_norm_(parameters: Iterable[Tensor], max_norm: Positive) -> None:
    """w ← w · min(1, c / ‖w‖) for each unit's weights w, in place, c being ``max_norm``

    The weights of a unit are those along the first axis: a row of a Linear's weight, a kernel of a
    convolution. Call it after ``optimizer.step()``. Source: Srebro and Shraibman (2005).

    Raises ValueError where ``max_norm`` is not positive or a parameter has fewer than two axes.

    >>> w = Tensor([[3.0, 4.0], [0.3, 0.4]])
    >>> max_norm_([w], 1.0)
    >>> w.data.round(2).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.30000001192092896, 0.4000000059604645]]
    """
    for w in _several("max_norm_", parameters):
        if w.ndim < 2:
            raise ValueError(f"max_norm_: a parameter of shape {w.shape} has no rows: leave it out")
        norms = np.sqrt((w.data**2).sum(tuple(range(1, w.ndim)), keepdims=True))
        w.data = w.data * (max_norm / np.maximum(norms, max_norm))


def _several(function: str, parameters: Any) -> list[Tensor]:
    if not (several := tensors(function, parameters)):
        raise ValueError(f"{function}: parameters is empty")
    return several


# On activities -------------------------------------------------------------------------------


def activity_l1(input: Any) -> Tensor:
    """1/N Σₙ Σⱼ |hₙⱼ|: how active the units (N, …) are for an example, on average

    It drives activities to 0, not weights.

    Raises ValueError where the input has fewer than two axes or is empty.

    >>> activity_l1(np.array([[1.0, -2.0], [0.0, 1.0]])).item()
    2.0
    """
    share = 1 / _examples("activity_l1", input)
    return ops.sum(ops.absolute(input)) * share


def activity_l2(input: Any) -> Tensor:
    """1/N Σₙ Σⱼ hₙⱼ²: the squared activity of the units (N, …) for an example, on average

    Raises ValueError where the input has fewer than two axes or is empty.

    >>> activity_l2(np.array([[1.0, -2.0], [0.0, 1.0]])).item()
    3.0
    """
    share = 1 / _examples("activity_l2", input)
    return ops.sum(ops.mul(input, input)) * share


@checked
def kl_sparsity(input: Any, rho: OpenUnit = 0.05) -> Tensor:
    """Σⱼ ρ ln(ρ / ρ̂ⱼ) + (1 − ρ) ln((1 − ρ) / (1 − ρ̂ⱼ)), where ρ̂ⱼ = 1/N Σₙ hₙⱼ

    The Kullback–Leibler divergence between units that are on a fraction ρ of the time and the
    units (N, …) as they are: 0 where every ρ̂ⱼ is ρ. Raises ValueError unless ρ and all ρ̂ⱼ lie
    between 0 and 1: it is for sigmoid units. Source: Ng, Sparse autoencoder (2011).

    >>> round(kl_sparsity(np.array([[0.1], [0.3]]), rho=0.05).item(), 4)
    0.0939
    """
    n = _examples("kl_sparsity", input)
    rho_hat = ops.sum(input, 0) * (1 / n)
    low, high = rho_hat.data.min(), rho_hat.data.max()
    if not 0 < low <= high < 1:
        message = f"each unit's mean must lie between 0 and 1; they go from {low:.3g} to {high:.3g}"
        raise ValueError(f"kl_sparsity: {message}; use sigmoid units")
    on, off = ops.log(rho_hat), ops.log(1 - rho_hat)
    entropy = rho * math.log(rho) + (1 - rho) * math.log(1 - rho)
    return (entropy - rho * on - (1 - rho) * off).sum()


def _examples(function: str, h: Any) -> int:
    shape = floats(function, input=h)[0].shape
    if len(shape) < 2 or not math.prod(shape):
        raise ValueError(f"{function}: input must be (N, units) and not empty; it is {shape}")
    return int(shape[0])


# Noise ---------------------------------------------------------------------------------------


@checked
def gaussian_noise(
    input: Any, std: FiniteNonNegative = 1.0, training: bool = True, *, generator: Generator = None
) -> Tensor:
    """x̃ = x + s ε with ε ~ N(0, 1) for each entry in training; x̃ = x otherwise

    x has any shape. On the inputs of a linear model it acts as a ridge penalty N s² ‖w‖². Raises
    ValueError for a negative ``std``. Source: Bishop (1995).

    >>> gaussian_noise(np.zeros(3), 0.1, generator=np.random.default_rng(0)).data.round(2)
    array([ 0.01, -0.01,  0.06])
    """
    (x,) = floats("gaussian_noise", input=input)
    if not training:
        return input if isinstance(input, Tensor) else Tensor(input)
    return ops.add(input, _generator(generator).normal(0.0, std, x.shape).astype(x.dtype))


class GaussianNoise(Module):
    """See :func:`gaussian_noise`; does nothing in eval mode."""

    @checked
    def __init__(self, std: FiniteNonNegative = 1.0, *, generator: Generator = None) -> None:
        self.std, self.generator = std, generator

    def forward(self, input: Any) -> Tensor:
        return gaussian_noise(input, self.std, self.training, generator=self.generator)


@checked
def label_noise(
    target: Any, p: UnitInterval, num_classes: AtLeastTwo, *, generator: Generator = None
) -> Array:
    """ỹ = y with probability 1 − p, else any of the other classes, all equally likely

    ``target``, of any shape, holds labels 0 … ``num_classes`` − 1; the result is a new array.
    Raises ValueError for other labels, fewer than two classes or p outside [0, 1]. Source: Angluin
    and Laird (1988).

    >>> label_noise(np.array([0, 0, 0, 1, 1, 1]), 0.5, 2, generator=np.random.default_rng(0))
    array([0, 1, 1, 0, 1, 1])
    """
    y = values("label_noise", "target", target)
    if y.dtype.kind not in "iu" or not ((y >= 0) & (y < num_classes)).all():
        raise ValueError(f"label_noise: target must hold whole numbers from 0 to {num_classes - 1}")
    rng = _generator(generator)
    changed, others = rng.random(y.shape) < p, rng.integers(1, num_classes, y.shape)
    return np.where(changed, (y + others) % num_classes, y).astype(y.dtype)
