"""Embedding: a vector of parameters for each of a number of things."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib import ops
from nnlib.arguments import (
    Device,
    Dtype,
    Generator,
    PositiveInt,
    Unsupported,
    checked,
    floats,
    values,
)
from nnlib.engine import Tensor
from nnlib.nn import init
from nnlib.nn.module import Module, Parameter


@checked
def embedding(
    input: Any, weight: Any, padding_idx: Unsupported = None, max_norm: Unsupported = None,
    norm_type: Unsupported = 2.0, scale_grad_by_freq: Unsupported = False,
    sparse: Unsupported = False,
) -> Tensor:  # fmt: skip
    """Row i of ``weight`` for every entry i of ``input``: the one-hot vector eᵢ times W

    Shapes: input any, of whole numbers; weight (V, d); the result is (…, d). A row that is looked
    up several times gets the sum of the gradients. Raises TypeError where input does not hold
    whole numbers, ValueError where weight is not a matrix, IndexError outside 0 … V − 1.

    Source: Bengio et al. (2003).

    >>> embedding(np.array([2, 0, 2]), np.array([[0.0, 0.1], [1.0, 1.1], [2.0, 2.1]])).data
    array([[2. , 2.1],
           [0. , 0.1],
           [2. , 2.1]])
    """
    (W,), index = floats("embedding", weight=weight), values("embedding", "input", input)
    if W.ndim != 2:
        raise ValueError(f"embedding: weight must be a matrix (V, d), not of shape {W.shape}")
    if index.dtype.kind not in "iu":
        raise TypeError(f"embedding: input must hold whole numbers, not {index.dtype}")
    outside = index[(index < 0) | (index >= len(W))]
    if outside.size:
        raise IndexError(f"embedding: input holds {outside[0]}, weight has rows 0 to {len(W) - 1}")
    return ops.index(weight, index)


class Embedding(Module):
    """``num_embeddings`` vectors of ``embedding_dim`` numbers; see :func:`embedding`.

    ``weight`` starts from N(0, 1), as in PyTorch.
    """

    @checked
    def __init__(
        self, num_embeddings: PositiveInt, embedding_dim: PositiveInt,
        padding_idx: Unsupported = None, max_norm: Unsupported = None,
        norm_type: Unsupported = 2.0, scale_grad_by_freq: Unsupported = False,
        sparse: Unsupported = False, _weight: Unsupported = None, _freeze: Unsupported = False,
        device: Device = None, dtype: Dtype | None = None, *, generator: Generator = None,
    ) -> None:  # fmt: skip
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        blank = np.empty((num_embeddings, embedding_dim), dtype or np.float32)
        self.weight = init.normal_(Parameter(blank), generator=generator)

    def forward(self, index: Any) -> Tensor:
        return embedding(index, self.weight)
