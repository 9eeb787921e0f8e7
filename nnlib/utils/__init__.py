"""Where torch keeps its data tools: ``nnlib.utils.data`` is ``nnlib.data``."""

from nnlib.utils import data as data
