"""Lesson 15a: right answers in other styles than the references', and what is said of wrong ones."""

import numpy as np
import pytest
from judged import details, passes, verdict

from nnlib.course.kit.judging import judge, run
from nnlib.course.lessons import EXERCISES

# ── batch_norm ───────────────────────────────────────────────────────────────────────────────────


def forward_in_loops(Z, gamma, beta, running, training, momentum, eps):
    N, C = Z.shape
    if training and N == 1:
        raise ValueError("one example")
    Y, moved = np.zeros((N, C)), np.zeros((2, C))
    for j in range(C):
        column = [float(z) for z in Z[:, j]]
        mean, var = (0.0, 1.0) if running is None else (float(running[0, j]), float(running[1, j]))
        moved[:, j] = mean, var
        if training:
            batch_mean = sum(column) / N
            squares = sum((z - batch_mean) ** 2 for z in column)
            moved[0, j] += momentum * (batch_mean - mean)
            moved[1, j] += momentum * (squares / (N - 1) - var)
            mean, var = batch_mean, squares / N
        for i in range(N):
            Y[i, j] = gamma[j] * (column[i] - mean) / (var + eps) ** 0.5 + beta[j]
    return Y, moved


def forward_as_lists(Z, gamma, beta, running, training, momentum, eps):
    if running is None:
        running = [[0] * len(gamma), [1] * len(gamma)]
    r_mean, r_var = np.array(running)
    if not training:
        return (Z - r_mean) * (gamma / np.sqrt(r_var + eps)) + beta, [r_mean, r_var]
    if not len(Z) > 1:
        raise ValueError(len(Z))
    centered = Z - np.mean(Z, 0)
    v = (centered**2).sum(0) / len(Z)
    r_mean = r_mean * (1 - momentum) + Z.mean(0) * momentum
    r_var = r_var * (1 - momentum) + v * len(Z) / (len(Z) - 1) * momentum
    return [centered * gamma / np.sqrt(v + eps) + beta, (r_mean, r_var)]


def forward_by_moments(Z, gamma, beta, running, training, momentum, eps):
    old = np.vstack([np.zeros_like(gamma), np.ones_like(gamma)]) if running is None else running
    if training and Z.shape[0] < 2:
        raise ValueError
    Z = Z.astype(float)
    use, new = old, old.copy()
    if training:
        use = np.vstack([np.average(Z, axis=0), (Z**2).mean(0) - Z.mean(0) ** 2])
        stored = np.vstack([Z.mean(0), np.var(Z, axis=0, ddof=1)])
        new += momentum * (stored - old)
    return beta + gamma * (Z - use[0]) * (use[1] + eps) ** -0.5, new


# ── batch_norm_backward ──────────────────────────────────────────────────────────────────────────


def backward_by_the_graph(dY, Z, gamma, running, eps):
    N = len(Z)
    D = Z - (Z.mean(0) if running is None else running[0])
    v = (D**2).mean(0) if running is None else running[1]
    s = np.sqrt(v + eps)
    dZ_hat = gamma * dY
    dD = dZ_hat / s
    if running is None:
        dv = -(dZ_hat * D).sum(0) / (2 * s**3)
        dD = dD + 2 * D * dv / N
        dD = dD - dD.sum(0) / N
    return dD, (dY * D / s).sum(0), dY.sum(0)


def backward_by_a_jacobian(dY, Z, gamma, running, eps):
    N, C = Z.shape
    dZ, dgamma = np.zeros((N, C)), np.zeros(C)
    for j in range(C):
        z = Z[:, j].astype(float)
        mean, v = (z.mean(), z.var()) if running is None else running[:, j]
        s = np.sqrt(v + eps)
        z_hat = (z - mean) / s
        J = np.eye(N) / s
        if running is None:
            J = (np.eye(N) - 1 / N - np.outer(z_hat, z_hat) / N) / s
        dZ[:, j] = gamma[j] * (J @ dY[:, j])
        dgamma[j] = z_hat @ dY[:, j]
    return [dZ, dgamma, np.ones(N) @ dY]


def backward_with_einsum(dY, Z, gamma, running, eps):
    mean = Z.mean(0) if running is None else running[0]
    var = Z.var(0) if running is None else running[1]
    Z_hat = (Z - mean) * (var + eps) ** -0.5
    dgamma, dbeta = np.einsum("nc,nc->c", dY, Z_hat), np.einsum("nc->c", dY)
    share = 1 / len(Z) if running is None else 0
    dZ = (dY - share * dbeta - share * Z_hat * dgamma) * gamma * (var + eps) ** -0.5
    return dZ, dgamma, dbeta


RIGHT = [
    ("batch_norm", forward_in_loops),
    ("batch_norm", forward_as_lists),
    ("batch_norm", forward_by_moments),
    ("batch_norm_backward", backward_by_the_graph),
    ("batch_norm_backward", backward_by_a_jacobian),
    ("batch_norm_backward", backward_with_einsum),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT, ids=[f.__name__ for _, f in RIGHT])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_right_answers_pass(name, answer, seed):
    passes(name, answer, [seed])


# ── What is said ─────────────────────────────────────────────────────────────────────────────────


def test_running_statistics_changed_in_place_are_found():
    def answer(Z, gamma, beta, running, training, momentum, eps):
        Y, moved = EXERCISES["batch_norm"].reference(
            Z, gamma, beta, running, training, momentum, eps
        )
        if running is not None:
            running[:] = moved
            return Y, running
        return Y, moved

    found = details("batch_norm", answer)
    assert "Work on a copy" in found["inputs"] or "Work on a copy" in found["runs"]


def test_two_mistakes_in_different_results_get_both_sentences():
    def answer(dY, Z, gamma, running, eps):
        dZ, _, dbeta = EXERCISES["batch_norm_backward"].reference(dY, Z, gamma, running, eps)
        return dZ / gamma, (dY * Z).sum(axis=0), dbeta

    found = verdict("batch_norm_backward", answer).mistakes.values()
    assert {sentence.split()[0] for sentence in found} == {"γ", "Your"}


# ── The same slips in other styles than the page's ───────────────────────────────────────────────


def unbiased_everywhere_in_loops(Z, gamma, beta, running, training, momentum, eps):
    Y, moved = forward_in_loops(Z, gamma, beta, running, training, momentum, eps)
    if training:
        for j in range(Z.shape[1]):
            mean = sum(Z[:, j]) / len(Z)
            v = sum((z - mean) ** 2 for z in Z[:, j]) / (len(Z) - 1)
            Y[:, j] = [gamma[j] * (z - mean) / (v + eps) ** 0.5 + beta[j] for z in Z[:, j]]
    return Y, moved


def unbiased_everywhere_by_cov(Z, gamma, beta, running, training, momentum, eps):
    Y, moved = forward_by_moments(Z, gamma, beta, running, training, momentum, eps)
    if training:
        v = np.sum((Z - Z.mean(0)) ** 2, axis=0) / (len(Z) - 1)
        Y = beta + (Z - Z.mean(0)) * gamma / np.sqrt(v + eps)
    return Y, moved


def constants_by_einsum(dY, Z, gamma, running, eps):
    _, dgamma, dbeta = backward_with_einsum(dY, Z, gamma, running, eps)
    var = Z.var(0) if running is None else running[1]
    return np.einsum("nc,c,c->nc", dY, gamma, (var + eps) ** -0.5), dgamma, dbeta


def constants_in_loops(dY, Z, gamma, running, eps):
    dZ, dgamma, dbeta = backward_by_a_jacobian(dY, Z, gamma, running, eps)
    for j in range(Z.shape[1]):
        v = np.var(Z[:, j]) if running is None else running[1, j]
        for i in range(len(Z)):
            dZ[i, j] = dY[i, j] * gamma[j] / (v + eps) ** 0.5
    return dZ, dgamma, dbeta


def halved_by_the_graph(dY, Z, gamma, running, eps):
    if running is not None:
        return backward_by_the_graph(dY, Z, gamma, running, eps)
    D = Z - Z.mean(0)
    s = np.sqrt((D**2).mean(0) + eps)
    dv = -(gamma * dY * D).sum(0) / (2 * s**3)
    dD = gamma * dY / s + D * dv / len(Z)  # d² has the derivative 2 d
    return dD - dD.mean(0), (dY * D / s).sum(0), dY.sum(0)


SLIPS = [
    ("batch_norm", unbiased_everywhere_in_loops, "You normalize with the unbiased variance."),
    ("batch_norm", unbiased_everywhere_by_cov, "You normalize with the unbiased variance."),
    ("batch_norm_backward", constants_by_einsum, "Your training mode treats z̄ and s as constants."),
    ("batch_norm_backward", constants_in_loops, "Your training mode treats z̄ and s as constants."),
    ("batch_norm_backward", halved_by_the_graph, "The way through the spread counts only half"),
]


@pytest.mark.parametrize(("name", "answer", "begins"), SLIPS, ids=[f.__name__ for _, f, _ in SLIPS])
def test_a_slip_is_told_in_whatever_style_it_is_written(name, answer, begins):
    [said] = judge(EXERCISES[name], 1, run(EXERCISES[name], answer, 1)).mistakes.values()
    assert said.startswith(begins)
