"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import numpy as np
import pytest
from judged import begins, passes

# --- right ------------------------------------------------------------------------------------------


def kinds_in_a_loop(B):
    counts = [0, 0, 0]
    for matrix in B:
        values = np.linalg.eigvalsh((matrix + matrix.T) / 2)
        counts[0 if min(values) > 0 else 2 if max(values) < 0 else 1] += 1
    return [count / len(B) for count in counts]


def kinds_by_signs(B):
    n = B.shape[1]
    signs = np.sign(np.linalg.eigvalsh(B + np.swapaxes(B, 1, 2))).sum(axis=1)
    return np.mean(signs == n), np.mean(np.abs(signs) < n), np.mean(signs == -n)


def kinds_as_an_array(B):
    values = np.linalg.eigvalsh(B + B.transpose(0, 2, 1))
    up, down = (values > 0).all(axis=1), (values < 0).all(axis=1)
    return np.array([up.mean(), 1 - up.mean() - down.mean(), down.mean()])


def kinds_by_leading_minors(B):
    """A is positive definite where all its leading minors are positive, and so is −A."""
    A = np.float64(B) + np.einsum("tij->tji", B)

    def definite(A):
        minors = [np.linalg.det(A[:, :k, :k]) > 0 for k in range(1, A.shape[1] + 1)]
        return np.mean(np.all(minors, axis=0))

    up, down = definite(A), definite(-A)
    return up, 1 - up - down, down


def rows_in_a_loop(D, W):
    rows = []
    for d, w in zip(D.astype(float), W.astype(float), strict=True):
        length = np.hypot.reduce(d) if len(d) > 1 else abs(d[0])
        rows.append(d if length == 0 else d * np.sqrt(w @ w) / length)
    return np.array(rows)


def rows_by_einsum(D, W):
    D, W = D.astype(float), W.astype(float)
    own, wanted = (np.einsum("ij,ij->i", A, A) for A in (D, W))
    factor = np.divide(wanted, own, out=np.zeros(len(D)), where=own > 0)
    return np.sqrt(factor)[:, None] * D


def rows_by_a_mask(D, W):
    scaled = np.array(D, dtype=float)
    some = np.any(scaled != 0, axis=1)
    lengths = np.linalg.norm(W, axis=1)[some] / np.linalg.norm(scaled, axis=1)[some]
    scaled[some] = scaled[some] * lengths[:, np.newaxis]
    return scaled


def balanced_in_a_loop(W, b, V):
    W, b, V = W.copy(), b.copy(), V.copy()
    for i in range(len(b)):
        p = W[i] @ W[i] + b[i] * b[i]
        q = V[:, i] @ V[:, i]
        alpha = (q / p) ** (1 / 4)
        W[i], b[i], V[:, i] = alpha * W[i], alpha * b[i], V[:, i] / alpha
    return W, b, V


def balanced_with_b_in_the_matrix(W, b, V):
    both = np.column_stack([W, b])
    alpha = np.sqrt(np.linalg.norm(V, axis=0) / np.linalg.norm(both, axis=1))
    both = np.diag(alpha) @ both
    return [both[:, :-1], both[:, -1], V @ np.diag(1 / alpha)]


def balanced_by_lengths(W, b, V):
    """Both sides get the geometric mean of their lengths."""
    into = np.sqrt((W**2).sum(1) + b**2)
    out = np.sqrt((V**2).sum(0))
    both = np.sqrt(into * out)
    return W * (both / into)[:, None], b * both / into, V * (both / out)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("kinds_of_points", kinds_in_a_loop),
        ("kinds_of_points", kinds_by_signs),
        ("kinds_of_points", kinds_as_an_array),
        ("kinds_of_points", kinds_by_leading_minors),
        ("row_scaled", rows_in_a_loop),
        ("row_scaled", rows_by_einsum),
        ("row_scaled", rows_by_a_mask),
        ("balanced", balanced_in_a_loop),
        ("balanced", balanced_with_b_in_the_matrix),
        ("balanced", balanced_by_lengths),
    ],
)
def test_right_answers_in_other_styles_pass(name, answer):
    passes(name, answer, range(3))


# --- wrong: the commonest, each in three styles -----------------------------------------------------


def shares(values):
    up, down = values.min(axis=1) > 0, values.max(axis=1) < 0
    return up.mean(), (~up & ~down).mean(), down.mean()


def symmetric(B):
    return (B + B.transpose(0, 2, 1)) / 2


def not_symmetric(B):
    return shares(np.linalg.eigvalsh(B))


def not_symmetric_in_a_loop(B):
    return shares(np.array([np.linalg.eigvalsh(matrix) for matrix in B]))


def the_lower_half_mirrored(B):
    return shares(np.linalg.eigvalsh(np.tril(B) + np.tril(B, -1).transpose(0, 2, 1)))


def some_are_positive(B):
    values = np.linalg.eigvalsh(symmetric(B))
    up, down = np.mean(values.max(axis=1) > 0), np.mean(values.max(axis=1) < 0)
    return up, 1 - up - down, down


def some_are_positive_in_a_loop(B):
    up = sum(any(v > 0 for v in np.linalg.eigvalsh(A)) for A in symmetric(B)) / len(B)
    down = sum(all(v < 0 for v in np.linalg.eigvalsh(A)) for A in symmetric(B)) / len(B)
    return up, 1 - up - down, down


def some_are_positive_by_any(B):
    values = np.linalg.eigvalsh(symmetric(B))
    up, down = (values > 0).any(-1).mean(), (values < 0).all(-1).mean()
    return float(up), float(1 - up - down), float(down)


def by_the_diagonal(B):
    return shares(np.diagonal(symmetric(B), axis1=1, axis2=2))


def by_the_diagonal_in_a_loop(B):
    return shares(np.array([np.diag(matrix) for matrix in B]))


def by_the_diagonal_with_einsum(B):
    return shares(np.einsum("tii->ti", B))


def counts(B):
    return tuple(share * len(B) for share in shares(np.linalg.eigvalsh(symmetric(B))))


def counts_by_sums(B):
    values = np.linalg.eigvalsh(symmetric(B))
    up, down = np.sum(np.all(values > 0, 1)), np.sum(np.all(values < 0, 1))
    return up, len(B) - up - down, down


def counts_in_a_loop(B):
    found = [0, 0, 0]
    for A in symmetric(B):
        values = np.linalg.eigvalsh(A)
        found[0 if np.all(values > 0) else 2 if np.all(values < 0) else 1] += 1
    return tuple(found)


def turned_around(B):
    return shares(np.linalg.eigvalsh(symmetric(B)))[::-1]


def turned_around_by_signs(B):
    values = np.linalg.eigvalsh(symmetric(B))
    low, high = np.mean(np.all(values < 0, 1)), np.mean(np.all(values > 0, 1))
    return low, 1 - low - high, high


def turned_around_in_a_loop(B):
    found = counts_in_a_loop(B)
    return found[2] / len(B), found[1] / len(B), found[0] / len(B)


def of_the_whole(D, W):
    return D * (np.linalg.norm(W) / np.linalg.norm(D))


def of_the_whole_by_roots(D, W):
    return np.sqrt(np.sum(W * 1.0 * W)) / np.sqrt(np.sum(D * 1.0 * D)) * D


def of_the_whole_flat(D, W):
    d, w = D.ravel().astype(float), W.ravel().astype(float)
    return (np.sqrt(w @ w / (d @ d)) * d).reshape(D.shape)


def safe(lengths):
    return np.where(lengths > 0, lengths, 1)


def by_columns(D, W):
    return D * (np.linalg.norm(W, axis=0) / safe(np.linalg.norm(D, axis=0)))


def by_columns_in_a_loop(D, W):
    out = np.array(D, dtype=float)
    for j in range(D.shape[1]):
        out[:, j] *= np.linalg.norm(W[:, j]) / (np.linalg.norm(D[:, j]) or 1)
    return out


def by_columns_kept(D, W):
    own = np.sqrt((D * 1.0 * D).sum(0, keepdims=True))
    return np.sqrt((W * 1.0 * W).sum(0, keepdims=True)) / np.where(own == 0, 1, own) * D


def not_shortened(D, W):
    return np.linalg.norm(W, axis=1, keepdims=True) * D


def not_shortened_in_a_loop(D, W):
    return np.array([np.linalg.norm(w) * d for d, w in zip(D, W, strict=True)])


def not_shortened_by_einsum(D, W):
    return np.einsum("i,ij->ij", np.sqrt(np.einsum("ij,ij->i", W * 1.0, W * 1.0)), D * 1.0)


def of_length_one(D, W):
    return D / safe(np.linalg.norm(D, axis=1, keepdims=True))


def of_length_one_in_a_loop(D, W):
    return np.array([d / (np.linalg.norm(d) or 1) for d in D])


def of_length_one_by_roots(D, W):
    squares = np.sum(D * 1.0 * D, axis=1)
    return (D.T / np.sqrt(np.where(squares == 0, 1, squares))).T


def not_a_number(D, W):
    with np.errstate(all="ignore"):
        return (
            np.linalg.norm(W, axis=1, keepdims=True) / np.linalg.norm(D, axis=1, keepdims=True) * D
        )


def not_a_number_transposed(D, W):
    with np.errstate(all="ignore"):
        return (D.T * (np.linalg.norm(W, axis=1) / np.linalg.norm(D, axis=1))).T


def not_a_number_in_a_loop(D, W):
    with np.errstate(all="ignore"):
        rows = zip(D, W, strict=True)
        return np.array([d / np.linalg.norm(d) * np.linalg.norm(w) for d, w in rows])


def sides(W, b, V):
    return np.sum(W**2, axis=1) + b**2, np.sum(V**2, axis=0)


def put(alpha, W, b, V):
    return alpha[:, None] * W, alpha * b, V / alpha


def one_root(W, b, V):
    p, q = sides(W, b, V)
    return put(np.sqrt(q / p), W, b, V)


def one_root_by_lengths(W, b, V):
    into = np.sqrt((W**2).sum(1) + b**2)
    return put(np.linalg.norm(V, axis=0) / into, W, b, V)


def one_root_in_a_loop(W, b, V):
    alpha = [np.sqrt(V[:, i] @ V[:, i] / (W[i] @ W[i] + b[i] ** 2)) for i in range(len(b))]
    return put(np.array(alpha), W, b, V)


def upside_down(W, b, V):
    p, q = sides(W, b, V)
    return put((p / q) ** 0.25, W, b, V)


def upside_down_by_roots(W, b, V):
    p, q = sides(W, b, V)
    return put(np.sqrt(np.sqrt(p) / np.sqrt(q)), W, b, V)


def upside_down_in_a_loop(W, b, V):
    alpha = [((W[i] @ W[i] + b[i] ** 2) / (V[:, i] @ V[:, i])) ** 0.25 for i in range(len(b))]
    return put(np.array(alpha), W, b, V)


def without_the_bias(W, b, V):
    return put(np.sqrt(np.linalg.norm(V, axis=0) / np.linalg.norm(W, axis=1)), W, b, V)


def without_the_bias_by_sums(W, b, V):
    return put((np.sum(V * V, 0) / np.sum(W * W, 1)) ** 0.25, W, b, V)


def without_the_bias_in_a_loop(W, b, V):
    alpha = [(V[:, i] @ V[:, i] / (W[i] @ W[i])) ** 0.25 for i in range(len(b))]
    return put(np.array(alpha), W, b, V)


def bias_left(W, b, V):
    p, q = sides(W, b, V)
    W, _, V = put((q / p) ** 0.25, W, b, V)
    return W, b.copy(), V


def bias_left_by_lengths(W, b, V):
    alpha = np.sqrt(np.linalg.norm(V, axis=0) / np.sqrt((W**2).sum(1) + b**2))
    return W * alpha[:, None], b + 0, V / alpha


def bias_left_in_a_loop(W, b, V):
    p, q = sides(W, b, V)
    W, V = W.copy(), V.copy()
    for i in range(len(b)):
        W[i] *= (q[i] / p[i]) ** 0.25
        V[:, i] /= (q[i] / p[i]) ** 0.25
    return W, b, V


def out_left(W, b, V):
    p, q = sides(W, b, V)
    W, b, _ = put((q / p) ** 0.25, W, b, V)
    return W, b, V.copy()


def out_left_by_lengths(W, b, V):
    alpha = np.sqrt(np.linalg.norm(V, axis=0) / np.sqrt((W**2).sum(1) + b**2))
    return W * alpha[:, None], b * alpha, V


def out_left_in_a_loop(W, b, V):
    p, q = sides(W, b, V)
    W, b = W.copy(), b.copy()
    for i in range(len(b)):
        W[i] *= (q[i] / p[i]) ** 0.25
        b[i] *= (q[i] / p[i]) ** 0.25
    return W, b, V


WRONG = {
    ("kinds_of_points", "Your matrices are not symmetric"): (
        not_symmetric, not_symmetric_in_a_loop, the_lower_half_mirrored,
    ),
    ("kinds_of_points", "A matrix counts as a minimum"): (
        some_are_positive, some_are_positive_in_a_loop, some_are_positive_by_any,
    ),
    ("kinds_of_points", "You look at the diagonals"): (
        by_the_diagonal, by_the_diagonal_in_a_loop, by_the_diagonal_with_einsum,
    ),
    ("kinds_of_points", "You return how many"): (counts, counts_by_sums, counts_in_a_loop),
    ("kinds_of_points", "minima and maxima are the wrong way"): (
        turned_around, turned_around_by_signs, turned_around_in_a_loop,
    ),
    ("row_scaled", "The whole of D"): (of_the_whole, of_the_whole_by_roots, of_the_whole_flat),
    ("row_scaled", "Columns are scaled"): (by_columns, by_columns_in_a_loop, by_columns_kept),
    ("row_scaled", "The rows of D are not shortened"): (
        not_shortened, not_shortened_in_a_loop, not_shortened_by_einsum,
    ),
    ("row_scaled", "Your rows all have"): (
        of_length_one, of_length_one_in_a_loop, of_length_one_by_roots,
    ),
    ("row_scaled", "Where a row of D is 0"): (
        not_a_number, not_a_number_transposed, not_a_number_in_a_loop,
    ),
    ("balanced", "You take the square root"): (one_root, one_root_by_lengths, one_root_in_a_loop),
    ("balanced", "α is upside down"): (upside_down, upside_down_by_roots, upside_down_in_a_loop),
    ("balanced", "The bias is missing"): (
        without_the_bias, without_the_bias_by_sums, without_the_bias_in_a_loop,
    ),
    ("balanced", "b stays as it was"): (bias_left, bias_left_by_lengths, bias_left_in_a_loop),
    ("balanced", "V stays as it was"): (out_left, out_left_by_lengths, out_left_in_a_loop),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start", "answer"),
    [(name, start, answer) for (name, start), answers in WRONG.items() for answer in answers],
)
def test_the_commonest_mistakes_are_recognized_in_three_styles(name, start, answer):
    begins(name, answer, start)
