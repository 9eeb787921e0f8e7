"""Lesson 12a's exercises: right answers in other styles, the tasks' examples, mistakes by name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judged import passes, said

from nnlib import Tensor
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


RIGHT = {
    "softmax_ce": [ce_in_loops, ce_with_logaddexp, ce_by_tape],
    "linear_backward": [linear_by_einsum, linear_in_loops, linear_by_tensordot],
    "tied_backward": [tied_by_tape, tied_in_columns, tied_in_loops],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        passes(name, answer)


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


def test_a_mean_in_one_gradient_alone_is_named() -> None:
    def mean_for_the_bias(g, x, W):
        dx, dW, db = linear_in_loops(g, x, W)
        return dx, dW, db / max(g.size // g.shape[-1], 1)

    assert "Your db is a mean over the examples" in said("linear_backward", mean_for_the_bias)


def test_a_gradient_without_its_division_is_named() -> None:
    def undivided(Z, y, omega):
        loss, dZ = ce_in_loops(Z, y, omega)
        return loss, dZ * omega.sum()

    assert "Σω times too large" in said("softmax_ce", undivided)


def test_a_bias_that_only_adds_up_the_first_axis_is_named() -> None:
    def first_axis(g, x, W):
        dx, dW, _ = linear_by_einsum(g, x, W)
        return dx, dW, g.sum(axis=0)

    def in_loops(g, x, W):
        dx, dW, _ = linear_in_loops(g, x, W)
        return dx, dW, sum(g)

    def by_einsum(g, x, W):
        dx, dW, _ = linear_by_tensordot(g, x, W)
        return dx, dW, np.einsum("i...->...", g)

    for answer in (first_axis, in_loops, by_einsum):
        assert "along the first axis alone" in said("linear_backward", answer), answer.__name__


def test_weights_on_the_probabilities_alone_are_named() -> None:
    def in_loops(Z, y, omega):
        loss, _ = ce_in_loops(Z, y, omega)
        log_p = Z - np.logaddexp.reduce(Z, axis=1)[:, None]
        rows = []
        for row, label, weight in zip(np.exp(log_p), y, omega / omega.sum(), strict=True):
            rows.append(weight * row)
            rows[-1][label] -= 1
        return loss, np.array(rows)

    def vectorized(Z, y, omega):
        loss, dZ = ce_with_logaddexp(Z, y, omega)
        share = omega / omega.sum()
        return loss, dZ + (share - 1)[:, None] * np.eye(Z.shape[1])[y]

    for answer in (in_loops, vectorized):
        assert "then a whole 1 is subtracted" in said("softmax_ce", answer), answer.__name__


def test_weights_that_count_twice_are_named() -> None:
    def twice(Z, y, omega):
        loss, dZ = ce_with_logaddexp(Z, y, omega)
        return loss, dZ * np.reshape(omega, (-1, 1))

    assert "in your dZ twice" in said("softmax_ce", twice)


def tied_with(encoder: float, decoder: Callable[[Any, Any], Any]) -> Answer:
    """A tied autoencoder whose dW is put together in another way."""

    def answer(X, W, b, c):
        H = np.tanh(X @ W.T + b)
        dY = (H @ W + c - X) / len(X)
        dZ = (dY @ W.T) * (1 - H**2)
        return encoder * dZ.T @ X + decoder(H, dY), dZ.sum(0), dY.sum(0)

    return answer


def test_how_two_paths_do_not_come_together_is_named() -> None:
    reshaped = tied_with(1, lambda H, dY: (dY.T @ H).reshape(H.shape[1], dY.shape[1]))
    assert "`reshape` is no transpose" in said("tied_backward", reshaped)
    assert "You subtract the encoder's path" in said(
        "tied_backward", tied_with(-1, lambda H, dY: H.T @ dY)
    )
    assert "You subtract the decoder's path" in said(
        "tied_backward", tied_with(1, lambda H, dY: -H.T @ dY)
    )


def test_a_second_division_by_n_is_named_wherever_it_is() -> None:
    def everywhere(X, W, b, c):
        return [gradient / len(X) for gradient in tied_in_columns(X, W, b, c)]

    told = said("tied_backward", everywhere)
    assert "You divide dW by N a second time" in told
    assert "You take a mean over the batch for a bias" in told


def test_arrays_that_start_like_the_weights_pass() -> None:
    def with_zeros_like(g, x, W):
        dW, db = np.zeros_like(W), np.zeros_like(W[:, 0])
        for place in np.ndindex(x.shape[:-1]):
            dW += np.outer(g[place], x[place])
            db += g[place]
        return g @ W, dW, db

    def tied(X, W, b, c):
        dW, db, dc = np.zeros_like(W), np.zeros_like(b), np.zeros_like(c)
        for x in X:
            parts = tied_in_loops(x[None], W, b, c)
            dW += parts[0] / len(X)
            db += parts[1] / len(X)
            dc += parts[2] / len(X)
        return dW, db, dc

    for name, answer in {"linear_backward": with_zeros_like, "tied_backward": tied}.items():
        assert judge(EXERCISES[name], 1, run(EXERCISES[name], answer, 1)).passed, name
