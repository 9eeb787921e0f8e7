"""Right answers in other styles than the reference's, and slips in several styles."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from judged import begins, details, passes

from nnlib.course.lessons import EXERCISES

Answer = Callable[..., Any]


# --- Right answers in other styles ----------------------------------------------------------------


def steps_by_a_search_from_each_start(x, y, eps):
    starts = [0]
    while True:
        fits = [
            n for n in range(len(y) + 1) if n > starts[-1] and np.ptp(y[starts[-1] : n]) <= 2 * eps
        ]
        if fits[-1] == len(y):
            break
        starts.append(fits[-1])
    bounds = [*starts, len(y)]
    levels = [(y[i:j].max() + y[i:j].min()) / 2 for i, j in pairwise(bounds)]
    return x[np.array(starts[1:], dtype=int)], np.diff(levels), levels[0]


def steps_in_plain_python(x, y, eps):
    pieces = []
    for place, value in zip(x.tolist(), y.tolist(), strict=True):
        if pieces and max(*pieces[-1][1], value) - min(*pieces[-1][1], value) <= 2 * eps:
            pieces[-1][1].append(value)
        else:
            pieces.append((place, [value]))
    levels = [0.5 * min(values) + 0.5 * max(values) for _, values in pieces]
    v = [after - before for before, after in pairwise(levels)]
    return [place for place, _ in pieces[1:]], v, levels[0]


def steps_by_recursion(x, y, eps):
    n = len(y)
    while np.max(y[:n]) - np.min(y[:n]) > 2 * eps:
        n -= 1
        while n > 1 and np.max(y[:n]) - np.min(y[:n]) > 2 * eps:
            n -= 1
    level = np.min(y[:n]) + (np.max(y[:n]) - np.min(y[:n])) / 2
    if n == len(y):
        return np.zeros(0), np.zeros(0), level
    k, v, c = steps_by_recursion(x[n:], y[n:], eps)
    return np.append(x[n], k), np.append(c - level, v), level


def polynomial_by_the_binomial_theorem(w, b, v, p):
    return [math.comb(p, k) * np.sum(v * w**k * b ** (p - k)) for k in range(p + 1)]


def polynomial_by_convolution(w, b, v, p):
    total = np.zeros(p + 1)
    for unit in range(len(w)):
        power = np.array([1.0])
        for _ in range(p):
            power = np.convolve(power, [b[unit], w[unit]])
        total += v[unit] * power
    return total


def polynomial_by_polynomials(w, b, v, p):
    total = sum(v_i * np.polynomial.Polynomial([b_i, w_i]) ** p for w_i, b_i, v_i in zip(w, b, v))  # noqa: B905
    return np.append(total.coef, np.zeros(p + 1 - len(total.coef)))


def towers_with_steps_from_both_sides(low, high, heights):
    """H(x − low) and H(high − x) both fire inside: 2d of them."""
    n, d = low.shape
    W1 = np.concatenate([np.concatenate([np.eye(d), -np.eye(d)]) for _ in range(n)])
    b1 = np.concatenate([np.concatenate([-low[i], high[i]]) for i in range(n)])
    W2 = np.zeros((n, 2 * d * n))
    for i in range(n):
        W2[i, 2 * d * i : 2 * d * (i + 1)] = 1
    return W1, b1, W2, -(2 * d - 0.5) * np.ones(n), heights


def towers_in_lists(low, high, heights):
    n, d = low.shape
    W1, b1, owners = [], [], []
    for j in range(d):
        for i in range(n):
            for sign, edge in ((1, low[i, j]), (-1, high[i, j])):
                W1.append([4 * (column == j) for column in range(d)])
                b1.append(-4 * edge)
                owners.append((i, sign))
    W2 = [[sign * (owner == i) for owner, sign in owners] for i in range(n)]
    return W1, b1, W2, [-d] * n, list(heights)


def towers_that_veto(low, high, heights):
    """Steps that fire outside, each of which is one veto too many."""
    n, d = low.shape
    outside = np.concatenate([-np.eye(d), np.eye(d)])
    W1 = np.concatenate([outside] * n)
    b1 = np.stack([low - 1e-9, -high], axis=1).reshape(2 * n * d)
    W2 = -np.repeat(np.eye(n), 2 * d, axis=1)
    return W1, b1, W2, np.full(n, 0.5), heights


RIGHT = {
    "step_network": [steps_by_a_search_from_each_start, steps_in_plain_python, steps_by_recursion],
    "as_polynomial": [
        polynomial_by_the_binomial_theorem,
        polynomial_by_convolution,
        polynomial_by_polynomials,
    ],
    "tower_network": [towers_with_steps_from_both_sides, towers_in_lists, towers_that_veto],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        passes(name, answer)


# --- What they promise ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_no_step_network_has_fewer_pieces(seed: int) -> None:
    """Against a search over all ways to cut the points."""
    rng = np.random.default_rng(seed)
    x, y, eps = np.arange(12.0), rng.integers(-6, 7, 12) / 4, 0.5
    fewest = [0] + [99] * 12  # pieces for the first j points
    for j in range(1, 13):
        for i in range(j):
            if np.ptp(y[i:j]) <= 2 * eps:
                fewest[j] = min(fewest[j], fewest[i] + 1)
    k, v, c = EXERCISES["step_network"].reference(x, y, eps)
    assert len(k) + 1 == fewest[12]
    assert np.abs(c + np.heaviside(x[:, None] - k, 1) @ v - y).max() <= eps


def test_a_polynomial_is_the_layer_that_it_comes_from() -> None:
    rng = np.random.default_rng(0)
    w, b, v = rng.normal(size=(3, 40))
    x = np.linspace(-1, 1, 9)
    for p in range(6):
        a = EXERCISES["as_polynomial"].reference(w, b, v, p)
        layer = (x[:, None] * w + b) ** p @ v
        np.testing.assert_allclose(np.polynomial.Polynomial(a)(x), layer, atol=1e-9)


def test_shapes_of_a_city_are_told() -> None:
    reference = EXERCISES["tower_network"].reference

    def transposed(low, high, heights):
        W1, b1, W2, b2, v = reference(low, high, heights)
        return W1.T, b1, W2, b2, v

    def twice(low, high, heights):
        W1, b1, W2, b2, v = reference(low, high, heights)
        return np.tile(W1, (2, 1)), np.tile(b1, 2), np.tile(W2, (1, 2)), 2 * b2 + 0.5, v

    assert "It looks transposed" in " ".join(details("tower_network", transposed).values())
    assert "must do with 2dn" in " ".join(details("tower_network", twice).values())


# --- The commonest slips, each in three styles ----------------------------------------------------


def pieces_of(y, fits):
    """Cut y into pieces, as long as `fits` allows: (first, after the last) of each."""
    starts = [0]
    for i in range(1, len(y)):
        if not fits(y[starts[-1] : i + 1]):
            starts.append(i)
    return list(pairwise([*starts, len(y)]))


def two_eps(eps):
    return lambda piece: piece.max() - piece.min() <= 2 * eps


def middle(piece):
    return (piece.min() + piece.max()) / 2


def built(x, y, cuts, levels):
    return np.array([x[i] for i, _ in cuts[1:]]), np.diff(levels), levels[0]


def one_eps_by_pieces(x, y, eps):
    cuts = pieces_of(y, lambda piece: piece.max() - piece.min() <= eps)
    return built(x, y, cuts, [middle(y[i:j]) for i, j in cuts])


def one_eps_in_plain_python(x, y, eps):
    return steps_in_plain_python(x, y, eps / 2)


def one_eps_by_the_distance_of_any_two(x, y, eps):
    cuts = pieces_of(y, lambda piece: np.abs(piece[:, None] - piece).max() <= eps)
    return built(x, y, cuts, [middle(y[i:j]) for i, j in cuts])


def levels_as_weights(x, y, eps):
    k, v, c = steps_in_plain_python(x, y, eps)
    return k, c + np.cumsum(v), c


def levels_as_weights_by_pieces(x, y, eps):
    cuts = pieces_of(y, two_eps(eps))
    levels = np.array([middle(y[i:j]) for i, j in cuts])
    return np.array([x[i] for i, _ in cuts[1:]]), levels[1:], levels[0]


def levels_as_weights_in_a_loop(x, y, eps):
    k, v = [], []
    c = None
    for i, j in pieces_of(y, two_eps(eps)):
        if c is None:
            c = middle(y[i:j])
        else:
            k.append(x[i])
            v.append(middle(y[i:j]))
    return k, v, c


def means_by_pieces(x, y, eps):
    cuts = pieces_of(y, two_eps(eps))
    return built(x, y, cuts, [y[i:j].mean() for i, j in cuts])


def means_by_sums(x, y, eps):
    cuts = pieces_of(y, two_eps(eps))
    return built(x, y, cuts, [sum(y[i:j].tolist()) / (j - i) for i, j in cuts])


def means_by_weights(x, y, eps):
    cuts = pieces_of(y, two_eps(eps))
    return built(x, y, cuts, [y[i:j] @ np.full(j - i, 1 / (j - i)) for i, j in cuts])


def first_values_by_pieces(x, y, eps):
    cuts = pieces_of(y, two_eps(eps))
    return built(x, y, cuts, [y[i] for i, _ in cuts])


def first_values_by_index(x, y, eps):
    starts = np.array([i for i, _ in pieces_of(y, two_eps(eps))])
    return x[starts[1:]], y[starts[1:]] - y[starts[:-1]], y[0]


def first_values_in_a_loop(x, y, eps):
    k, v, level = [], [], y[0]
    for i, _ in pieces_of(y, two_eps(eps))[1:]:
        k.append(x[i])
        v.append(y[i] - level)
        level = y[i]
    return k, v, y[0]


def neighbors_in_a_loop(x, y, eps):
    starts = [0] + [i for i in range(1, len(y)) if abs(y[i] - y[i - 1]) > 2 * eps]
    cuts = list(pairwise([*starts, len(y)]))
    return built(x, y, cuts, [middle(y[i:j]) for i, j in cuts])


def neighbors_by_diff(x, y, eps):
    starts = np.append(0, np.flatnonzero(np.abs(np.diff(y)) > 2 * eps) + 1)
    cuts = list(pairwise([*starts.tolist(), len(y)]))
    return built(x, y, cuts, [middle(y[i:j]) for i, j in cuts])


def neighbors_by_split(x, y, eps):
    starts = np.flatnonzero(np.abs(y[1:] - y[:-1]) > 2 * eps) + 1
    levels = [(part.max() + part.min()) / 2 for part in np.split(y, starts)]
    return x[starts], np.diff(levels), levels[0]


def reversed_comb(w, b, v, p):
    return np.array([math.comb(p, k) * np.sum(v * w ** (p - k) * b**k) for k in range(p + 1)])


def reversed_poly1d(w, b, v, p):
    return polynomial_by_convolution(w, b, v, p)[::-1]


def reversed_in_a_loop(w, b, v, p):
    a = [0.0] * (p + 1)
    for w_i, b_i, v_i in zip(w, b, v, strict=True):
        for k in range(p + 1):
            a[p - k] += v_i * math.comb(p, k) * w_i**k * b_i ** (p - k)
    return a


def no_binomials_in_a_loop(w, b, v, p):
    a = np.zeros(p + 1)
    for w_i, b_i, v_i in zip(w, b, v, strict=True):
        for k in range(p + 1):
            a[k] += v_i * w_i**k * b_i ** (p - k)
    return a


def no_binomials_by_a_matrix(w, b, v, p):
    k = np.arange(p + 1)[:, None]
    return (w**k * b ** (p - k)) @ v


def no_binomials_by_einsum(w, b, v, p):
    k = np.arange(p + 1)
    return np.einsum("q,qk,qk->k", v, w[:, None] ** k, b[:, None] ** (p - k))


def no_weights_by_comb(w, b, v, p):
    return np.array([math.comb(p, k) * np.sum(w**k * b ** (p - k)) for k in range(p + 1)])


def no_weights_by_convolution(w, b, v, p):
    return polynomial_by_convolution(w, b, np.ones(len(v)), p)


def no_weights_in_a_loop(w, b, v, p):
    a = np.zeros(p + 1)
    for w_i, b_i in zip(w, b, strict=True):
        for k in range(p + 1):
            a[k] = a[k] + math.comb(p, k) * w_i**k * b_i ** (p - k)
    return a


def dream_by_sums(w, b, v, p):
    a = np.zeros(p + 1)
    a[0], a[p] = v @ b**p, v @ w**p
    return a


def dream_in_a_loop(w, b, v, p):
    a = [0.0] * (p + 1)
    a[0] = sum(v_i * b_i**p for v_i, b_i in zip(v, b, strict=True))
    a[-1] = sum(v_i * w_i**p for v_i, w_i in zip(v, w, strict=True))
    return a


def dream_by_joining(w, b, v, p):
    ends = [np.array([np.sum(v * b**p)]), np.zeros(max(p - 1, 0)), np.array([np.sum(v * w**p)])]
    return np.concatenate(ends)[-(p + 1) :]


def one_power_by_sums(w, b, v, p):
    W, B = np.dot(v, w), np.dot(v, b)
    return [math.comb(p, k) * W**k * B ** (p - k) for k in range(p + 1)]


def one_power_by_convolution(w, b, v, p):
    a = np.ones(1)
    for _ in range(p):
        a = np.convolve(a, [np.sum(v * b), np.sum(v * w)])
    return a


def one_power_in_a_loop(w, b, v, p):
    line, a = [0.0, 0.0], [1.0]
    for w_i, b_i, v_i in zip(w, b, v, strict=True):
        line = [line[0] + v_i * b_i, line[1] + v_i * w_i]
    for _ in range(p):
        up = [0.0, *(line[1] * c for c in a)]
        a = [c + d for c, d in zip([*(line[0] * c for c in a), 0.0], up, strict=True)]
    return a


def with_threshold(make: Answer, threshold: Callable[[int], float]) -> Answer:
    def answer(low, high, heights):
        W1, b1, W2, _, v = make(low, high, heights)
        return W1, b1, W2, np.full(len(low), -threshold(low.shape[1])), v

    return answer


def loops(low, high, heights):
    n, d = low.shape
    W1, b1, W2 = np.zeros((2 * n * d, d)), np.zeros(2 * n * d), np.zeros((n, 2 * n * d))
    for unit in range(2 * n * d):
        i, j, up = unit // (2 * d), unit % (2 * d) // 2, unit % 2 == 0
        W1[unit, j], b1[unit], W2[i, unit] = 1, -(low if up else high)[i, j], 1 if up else -1
    return W1, b1, W2, np.full(n, 0.5 - d), heights


def blocks(low, high, heights):
    n, d = low.shape
    W1 = np.concatenate([np.eye(d)] * (2 * n))
    b1 = -np.concatenate([low.flatten(), high.flatten()])
    own = np.repeat(np.eye(n), d, axis=1)
    return W1, b1, np.hstack([own, -own]), -(d - 0.5) * np.ones(n), heights


STYLES = (loops, blocks, towers_in_lists)


def changed(make: Answer, change: Callable[..., Any]) -> Answer:
    return lambda low, high, heights: change(*map(np.array, make(low, high, heights)))


def no_end(W1, b1, W2, b2, v):
    return W1, b1, np.abs(W2), b2, v


def height_one(W1, b1, W2, b2, v):
    return W1, b1, W2, b2, np.ones(len(v))


def plus_edges(W1, b1, W2, b2, v):
    return W1, -b1, W2, b2, v


def plus_threshold(W1, b1, W2, b2, v):
    return W1, b1, W2, np.abs(b2), v


STYLED = {
    "Your pieces end too early": [
        one_eps_by_pieces, one_eps_in_plain_python, one_eps_by_the_distance_of_any_two,
    ],
    "Your weights are the levels themselves": [
        levels_as_weights, levels_as_weights_by_pieces, levels_as_weights_in_a_loop,
    ],
    "Your levels are the means": [means_by_pieces, means_by_sums, means_by_weights],
    "A piece's level is the y of its first": [
        first_values_by_pieces, first_values_by_index, first_values_in_a_loop,
    ],
    "You compare each point with its neighbor alone": [
        neighbors_in_a_loop, neighbors_by_diff, neighbors_by_split,
    ],
    "Your coefficients come in the other order": [
        reversed_comb, reversed_poly1d, reversed_in_a_loop,
    ],
    "The binomial coefficients are missing": [
        no_binomials_in_a_loop, no_binomials_by_a_matrix, no_binomials_by_einsum,
    ],
    "The weights v are missing": [
        no_weights_by_comb, no_weights_by_convolution, no_weights_in_a_loop,
    ],
    "Between the ends you have nothing": [dream_by_sums, dream_in_a_loop, dream_by_joining],
    "You add the units up first": [
        one_power_by_sums, one_power_by_convolution, one_power_in_a_loop,
    ],
    "Your towers keep their arms": [with_threshold(make, lambda d: 0.5) for make in STYLES],
    "Your network gives 0 everywhere": [changed(make, plus_edges) for make in STYLES],
    "Your walls have no end": [changed(make, no_end) for make in STYLES],
    "All your towers are of height 1": [changed(make, height_one) for make in STYLES],
    "Your second layer fires everywhere": [changed(make, plus_threshold) for make in STYLES],
}  # fmt: skip
EXERCISE = ["step_network"] * 5 + ["as_polynomial"] * 5 + ["tower_network"] * 5


@pytest.mark.parametrize(("name", "start"), list(zip(EXERCISE, STYLED, strict=True)))
def test_a_slip_is_recognized_whatever_its_style(name: str, start: str) -> None:
    for answer in STYLED[start]:
        begins(name, answer, start)


# --- Slips of a first reader ----------------------------------------------------------------------


def half_the_height(x, y, eps):
    levels, k, i = [], [], 0
    while i < len(y):
        j = i
        while j < len(y) and np.ptp(y[i : j + 1]) <= 2 * eps:
            j += 1
        levels.append(np.ptp(y[i:j]) / 2)  # of the first piece, too
        if j < len(y):
            k.append(x[j])
        i = j
    return np.array(k), np.diff(levels), levels[0]


def near_the_first(x, y, eps):
    k, v = [], []
    c = level = y[0]
    for place, value in zip(x[1:], y[1:], strict=True):
        if abs(value - level) > eps:
            k.append(place)
            v.append(value - level)
            level = value
    return np.array(k), np.array(v), c


def means_of_float32(w, b, v, p):  # np.mean rounds as its numbers do
    return np.array([math.comb(p, k) * np.mean(v * w**k * b ** (p - k)) for k in range(p + 1)])


def fires_one_wall_early(low, high, heights):
    W1, b1, W2, b2, v = EXERCISES["tower_network"].reference(low, high, heights)
    return W1, b1, W2, b2 + 0.5, v


def once_too_often_with_convolve(w, b, v, p):
    a = np.zeros(p + 1)
    for i in range(len(w)):
        power = [v[i]]
        for _ in range(p + 1):
            power = np.convolve(power, [b[i], w[i]])
        a += power[: p + 1]
    return a


def tower_edge_by_edge(low, high, heights, b1=None, W2=None):
    n, d = low.shape
    W1 = np.repeat(np.tile(np.eye(d), (n, 1)), 2, axis=0)
    turns = np.kron(np.eye(n), np.tile([1, -1], d))
    edges = np.stack([low, high], axis=2).ravel() if b1 is None else b1
    return W1, -edges, turns if W2 is None else W2, np.full(n, 0.5 - d), heights


def low_edges_first_in_b1(low, high, heights):
    return tower_edge_by_edge(low, high, heights, b1=np.r_[low.ravel(), high.ravel()])


def signs_take_turns(low, high, heights):
    n, d = low.shape
    W2 = np.zeros((n, 2 * n * d))
    for i in range(n):
        for j in range(d):
            W2[i, 2 * (i * d + j)], W2[i, 2 * (i * d + j) + 1] = 1, -1
    W1, b1 = np.tile(np.eye(d), (2 * n, 1)), -np.r_[low.ravel(), high.ravel()]
    return W1, b1, W2, np.full(n, 0.5 - d), heights


FIRST_READER = {
    "A piece's level is half its height": ("step_network", half_the_height),
    "A piece's level is the y of its first point, and a new piece": (
        "step_network",
        near_the_first,
    ),
    "You take the mean over the units": ("as_polynomial", means_of_float32),
    "Your towers fire one wall too early": ("tower_network", fires_one_wall_early),
    "You multiply by w x + b once too often": ("as_polynomial", once_too_often_with_convolve),
    "b1 has all the low edges first": ("tower_network", low_edges_first_in_b1),
    "W1 and b1 have all the low edges first": ("tower_network", signs_take_turns),
}


@pytest.mark.parametrize("start", FIRST_READER)
def test_a_first_readers_slip_is_told(start: str) -> None:
    begins(*FIRST_READER[start], start)


def test_the_middle_of_each_box_is_judged_by_its_number() -> None:
    def last_is_double(low, high, heights):
        answer = EXERCISES["tower_network"].reference(low, high, heights)
        return *answer[:-1], np.append(answer[-1][:-1], 2 * answer[-1][-1])

    told = details("tower_network", last_is_double)["values"]
    assert told.startswith("entry 0 of what it gives in the middle of each box is 4"), told


def test_towers_edge_by_edge_are_right() -> None:
    passes("tower_network", tower_edge_by_edge)
