"""Embedding: a vector of parameters for each of a number of things."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nnlib import ops
from nnlib.engine import Tensor
from nnlib.nn import init
from nnlib.nn.checking import at_default, floats, values
from nnlib.nn.module import Module, Parameter

__all__ = ["Embedding", "embedding"]


def embedding(
    input: Any,
    weight: Any,
    padding_idx: None = None,
    max_norm: None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Row i of ``weight`` for every entry i of ``input``: the one-hot vector eᵢ times W

    Shapes: input any, of whole numbers; weight (V, d); the result is (…, d). A row that is looked
    up several times gets the sum of the gradients. Raises TypeError where input does not hold
    whole numbers, ValueError where weight is not a matrix, IndexError outside 0 … V − 1.

    >>> embedding(np.array([2, 0, 2]), np.array([[0.0, 0.1], [1.0, 1.1], [2.0, 2.1]])).data
    array([[2. , 2.1],
           [0. , 0.1],
           [2. , 2.1]])
    """
    at_default(
        "embedding", padding_idx=(padding_idx, None), max_norm=(max_norm, None),
        norm_type=(norm_type, 2.0), scale_grad_by_freq=(scale_grad_by_freq, False),
        sparse=(sparse, False),
    )  # fmt: skip
    (W,), index = floats("embedding", weight=weight), values("embedding", "input", input)
    if W.ndim != 2:
        raise ValueError(f"embedding: weight must be a matrix (V, d), not of shape {W.shape}")
    if index.dtype.kind not in "iu":
        raise TypeError(f"embedding: input must hold whole numbers, not {index.dtype}")
    outside = (index < 0) | (index >= len(W))
    if outside.any():
        raise IndexError(
            f"embedding: input holds {index[outside][0]}, but weight {W.shape} has rows 0 to "
            f"{len(W) - 1}"
        )
    return ops.index(weight, index)


class Embedding(Module):
    """``num_embeddings`` vectors of ``embedding_dim`` numbers; see :func:`embedding`.

    ``weight`` starts from N(0, 1), as in PyTorch.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: None = None,
        max_norm: None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: None = None,
        _freeze: bool = False,
        device: None = None,
        dtype: DTypeLike | None = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        at_default(
            "Embedding", padding_idx=(padding_idx, None), max_norm=(max_norm, None),
            norm_type=(norm_type, 2.0), scale_grad_by_freq=(scale_grad_by_freq, False),
            sparse=(sparse, False), _weight=(_weight, None), _freeze=(_freeze, False),
            device=(device, None),
        )  # fmt: skip
        sizes = num_embeddings, embedding_dim
        if not all(isinstance(n, int | np.integer) and n > 0 for n in sizes):
            raise ValueError(
                "Embedding: num_embeddings and embedding_dim must be whole numbers from 1, not "
                f"{num_embeddings!r} and {embedding_dim!r}"
            )
        self.num_embeddings, self.embedding_dim = sizes
        blank = np.empty(sizes, dtype or np.float32)
        self.weight = init.normal_(Parameter(blank), generator=generator)

    def forward(self, index: Any) -> Tensor:
        return embedding(index, self.weight)

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}"
