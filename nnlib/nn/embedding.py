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
    input: Any, weight: Any, padding_idx: int | None = None, max_norm: Unsupported = None,
    norm_type: Unsupported = 2.0, scale_grad_by_freq: Unsupported = False,
    sparse: Unsupported = False,
) -> Tensor:  # fmt: skip
    """Row i of ``weight`` for every entry i of ``input``: the one-hot vector eᵢ times W

    Shapes: input any, of whole numbers; weight (V, d); the result is (…, d). A row that is looked
    up several times gets the sum of the gradients. Raises TypeError where input does not hold
    whole numbers, ValueError where weight is not a matrix, IndexError outside 0 … V − 1. Row
    ``padding_idx`` gets no gradient: it stands where a sequence has ended.

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
    y = ops.index(weight, index.astype(np.intp, copy=False))  # bytes would be a mask
    if padding_idx is None:
        return y
    ended = index == _row("embedding", padding_idx, len(W))
    return ops.where(ended[..., None], y.detach(), y)


def _row(function: str, padding_idx: int, rows: int) -> int:
    """Counted from the front."""
    if not -rows <= padding_idx < rows:
        raise ValueError(f"{function}: padding_idx {padding_idx} is not among {rows} rows")
    return padding_idx % rows


@checked
def one_hot(tensor: Any, num_classes: int = -1) -> Tensor:
    """e_y: 1 at the label, 0 elsewhere

    Shapes: labels (…) → (…, K), in int64; −1 for K, ``num_classes``, means the largest label and 1.
    Raises TypeError for labels that are no whole numbers, ValueError outside 0 … K − 1. As in torch;
    :func:`nnlib.data.one_hot` gives an array.

    >>> one_hot(np.array([0, 2, 1]))
    tensor([[1, 0, 0],
            [0, 0, 1],
            [0, 1, 0]])
    """
    labels = values("one_hot", "tensor", tensor)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"one_hot: tensor must hold whole numbers, not {labels.dtype}")
    if num_classes == -1 and not labels.size:
        raise ValueError("one_hot: num_classes is needed where there are no labels")
    classes = int(labels.max()) + 1 if num_classes == -1 else num_classes
    outside = labels[(labels < 0) | (labels >= classes)]
    if outside.size:
        raise ValueError(
            f"one_hot: tensor holds {outside[0]}, and classes go from 0 to {classes - 1}"
        )
    return Tensor((labels[..., None] == np.arange(classes)).astype(np.int64))


class Embedding(Module):
    """``num_embeddings`` vectors of ``embedding_dim`` numbers; see :func:`embedding`.

    ``weight`` starts from N(0, 1), row ``padding_idx`` from 0, as in PyTorch.
    """

    @checked
    def __init__(
        self, num_embeddings: PositiveInt, embedding_dim: PositiveInt,
        padding_idx: int | None = None, max_norm: Unsupported = None,
        norm_type: Unsupported = 2.0, scale_grad_by_freq: Unsupported = False,
        sparse: Unsupported = False, _weight: Unsupported = None, _freeze: Unsupported = False,
        device: Device = None, dtype: Dtype | None = None, *, generator: Generator = None,
    ) -> None:  # fmt: skip
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        blank = np.empty((num_embeddings, embedding_dim), dtype or np.float32)
        self.weight = init.normal_(Parameter(blank), generator=generator)
        self.padding_idx = padding_idx
        if padding_idx is not None:
            self.padding_idx = _row("Embedding", padding_idx, num_embeddings)
            self.weight.data[self.padding_idx] = 0

    @classmethod
    def from_pretrained(
        cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None
    ) -> Embedding:
        """The rows of a matrix (V, d), which stay as they are unless ``freeze`` is False."""
        (W,) = floats("from_pretrained", embeddings=embeddings)
        if W.ndim != 2:
            raise ValueError(f"from_pretrained: embeddings must be (V, d), not {W.shape}")
        rows, width = W.shape
        layer = cls(rows, width, padding_idx)
        layer.weight = Parameter(W, requires_grad=not freeze)
        return layer

    def forward(self, input: Any) -> Tensor:
        return embedding(input, self.weight, self.padding_idx)
