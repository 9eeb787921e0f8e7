"""Optimizers, with torch.optim's names, options and defaults."""

from nnlib.nn.utils import clip_grad_norm_, clip_grad_value_
from nnlib.optim import lr_scheduler
from nnlib.optim.adadelta import Adadelta
from nnlib.optim.adagrad import Adagrad
from nnlib.optim.adam import Adam, AdamW, NAdam
from nnlib.optim.line_search import (
    backtracking,
    gradient_is_small,
    newton_step,
    power_iteration,
    step_is_small,
)
from nnlib.optim.optimizer import Optimizer
from nnlib.optim.rmsprop import RMSprop
from nnlib.optim.sgd import SGD

__all__ = [
    "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "NAdam", "Optimizer", "RMSprop", "backtracking",
    "clip_grad_norm_", "clip_grad_value_", "gradient_is_small", "lr_scheduler", "newton_step",
    "power_iteration", "step_is_small",
]  # fmt: skip
