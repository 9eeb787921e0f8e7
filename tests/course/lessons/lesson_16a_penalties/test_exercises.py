"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import numpy as np
import pytest
from judged import begins, mistakes, passes

from nnlib.classical import Lasso
from nnlib.course.lessons import EXERCISES

# --- right ------------------------------------------------------------------------------------------


def ridge_with_ones_in_front(X, y, lam):
    N, d = X.shape
    A = np.hstack([np.ones((N, 1)), X])
    P = np.diag([0.0] + d * [N * lam])
    b, *w = np.linalg.inv(A.T @ A + P) @ A.T @ y
    return np.array(w), b


def ridge_as_least_squares(X, y, lam):
    """λ as d more examples, with y = 0."""
    N, d = X.shape
    Z = X - np.mean(X, 0)
    A = np.vstack([Z, np.sqrt(N * lam) * np.eye(d)])
    w = np.linalg.lstsq(A, np.concatenate([y - np.mean(y), np.zeros(d)]), rcond=None)[0]
    return w, np.mean(y - X @ w)


def ridge_by_einsum(X, y, lam):
    Z = X - X.mean(0)
    A = np.einsum("ni,nj->ij", Z, Z) / len(y)
    A[np.diag_indices(len(A))] += lam
    w = np.linalg.solve(A, np.einsum("ni,n->i", Z, y) / len(y))
    return [w, float(np.mean(y) - w @ X.mean(0))]


def gaps_in_a_loop(X, y, w, lam):
    N, found = len(y), []
    for j in range(len(w)):
        g = sum(2 * (X[n] @ w - y[n]) * X[n, j] for n in range(N)) / N
        if w[j]:
            found.append(abs(g + lam) if w[j] > 0 else abs(lam - g))
        else:
            found.append(max(abs(g) - lam, 0))
    return found


def gaps_by_the_nearest_slope(X, y, w, lam):
    """The penalty's slope may be anything in [low, high]; at a kink this is an interval."""
    g = 2 * np.mean((X @ w - y)[:, None] * X, axis=0)
    low, high = np.where(w > 0, lam, -lam), np.where(w < 0, -lam, lam)
    return np.abs(g + np.clip(-g, low, high))


def gaps_by_masks(X, y, w, lam):
    g = np.einsum("n,nj->j", X @ w - y, X) * 2 / X.shape[0]
    gaps = np.abs(g + lam * np.sign(w))
    zero = w == 0
    gaps[zero] = np.maximum(gaps[zero] - lam, 0)
    return gaps


def rows_in_a_loop(W, G, lr, lam):
    rows = []
    for w, g in zip(W, G, strict=True):
        u = w - lr * g
        length = float(np.sqrt(u @ u))
        rows.append(u * (1 - lr * lam / length) if length > lr * lam else 0 * u)
    return np.array(rows)


def rows_minus_their_projection(W, G, lr, lam):
    """What is cut off is U, projected onto the ball of radius ηλ."""
    U = W - lr * G
    lengths = np.sqrt(np.sum(U**2, axis=1))
    outside = np.maximum(lengths, lr * lam)
    share = np.divide(lr * lam, outside, out=np.ones(len(U)), where=outside > 0)
    return U - U * share[:, None]


def rows_by_einsum(W, G, lr, lam):
    U = W + -lr * G
    lengths = np.einsum("ij,ij->i", U, U) ** 0.5
    new = np.zeros_like(U)
    kept = lengths > lr * lam
    new[kept] = U[kept] * ((lengths[kept] - lr * lam) / lengths[kept])[:, np.newaxis]
    return new


RIGHT = {
    "ridge_fit": [ridge_with_ones_in_front, ridge_as_least_squares, ridge_by_einsum],
    "lasso_gaps": [gaps_in_a_loop, gaps_by_the_nearest_slope, gaps_by_masks],
    "rows_step": [rows_in_a_loop, rows_minus_their_projection, rows_by_einsum],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


def test_the_numbers_of_the_tasks():
    w, b = EXERCISES["ridge_fit"].reference(np.array([[1.0], [3.0]]), np.array([10.0, 14.0]), 1.0)
    np.testing.assert_allclose([*w, b], [1, 10])
    W = np.array([[3.0, 4.0], [0.3, -0.4]])
    new = EXERCISES["rows_step"].reference(W, 0 * W, 0.5, 2.0)
    np.testing.assert_allclose(new, [[2.4, 3.2], [0, 0]])
    # X = √N I makes g of w = 0 equal −2/√N y, so that any g can be had.
    X, w = 2 * np.eye(4), np.array([2.0, 0, 0, 0])
    g = np.array([-0.7, -0.4, 1.5, 0])
    gaps = EXERCISES["lasso_gaps"].reference(X, 2 * w - g, w, 1.0)
    np.testing.assert_allclose(gaps, [0.3, 0, 0.5, 0], atol=1e-12)


def test_at_the_lasso_of_nnlib_there_are_no_gaps():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 8)), rng.normal(size=50)
    w = Lasso(alpha=0.1, bias=False).fit(X, y).weight
    assert 0 < (w == 0).sum() < 8
    assert EXERCISES["lasso_gaps"].reference(X, y, w, 0.2).max() < 1e-10


# --- wrong, each in three styles ----------------------------------------------------------------------


def bias_penalized_behind(X, y, lam):
    A = np.hstack([X, np.ones((len(y), 1))])
    *w, b = np.linalg.solve(A.T @ A / len(y) + lam * np.eye(X.shape[1] + 1), A.T @ y / len(y))
    return np.array(w), b


def bias_penalized_as_least_squares(X, y, lam):
    N, d = X.shape
    A = np.vstack([np.c_[np.ones(N), X], np.sqrt(N * lam) * np.eye(d + 1)])
    both = np.linalg.lstsq(A, np.r_[y, np.zeros(d + 1)], rcond=None)[0]
    return both[1:], both[0]


def bias_penalized_by_einsum(X, y, lam):
    A = np.column_stack([np.ones(len(X)), X])
    M = np.einsum("ni,nj->ij", A, A) + len(X) * lam * np.identity(A.shape[1])
    both = np.linalg.inv(M) @ np.einsum("ni,n->i", A, y)
    return both[1:], both[0]


def sum_centered(X, y, lam):
    m, Z = X.mean(0), X - X.mean(0)
    w = np.linalg.inv(Z.T @ Z + lam * np.eye(Z.shape[1])) @ Z.T @ y
    return w, y.mean() - m @ w


def sum_with_ones(X, y, lam):
    d = X.shape[1]
    A = np.c_[np.ones(len(y)), X]
    both = np.linalg.solve(A.T @ A + np.diag([0] + [lam] * d), A.T @ y)
    return both[1:], both[0]


def sum_as_least_squares(X, y, lam):
    d, Z = X.shape[1], X - X.mean(0)
    A = np.vstack([Z, np.sqrt(lam) * np.eye(d)])
    w = np.linalg.lstsq(A, np.r_[y - y.mean(), np.zeros(d)], rcond=None)[0]
    return w, y.mean() - X.mean(0) @ w


def origin_then_mean(X, y, lam):
    w = np.linalg.solve(X.T @ X / len(y) + lam * np.eye(X.shape[1]), X.T @ y / len(y))
    return w, np.mean(y - X @ w)


def origin_with_a_sum(X, y, lam):
    N, d = X.shape
    w = np.linalg.inv(X.T @ X + N * lam * np.eye(d)) @ X.T @ y
    return w, y.mean() - X.mean(0) @ w


def origin_by_einsum(X, y, lam):
    N, d = X.shape
    A = np.einsum("ni,nj->ij", X, X) / N + lam * np.identity(d)
    w = np.linalg.solve(A, np.einsum("ni,n->i", X, y) / N)
    return w, (y.sum() - (X @ w).sum()) / N


def level_alone(X, y, lam):
    Z = X - X.mean(0)
    return np.linalg.solve(Z.T @ Z / len(y) + lam * np.eye(X.shape[1]), Z.T @ y / len(y)), y.mean()


def level_as_mean_error(X, y, lam):
    N, Z = len(y), X - X.mean(0)
    w = np.linalg.inv(Z.T @ Z + N * lam * np.eye(Z.shape[1])) @ Z.T @ (y - y.mean())
    return w, np.mean(y - Z @ w)


def level_with_ones(X, y, lam):
    N, d = X.shape
    A = np.c_[np.ones(N), X - X.mean(0)]
    both = np.linalg.solve(A.T @ A / N + np.diag([0] + [lam] * d), A.T @ y / N)
    return both[1:], both[0]


def twice_differentiated(X, y, lam):
    N, d = X.shape
    Z = X - X.mean(0)
    w = np.linalg.solve(2 / N * Z.T @ Z + lam * np.eye(d), 2 / N * Z.T @ y)
    return w, y.mean() - X.mean(0) @ w


def half_as_least_squares(X, y, lam):
    N, d = X.shape
    A = np.vstack([X - X.mean(0), np.sqrt(N * lam / 2) * np.eye(d)])
    w = np.linalg.lstsq(A, np.r_[y - y.mean(), np.zeros(d)], rcond=None)[0]
    return w, y.mean() - X.mean(0) @ w


def half_with_ones(X, y, lam):
    N, d = X.shape
    A = np.c_[np.ones(N), X]
    P = np.diag([0] + [lam] * d)
    both = np.linalg.solve(2 * A.T @ A / N + P, 2 * A.T @ y / N)
    return both[1:], both[0]


def balance_everywhere(X, y, w, lam):
    g = 2 / len(y) * X.T @ (X @ w - y)
    return np.abs(g + np.where(w > 0, lam, np.where(w < 0, -lam, 0)))


def balance_in_a_loop(X, y, w, lam):
    g = 2 * np.mean((X @ w - y)[:, None] * X, axis=0)
    return [abs(a + lam * np.sign(b)) for a, b in zip(g, w, strict=True)]


def balance_by_einsum(X, y, w, lam):
    g = np.einsum("n,nj->j", X @ w - y, X) * 2 / len(X)
    return np.sqrt((g + lam * np.sign(w)) ** 2)


def no_square(X, y, w, lam):
    g = X.T @ (X @ w - y) / len(y)
    return np.where(w == 0, np.maximum(np.abs(g) - lam, 0), np.abs(g + lam * np.sign(w)))


def no_square_in_a_loop(X, y, w, lam):
    gaps = []
    for j in range(len(w)):
        g = np.mean((X @ w - y) * X[:, j])
        gaps.append(abs(g + lam * np.sign(w[j])) if w[j] else max(abs(g) - lam, 0))
    return gaps


def no_square_by_masks(X, y, w, lam):
    g = np.einsum("n,nj->j", X @ w - y, X) / len(X)
    gaps = np.abs(g + lam * np.sign(w))
    gaps[w == 0] = np.clip(gaps[w == 0] - lam, 0, None)
    return gaps


def slack_counted(X, y, w, lam):
    g = 2 / len(y) * X.T @ (X @ w - y)
    return np.where(w == 0, np.abs(np.abs(g) - lam), np.abs(g + lam * np.sign(w)))


def slack_in_a_loop(X, y, w, lam):
    g = 2 / len(y) * X.T @ (X @ w - y)
    return [
        abs(a + lam * np.sign(b)) if b else abs(lam - abs(a)) for a, b in zip(g, w, strict=True)
    ]


def slack_by_masks(X, y, w, lam):
    g = np.einsum("n,nj->j", X @ w - y, X) * 2 / len(X)
    gaps = np.abs(g + lam * np.sign(w))
    gaps[w == 0] = np.sqrt((gaps[w == 0] - lam) ** 2)
    return gaps


def slack_negative(X, y, w, lam):
    g = 2 / len(y) * X.T @ (X @ w - y)
    return np.where(w == 0, np.abs(g) - lam, np.abs(g + lam * np.sign(w)))


def slack_negative_in_a_loop(X, y, w, lam):
    g = 2 / len(y) * X.T @ (X @ w - y)
    return [abs(a + lam * np.sign(b)) if b else abs(a) - lam for a, b in zip(g, w, strict=True)]


def slack_negative_by_masks(X, y, w, lam):
    g = np.einsum("n,nj->j", X @ w - y, X) * 2 / len(X)
    gaps = np.abs(g + lam * np.sign(w))
    gaps[w == 0] -= lam
    return gaps


def alike(X, y, w, lam):
    g = 2 / len(y) * X.T @ (y - X @ w)
    return np.where(w == 0, np.maximum(np.abs(g) - lam, 0), np.abs(g + lam * np.sign(w)))


def alike_in_a_loop(X, y, w, lam):
    g = 2 / len(y) * X.T @ (X @ w - y)
    return [
        abs(a - lam * np.sign(b)) if b else max(abs(a) - lam, 0) for a, b in zip(g, w, strict=True)
    ]


def alike_by_masks(X, y, w, lam):
    g = np.einsum("n,nj->j", X @ w - y, X) * 2 / len(X)
    gaps = np.maximum(np.abs(g) - lam, 0)
    on = w != 0
    gaps[on] = np.abs(g[on] - lam * np.sign(w[on]))
    return gaps


def entries(W, G, lr, lam):
    U = W - lr * G
    return np.sign(U) * np.maximum(np.abs(U) - lr * lam, 0)


def entries_by_clip(W, G, lr, lam):
    U = W - lr * G
    return U - np.clip(U, -lr * lam, lr * lam)


def entries_in_a_loop(W, G, lr, lam):
    U = W - lr * G
    t = lr * lam
    return np.array([[u - t if u > t else u + t if u < -t else 0 for u in row] for row in U])


def columns(W, G, lr, lam):
    U = W - lr * G
    lengths = np.maximum(np.linalg.norm(U, axis=0), 1e-300)
    return U * np.maximum(1 - lr * lam / lengths, 0)


def columns_by_transposing(W, G, lr, lam):
    return EXERCISES["rows_step"].reference(W.T, G.T, lr, lam).T


def columns_in_a_loop(W, G, lr, lam):
    U = W - lr * G
    for j in range(U.shape[1]):
        length = np.sqrt((U[:, j] ** 2).sum())
        U[:, j] = U[:, j] * (length - lr * lam) / length if length > lr * lam else 0
    return U


def no_rate(W, G, lr, lam):
    U = W - lr * G
    n = np.linalg.norm(U, axis=1, keepdims=True)
    return U * np.maximum(n - lam, 0) / np.where(n == 0, 1, n)


def no_rate_in_a_loop(W, G, lr, lam):
    U = W - lr * G
    lengths = [np.sqrt(u @ u) for u in U]
    return np.array(
        [u * (1 - lam / n) if n > lam else 0 * u for u, n in zip(U, lengths, strict=True)]
    )


def no_rate_by_einsum(W, G, lr, lam):
    U = W - lr * G
    n = np.sqrt(np.einsum("ij,ij->i", U, U))[:, None] + 1e-300
    return U * np.clip(1 - lam / n, 0, None)


def whole(W, G, lr, lam):
    U = W - lr * G
    n = np.linalg.norm(U)
    return U * max(1 - lr * lam / n, 0)


def whole_by_sum(W, G, lr, lam):
    U = W - lr * G
    n = np.sqrt((U**2).sum())
    return U * (n - lr * lam) / n if n > lr * lam else 0 * U


def whole_by_einsum(W, G, lr, lam):
    U = W - lr * G
    n = np.einsum("ij,ij->", U, U) ** 0.5
    return np.maximum(n - lr * lam, 0) * (U / n)


def turned(W, G, lr, lam):
    U = W - lr * G
    n = np.linalg.norm(U, axis=1, keepdims=True)
    return U * (n - lr * lam) / np.where(n == 0, 1, n)


def turned_in_a_loop(W, G, lr, lam):
    rows = []
    for u in W - lr * G:
        n = np.linalg.norm(u)
        rows.append(u - lr * lam * u / n if n else u)
    return np.array(rows)


def turned_by_einsum(W, G, lr, lam):
    U = W - lr * G
    n = np.sqrt(np.einsum("ij,ij->i", U, U))[:, None]
    return U - lr * lam * np.divide(U, n, out=np.zeros_like(U), where=n > 0)


WRONG = [
    ("ridge_fit", "You penalize b as well", bias_penalized_behind),
    ("ridge_fit", "You penalize b as well", bias_penalized_as_least_squares),
    ("ridge_fit", "You penalize b as well", bias_penalized_by_einsum),
    ("ridge_fit", "Your penalty is N times too weak", sum_centered),
    ("ridge_fit", "Your penalty is N times too weak", sum_with_ones),
    ("ridge_fit", "Your penalty is N times too weak", sum_as_least_squares),
    ("ridge_fit", "Your w is the best only for a plane through", origin_then_mean),
    ("ridge_fit", "Your w is the best only for a plane through", origin_with_a_sum),
    ("ridge_fit", "Your w is the best only for a plane through", origin_by_einsum),
    ("ridge_fit", "Your b is ȳ", level_alone),
    ("ridge_fit", "Your b is ȳ", level_as_mean_error),
    ("ridge_fit", "Your b is ȳ", level_with_ones),
    ("ridge_fit", "Your penalty is half as strong", twice_differentiated),
    ("ridge_fit", "Your penalty is half as strong", half_as_least_squares),
    ("ridge_fit", "Your penalty is half as strong", half_with_ones),
    ("lasso_gaps", "Where a weight is 0 you still ask for a balance", balance_everywhere),
    ("lasso_gaps", "Where a weight is 0 you still ask for a balance", balance_in_a_loop),
    ("lasso_gaps", "Where a weight is 0 you still ask for a balance", balance_by_einsum),
    ("lasso_gaps", "The 2 is missing from your gradient", no_square),
    ("lasso_gaps", "The 2 is missing from your gradient", no_square_in_a_loop),
    ("lasso_gaps", "The 2 is missing from your gradient", no_square_by_masks),
    ("lasso_gaps", "Where a weight is 0 and |g| is below λ", slack_counted),
    ("lasso_gaps", "Where a weight is 0 and |g| is below λ", slack_in_a_loop),
    ("lasso_gaps", "Where a weight is 0 and |g| is below λ", slack_by_masks),
    ("lasso_gaps", "Where a weight is 0 your gap may be negative", slack_negative),
    ("lasso_gaps", "Where a weight is 0 your gap may be negative", slack_negative_in_a_loop),
    ("lasso_gaps", "Where a weight is 0 your gap may be negative", slack_negative_by_masks),
    ("lasso_gaps", "Where a weight is not 0, your two pulls should", alike),
    ("lasso_gaps", "Where a weight is not 0, your two pulls should", alike_in_a_loop),
    ("lasso_gaps", "Where a weight is not 0, your two pulls should", alike_by_masks),
    ("rows_step", "You threshold each entry", entries),
    ("rows_step", "You threshold each entry", entries_by_clip),
    ("rows_step", "You threshold each entry", entries_in_a_loop),
    ("rows_step", "You shorten the columns", columns),
    ("rows_step", "You shorten the columns", columns_by_transposing),
    ("rows_step", "You shorten the columns", columns_in_a_loop),
    ("rows_step", "The threshold is λ without η", no_rate),
    ("rows_step", "The threshold is λ without η", no_rate_in_a_loop),
    ("rows_step", "The threshold is λ without η", no_rate_by_einsum),
    ("rows_step", "You take one length", whole),
    ("rows_step", "You take one length", whole_by_sum),
    ("rows_step", "You take one length", whole_by_einsum),
    ("rows_step", "A row shorter than ηλ comes out with its sign turned", turned),
    ("rows_step", "A row shorter than ηλ comes out with its sign turned", turned_in_a_loop),
    ("rows_step", "A row shorter than ηλ comes out with its sign turned", turned_by_einsum),
]


@pytest.mark.parametrize(("name", "start", "answer"), WRONG, ids=[w[2].__name__ for w in WRONG])
def test_the_commonest_mistakes_are_recognized_in_three_styles(name, start, answer):
    begins(name, answer, start)


# --- wrong, as a first reader was wrong -----------------------------------------------------------


def ridge_of_the_lesson(X, y, lam):
    w = np.linalg.inv(X.T @ X + len(y) * lam * np.eye(X.shape[1])) @ X.T @ y
    return w, 0.0


def lam_everywhere(X, y, lam):
    Z = X - X.mean(0)
    w = np.linalg.inv(Z.T @ Z / len(y) + lam) @ (Z.T @ (y - y.mean()) / len(y))
    return w, y.mean() - X.mean(0) @ w


def lam_everywhere_with_a_solver(X, y, lam):
    Z = X - X.mean(0)
    A = np.einsum("ni,nj->ij", Z, Z) + len(y) * lam
    w = np.linalg.solve(A, np.einsum("ni,n->i", Z, y))
    return w, np.mean(y - X @ w)


def centered_by_one_number(X, y, lam):
    N, Z = len(y), X - X.mean()
    w = np.linalg.solve(Z.T @ Z + N * lam * np.eye(Z.shape[1]), Z.T @ (y - y.mean()))
    return w, y.mean() - X.mean(0) @ w


def whether_it_fails(X, y, w, lam):
    g = 2 / len(y) * X.T @ (X @ w - y)
    return np.where(w != 0, ~np.isclose(g, -lam * np.sign(w)), np.abs(g) > lam)


def half_a_squared_norm(W, G, lr, lam):
    return (W - lr * G) / (1 + lr * lam)


def only_the_lengths(W, G, lr, lam):
    return np.maximum(np.linalg.norm(W - lr * G, axis=1) - lr * lam, 0)


ALONE = [
    ("ridge_fit", "That is the ridge of the lesson", ridge_of_the_lesson),
    ("ridge_fit", "λ is added to every entry", lam_everywhere),
    ("ridge_fit", "λ is added to every entry", lam_everywhere_with_a_solver),
    ("ridge_fit", "For w you center X by one single mean", centered_by_one_number),
    ("lasso_gaps", "You return where it fails", whether_it_fails),
    ("rows_step", "You divide each row by 1 + ηλ", half_a_squared_norm),
    ("rows_step", "You return one length for each row", only_the_lengths),
]


@pytest.mark.parametrize(("name", "start", "answer"), ALONE, ids=[a[2].__name__ for a in ALONE])
def test_one_sentence_is_said_and_no_other(name, start, answer):
    begins(name, answer, start)
    assert len(mistakes(name, answer)) == 1


def no_penalty_centered(X, y, lam):
    mean = X.mean(axis=0)
    w = np.linalg.pinv(X - mean) @ (y - y.mean())
    return w, y.mean() - mean @ w


def no_penalty_with_ones(X, y, lam):
    w = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y, rcond=None)[0]
    return w[:-1], w[-1]


def no_penalty_by_einsum(X, y, lam):
    Z = X - X.mean(axis=0)
    w = np.linalg.inv(np.einsum("ni,nj->ij", Z, Z)) @ np.einsum("ni,n->i", Z, y)
    return w, np.mean(y - X @ w)


@pytest.mark.parametrize(
    "answer", [no_penalty_centered, no_penalty_with_ones, no_penalty_by_einsum]
)
def test_a_missing_penalty_is_named_whatever_the_seed(answer):
    """Without λ, no case may be so singular that rounding decides what comes out."""
    begins("ridge_fit", answer, "λ has no influence", seeds=range(20))
