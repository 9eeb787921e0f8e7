"""Lesson 15b: right answers in other styles than the references', and what is said of wrong ones."""

import numpy as np
import pytest
from judged import details, passes

from nnlib.course.kit.judging import judge, run
from nnlib.course.lessons import EXERCISES

# ── whiten ───────────────────────────────────────────────────────────────────────────────────────


def whiten_zca(X):
    Xc = X - X.mean(0)
    values, U = np.linalg.eigh(np.cov(Xc.T, bias=True).reshape(X.shape[1], -1))
    return Xc @ U @ np.diag(values**-0.5) @ U.T


def whiten_by_cholesky(X):
    Xc = X - X.mean(0)
    L = np.linalg.cholesky(Xc.T @ Xc / len(X))
    return np.linalg.solve(L, Xc.T).T


def whiten_by_svd(X):
    U, _, _ = np.linalg.svd(X - X.mean(0), full_matrices=False)
    return U * np.sqrt(len(X))


# ── fold_batch_norm ──────────────────────────────────────────────────────────────────────────────


def fold_in_loops(W, b, gamma, beta, running, eps):
    rows, biases = [], []
    for k in range(len(W)):
        a = gamma[k] / (running[1][k] + eps) ** 0.5
        rows.append([a * w for w in W[k]])
        biases.append(a * ((0 if b is None else b[k]) - running[0][k]) + beta[k])
    return rows, biases


def fold_by_a_diagonal_matrix(W, b, gamma, beta, running, eps):
    A = np.diag(gamma / np.sqrt(running[1] + eps))
    b = np.zeros(len(W)) if b is None else b
    return A @ W, A @ (b - running[0]) + beta


def fold_by_probing(W, b, gamma, beta, running, eps):
    def layer(x):
        z = x @ W.T + (0 if b is None else b)
        return gamma * (z - running[0]) / np.sqrt(running[1] + eps) + beta

    b_new = layer(np.zeros(W.shape[1]))
    return (layer(np.eye(W.shape[1])) - b_new).T, b_new


RIGHT = [
    ("whiten", whiten_zca),
    ("whiten", whiten_by_cholesky),
    ("whiten", whiten_by_svd),
    ("fold_batch_norm", fold_in_loops),
    ("fold_batch_norm", fold_by_a_diagonal_matrix),
    ("fold_batch_norm", fold_by_probing),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT, ids=[f.__name__ for _, f in RIGHT])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_right_answers_pass(name, answer, seed):
    passes(name, answer, [seed])


# ── What is said ─────────────────────────────────────────────────────────────────────────────────


def test_a_transposed_whitening_is_told_so():
    shape = details("whiten", lambda X: whiten_zca(X).T)["shape"]
    assert "one example per row. It looks transposed." in shape


def test_noise_is_white_but_no_whitening():
    def noise(X):
        return whiten_zca(np.random.default_rng(0).normal(size=X.shape))

    assert "cannot be had back" in details("whiten", noise)["values"]


# ── The same slips in other styles than the page's ───────────────────────────────────────────────


def standardized_in_loops(X):
    Y = np.zeros(X.shape)
    for j in range(X.shape[1]):
        mean = sum(X[:, j]) / len(X)
        std = (sum((x - mean) ** 2 for x in X[:, j]) / len(X)) ** 0.5
        Y[:, j] = [(x - mean) / std for x in X[:, j]]
    return Y


def turned_only_with_einsum(X):
    Xc = X - np.mean(X, axis=0)
    _, U = np.linalg.eigh(np.einsum("ni,nj->ij", Xc, Xc) / len(X))
    return np.array([[x @ u for u in U.T] for x in Xc])


def variance_by_einsum(W, b, gamma, beta, running, eps):
    a = gamma / (running[1] + eps)
    return np.einsum("o,oi->oi", a, W), a * ((0 if b is None else b) - running[0]) + beta


def weights_own_statistics(W, b, gamma, beta, running, eps):
    W_new, b_new = np.zeros(W.shape), np.zeros(len(W))
    for k, row in enumerate(W):
        a = gamma[k] / np.sqrt(np.var(row) + eps)
        W_new[k] = a * row
        b_new[k] = a * ((0 if b is None else b[k]) - np.mean(row)) + beta[k]
    return W_new, b_new


SLIPS = [
    ("whiten", standardized_in_loops, "You standardize, as batch norm does"),
    ("whiten", turned_only_with_einsum, "You turn, but do not rescale"),
    ("fold_batch_norm", variance_by_einsum, "You divide by the variance."),
    ("fold_batch_norm", weights_own_statistics, "You take mean and variance of the weights."),
]


@pytest.mark.parametrize(("name", "answer", "begins"), SLIPS, ids=[f.__name__ for _, f, _ in SLIPS])
def test_a_slip_is_told_in_whatever_style_it_is_written(name, answer, begins):
    [said] = judge(EXERCISES[name], 1, run(EXERCISES[name], answer, 1)).mistakes.values()
    assert said.startswith(begins)
