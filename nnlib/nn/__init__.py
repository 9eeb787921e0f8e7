"""Layers, activations and losses, with torch.nn's names, options, defaults and state_dict keys."""

# Names in rows, as in the list below.
# isort: off
from nnlib.nn import functional, init, penalties, utils
from nnlib.nn.activation import (
    ELU, GELU, SELU, Heaviside, LeakyReLU, LogSigmoid, LogSoftmax, ReLU, Sigmoid, Sign, SiLU,
    Softmax, Softplus, Tanh,
)  # fmt: skip
from nnlib.nn.container import MLP, Flatten, ModuleDict, ModuleList, Sequential
from nnlib.nn.convolution import Conv1d, Conv2d
from nnlib.nn.dropout import ClassicDropout, Dropout, WinnerTakeAll
from nnlib.nn.embedding import Embedding
from nnlib.nn.gated import GRU, LSTM, GRUCell, LSTMCell
from nnlib.nn.linear import Identity, Linear, Neuron
from nnlib.nn.loss import (
    BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, HuberLoss, L1Loss, MSELoss, NLLLoss,
    PoissonNLLLoss, SmoothL1Loss,
)  # fmt: skip
from nnlib.nn.module import Buffer, Module, Parameter
from nnlib.nn.normalization import BatchNorm1d, BatchNorm2d, LayerNorm
from nnlib.nn.penalties import GaussianNoise
from nnlib.nn.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from nnlib.nn.recurrent import RNN, EchoState, LeakyRNN, RNNCell
from nnlib.nn.residual import Residual
from nnlib.nn.summary import summary

__all__ = [
    "ELU", "GELU", "GRU", "LSTM", "MLP", "RNN", "SELU", "AvgPool1d", "AvgPool2d", "BCELoss",
    "BCEWithLogitsLoss", "BatchNorm1d", "BatchNorm2d", "Buffer", "ClassicDropout", "Conv1d",
    "Conv2d", "CrossEntropyLoss", "Dropout", "EchoState", "Embedding", "Flatten", "GRUCell",
    "GaussianNoise", "Heaviside", "HuberLoss", "Identity", "L1Loss", "LSTMCell", "LayerNorm",
    "LeakyRNN", "LeakyReLU", "Linear", "LogSigmoid", "LogSoftmax", "MSELoss", "MaxPool1d",
    "MaxPool2d", "Module", "ModuleDict", "ModuleList", "NLLLoss", "Neuron", "Parameter",
    "PoissonNLLLoss", "RNNCell", "ReLU", "Residual", "Sequential", "SiLU", "Sigmoid", "Sign",
    "SmoothL1Loss", "Softmax", "Softplus", "Tanh", "WinnerTakeAll", "functional", "init",
    "penalties", "summary", "utils",
]  # fmt: skip
