"""Data: sets to learn on, features made comparable, and the loader that cuts them into batches."""

from nnlib.data.classics import *
from nnlib.data.datasets import *
from nnlib.data.examples import *
from nnlib.data.idx import *
from nnlib.data.loader import *
from nnlib.data.samplers import *
from nnlib.data.scaling import *
