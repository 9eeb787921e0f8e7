"""Right answers in other styles than the reference's, and slips in several styles."""

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from judged import begins, details, mistakes, passes

from nnlib.course.kit.judging import judge, run
from nnlib.course.lessons import EXERCISES
from nnlib.course.lessons.lesson_01a_neuron.neuron import activate

Answer = Callable[..., Any]


def neuron_in_loops(x, w, b, phi):
    if x.ndim == 2:
        return [neuron_in_loops(row, w, b, phi) for row in x]
    z = float(b)
    for weight, value in zip(w, x, strict=True):
        z += float(weight) * float(value)
    if phi == "sigmoid":
        return 1 / (1 + math.exp(-z)) if z > -700 else 0.0
    known = {"heaviside": z >= 0, "tanh": math.tanh(z), "relu": max(0, z), "identity": z}
    if phi not in known:
        raise ValueError(phi)
    return known[phi]


def neuron_with_einsum(x, w, b, phi):
    z = np.einsum("...d,d->...", x, w) + b
    functions = {
        "heaviside": lambda: np.heaviside(z, 1),
        "sigmoid": lambda: (1 + np.tanh(z / 2)) / 2,
        "tanh": lambda: np.sign(z) * (2 / (1 + np.exp(-2 * np.abs(z))) - 1),
        "relu": lambda: z * (z > 0),
        "identity": lambda: z.copy(),
    }
    if phi not in functions:
        raise ValueError(f"no activation {phi}")
    return functions[phi]()


def neuron_quieted(x, w, b, phi):
    z = np.sum(x * w, axis=-1) + b
    if phi != "sigmoid":
        return activate(z, phi)
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def patterns_by_product(w, theta):
    rows = list(product([0, 1], repeat=len(w)))
    return rows, [sum(a * b for a, b in zip(w, row, strict=True)) >= theta for row in rows]


def patterns_by_format(w, theta):
    p = len(w)
    patterns = np.array([[float(digit) for digit in f"{i:0{p}b}"] for i in range(2**p)])
    return patterns, np.heaviside(patterns.dot(w) - theta, 1)


def patterns_by_doubling(w, theta):
    patterns = np.zeros((1, 0), dtype=bool)
    for _ in w:
        half = [np.column_stack([np.full(len(patterns), on), patterns]) for on in (False, True)]
        patterns = np.vstack(half)
    return [patterns, (patterns * w).sum(axis=1) >= theta]


RIGHT = {
    "neuron": [neuron_in_loops, neuron_with_einsum, neuron_quieted],
    "firing_patterns": [patterns_by_product, patterns_by_format, patterns_by_doubling],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        passes(name, answer)


def test_the_numbers_of_the_lesson() -> None:
    _, fires = EXERCISES["firing_patterns"].reference(np.array([1, 1, 1, -1]), 2)
    assert fires.sum() == 5


def test_mistakes_made_together_are_each_named() -> None:
    def careless(x, w, b, phi):
        z = x @ w + b
        if phi == "heaviside":
            return 1.0 * (z > 0)
        if phi == "sigmoid":
            return 1 / (1 + np.exp(-z))
        return {"tanh": np.tanh(z), "relu": z * (z > 0), "identity": z}[phi]

    exercise = EXERCISES["neuron"]
    verdict = judge(exercise, 1, run(exercise, careless, 1))
    said = ["Your step is 0 at z = 0", "Your σ overflows", "An unknown φ gives a KeyError"]
    found = verdict.mistakes.values()
    assert len(found) == 3
    assert all(any(sentence.startswith(start) for sentence in found) for start in said)


@pytest.mark.parametrize(
    "sigmoid",
    [
        lambda z: 1 / (1 + np.exp(-z)),
        lambda z: np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z))),
    ],
)
def test_both_sigmoids_that_overflow_get_the_sentence(sigmoid):
    def answer(x, w, b, phi):
        z = x @ w + b
        return sigmoid(z) if phi == "sigmoid" else activate(z, phi)

    found = mistakes("neuron", answer)
    assert len(found) == 1
    assert "computes both branches" in next(iter(found.values()))


def test_an_if_about_a_whole_batch_is_told_of_where():
    def answer(x, w, b, phi):
        z = x @ w + b
        if phi == "heaviside":
            return 1.0 if z >= 0 else 0.0
        return activate(z, phi)

    assert details("neuron", answer)["runs"].startswith(
        "`if z >= 0` asks one question of a whole array. Use `np.where(z >= 0, …)`."
    )


def test_16_patterns_for_any_unit_are_named():
    def answer(w, theta):
        rows = np.array(list(product([0, 1], repeat=4)))
        return rows, [int(row @ w >= theta) for row in rows]

    [sentence] = mistakes("firing_patterns", answer).values()
    assert "always have 4 columns" in sentence


def leaky_in_loops(x, w, b, phi):
    if phi != "relu":
        return neuron_in_loops(x, w, b, phi)
    if x.ndim == 2:
        return [leaky_in_loops(row, w, b, phi) for row in x]
    z = sum(float(u) * float(v) for u, v in zip(w, x, strict=True)) + float(b)
    return z if z > 0 else 0.01 * z


def tanh_by_hand(x, w, b, phi):
    if phi != "tanh":
        return neuron_with_einsum(x, w, b, phi)
    z = np.dot(x, w) + b
    up, down = np.exp(z), np.exp(-z)
    return (up - down) / (up + down)


def forgets_b_in_loops(x, w, b, phi):
    return neuron_in_loops(x, w, 0, phi)


def forgets_b_with_einsum(x, w, b, phi):
    return neuron_with_einsum(x, w, 0.0, phi)


def sign_with_where(x, w, b, phi):
    if phi != "heaviside":
        return neuron_quieted(x, w, b, phi)
    z = (x * w).sum(-1) + b
    return np.where(z > 0, 1, np.where(z < 0, -1, 0))


def sums_rows_in_loops(x, w, b, phi):
    total = sum((row * w for row in x), np.zeros(len(w))) if x.ndim == 2 else x @ w
    return activate(total + b, phi)


def sigmoid_of_size(x, w, b, phi):
    z = x @ w + b
    return 1 / (1 + np.exp(-abs(z))) if phi == "sigmoid" else activate(z, phi)


def clips_for_all(x, w, b, phi):
    z = np.minimum(np.maximum(np.dot(x, w) + b, -500), 500)
    return 1 / (1 + np.exp(-z)) if phi == "sigmoid" else activate(z, phi)


def sums_in_loops(w, theta):
    rows = list(product([0, 1], repeat=len(w)))
    return rows, [sum(x * v for x, v in zip(row, w, strict=True)) for row in rows]


def without_the_last(w, theta):
    rows = [[int(c) for c in format(i, f"0{len(w)}b")] for i in range(2 ** len(w) - 1)]
    return rows, [int(np.dot(row, w) >= theta) for row in rows]


def rows_with_flatnonzero(w, theta):
    rows = np.array(list(product([0, 1], repeat=len(w))))
    return rows, np.flatnonzero(np.einsum("np,p->n", rows, w) >= theta)


def above_in_loops(w, theta):
    rows = list(product([0, 1], repeat=len(w)))
    return rows, [int(sum(u * v for u, v in zip(w, row, strict=True)) > theta) for row in rows]


def veto_in_loops(w, theta):
    rows, fires = patterns_by_product(w, theta)
    for n, row in enumerate(rows):
        for on, weight in zip(row, w, strict=True):
            if on and weight < 0:
                fires[n] = False
    return rows, fires


def lengths_with_bin(w, theta):
    rows = [[int(digit) for digit in bin(i)[2:]] for i in range(2 ** len(w))]
    return np.array(rows), np.array(rows) @ w >= theta


def counts_inputs(w, theta):
    rows = list(product([0, 1], repeat=len(w)))
    return rows, [sum(row) >= theta for row in rows]


def b_in_each_product(x, w, b, phi):
    return RIGHT["neuron"][0](x, w, len(w) * b, phi)


def exchanged_by_meshgrid(w, theta):
    grid = np.meshgrid(*([np.array([0, 1])] * len(w)))
    patterns = np.array([axis.flatten() for axis in grid]).T
    return patterns, (patterns @ w >= theta).astype(int)


def too_few_in_loops(w, theta):
    p = len(w)
    patterns = [[i >> (p - 1 - j) & 1 for j in range(p)] for i in range(p * 2)]
    return patterns, [int(np.dot(w, pattern) >= theta) for pattern in patterns]


SLIPS = [
    ("neuron", b_in_each_product, "You add b to each product"),
    ("firing_patterns", exchanged_by_meshgrid, "The first two columns of your patterns"),
    ("firing_patterns", too_few_in_loops, "You list 2p patterns"),
    ("neuron", leaky_in_loops, "Your ReLU lets a little"),
    ("neuron", tanh_by_hand, "Your tanh overflows"),
    ("neuron", forgets_b_in_loops, "The bias is missing: z"),
    ("neuron", forgets_b_with_einsum, "The bias is missing: z"),
    ("neuron", sign_with_where, "Your step gives −1, 0 and 1"),
    ("neuron", sums_rows_in_loops, "You sum over the rows of a batch (axis 0)"),
    ("neuron", sigmoid_of_size, "Your σ is never below 0.5"),
    ("neuron", clips_for_all, "You cut z off at ±500"),
    ("firing_patterns", sums_in_loops, "Your second result is w·x itself"),
    ("firing_patterns", without_the_last, "The last row, all ones, is missing"),
    ("firing_patterns", rows_with_flatnonzero, "Your second result holds the numbers"),
    ("firing_patterns", above_in_loops, "At w·x = θ your unit is silent"),
    ("firing_patterns", veto_in_loops, "An input with a negative weight"),
    ("firing_patterns", lengths_with_bin, "Your rows have different lengths"),
    ("firing_patterns", counts_inputs, "You count the inputs"),
]


@pytest.mark.parametrize(("name", "answer", "start"), SLIPS)
def test_slips_are_named_in_whatever_style(name: str, answer: Answer, start: str) -> None:
    begins(name, answer, start)
