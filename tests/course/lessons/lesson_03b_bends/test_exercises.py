"""Lesson 03b's exercises: right answers in other styles pass, and slips are named."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judged import begins, passes

from nnlib.course.lessons import EXERCISES

Answer = Callable[..., Any]


def layer_by_diagonal(x, W1, b1, W2, b2):
    D = np.diag(np.where(np.dot(W1, x) + b1 > 0, 1, 0))
    return W2 @ D @ W1, W2 @ D @ b1 + b2


def layer_in_loops(x, W1, b1, W2, b2):
    W, b = np.zeros((len(b2), len(x))), np.array(b2, dtype=float)
    for i, (row, bias) in enumerate(zip(W1, b1, strict=True)):
        if sum(row * x) + bias > 0:
            W += np.outer(W2[:, i], row)
            b += W2[:, i] * bias
    return W, b


def layer_by_value(x, W1, b1, W2, b2):
    h = np.maximum(W1 @ x + b1, 0)
    W = (W2 * (h > 0)) @ W1
    return W, W2 @ h + b2 - W @ x


def hinges_in_loops(x, y):
    k, w, before = [], [], 0.0
    for i in range(len(x) - 1):
        slope = (y[i + 1] - y[i]) / (x[i + 1] - x[i])
        k.append(x[i])
        w.append(slope - before)
        before = slope
    return k, w, float(y[0])


def hinges_by_solving(x, y):
    hinges = np.maximum(x[1:, None] - x[:-1], 0)  # what each hinge gives at each later point
    return x[:-1].copy(), np.linalg.solve(hinges, y[1:] - y[0]), y[0]


def hinges_with_prepend(x, y):
    return x[: len(x) - 1], np.diff(np.diff(y) / np.diff(x), prepend=0), y[0]


RIGHT = {
    "one_layer_at": [layer_by_diagonal, layer_in_loops, layer_by_value],
    "hinge_network": [hinges_in_loops, hinges_by_solving, hinges_with_prepend],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        passes(name, answer)


def test_the_one_layer_agrees_with_the_network_near_the_point() -> None:
    rng = np.random.default_rng(0)
    W1, b1, W2, b2 = (rng.normal(size=s) for s in ((20, 3), (20,), (2, 20), (2,)))
    x = rng.normal(size=3)
    W, b = EXERCISES["one_layer_at"].reference(x, W1, b1, W2, b2)
    near = x + 1e-4 * rng.normal(size=(10, 3))
    assert np.allclose(near @ W.T + b, np.maximum(near @ W1.T + b1, 0) @ W2.T + b2)


def test_the_hinges_pass_through_the_points_and_go_straight_between_them() -> None:
    x, y = np.array([-1.0, 0.5, 1.0, 4.0]), np.array([2.0, -1.0, 0.0, 7.0])
    k, w, c = EXERCISES["hinge_network"].reference(x, y)
    t = np.linspace(-1, 4, 101)
    assert np.allclose(np.maximum(t[:, None] - k, 0) @ w + c, np.interp(t, x, y))


def mask_of_inputs(x, W1, b1, W2, b2):
    on = np.array([x[i % len(x)] > 0 for i in range(len(b1))])
    return W2[:, on] @ W1[on], W2[:, on] @ b1[on] + b2


def no_relu_in_loops(x, W1, b1, W2, b2):
    W, b = np.zeros((len(b2), len(x))), b2 + 0.0
    for i in range(len(b1)):
        W = W + np.outer(W2[:, i], W1[i])
        b = b + W2[:, i] * b1[i]
    return W, b


def bias_is_the_value(x, W1, b1, W2, b2):
    W, _ = layer_by_diagonal(x, W1, b1, W2, b2)
    return W, W2 @ np.clip(W1 @ x + b1, 0, None) + b2


def slopes_in_loops(x, y):
    return x[:-1], [(y[i + 1] - y[i]) / (x[i + 1] - x[i]) for i in range(len(x) - 1)], y[0]


def rises_in_loops(x, y):
    w = [y[1] - y[0]]
    for i in range(1, len(x) - 1):
        w.append((y[i + 1] - y[i]) - (y[i] - y[i - 1]))
    return x[:-1], w, y[0]


def no_start(x, y):
    k, w, _ = hinges_with_prepend(x, y)
    return k, w, 0


def knots_at_the_right(x, y):
    _, w, c = hinges_in_loops(x, y)
    return list(x)[1:], w, c


def biases_of_all_units(x, W1, b1, W2, b2):
    W, _ = layer_by_diagonal(x, W1, b1, W2, b2)
    return W, b2 + sum(b1[i] * W2[:, i] for i in range(len(b1)))


def biases_without_the_second_layer(x, W1, b1, W2, b2):
    W, b = np.zeros((len(b2), len(x))), b2 + 0.0
    for i in np.flatnonzero(W1 @ x + b1 > 0):
        W = W + np.outer(W2[:, i], W1[i])
        b = b + b1[i]
    return W, b


def fine_differences(x, W1, b1, W2, b2):
    W = np.zeros((len(b2), len(x)))
    sides = [W2 @ np.maximum(W1 @ v + b1, 0) for v in (x, *(x + 1e-4 * np.eye(len(x))))]
    other = [W2 @ np.maximum(W1 @ v + b1, 0) for v in x - 1e-4 * np.eye(len(x))]
    for j in range(len(x)):
        W[:, j] = (sides[j + 1] - other[j]) / 2e-4
    return W, sides[0] + b2 - W @ x


def weight_minus_weight(x, y):
    w = []
    for slope in np.diff(y) / np.diff(x):
        w.append(slope - w[-1] if w else slope)
    return x[:-1], w, y[0]


def distance_of_the_first(x, y):
    w = [(y[1] - y[0]) / (x[1] - x[0])]
    for i in range(1, len(x) - 1):
        w.append((y[i + 1] - 2 * y[i] + y[i - 1]) / (x[1] - x[0]))
    return x[:-1], w, y[0]


def no_weight_zero(x, y):
    pairs = [(k, w) for k, w in zip(*hinges_with_prepend(x, y)[:2], strict=True) if abs(w) > 1e-9]
    return [k for k, _ in pairs], [w for _, w in pairs], y[0]


def half_on_at_zero(x, W1, b1, W2, b2):
    on = np.heaviside(W1 @ x + b1, 0.5)
    return W2 @ np.diag(on) @ W1, W2 @ (on * b1) + b2


def slopes_from_the_first_point(x, y):
    slopes = [(b - y[0]) / (a - x[0]) for a, b in zip(x[1:], y[1:], strict=True)]
    return x[:-1], np.diff(slopes, prepend=0), y[0]


def slope_minus_the_first(x, y):
    slopes = np.diff(y) / np.diff(x)
    return x[:-1], [slopes[0], *(slopes[1:] - slopes[0])], y[0]


SLIPS = [
    ("one_layer_at", half_on_at_zero, "A unit at z = 0 exactly counts half in your W"),
    ("hinge_network", slopes_from_the_first_point, "Your slopes are all measured from the first"),
    ("hinge_network", slope_minus_the_first, "From each later slope you subtract the first"),
    ("one_layer_at", biases_of_all_units, "The biases of units that are off still count"),
    ("one_layer_at", biases_without_the_second_layer, "You add up the hidden biases as they are"),
    (
        "one_layer_at",
        fine_differences,
        "A unit at z = 0 exactly counts half in your W",
    ),
    ("hinge_network", weight_minus_weight, "Each of your weights is a slope minus the *weight*"),
    ("hinge_network", distance_of_the_first, "You divide by the first distance"),
    ("hinge_network", no_weight_zero, "You leave out the knots"),
    ("one_layer_at", mask_of_inputs, "You decide by x which units are on"),
    ("one_layer_at", no_relu_in_loops, "Units that are off still count"),
    ("one_layer_at", bias_is_the_value, "Your b is what the network gives at x"),
    ("hinge_network", slopes_in_loops, "Your weights are the slopes"),
    ("hinge_network", rises_in_loops, "Your slopes are differences of y"),
    ("hinge_network", no_start, "Your c is 0"),
    ("hinge_network", knots_at_the_right, "Your knots are the points at the right"),
]


@pytest.mark.parametrize(("name", "answer", "start"), SLIPS)
def test_slips_are_named_in_whatever_style(name: str, answer: Answer, start: str) -> None:
    begins(name, answer, start)
