"""A face: where torch keeps its Parameter."""

from nnlib.nn.module import Buffer, Parameter

__all__ = ["Buffer", "Parameter"]
