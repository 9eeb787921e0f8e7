"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import numpy as np
import pytest
from judged import begins, mistakes, passes

from nnlib.course.lessons import EXERCISES

# --- right ------------------------------------------------------------------------------------------


def descent_by_history(X, y, X_val, y_val, lr, patience, most):
    path = [np.zeros(X.shape[1])]
    losses = [np.mean((X_val @ path[0] - y_val) ** 2)]
    for t in range(1, most + 1):
        path.append(path[-1] - lr * 2 * np.mean((X @ path[-1] - y)[:, None] * X, axis=0))
        losses.append(np.mean((X_val @ path[-1] - y_val) ** 2))
        if t - np.argmin(losses) >= patience:
            break
    best = int(np.argmin(losses))
    return path[best], best, len(path) - 1


def descent_in_loops(X, y, X_val, y_val, lr, patience, most):
    N, d = X.shape

    def loss(w):
        return sum((X_val[m] @ w - y_val[m]) ** 2 for m in range(len(y_val))) / len(y_val)

    w = [0.0] * d
    lowest, kept, best, waited, t = loss(w), list(w), 0, 0, 0
    while waited < patience and t < most:
        errors = [sum(X[n, j] * w[j] for j in range(d)) - y[n] for n in range(N)]
        w = [w[j] - lr * 2 / N * sum(errors[n] * X[n, j] for n in range(N)) for j in range(d)]
        t += 1
        now = loss(w)
        if now < lowest:
            lowest, kept, best, waited = now, list(w), t, 0
        else:
            waited += 1
    return np.array(kept), best, t


def descent_by_einsum(X, y, X_val, y_val, lr, patience, most):
    w = np.zeros(X.shape[1])
    best = (np.mean((X_val @ w - y_val) ** 2), 0, w)
    taken = 0
    for t in range(1, most + 1):
        w = w - 2 * lr / len(X) * np.einsum("n,nj->j", X @ w - y, X)
        taken = t
        best = min(best, (np.mean((X_val @ w - y_val) ** 2), t, w), key=lambda entry: entry[0])
        if t == best[1] + patience:
            break
    return best[2], best[1], taken


def after_by_the_svd(X, y, lr, t):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    some = s > 1e-6
    h = s[some] ** 2 / len(y)
    return Vt[some].T @ ((1 - (1 - 2 * lr * h) ** t) / s[some] * (U[:, some].T @ y))


def after_by_doubling(X, y, lr, t):
    """The first step, and M = I − 2ηA, which each later one takes: the sum of M⁰ … Mᵗ⁻¹."""
    d = X.shape[1]
    affine = np.eye(d + 1)
    affine[:d, :d] -= 2 * lr / len(y) * X.T @ X
    affine[:d, d] = 2 * lr / len(y) * X.T @ y
    return np.linalg.matrix_power(affine, t)[:d, d]


def after_by_the_shortest_best(X, y, lr, t):
    best = np.linalg.lstsq(X, y, rcond=1e-6)[0]
    h, V = np.linalg.eigh(X.T @ X / len(X))
    return best - V @ ((1 - 2 * lr * h) ** t * (V.T @ best))


def report_in_loops(valid, test):
    S, R, T = valid.shape
    winner = None
    for s in range(S):
        epochs, total, tested = [], 0.0, 0.0
        for r in range(R):
            e = min(range(T), key=lambda e, s=s, r=r: valid[s, r, e])
            epochs.append(e + 1)
            total += valid[s, r, e]
            tested += test[s, r, e]
        if winner is None or total < winner[0]:
            winner = total, s, np.array(epochs), tested / R
    return winner[1:]


def report_along_an_axis(valid, test):
    at = np.argmin(valid, axis=2, keepdims=True)
    reached = np.take_along_axis(valid, at, axis=2).sum(axis=(1, 2))
    setting = np.argmin(reached)
    tested = np.take_along_axis(test, at, axis=2)[setting]
    return setting, 1 + at[setting, :, 0], np.mean(tested)


def report_of_flat_runs(valid, test):
    S, R, T = valid.shape
    at = valid.reshape(S * R, T).argmin(1)
    rows = np.arange(S * R)
    reached, tested = (a.reshape(S * R, T)[rows, at].reshape(S, R) for a in (valid, test))
    s = int(np.argmin(reached @ np.ones(R)))
    return [s, list(at.reshape(S, R)[s] + 1), tested[s].sum() / R]


RIGHT = {
    "stopped_descent": [descent_by_history, descent_in_loops, descent_by_einsum],
    "descent_after": [after_by_the_svd, after_by_doubling, after_by_the_shortest_best],
    "honest_report": [report_in_loops, report_along_an_axis, report_of_flat_runs],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


def test_the_numbers_of_the_tasks():
    one = np.array([[1.0]])
    task = one, np.array([4.0]), one, np.array([2.75])
    w, best, taken = EXERCISES["stopped_descent"].reference(*task, 0.25, 1, 10)
    assert (w.tolist(), best, taken) == ([3.0], 2, 3)
    X, y = np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([4.0, 1.0])
    after = EXERCISES["descent_after"].reference(X, y, 0.125, 2)
    np.testing.assert_allclose(after, [1.5, 15 / 64])
    [example] = [c for c in EXERCISES["honest_report"].draw(0) if "example" in c.what]
    setting, epochs, loss = EXERCISES["honest_report"].reference(**example.args)
    assert (setting, epochs.tolist(), loss) == (0, [2, 3], 4.0)


def test_the_formula_is_where_the_steps_lead():
    rng = np.random.default_rng(0)
    for N, d in ((8, 3), (3, 5)):
        X, y, w = rng.normal(size=(N, d)), rng.normal(size=N), np.zeros(d)
        for _ in range(70):
            w = w - 0.05 * 2 / N * X.T @ (X @ w - y)
        np.testing.assert_allclose(EXERCISES["descent_after"].reference(X, y, 0.05, 70), w)


# --- wrong, each in three styles ----------------------------------------------------------------------


def last_w(X, y, X_val, y_val, lr, patience, most):
    """The kept w is the same array, which each step changes."""
    w = np.zeros(X.shape[1])
    kept, best, t = w, 0, 0
    lowest = np.mean((X_val @ w - y_val) ** 2)
    while t < most and t - best < patience:
        w -= lr * 2 / len(y) * X.T @ (X @ w - y)
        t += 1
        loss = np.mean((X_val @ w - y_val) ** 2)
        if loss < lowest:
            kept, best, lowest = w, t, loss
    return kept, best, t


def last_w_of_the_path(X, y, X_val, y_val, lr, patience, most):
    path, losses = [np.zeros(X.shape[1])], []
    while True:
        losses.append(np.mean((X_val @ path[-1] - y_val) ** 2))
        best, t = int(np.argmin(losses)), len(losses) - 1
        if t == most or t - best == patience:
            return path[-1], best, t
        path.append(path[-1] - 2 * lr * np.mean((X @ path[-1] - y)[:, None] * X, axis=0))


def last_w_with_a_counter(X, y, X_val, y_val, lr, patience, most):
    w, best, waited, t = np.zeros(X.shape[1]), 0, 0, 0
    lowest = np.mean((X_val @ w - y_val) ** 2)
    while t < most and waited < patience:
        w = w - 2 * lr / len(y) * np.einsum("nj,n->j", X, X @ w - y)
        t, waited = t + 1, waited + 1
        if (loss := np.mean((X_val @ w - y_val) ** 2)) < lowest:
            best, lowest, waited = t, loss, 0
    return w, best, t


def by_training(X, y, X_val, y_val, lr, patience, most):
    return descent_by_history(X, y, X, y, lr, patience, most)


def by_training_in_loops(X, y, X_val, y_val, lr, patience, most):
    return descent_in_loops(X, y, X, y, lr, patience, most)


def by_training_with_a_counter(X, y, X_val, y_val, lr, patience, most):
    w = np.zeros(X.shape[1])
    kept, best, waited, t, lowest = w, 0, 0, 0, np.mean((X @ w - y) ** 2)
    while t < most and waited < patience:
        w = w - 2 * lr / len(y) * (X @ w - y) @ X
        t, waited = t + 1, waited + 1
        if (loss := np.mean((X @ w - y) ** 2)) < lowest:
            kept, best, lowest, waited = w, t, loss, 0
    return kept, best, t


def too_patient(X, y, X_val, y_val, lr, patience, most):
    return descent_by_history(X, y, X_val, y_val, lr, patience + 1, most)


def too_patient_in_loops(X, y, X_val, y_val, lr, patience, most):
    return descent_in_loops(X, y, X_val, y_val, lr, patience + 1, most)


def too_patient_with_a_counter(X, y, X_val, y_val, lr, patience, most):
    w = np.zeros(X.shape[1])
    kept, best, waited, taken = w, 0, 0, 0
    lowest = np.mean((X_val @ w - y_val) ** 2)
    for t in range(1, most + 1):
        w, taken = w - 2 * lr / len(y) * X.T @ (X @ w - y), t
        loss = np.mean((X_val @ w - y_val) ** 2)
        if loss < lowest:
            kept, best, lowest, waited = w, t, loss, 0
        else:
            waited += 1
            if waited > patience:
                break
    return kept, best, taken


def half_gradient(X, y, X_val, y_val, lr, patience, most):
    return descent_by_history(X, y, X_val, y_val, lr / 2, patience, most)


def half_gradient_in_loops(X, y, X_val, y_val, lr, patience, most):
    return descent_in_loops(X, y, X_val, y_val, lr / 2, patience, most)


def half_gradient_by_einsum(X, y, X_val, y_val, lr, patience, most):
    return descent_by_einsum(X, y, X_val, y_val, lr / 2, patience, most)


def start_left_out(X, y, X_val, y_val, lr, patience, most):
    w = np.zeros(X.shape[1])
    kept, best, lowest, t = w, 0, np.inf, 0
    while t < most and t - best < patience:
        w = w - lr * 2 / len(y) * X.T @ (X @ w - y)
        t += 1
        if (loss := np.mean((X_val @ w - y_val) ** 2)) < lowest:
            kept, best, lowest = w, t, loss
    return kept, best, t


def start_left_out_with_a_counter(X, y, X_val, y_val, lr, patience, most):
    w, losses, path = np.zeros(X.shape[1]), [1e300], [np.zeros(X.shape[1])]
    for t in range(most):
        w = w - 2 * lr * np.mean((X @ w - y)[:, None] * X, axis=0)
        path.append(w)
        losses.append(np.mean((X_val @ w - y_val) ** 2))
        if t + 1 - np.argmin(losses) >= patience:
            break
    best = int(np.argmin(losses))
    return path[best], best, len(path) - 1


def start_left_out_with_none(X, y, X_val, y_val, lr, patience, most):
    w = np.zeros(X.shape[1])
    kept, best, lowest, waited, t = w, 0, None, 0, 0
    while t < most and waited < patience:
        w = w + 2 * lr / len(y) * X.T @ (y - X @ w)
        t, waited = t + 1, waited + 1
        loss = np.mean((X_val @ w - y_val) ** 2)
        if lowest is None or loss < lowest:
            kept, best, lowest, waited = w, t, loss, 0
    return kept, best, t


def half_rate(X, y, lr, t):
    return after_by_the_shortest_best(X, y, lr / 2, t)


def half_rate_by_the_svd(X, y, lr, t):
    return after_by_the_svd(X, y, lr / 2, t)


def half_rate_by_doubling(X, y, lr, t):
    return after_by_doubling(X, y, lr / 2, t)


def sums(X, y, lr, t):
    return after_by_the_shortest_best(X, y, lr * len(y), t)


def sums_by_the_svd(X, y, lr, t):
    with np.errstate(all="ignore"):
        return after_by_the_svd(X, y, lr * len(y), t)


def sums_along(X, y, lr, t):
    h, V = np.linalg.eigh(X.T @ X)
    u = [a / k if k > 1e-8 else 0.0 for a, k in zip(V.T @ X.T @ y, h, strict=True)]
    return V @ ((1 - (1 - 2 * lr * h) ** t) * u)


def exponential(X, y, lr, t):
    best = np.linalg.pinv(X, rcond=1e-6) @ y
    h, V = np.linalg.eigh(X.T @ X / len(X))
    return V @ (-np.expm1(-2 * lr * t * h) * (V.T @ best))


def exponential_by_the_svd(X, y, lr, t):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    some = s > 1e-6
    share = 1 - np.exp(-2 * lr * s[some] ** 2 / len(y) * t)
    return Vt[some].T @ (share / s[some] * (U[:, some].T @ y))


def exponential_in_a_loop(X, y, lr, t):
    h, V = np.linalg.eigh(X.T @ X / len(X))
    w = np.zeros(len(h))
    for k in range(len(h)):
        if h[k] > 1e-8:
            u = V[:, k] @ X.T @ y / len(y) / h[k]
            w += (1 - np.exp(-2 * lr * h[k] * t)) * u * V[:, k]
    return w


def its_ridge(X, y, lr, t):
    d = X.shape[1]
    if t == 0:
        return np.zeros(d)
    return np.linalg.solve(X.T @ X / len(y) + np.eye(d) / (2 * lr * t), X.T @ y / len(y))


def its_ridge_by_the_svd(X, y, lr, t):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    lam = len(y) / (2 * lr * t) if t else np.inf
    return Vt.T @ (s / (s**2 + lam) * (U.T @ y))


def its_ridge_as_least_squares(X, y, lr, t):
    d = X.shape[1]
    if not t:
        return np.zeros(d)
    A = np.vstack([X, np.sqrt(len(y) / (2 * lr * t)) * np.eye(d)])
    return np.linalg.lstsq(A, np.r_[y, np.zeros(d)], rcond=None)[0]


def whole_way(X, y, lr, t):
    return np.linalg.pinv(X, rcond=1e-6) @ y


def whole_way_as_least_squares(X, y, lr, t):
    return np.linalg.lstsq(X, y, rcond=1e-6)[0]


def whole_way_by_eigh(X, y, lr, t):
    h, V = np.linalg.eigh(X.T @ X / len(X))
    return sum(V[:, k] * (V[:, k] @ X.T @ y) / len(y) / h[k] for k in range(len(h)) if h[k] > 1e-8)


def stops_by_test(valid, test):
    at = np.argmin(test, axis=2)
    s = np.argmin(np.min(valid, axis=2).mean(axis=1))
    return s, at[s] + 1, np.mean([test[s, r, at[s, r]] for r in range(valid.shape[1])])


def all_by_test(valid, test):
    return report_in_loops(test, test)


def all_by_test_along_an_axis(valid, test):
    return report_along_an_axis(test, test)


def all_by_test_of_flat_runs(valid, test):
    return report_of_flat_runs(test, test)


def lowest_test(valid, test):
    s, epochs, _ = report_in_loops(valid, test)
    return s, epochs, test[s].min(axis=-1).mean()


def lowest_test_in_a_loop(valid, test):
    s, epochs, _ = report_along_an_axis(valid, test)
    return s, epochs, sum(min(run) for run in test[s]) / len(test[s])


def lowest_test_sorted(valid, test):
    s, epochs, _ = report_of_flat_runs(valid, test)
    return s, epochs, np.sort(test[s], axis=1)[:, 0].mean()


def reports_validation(valid, test):
    return report_in_loops(valid, valid)


def reports_validation_along_an_axis(valid, test):
    return report_along_an_axis(valid, valid)


def reports_validation_as_minimum(valid, test):
    s, epochs, _ = report_in_loops(valid, test)
    return s, epochs, np.min(valid, axis=2).mean(axis=1).min()


def one_epoch_for_all(valid, test):
    mean = valid.mean(axis=1)
    s = mean.min(axis=1).argmin()
    e = mean[s].argmin()
    return s, np.full(valid.shape[1], e + 1), test[s, :, e].mean()


def one_epoch_for_all_in_loops(valid, test):
    S, R, T = valid.shape
    means = {(s, e): sum(valid[s, :, e]) / R for s in range(S) for e in range(T)}
    s, e = min(means, key=means.get)
    return s, [e + 1] * R, sum(test[s, :, e]) / R


def one_epoch_for_all_unraveled(valid, test):
    mean = np.einsum("sre->se", valid) / valid.shape[1]
    s, e = np.unravel_index(mean.argmin(), mean.shape)
    return s, np.repeat(e + 1, valid.shape[1]), np.mean(test[s, :, e])


def luckiest_seed(valid, test):
    s = valid.min(axis=(1, 2)).argmin()
    e = valid[s].argmin(axis=1)
    return s, e + 1, test[s, np.arange(len(e)), e].mean()


def luckiest_seed_unraveled(valid, test):
    s = np.unravel_index(valid.argmin(), valid.shape)[0]
    e = [int(run.argmin()) for run in valid[s]]
    return s, np.array(e) + 1, np.mean([test[s, r, k] for r, k in enumerate(e)])


def luckiest_seed_in_loops(valid, test):
    s = min(range(len(valid)), key=lambda s: min(min(run) for run in valid[s]))
    return s, *report_in_loops(valid[s : s + 1], test[s : s + 1])[1:]


WRONG = [
    ("stopped_descent", "Your w is that of the last step", last_w),
    ("stopped_descent", "Your w is that of the last step", last_w_of_the_path),
    ("stopped_descent", "Your w is that of the last step", last_w_with_a_counter),
    ("stopped_descent", "You watch the training loss", by_training),
    ("stopped_descent", "You watch the training loss", by_training_in_loops),
    ("stopped_descent", "You watch the training loss", by_training_with_a_counter),
    ("stopped_descent", "You wait one step too long", too_patient),
    ("stopped_descent", "You wait one step too long", too_patient_in_loops),
    ("stopped_descent", "You wait one step too long", too_patient_with_a_counter),
    ("stopped_descent", "The 2 is missing", half_gradient),
    ("stopped_descent", "The 2 is missing", half_gradient_in_loops),
    ("stopped_descent", "The 2 is missing", half_gradient_by_einsum),
    ("stopped_descent", "The start does not count", start_left_out),
    ("stopped_descent", "The start does not count", start_left_out_with_a_counter),
    ("stopped_descent", "The start does not count", start_left_out_with_none),
    ("descent_after", "Your factor per step is 1 − ηh", half_rate),
    ("descent_after", "Your factor per step is 1 − ηh", half_rate_by_the_svd),
    ("descent_after", "Your factor per step is 1 − ηh", half_rate_by_doubling),
    ("descent_after", "Your h are those of XᵀX without 1/N", sums),
    ("descent_after", "Your h are those of XᵀX without 1/N", sums_by_the_svd),
    ("descent_after", "Your h are those of XᵀX without 1/N", sums_along),
    ("descent_after", "You take exp", exponential),
    ("descent_after", "You take exp", exponential_by_the_svd),
    ("descent_after", "You take exp", exponential_in_a_loop),
    ("descent_after", "You give the ridge", its_ridge),
    ("descent_after", "You give the ridge", its_ridge_by_the_svd),
    ("descent_after", "You give the ridge", its_ridge_as_least_squares),
    ("descent_after", "You give the best w", whole_way),
    ("descent_after", "You give the best w", whole_way_as_least_squares),
    ("descent_after", "You give the best w", whole_way_by_eigh),
    ("honest_report", "You stop by the test loss", stops_by_test),
    ("honest_report", "You choose everything by the test loss", all_by_test),
    ("honest_report", "You choose everything by the test loss", all_by_test_along_an_axis),
    ("honest_report", "You choose everything by the test loss", all_by_test_of_flat_runs),
    ("honest_report", "Setting and epochs are right, but you report the lowest", lowest_test),
    (
        "honest_report",
        "Setting and epochs are right, but you report the lowest",
        lowest_test_sorted,
    ),
    (
        "honest_report",
        "Setting and epochs are right, but you report the lowest",
        lowest_test_in_a_loop,
    ),
    ("honest_report", "Setting and epochs are right, but you report a valid", reports_validation),
    (
        "honest_report",
        "Setting and epochs are right, but you report a valid",
        reports_validation_along_an_axis,
    ),
    (
        "honest_report",
        "Setting and epochs are right, but you report a valid",
        reports_validation_as_minimum,
    ),
    ("honest_report", "You take one epoch for all seeds", one_epoch_for_all),
    ("honest_report", "You take one epoch for all seeds", one_epoch_for_all_in_loops),
    ("honest_report", "You take one epoch for all seeds", one_epoch_for_all_unraveled),
    ("honest_report", "You choose the setting by its luckiest seed", luckiest_seed),
    ("honest_report", "You choose the setting by its luckiest seed", luckiest_seed_unraveled),
    ("honest_report", "You choose the setting by its luckiest seed", luckiest_seed_in_loops),
]


@pytest.mark.parametrize(("name", "start", "answer"), WRONG, ids=[w[2].__name__ for w in WRONG])
def test_the_commonest_mistakes_are_recognized_in_three_styles(name, start, answer):
    begins(name, answer, start)


# --- wrong, as a first reader wrote them before seeing the lesson -----------------------------------


def last_w_is_never_judged(X, y, X_val, y_val, lr, patience, most):
    w = np.zeros(X.shape[1])
    kept, best, lowest, t = w, 0, np.inf, 0
    for t in range(most):
        loss = np.mean((X_val @ w - y_val) ** 2)
        if loss < lowest:
            kept, best, lowest = w, t, loss
        if t - best >= patience:
            break
        w = w - lr * 2 * X.T @ (X @ w - y) / len(X)
    return kept, best, t


def along(h, parts, lr, t):
    """How far the descent has come, where `parts` are those of Xᵀy/N."""
    flat = np.isclose(h, 0)
    u = np.where(flat, 0.0, parts / np.where(flat, 1, h))
    return u * (1 - (1 - 2 * lr * h) ** t)


def rows_are_the_directions(X, y, lr, t):
    h, V = np.linalg.eigh(X.T @ X / len(X))
    w = np.zeros(len(h))
    for k, direction in enumerate(V):
        if not np.isclose(h[k], 0):
            u = direction @ (X.T @ y) / len(y) / h[k]
            w += (1 - (1 - 2 * lr * h[k]) ** t) * u * direction
    return w


def rows_by_matrices(X, y, lr, t):
    h, V = np.linalg.eigh(X.T @ X / len(X))
    return V.T @ along(h, V @ (X.T @ y / len(y)), lr, t)


def rows_by_einsum(X, y, lr, t):
    h, V = np.linalg.eigh(X.T @ X / len(X))  # as the task says: the rows depend on V's signs
    parts = np.einsum("kd,nd,n->k", V, X, y) / len(y)
    return np.einsum("kd,k->d", V, along(h, parts, lr, t))


def no_directions_at_all(X, y, lr, t):
    h = np.linalg.eigh(X.T @ X / len(X))[0]
    return along(h, X.T @ y / len(X), lr, t)


def times_instead_of_power(X, y, lr, t):
    h, V = np.linalg.eigh(X.T @ X / len(X))
    some = h > 1e-8
    u = V.T[some] @ (X.T @ y / len(X)) / h[some]
    return V[:, some] @ (u * (1 - (1 - 2 * lr * h[some]) * t))


def along_the_seeds(valid, test):
    s = int(valid.min(axis=1).mean(axis=1).argmin())
    e = valid[s].argmin(axis=0)
    return s, e + 1, test[s, e, np.arange(valid.shape[2])].mean()


def last_of_equal_settings(valid, test):
    S, R, _ = valid.shape
    at, winner, low = valid.argmin(axis=2), 0, np.inf
    for s in range(S):
        if (mean := valid[s].min(axis=1).mean()) <= low:
            winner, low = s, mean
    return winner, at[winner] + 1, test[winner, np.arange(R), at[winner]].mean()


READ = [
    ("stopped_descent", "You go only to step most − 1", last_w_is_never_judged),
    ("descent_after", "You take the rows of V", rows_are_the_directions),
    ("descent_after", "You take the rows of V", rows_by_matrices),
    ("descent_after", "You take the rows of V", rows_by_einsum),
    ("descent_after", "You go neither to the directions", no_directions_at_all),
    ("descent_after", "You multiply 1 − 2ηh by t", times_instead_of_power),
    ("honest_report", "You look for the lowest seed of each epoch", along_the_seeds),
    ("honest_report", "Of two settings that are equally good", last_of_equal_settings),
]


@pytest.mark.parametrize(("name", "start", "answer"), READ, ids=[r[2].__name__ for r in READ])
def test_a_readers_mistake_is_named_and_nothing_else(name, start, answer):
    begins(name, answer, start)
    assert len(mistakes(name, answer)) == 1
