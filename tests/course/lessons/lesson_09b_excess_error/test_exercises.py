"""Right answers in other styles than the reference's, and the commonest mistakes in three styles."""

import numpy as np
import pytest
from judged import begins, passes
from numpy.polynomial.legendre import legvander

from nnlib.course.lessons import EXERCISES
from nnlib.course.lessons.lesson_09b_excess_error.polynomials import (
    examples,
    excess,
    expansion,
    features,
    fits,
    one_pass,
)

# --- error_parts ---------------------------------------------------------------------------------


def padded(w, like):
    return np.concatenate([w, np.zeros(len(like) - len(w))])


def parts_of_padded_arrays(c, sizes, fitted, trained):
    best, fit, now = (
        np.sum(sizes * (padded(w, c) - c) ** 2) for w in (c[: len(fitted)], fitted, trained)
    )
    return best, fit - best, now - fit


def parts_term_by_term(c, sizes, fitted, trained):
    app = est = opt = 0.0
    for k in range(len(c)):
        if k < len(fitted):
            est += sizes[k] * (fitted[k] - c[k]) ** 2
            opt += sizes[k] * ((trained[k] - c[k]) ** 2 - (fitted[k] - c[k]) ** 2)
        else:
            app += sizes[k] * c[k] ** 2
    return app, est, opt


def parts_by_einsum(c, sizes, fitted, trained):
    n = len(fitted)
    off, now = fitted - c[:n], trained - c[:n]
    est = np.einsum("k,k,k", sizes[:n], off, off)
    app = np.einsum("k,k,k", sizes[n:], c[n:], c[n:])
    return [app, est, np.einsum("k,k,k", sizes[:n], now, now) - est]


def distance_in_a_loop(c, sizes, fitted, trained):
    app, est, _ = parts_term_by_term(c, sizes, fitted, trained)
    opt = 0.0
    for size, was, now in zip(sizes, fitted, trained, strict=False):
        opt = opt + size * (now - was) ** 2
    return app, est, opt


def distance_by_dot(c, sizes, fitted, trained):
    app, est, _ = parts_by_einsum(c, sizes, fitted, trained)
    return app, est, sizes[: len(fitted)] @ np.square(trained - fitted)


def risks_of_padded_arrays(c, sizes, fitted, trained):
    return tuple(
        np.dot(sizes, (padded(w, c) - c) ** 2) for w in (c[: len(fitted)], fitted, trained)
    )


def risks_in_a_loop(c, sizes, fitted, trained):
    found = []
    for w in (c[: len(fitted)], fitted, trained):
        total = 0.0
        for k, size in enumerate(sizes):
            total += size * ((w[k] if k < len(w) else 0) - c[k]) ** 2
        found.append(total)
    return found


def cut_at_zero(c, sizes, fitted, trained):
    app, est, opt = parts_of_padded_arrays(c, sizes, fitted, trained)
    return app, est, max(0, opt)


def cut_by_maximum(c, sizes, fitted, trained):
    app, est, opt = parts_by_einsum(c, sizes, fitted, trained)
    return app, est, np.maximum(opt, 0)


def without_sizes(c, sizes, fitted, trained):
    return parts_term_by_term(c, np.ones(len(c)), fitted, trained)


def without_sizes_by_norms(c, sizes, fitted, trained):
    n = len(fitted)
    est = np.linalg.norm(fitted - c[:n]) ** 2
    return np.linalg.norm(c[n:]) ** 2, est, np.linalg.norm(trained - c[:n]) ** 2 - est


def the_trained_ones_whole(c, sizes, fitted, trained):
    app, est, opt = parts_term_by_term(c, sizes, fitted, trained)
    return app, est, opt + est


def the_trained_ones_whole_by_einsum(c, sizes, fitted, trained):
    app, est, _ = parts_by_einsum(c, sizes, fitted, trained)
    now = trained - c[: len(trained)]
    return app, est, np.einsum("k,k,k->", sizes[: len(now)], now, now)


# --- one_pass ------------------------------------------------------------------------------------


def pass_by_indices(X, y, w, lr):
    w, total = np.array(w, dtype=float), 0.0
    for t in range(len(y)):
        off = y[t] - np.dot(X[t], w)
        total += off * off
        w += 2 * lr[t] * off * X[t]
    return [w, total / len(y)]


def pass_number_by_number(X, y, w, lr):
    w, losses = [float(v) for v in w], []
    for t in range(X.shape[0]):
        off = sum(X[t, j] * w[j] for j in range(len(w))) - y[t]
        losses.append(off * off)
        w = [w[j] - lr[t] * 2 * off * X[t, j] for j in range(len(w))]
    return np.array(w), sum(losses) / len(losses)


def pass_by_matrices(X, y, w, lr):
    path = [w]
    for x, wanted, rate in zip(X, y, lr, strict=True):
        w = (np.eye(len(w)) - 2 * rate * np.outer(x, x)) @ w + 2 * rate * wanted * x
        path.append(w)
    return w, np.mean((np.einsum("td,td->t", X, np.array(path[:-1])) - y) ** 2)


def noted_after(X, y, w, lr):
    total = 0
    for t in range(len(y)):
        w = w + 2 * lr[t] * (y[t] - w @ X[t]) * X[t]
        total = total + (y[t] - w @ X[t]) ** 2
    return w, total / len(y)


def noted_after_from_the_path(X, y, w, lr):
    path = []
    for x, wanted, rate in zip(X, y, lr, strict=True):
        w = w - rate * 2 * (x @ w - wanted) * x
        path.append(w)
    return w, np.mean((np.einsum("td,td->t", X, np.array(path)) - y) ** 2)


def judged_at_the_end(X, y, w, lr):
    w, _ = pass_by_indices(X, y, w, lr)
    return w, sum((X[t] @ w - y[t]) ** 2 for t in range(len(y))) / len(y)


def judged_at_the_end_by_einsum(X, y, w, lr):
    w, _ = pass_by_matrices(X, y, w, lr)
    off = np.einsum("td,d->t", X, w) - y
    return w, np.einsum("t,t", off, off) / len(y)


def without_two(X, y, w, lr):
    return pass_by_indices(X, y, w, np.asarray(lr) / 2)


def without_two_by_matrices(X, y, w, lr):
    return pass_by_matrices(X, y, w, [rate / 2 for rate in lr])


def added_up(X, y, w, lr):
    w, risk = pass_by_indices(X, y, w, lr)
    return w, risk * len(y)


def added_up_by_matrices(X, y, w, lr):
    w, risk = pass_by_matrices(X, y, w, lr)
    return w, sum([risk] * len(X))


def one_rate(X, y, w, lr):
    return pass_number_by_number(X, y, w, np.full(len(y), lr[0]))


def one_rate_by_matrices(X, y, w, lr):
    return pass_by_matrices(X, y, w, [lr[0]] * len(lr))


# --- best_size -----------------------------------------------------------------------------------


def trained(X, y, steps, lr, w=None):
    w = np.zeros(X.shape[1]) if w is None else w
    for _ in range(steps):
        w = w - lr * 2 * np.mean((X @ w - y)[:, None] * X, axis=0)
    return w


def judged(X, y, w):
    return np.mean(np.square(X @ w - y))


def size_by_argmin(X, y, budget, sizes, lr, X_val, y_val):
    ends = [trained(X[:N], y[:N], budget // N, lr) for N in sizes]
    losses = [judged(X_val, y_val, w) for w in ends]
    return sizes[int(np.argmin(losses))], min(losses)


def size_by_spending(X, y, budget, sizes, lr, X_val, y_val):
    found = {}
    for N in sizes:
        w, left = np.zeros(X.shape[1]), budget
        while left >= N:
            slope = sum(2 * (X[i] @ w - y[i]) * X[i] for i in range(N))
            w, left = w - lr * slope / N, left - N
        found[N] = sum((x @ w - wanted) ** 2 for x, wanted in zip(X_val, y_val, strict=True))
    best = min(found, key=found.get)
    return best, found[best] / len(y_val)


def size_by_moments(X, y, budget, sizes, lr, X_val, y_val):
    best = (0, np.inf)
    for N in sizes:
        G, b = X[:N].T @ X[:N] / N, X[:N].T @ y[:N] / N
        w = np.zeros(len(b))
        for _ in range(int(budget / N)):
            w = w - 2 * lr * (np.einsum("ij,j->i", G, w) - b)
        loss = judged(X_val, y_val, w)
        best = (N, loss) if loss < best[1] - 1e-9 else best
    return best


def each_the_whole_budget_as_steps(X, y, budget, sizes, lr, X_val, y_val):
    losses = [judged(X_val, y_val, trained(X[:N], y[:N], budget, lr)) for N in sizes]
    return sizes[losses.index(min(losses))], min(losses)


def by_training_loss(X, y, budget, sizes, lr, X_val, y_val):
    losses = [judged(X[:N], y[:N], trained(X[:N], y[:N], budget // N, lr)) for N in sizes]
    return sizes[int(np.argmin(losses))], min(losses)


def going_on(X, y, budget, sizes, lr, X_val, y_val):
    w, losses = None, []
    for N in sizes:
        w = trained(X[:N], y[:N], budget // N, lr, w)
        losses.append(judged(X_val, y_val, w))
    return sizes[int(np.argmin(losses))], min(losses)


def half_the_rate(X, y, budget, sizes, lr, X_val, y_val):
    return size_by_argmin(X, y, budget, sizes, lr / 2, X_val, y_val)


def on_all_examples(X, y, budget, sizes, lr, X_val, y_val):
    losses = [judged(X_val, y_val, trained(X, y, budget // N, lr)) for N in sizes]
    return sizes[int(np.argmin(losses))], min(losses)


def descended(X, y, steps, lr, w):
    G, b = np.einsum("ni,nj->ij", X, X) / len(y), np.einsum("ni,n->i", X, y) / len(y)
    for _ in range(steps):
        w = w - lr * 2 * (G @ w - b)
    return w


def budget_steps_by_moments(X, y, budget, sizes, lr, X_val, y_val):
    start = np.zeros(X.shape[1])
    found = {
        judged(X_val, y_val, descended(X[:N], y[:N], budget, lr, start)): N for N in sizes[::-1]
    }
    return found[min(found)], min(found)


def training_loss_by_moments(X, y, budget, sizes, lr, X_val, y_val):
    best = None
    for N in sizes:
        w = descended(X[:N], y[:N], budget // N, lr, np.zeros(X.shape[1]))
        loss = judged(X[:N], y[:N], w)
        best = (N, loss) if best is None or loss < best[1] else best
    return best


def going_on_by_moments(X, y, budget, sizes, lr, X_val, y_val):
    best, w = None, np.zeros(X.shape[1])
    for N in sizes:
        w = descended(X[:N], y[:N], budget // N, lr, w)
        loss = judged(X_val, y_val, w)
        best = (N, loss) if best is None or loss < best[1] else best
    return best


def half_the_rate_by_moments(X, y, budget, sizes, lr, X_val, y_val):
    start, losses = np.zeros(X.shape[1]), []
    for N in sizes:
        w = descended(X[:N], y[:N], budget // N, 0.5 * lr, start)
        losses.append(judged(X_val, y_val, w))
    return sizes[losses.index(min(losses))], min(losses)


def all_examples_by_moments(X, y, budget, sizes, lr, X_val, y_val):
    start, losses = np.zeros(X.shape[1]), []
    for N in sizes:
        losses.append(judged(X_val, y_val, descended(X, y, budget // N, lr, start)))
    return sizes[losses.index(min(losses))], min(losses)


RIGHT = {
    "error_parts": [parts_of_padded_arrays, parts_term_by_term, parts_by_einsum],
    "one_pass": [pass_by_indices, pass_number_by_number, pass_by_matrices],
    "best_size": [size_by_argmin, size_by_spending, size_by_moments],
}

# In two styles besides that of the page.
MISTAKEN = {
    "Your E_opt is the distance": [distance_in_a_loop, distance_by_dot],
    "You return the three excess errors": [risks_of_padded_arrays, risks_in_a_loop],
    "You cut E_opt at 0": [cut_at_zero, cut_by_maximum],
    "The mean squares of the terms are missing": [without_sizes, without_sizes_by_norms],
    "Your E_opt is the whole error of `trained`": [
        the_trained_ones_whole,
        the_trained_ones_whole_by_einsum,
    ],
    "You note the loss after the step": [noted_after, noted_after_from_the_path],
    "Your risk is that of the last w": [judged_at_the_end, judged_at_the_end_by_einsum],
    "The factor 2 is missing": [without_two, without_two_by_matrices],
    "You add the losses up": [added_up, added_up_by_matrices],
    "You use one rate for all steps": [one_rate, one_rate_by_matrices],
    "Every size gets `budget` steps": [each_the_whole_budget_as_steps, budget_steps_by_moments],
    "You choose by the training loss. It is lowest": [by_training_loss, training_loss_by_moments],
    "You go on with the w of the last size": [going_on, going_on_by_moments],
    "The factor 2 of the gradient is missing": [half_the_rate, half_the_rate_by_moments],
    "Every size trains on all examples": [on_all_examples, all_examples_by_moments],
}


def exercise_of(answer):
    names = answer.__code__.co_varnames[: answer.__code__.co_argcount]
    [name] = [n for n in RIGHT if tuple(EXERCISES[n].signature.parameters) == names]
    return name


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


@pytest.mark.parametrize("start", MISTAKEN)
def test_the_commonest_mistakes_are_known_in_other_styles(start):
    for answer in MISTAKEN[start]:
        begins(exercise_of(answer), answer, start)


def test_the_parts_are_those_of_the_lesson():
    c, sizes = expansion()
    fitted, now = fits(200, 7)[0], one_pass(200).at(200, 7)[0]
    app, est, opt = EXERCISES["error_parts"].reference(c, sizes, fitted, now)
    assert app + est + opt == pytest.approx(excess(now), abs=1e-12)
    assert app + est == pytest.approx(excess(fitted), abs=1e-12)


def test_the_pass_is_that_of_the_lesson():
    X, y = features(200)[0, :, :8], examples(200)[1][0]
    rates = 0.2 / (1 + np.arange(200) / 50)
    w, risk = EXERCISES["one_pass"].reference(X, y, np.zeros(8), rates)
    np.testing.assert_allclose(w, one_pass(200).at(200, 7)[0], rtol=0, atol=1e-12)
    assert risk > excess(w) + 0.09


def test_the_budget_of_the_lesson():
    x, y = examples(2000)
    size, loss = EXERCISES["best_size"].reference(
        legvander(x[0, :200], 7), y[0, :200], 1000, [20, 50, 100, 200], 0.5,
        legvander(x[1], 7), y[1],
    )  # fmt: skip
    assert size in (50, 100) and loss < 0.15
