"""Optimizers, with torch.optim's names, options and defaults; each file lists what it offers."""

from nnlib.nn.utils import *
from nnlib.optim import lr_scheduler as lr_scheduler
from nnlib.optim.adam import *
from nnlib.optim.adaptive import *
from nnlib.optim.line_search import *
from nnlib.optim.optimizer import *
from nnlib.optim.sgd import *
