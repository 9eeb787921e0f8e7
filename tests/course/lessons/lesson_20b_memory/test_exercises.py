"""Lesson 20b's exercises: right answers in other styles, the tasks' examples, mistakes by name."""

import numpy as np
import pytest
from judged import begins, passes

from nnlib import nn
from nnlib.course.lessons import EXERCISES


def sigma(z):
    return (1 + np.tanh(z / 2)) / 2


# Right answers ------------------------------------------------------------------------------------


def with_a_table(X, W, W_far, U, b, alpha, d):
    H = np.zeros((d + len(X), len(b)))  # d states of zeros first
    inputs = X @ U.T + b
    for t in range(len(X)):
        z = H[t + d - 1] @ W.T + H[t] @ W_far.T + inputs[t]
        H[t + d] = alpha * H[t + d - 1] + (1 - alpha) * np.tanh(z)
    return H[d:]


def unit_by_unit(X, W, W_far, U, b, alpha, d):
    T, n = len(X), len(b)
    H = [[0.0] * n for _ in range(T)]
    for t in range(T):
        for i in range(n):
            z, old = b[i], H[t - 1][i] if t else 0.0
            for j in range(n):
                z += W[i, j] * H[t - 1][j] if t else 0.0
                z += W_far[i, j] * H[t - d][j] if t >= d else 0.0
            for j in range(X.shape[1]):
                z += U[i, j] * X[t, j]
            H[t][i] = alpha * old + (1 - alpha) * np.tanh(z)
    return H


def by_recursion(X, W, W_far, U, b, alpha, d):
    if len(X) == 0:
        return np.zeros((0, len(b)))
    before = by_recursion(X[:-1], W, W_far, U, b, alpha, d)
    padded = np.concatenate([np.zeros((d, len(b))), before])
    z = np.einsum("ij,j->i", W, padded[-1]) + np.einsum("ij,j->i", W_far, padded[-d])
    new = np.tanh(z + U @ X[-1] + b)
    return np.vstack([before, alpha * padded[-1] + (1 - alpha) * new])


def with_slices(x, h, c, U, W, b):
    n = c.shape[1]
    z = np.einsum("nd,kd->nk", x, U) + np.einsum("nj,kj->nk", h, W) + b
    c = sigma(z[:, n : 2 * n]) * c + sigma(z[:, :n]) * np.tanh(z[:, 2 * n : -n])
    return sigma(z[:, -n:]) * np.tanh(c), c


def gate_by_gate(x, h, c, U, W, b):
    n = c.shape[1]
    z = [x @ U[k : k + n].T + h @ W[k : k + n].T + b[k : k + n] for k in (0, n, 2 * n, 3 * n)]
    i, f, u, o = sigma(z[0]), sigma(z[1]), np.tanh(z[2]), sigma(z[3])
    new = np.multiply(f, c) + np.multiply(i, u)
    return [np.multiply(o, np.tanh(new)), new]


def example_by_example(x, h, c, U, W, b):
    H, C = [], []
    for x_n, h_n, c_n in zip(x, h, c, strict=True):
        i, f, u, o = (U @ x_n + W @ h_n + b).reshape(4, -1)
        C.append(sigma(f) * c_n + sigma(i) * np.tanh(u))
        H.append(sigma(o) * np.tanh(C[-1]))
    return np.array(H), np.array(C)


def with_a_rolled_target(H, u, delay, washout, split, ridge):
    target = np.roll(u, delay)
    A, y = H[washout:split], target[washout:split]
    w = np.linalg.inv(A.T @ A + ridge * np.eye(A.shape[1])) @ A.T @ y
    return w, np.corrcoef(H[split:] @ w, target[split:])[0, 1] ** 2


def with_more_rows(H, u, delay, washout, split, ridge):
    A = np.vstack([H[washout:split], np.sqrt(ridge) * np.eye(H.shape[1])])
    y = np.concatenate([u[washout - delay : split - delay], np.zeros(H.shape[1])])
    w = np.linalg.lstsq(A, y, rcond=None)[0]
    said = H[split:] @ w
    right = u[split - delay : u.size - delay]
    covariance = np.mean(said * right) - said.mean() * right.mean()
    return w, covariance**2 / (said.var() * right.var())


def step_by_step(H, u, delay, washout, split, ridge):
    n = H.shape[1]
    M, v = ridge * np.eye(n), np.zeros(n)
    for t in range(washout, split):
        M = M + np.outer(H[t], H[t])
        v = v + H[t] * u[t - delay]
    w = np.linalg.solve(M, v)
    pairs = np.array([(H[t] @ w, u[t - delay]) for t in range(split, len(u))])
    centered = pairs - pairs.mean(axis=0)
    return w, (centered[:, 0] @ centered[:, 1]) ** 2 / np.prod((centered**2).sum(axis=0))


RIGHT = {
    "leaky_skip": [with_a_table, unit_by_unit, by_recursion],
    "lstm_step": [with_slices, gate_by_gate, example_by_example],
    "esn_fit_readout": [with_a_rolled_target, with_more_rows, step_by_step],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


# The examples of the tasks, and nnlib --------------------------------------------------------------


def test_the_examples_of_the_tasks():
    [H], [(h, c)], [(w, r2)] = (
        [EXERCISES[name].reference(*EXERCISES[name].draw(0)[0].args.values())]
        for name in ("leaky_skip", "lstm_step", "esn_fit_readout")
    )
    np.testing.assert_allclose(H[:, 0], [0.381, 0.190, 0.277], atol=5e-4)
    np.testing.assert_allclose([c.item(), h.item()], [1.843, 0.476], atol=5e-4)
    np.testing.assert_allclose([w.item(), r2], [5 / 6, 3 / 7])


def test_a_leak_is_nnlibs():
    layer = nn.LeakyRNN(2, 3, alpha=0.7).double()
    U, W, b, b2 = (p.data for p in layer.parameters())
    X = np.random.default_rng(0).normal(size=(6, 2))
    H = EXERCISES["leaky_skip"].reference(X, W, np.zeros((3, 3)), U, b + b2, 0.7, 2)
    np.testing.assert_allclose(H, layer(X)[0].data, atol=1e-12)


def test_the_step_is_that_of_nnlib_and_torch():
    torch = pytest.importorskip("torch")
    cell = torch.nn.LSTMCell(3, 4).double()
    U, W, b, b2 = (p.detach().numpy() for p in cell.parameters())
    rng = np.random.default_rng(0)
    x, h, c = rng.normal(size=(5, 3)), rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
    ours = EXERCISES["lstm_step"].reference(x, h, c, U, W, b + b2)
    theirs = cell(torch.tensor(x), (torch.tensor(h), torch.tensor(c)))
    for mine, right in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, right.detach().numpy(), atol=1e-12)


def test_a_reservoir_recalls_five_steps():
    rng = np.random.default_rng(0)
    echo = nn.EchoState(1, 100, 0.9, 0.1, dtype=np.float64, generator=rng)
    u = rng.uniform(-0.5, 0.5, 1500)
    H = echo(u[:, None])[0].data
    _, r2 = EXERCISES["esn_fit_readout"].reference(H, u, 5, 200, 1000, 1e-9)
    assert r2 > 0.95


# The commonest mistakes, in three styles each -------------------------------------------------------


def loop(new_state, link=lambda H, t, d: H[t - d] if t >= d else 0 * H[0]):
    """Answers to leaky_skip in a style of their own: `new_state` of the old one and of z."""

    def answer(X, W, W_far, U, b, alpha, d):
        H = np.zeros((len(X), len(b)))
        for t, x in enumerate(X):
            old = H[t - 1] if t else 0 * b
            z = U @ x + b + W @ old + W_far @ link(H, t, d)
            H[t] = new_state(old, z, alpha)
        return H

    return answer


LEAKS = {
    "You mix the old state with itself": [
        loop(lambda old, z, a: a * old + (1 - a) * old),
        loop(lambda old, z, a: old),
        lambda X, W, W_far, U, b, alpha, d: np.zeros((len(X), len(b))),
    ],
    "α and 1 − α have changed places": [
        loop(lambda old, z, a: (1 - a) * old + a * np.tanh(z)),
        loop(lambda old, z, a: old + a * (np.tanh(z) - old)),
        lambda X, W, W_far, U, b, alpha, d: with_a_table(X, W, W_far, U, b, 1 - alpha, d),
    ],
    "Your leak is inside the tanh": [
        loop(lambda old, z, a: np.tanh(a * old + (1 - a) * z)),
        loop(lambda old, z, a: np.tanh(z + a * (old - z))),
        loop(lambda old, z, a: 2 * sigma(2 * (a * old + z - a * z)) - 1),
    ],
    "Your link is one step too long": [
        loop(
            lambda old, z, a: a * old + (1 - a) * np.tanh(z),
            lambda H, t, d: H[t - d - 1] if t > d else 0 * H[0],
        ),
        lambda X, W, W_far, U, b, alpha, d: with_a_table(X, W, W_far, U, b, alpha, d + 1),
        lambda X, W, W_far, U, b, alpha, d: by_recursion(X, W, W_far, U, b, alpha, d + 1),
    ],
    "Both recurrent matrices are transposed": [
        lambda X, W, W_far, U, b, alpha, d: with_a_table(X, W.T, W_far.T, U, b, alpha, d),
        lambda X, W, W_far, U, b, alpha, d: unit_by_unit(X, W.T, W_far.T, U, b, alpha, d),
        lambda X, W, W_far, U, b, alpha, d: by_recursion(X, W.T, W_far.T, U, b, alpha, d),
    ],
}


def blocks(x, h, U, W, b):
    n = h.shape[1]
    z = x @ U.T + h @ W.T + b
    return [z[:, k * n : (k + 1) * n] for k in range(4)]


def gated(memory, output):
    """Answers to lstm_step: c of i, f, u and the old c; h of o and the new c."""

    def answer(x, h, c, U, W, b):
        i, f, u, o = blocks(x, h, U, W, b)
        new = memory(sigma(i), sigma(f), np.tanh(u), c)
        return output(sigma(o), new), new

    return answer


def in_the_order(*order):
    """An answer to lstm_step that reads its blocks in another order."""

    def answer(x, h, c, U, W, b):
        n = h.shape[1]
        rows = np.concatenate([np.arange(k * n, (k + 1) * n) for k in order])
        return with_slices(x, h, c, U[rows], W[rows], b[rows])

    return answer


def ifou_by_reshaping(x, h, c, U, W, b):
    z = np.moveaxis((x @ U.T + h @ W.T + b).reshape(len(x), 4, -1), 1, 0)
    new = sigma(z[1]) * c + sigma(z[0]) * np.tanh(z[3])
    return sigma(z[2]) * np.tanh(new), new


def ifou_in_lines(x, h, c, U, W, b):
    i, f, o, u = blocks(x, h, U, W, b)
    new = np.tanh(u) * sigma(i) + c * sigma(f)
    return np.tanh(new) * sigma(o), new


def fiuo_in_lines(x, h, c, U, W, b):
    f, i, u, o = blocks(x, h, U, W, b)
    new = np.tanh(u) * sigma(i) + c * sigma(f)
    return np.tanh(new) * sigma(o), new


STEPS = {
    "Your output gate and your candidate": [
        in_the_order(0, 1, 3, 2),
        ifou_by_reshaping,
        ifou_in_lines,
    ],
    "Input and forget gate have changed": [
        in_the_order(1, 0, 2, 3),
        fiuo_in_lines,
        gated(lambda i, f, u, c: i * c + f * u, lambda o, c: o * np.tanh(c)),
    ],
    "Your h takes the new c without": [
        gated(lambda i, f, u, c: f * c + i * u, lambda o, c: o * c),
        gated(lambda i, f, u, c: np.add(f * c, i * u), np.multiply),
        lambda *a: (with_slices(*a)[1] * sigma(blocks(a[0], a[1], *a[3:])[3]), with_slices(*a)[1]),
    ],
    "The memory that you return has gone": [
        lambda *a: (with_slices(*a)[0], np.tanh(with_slices(*a)[1])),
        lambda *a: [gate_by_gate(*a)[0], np.tanh(gate_by_gate(*a)[1])],
        lambda *a: (example_by_example(*a)[0], 2 * sigma(2 * example_by_example(*a)[1]) - 1),
    ],
    "The two are in the wrong order": [
        lambda *a: with_slices(*a)[::-1],
        lambda *a: gate_by_gate(*a)[::-1],
        lambda *a: (example_by_example(*a)[1], example_by_example(*a)[0]),
    ],
}


def fitted(rows, judged):
    """Answers to esn_fit_readout by the rows that they fit on, and by how they judge."""

    def answer(H, u, delay, washout, split, ridge):
        t = np.array(rows(delay, washout, split, len(u)))
        w = np.linalg.solve(H[t].T @ H[t] + ridge * np.eye(H.shape[1]), H[t].T @ u[t - delay])
        test = np.arange(split, len(u))
        return w, judged(H[test] @ w, u[test - delay])

    return answer


def r_squared(said, right):
    return np.corrcoef(said, right)[0, 1] ** 2


def own_rows(d, washout, split, T):
    return range(washout, split)


def with_penalty(penalty):
    def answer(H, u, delay, washout, split, ridge):
        A, y = H[washout:split], np.roll(u, delay)[washout:split]
        w = np.linalg.solve(A.T @ A + penalty(ridge, A), A.T @ y)
        return w, r_squared(H[split:] @ w, np.roll(u, delay)[split:])

    return answer


READOUTS = {
    "The washout is not used": [
        fitted(lambda d, washout, split, T: range(d, split), r_squared),
        lambda H, u, d, washout, split, ridge: step_by_step(H, u, d, d, split, ridge),
        lambda H, u, d, washout, split, ridge: with_more_rows(H, u, d, d, split, ridge),
    ],
    "Your r2 is r itself": [
        fitted(own_rows, lambda said, right: np.corrcoef(said, right)[0, 1]),
        fitted(
            own_rows, lambda a, b: (a - a.mean()) @ (b - b.mean()) / len(a) / (a.std() * b.std())
        ),
        fitted(
            own_rows,
            lambda a, b: np.mean((a - a.mean()) * (b - b.mean())) / (a.std() * b.std()),
        ),
    ],
    "Your r2 is the share of the variance": [
        fitted(own_rows, lambda a, b: 1 - np.sum((b - a) ** 2) / np.sum((b - b.mean()) ** 2)),
        fitted(own_rows, lambda a, b: 1 - np.mean((b - a) ** 2) / b.var()),
        fitted(own_rows, lambda a, b: (b.var() - np.mean((a - b) ** 2)) / b.var()),
    ],
    "Your delay is one step too long": [
        lambda H, u, d, *rest: with_a_rolled_target(H, u, d + 1, *rest),
        lambda H, u, d, *rest: with_a_rolled_target(H, np.roll(u, 1), d, *rest),
        lambda H, u, d, *rest: step_by_step(H, np.concatenate([u[-1:], u[:-1]]), d, *rest),
    ],
    "You add ridge to every entry": [
        with_penalty(lambda ridge, A: ridge),
        with_penalty(lambda ridge, A: ridge * np.ones((A.shape[1], A.shape[1]))),
        with_penalty(lambda ridge, A: np.full((A.shape[1], A.shape[1]), ridge)),
    ],
}


def inverse_with_ridge_everywhere(H, u, delay, washout, split, ridge):
    A, y = H[washout:split], u[washout - delay : split - delay]
    w = np.linalg.inv(A.T @ A + ridge) @ A.T @ y
    return w, r_squared(H[split:] @ w, u[split - delay : len(u) - delay])


def rows_moved(H, u, delay, washout, split, ridge):
    A, y = H[washout - delay : split - delay], u[washout:split]
    w = np.linalg.solve(A.T @ A + ridge * np.eye(A.shape[1]), A.T @ y)
    return w, r_squared(H[split - delay : len(u) - delay] @ w, u[split:])


def link_of_one_array(X, W, W_far, U, b, alpha, d):
    h, states = np.zeros(len(b)), []
    for x in X:
        far = states[-d] if len(states) >= d else np.zeros(len(b))
        h += (1 - alpha) * (np.tanh(W @ h + W_far @ far + U @ x + b) - h)
        states.append(h)
    return np.array(states)


def no_leak_at_first(X, W, W_far, U, b, alpha, d):
    H = with_a_table(X, W, W_far, U, b, 0.0, d)[:d]
    for x in X[d:]:
        new = np.tanh(W @ H[-1] + W_far @ H[-d] + U @ x + b)
        H = np.vstack([H, alpha * H[-1] + (1 - alpha) * new])
    return H


def with_the_zeros(X, W, W_far, U, b, alpha, d):
    return np.vstack([np.zeros((d, len(b))), with_a_table(X, W, W_far, U, b, alpha, d)])


OTHERS = [
    ("leaky_skip", with_the_zeros, "You return the d states of zeros"),
    ("leaky_skip", link_of_one_array, "All your rows are one array"),
    ("leaky_skip", no_leak_at_first, "Until there is a state of d steps ago"),
    ("lstm_step", lambda *a: gate_by_gate(*a)[0], "Only the output comes back"),
    ("esn_fit_readout", inverse_with_ridge_everywhere, "You add ridge to every entry"),
    ("esn_fit_readout", rows_moved, "Your rows lie `delay` places before"),
    (
        "esn_fit_readout",
        fitted(lambda d, washout, split, T: range(washout, washout + split), r_squared),
        "Your fit has `split` rows",
    ),
    (
        "esn_fit_readout",
        lambda H, u, d, washout, split, *ridge: step_by_step(
            H, u, d, washout, washout + split, *ridge
        ),
        "Your split is counted from washout",
    ),
]


@pytest.mark.parametrize(("name", "answer", "start"), OTHERS)
def test_what_a_first_reader_did_wrong(name, answer, start):
    begins(name, answer, start)


COMMONEST = [
    (name, start, answers)
    for name, mistakes in (
        ("leaky_skip", LEAKS),
        ("lstm_step", STEPS),
        ("esn_fit_readout", READOUTS),
    )
    for start, answers in mistakes.items()
]


@pytest.mark.parametrize(("name", "start", "answers"), COMMONEST, ids=[c[1] for c in COMMONEST])
def test_the_commonest_mistakes_in_three_styles(name, start, answers):
    assert len(answers) == 3
    for answer in answers:
        begins(name, answer, start)
