"""Optimizers, with torch.optim's names, options and defaults."""

from nnlib.optim.optimizer import Optimizer
from nnlib.optim.sgd import SGD

__all__ = ["SGD", "Optimizer"]
