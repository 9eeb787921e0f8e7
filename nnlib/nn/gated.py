"""Gated recurrent layers: LSTM and GRU, whose gates say what to keep, to add and to show.

Notation and layout as in recurrent.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib.arguments import (
    Device,
    Dtype,
    Generator,
    PositiveInt,
    UnitInterval,
    Unsupported,
    checked,
)
from nnlib.engine import Array, Tensor, Vjps, op, shared
from nnlib.nn.recurrent import Cell, Recurrent, at_all_times, sum_over_time

# Long short-term memory ----------------------------------------------------------------------
#
# A state that is added to, not multiplied; Hochreiter and Schmidhuber (1997). The forget gate is
# Gers et al.'s (2000).


# The lecture's form: nnlib.lecture.lstm
@op
def _lstm(x: Array, h0: Array, c0: Array, U: Array, W: Array, b: Array | None) -> Vjps:
    """c_t = f ⊙ c_{t−1} + i ⊙ u, h_t = o ⊙ tanh c_t, with i, f, o = σ(z), u = tanh(z) of their rows
    of z = U x_t + W h_{t−1} + b; the value is [h₁ … h_T, c_T]

    The rows come as i f u o and are rolled to o i f u: the first three are logistic, the last three
    act through c.
    """
    T, H, N = len(x), *h0.shape
    # σ(z) = (1 + tanh(z/2)) / 2: with half of the weights, one tanh does for all four.
    half = np.repeat([0.5, 0.5, 0.5, 1.0], H).astype(x.dtype)[:, None]
    U_rolled, W_rolled = np.roll(U, H, 0), np.roll(W, H, 0)
    Z, W_half = at_all_times(half * U_rolled, x), half * W_rolled
    if b is not None:
        Z += half * np.roll(b, H)[:, None]
    gates, tanh_c = Z.reshape(T, 4, H, N), np.empty((T, H, N), x.dtype)
    h, c = np.empty((T + 2, H, N), x.dtype), np.empty((T + 1, H, N), x.dtype)
    h[0], c[0] = h0, c0
    for z, (o, i, f, u), h_past, h_now, c_past, c_now, tanh_now in zip(
        Z, gates, h, h[1:], c, c[1:], tanh_c, strict=False
    ):
        z += W_half.dot(h_past)
        np.tanh(z, out=z)
        logistic = z[: 3 * H]
        logistic *= 0.5
        logistic += 0.5
        np.multiply(f, c_past, out=c_now)
        c_now += i * u
        np.tanh(c_now, out=tanh_now)
        np.multiply(o, tanh_now, out=h_now)
    h[T + 1] = c[T]

    @shared
    def through_time(g: Array) -> tuple[Array, Array, Array]:
        """∂L/∂z_t for every t, ∂L/∂h₀ and ∂L/∂c₀"""
        o, i, f, u = gates.swapaxes(0, 1)
        dz = np.empty_like(gates)  # first ∂h_t/∂z for o and ∂c_t/∂z for the others
        np.subtract(1, gates[:, :3], out=dz[:, :3])
        dz[:, :3] *= gates[:, :3]
        dz[:, 0] *= tanh_c
        dz[:, 1] *= u
        dz[:, 2] *= c[:-1]
        dz[:, 3] = i * (1 - u * u)
        dh_dc = o * (1 - tanh_c * tanh_c)
        dh, dc, back = np.zeros_like(h[0]), g[T].copy(), W_rolled.T
        rows = dz.reshape(Z.shape)
        for gt, through_h, d, flat, forget in zip(
            g[T - 1 :: -1], dh_dc[::-1], dz[::-1], rows[::-1], f[::-1], strict=True
        ):
            dh += gt
            through_h *= dh
            dc += through_h
            d[0] *= dh  # from here on ∂L/∂z
            d[1:] *= dc
            dh = back.dot(flat)
            dc *= forget
        return rows, dh, dc

    return (
        h[1:],
        lambda g: U_rolled.T @ through_time(g)[0],  # ∂L/∂x_t = Uᵀ ∂L/∂z_t
        lambda g: through_time(g)[1],
        lambda g: through_time(g)[2],
        lambda g: np.roll(sum_over_time(through_time(g)[0], x), -H, 0),
        lambda g: np.roll(sum_over_time(through_time(g)[0], h[:T]), -H, 0),
        lambda g: np.roll(through_time(g)[0].sum(0).sum(1), -H),
    )


class LSTM(Recurrent):
    """c_t = f ⊙ c_{t−1} + i ⊙ u, h_t = o ⊙ tanh c_t: a memory c behind three gates

    with i, f, o = σ(U x_t + b_U + W h_{t−1} + b_W) and u = tanh(…), each with weights of its own: the
    rows of ``weight_ih`` and ``weight_hh`` belong to i, f, u, o, in PyTorch's order. Where f stays
    near 1, c and its gradient pass from step to step unchanged.

    ``output, (h_n, c_n) = lstm(input, (h_0, c_0))``. Shapes, options and errors as in
    :class:`~nnlib.nn.RNN`; c_n is shaped like h_n. ``proj_size`` is left out. Hochreiter and
    Schmidhuber (1997), Gers et al. (2000).

    >>> output, (h_n, c_n) = LSTM(3, 4)(np.zeros((5, 2, 3), np.float32))
    >>> output.shape, h_n.shape, c_n.shape
    ((5, 2, 4), (1, 2, 4), (1, 2, 4))
    """

    gates, states = 4, 2

    @checked
    def __init__(
        self, input_size: PositiveInt, hidden_size: PositiveInt, num_layers: PositiveInt = 1,
        bias: bool = True, batch_first: bool = False, dropout: UnitInterval = 0.0,
        bidirectional: bool = False, proj_size: Unsupported = 0, device: Device = None,
        dtype: Dtype | None = None, *, generator: Generator = None,
    ) -> None:  # fmt: skip
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype,
            generator,
        )  # fmt: skip

    def sequence(self, x: Any, start: list[Any], weights: list[Any]) -> tuple[Tensor, list[Any]]:
        U, W, b_U, b_W = weights
        packed = _lstm(x, *start, U, W, b_U if b_U is None else b_U + b_W)
        return packed[:-1], [packed[[-2]], packed[[-1]]]


class LSTMCell(Cell, LSTM):
    """c′ = f ⊙ c + i ⊙ u, h′ = o ⊙ tanh c′: one step of an :class:`LSTM`

    ``h, c = cell(input, (h, c))``. Shapes and errors as in :class:`~nnlib.nn.RNNCell`. Source as in
    :class:`LSTM`.

    >>> h, c = LSTMCell(3, 4)(np.zeros((2, 3), np.float32))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """

    @checked
    def __init__(
        self, input_size: PositiveInt, hidden_size: PositiveInt, bias: bool = True,
        device: Device = None, dtype: Dtype | None = None, *, generator: Generator = None,
    ) -> None:  # fmt: skip
        super().__init__(input_size, hidden_size, bias=bias, dtype=dtype, generator=generator)


# The gated recurrent unit: two gates and no separate memory; Cho et al. (2014) ---------------


# The lecture's form: nnlib.lecture.gru
@op
def _gru(x: Array, h0: Array, U: Array, W: Array, b: Array | None, b_past: Array | None) -> Vjps:
    """h_t = (1 − z) ⊙ n + z ⊙ h_{t−1} with r, z = σ(a + m), n = tanh(a + r ⊙ m) of their rows of
    a = U x_t + b and m = W h_{t−1} + b_past; the value is [h₁ … h_T]
    """
    T, H, N = len(x), *h0.shape
    A = at_all_times(U, x)  # in the loop, its rows become r, z and n
    if b is not None:
        A += b[:, None]
    h, M = np.empty((T + 1, H, N), x.dtype), np.empty((T, H, N), x.dtype)
    h[0] = h0
    shift = 0 if b_past is None else b_past[:, None]
    gates = A.reshape(T, 3, H, N)
    for a, (r, z, n), past, now, m_n in zip(A, gates, h, h[1:], M, strict=False):
        m = W @ past + shift
        logistic = a[: 2 * H]  # σ(z) = (1 + tanh(z/2)) / 2
        logistic += m[: 2 * H]
        logistic *= 0.5
        np.tanh(logistic, out=logistic)
        logistic += 1
        logistic *= 0.5
        m_n[...] = m[2 * H :]
        n += r * m_n
        np.tanh(n, out=n)
        np.subtract(past, n, out=now)
        now *= z
        now += n

    @shared
    def through_time(g: Array) -> tuple[Array, Array, Array]:
        """∂L/∂a_t and ∂L/∂m_t for every t, and ∂L/∂h₀"""
        r, z, n = gates.swapaxes(0, 1)
        da = np.empty_like(gates)  # first ∂h_t/∂a, then times ∂L/∂h_t
        da[:, 2] = (1 - z) * (1 - n * n)
        da[:, 0] = da[:, 2] * M * r * (1 - r)
        da[:, 1] = (h[:-1] - n) * z * (1 - z)
        dm = da.copy()
        dm[:, 2] *= r
        dh = np.zeros_like(h[0])
        for gt, a, m, keep in zip(g[::-1], da[::-1], dm[::-1], z[::-1], strict=True):
            dh += gt
            a *= dh
            m *= dh
            dh *= keep
            dh += W.T @ m.reshape(3 * H, N)
        return da.reshape(A.shape), dm.reshape(A.shape), dh

    return (
        h[1:],
        lambda g: U.T @ through_time(g)[0],  # ∂L/∂x_t = Uᵀ ∂L/∂a_t
        lambda g: through_time(g)[2],
        lambda g: sum_over_time(through_time(g)[0], x),  # ∂L/∂U = Σₜ ∂L/∂a_t x_tᵀ
        lambda g: sum_over_time(through_time(g)[1], h[:-1]),  # ∂L/∂W = Σₜ ∂L/∂m_t h_{t−1}ᵀ
        lambda g: through_time(g)[0].sum(0).sum(1),
        lambda g: through_time(g)[1].sum(0).sum(1),
    )


class GRU(Recurrent):
    """h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}: z says how much of the old state stays

    with r, z = σ(U x_t + b_U + W h_{t−1} + b_W) and n = tanh(U x_t + b_U + r ⊙ (W h_{t−1} + b_W)),
    each with weights of its own: the rows of ``weight_ih`` and ``weight_hh`` belong to r, z, n, in
    PyTorch's order. ``output, h_n = gru(input, hx)``. Shapes, options and errors as in
    :class:`~nnlib.nn.RNN`. Cho et al. (2014), with PyTorch's place for the reset gate r.

    >>> output, h_n = GRU(3, 4, bidirectional=True)(np.zeros((5, 2, 3), np.float32))
    >>> output.shape, h_n.shape
    ((5, 2, 8), (2, 2, 4))
    """

    gates = 3

    @checked
    def __init__(
        self, input_size: PositiveInt, hidden_size: PositiveInt, num_layers: PositiveInt = 1,
        bias: bool = True, batch_first: bool = False, dropout: UnitInterval = 0.0,
        bidirectional: bool = False, device: Device = None, dtype: Dtype | None = None, *,
        generator: Generator = None,
    ) -> None:  # fmt: skip
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype,
            generator,
        )  # fmt: skip

    def sequence(self, x: Any, start: list[Any], weights: list[Any]) -> tuple[Tensor, list[Any]]:
        y = _gru(x, *start, *weights)
        return y, [y[[-1]]]


class GRUCell(Cell, GRU):
    """h′ = (1 − z) ⊙ n + z ⊙ h: one step of a :class:`GRU`

    ``h = cell(input, h)``. Shapes and errors as in :class:`~nnlib.nn.RNNCell`. Source as in
    :class:`GRU`.

    >>> GRUCell(3, 4)(np.zeros((2, 3), np.float32)).shape
    (2, 4)
    """

    @checked
    def __init__(
        self, input_size: PositiveInt, hidden_size: PositiveInt, bias: bool = True,
        device: Device = None, dtype: Dtype | None = None, *, generator: Generator = None,
    ) -> None:  # fmt: skip
        super().__init__(input_size, hidden_size, bias=bias, dtype=dtype, generator=generator)
