"""A face: every function under the name that torch.nn.functional gives it."""

# Names in rows, as in the list below.
# isort: off
from nnlib.nn.activation import (
    elu, gelu, heaviside, leaky_relu, log_softmax, logsigmoid, relu, selu, sigmoid, sign, silu,
    softmax, softplus, tanh,
)  # fmt: skip
from nnlib.nn.convolution import conv1d, conv2d
from nnlib.nn.dropout import classic_dropout, dropout, winner_take_all
from nnlib.nn.embedding import embedding
from nnlib.nn.linear import linear
from nnlib.nn.loss import (
    binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, huber_loss, l1_loss,
    mse_loss, nll_loss, poisson_nll_loss, smooth_l1_loss,
)  # fmt: skip
from nnlib.nn.normalization import batch_norm, layer_norm
from nnlib.nn.penalties import gaussian_noise
from nnlib.nn.pooling import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d

__all__ = [
    "avg_pool1d", "avg_pool2d", "batch_norm", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "classic_dropout", "conv1d", "conv2d", "cross_entropy",
    "dropout", "elu", "embedding", "gaussian_noise", "gelu", "heaviside", "huber_loss", "l1_loss",
    "layer_norm", "leaky_relu", "linear", "log_softmax", "logsigmoid", "max_pool1d", "max_pool2d",
    "mse_loss", "nll_loss", "poisson_nll_loss", "relu", "selu", "sigmoid", "sign", "silu",
    "smooth_l1_loss", "softmax", "softplus", "tanh", "winner_take_all",
]  # fmt: skip
