"""A face: nnlib.data under the name that torch gives it."""

from nnlib.data import *
