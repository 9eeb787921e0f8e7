"""The encoder of a transformer: attention, then a small network at every place, each around a sum.

Vaswani et al. (2017); with the normalization first, Xiong et al. (2020).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, Literal

from nnlib import ops
from nnlib.arguments import (
    Device,
    Dtype,
    Generator,
    Positive,
    PositiveInt,
    UnitInterval,
    checked,
)
from nnlib.engine import Tensor
from nnlib.nn.activation import relu
from nnlib.nn.attention import MultiheadAttention
from nnlib.nn.container import ModuleList
from nnlib.nn.dropout import Dropout
from nnlib.nn.linear import Linear
from nnlib.nn.module import Module
from nnlib.nn.normalization import LayerNorm
from nnlib.nn.rectifiers import gelu

Activation = Literal["relu", "gelu"] | Callable[[Any], Any]


class TransformerEncoderLayer(Module):
    """h = norm(x + attention(x)), y = norm(h + W₂ φ(W₁ h)); x + attention(norm(x)) with ``norm_first``

    Shapes: (T, N, d_model), or (N, T, d_model) with ``batch_first``, or (T, d_model); the result is the
    same. ``src_mask`` and ``src_key_padding_mask`` as in :class:`MultiheadAttention`; ``is_causal`` is a
    hint that changes no value. ``activation`` φ is "relu", "gelu" or a function. ``dropout`` acts on
    the weights of the attention, inside the network and before each sum. Raises ValueError where
    shapes do not fit, TypeError where dtypes differ. Vaswani et al. (2017).

    >>> layer = TransformerEncoderLayer(4, 2, 8, batch_first=True)
    >>> layer(Tensor([[[1.0, 2.0, 3.0, 4.0]]])).shape
    (1, 1, 4)
    """

    @checked
    def __init__(
        self, d_model: PositiveInt, nhead: PositiveInt, dim_feedforward: PositiveInt = 2048,
        dropout: UnitInterval = 0.1, activation: Activation = relu, layer_norm_eps: Positive = 1e-5,
        batch_first: bool = False, norm_first: bool = False, bias: bool = True,
        device: Device = None, dtype: Dtype | None = None, *, generator: Generator = None,
    ) -> None:  # fmt: skip
        known: dict[Any, Any] = {"relu": relu, "gelu": gelu}
        self.activation: Any = activation if callable(activation) else known.get(activation)
        if self.activation is None:
            message = f"activation must be 'relu', 'gelu' or a function, not {activation!r}"
            raise ValueError(f"TransformerEncoderLayer: {message}")
        options: dict[str, Any] = {"dtype": dtype, "generator": generator}
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, **options
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, **options)
        self.dropout = Dropout(dropout, generator=generator)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **options)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout, generator=generator)
        self.dropout2 = Dropout(dropout, generator=generator)

    def forward(
        self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None,
        is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        def attention(x: Any) -> Tensor:
            y, _ = self.self_attn(
                x, x, x, src_key_padding_mask, need_weights=False, attn_mask=src_mask
            )
            return self.dropout1(y)  # type: ignore[no-any-return]

        def network(h: Any) -> Tensor:
            hidden = self.dropout(self.activation(self.linear1(h)))
            return self.dropout2(self.linear2(hidden))  # type: ignore[no-any-return]

        if self.norm_first:
            h = ops.add(src, attention(self.norm1(src)))
            return h + network(self.norm2(h))
        h = self.norm1(ops.add(src, attention(src)))
        return self.norm2(h + network(h))  # type: ignore[no-any-return]


class TransformerEncoder(Module):
    """``num_layers`` copies of ``encoder_layer`` in a row, and ``norm`` after the last, if given.

    ``mask``, ``src_key_padding_mask``, shapes and errors as in :class:`TransformerEncoderLayer`. The
    copies start from equal weights, as in torch. Options that only save torch's time are taken.
    Vaswani et al. (2017).

    >>> encoder = TransformerEncoder(TransformerEncoderLayer(4, 2, 8), 3)
    >>> len(encoder.layers)
    3
    """

    @checked
    def __init__(
        self, encoder_layer: Module, num_layers: PositiveInt, norm: Module | None = None,
        enable_nested_tensor: bool = True, mask_check: bool = True,
    ) -> None:  # fmt: skip
        self.layers = ModuleList([deepcopy(encoder_layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self, src: Any, mask: Any = None, src_key_padding_mask: Any = None,
        is_causal: bool | None = None,
    ) -> Any:  # fmt: skip
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask)
        return src if self.norm is None else self.norm(src)
