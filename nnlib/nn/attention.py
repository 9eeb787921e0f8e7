"""Attention: an average of values, weighted by how well each key answers a query.

Bahdanau, Cho and Bengio (2015); in this form, and with several heads, Vaswani et al. (2017).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnlib import ops
from nnlib.arguments import (
    Device,
    Dtype,
    Generator,
    PositiveInt,
    UnitInterval,
    Unsupported,
    checked,
    floats,
    values,
)
from nnlib.engine import Tensor
from nnlib.nn.activation import softmax
from nnlib.nn.dropout import dropout
from nnlib.nn.init import xavier_uniform_, zeros_
from nnlib.nn.linear import Linear, linear
from nnlib.nn.module import Module, Parameter


@checked
def scaled_dot_product_attention(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: UnitInterval = 0.0,
    is_causal: bool = False, scale: float | None = None, enable_gqa: Unsupported = False,
) -> Tensor:  # fmt: skip
    """softmax(Q Kᵀ / √d + M) V

    Shapes: query (…, L, d), key (…, S, d), value (…, S, e) → (…, L, e). ``attn_mask`` M, to be
    broadcast to (…, L, S), is added to the scores, or, where it holds booleans, says which keys each
    query may see; with ``is_causal`` query t sees the keys up to t. A query that sees none gets 0.
    ``scale`` stands in place of 1/√d. Dropout acts on the weights, in eval mode too. Raises ValueError
    where shapes do not fit, TypeError where dtypes do not. Vaswani et al. (2017).

    >>> key = np.eye(2)
    >>> value = np.array([[1.0], [3.0]])
    >>> scaled_dot_product_attention(key[:1], key, value, np.array([[False, True]])).data
    array([[3.]])
    """
    name = "scaled_dot_product_attention"
    q, k, v = floats(name, query=query, key=key, value=value)
    fits = q.ndim >= 2 <= min(k.ndim, v.ndim) and q.shape[-1] == k.shape[-1]
    if not (fits and k.shape[-2] == v.shape[-2]):
        shapes = f"query (…, L, d), key (…, S, d) and value (…, S, e), not {q.shape}"
        raise ValueError(f"{name}: needs {shapes}, {k.shape}, {v.shape}")
    if is_causal and attn_mask is not None:
        raise ValueError(f"{name}: give either attn_mask or is_causal=True")
    mask = np.tri(q.shape[-2], k.shape[-2], dtype=bool) if is_causal else attn_mask
    weights = attention_weights(name, query, key, mask, scale)
    return ops.matmul(dropout(weights, dropout_p) if dropout_p else weights, value)


def attention_weights(
    function: str, query: Any, key: Any, mask: Any, scale: float | None = None, safe: bool = True
) -> Tensor:
    """softmax(Q Kᵀ / √d + M), (…, L, S): how much of each value each query takes

    Where all scores of a query are −∞ there is nothing to choose from: 0, or NaN unless ``safe``.
    """
    d = query.shape[-1]
    scale = (1 / math.sqrt(d) if d else 1.0) if scale is None else scale
    scores = ops.matmul(ops.mul(query, scale), ops.transpose(key, -2, -1))
    if mask is not None:
        m = values(function, "attn_mask", mask)
        try:
            fits = np.broadcast_shapes(m.shape, scores.shape) == scores.shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(f"{function}: attn_mask {m.shape} does not fit scores {scores.shape}")
        if m.dtype != bool:
            floats(function, query=query, attn_mask=mask)
        scores = ops.where(m, scores, -math.inf) if m.dtype == bool else ops.add(scores, mask)
    blind = (scores.data == -math.inf).all(-1, keepdims=True)
    if not (safe and blind.any()):
        return softmax(scores, -1)
    return ops.where(blind, 0.0, softmax(ops.where(blind, 0.0, scores), -1))


class MultiheadAttention(Module):
    """Concat(head₁ … head_h) W_Oᵀ + b_O, with head = attention(Q Wᵀ + b, K Wᵀ + b, V Wᵀ + b)

    ``output, weights = attention(query, key, value)``. Shapes: query (L, N, E), key (S, N, kdim), value
    (S, N, vdim), or with ``batch_first`` the first two swapped, or all without N; output as query;
    weights (N, L, S), the mean over the heads, or (N, h, L, S) unless ``average_attn_weights``, or
    None unless ``need_weights``. Each of ``num_heads`` heads has E / h of the features.

    ``attn_mask`` (L, S) or (N h, L, S) and ``key_padding_mask`` (N, S) say by True which keys are *not*
    seen (the other way round than in :func:`scaled_dot_product_attention`, as in torch), or, as floats,
    are added to the scores. A query that sees nothing gets NaN, or, unless ``need_weights``, the bias.
    ``dropout`` drops weights in training. ``is_causal`` is a hint that
    changes no value. ``in_proj_weight`` holds the rows for q, k and v, and starts from Xavier's
    uniform distribution, biases from 0. Raises ValueError where shapes do not fit, TypeError where
    dtypes differ. Vaswani et al. (2017).

    >>> attention = MultiheadAttention(4, 2, batch_first=True)
    >>> x = np.ones((3, 5, 4), np.float32)
    >>> output, weights = attention(x, x, x)
    >>> output.shape, weights.shape
    ((3, 5, 4), (3, 5, 5))
    """

    @checked
    def __init__(
        self, embed_dim: PositiveInt, num_heads: PositiveInt, dropout: UnitInterval = 0.0,
        bias: bool = True, add_bias_kv: Unsupported = False, add_zero_attn: Unsupported = False,
        kdim: PositiveInt | None = None, vdim: PositiveInt | None = None,
        batch_first: bool = False, device: Device = None, dtype: Dtype | None = None, *,
        generator: Generator = None,
    ) -> None:  # fmt: skip
        if embed_dim % num_heads:
            message = f"{num_heads} heads cannot share embed_dim={embed_dim}"
            raise ValueError(f"MultiheadAttention: {message}")
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.batch_first, self.generator = batch_first, generator
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        E, kind = embed_dim, dtype or np.float32

        def start(*shape: int) -> Parameter:
            return xavier_uniform_(Parameter(np.empty(shape, kind)), generator=generator)

        if self.kdim == self.vdim == E:
            self.in_proj_weight = start(3 * E, E)
        else:
            self.q_proj_weight = start(E, E)
            self.k_proj_weight, self.v_proj_weight = start(E, self.kdim), start(E, self.vdim)
        self.in_proj_bias = Parameter(np.zeros(3 * E, kind)) if bias else None
        self.out_proj = Linear(E, E, bias, dtype=dtype, generator=generator)
        if self.out_proj.bias is not None:
            zeros_(self.out_proj.bias)

    @checked
    def forward(
        self, query: Any, key: Any, value: Any, key_padding_mask: Any = None,
        need_weights: bool = True, attn_mask: Any = None, average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:  # fmt: skip
        batched = self._check(query, key, value)
        time_first = batched and not self.batch_first
        inputs = [ops.transpose(x, 0, 1) if time_first else x for x in (query, key, value)]
        if not batched:
            inputs = [ops.reshape(x, 1, *x.shape) for x in inputs]
        q, k, v = (self._heads(x, W, b) for x, (W, b) in zip(inputs, self._parts(), strict=True))
        mask = self._mask(q, k, attn_mask, key_padding_mask)
        weights = attention_weights("MultiheadAttention", q, k, mask, safe=not need_weights)
        kept = dropout(weights, self.dropout, self.training, generator=self.generator)
        heads = ops.transpose(ops.matmul(kept, v), 1, 2)  # (N, L, h, d)
        output = self.out_proj(heads.reshape(*heads.shape[:2], self.embed_dim))
        output = output.transpose(0, 1) if time_first else output
        shown = kept.mean(1) if average_attn_weights else kept
        if not batched:
            output, shown = output[0], shown[0]
        return output, shown if need_weights else None

    def _parts(self) -> list[tuple[Any, Any]]:
        """Weight and bias for q, for k and for v."""
        E, b = self.embed_dim, self.in_proj_bias
        rows = [slice(i * E, (i + 1) * E) for i in range(3)]
        if self.kdim == self.vdim == E:
            weights: list[Any] = [self.in_proj_weight[part] for part in rows]
        else:
            weights = [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]
        return [(W, None if b is None else b[part]) for W, part in zip(weights, rows, strict=True)]

    def _heads(self, x: Any, W: Any, b: Any) -> Tensor:
        """(N, T, features) → (N, h, T, d)"""
        y = linear(x, W, b)
        return y.reshape(*y.shape[:2], self.num_heads, -1).transpose(1, 2)

    def _mask(self, q: Tensor, k: Tensor, attn_mask: Any, key_padding_mask: Any) -> Any:
        """What is added to the scores (N, h, L, S), or None."""
        (N, h, L, _), S = q.shape, k.shape[2]
        shapes: dict[str, dict[Any, Any]] = {
            "attn_mask": {(L, S): (1, 1, L, S), (N * h, L, S): (N, h, L, S)},
            "key_padding_mask": {(N, S): (N, 1, 1, S)} | ({(S,): (1, 1, 1, S)} if N == 1 else {}),
        }
        total: Any = None
        given = {"attn_mask": attn_mask, "key_padding_mask": key_padding_mask}
        for name, mask in given.items():
            if mask is None:
                continue
            m = values("MultiheadAttention", name, mask)
            if m.shape not in shapes[name]:
                wanted = " or ".join(map(str, shapes[name]))
                message = f"{name} must be of shape {wanted}, not {m.shape}"
                raise ValueError(f"MultiheadAttention: {message}")
            if m.dtype == bool:
                mask = np.where(m, -math.inf, 0).astype(q.dtype)
            part = ops.reshape(mask, shapes[name][m.shape])
            total = part if total is None else total + part
        return total

    def _check(self, query: Any, key: Any, value: Any) -> bool:
        """Whether the inputs, once they fit, are batches."""
        name, ours = "MultiheadAttention", {"query": self.embed_dim, "key": self.kdim}
        ours["value"] = self.vdim
        weight = self.out_proj.weight
        arrays = floats(name, query=query, key=key, value=value, weight=weight)[:3]
        ndim = arrays[0].ndim
        for (argument, features), x in zip(ours.items(), arrays, strict=True):
            if x.ndim != ndim or ndim not in (2, 3) or x.shape[-1] != features:
                order = "N, T" if self.batch_first else "T, N"
                wanted = f"({order}, {features}) or (T, {features})"
                raise ValueError(f"{name}: {argument} must be {wanted}, not {x.shape}")
        q, k, v = (x.shape for x in arrays)
        batch = 0 if self.batch_first else 1
        same = ndim == 2 or q[batch] == k[batch]
        if k[:-1] != v[:-1] or not same:
            raise ValueError(f"{name}: query {q}, key {k} and value {v} do not go together")
        return bool(ndim == 3)
