"""Right answers in other styles than the reference's, and slips in several styles."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judged import begins, details, passes

from nnlib.course.kit.judging import judge, run
from nnlib.course.lessons import EXERCISES
from nnlib.course.lessons.lesson_01b_perceptron.logic_network import all_patterns, computed_table

Answer = Callable[..., Any]


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
    "perceptron_fit": [fit_with_bias_as_a_weight, fit_in_plain_python, fit_with_a_flag],
    "logic_network": [network_of_all_patterns, network_in_lists, network_vetoed_by_the_zeros],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        passes(name, answer)


def test_the_numbers_of_the_lesson() -> None:
    fit = EXERCISES["perceptron_fit"].reference
    X = all_patterns(2)
    w, b, errors = fit(X, np.array([0, 0, 0, 1]), 20)
    assert (w.tolist(), b, len(errors), errors[-1]) == ([2, 1], -3, 6, 0)
    assert len(fit(X, np.array([0, 1, 1, 1]), 20)[2]) == 4
    assert min(fit(X, np.array([0, 1, 1, 0]), 100)[2]) >= 3


def test_a_network_computes_every_table_of_three_inputs() -> None:
    for table in all_patterns(8):
        outputs = tuple(map(np.array, EXERCISES["logic_network"].reference(table)))
        computed = computed_table({"table": table}, outputs)
        np.testing.assert_array_equal(computed["the table it computes"], table)


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
    assert found.startswith("`+=`, `-=`, `*=` and `/=` cannot put fractions into an array")
    assert "`w += error * x`" in found


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


def fit(X, y, epochs, step=1.0, rule="error", order=1, bias=True):
    """The perceptron with bookkeeping of another kind, and one slip."""
    V = np.column_stack([X, np.ones(len(X))])
    u, errors = np.zeros(V.shape[1]), []
    for _ in range(epochs):
        wrong = 0
        for n in range(len(V))[::order]:
            z = float(np.dot(V[n], u))
            e = y[n] - (z >= 0)
            if e:
                wrong += 1
                u = u + step * {"error": e, "label": y[n], "z": y[n] - z}[rule] * V[n]
                u[-1] *= bias
        errors.append(wrong)
        if not wrong:
            break
    return u[:-1], u[-1], errors


def rule_of_signed_labels(X, y, epochs):
    return fit(X, y, epochs, rule="label")


def delta_rule(X, y, epochs):
    return fit(X, y, epochs, rule="z")


def small_steps(X, y, epochs):
    return fit(X, y, epochs, step=0.1)


def backwards(X, y, epochs):
    return fit(X, y, epochs, order=-1)


def no_bias(X, y, epochs):
    return fit(X, y, epochs, bias=False)


def away(X, y, epochs):
    return fit(X, y, epochs, step=-1.0)


def one_epoch(X, y, epochs):
    return fit(X, y, 1)


def one_too_many(X, y, epochs):
    return fit(X, y, epochs + 1)


def lone_xor(table):
    return [[1.0, 1.0], [1.0, 1.0]], [-1.0, -2.0], [1.0, -2.0], -1


def bias_minus_p(table):
    W1, _, w2, b2 = EXERCISES["logic_network"].reference(table)
    return W1.astype(float), [-W1.shape[1]] * len(W1), w2, b2


def sleeping_output(table):
    W1, b1, w2, _ = network_in_lists(table)
    return W1, b1, w2, 0


def bias_nearly_minus_p(table):
    W1, b1, w2, _ = network_of_all_patterns(table)
    return W1, 0 * b1 - W1.shape[1] + 0.5, w2, -0.5


def detects_every_pattern(table):
    W1, b1, w2, b2 = network_of_all_patterns(table)
    return W1, b1, np.ones(len(w2)), b2


def counter_never_reset(X, y, epochs):
    u, b, errors, wrong = np.zeros(X.shape[1]), 0, [], 0
    while len(errors) < epochs and 0 not in errors:
        for x, label in zip(X, y, strict=True):
            off = label - int(x @ u + b >= 0)
            u, b, wrong = u + off * x, b + off, wrong + abs(off)
        errors.append(wrong)
    return u, b, errors


def counts_with_sign(X, y, epochs):
    u, b, errors = np.zeros(X.shape[1]), 0, []
    while len(errors) < epochs and 0 not in errors:
        offs = []
        for x, label in zip(X, y, strict=True):
            offs.append(label - int(x @ u + b >= 0))
            u, b = u + offs[-1] * x, b + offs[-1]
        errors.append(sum(offs))
    return u, b, errors


def signed_labels_at_zero(X, y, epochs):
    w, b, errors = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        wrong = 0
        for x, label in zip(X, np.where(y == 1, 1, -1), strict=True):
            if label * (np.dot(x, w) + b) <= 0:
                w, b, wrong = w + label * x, b + label, wrong + 1
        errors.append(wrong)
        if not wrong:
            break
    return w, b, errors


def majority_of_detectors(table):
    p = int(np.log2(len(table)))
    rows = np.array(list(np.ndindex(*[2] * p)))
    return 2 * rows - 1, -rows.sum(axis=1), 1.0 * table, -np.sum(table) / 2


SLIPS = [
    ("perceptron_fit", signed_labels_at_zero, "At z = 0 you call every prediction a mistake"),
    ("logic_network", majority_of_detectors, "Your output asks for half of the detectors"),
    ("perceptron_fit", rule_of_signed_labels, "Your weights and your bias never leave 0"),
    ("perceptron_fit", delta_rule, "Your weights and your bias never leave 0"),
    ("perceptron_fit", small_steps, "Your steps are too small"),
    ("perceptron_fit", backwards, "You take the examples from the last"),
    ("perceptron_fit", no_bias, "Your bias stays 0"),
    ("perceptron_fit", away, "Your updates go the wrong way"),
    ("perceptron_fit", one_epoch, "You make a single epoch"),
    ("perceptron_fit", one_too_many, "You make one epoch more"),
    ("logic_network", lone_xor, "Your network is that of XOR"),
    ("logic_network", bias_minus_p, "Only the hidden unit of all ones"),
    ("perceptron_fit", counter_never_reset, "Your counter is never set back"),
    ("perceptron_fit", counts_with_sign, "You count with y − ŷ"),
    ("logic_network", bias_nearly_minus_p, "Only the hidden unit of all ones"),
    ("logic_network", detects_every_pattern, "Your network gives 1 on every pattern"),
    ("logic_network", sleeping_output, "Your network gives 1 on every pattern"),
]


@pytest.mark.parametrize(("name", "answer", "start"), SLIPS)
def test_slips_are_named_in_whatever_style(name: str, answer: Answer, start: str) -> None:
    begins(name, answer, start)
