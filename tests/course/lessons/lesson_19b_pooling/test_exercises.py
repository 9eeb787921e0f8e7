"""Lesson 19b: right answers in other styles than the references', and what is said of wrong ones."""

import numpy as np
import pytest
from judged import begins, details, passes, said

# ── pool1d ───────────────────────────────────────────────────────────────────────────────────────


def pool_in_loops(x, width, stride, mode):
    y = []
    for row in x:
        y.append([])
        for start in range(0, len(row) - width + 1, stride):
            window = row[start : start + width]
            y[-1].append(max(window) if mode == "max" else sum(window) / width)
    return np.array(y)


def pool_by_views(x, width, stride, mode):
    windows = np.lib.stride_tricks.sliding_window_view(x, width, axis=1)[:, ::stride]
    return getattr(windows, mode)(axis=2)


def pool_by_indices(x, width, stride, mode):
    starts = np.arange(0, x.shape[1] - width + 1, stride)
    windows = x[:, starts[:, None] + np.arange(width)]
    return np.max(windows, -1) if mode == "max" else np.einsum("nrj->nr", windows) / width


# ── max_pool_backward ────────────────────────────────────────────────────────────────────────────


def backward_by_add_at(dY, X, width, stride):
    windows = np.lib.stride_tricks.sliding_window_view(X, width, axis=1)[:, ::stride]
    winners = windows.argmax(2) + stride * np.arange(dY.shape[1])
    dX = np.zeros_like(X, dtype=float)
    np.add.at(dX, (np.arange(len(X))[:, None], winners), dY)
    return dX


def backward_by_one_hot(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for r in range(dY.shape[1]):
        columns = slice(r * stride, r * stride + width)
        dX[:, columns] += np.eye(width)[X[:, columns].argmax(axis=1)] * dY[:, [r]]
    return dX


def backward_by_comparing(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n, row in enumerate(X):
        for r, gradient in enumerate(dY[n]):
            best = r * stride
            for i in range(r * stride, r * stride + width):
                if row[i] > row[best]:
                    best = i
            dX[n, best] += gradient
    return dX


# ── symmetry_errors ──────────────────────────────────────────────────────────────────────────────


def errors_in_loops(layer, x, shift):
    n = len(x)
    moved = layer(np.array([x[(i - shift) % n] for i in range(n)]))
    still = layer(np.array(x))
    m, best = len(still), float("inf")
    for r in range(m):
        largest = 0.0
        for i in range(m):
            largest = max(largest, abs(float(moved[i]) - float(still[(i - r) % m])))
        best = min(best, largest)
    return best, max(abs(float(a) - float(b)) for a, b in zip(moved, still, strict=True))


def errors_all_at_once(layer, x, shift):
    moved, still = layer(np.roll(x, shift)), layer(x)
    rolled = np.stack([np.roll(still, r) for r in range(still.size)])
    gaps = np.abs(moved - rolled).max(axis=1)
    return gaps.min(), gaps[0]


def errors_by_moving_the_first(layer, x, shift):
    moved, still = layer(np.concatenate([x[len(x) - shift :], x[: len(x) - shift]])), layer(x)
    gaps = [np.linalg.norm(np.roll(moved, -r) - still, np.inf) for r in range(len(moved))]
    return [min(gaps), np.linalg.norm(moved - still, np.inf)]


RIGHT = [
    ("pool1d", pool_in_loops),
    ("pool1d", pool_by_views),
    ("pool1d", pool_by_indices),
    ("max_pool_backward", backward_by_add_at),
    ("max_pool_backward", backward_by_one_hot),
    ("max_pool_backward", backward_by_comparing),
    ("symmetry_errors", errors_in_loops),
    ("symmetry_errors", errors_all_at_once),
    ("symmetry_errors", errors_by_moving_the_first),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT, ids=[answer.__name__ for _, answer in RIGHT])
def test_right_answers_in_other_styles_pass(name, answer):
    passes(name, answer)


# ── wrong ones, in styles that are not the page's ────────────────────────────────────────────────


def pool_stride_1_in_lists(x, width, stride, mode):
    m = (x.shape[1] - width) // stride + 1
    pick = np.max if mode == "max" else np.mean
    return np.array([[pick(row[r : r + width]) for r in range(m)] for row in x])


def pool_stride_1_by_views(x, width, stride, mode):
    windows = np.lib.stride_tricks.sliding_window_view(x, width, axis=1)
    windows = windows[:, : (x.shape[1] - width) // stride + 1]
    return windows.max(-1) if mode == "max" else windows.mean(-1)


def pool_stride_1_by_indices(x, width, stride, mode):
    r = np.arange(1 + (x.shape[1] - width) // stride)
    windows = x[:, np.add.outer(r, np.arange(width))]
    return windows.max(axis=2) if mode == "max" else windows.sum(axis=2) / width


def pool_from_zero(x, width, stride, mode):
    y = np.zeros((len(x), (x.shape[1] - width) // stride + 1))
    for r in range(y.shape[1]):
        for j in range(width):
            entry = x[:, r * stride + j]
            y[:, r] = np.maximum(y[:, r], entry) if mode == "max" else y[:, r] + entry / width
    return y


def pool_one_too_few(x, width, stride, mode):
    m = (x.shape[1] - width) // stride
    y = np.empty((len(x), m))
    for r in range(m):
        window = x[:, r * stride : r * stride + width]
        y[:, r] = window.max(1) if mode == "max" else window.mean(1)
    return y


def pool_side_by_side(x, width, stride, mode):
    m = x.shape[1] // width
    windows = x[:, : m * width].reshape(len(x), m, width)
    return windows.max(2) if mode == "max" else windows.mean(2)


def pool_sums(x, width, stride, mode):
    windows = np.lib.stride_tricks.sliding_window_view(x, width, axis=1)[:, ::stride]
    return windows.max(-1) if mode == "max" else windows @ np.ones(width)


def pool_into_whole_numbers(x, width, stride, mode):
    y = np.zeros_like(x, shape=(len(x), (x.shape[1] - width) // stride + 1))
    for n in range(len(x)):
        for r in range(y.shape[1]):
            y[n, r] = getattr(x[n, r * stride : r * stride + width], mode)()
    return y


def back_written_over(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n in range(len(X)):
        for r in range(dY.shape[1]):
            dX[n, r * stride + np.argmax(X[n, r * stride : r * stride + width])] = dY[n, r]
    return dX


def back_by_indexed_sum(dY, X, width, stride):
    windows = np.lib.stride_tricks.sliding_window_view(X, width, axis=1)[:, ::stride]
    winners = windows.argmax(-1) + stride * np.arange(dY.shape[1])
    dX = np.zeros(X.shape)
    dX[np.arange(len(X))[:, None], winners] += dY  # adds once where an index occurs twice
    return dX


def back_put(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for r in range(dY.shape[1]):
        winner = r * stride + X[:, r * stride : r * stride + width].argmax(1)
        np.put_along_axis(dX, winner[:, None], dY[:, [r]], 1)
    return dX


def back_last_wins(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n in range(len(X)):
        for r in range(dY.shape[1]):
            best = r * stride
            for i in range(r * stride, r * stride + width):
                best = i if X[n, i] >= X[n, best] else best
            dX[n, best] += dY[n, r]
    return dX


def back_all_win(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n in range(len(X)):
        for r in range(dY.shape[1]):
            top = X[n, r * stride : r * stride + width].max()
            for i in range(r * stride, r * stride + width):
                dX[n, i] += dY[n, r] if X[n, i] == top else 0
    return dX


def back_without_start(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n in range(len(X)):
        for r, g in enumerate(dY[n]):
            dX[n, np.argmax(X[n, r * stride : r * stride + width])] += g
    return dX


def back_index_of(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n in range(len(X)):
        for r in range(dY.shape[1]):
            top = max(X[n, r * stride : r * stride + width])
            dX[n, list(X[n]).index(top)] += dY[n, r]
    return dX


def back_from_zero(dY, X, width, stride):
    dX = np.zeros(X.shape)
    for n in range(len(X)):
        for r in range(dY.shape[1]):
            largest, place = 0, r * stride
            for i in range(r * stride, r * stride + width):
                if X[n, i] > largest:
                    largest, place = X[n, i], i
            dX[n, place] += dY[n, r]
    return dX


def errors_by_the_shift(layer, x, shift):
    a, b = layer(np.roll(x, shift)), layer(x)
    return np.abs(np.roll(b, shift) - a).max(), np.abs(b - a).max()


def errors_by_the_stride(layer, x, shift):
    a, b = layer(np.roll(x, shift)), layer(x)
    places = shift // (len(x) // len(b))
    return np.abs(np.roll(b, places) - a).max(), np.abs(b - a).max()


def errors_in_norms(layer, x, shift):
    a, b = layer(np.roll(x, shift)), layer(x)
    gaps = [np.linalg.norm(a - np.roll(b, r)) for r in range(len(b))]
    return min(gaps), np.linalg.norm(a - b)


def errors_in_means(layer, x, shift):
    a, b = layer(np.roll(x, shift)), layer(x)
    gaps = [sum(abs(a - np.roll(b, r))) / len(b) for r in range(len(b))]
    return min(gaps), np.mean(abs(a - b))


def errors_with_signs(layer, x, shift):
    a, b = layer(np.roll(x, shift)), layer(x)
    return min(max(a - np.roll(b, r)) for r in range(len(b))), max(a - b)


def errors_of_zeros_moving_in(layer, x, shift):
    other = np.zeros_like(x)
    other[shift:] = x[: len(x) - shift]
    a, b = layer(other), layer(x)
    return min(np.abs(a - np.roll(b, r)).max() for r in range(len(b))), np.abs(a - b).max()


WRONG = [
    ("pool1d", pool_stride_1_in_lists, "Your windows begin one behind"),
    ("pool1d", pool_stride_1_by_views, "Your windows begin one behind"),
    ("pool1d", pool_stride_1_by_indices, "Your windows begin one behind"),
    ("pool1d", pool_from_zero, "A maximum never falls below 0"),
    ("pool1d", pool_one_too_few, "One window is missing"),
    ("pool1d", pool_side_by_side, "You set the windows next to one another"),
    ("pool1d", pool_sums, 'With mode "mean" you return sums'),
    ("pool1d", pool_into_whole_numbers, "Your result has whole numbers only"),
    ("max_pool_backward", back_written_over, "You write a winner's gradient over"),
    ("max_pool_backward", back_by_indexed_sum, "You write a winner's gradient over"),
    ("max_pool_backward", back_put, "You write a winner's gradient over"),
    ("max_pool_backward", back_last_wins, "Of equal values the last one wins"),
    ("max_pool_backward", back_all_win, "Of equal values each gets"),
    ("max_pool_backward", back_without_start, "argmax counts from the beginning"),
    ("max_pool_backward", back_index_of, "You look for the winner's value in the whole row"),
    ("max_pool_backward", back_from_zero, "You begin the search with 0"),
    ("symmetry_errors", errors_by_the_shift, "You move the output by exactly"),
    ("symmetry_errors", errors_by_the_stride, "You move the output by shift divided"),
    ("symmetry_errors", errors_in_norms, "Your gaps are lengths"),
    ("symmetry_errors", errors_in_means, "Your gaps are means over"),
    ("symmetry_errors", errors_with_signs, "A difference may be negative"),
    ("symmetry_errors", errors_of_zeros_moving_in, "You let zeros move in"),
]


@pytest.mark.parametrize(("name", "answer", "start"), WRONG, ids=[a.__name__ for _, a, _ in WRONG])
def test_common_mistakes_are_named_in_other_styles(name, answer, start):
    begins(name, answer, start)


def test_swapped_results_are_told_as_such():
    def swapped(layer, x, shift):
        return errors_all_at_once(layer, x, shift)[::-1]

    assert said("symmetry_errors", swapped).startswith("Your two numbers have changed places")


def test_a_window_with_another_shape_is_told():
    assert "shape" in details("pool1d", lambda x, width, stride, mode: x)
