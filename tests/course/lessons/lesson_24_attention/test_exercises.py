"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import numpy as np
import pytest
from judged import begins, passes


def softmax(S):
    P = np.exp(S - S.max(axis=-1, keepdims=True))
    return P / P.sum(axis=-1, keepdims=True)


# --- right ------------------------------------------------------------------------------------------


def attend_in_loops(q, k, v, mask):
    n, m = len(q), len(k)
    A = np.zeros((n, m))
    for i in range(n):
        seen = [j for j in range(m) if mask is None or mask[i, j]]
        s = np.array([float(q[i] @ k[j]) / len(q[i]) ** 0.5 for j in seen])
        A[i, seen] = np.exp(s - max(s)) / np.sum(np.exp(s - max(s)))
    return A @ v, A


def attend_by_einsum(q, k, v, mask):
    S = np.einsum("id,jd->ij", q, k) * q.shape[-1] ** -0.5
    S = S if mask is None else S + np.where(mask, 0.0, -np.inf)
    A = softmax(S)
    return np.einsum("ij,je->ie", A, v), A


def attend_by_logarithms(q, k, v, mask):
    S = (q / np.sqrt(k.shape[1])) @ k.T
    if mask is not None:
        S = S.copy()
        S[~mask] = -np.inf
    A = np.exp(S - np.logaddexp.reduce(S, axis=1)[:, None])
    return [A @ v, A]


def backward_by_jacobians(g, q, k, v, A):
    n, d = q.shape
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    for i in range(n):
        J = np.diag(A[i]) - np.outer(A[i], A[i])
        ds = J @ (v @ g[i]) / d**0.5
        dq[i] = ds @ k
        dk += np.outer(ds, q[i])
        dv += np.outer(A[i], g[i])
    return dq, dk, dv


def backward_by_einsum(g, q, k, v, A):
    dA = np.einsum("ie,je->ij", g, v)
    dS = A * dA - A * np.einsum("ij,ij->i", A, dA)[:, None]
    dS = dS * q.shape[1] ** -0.5
    return dS @ k, np.einsum("ij,id->jd", dS, q), np.einsum("ij,ie->je", A, g)


def backward_by_what_came_out(g, q, k, v, A):
    """The row sum of dA ∘ A is that of g ∘ out."""
    out = A @ v
    dS = A * (g @ v.T - np.sum(g * out, axis=1)[:, None]) / np.sqrt(k.shape[1])
    return [dS @ k, dS.T @ q, A.T @ g]


def heads_in_a_loop(x, W_in, W_out, h):
    d = x.shape[1]
    q, k, v = x @ W_in[:d].T, x @ W_in[d : 2 * d].T, x @ W_in[2 * d :].T
    parts = []
    for i in range(h):
        own = slice(i * (d // h), (i + 1) * (d // h))
        A = softmax(q[:, own] @ k[:, own].T / np.sqrt(d / h))
        parts.append(A @ v[:, own])
    return np.concatenate(parts, axis=1) @ W_out.T


def heads_by_einsum(x, W_in, W_out, h):
    d = x.shape[1]
    q, k, v = np.einsum("td,chad->chta", x, W_in.reshape(3, h, d // h, d))
    A = softmax(np.einsum("hta,hsa->hts", q, k) * (d // h) ** -0.5)
    return np.einsum("hts,hsa,oha->to", A, v, W_out.reshape(d, h, d // h))


def heads_added_up(x, W_in, W_out, h):
    """Σ over heads of A V W_Oᵀ, without putting anything side by side."""
    d = x.shape[1]
    out = np.zeros(x.shape)
    for columns in np.array_split(np.arange(d), h):
        q, k, v = (x @ W_in[part * d + columns].T for part in range(3))
        out += softmax(q @ k.T / len(columns) ** 0.5) @ v @ W_out[:, columns].T
    return out


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("attend", attend_in_loops),
        ("attend", attend_by_einsum),
        ("attend", attend_by_logarithms),
        ("attend_backward", backward_by_jacobians),
        ("attend_backward", backward_by_einsum),
        ("attend_backward", backward_by_what_came_out),
        ("multi_head", heads_in_a_loop),
        ("multi_head", heads_by_einsum),
        ("multi_head", heads_added_up),
    ],
)
def test_other_right_answers_pass(name, answer):
    passes(name, answer)


# --- wrong ------------------------------------------------------------------------------------------


def hidden(S, mask):
    return S if mask is None else np.where(mask, S, -np.inf)


def answer(S, v):
    A = softmax(S)
    return A @ v, A


def not_scaled(q, k, v, mask):
    return answer(hidden(q @ k.T, mask), v)


def not_scaled_by_einsum(q, k, v, mask):
    return answer(hidden(np.einsum("id,jd->ij", q, k), mask), v)


def not_scaled_in_a_loop(q, k, v, mask):
    return answer(hidden(np.array([[a @ b for b in k] for a in q]), mask), v)


def set_to_zero(q, k, v, mask):
    S = q @ k.T / np.sqrt(q.shape[1])
    return answer(S if mask is None else np.where(mask, S, 0), v)


def set_to_zero_by_a_product(q, k, v, mask):
    S = q @ k.T / np.sqrt(q.shape[1])
    return answer(S if mask is None else S * mask, v)


def set_to_zero_in_place(q, k, v, mask):
    S = q @ k.T / np.sqrt(q.shape[1])
    if mask is not None:
        S[~mask] = 0
    return answer(S, v)


def masked_afterwards(q, k, v, mask):
    A = softmax(q @ k.T / np.sqrt(q.shape[1]))
    A = A if mask is None else A * mask
    return A @ v, A


def masked_afterwards_by_where(q, k, v, mask):
    A = softmax(q @ k.T / np.sqrt(q.shape[1]))
    A = A if mask is None else np.where(mask, A, 0)
    return A @ v, A


def masked_afterwards_in_place(q, k, v, mask):
    A = softmax(np.einsum("id,jd->ij", q, k) / q.shape[1] ** 0.5)
    if mask is not None:
        A[np.logical_not(mask)] = 0
    return A.dot(v), A


def inverted(q, k, v, mask):
    S = q @ k.T / np.sqrt(q.shape[1])
    with np.errstate(all="ignore"):
        return answer(S if mask is None else np.where(mask, -np.inf, S), v)


def inverted_in_place(q, k, v, mask):
    S = q @ k.T / np.sqrt(q.shape[1])
    if mask is not None:
        S[mask] = -np.inf
    with np.errstate(all="ignore"):
        return answer(S, v)


def inverted_by_a_sum(q, k, v, mask):
    S = q @ k.T / np.sqrt(q.shape[1])
    with np.errstate(all="ignore"):
        S = S if mask is None else S + np.where(mask, -np.inf, 0)
        return answer(S, v)


def overflows(q, k, v, mask):
    with np.errstate(all="ignore"):
        P = np.exp(hidden(q @ k.T / np.sqrt(q.shape[1]), mask))
        A = P / P.sum(axis=1, keepdims=True)
        return A @ v, A


def overflows_transposed(q, k, v, mask):
    with np.errstate(all="ignore"):
        P = np.exp(hidden(q @ k.T / np.sqrt(q.shape[1]), mask)).T
        A = (P / P.sum(axis=0)).T
        return A @ v, A


def overflows_by_einsum(q, k, v, mask):
    with np.errstate(all="ignore"):
        P = np.exp(hidden(np.einsum("id,jd->ij", q, k) / q.shape[1] ** 0.5, mask))
        A = np.einsum("ij,i->ij", P, 1 / np.einsum("ij->i", P))
        return A @ v, A


def back(dS, g, q, k, A):
    return dS @ k, dS.T @ q, A.T @ g


def no_scale(g, q, k, v, A):
    dA = g @ v.T
    return back(A * (dA - (dA * A).sum(1, keepdims=True)), g, q, k, A)


def no_scale_by_einsum(g, q, k, v, A):
    dA = np.einsum("ie,je->ij", g, v)
    dS = A * dA - A * np.einsum("ij,ij->i", A, dA)[:, None]
    return back(dS, g, q, k, A)


def no_scale_by_jacobians(g, q, k, v, A):
    rows = [(np.diag(a) - np.outer(a, a)) @ (v @ b) for a, b in zip(A, g, strict=True)]
    return back(np.array(rows), g, q, k, A)


def as_a_sigmoid(g, q, k, v, A):
    return back(A * (1 - A) * (g @ v.T) / np.sqrt(q.shape[1]), g, q, k, A)


def as_a_sigmoid_expanded(g, q, k, v, A):
    return back((A - A**2) * np.einsum("ie,je->ij", g, v) / q.shape[1] ** 0.5, g, q, k, A)


def as_a_sigmoid_by_diagonals(g, q, k, v, A):
    rows = [np.diag(a * (1 - a)) @ (v @ b) for a, b in zip(A, g, strict=True)]
    return back(np.array(rows) / np.sqrt(q.shape[1]), g, q, k, A)


def no_row_sum(g, q, k, v, A):
    return back(A * (g @ v.T) / np.sqrt(q.shape[1]), g, q, k, A)


def no_row_sum_by_einsum(g, q, k, v, A):
    return back(np.einsum("ij,ie,je->ij", A, g, v) / q.shape[1] ** 0.5, g, q, k, A)


def no_row_sum_by_diagonals(g, q, k, v, A):
    rows = [np.diag(a) @ v @ b for a, b in zip(A, g, strict=True)]
    return back(np.array(rows) / np.sqrt(q.shape[1]), g, q, k, A)


def columns_summed(g, q, k, v, A):
    dA = g @ v.T
    return back(A * (dA - (dA * A).sum(0)) / np.sqrt(q.shape[1]), g, q, k, A)


def columns_summed_kept(g, q, k, v, A):
    dA = g @ v.T
    return back(A * (dA - np.sum(A * dA, axis=0, keepdims=True)) / q.shape[1] ** 0.5, g, q, k, A)


def columns_summed_by_einsum(g, q, k, v, A):
    dA = np.einsum("ie,je->ij", g, v)
    dS = A * dA - np.einsum("ij,j->ij", A, np.einsum("ij,ij->j", A, dA))
    return back(dS / np.sqrt(q.shape[1]), g, q, k, A)


def softmax_left_out(g, q, k, v, A):
    return back(g @ v.T / np.sqrt(q.shape[1]), g, q, k, A)


def softmax_left_out_by_einsum(g, q, k, v, A):
    return back(np.einsum("ie,je->ij", g, v) * q.shape[1] ** -0.5, g, q, k, A)


def softmax_left_out_in_a_loop(g, q, k, v, A):
    dS = np.array([[b @ c for c in v] for b in g]) / np.sqrt(k.shape[1])
    return back(dS, g, q, k, A)


def headed(x, W_in, W_out, h, cut, join, scale):
    d = x.shape[1]
    q, k, v = (cut(z, h) for z in np.split(x @ W_in.T, 3, axis=1))
    A = softmax(q @ k.swapaxes(1, 2) / scale(d, h))
    return join(A @ v) @ W_out.T


def cut(z, h):
    return z.reshape(len(z), h, -1).swapaxes(0, 1)


def join(z):
    return np.concatenate(list(z), axis=1)


def root(d, h):
    return np.sqrt(d / h)


def cut_straight(x, W_in, W_out, h):
    return headed(x, W_in, W_out, h, lambda z, h: z.reshape(h, len(z), -1), join, root)


def cut_straight_by_sizes(x, W_in, W_out, h):
    T, d = x.shape
    q, k, v = (np.reshape(x @ W.T, (h, T, d // h)) for W in np.split(W_in, 3))
    A = softmax(np.einsum("hta,hsa->hts", q, k) / (d // h) ** 0.5)
    return np.einsum("hts,hsa->tha", A, v).reshape(T, d) @ W_out.T


def cut_straight_in_a_loop(x, W_in, W_out, h):
    T, d = x.shape
    q, k, v = (x @ W_in[i * d : (i + 1) * d].T for i in range(3))
    q, k, v = (z.ravel().reshape(h, T, d // h) for z in (q, k, v))
    parts = [softmax(q[i] @ k[i].T / np.sqrt(d / h)) @ v[i] for i in range(h)]
    return np.hstack(parts) @ W_out.T


def joined_straight(x, W_in, W_out, h):
    return headed(x, W_in, W_out, h, cut, lambda z: z.reshape(x.shape), root)


def joined_straight_by_stacking(x, W_in, W_out, h):
    return headed(x, W_in, W_out, h, cut, lambda z: np.vstack(list(z)).reshape(x.shape), root)


def joined_straight_in_a_loop(x, W_in, W_out, h):
    d = x.shape[1]
    q, k, v = np.split(x @ W_in.T, 3, axis=1)
    parts = []
    for i in range(h):
        own = slice(i * (d // h), (i + 1) * (d // h))
        parts.append(softmax(q[:, own] @ k[:, own].T / np.sqrt(d / h)) @ v[:, own])
    return np.array(parts).reshape(len(x), d) @ W_out.T


def root_of_d(x, W_in, W_out, h):
    return headed(x, W_in, W_out, h, cut, join, lambda d, h: np.sqrt(d))


def root_of_d_by_a_power(x, W_in, W_out, h):
    return headed(x, W_in, W_out, h, cut, join, lambda d, h: d**0.5)


def root_of_d_before(x, W_in, W_out, h):
    d = x.shape[1]
    W = W_in.copy()
    W[:d] = W[:d] / np.sqrt(d)
    return headed(x, W, W_out, h, cut, join, lambda d, h: 1)


def out_as_it_lies(x, W_in, W_out, h):
    return headed(x, W_in, W_out.T, h, cut, join, root)


def out_as_it_lies_by_einsum(x, W_in, W_out, h):
    heads = headed(x, W_in, np.eye(len(W_out)), h, cut, join, root)
    return np.einsum("td,do->to", heads, W_out)


def out_as_it_lies_in_a_loop(x, W_in, W_out, h):
    heads = headed(x, W_in, np.eye(len(W_out)), h, cut, join, root)
    return sum(np.outer(heads[:, i], W_out[i]) for i in range(len(W_out)))


def one_head(x, W_in, W_out, h):
    return headed(x, W_in, W_out, 1, cut, join, root)


def one_head_in_matrices(x, W_in, W_out, h):
    d = x.shape[1]
    q, k, v = np.split(x @ W_in.T, 3, axis=1)
    return softmax(q @ k.T / np.sqrt(d)) @ v @ W_out.T


def one_head_by_einsum(x, W_in, W_out, h):
    d = x.shape[1]
    q, k, v = np.einsum("td,cad->cta", x, W_in.reshape(3, d, d))
    return softmax(np.einsum("ta,sa->ts", q, k) * d**-0.5) @ v @ W_out.T


WRONG = {
    ("attend", "The scores are not divided"): (
        not_scaled, not_scaled_by_einsum, not_scaled_in_a_loop,
    ),
    ("attend", "Hidden scores are set to 0,"): (
        set_to_zero, set_to_zero_by_a_product, set_to_zero_in_place,
    ),
    ("attend", "The mask comes after the softmax"): (
        masked_afterwards, masked_afterwards_by_where, masked_afterwards_in_place,
    ),
    ("attend", "The mask is the wrong way round"): (inverted, inverted_in_place, inverted_by_a_sum),
    ("attend", "Where scores are large"): (overflows, overflows_transposed, overflows_by_einsum),
    ("attend_backward", "dq and dk lack"): (no_scale, no_scale_by_einsum, no_scale_by_jacobians),
    ("attend_backward", "The softmax is treated entry by entry"): (
        as_a_sigmoid, as_a_sigmoid_expanded, as_a_sigmoid_by_diagonals,
    ),
    ("attend_backward", "The sum over the row is missing"): (
        no_row_sum, no_row_sum_by_einsum, no_row_sum_by_diagonals,
    ),
    ("attend_backward", "The sum goes along the columns"): (
        columns_summed, columns_summed_kept, columns_summed_by_einsum,
    ),
    ("attend_backward", "The softmax is left out"): (
        softmax_left_out, softmax_left_out_by_einsum, softmax_left_out_in_a_loop,
    ),
    ("multi_head", "The heads are cut without"): (
        cut_straight, cut_straight_by_sizes, cut_straight_in_a_loop,
    ),
    ("multi_head", "The heads are put together without"): (
        joined_straight, joined_straight_by_stacking, joined_straight_in_a_loop,
    ),
    ("multi_head", "You divide by √d."): (root_of_d, root_of_d_by_a_power, root_of_d_before),
    ("multi_head", "W_out is not turned around"): (
        out_as_it_lies, out_as_it_lies_by_einsum, out_as_it_lies_in_a_loop,
    ),
    ("multi_head", "One head does it all"): (one_head, one_head_in_matrices, one_head_by_einsum),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start", "answer"),
    [(name, start, answer) for (name, start), answers in WRONG.items() for answer in answers],
)
def test_the_commonest_mistakes_are_recognized_in_three_styles(name, start, answer):
    begins(name, answer, start)
