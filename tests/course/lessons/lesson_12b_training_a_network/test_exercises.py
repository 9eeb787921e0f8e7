"""Lesson 12b's exercises: right answers in other styles, the tasks' examples, mistakes by name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judged import passes, said

from nnlib import nn
from nnlib.course.kit.judging import judge, run
from nnlib.course.lessons import EXERCISES
from nnlib.nn import functional as F

Answer = Callable[..., Any]


def puts_back(loss, theta, claimed, h):
    measured, theta = np.empty(theta.shape), np.array(theta, dtype=np.float64)
    for i in np.ndindex(theta.shape):
        before = theta[i]
        theta[i] = before + h
        measured[i] = loss(theta)
        theta[i] = before - h
        measured[i] -= loss(theta)
        theta[i] = before
    measured /= 2 * h
    sizes = np.linalg.norm(claimed), np.linalg.norm(measured)
    return measured, np.linalg.norm(claimed - measured) / max(sizes) if any(sizes) else 0


def by_unit_directions(loss, theta, claimed, h):
    theta, directions = theta.astype(np.float64), np.eye(theta.size) * h
    slopes = [
        (loss(theta + e.reshape(theta.shape)) - loss(theta - e.reshape(theta.shape))) / h / 2
        for e in directions
    ]
    measured = np.array(slopes).reshape(theta.shape)
    largest = np.sqrt(max(np.sum(claimed**2.0), np.sum(measured**2)))
    return measured, np.sqrt(((claimed - measured) ** 2).sum()) / (largest or 1.0)


def laid_flat(loss, theta, claimed, h):
    flat, measured = theta.ravel() * 1.0, []
    flat = flat.astype(np.float64)
    for k in range(flat.size):
        values = []
        for sign in (1, -1):
            moved = flat.copy()
            moved[k] += sign * h
            values.append(loss(moved.reshape(theta.shape)))
        measured.append((values[0] - values[1]) / (2 * h))
    measured = np.reshape(measured, theta.shape)
    longest = max((claimed**2).sum() ** 0.5, (measured**2).sum() ** 0.5)
    error = 0.0 if longest == 0 else ((claimed - measured) ** 2).sum() ** 0.5 / longest
    return [measured, error]


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
    "gradient_error": [puts_back, by_unit_directions, laid_flat],
    "train_mlp": [train_with_lists, train_example_by_example, train_by_tape],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        passes(name, answer)


def test_the_examples_of_the_tasks() -> None:
    measured, error = EXERCISES["gradient_error"].reference(
        lambda theta: (theta**2).sum(), np.array([3.0, 4.0]), np.array([6.0, 0.0]), 1e-5
    )
    np.testing.assert_allclose(measured, [6, 8], atol=1e-8)
    assert error == pytest.approx(0.8)
    nothing = [np.zeros(s) for s in ((3, 2), (3,), (3, 3), (3,), (2, 3), (2,))]
    *_, b3, losses = EXERCISES["train_mlp"].reference(
        np.ones((2, 2)), np.array([0, 0]), *nothing, np.array([[0, 1]]), 0.5
    )
    np.testing.assert_allclose(b3, [0.25, -0.25])
    np.testing.assert_allclose(losses, [np.log(2)])


def train_with(
    second: Callable[[Any], Any], slope: Callable[[Any], Any], clears: bool = True
) -> Answer:
    """The network with another second activation, or gradients that add up from step to step."""

    def answer(X, y, W1, b1, W2, b2, W3, b3, batches, lr):
        theta, losses = [W1, b1, W2, b2, W3, b3], []
        sums = [np.zeros(p.shape) for p in theta]
        for rows in batches:
            A, a, B, b, C, c = theta
            x, E = X[rows], np.eye(len(c))[y[rows]]
            Z1 = x @ A.T + a
            Z2 = np.maximum(Z1, 0) @ B.T + b
            Z3 = second(Z2) @ C.T + c
            log_p = Z3 - np.logaddexp.reduce(Z3, axis=1)[:, None]
            losses.append(-(E * log_p).sum() / len(x))
            d3 = (np.exp(log_p) - E) / len(x)
            d2 = (d3 @ C) * slope(Z2)
            d1 = (d2 @ B) * (Z1 > 0)
            new = [d1.T @ x, d1.sum(0), d2.T @ np.maximum(Z1, 0), d2.sum(0)]
            new += [d3.T @ second(Z2), d3.sum(0)]
            sums = [g if clears else s + g for s, g in zip(sums, new, strict=True)]
            theta = [p - lr * g for p, g in zip(theta, sums, strict=True)]
        return *theta, losses

    return answer


def relu(Z):
    return Z * (Z > 0)


def is_positive(Z):
    return Z > 0


def test_the_network_that_the_mistakes_are_made_of_is_right() -> None:
    exercise = EXERCISES["train_mlp"]
    assert judge(exercise, 1, run(exercise, train_with(relu, is_positive), 1)).passed


def test_a_forgotten_second_relu_is_named() -> None:
    forgotten = train_with(lambda Z: Z, is_positive)
    assert "The second ReLU is missing: H2 = Z2 goes on" in said("train_mlp", forgotten)
    both_ways = train_with(lambda Z: Z, np.ones_like)
    assert "The second ReLU is missing, forward and backward" in said("train_mlp", both_ways)


def test_gradients_that_are_never_cleared_are_named() -> None:
    never = train_with(relu, is_positive, clears=False)
    assert "The gradients of earlier steps are still in yours" in said("train_mlp", never)


def test_losses_of_all_examples_are_named() -> None:
    def of_all(X, y, *rest):
        *parameters, _ = train_with_lists(X, y, *rest)
        *start, batches, lr = rest
        of_all_examples = []
        for _ in batches:
            H1 = np.maximum(X @ start[0].T + start[1], 0)
            H2 = np.maximum(H1 @ start[2].T + start[3], 0)
            Z = H2 @ start[4].T + start[5]
            log_p = Z - np.logaddexp.reduce(Z, axis=1)[:, None]
            of_all_examples.append(-log_p[np.arange(len(y)), y].mean())
            step = batches[len(of_all_examples) - 1][None]
            *start, _ = train_with_lists(X, y, *start, step, lr)
        return *parameters, of_all_examples

    assert "Your losses are those of all examples" in said("train_mlp", of_all)


def test_copies_of_the_weights_may_be_changed() -> None:
    def copies(X, y, W1, b1, W2, b2, W3, b3, batches, lr):
        theta, losses = [p.copy() for p in (W1, b1, W2, b2, W3, b3)], []
        for rows in batches:
            *moved, loss = train_by_tape(X, y, *theta, rows[None], lr)
            for p, new in zip(theta, moved, strict=True):
                p -= (p - new).astype(p.dtype)
            losses += loss
        return *theta, losses

    exercise = EXERCISES["train_mlp"]
    assert judge(exercise, 1, run(exercise, copies, 1)).passed
