"""Right answers in other styles than the reference's: loops, lists, other networks."""

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from nnlib.course.kit.judging import judge, run
from nnlib.course.lessons import EXERCISES
from nnlib.course.lessons.lesson_01a_neuron.firing_patterns import all_patterns
from nnlib.course.lessons.lesson_01b_perceptron.logic_network import computed_table
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
        "tanh": lambda: 2 / (1 + np.exp(-2 * z)) - 1,
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


def fit_with_bias_as_a_weight(X, y, epochs):
    extended = np.column_stack([X, np.ones(len(X))])
    w = np.zeros(extended.shape[1])
    errors = np.zeros(0, dtype=int)
    while len(errors) < epochs and not (len(errors) and errors[-1] == 0):
        count = 0
        for x, label in zip(extended, y, strict=True):
            error = label - np.heaviside(x @ w, 1)
            w += error * x
            count += abs(error)
        errors = np.append(errors, count)
    return w[:-1], w[-1], errors


def fit_in_plain_python(X, y, epochs):
    w, b, errors = [0.0] * X.shape[1], 0.0, []
    for _ in range(epochs):
        errors.append(0)
        for x, label in zip(X.tolist(), y.tolist(), strict=True):
            fires = sum(u * v for u, v in zip(w, x, strict=True)) + b >= 0
            if fires and label == 0:
                w, b = [u - v for u, v in zip(w, x, strict=True)], b - 1
                errors[-1] += 1
            elif not fires and label == 1:
                w, b = [u + v for u, v in zip(w, x, strict=True)], b + 1
                errors[-1] += 1
        if errors[-1] == 0:
            return w, b, errors
    return w, b, errors


def fit_with_a_flag(X, y, epochs):
    w, b, errors, done, epoch = np.zeros(len(X[0])), 0, [], False, 0
    while not done and epoch < epochs:
        wrong = 0
        for i, x in enumerate(X):
            y_hat = int(np.dot(x, w) + b >= 0)
            w, b = w + (y[i] - y_hat) * x, b + (y[i] - y_hat)
            wrong += int(y[i] != y_hat)
        errors, done, epoch = [*errors, wrong], wrong == 0, epoch + 1
    return w, np.array(b), tuple(errors)


def network_of_all_patterns(table):
    signs = 2.0 * all_patterns(int(np.log2(len(table)))) - 1
    return signs, 0.5 - (signs > 0).sum(axis=1), 2 * np.asarray(table) - 1, -0.5


def network_in_lists(table):
    p = len(table).bit_length() - 1
    W1, b1 = [], []
    for i, entry in enumerate(table):
        if entry == 1:
            bits = [int(digit) for digit in f"{i:0{p}b}"]
            W1.append([10 if bit else -10 for bit in bits])
            b1.append(5 - 10 * sum(bits))
    return W1, b1, [3.0] * len(W1), -2.0


def network_vetoed_by_the_zeros(table):
    patterns = all_patterns(int(np.log2(len(table))))
    off = patterns[np.asarray(table) == 0]
    return 2 * off - 1, -off.sum(axis=1), -np.ones(len(off)), 0.5


RIGHT = {
    "neuron": [neuron_in_loops, neuron_with_einsum, neuron_quieted],
    "firing_patterns": [patterns_by_product, patterns_by_format, patterns_by_doubling],
    "perceptron_fit": [fit_with_bias_as_a_weight, fit_in_plain_python, fit_with_a_flag],
    "logic_network": [network_of_all_patterns, network_in_lists, network_vetoed_by_the_zeros],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    exercise = EXERCISES[name]
    for answer in RIGHT[name]:
        for seed in range(5):
            verdict = judge(exercise, seed, run(exercise, answer, seed))
            assert verdict.passed, (answer.__name__, verdict.findings)


def test_the_numbers_of_the_lesson() -> None:
    fit = EXERCISES["perceptron_fit"].reference
    X = all_patterns(2)
    w, b, errors = fit(X, np.array([0, 0, 0, 1]), 20)
    assert (w.tolist(), b, len(errors), errors[-1]) == ([2, 1], -3, 6, 0)
    assert len(fit(X, np.array([0, 1, 1, 1]), 20)[2]) == 4
    assert min(fit(X, np.array([0, 1, 1, 0]), 100)[2]) >= 3
    _, fires = EXERCISES["firing_patterns"].reference(np.array([1, 1, 1, -1]), 2)
    assert fires.sum() == 5


def test_a_network_computes_every_table_of_three_inputs() -> None:
    for table in all_patterns(8):
        outputs = tuple(map(np.array, EXERCISES["logic_network"].reference(table)))
        computed = computed_table({"table": table}, outputs)
        np.testing.assert_array_equal(computed["the table it computes"], table)


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


def details(name: str, answer: Answer) -> dict[str, str]:
    exercise = EXERCISES[name]
    found = judge(exercise, 1, run(exercise, answer, 1)).findings
    return {finding.property: finding.detail for finding in found}


def mistakes(name: str, answer: Answer) -> dict[str, str]:
    exercise = EXERCISES[name]
    return judge(exercise, 1, run(exercise, answer, 1)).mistakes


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


def test_whole_number_weights_cannot_take_fractions():
    def answer(X, y, epochs):
        w, b, errors = np.zeros(X.shape[1], dtype=int), 0, []
        for _ in range(epochs):
            errors.append(0)
            for x, label in zip(X, y, strict=True):
                error = label - (1 if w @ x + b >= 0 else 0)
                w += error * x
                b += error
                errors[-1] += int(error != 0)
            if errors[-1] == 0:
                break
        return w, b, errors

    found = details("perceptron_fit", answer)["runs"]
    assert found.startswith("`+=` cannot put fractions into an array of whole numbers.")
    assert "`w += error * x`" in found


def test_16_patterns_for_any_unit_are_named():
    def answer(w, theta):
        rows = np.array(list(product([0, 1], repeat=4)))
        return rows, [int(row @ w >= theta) for row in rows]

    [sentence] = mistakes("firing_patterns", answer).values()
    assert "always have 4 columns" in sentence


def test_a_network_of_the_wrong_shape_is_told_so() -> None:
    def transposed(table):
        W1, b1, w2, b2 = EXERCISES["logic_network"].reference(table)
        return W1.T, b1, w2, b2

    shape = details("logic_network", transposed)["shape"]
    assert "W1 has shape (2, 1); with 1 hidden unit (the size of b1) and p = 2" in shape
    assert "It looks transposed: each hidden unit is a row." in shape

    def vast(table):
        return np.zeros((7, 7)), *EXERCISES["logic_network"].reference(table)[1:]

    assert "transposed" not in details("logic_network", vast)["shape"]


def test_a_wrong_entry_of_the_table_is_told_in_words():
    detail = details("logic_network", lambda table: ([[0, 0]], [0], [1], 0))["values"]
    assert detail == "entry 0 of the table it computes is 1 (XOR)."


def test_a_network_may_not_have_too_many_units() -> None:
    def wasteful(table):
        W1, b1, w2, b2 = network_of_all_patterns(table)
        return np.vstack([W1, W1]), np.append(b1, b1), np.append(w2, 0 * w2), b2

    exercise = EXERCISES["logic_network"]
    assert not judge(exercise, 1, run(exercise, wasteful, 1)).passed
