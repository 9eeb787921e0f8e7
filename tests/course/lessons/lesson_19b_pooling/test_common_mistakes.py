"""The commonest mistakes, each in three styles that are not the page's: all are named as what they are."""

import numpy as np
import pytest
from judged import begins
from numpy.lib.stride_tricks import sliding_window_view

# ── pool1d ───────────────────────────────────────────────────────────────────────────────────────


def windows_of(x, width, stride):
    return sliding_window_view(x, width, axis=1)[:, ::stride]


def zero_in_lists(x, width, stride, mode):
    starts = range(0, x.shape[1] - width + 1, stride)
    if mode == "mean":
        return np.array([[np.mean(row[s : s + width]) for s in starts] for row in x])
    return np.array([[max(0, *row[s : s + width], 0) for s in starts] for row in x])


def zero_as_initial(x, width, stride, mode):
    windows = windows_of(x, width, stride)
    return windows.max(axis=2, initial=0) if mode == "max" else windows.mean(axis=2)


def zero_in_loops(x, width, stride, mode):
    y = np.zeros((len(x), (x.shape[1] - width) // stride + 1))
    for n, r in np.ndindex(*y.shape):
        for value in x[n, r * stride : r * stride + width]:
            if mode == "mean":
                y[n, r] += value / width
            elif value > y[n, r]:
                y[n, r] = value
    return y


def too_few_in_lists(x, width, stride, mode):
    m = (x.shape[1] - width) // stride
    pick = np.max if mode == "max" else np.mean
    y = [[pick(row[r * stride : r * stride + width]) for r in range(m)] for row in x]
    return np.array(y).reshape(len(x), m)


def too_few_by_views(x, width, stride, mode):
    windows = windows_of(x, width, stride)[:, :-1]
    return windows.max(-1) if mode == "max" else windows.sum(-1) / width


def too_few_by_indices(x, width, stride, mode):
    starts = stride * np.arange((x.shape[1] - width) // stride)
    windows = x[:, starts[:, None] + np.arange(width)]
    return np.amax(windows, 2) if mode == "max" else np.average(windows, axis=2)


def exact_end_in_lists(x, width, stride, mode):
    pick = np.max if mode == "max" else np.mean
    starts = range(0, x.shape[1] - width, stride)
    return np.array([[pick(row[s : s + width]) for s in starts] for row in x])


def exact_end_in_columns(x, width, stride, mode):
    y, start = [], 0
    while start + width < x.shape[1]:
        window = x[:, start : start + width]
        y.append(window.max(axis=1) if mode == "max" else window.mean(axis=1))
        start += stride
    return np.array(y).T.reshape(len(x), len(y))


def exact_end_by_indices(x, width, stride, mode):
    windows = x[:, np.arange(0, x.shape[1] - width, stride)[:, None] + np.arange(width)]
    return windows.max(2) if mode == "max" else windows.mean(2)


def sums_in_lists(x, width, stride, mode):
    starts = range(0, x.shape[1] - width + 1, stride)
    pick = max if mode == "max" else sum
    return np.array([[pick(row[s : s + width]) for s in starts] for row in x])


def sums_by_einsum(x, width, stride, mode):
    windows = windows_of(x, width, stride)
    return windows.max(2) if mode == "max" else np.einsum("nrj->nr", windows)


def sums_by_convolution(x, width, stride, mode):
    if mode == "max":
        return windows_of(x, width, stride).max(-1)
    return np.array([np.convolve(row, np.ones(width), "valid")[::stride] for row in x])


def beside_by_reshape(x, width, stride, mode):
    m = x.shape[1] // width
    return getattr(x[:, : m * width].reshape(len(x), m, width), mode)(axis=2)


def beside_in_lists(x, width, stride, mode):
    pick = np.max if mode == "max" else np.mean
    starts = range(0, x.shape[1] - width + 1, width)
    return np.array([[pick(row[s : s + width]) for s in starts] for row in x])


def beside_in_columns(x, width, stride, mode):
    y = np.zeros((len(x), x.shape[1] // width))
    for r in range(y.shape[1]):
        window = x[:, r * width : (r + 1) * width]
        y[:, r] = window.max(1) if mode == "max" else window.mean(1)
    return y


# ── max_pool_backward ────────────────────────────────────────────────────────────────────────────


def last_by_reversing(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n, r in np.ndindex(*dY.shape):
        window = X[n, r * stride : r * stride + width]
        dX[n, r * stride + width - 1 - np.argmax(window[::-1])] += dY[n, r]
    return dX


def last_by_where(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n, r in np.ndindex(*dY.shape):
        window = X[n, r * stride : r * stride + width]
        dX[n, r * stride + np.flatnonzero(window == window.max())[-1]] += dY[n, r]
    return dX


def last_by_sorting(dY, X, width, stride):
    winners = windows_of(X, width, stride).argsort(axis=2, kind="stable")[:, :, -1]
    dX = np.zeros(X.shape)
    np.add.at(dX, (np.arange(len(X))[:, None], winners + stride * np.arange(dY.shape[1])), dY)
    return dX


def all_by_where(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n, r in np.ndindex(*dY.shape):
        window = X[n, r * stride : r * stride + width]
        for j in np.where(window == window.max())[0]:
            dX[n, r * stride + j] += dY[n, r]
    return dX


def all_in_blocks(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for r in range(dY.shape[1]):
        block = slice(r * stride, r * stride + width)
        top = X[:, block].max(axis=1)
        dX[:, block] += np.where(X[:, block] == top[:, None], dY[:, r][:, None], 0)
    return dX


def all_by_offsets(dY, X, width, stride):
    dX = np.zeros(X.shape)
    wins = windows_of(X, width, stride)
    wins = wins == wins.max(axis=2, keepdims=True)
    for j in range(width):
        dX[:, j : j + stride * dY.shape[1] : stride] += wins[:, :, j] * dY
    return dX


def in_window_by_rows(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for r in range(dY.shape[1]):
        winners = X[:, r * stride : r * stride + width].argmax(1)
        dX[range(len(X)), winners] += dY[:, r]
    return dX


def in_window_by_add_at(dY, X, width, stride):
    dX = np.zeros(X.shape)
    winners = windows_of(X, width, stride).argmax(axis=-1)
    np.add.at(dX, (np.arange(len(X))[:, None], winners), dY)
    return dX


def in_window_by_lists(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n, r in np.ndindex(*dY.shape):
        window = list(X[n, r * stride : r * stride + width])
        dX[n, window.index(max(window))] += dY[n, r]
    return dX


def no_stride_in_loops(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n, r in np.ndindex(*dY.shape):
        dX[n, r + X[n, r : r + width].argmax()] += dY[n, r]
    return dX


def no_stride_by_add_at(dY, X, width, stride):
    dX, r = np.zeros(X.shape), np.arange(dY.shape[1])
    winners = sliding_window_view(X, width, axis=1)[:, : len(r)].argmax(axis=2) + r
    np.add.at(dX, (np.arange(len(X))[:, None], winners), dY)
    return dX


def no_stride_by_comparing(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n in range(len(X)):
        for r, gradient in enumerate(dY[n]):
            best = r
            for i in range(r + 1, r + width):
                best = i if X[n, i] > X[n, best] else best
            dX[n, best] += gradient
    return dX


# ── symmetry_errors ──────────────────────────────────────────────────────────────────────────────


def outputs(layer, x, shift):
    return layer(np.roll(x, shift)), layer(x)


def table(layer, x, shift):
    """The differences, with one row for each move of the output."""
    moved, still = outputs(layer, x, shift)
    return moved - np.array([np.roll(still, r) for r in range(len(still))])


def by_shift_with_roll(layer, x, shift):
    moved, still = outputs(layer, x, shift)
    return max(abs(moved - np.roll(still, shift))), max(abs(moved - still))


def by_shift_in_loops(layer, x, shift):
    moved, still = outputs(layer, x, shift)
    m = len(still)
    follows = max(abs(moved[i] - still[(i - shift) % m]) for i in range(m))
    return follows, max(abs(moved[i] - still[i]) for i in range(m))


def by_shift_moved_back(layer, x, shift):
    moved, still = outputs(layer, x, shift)
    back = np.roll(moved, -shift)
    return np.linalg.norm(back - still, np.inf), np.linalg.norm(moved - still, np.inf)


def means_of_a_table(layer, x, shift):
    gaps = np.abs(table(layer, x, shift)).mean(axis=1)
    return gaps.min(), gaps[0]


def means_in_loops(layer, x, shift):
    moved, still = outputs(layer, x, shift)
    m, gaps = len(still), []
    for r in range(m):
        gaps.append(sum(abs(moved[i] - still[(i - r) % m]) for i in range(m)) / m)
    return min(gaps), gaps[0]


def means_with_a_function(layer, x, shift):
    def gap(one, other):
        return np.average(np.absolute(one - other))

    moved, still = outputs(layer, x, shift)
    return min(gap(moved, np.roll(still, r)) for r in range(still.size)), gap(moved, still)


def signs_of_a_table(layer, x, shift):
    gaps = table(layer, x, shift).max(axis=1)
    return gaps.min(), gaps[0]


def signs_in_loops(layer, x, shift):
    moved, still = outputs(layer, x, shift)
    best, m = np.inf, len(still)
    for r in range(m):
        best = min(best, max(moved[i] - still[i - r] for i in range(m)))
    return best, max(moved[i] - still[i] for i in range(m))


def signs_with_a_function(layer, x, shift):
    def gap(one, other):
        return np.max(np.subtract(one, other))

    moved, still = outputs(layer, x, shift)
    return min(gap(moved, np.roll(still, r)) for r in range(len(still))), gap(moved, still)


def left_with_roll(layer, x, shift):
    moved, still = outputs(layer, x, -shift)
    gaps = [np.abs(moved - np.roll(still, r)).max() for r in range(len(still))]
    return min(gaps), gaps[0]


def left_with_slices(layer, x, shift):
    moved, still = layer(np.concatenate([x[shift:], x[:shift]])), layer(x)
    gaps = np.array([np.max(abs(moved - np.roll(still, r))) for r in range(len(still))])
    return gaps.min(), gaps[0]


def left_with_indices(layer, x, shift):
    moved, still = layer(x[(np.arange(len(x)) + shift) % len(x)]), layer(x)
    best = min(max(abs(moved - np.roll(still, r))) for r in range(len(still)))
    return best, max(abs(moved - still))


def up_to_shift_in_a_list(layer, x, shift):
    moved, still = outputs(layer, x, shift)
    gaps = [np.abs(moved - np.roll(still, r)).max() for r in range(shift + 1)]
    return min(gaps), gaps[0]


def up_to_shift_of_a_table(layer, x, shift):
    gaps = np.abs(table(layer, x, shift)).max(axis=1)
    return gaps[: shift + 1].min(), gaps[0]


def up_to_shift_in_a_loop(layer, x, shift):
    moved, still = outputs(layer, x, shift)
    best = invariance = np.abs(moved - still).max()
    for r in range(1, shift + 1):
        best = min(best, np.abs(np.roll(moved, -r) - still).max())
    return best, invariance


COMMON = {
    "pool1d": {
        "A maximum never falls below 0": (zero_in_lists, zero_as_initial, zero_in_loops),
        "One window is missing": (too_few_in_lists, too_few_by_views, too_few_by_indices),
        "The window that ends exactly": (
            exact_end_in_lists,
            exact_end_in_columns,
            exact_end_by_indices,
        ),
        'With mode "mean" you return sums': (sums_in_lists, sums_by_einsum, sums_by_convolution),
        "You set the windows next to": (beside_by_reshape, beside_in_lists, beside_in_columns),
    },
    "max_pool_backward": {
        "Of equal values the last one": (last_by_reversing, last_by_where, last_by_sorting),
        "Of equal values each gets": (all_by_where, all_in_blocks, all_by_offsets),
        "argmax counts from": (in_window_by_rows, in_window_by_add_at, in_window_by_lists),
        "Your windows begin one behind": (
            no_stride_in_loops,
            no_stride_by_add_at,
            no_stride_by_comparing,
        ),
    },
    "symmetry_errors": {
        "You move the output by exactly": (
            by_shift_with_roll,
            by_shift_in_loops,
            by_shift_moved_back,
        ),
        "Your gaps are means over": (means_of_a_table, means_in_loops, means_with_a_function),
        "A difference may be negative": (signs_of_a_table, signs_in_loops, signs_with_a_function),
        "You move x to the left": (left_with_roll, left_with_slices, left_with_indices),
        "You move the output by 0 to": (
            up_to_shift_in_a_list,
            up_to_shift_of_a_table,
            up_to_shift_in_a_loop,
        ),
    },
}
CASES = [
    pytest.param(name, answer, start, id=answer.__name__)
    for name, sentences in COMMON.items()
    for start, answers in sentences.items()
    for answer in answers
]


@pytest.mark.parametrize(("name", "answer", "start"), CASES)
def test_a_common_mistake_is_named_in_three_styles(name, answer, start):
    begins(name, answer, start)
