"""Lesson 12's exercises: right answers in other styles, and the examples of the tasks."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlib import Tensor, nn
from nnlib.course.kit.judging import judge, run
from nnlib.course.lessons import EXERCISES
from nnlib.nn import functional as F

Answer = Callable[..., Any]


def ce_in_loops(Z, y, omega):
    loss, dZ = 0.0, []
    for z, label, weight in zip(Z.tolist(), y, omega, strict=True):
        top = max(z)
        total = sum(np.exp(v - top) for v in z)
        loss += weight * (np.log(total) + top - z[label])
        row = [weight * np.exp(v - top) / total for v in z]
        row[label] -= weight
        dZ.append(row)
    return loss / sum(omega), np.array(dZ) / sum(omega)


def ce_with_logaddexp(Z, y, omega):
    log_p = Z - np.logaddexp.reduce(Z, axis=1)[:, None]
    E = np.zeros_like(log_p)
    E[np.arange(len(y)), y] = 1
    return -np.average((E * log_p).sum(1), weights=omega), (np.exp(log_p) - E) * (
        omega / np.sum(omega)
    ).reshape(-1, 1)


def ce_by_tape(Z, y, omega):
    z = Tensor(Z.astype(float), requires_grad=True)
    share = omega / omega.sum()
    loss = (F.cross_entropy(z, y, reduction="none") * share).sum()
    loss.backward()
    return [loss.item(), z.grad]


def linear_by_einsum(g, x, W):
    return (
        np.einsum("...o,oi->...i", g, W),
        np.einsum("ko,ki->oi", np.atleast_2d(g).reshape(-1, len(W)), x.reshape(-1, W.shape[1])),
        g.sum(axis=tuple(range(g.ndim - 1))),
    )


def linear_in_loops(g, x, W):
    dx, dW, db = np.zeros(x.shape), np.zeros(W.shape), np.zeros(len(W))
    for place in np.ndindex(x.shape[:-1]):
        dx[place] = W.T @ g[place]
        dW += np.outer(g[place], x[place])
        db += g[place]
    return dx, dW, db


def linear_by_tensordot(g, x, W):
    axes = list(range(g.ndim - 1))
    return [np.dot(g, W), np.tensordot(g, x, axes=(axes, axes)), g.sum(tuple(axes))]


def tied_by_tape(X, W, b, c):
    W, b, c = (Tensor(a.astype(float), requires_grad=True) for a in (W, b, c))
    Y = F.tanh(X.astype(float) @ W.T + b) @ W + c
    (((Y - X.astype(float)) ** 2).sum() * (0.5 / len(X))).backward()
    return W.grad, b.grad, c.grad


def tied_in_columns(X, W, b, c):
    X = X.T
    H = np.tanh(W @ X + b[:, None])
    delta = (W.T @ H + c[:, None] - X) / X.shape[1]
    hidden = (W @ delta) * (1 + H) * (1 - H)
    return H @ delta.T + hidden @ X.T, hidden.sum(1), delta.sum(1)


def tied_in_loops(X, W, b, c):
    dW, db, dc = np.zeros(W.shape), np.zeros(b.shape), np.zeros(c.shape)
    for x in X:
        z = W @ x + b
        h = np.tanh(z)
        error = W.T @ h + c - x
        delta = W @ error / np.cosh(z) ** 2
        dW += np.outer(h, error) + np.outer(delta, x)
        db, dc = db + delta, dc + error
    return dW / len(X), db / len(X), dc / len(X)


def train_with_lists(X, y, W1, b1, W2, b2, W3, b3, batches, lr):
    W, b = [W1.astype(float), W2.astype(float), W3.astype(float)], [b1, b2, b3 * 1.0]
    losses = np.empty(len(batches))
    for t, rows in enumerate(batches):
        H, Z = [X[rows]], []
        for i in range(3):
            Z.append(H[i] @ W[i].T + b[i])
            H.append(Z[i] * (Z[i] > 0))
        n = np.arange(len(rows))
        P = np.exp(Z[2]) / np.exp(Z[2]).sum(1)[:, None]
        losses[t] = np.mean(-np.log(P[n, y[rows]]))
        P[n, y[rows]] -= 1
        dZ = P / len(rows)
        for i in (2, 1, 0):
            dW, db, dH = dZ.T @ H[i], dZ.sum(0), dZ @ W[i]
            W[i], b[i] = W[i] - lr * dW, b[i] - lr * db
            dZ = dH * (Z[i - 1] > 0) if i else dZ
    return W[0], b[0], W[1], b[1], W[2], b[2], losses


def train_example_by_example(X, y, W1, b1, W2, b2, W3, b3, batches, lr):
    theta = [np.array(p, dtype=float) for p in (W1, b1, W2, b2, W3, b3)]
    losses = []
    for rows in batches:
        grads, loss = [np.zeros_like(p) for p in theta], 0.0
        for i in rows:
            A, a, B, b, C, c = theta
            z1 = A @ X[i] + a
            z2 = B @ np.maximum(z1, 0) + b
            z3 = C @ np.maximum(z2, 0) + c
            p = np.exp(z3 - z3.max())
            p /= p.sum()
            loss -= np.log(p[y[i]])
            d3 = p - np.eye(len(c))[y[i]]
            d2 = (C.T @ d3) * (z2 > 0)
            d1 = (B.T @ d2) * (z1 > 0)
            steps = [
                *(np.outer(d1, X[i]), d1, np.outer(d2, np.maximum(z1, 0)), d2),
                *(np.outer(d3, np.maximum(z2, 0)), d3),
            ]
            grads = [g + step for g, step in zip(grads, steps, strict=True)]
        theta = [p - lr * g / len(rows) for p, g in zip(theta, grads, strict=True)]
        losses.append(loss / len(rows))
    return (*theta, losses)


def train_by_tape(X, y, W1, b1, W2, b2, W3, b3, batches, lr):
    theta = [nn.Parameter(np.array(p, dtype=float)) for p in (W1, b1, W2, b2, W3, b3)]
    losses = []
    for rows in batches:
        H1 = F.relu(F.linear(X[rows].astype(float), *theta[:2]))
        loss = F.cross_entropy(F.linear(F.relu(F.linear(H1, *theta[2:4])), *theta[4:]), y[rows])
        loss.backward()
        losses.append(loss.item())
        for p in theta:
            p.data, p.grad = p.data - lr * p.grad, None
    return *(p.data for p in theta), losses


RIGHT = {
    "softmax_ce": [ce_in_loops, ce_with_logaddexp, ce_by_tape],
    "linear_backward": [linear_by_einsum, linear_in_loops, linear_by_tensordot],
    "tied_backward": [tied_by_tape, tied_in_columns, tied_in_loops],
    "train_mlp": [train_with_lists, train_example_by_example, train_by_tape],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    exercise = EXERCISES[name]
    for answer in RIGHT[name]:
        for seed in range(5):
            verdict = judge(exercise, seed, run(exercise, answer, seed))
            assert verdict.passed, (answer.__name__, verdict.findings)


def test_the_examples_of_the_tasks() -> None:
    reference = {name: EXERCISES[name].reference for name in RIGHT}
    Z, y = np.zeros((2, 2)), np.array([0, 1])
    loss, dZ = reference["softmax_ce"](Z, y, np.array([3, 1]))
    np.testing.assert_allclose(loss, np.log(2))
    np.testing.assert_allclose(dZ, [[-0.375, 0.375], [0.125, -0.125]])
    one = reference["linear_backward"](np.array([3]), np.array([1, 2]), np.array([[5, 7]]))
    assert [a.tolist() for a in one] == [[15, 21], [[3, 6]], [3]]
    X, W, b, c = np.array([[2.0]]), np.array([[1.0]]), np.array([-2.0]), np.array([1.0])
    assert [a.item() for a in reference["tied_backward"](X, W, b, c)] == [-2, -1, -1]
    nothing = [np.zeros(s) for s in ((3, 2), (3,), (3, 3), (3,), (2, 3), (2,))]
    *_, b3, losses = reference["train_mlp"](
        np.ones((2, 2)), np.array([0, 0]), *nothing, np.array([[0, 1]]), 0.5
    )
    np.testing.assert_allclose(b3, [0.25, -0.25])
    np.testing.assert_allclose(losses, [np.log(2)])


def said(name: str, answer: Answer) -> str:
    exercise = EXERCISES[name]
    return " ".join(judge(exercise, 1, run(exercise, answer, 1)).mistakes.values())


def test_a_mean_in_one_gradient_alone_is_named() -> None:
    def mean_for_the_bias(g, x, W):
        dx, dW, db = linear_in_loops(g, x, W)
        return dx, dW, db / max(g.size // g.shape[-1], 1)

    assert "their gradients are sums" in said("linear_backward", mean_for_the_bias)


def test_a_gradient_without_its_division_is_named() -> None:
    def undivided(Z, y, omega):
        loss, dZ = ce_in_loops(Z, y, omega)
        return loss, dZ * omega.sum()

    assert "Σω times too large" in said("softmax_ce", undivided)
