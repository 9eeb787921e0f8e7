"""A face: every function under the name that torch.nn.functional gives it."""

# ruff: noqa: PLC0414
# "as" its own name is how mypy and editors know that a name is offered from here.
# isort: off
from nnlib.nn.activation import (
    heaviside as heaviside, log_softmax as log_softmax, relu as relu, sigmoid as sigmoid,
    sign as sign, softmax as softmax, tanh as tanh,
)  # fmt: skip
from nnlib.nn.convolution import conv1d as conv1d, conv2d as conv2d
from nnlib.nn.dropout import (
    classic_dropout as classic_dropout, dropout as dropout, winner_take_all as winner_take_all,
)  # fmt: skip
from nnlib.nn.embedding import embedding as embedding
from nnlib.nn.likelihood import (
    binary_cross_entropy as binary_cross_entropy,
    binary_cross_entropy_with_logits as binary_cross_entropy_with_logits, nll_loss as nll_loss,
    poisson_nll_loss as poisson_nll_loss,
)  # fmt: skip
from nnlib.nn.linear import linear as linear
from nnlib.nn.loss import cross_entropy as cross_entropy, mse_loss as mse_loss
from nnlib.nn.normalization import batch_norm as batch_norm, layer_norm as layer_norm
from nnlib.nn.penalties import gaussian_noise as gaussian_noise
from nnlib.nn.pooling import (
    avg_pool1d as avg_pool1d, avg_pool2d as avg_pool2d, max_pool1d as max_pool1d,
    max_pool2d as max_pool2d,
)  # fmt: skip
from nnlib.nn.rectifiers import (
    elu as elu, gelu as gelu, leaky_relu as leaky_relu, logsigmoid as logsigmoid, selu as selu,
    silu as silu, softplus as softplus,
)  # fmt: skip
from nnlib.nn.robust import (
    huber_loss as huber_loss, l1_loss as l1_loss, smooth_l1_loss as smooth_l1_loss,
)  # fmt: skip
