"""Right answers in other styles than the reference's, and slips in several styles."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judged import begins, passes

Answer = Callable[..., Any]


def layer_by_one_hot(X, y, K):
    chosen = np.eye(K)[y]
    W = chosen.T @ X / chosen.sum(axis=0)[:, None]
    return W, -0.5 * np.einsum("kd,kd->k", W, W)


def layer_in_loops(X, y, K):
    W, b = [], []
    for k in range(K):
        rows = [x for x, label in zip(X.tolist(), y.tolist(), strict=True) if label == k]
        mean = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
        W.append(mean)
        b.append(-sum(m * m for m in mean) / 2)
    return np.array(W), np.array(b)


def layer_from_distances(X, y, K):
    """The score at 0 is minus half the squared distance to 0: that is b."""
    W = np.array([np.average(X, axis=0, weights=y == k) for k in range(K)])
    return W, -(np.linalg.norm(W, axis=1) ** 2) / 2


def after_by_power(C, start, n):
    P = C / C.sum(axis=1)[:, None]
    return np.linalg.matrix_power(P, n)[start]


def after_by_recursion(C, start, n):
    if n == 0:
        return np.eye(len(C))[start]
    return np.dot(after_by_recursion(C, start, n - 1), (C.T / C.sum(1)).T)


def after_in_loops(C, start, n):
    V = len(C)
    p = [float(a == start) for a in range(V)]
    for _ in range(n):
        new = [0.0] * V
        for a in range(V):
            for b in range(V):
                new[b] += p[a] * C[a, b] / sum(C[a])
        p = new
    return np.array(p)


RIGHT = {
    "class_layer": [layer_by_one_hot, layer_in_loops, layer_from_distances],
    "word_after": [after_by_power, after_by_recursion, after_in_loops],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        passes(name, answer)


def wrong_b(change: Callable[[Any, Any], Any]) -> list[Answer]:
    """The same slip in b after three ways to the means."""

    def dressed(right: Answer) -> Answer:
        def answer(X, y, K):
            W, b = right(X, y, K)
            return W, change(W, b)

        return answer

    return [dressed(right) for right in RIGHT["class_layer"]]


def transposed(right: Answer) -> Answer:
    def answer(X, y, K):
        W, b = right(X, y, K)
        return W.T, b

    return answer


def sums_in_loops(X, y, K):
    W = np.zeros((K, X.shape[1]))
    for x, label in zip(X, y, strict=True):
        W[label] += x
    return W, -(W**2).sum(axis=1) / 2


def sums_by_one_hot(X, y, K):
    W = np.eye(K)[y].T @ X
    return W, -np.einsum("kd,kd->k", W, W) / 2


def sums_by_masks(X, y, K):
    W = np.array([((y == k)[:, None] * X).sum(0) for k in range(K)])
    return W, -np.square(W).sum(axis=1) / 2


def columns_by_transposes(C, start, n):
    return np.linalg.matrix_power(C / C.sum(0), n)[start]


def columns_in_loops(C, start, n):
    p = np.eye(len(C))[start]
    for _ in range(n):
        p = sum(p[a] * C[a] / C.sum(axis=0) for a in range(len(C)))
    return p


def columns_by_einsum(C, start, n):
    p, P = np.eye(len(C))[start], np.einsum("ab,b->ab", C, 1 / np.einsum("ab->b", C))
    for _ in range(n):
        p = np.einsum("a,ab->b", p, P)
    return p


def backward(C, start, n):
    return np.linalg.matrix_power(C / C.sum(axis=1, keepdims=True), n)[:, start]


def backward_in_loops(C, start, n):
    p = np.eye(len(C))[start]
    for _ in range(n):
        p = np.array([sum(C[a] * p) / sum(C[a]) for a in range(len(C))])
    return p


def backward_by_einsum(C, start, n):
    p = np.eye(len(C))[start]
    for _ in range(n):
        p = np.einsum("ab,b->a", C / C.sum(axis=1)[:, None], p)
    return p


def likeliest(C, start, n):
    word, p = start, np.eye(len(C))[start]
    for _ in range(n):
        p = C[word] / C[word].sum()
        word = int(np.argmax(p))
    return p


def likeliest_by_recursion(C, start, n):
    if n == 0:
        return np.eye(len(C))[start]
    before = likeliest_by_recursion(C, start, n - 1)
    return (C / C.sum(1)[:, None])[np.argmax(before)]


def likeliest_in_lists(C, start, n):
    p = [float(a == start) for a in range(len(C))]
    for _ in range(n):
        row = C[p.index(max(p))].tolist()
        p = [c / sum(row) for c in row]
    return p


def one_more(C, start, n):
    return after_by_power(C, start, n + 1)


def one_more_in_loops(C, start, n):
    return after_in_loops(C, start, n + 1)


def one_more_from_the_row(C, start, n):
    P = C / C.sum(axis=1)[:, None]
    p = P[start]
    for _ in range(n):
        p = p @ P
    return p


def layer_with_priors(X, y, K):
    rows = [X[y == k] for k in range(K)]
    W = np.array([r.sum(axis=0) / len(r) for r in rows])
    shares = np.array([len(r) / len(X) for r in rows])
    return W, np.log(shares) - 0.5 * np.einsum("kd,kd->k", W, W)


def layer_by_lstsq(X, y, K):
    inputs = np.c_[X, np.ones(len(X))]
    fitted = np.linalg.lstsq(inputs, 1.0 * (y[:, None] == np.arange(K)), rcond=None)[0]
    return fitted[:-1].T, fitted[-1]


def mean_of_places_in_loops(C, start, n):
    p, total = np.eye(len(C))[start], np.zeros(len(C))
    for _ in range(n):
        p = sum(chance * row / row.sum() for chance, row in zip(p, C, strict=True))
        total += p / n
    return total if n else p


SLIPS = [
    ("class_layer", layer_with_priors, "You add the logarithm of each class's share"),
    ("class_layer", layer_by_lstsq, "You fit W and b to the labels"),
    ("word_after", mean_of_places_in_loops, "You average over all n words"),
    *(("class_layer", a, "Your b is twice as large") for a in wrong_b(lambda W, b: 2 * b)),
    *(("class_layer", a, "Your b has the wrong sign") for a in wrong_b(lambda W, b: -b)),
    *(("class_layer", a, "Your b is 0") for a in wrong_b(lambda W, b: 0 * b)),
    *(("class_layer", transposed(a), "Your W comes back as (d, K)") for a in RIGHT["class_layer"]),
    *(
        ("class_layer", a, "The rows of your W are sums")
        for a in (sums_in_loops, sums_by_one_hot, sums_by_masks)
    ),
    *(
        ("word_after", a, "You divide each column by its sum")
        for a in (columns_by_transposes, columns_in_loops, columns_by_einsum)
    ),
    *(
        ("word_after", a, "You multiply from the wrong side")
        for a in (backward, backward_in_loops, backward_by_einsum)
    ),
    *(
        ("word_after", a, "You follow the likeliest word")
        for a in (likeliest, likeliest_by_recursion, likeliest_in_lists)
    ),
    *(
        ("word_after", a, "You take n + 1 steps")
        for a in (one_more, one_more_in_loops, one_more_from_the_row)
    ),
    *(
        ("word_after", a, "You raise each entry of P")
        for a in (
            lambda C, start, n: (C / C.sum(axis=1)[:, None])[start] ** n,
            lambda C, start, n: np.array([(c / sum(C[start])) ** n for c in C[start]]),
            lambda C, start, n: np.power(C.T / C.sum(axis=1), n).T[start],
        )
    ),
]


@pytest.mark.parametrize(("name", "answer", "start"), SLIPS)
def test_slips_are_named_in_whatever_style(name: str, answer: Answer, start: str) -> None:
    begins(name, answer, start)
