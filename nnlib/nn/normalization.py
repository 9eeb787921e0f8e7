"""Normalization: each channel over the batch, or each example over its features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.arguments import (
    Device,
    Dtype,
    Positive,
    PositiveInt,
    Unsupported,
    checked,
    floats,
    shaped,
    values,
    whole_numbers,
)
from nnlib.engine import Array, Tensor, Vjps, op, shared
from nnlib.nn.module import Buffer, Module, Parameter

Shape = Sequence[int]


# Over the batch ------------------------------------------------------------------------------


def channels_last(a: Array) -> Array:
    """(N, C, …) → (N, …, C), another look at the same memory: one number per channel fits to it"""
    return a.swapaxes(1, -1)


# The lecture's form: nnlib.lecture.batch_norm
@op
def _batch_norm(
    x: Array, gamma: Any, beta: Any, *, mean: Array, var: Array, eps: float, training: bool
) -> Vjps:
    """y = γ x̂ + β with x̂ = (x − z̄) / √(v + ε) per channel; in training z̄ and v depend on x."""
    axes, m = tuple(range(x.ndim - 1)), max(x.size // len(mean), 1)
    s = np.sqrt(var + eps)
    gamma = np.ones_like(s) if gamma is None else gamma
    x_hat = channels_last(x) - mean
    x_hat /= s
    y = gamma * x_hat
    if beta is not None:
        y += beta

    dgamma = shared(lambda g: (channels_last(g) * x_hat).sum(axes))  # ∂L/∂γ = Σ g x̂
    dbeta = shared(lambda g: channels_last(g).sum(axes))  # ∂L/∂β = Σ g

    def dx(g: Array) -> Any:  # ∂L/∂x = γ/s (g − mean(g) − x̂ mean(g x̂)), term by term in one array
        if not training:
            return channels_last(channels_last(g) * (gamma / s))
        result = x_hat * (dgamma(g) / -m)
        result += channels_last(g)
        result -= dbeta(g) / m
        result *= gamma / s
        return channels_last(result)

    return channels_last(y), dx, dgamma, dbeta


@checked
def batch_norm(
    input: Any, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None,
    training: bool = False, momentum: float = 0.1, eps: Positive = 1e-05,
) -> Tensor:  # fmt: skip
    """y = γ (x − z̄) / √(v + ε) + β, per channel

    Shapes: input (N, C) or (N, C, d₁, …); all others (C,) or None; γ is ``weight``, β ``bias``. In
    training z̄ and v are the mean and the biased variance of the batch, and each running statistic
    r, if given, becomes (1 − m) r + m · (the batch's), m being ``momentum``: in place, and with the
    unbiased variance. Otherwise z̄ and v are the running statistics.

    Raises ValueError where shapes do not fit, and in training for one value per channel: it is its
    own mean, so nothing would be left of it. Source: Ioffe and Szegedy (2015).

    >>> batch_norm(np.array([[1.0], [3.0]]), None, None, training=True, eps=1e-12).data
    array([[-1.],
           [ 1.]])
    """
    return _unchecked_batch_norm(
        input, running_mean, running_var, weight, bias, training, momentum, eps
    )


def _unchecked_batch_norm(
    input: Any, running_mean: Any, running_var: Any, weight: Any, bias: Any, training: bool,
    momentum: float, eps: float,
) -> Tensor:  # fmt: skip
    """What :func:`batch_norm` does once its options have been checked; the modules check theirs once."""
    name = "batch_norm"
    x, mean, var, gamma, beta = floats(
        name,
        {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias},
        input=input,
    )
    if x.ndim < 2 or not x.shape[1]:
        raise ValueError(f"{name}: input must be (N, C) or (N, C, …), not {x.shape}")
    shaped(name, x.shape[1:2], running_mean=mean, running_var=var, weight=gamma, bias=beta)
    if (mean is None) != (var is None) or (mean is None and not training):
        raise ValueError(f"{name}: running_mean and running_var are needed, or in training neither")
    if training:
        mean, var = _batch_statistics(x, mean, var, momentum)
    else:  # copies, for the next batch in training will change them in place
        mean, var = mean.copy(), var.copy()
    return _batch_norm(input, weight, bias, mean=mean, var=var, eps=eps, training=training)


def _batch_statistics(
    x: Array, running_mean: Array | None, running_var: Array | None, momentum: float
) -> tuple[Array, Array]:
    """Mean and biased variance per channel; the running ones move a step towards them."""
    m = x.size // x.shape[1]
    if m == 1:
        message = "training needs more than one value per channel"
        raise ValueError(f"batch_norm: {message}, but input is {x.shape}")
    x, axes = channels_last(x), tuple(range(x.ndim - 1))
    mean = x.sum(axes) / max(m, 1)
    d = x - mean
    d *= d
    var = d.sum(axes) / max(m, 1)
    if m and running_mean is not None and running_var is not None:
        # The values that the model predicts with, later: nothing on the tape depends on them.
        running_mean += momentum * (mean - running_mean)
        running_var += momentum * (var * (m / (m - 1)) - running_var)
    return mean, var


class _BatchNorm(Module):
    """What BatchNorm1d and BatchNorm2d share: parameters, running statistics, and when to use them."""

    dimensions: tuple[int, ...]

    @checked
    def __init__(
        self, num_features: PositiveInt, eps: Positive = 1e-05, momentum: float | None = 0.1,
        affine: bool = True, track_running_stats: bool = True, device: Device = None,
        dtype: Dtype | None = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        ones = np.ones(num_features, dtype or np.float32)
        self.weight = Parameter(ones) if affine else None
        self.bias = Parameter(0 * ones) if affine and bias else None
        self.running_mean = Buffer(0 * ones) if track_running_stats else None
        self.running_var = Buffer(ones) if track_running_stats else None
        self.num_batches_tracked = Buffer(0) if track_running_stats else None

    def forward(self, input: Any) -> Any:
        name, momentum = type(self).__name__, self.momentum
        ndim = values(name, "input", input).ndim
        if ndim not in self.dimensions:
            wanted = " or ".join(map(str, self.dimensions))
            raise ValueError(f"{name}: input must have {wanted} axes, not {ndim}")
        count = self.num_batches_tracked if self.training else None
        if momentum is None:  # the plain average of all batches so far
            momentum = 1 / (count.item() + 1) if count is not None else 0.0
        y = _unchecked_batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias,
            self.training or self.running_mean is None, momentum, self.eps,
        )  # fmt: skip
        if count is not None:
            count.data += 1
        return y


class BatchNorm1d(_BatchNorm):
    """Over (N, C) or (N, C, L); see :func:`batch_norm`.

    ``momentum=None`` keeps the average of all batches; ``track_running_stats=False`` uses the
    batch's own statistics in eval mode too.

    >>> layer = BatchNorm1d(2)
    >>> h = layer(Tensor([[1.0, 5.0], [3.0, 5.0]]))
    >>> layer.running_mean.data
    array([0.2, 0.5], dtype=float32)
    """

    dimensions = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Over images (N, C, H, W), one mean and variance per channel; see :func:`batch_norm`."""

    dimensions = (4,)


# Over the features ---------------------------------------------------------------------------


# The lecture's form: nnlib.lecture.layer_norm
@op
def _layer_norm(x: Array, gamma: Array | None, beta: Array | None, *, eps: float) -> Vjps:
    """y = γ x̂ + β with x̂ = (x − mean(x)) / √(var(x) + ε) per row"""
    d = x - x.mean(1, keepdims=True)
    s = np.sqrt((d * d).mean(1, keepdims=True) + eps)
    x_hat = d / s
    y = x_hat if gamma is None else x_hat * gamma
    if beta is not None:
        y = y + beta

    def dx(g: Array) -> Any:
        g = g if gamma is None else g * gamma
        return (g - g.mean(1, keepdims=True) - x_hat * (g * x_hat).mean(1, keepdims=True)) / s

    return y, dx, lambda g: (g * x_hat).sum(0), lambda g: g.sum(0)


@checked
def layer_norm(
    input: Any,
    normalized_shape: Shape,
    weight: Any = None,
    bias: Any = None,
    eps: Positive = 1e-05,
) -> Tensor:
    """y = γ (x − mean(x)) / √(var(x) + ε) + β over the last axes, each example by itself

    Shapes: input (…, *normalized_shape); γ, which is ``weight``, and β, which is ``bias``, are of
    ``normalized_shape`` or None. The same in training and in eval mode. Raises ValueError where
    shapes do not fit, TypeError where ``normalized_shape`` is no tuple. Source: Ba, Kiros and
    Hinton (2016).

    >>> layer_norm(np.array([[1.0, 3.0], [0.0, 8.0]]), (2,), eps=1e-12).data
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    name = "layer_norm"
    x, gamma, beta = floats(name, {"weight": weight, "bias": bias}, input=input)
    if not isinstance(normalized_shape, tuple | list):
        raise TypeError(f"{name}: normalized_shape must be a tuple, not {normalized_shape!r}")
    shape = whole_numbers(name, "normalized_shape", normalized_shape)
    if x.shape[-len(shape) :] != shape:
        raise ValueError(f"{name}: input {x.shape} does not end in normalized_shape {shape}")
    shaped(name, shape, weight=gamma, bias=beta)
    size = math.prod(shape)
    rows = input.reshape(x.size // size, size)
    flat = (None if p is None else ops.reshape(p, size) for p in (weight, bias))
    return _layer_norm(rows, *flat, eps=eps).reshape(*x.shape)


class LayerNorm(Module):
    """Over the last axes, of shape ``normalized_shape``; see :func:`layer_norm`."""

    @checked
    def __init__(
        self, normalized_shape: int | Shape, eps: Positive = 1e-05,
        elementwise_affine: bool = True, bias: bool = True, device: Device = None,
        dtype: Dtype | None = None,
    ) -> None:  # fmt: skip
        shape = whole_numbers("LayerNorm", "normalized_shape", normalized_shape)
        self.normalized_shape, self.eps = shape, eps
        self.elementwise_affine = elementwise_affine
        ones = np.ones(shape, dtype or np.float32)
        self.weight = Parameter(ones) if elementwise_affine else None
        self.bias = Parameter(0 * ones) if elementwise_affine and bias else None

    def forward(self, input: Any) -> Tensor:
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


# Over groups of channels ---------------------------------------------------------------------


@checked
def group_norm(
    input: Any, num_groups: PositiveInt, weight: Any = None, bias: Any = None,
    eps: Positive = 1e-05,
) -> Tensor:  # fmt: skip
    """y = γ (x − mean) / √(var + ε) + β, over each of ``num_groups`` groups of channels by itself

    Shapes: input (N, C) or (N, C, d₁, …); γ, which is ``weight``, and β, which is ``bias``, (C,) or
    None. Each example has means of its own, so that training and eval mode are the same, and batches
    may be small. Raises ValueError where shapes do not fit, or where ``num_groups`` does not divide
    C. Source: Wu and He (2018).

    >>> group_norm(np.array([[1.0, 3.0, 0.0, 8.0]]), 2, eps=1e-12).data
    array([[-1.,  1., -1.,  1.]])
    """
    name = "group_norm"
    x, gamma, beta = floats(name, {"weight": weight, "bias": bias}, input=input)
    if x.ndim < 2 or not x.shape[1] or x.shape[1] % num_groups:
        message = f"input must be (N, C, …) with C a multiple of {num_groups}, not {x.shape}"
        raise ValueError(f"{name}: {message}")
    shaped(name, x.shape[1:2], weight=gamma, bias=beta)
    group = math.prod(x.shape[1:]) // num_groups
    rows = ops.reshape(input, len(x) * num_groups, group)
    y = _layer_norm(rows, None, None, eps=eps).reshape(*x.shape)
    channels = (-1, *(1,) * (x.ndim - 2))
    y = y if weight is None else y * ops.reshape(weight, channels)
    return y if bias is None else y + ops.reshape(bias, channels)


class GroupNorm(Module):
    """Over ``num_groups`` groups of ``num_channels`` channels; see :func:`group_norm`."""

    @checked
    def __init__(
        self, num_groups: PositiveInt, num_channels: PositiveInt, eps: Positive = 1e-05,
        affine: bool = True, device: Device = None, dtype: Dtype | None = None, *,
        bias: bool = True,
    ) -> None:  # fmt: skip
        if num_channels % num_groups:
            raise ValueError(f"GroupNorm: {num_groups} groups cannot share {num_channels} channels")
        self.num_groups, self.num_channels, self.eps = num_groups, num_channels, eps
        self.affine = affine
        ones = np.ones(num_channels, dtype or np.float32)
        self.weight = Parameter(ones) if affine else None
        self.bias = Parameter(0 * ones) if affine and bias else None

    def forward(self, input: Any) -> Tensor:
        return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


@checked
def instance_norm(
    input: Any, running_mean: Unsupported = None, running_var: Unsupported = None,
    weight: Any = None, bias: Any = None, use_input_stats: Unsupported = True,
    momentum: float = 0.1, eps: Positive = 1e-05,
) -> Tensor:  # fmt: skip
    """y = γ (x − mean) / √(var + ε) + β, over each channel of each example by itself

    Shapes: input (N, C, d₁, …), others as in :func:`group_norm`, of which it is the case of C groups.
    Raises ValueError where they do not fit. Source: Ulyanov, Vedaldi and Lempitsky (2016).

    >>> instance_norm(np.array([[[1.0, 3.0], [0.0, 8.0]]]), eps=1e-12).data
    array([[[-1.,  1.],
            [-1.,  1.]]])
    """
    (x,) = floats("instance_norm", input=input)
    if x.ndim < 3:
        raise ValueError(f"instance_norm: input must be (N, C, …), not {x.shape}")
    return group_norm(input, x.shape[1], weight, bias, eps)


class _InstanceNorm(Module):
    dimensions: int

    @checked
    def __init__(
        self, num_features: PositiveInt, eps: Positive = 1e-05, momentum: float = 0.1,
        affine: bool = False, track_running_stats: Unsupported = False, device: Device = None,
        dtype: Dtype | None = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine = affine
        ones = np.ones(num_features, dtype or np.float32)
        self.weight = Parameter(ones) if affine else None
        self.bias = Parameter(0 * ones) if affine and bias else None

    def forward(self, input: Any) -> Tensor:
        name = type(self).__name__
        (x,) = floats(name, input=input)
        alone = x.ndim == self.dimensions - 1  # one example
        if not alone and x.ndim != self.dimensions:
            wanted = f"{self.dimensions} axes, or {self.dimensions - 1} for one example"
            raise ValueError(f"{name}: input must have {wanted}, not {x.ndim}")
        if self.affine and x.shape[1 - alone] != self.num_features:
            message = f"input has {x.shape[1 - alone]} channels, the layer {self.num_features}"
            raise ValueError(f"{name}: {message}")
        batch = ops.reshape(input, 1, *x.shape) if alone else input
        y = instance_norm(batch, weight=self.weight, bias=self.bias, eps=self.eps)
        return y[0] if alone else y


class InstanceNorm1d(_InstanceNorm):
    """Over the length of sequences (N, C, L) or (C, L); see :func:`instance_norm`."""

    dimensions = 3


class InstanceNorm2d(_InstanceNorm):
    """Over the pixels of images (N, C, H, W) or (C, H, W); see :func:`instance_norm`."""

    dimensions = 4


# By size alone -------------------------------------------------------------------------------


@checked
def rms_norm(
    input: Any, normalized_shape: Shape, weight: Any = None, eps: Positive | None = None
) -> Tensor:
    """y = γ x / √(mean(x²) + ε) over the last axes: only the size is made equal

    Shapes, γ (``weight``) and errors as in :func:`layer_norm`; ε is that of the dtype by default. Source:
    Zhang and Sennrich (2019).

    >>> rms_norm(np.array([[1.0, 7.0]]), (2,)).data
    array([[0.2, 1.4]])
    """
    name = "rms_norm"
    x, gamma = floats(name, {"weight": weight}, input=input)
    if not isinstance(normalized_shape, tuple | list):
        raise TypeError(f"{name}: normalized_shape must be a tuple, not {normalized_shape!r}")
    shape = whole_numbers(name, "normalized_shape", normalized_shape)
    if x.shape[-len(shape) :] != shape:
        raise ValueError(f"{name}: input {x.shape} does not end in normalized_shape {shape}")
    shaped(name, shape, weight=gamma)
    epsilon = float(np.finfo(x.dtype).eps) if eps is None else eps
    square = ops.mean(ops.mul(input, input), tuple(range(-len(shape), 0)), keepdim=True)
    y = ops.div(input, ops.sqrt(square + epsilon))
    return y if weight is None else y * weight


class RMSNorm(Module):
    """Over the last axes, of shape ``normalized_shape``; see :func:`rms_norm`."""

    @checked
    def __init__(
        self, normalized_shape: int | Shape, eps: Positive | None = None,
        elementwise_affine: bool = True, device: Device = None, dtype: Dtype | None = None,
    ) -> None:  # fmt: skip
        shape = whole_numbers("RMSNorm", "normalized_shape", normalized_shape)
        self.normalized_shape, self.eps = shape, eps
        self.elementwise_affine = elementwise_affine
        self.weight = Parameter(np.ones(shape, dtype or np.float32)) if elementwise_affine else None

    def forward(self, input: Any) -> Tensor:
        return rms_norm(input, self.normalized_shape, self.weight, self.eps)
