"""Layers, activations and losses, with torch.nn's names, options, defaults and state_dict keys."""

# "as" its own name is how mypy and editors know that a name is offered from here.
# isort: off
from nnlib.nn import functional as functional, init as init, penalties as penalties, utils as utils
from nnlib.nn.activation import (
    Heaviside as Heaviside, LogSoftmax as LogSoftmax, ReLU as ReLU, Sigmoid as Sigmoid,
    Sign as Sign, Softmax as Softmax, Tanh as Tanh,
)  # fmt: skip
from nnlib.nn.attention import MultiheadAttention as MultiheadAttention
from nnlib.nn.container import (
    MLP as MLP, Flatten as Flatten, ModuleDict as ModuleDict, ModuleList as ModuleList,
    Sequential as Sequential,
)  # fmt: skip
from nnlib.nn.convolution import Conv1d as Conv1d, Conv2d as Conv2d
from nnlib.nn.divergence import (
    CosineSimilarity as CosineSimilarity, GaussianNLLLoss as GaussianNLLLoss,
    KLDivLoss as KLDivLoss,
)  # fmt: skip
from nnlib.nn.dropout import (
    ClassicDropout as ClassicDropout, Dropout as Dropout, Dropout1d as Dropout1d,
    Dropout2d as Dropout2d, WinnerTakeAll as WinnerTakeAll,
)  # fmt: skip
from nnlib.nn.embedding import Embedding as Embedding
from nnlib.nn.gated import GRU as GRU, LSTM as LSTM, GRUCell as GRUCell, LSTMCell as LSTMCell
from nnlib.nn.likelihood import (
    BCELoss as BCELoss, BCEWithLogitsLoss as BCEWithLogitsLoss, NLLLoss as NLLLoss,
    PoissonNLLLoss as PoissonNLLLoss,
)  # fmt: skip
from nnlib.nn.linear import Identity as Identity, Linear as Linear, Neuron as Neuron
from nnlib.nn.lists import ParameterList as ParameterList
from nnlib.nn.loss import CrossEntropyLoss as CrossEntropyLoss, MSELoss as MSELoss
from nnlib.nn.low_rank import LoRALinear as LoRALinear
from nnlib.nn.module import Buffer as Buffer, Module as Module, Parameter as Parameter
from nnlib.nn.normalization import (
    BatchNorm1d as BatchNorm1d, BatchNorm2d as BatchNorm2d, GroupNorm as GroupNorm,
    InstanceNorm1d as InstanceNorm1d, InstanceNorm2d as InstanceNorm2d, LayerNorm as LayerNorm,
    RMSNorm as RMSNorm,
)  # fmt: skip
from nnlib.nn.padding import (
    CircularPad1d as CircularPad1d, CircularPad2d as CircularPad2d, ConstantPad1d as ConstantPad1d,
    ConstantPad2d as ConstantPad2d, ReflectionPad1d as ReflectionPad1d,
    ReflectionPad2d as ReflectionPad2d, ReplicationPad1d as ReplicationPad1d,
    ReplicationPad2d as ReplicationPad2d, ZeroPad1d as ZeroPad1d, ZeroPad2d as ZeroPad2d,
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
from nnlib.nn.resampling import (
    AdaptiveAvgPool1d as AdaptiveAvgPool1d, AdaptiveAvgPool2d as AdaptiveAvgPool2d,
    Upsample as Upsample,
)  # fmt: skip
from nnlib.nn.residual import Residual as Residual
from nnlib.nn.robust import HuberLoss as HuberLoss, L1Loss as L1Loss, SmoothL1Loss as SmoothL1Loss
from nnlib.nn.shapes import PixelShuffle as PixelShuffle, Unflatten as Unflatten
from nnlib.nn.summary import summary as summary
from nnlib.nn.transformer import (
    TransformerEncoder as TransformerEncoder, TransformerEncoderLayer as TransformerEncoderLayer,
)  # fmt: skip
from nnlib.nn.transposed import (
    ConvTranspose1d as ConvTranspose1d, ConvTranspose2d as ConvTranspose2d,
)  # fmt: skip
