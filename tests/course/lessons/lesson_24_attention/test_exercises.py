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


def backward_by_jacobians(g, x, W_q, W_k, W_v, A):
    q, k, v = x @ W_q.T, x @ W_k.T, x @ W_v.T
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    for i in range(len(x)):
        J = np.diag(A[i]) - np.outer(A[i], A[i])
        ds = J @ (v @ g[i]) / len(W_q) ** 0.5
        dq[i] = ds @ k
        dk += np.outer(ds, q[i])
        dv += np.outer(A[i], g[i])
    return dq @ W_q + dk @ W_k + dv @ W_v


def backward_by_einsum(g, x, W_q, W_k, W_v, A):
    dA = np.einsum("te,ed,sd->ts", g, W_v, x)
    dS = (A * dA - A * np.einsum("ij,ij->i", A, dA)[:, None]) * len(W_q) ** -0.5
    out = np.einsum("ts,sd,pd,pc->tc", dS, x, W_k, W_q)
    out += np.einsum("st,sd,pd,pc->tc", dS, x, W_q, W_k)
    return out + np.einsum("st,se,ed->td", A, g, W_v)


def backward_by_one_matrix(g, x, W_q, W_k, W_v, A):
    """Q Kᵀ = x M xᵀ, and the row sum of dA ∘ A is that of g ∘ out."""
    M = W_q.T @ W_k / np.sqrt(len(W_q))
    v = x @ W_v.T
    dS = A * (g @ v.T - np.sum(g * (A @ v), axis=1)[:, None])
    return dS @ x @ M.T + dS.T @ x @ M + A.T @ g @ W_v


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
        ("self_attention_backward", backward_by_jacobians),
        ("self_attention_backward", backward_by_einsum),
        ("self_attention_backward", backward_by_one_matrix),
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


def back(dS, g, x, W_q, W_k, W_v, A):
    return dS @ x @ W_k.T @ W_q + dS.T @ x @ W_q.T @ W_k + A.T @ g @ W_v


def slopes(g, x, W_v, A):
    dA = g @ (x @ W_v.T).T
    return A * (dA - (dA * A).sum(1, keepdims=True))


def only_queries(g, x, W_q, W_k, W_v, A):
    return slopes(g, x, W_v, A) / np.sqrt(len(W_q)) @ (x @ W_k.T) @ W_q


def only_queries_in_a_loop(g, x, W_q, W_k, W_v, A):
    dS = slopes(g, x, W_v, A) / len(W_q) ** 0.5
    return np.array([sum(s * (W_k @ b) for s, b in zip(row, x, strict=True)) @ W_q for row in dS])


def only_queries_by_einsum(g, x, W_q, W_k, W_v, A):
    dS = slopes(g, x, W_v, A) * W_q.shape[0] ** -0.5
    return np.einsum("ts,sd,pd,pc->tc", dS, x, W_k, W_q)


def no_scale(g, x, W_q, W_k, W_v, A):
    return back(slopes(g, x, W_v, A), g, x, W_q, W_k, W_v, A)


def no_scale_by_einsum(g, x, W_q, W_k, W_v, A):
    dA = np.einsum("te,ed,sd->ts", g, W_v, x)
    dS = A * dA - A * np.einsum("ij,ij->i", A, dA)[:, None]
    return back(dS, g, x, W_q, W_k, W_v, A)


def no_scale_by_jacobians(g, x, W_q, W_k, W_v, A):
    v = x @ W_v.T
    rows = [(np.diag(a) - np.outer(a, a)) @ (v @ b) for a, b in zip(A, g, strict=True)]
    return back(np.array(rows), g, x, W_q, W_k, W_v, A)


def as_a_sigmoid(g, x, W_q, W_k, W_v, A):
    dS = A * (1 - A) * (g @ W_v @ x.T) / np.sqrt(len(W_q))
    return back(dS, g, x, W_q, W_k, W_v, A)


def as_a_sigmoid_expanded(g, x, W_q, W_k, W_v, A):
    dS = (A - A**2) * np.einsum("te,ed,sd->ts", g, W_v, x) / len(W_q) ** 0.5
    return back(dS, g, x, W_q, W_k, W_v, A)


def as_a_sigmoid_by_diagonals(g, x, W_q, W_k, W_v, A):
    rows = [np.diag(a * (1 - a)) @ (x @ W_v.T @ b) for a, b in zip(A, g, strict=True)]
    return back(np.array(rows) / np.sqrt(len(W_k)), g, x, W_q, W_k, W_v, A)


def no_row_sum(g, x, W_q, W_k, W_v, A):
    return back(A * (g @ (x @ W_v.T).T) / np.sqrt(len(W_q)), g, x, W_q, W_k, W_v, A)


def no_row_sum_by_einsum(g, x, W_q, W_k, W_v, A):
    dS = np.einsum("ts,te,ed,sd->ts", A, g, W_v, x) * len(W_q) ** -0.5
    return back(dS, g, x, W_q, W_k, W_v, A)


def no_row_sum_by_diagonals(g, x, W_q, W_k, W_v, A):
    rows = [np.diag(a) @ (x @ W_v.T) @ b for a, b in zip(A, g, strict=True)]
    return back(np.array(rows) / np.sqrt(len(W_q)), g, x, W_q, W_k, W_v, A)


def values_not_turned(g, x, W_q, W_k, W_v, A):
    right = back(slopes(g, x, W_v, A) / np.sqrt(len(W_q)), g, x, W_q, W_k, W_v, A)
    return right - A.T @ g @ W_v + A @ g @ W_v


def values_not_turned_by_einsum(g, x, W_q, W_k, W_v, A):
    dS = slopes(g, x, W_v, A) / np.sqrt(len(W_q))
    ways = dS @ x @ W_k.T @ W_q + dS.T @ x @ W_q.T @ W_k
    return ways + np.einsum("ts,se,ed->td", A, g, W_v)


def values_not_turned_in_a_loop(g, x, W_q, W_k, W_v, A):
    dS = slopes(g, x, W_v, A) / np.sqrt(len(W_q))
    dv = np.array([sum(A[i, j] * g[j] for j in range(len(g))) for i in range(len(g))])
    return dS @ x @ W_k.T @ W_q + dS.T @ x @ W_q.T @ W_k + dv @ W_v


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
    ("self_attention_backward", "Only the way through the queries"): (
        only_queries, only_queries_in_a_loop, only_queries_by_einsum,
    ),
    ("self_attention_backward", "The ways through queries and keys lack"): (
        no_scale, no_scale_by_einsum, no_scale_by_jacobians,
    ),
    ("self_attention_backward", "The softmax is treated entry by entry"): (
        as_a_sigmoid, as_a_sigmoid_expanded, as_a_sigmoid_by_diagonals,
    ),
    ("self_attention_backward", "The sum over the row is missing"): (
        no_row_sum, no_row_sum_by_einsum, no_row_sum_by_diagonals,
    ),
    ("self_attention_backward", "A is not turned around"): (
        values_not_turned, values_not_turned_by_einsum, values_not_turned_in_a_loop,
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
