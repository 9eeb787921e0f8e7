"""Right answers in other styles than the reference's, and slips in several styles."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judged import begins, mistakes, passes

from nnlib.classical import LinearDiscriminant, LogisticRegression
from nnlib.course.lessons import EXERCISES

Answer = Callable[..., Any]


def lda_in_loops(X, y):
    d, N = X.shape[1], len(X)
    sums, counts = np.zeros((2, d)), [0, 0]
    for x, k in zip(X, y, strict=True):
        sums[int(k)] += x
        counts[int(k)] += 1
    m = [sums[k] / counts[k] for k in (0, 1)]
    S = np.zeros((d, d))
    for x, k in zip(X, y, strict=True):
        S += np.outer(x - m[int(k)], x - m[int(k)]) / N
    P = np.linalg.inv(S)
    odds = math.log(counts[1]) - math.log(counts[0])
    return P @ (m[1] - m[0]), 0.5 * (m[0] @ P @ m[0] - m[1] @ P @ m[1]) + odds


def lda_from_weighted_covariances(X, y):
    shares = [np.mean(y == k) for k in (0, 1)]
    clouds = [X[np.asarray(y) == k].astype(float) for k in (0, 1)]
    pooled = sum(s * np.cov(c.T, bias=True) for s, c in zip(shares, clouds, strict=True))
    pooled = np.atleast_2d(pooled)
    m0, m1 = (c.mean(0) for c in clouds)
    w = np.linalg.inv(pooled).dot(m1 - m0)
    return w, np.log(shares[1] / shares[0]) - w.dot(m0 + m1) / 2


def lda_by_einsum(X, y):
    onehot = np.stack([y == 0, y == 1], axis=1).astype(float)
    n = onehot.sum(0)
    means = np.einsum("nk,nd->kd", onehot, X) / n[:, None]
    away = X - onehot @ means
    S = np.einsum("ni,nj->ij", away, away) / n.sum()
    w = np.linalg.lstsq(S, means[1] - means[0], rcond=None)[0]
    return list(w), float(np.log(n[1] / n[0]) - w @ means.sum(0) / 2)


def logistic_in_loops(X, y, lr, steps):
    N, d = X.shape
    w, b, losses = [0.0] * d, 0.0, []
    for t in range(steps + 1):
        total, gw, gb = 0.0, [0.0] * d, 0.0
        for n in range(N):
            z = sum(w[j] * float(X[n, j]) for j in range(d)) + b
            small = math.exp(-abs(z))
            total += max(z, 0.0) - float(y[n]) * z + math.log1p(small)
            e = (1 / (1 + small) if z >= 0 else small / (1 + small)) - float(y[n])
            gb += e / N
            gw = [g + e * float(X[n, j]) / N for j, g in enumerate(gw)]
        losses.append(total / N)
        if t < steps:
            w, b = [v - lr * g for v, g in zip(w, gw, strict=True)], b - lr * gb
    return w, b, losses


def logistic_with_the_bias_as_a_weight(X, y, lr, steps):
    V = np.column_stack([X, np.ones(len(X))]).astype(float)
    signs = 1 - 2 * np.asarray(y, dtype=float)  # −1 for class 1
    u, losses = np.zeros(V.shape[1]), np.zeros(steps + 1)
    losses[0] = np.log(2)
    for t in range(1, steps + 1):
        wrong = np.exp(-np.logaddexp(0, -signs * (V @ u)))  # what was given to the other label
        u -= lr * np.einsum("nd,n,n->d", V, signs, wrong) / len(V)
        losses[t] = np.logaddexp(0, signs * (V @ u)).mean()
    return u[:-1], u[-1], losses


def logistic_by_tanh(X, y, lr, steps):
    w, b, losses = np.zeros((X.shape[1], 1)), np.zeros(1), []
    for t in range(steps + 1):
        z = (X @ w)[:, 0] + b
        losses += [float(np.mean(np.logaddexp(z, 0) - y * z))]
        if t == steps:
            break
        residual = y - (1 + np.tanh(z / 2)) / 2
        w = w + lr * np.mean(residual[:, None] * X, axis=0)[:, None]
        b = b + lr * np.mean(residual)
    return w[:, 0], b[0], tuple(losses)


def decide_in_loops(p, y, costs):
    (a, b), (c, d) = costs.tolist()
    t = (b - a) / (b - a + c - d)
    counts = [[0, 0], [0, 0]]
    for probability, label in zip(p, y, strict=True):
        counts[int(label)][1 if probability >= t else 0] += 1
    total = sum(counts[i][j] * float(costs[i, j]) for i in (0, 1) for j in (0, 1))
    return t, counts, total / len(y)


def decide_by_indexing(p, y, costs):
    t = 1 / (1 + (costs[1, 0] - costs[1, 1]) / (costs[0, 1] - costs[0, 0]))
    said, y = (p >= t).astype(int), np.asarray(y).astype(int)
    table = np.bincount(2 * y + said, minlength=4).reshape(2, 2)
    return t, table, costs[y, said].mean()


def decide_by_a_root(p, y, costs):
    difference = np.polysub(
        [costs[1, 1] - costs[0, 1], costs[0, 1]], [costs[1, 0] - costs[0, 0], costs[0, 0]]
    )
    t = float(np.round(np.roots(difference)[0], 12))
    actual = np.column_stack([np.asarray(y) == 0, np.asarray(y) == 1]).astype(float)
    answered = np.column_stack([p < t, p >= t]).astype(float)
    table = actual.T @ answered
    return t, table, np.trace(table.T @ costs) / table.sum()


RIGHT = {
    "lda_fit": [lda_in_loops, lda_from_weighted_covariances, lda_by_einsum],
    "logistic_fit": [
        logistic_in_loops,
        logistic_with_the_bias_as_a_weight,
        logistic_by_tanh,
    ],
    "cheapest_decision": [decide_in_loops, decide_by_indexing, decide_by_a_root],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        passes(name, answer)


def test_they_are_nnlibs_models() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(60) < 0.4).astype(int)
    X = rng.normal(size=(60, 3)) + y[:, None]
    w, b = EXERCISES["lda_fit"].reference(X, y)
    lda = LinearDiscriminant().fit(X, y)
    np.testing.assert_allclose([*w, b], [*lda.weight, lda.bias], atol=1e-12)
    w, b, losses = EXERCISES["logistic_fit"].reference(X, y, 0.5, 20)
    logistic = LogisticRegression().fit(X, y, 20, method="gradient", lr=0.5)
    np.testing.assert_allclose([*w, b], [*logistic.weight, logistic.bias], atol=1e-12)
    np.testing.assert_allclose(losses, logistic.losses, atol=1e-12)


def test_the_numbers_of_the_tasks() -> None:
    X = np.array([[0.0], [2], [6], [8], [10]])
    w, b = EXERCISES["lda_fit"].reference(X, np.array([0, 0, 1, 1, 1]))
    assert (w.tolist(), round(b, 2)) == ([3.5], -15.34)
    w, b, losses = EXERCISES["logistic_fit"].reference(
        np.array([[1.0], [-1]]), np.array([1, 0]), 1, 1
    )
    assert (w.tolist(), b, np.round(losses, 3).tolist()) == ([0.5], 0, [0.693, 0.474])
    p, costs = np.array([0.125, 0.25, 0.5]), np.array([[0, 2], [9, 3]])
    t, table, cost = EXERCISES["cheapest_decision"].reference(p, np.array([0, 0, 1]), costs)
    assert (t, table.tolist(), round(cost, 2)) == (0.25, [[1, 1], [0, 1]], 1.67)


# Each of the five commonest mistakes of an exercise, in three styles.


def discriminant(X, y, around="own", divisor=None, prior=1.0, sign=1.0, inverse=True):
    """LDA by outer products, with one slip."""
    m = [X[y == k].sum(0) / np.sum(y == k) for k in (0, 1)]
    S = 0
    for x, k in zip(X.astype(float), y, strict=True):
        away = x - (m[int(k)] if around == "own" else X.mean(0))
        S = S + np.outer(away, away)
    S = S / (len(X) if divisor is None else divisor)
    w = sign * ((np.linalg.inv(S) if inverse else S) @ (m[1] - m[0]))
    odds = np.sum(y == 1) / np.sum(y == 0)
    return w, -0.5 * w @ (m[0] + m[1]) + prior * np.log(odds)


def common_mean_in_a_matrix(X, y):
    m0, m1 = np.mean(X[y == 0], 0), np.mean(X[y == 1], 0)
    S = (X - X.mean(0)).T.dot(X - X.mean(0)) / X.shape[0]
    w = np.linalg.inv(S).dot(m1 - m0)
    return w, (m0 @ np.linalg.inv(S) @ m0 - m1 @ np.linalg.inv(S) @ m1) / 2 + np.log(
        y.sum() / (len(y) - y.sum())
    )


def common_mean_by_cov(X, y):
    m = np.array([X[y == k].mean(0) for k in (0, 1)])
    S = np.atleast_2d(np.cov(X, rowvar=False, bias=True))
    w = np.linalg.solve(S, m[1] - m[0])
    return w, np.log(np.mean(y) / np.mean(1 - y)) - np.dot(w, m.sum(0)) / 2


def no_prior_by_einsum(X, y):
    w, b = lda_by_einsum(X, y)
    return w, b - float(np.log(np.sum(y == 1) / np.sum(y == 0)))


def no_prior_in_loops(X, y):
    w, b = lda_in_loops(X, y)
    n1 = float(np.sum(y))
    return w, b - math.log(n1 / (len(y) - n1))


def halves_by_cov(X, y):
    clouds = X[y == 0], X[y == 1]
    S = np.atleast_2d(sum(np.cov(c, rowvar=False, bias=True) for c in clouds)) * 0.5
    a, b = clouds[0].mean(0), clouds[1].mean(0)
    w = np.linalg.solve(S, b - a)
    return w, -(w @ (a + b)) / 2 + np.log(len(clouds[1]) / len(clouds[0]))


def halves_in_loops(X, y):
    S, m = np.zeros((X.shape[1], X.shape[1])), []
    for k in (0, 1):
        m.append(X[y == k].mean(0))
        for x in X[y == k]:
            S += np.outer(x - m[k], x - m[k]) / np.sum(y == k)
    w = np.linalg.inv(S / 2) @ (m[1] - m[0])
    return w, -w @ (m[0] + m[1]) / 2 + np.log(np.sum(y == 1) / np.sum(y == 0))


def halves_by_einsum(X, y):
    m = np.stack([X[y == k].mean(0) for k in (0, 1)])
    each = [
        np.einsum("ni,nj->ij", X[y == k] - m[k], X[y == k] - m[k]) / np.sum(y == k) for k in (0, 1)
    ]
    w = np.linalg.solve(np.mean(each, 0), m[1] - m[0])
    return w, np.log(np.sum(y == 1) / np.sum(y == 0)) - w @ m.mean(0)


def unbiased_by_einsum(X, y):
    w, b = (np.asarray(v) for v in lda_by_einsum(X, y))
    odds = np.log(np.sum(y == 1) / np.sum(y == 0))
    shrink = (len(X) - 2) / len(X)
    return w * shrink, (b - odds) * shrink + odds


def unbiased_by_cov(X, y):
    n = [np.sum(y == k) for k in (0, 1)]
    S = sum((n[k] - 1) * np.atleast_2d(np.cov(X[y == k].T)) for k in (0, 1)) / (sum(n) - 2)
    m = [X[y == k].mean(0) for k in (0, 1)]
    w = np.linalg.solve(S, m[1] - m[0])
    return w, -w @ (m[0] + m[1]) / 2 + np.log(n[1] / n[0])


def upside_down(X, y):
    w, b = lda_in_loops(X, y)
    return w, b - 2 * math.log(np.sum(y == 1) / np.sum(y == 0))


def upside_down_by_shares(X, y):
    w, b = lda_from_weighted_covariances(X, y)
    zeros = np.mean(np.asarray(y) == 0)
    return w, b + 2 * np.log(zeros) - 2 * np.log(1 - zeros)


def w_alone_turned(X, y):
    w, b = lda_in_loops(X, y)
    return -w, b


def descent(X, y, lr, steps, sign=1.0, mean=True, bias=True, count=0, wrong=None):
    """Gradient descent with the bias as a weight, and one slip."""
    V = np.hstack([X.astype(float), np.ones((len(X), 1))])
    u, losses = np.zeros(V.shape[1]), []

    def note():
        z = V @ u
        given = np.logaddexp(0, np.where(np.asarray(y) == 1, -z, z))
        losses.append(wrong(z, given) if wrong else given.mean())

    for _ in range(steps):
        note()
        e = np.exp(-np.logaddexp(0, -(V @ u))) - y
        g = (e[:, None] * V).sum(0) / (len(V) if mean else 1)
        g[-1] *= bias
        u = u - sign * lr * g
    note()
    return u[:-1], u[-1], losses[count:]


def climbs_in_loops(X, y, lr, steps):
    return logistic_in_loops(X, y, -lr, steps)


def climbs_by_tanh(X, y, lr, steps):
    return logistic_by_tanh(X, y, -lr, steps)


def sums_in_loops(X, y, lr, steps):
    return logistic_in_loops(X, y, lr * len(X), steps)


def sums_by_tanh(X, y, lr, steps):
    return logistic_by_tanh(X, y, lr * len(X), steps)


def no_bias_in_a_matrix(X, y, lr, steps):
    w, losses = np.zeros((1, X.shape[1])), []
    for t in range(steps + 1):
        z = (w @ X.T).ravel()
        losses.append(np.mean(np.logaddexp(0, -(2 * y - 1) * z)))
        if t < steps:
            w = w - lr * ((1 + np.tanh(z / 2)) / 2 - y) @ X / len(X)
    return w.ravel(), 0, losses


def no_bias_in_loops(X, y, lr, steps):
    w, losses = np.zeros(X.shape[1]), [np.log(2)]
    while len(losses) <= steps:
        change = np.zeros_like(w)
        for x, label in zip(X, y, strict=True):
            change += (np.exp(-np.logaddexp(0, -(w @ x))) - label) * x
        w = w - lr * change / len(y)
        losses.append(
            np.mean([np.logaddexp(0, w @ x) - k * (w @ x) for x, k in zip(X, y, strict=True)])
        )
    return w, 0.0, losses


def first_loss_missing_in_loops(X, y, lr, steps):
    w, b, losses = logistic_in_loops(X, y, lr, steps)
    return w, b, losses[1:]


def first_loss_missing_by_tanh(X, y, lr, steps):
    w, b, losses = logistic_by_tanh(X, y, lr, steps)
    return w, b, np.array(losses[1:])


def added_losses_in_loops(X, y, lr, steps):
    w, b, losses = logistic_in_loops(X, y, lr, steps)
    return w, b, [len(X) * each for each in losses]


def added_losses_by_tanh(X, y, lr, steps):
    w, b, losses = logistic_by_tanh(X, y, lr, steps)
    return w, b, len(X) * np.array(losses)


def decide(p, y, costs, t=None, ties=True, shown=lambda table: table, mean=True):
    """Decisions by masks, with one slip."""
    a, m = costs[0, 1] - costs[0, 0], costs[1, 0] - costs[1, 1]
    t = a / (a + m) if t is None else t(a, m, costs)
    said = p >= t if ties else p > t
    table = np.array([[np.sum((y == i) & (said == bool(j))) for j in (0, 1)] for i in (0, 1)])
    cost = sum(costs[int(i), int(s)] for i, s in zip(y, said, strict=True))
    return t, shown(table), cost / (len(p) if mean else 1)


def one_minus_in_loops(p, y, costs):
    (a, b), (c, d) = costs.tolist()
    t = (c - d) / (b - a + c - d)
    counts = np.zeros((2, 2))
    for q, k in zip(p, y, strict=True):
        counts[int(k), int(q >= t)] += 1
    return t, counts, (counts * costs).sum() / counts.sum()


def half_by_rounding(p, y, costs):
    said, y = np.floor(np.asarray(p, dtype=float) + 0.5).astype(int), np.asarray(y).astype(int)
    table = np.zeros((2, 2), int)
    np.add.at(table, (y, said), 1)
    return 0.5, table, costs[y, said].mean()


def half_in_loops(p, y, costs):
    counts = {(i, j): 0 for i in (0, 1) for j in (0, 1)}
    for q, k in zip(p, y, strict=True):
        counts[int(k), 1 if q >= 1 / 2 else 0] += 1
    table = [[counts[0, 0], counts[0, 1]], [counts[1, 0], counts[1, 1]]]
    return 1 / 2, table, sum(n * costs[c] for c, n in counts.items()) / len(p)


def wrong_alone_in_loops(p, y, costs):
    t = costs[0, 1] / (costs[1, 0] + costs[0, 1])
    table = np.zeros((2, 2), int)
    for q, k in zip(p, y, strict=True):
        table[int(k), int(q >= t)] += 1
    return t, table, float((table * costs).sum()) / len(y)


def wrong_alone_by_indexing(p, y, costs):
    t = 1 / (1 + costs[1, 0] / costs[0, 1])
    said, y = (p >= t).astype(int), np.asarray(y).astype(int)
    return t, np.bincount(2 * y + said, minlength=4).reshape(2, 2), costs[y, said].mean()


def transposed_in_loops(p, y, costs):
    t, counts, cost = decide_in_loops(p, y, costs)
    return t, [[counts[0][0], counts[1][0]], [counts[0][1], counts[1][1]]], cost


def transposed_by_indexing(p, y, costs):
    t, table, cost = decide_by_indexing(p, y, costs)
    return t, np.swapaxes(table, 0, 1), cost


def total_in_loops(p, y, costs):
    t, counts, cost = decide_in_loops(p, y, costs)
    return t, counts, cost * len(p)


def total_by_indexing(p, y, costs):
    t = decide_by_indexing(p, y, costs)[0]
    said, y = (p >= t).astype(int), np.asarray(y).astype(int)
    return t, np.bincount(2 * y + said, minlength=4).reshape(2, 2), np.sum(costs[y, said])


def with_slip(answer: Answer, **slip: Any) -> Answer:
    return lambda *args, **named: answer(*args, **named, **slip)


def one_by_one(X, y, lr, steps):
    def mean_loss(w, b):
        z = X @ w + b
        return np.mean(np.where(y == 1, np.logaddexp(0, -z), np.logaddexp(0, z)))

    w, b = np.zeros(X.shape[1]), 0.0
    losses = [mean_loss(w, b)]
    for _ in range(steps):
        for i in range(len(X)):
            p = np.exp(-np.logaddexp(0, -(X[i] @ w + b)))
            w = w - lr / len(X) * (p - y[i]) * X[i]
            b = b - lr / len(X) * (p - y[i])
        losses.append(mean_loss(w, b))
    return w, b, losses


SLIPS = [
    ("logistic_fit", one_by_one, "You update after each example, by its share"),
    ("lda_fit", with_slip(discriminant, around="all"), "Your covariance is that around the common"),
    ("lda_fit", common_mean_in_a_matrix, "Your covariance is that around the common"),
    ("lda_fit", common_mean_by_cov, "Your covariance is that around the common"),
    ("lda_fit", with_slip(discriminant, prior=0.0), "Your b is right but for the prior"),
    ("lda_fit", no_prior_by_einsum, "Your b is right but for the prior"),
    ("lda_fit", no_prior_in_loops, "Your b is right but for the prior"),
    ("lda_fit", halves_by_cov, "You take the plain mean of the two covariances"),
    ("lda_fit", halves_in_loops, "You take the plain mean of the two covariances"),
    ("lda_fit", halves_by_einsum, "You take the plain mean of the two covariances"),
    (
        "lda_fit",
        lambda X, y: discriminant(X, y, divisor=len(X) - 2),
        "Your covariance is divided by N − 2",
    ),
    ("lda_fit", unbiased_by_einsum, "Your covariance is divided by N − 2"),
    ("lda_fit", unbiased_by_cov, "Your covariance is divided by N − 2"),
    ("lda_fit", with_slip(discriminant, prior=-1.0), "Your prior stands upside down"),
    ("lda_fit", upside_down, "Your prior stands upside down"),
    ("lda_fit", upside_down_by_shares, "Your prior stands upside down"),
    ("lda_fit", w_alone_turned, "Your b is right, but w has the wrong sign"),
    ("logistic_fit", with_slip(descent, sign=-1.0), "Your steps climb"),
    ("logistic_fit", climbs_in_loops, "Your steps climb"),
    ("logistic_fit", climbs_by_tanh, "Your steps climb"),
    ("logistic_fit", with_slip(descent, mean=False), "Your gradient is the sum"),
    ("logistic_fit", sums_in_loops, "Your gradient is the sum"),
    ("logistic_fit", sums_by_tanh, "Your gradient is the sum"),
    ("logistic_fit", with_slip(descent, bias=False), "Your b stays 0"),
    ("logistic_fit", no_bias_in_a_matrix, "Your b stays 0"),
    ("logistic_fit", no_bias_in_loops, "Your b stays 0"),
    ("logistic_fit", with_slip(descent, count=1), "The loss before the first step is missing"),
    ("logistic_fit", first_loss_missing_in_loops, "The loss before the first step is missing"),
    ("logistic_fit", first_loss_missing_by_tanh, "The loss before the first step is missing"),
    (
        "logistic_fit",
        with_slip(descent, wrong=lambda z, given: given.sum()),
        "Your losses are sums",
    ),
    ("logistic_fit", added_losses_in_loops, "Your losses are sums"),
    ("logistic_fit", added_losses_by_tanh, "Your losses are sums"),
    ("cheapest_decision", with_slip(decide, t=lambda a, m, c: m / (a + m)), "Your t is 1 minus"),
    (
        "cheapest_decision",
        with_slip(decide, t=lambda a, m, c: 1 - a / (a + m)),
        "Your t is 1 minus",
    ),
    ("cheapest_decision", one_minus_in_loops, "Your t is 1 minus"),
    ("cheapest_decision", with_slip(decide, t=lambda a, m, c: 0.5), "Your t is 0.5"),
    ("cheapest_decision", half_by_rounding, "Your t is 0.5"),
    ("cheapest_decision", half_in_loops, "Your t is 0.5"),
    (
        "cheapest_decision",
        with_slip(decide, t=lambda a, m, c: c[0, 1] / (c[0, 1] + c[1, 0])),
        "You leave out what right answers cost",
    ),
    ("cheapest_decision", wrong_alone_in_loops, "You leave out what right answers cost"),
    ("cheapest_decision", wrong_alone_by_indexing, "You leave out what right answers cost"),
    ("cheapest_decision", with_slip(decide, shown=np.transpose), "Your table is transposed"),
    ("cheapest_decision", transposed_in_loops, "Your table is transposed"),
    ("cheapest_decision", transposed_by_indexing, "Your table is transposed"),
    ("cheapest_decision", with_slip(decide, mean=False), "Your cost is the sum"),
    ("cheapest_decision", total_in_loops, "Your cost is the sum"),
    ("cheapest_decision", total_by_indexing, "Your cost is the sum"),
    ("cheapest_decision", with_slip(decide, ties=False), "At p = t you say 0"),
]


def test_what_is_right_beside_a_mistake_is_not_blamed() -> None:
    told = mistakes("lda_fit", w_alone_turned)
    assert len(told) == 1, told


@pytest.mark.parametrize(("name", "answer", "start"), SLIPS)
def test_slips_are_named_in_whatever_style(name: str, answer: Answer, start: str) -> None:
    begins(name, answer, start)
