"""Layers, activations and losses, with torch.nn's names, options, defaults and state_dict keys."""

from nnlib.nn import functional, init
from nnlib.nn.activation import (
    ELU,
    GELU,
    SELU,
    Heaviside,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    Sign,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from nnlib.nn.container import MLP, Sequential
from nnlib.nn.linear import Identity, Linear, Neuron
from nnlib.nn.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    PoissonNLLLoss,
)
from nnlib.nn.module import Buffer, Module, Parameter

__all__ = [
    "ELU", "GELU", "MLP", "SELU", "BCELoss", "BCEWithLogitsLoss", "Buffer", "CrossEntropyLoss",
    "Heaviside", "HuberLoss", "Identity", "L1Loss", "LeakyReLU", "Linear", "LogSoftmax", "MSELoss",
    "Module", "NLLLoss", "Neuron", "Parameter", "PoissonNLLLoss", "ReLU", "Sequential", "SiLU",
    "Sigmoid", "Sign", "Softmax", "Softplus", "Tanh", "functional", "init",
]  # fmt: skip
