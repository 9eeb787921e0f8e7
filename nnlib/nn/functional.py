"""A face: every function under the name that torch.nn.functional gives it."""

from nnlib.nn.activation import (
    elu,
    gelu,
    heaviside,
    leaky_relu,
    log_softmax,
    relu,
    selu,
    sigmoid,
    sign,
    silu,
    softmax,
    softplus,
    tanh,
)
from nnlib.nn.linear import linear
from nnlib.nn.loss import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    l1_loss,
    mse_loss,
    nll_loss,
    poisson_nll_loss,
)

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "elu", "gelu",
    "heaviside", "huber_loss", "l1_loss", "leaky_relu", "linear", "log_softmax", "mse_loss",
    "nll_loss", "poisson_nll_loss", "relu", "selu", "sigmoid", "sign", "silu", "softmax",
    "softplus", "tanh",
]  # fmt: skip
