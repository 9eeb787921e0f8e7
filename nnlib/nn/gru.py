"""The gated recurrent unit: two gates and no separate memory; Cho et al. (2014).

Notation and layout as in recurrent.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib.engine import Array, Tensor, Vjps, op, shared
from nnlib.nn.recurrent import Cell, Recurrent, at_all_times, sum_over_time

__all__ = ["GRU", "GRUCell"]


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
        dh = np.zeros_like(h0)
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


class GRU(Recurrent, options="num_layers bias batch_first dropout bidirectional device dtype"):
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

    def sequence(self, x: Any, start: list[Any], weights: list[Any]) -> tuple[Tensor, list[Any]]:
        y = _gru(x, *start, *weights)
        return y, [y[-1:]]


class GRUCell(Cell, GRU, options="bias device dtype"):
    """h′ = (1 − z) ⊙ n + z ⊙ h: one step of a :class:`GRU`

    ``h = cell(input, h)``. Shapes as in :class:`~nnlib.nn.RNNCell`.

    >>> GRUCell(3, 4)(np.zeros((2, 3), np.float32)).shape
    (2, 4)
    """
