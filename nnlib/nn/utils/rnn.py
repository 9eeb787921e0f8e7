"""Sequences of several lengths, made into one batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from nnlib import ops
from nnlib.arguments import checked, values
from nnlib.engine import Tensor
from nnlib.nn.padding import pad

__all__ = ["pad_sequence"]


@checked
def pad_sequence(
    sequences: Sequence[Any], batch_first: bool = False, padding_value: float = 0.0,
    padding_side: Literal["left", "right"] = "right",
) -> Tensor:  # fmt: skip
    """Sequences (Tₙ, …) side by side, each filled up to the longest: (T, N, …), or (N, T, …)

    ``padding_value`` stands behind the shorter ones, or before them. Raises ValueError where there is
    none, or where they differ in more than their length. As in torch.

    >>> pad_sequence([Tensor([1.0, 2.0]), Tensor([3.0])], batch_first=True)
    tensor([[1., 2.],
            [3., 0.]])
    """
    shapes = [values("pad_sequence", "sequences", x).shape for x in sequences]
    if not shapes or any(not shape or shape[1:] != shapes[0][1:] for shape in shapes):
        message = f"sequences must be several (T, …), alike but for T, not {shapes}"
        raise ValueError(f"pad_sequence: {message}")
    longest = max(shape[0] for shape in shapes)
    filled = []
    for x, shape in zip(sequences, shapes, strict=True):
        missing = longest - shape[0]
        pair = [0, missing] if padding_side == "right" else [missing, 0]
        filled.append(pad(x, [0, 0] * (len(shape) - 1) + pair, value=padding_value))
    return ops.stack(filled, 0 if batch_first else 1)


def __getattr__(name: str) -> Any:
    if name in ("pack_padded_sequence", "pad_packed_sequence", "pack_sequence", "PackedSequence"):
        instead = "give the padded batch to the layer, and leave out padded steps from the loss"
        raise AttributeError(f"nn.utils.rnn: {name} is not offered here; {instead}")
    raise AttributeError(f"nnlib.nn.utils.rnn has no {name!r}")
