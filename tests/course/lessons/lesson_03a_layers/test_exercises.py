"""Lesson 03a's exercises: right answers in other styles pass, and slips are named."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from judged import begins, passes, said

from nnlib.course.lessons import EXERCISES

Answer = Callable[..., Any]


def book_by_einsum(X, W, b, book):
    formulas = {"torch": "nd,md->nm", "keras": "nd,dm->nm", "columns": "dn,md->nm"}
    formulas["single"] = formulas["keras"]
    if book not in formulas:
        raise ValueError(book)
    Z = np.einsum(formulas[book], X[np.newaxis] if book == "single" else X, W)
    return W if book in ("torch", "columns") else W.swapaxes(0, 1), b.reshape(-1), Z + b.reshape(-1)


def book_by_match(X, W, b, book):
    match book:
        case "torch":
            pass
        case "keras":
            W = np.transpose(W)
        case "columns":
            X, b = np.transpose(X), b.flatten()
        case "single":
            X, W = X.reshape(1, len(X)), np.transpose(W)
        case _:
            raise ValueError(f"unknown: {book}")
    return [W, b, np.dot(X, W.T) + b[None, :]]


def book_in_loops(X, W, b, book):
    if book not in {"torch", "keras", "columns", "single"}:
        raise ValueError
    W = W.T.copy() if book in {"keras", "single"} else W.copy()
    rows = [X] if book == "single" else list(X.T) if book == "columns" else list(X)
    b = np.array([float(np.squeeze(value)) for value in b])
    return W, b, np.array([[sum(w * x) + c for w, c in zip(W, b, strict=True)] for x in rows])


def forward_by_split(theta, sizes, X):
    lengths = [k for n, m in pairwise(sizes) for k in (n * m, m)]
    if sum(lengths) != theta.size:
        raise ValueError("wrong length")
    parts = np.split(theta, np.cumsum(lengths)[:-1])
    H, Z = [], None
    for W, b in zip(parts[::2], parts[1::2], strict=True):
        A = X if Z is None else H[-1]
        Z = A @ W.reshape(len(b), -1).T + b
        H.append(Z * (Z > 0))
    return np.concatenate(H[:-1], axis=1), Z


def forward_recursive(theta, sizes, X):
    n, m, *rest = sizes
    own = m * n + m
    if len(theta) < own or (not rest and len(theta) != own):
        raise ValueError(f"theta has {len(theta)}")
    W, b = np.reshape(theta[: m * n], (m, n)), theta[m * n : own]
    Z = X @ W.T + b
    if not rest:
        return np.empty((len(X), 0)), Z
    H = np.where(Z > 0, Z, 0)
    later, scores = forward_recursive(theta[own:], sizes[1:], H)
    return np.hstack([H, later]), scores


def forward_in_columns(theta, sizes, X):
    needed = 0
    for k in range(1, len(sizes)):
        needed += sizes[k] * (sizes[k - 1] + 1)
    if needed != len(theta):
        raise ValueError(needed)
    values, A, H = iter(theta.tolist()), X.T, []
    for k in range(1, len(sizes)):
        W = np.array([[next(values) for _ in range(sizes[k - 1])] for _ in range(sizes[k])])
        b = np.array([[next(values)] for _ in range(sizes[k])])
        Z = W @ A + b
        A = np.clip(Z, 0, None)
        H.append(A.T)
    return np.hstack(H[:-1]), Z.T


RIGHT = {
    "layer_from_book": [book_by_einsum, book_by_match, book_in_loops],
    "mlp_forward": [forward_by_split, forward_recursive, forward_in_columns],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        passes(name, answer)


def test_mistakes_made_together_are_each_named() -> None:
    def careless(theta, sizes, X):
        H, hidden, start = X, [], 0
        for n, m in pairwise(sizes):
            W = theta[start : start + m * n].reshape(m, n)
            Z = H @ W.T + theta[start + m * n : start + m * n + m]
            start += m * n + m
            H = np.maximum(Z, 0)
            hidden.append(Z)
        return np.hstack(hidden[:-1]), H

    words = said("mlp_forward", careless)
    assert "the hidden layers' pre-activations" in words
    assert "ReLU to the output" in words


def test_no_sentence_calls_a_wrong_part_right() -> None:
    def careless(X, W, b, book):
        W, b, Z = book_by_einsum(X, W, b, book)
        return W, b[:, None] if book == "columns" else b, Z.T if book == "columns" else Z

    assert "right" not in said("layer_from_book", careless)


def book_reshaped(X, W, b, book):
    W, b, Z = book_by_match(X, W, b, book)
    return W, b, Z.T.reshape(Z.shape) if book == "columns" else Z


def book_without_keras(X, W, b, book):
    if book == "keras":
        ours = book_in_loops(X, W.T, b, "torch") if W.shape[0] == X.shape[1] else None
        return W, ours[1], ours[2]
    return book_in_loops(X, W, b, book)


def book_without_bias(X, W, b, book):
    W, c, Z = book_by_einsum(X, W, b, book)
    return W, c, Z - c


def forward_with_softmax(theta, sizes, X):
    H, Z = forward_by_split(theta, sizes, X)
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    return H, e / e.sum(axis=1)[:, None]


def forward_with_last(theta, sizes, X):
    H, Z = forward_recursive(theta, sizes, X)
    return np.append(H, Z, axis=1), Z


def forward_cut_with_relu(theta, sizes, X):
    H, Z = forward_in_columns(theta, sizes, X)
    Z[Z < 0] = 0
    return H, Z


def book_with_flat_bias(X, W, b, book):
    if book == "columns":
        return W, b.flatten(), np.transpose(np.dot(W, X) + b.flatten())
    return EXERCISES["layer_from_book"].reference(X, W, b, book)


def book_that_gives_none(X, W, b, book):
    if book in ("torch", "keras", "columns", "single"):
        return EXERCISES["layer_from_book"].reference(X, W, b, book)
    return None


def book_by_shapes(X, W, b, book):
    if book not in {"torch", "keras", "columns", "single"}:
        raise ValueError(book)
    m = b.size
    W = W if W.shape[0] == m else W.T
    X = X.reshape(1, -1) if X.ndim == 1 else X
    X = X if X.shape[1] == W.shape[1] else X.T
    return W, b.ravel(), X @ W.T + b.ravel()


SLIPS = [
    ("layer_from_book", book_by_shapes, "You tell the books apart by the shapes"),
    ("layer_from_book", book_with_flat_bias, "For `columns` you add b as (m,)"),
    ("layer_from_book", book_that_gives_none, "A book that is not in the table passes unnoticed"),
    ("layer_from_book", book_reshaped, "For `columns`, `reshape` cuts"),
    ("layer_from_book", book_without_keras, "For `keras` you give W back"),
    ("layer_from_book", book_without_bias, "The bias is missing from Z: Z"),
    ("mlp_forward", forward_with_softmax, "Your Z went through a softmax"),
    ("mlp_forward", forward_with_last, "Your H ends with the scores"),
    ("mlp_forward", forward_cut_with_relu, "You apply the ReLU to the output"),
]


@pytest.mark.parametrize(("name", "answer", "start"), SLIPS)
def test_slips_are_named_in_whatever_style(name: str, answer: Answer, start: str) -> None:
    begins(name, answer, start)
