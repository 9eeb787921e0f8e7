"""Layers, activations and losses, with torch.nn's names, options, defaults and state_dict keys."""

# "as" its own name is how mypy and editors know that a name is offered from here.
# isort: off
from nnlib.nn import functional as functional, init as init, penalties as penalties, utils as utils
from nnlib.nn.activation import (
    Heaviside as Heaviside, LogSoftmax as LogSoftmax, ReLU as ReLU, Sigmoid as Sigmoid,
    Sign as Sign, Softmax as Softmax, Tanh as Tanh,
)  # fmt: skip
from nnlib.nn.container import (
    MLP as MLP, Flatten as Flatten, ModuleDict as ModuleDict, ModuleList as ModuleList,
    Sequential as Sequential,
)  # fmt: skip
from nnlib.nn.convolution import Conv1d as Conv1d, Conv2d as Conv2d
from nnlib.nn.dropout import (
    ClassicDropout as ClassicDropout, Dropout as Dropout, WinnerTakeAll as WinnerTakeAll,
)  # fmt: skip
from nnlib.nn.embedding import Embedding as Embedding
from nnlib.nn.gated import GRU as GRU, LSTM as LSTM, GRUCell as GRUCell, LSTMCell as LSTMCell
from nnlib.nn.likelihood import (
    BCELoss as BCELoss, BCEWithLogitsLoss as BCEWithLogitsLoss, NLLLoss as NLLLoss,
    PoissonNLLLoss as PoissonNLLLoss,
)  # fmt: skip
from nnlib.nn.linear import Identity as Identity, Linear as Linear, Neuron as Neuron
from nnlib.nn.loss import CrossEntropyLoss as CrossEntropyLoss, MSELoss as MSELoss
from nnlib.nn.module import Buffer as Buffer, Module as Module, Parameter as Parameter
from nnlib.nn.normalization import (
    BatchNorm1d as BatchNorm1d, BatchNorm2d as BatchNorm2d, LayerNorm as LayerNorm,
)  # fmt: skip
from nnlib.nn.penalties import GaussianNoise as GaussianNoise
from nnlib.nn.pooling import (
    AvgPool1d as AvgPool1d, AvgPool2d as AvgPool2d, MaxPool1d as MaxPool1d, MaxPool2d as MaxPool2d,
)  # fmt: skip
from nnlib.nn.rectifiers import (
    ELU as ELU, GELU as GELU, LeakyReLU as LeakyReLU, LogSigmoid as LogSigmoid, SELU as SELU,
    SiLU as SiLU, Softplus as Softplus,
)  # fmt: skip
from nnlib.nn.recurrent import (
    RNN as RNN, EchoState as EchoState, LeakyRNN as LeakyRNN, RNNCell as RNNCell,
)  # fmt: skip
from nnlib.nn.residual import Residual as Residual
from nnlib.nn.robust import HuberLoss as HuberLoss, L1Loss as L1Loss, SmoothL1Loss as SmoothL1Loss
from nnlib.nn.summary import summary as summary
