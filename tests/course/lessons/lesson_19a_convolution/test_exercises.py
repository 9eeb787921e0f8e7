"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import numpy as np
import pytest
from judged import begins, passes
from numpy.lib.stride_tricks import sliding_window_view

from nnlib.course.lessons import EXERCISES

# --- right ------------------------------------------------------------------------------------------


def layer_by_einsum(X, K, b, stride, pad):
    framed = np.pad(X, ((0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(framed, K.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("crqij,ocij->orq", windows, K) + b[:, None, None]


def layer_as_a_product(X, K, b, stride, pad):
    """As in a fully connected layer: a row for each window."""
    C, H, W = X.shape
    O, _, kh, kw = K.shape
    framed = np.zeros((C, H + 2 * pad, W + 2 * pad))
    framed[:, pad : pad + H, pad : pad + W] = X
    tops = range(0, framed.shape[1] - kh + 1, stride)
    lefts = range(0, framed.shape[2] - kw + 1, stride)
    rows = [framed[:, i : i + kh, j : j + kw].ravel() for i in tops for j in lefts]
    Y = np.array(rows) @ K.reshape(O, -1).T + b
    return Y.T.reshape(O, len(tops), len(lefts))


def layer_weight_by_weight(X, K, b, stride, pad):
    framed = np.pad(X, [(0, 0), (pad, pad), (pad, pad)])
    O, C, kh, kw = K.shape
    full = framed.shape[1] - kh + 1, framed.shape[2] - kw + 1
    Y = np.zeros((O, *full)) + b.reshape(-1, 1, 1)
    for o, c, i, j in np.ndindex(O, C, kh, kw):
        Y[o] += K[o, c, i, j] * framed[c, i : i + full[0], j : j + full[1]]
    return Y[:, ::stride, ::stride]


def matrix_from_unit_vectors(k, n, stride, pad):
    columns = [np.correlate(np.pad(e, pad), k, "valid")[::stride] for e in np.eye(n)]
    return np.stack(columns, axis=1)


def matrix_cut_from_a_larger_one(k, n, stride, pad):
    places = (n + 2 * pad - len(k)) // stride + 1
    framed = np.zeros((places, n + 2 * pad))
    for i in range(places):
        framed[i, i * stride : i * stride + len(k)] = k
    return framed[:, pad : pad + n]


def matrix_by_index(k, n, stride, pad):
    places = 1 + (n + 2 * pad - len(k)) // stride
    j = np.arange(n) - (stride * np.arange(places)[:, None] - pad)
    inside = (j >= 0) & (j < len(k))
    return np.where(inside, k[np.clip(j, 0, len(k) - 1)], 0)


def matrix_of_diagonals(k, n, stride, pad):
    places = n + 2 * pad - len(k) + 1
    return sum(k[j] * np.eye(places, n, j - pad) for j in range(len(k)))[::stride]


def matrix_by_cut_slices(k, n, stride, pad):
    rows = []
    for begin in range(-pad, n + pad - len(k) + 1, stride):
        row, first, end = np.zeros(n), max(begin, 0), max(min(begin + len(k), n), 0)
        row[first:end] = k[first - begin : max(end - begin, first - begin)]
        rows.append(row)
    return np.array(rows)


def back_weight_by_weight(X, K, dY, stride):
    (kh, kw), (rows, columns) = K.shape, dY.shape
    dX, dK = np.zeros(X.shape), np.zeros(K.shape)
    for i in range(kh):
        for j in range(kw):
            down, right = i + stride * np.arange(rows), j + stride * np.arange(columns)
            read = np.ix_(down, right)
            dK[i, j] = (dY * X[read]).sum()
            dX[read] += K[i, j] * dY
    return [dX, dK]


def back_as_torch_does(X, K, dY, stride):
    """Zeros between the places, a frame, and the turned kernel."""
    (H, W), (kh, kw) = X.shape, K.shape
    spread = np.zeros((H - kh + 1, W - kw + 1))
    spread[::stride, ::stride] = dY
    framed = np.pad(spread, [(kh - 1, kh - 1), (kw - 1, kw - 1)])
    dX = np.einsum("rqij,ij->rq", sliding_window_view(framed, (kh, kw)), K[::-1, ::-1])
    dK = np.einsum("ijrq,rq->ij", sliding_window_view(X, spread.shape), spread)
    return dX, dK


def back_by_matrix(X, K, dY, stride):
    """The convolution as a matrix, asked for its columns; and another one for the kernel."""

    def forward(image, kernel):
        return np.einsum(
            "rqij,ij->rq", sliding_window_view(image, K.shape)[::stride, ::stride], kernel
        )

    def turned(shape, map_):
        units = np.eye(int(np.prod(shape))).reshape(-1, *shape)
        return np.array([np.sum(map_(e) * dY) for e in units]).reshape(shape)

    return turned(X.shape, lambda e: forward(e, K)), turned(K.shape, lambda e: forward(X, e))


RIGHT = {
    "conv2d": [layer_by_einsum, layer_as_a_product, layer_weight_by_weight],
    "conv_as_matrix": [
        matrix_from_unit_vectors,
        matrix_cut_from_a_larger_one,
        matrix_by_index,
        matrix_of_diagonals,
        matrix_by_cut_slices,
    ],
    "conv_backward": [back_weight_by_weight, back_as_torch_does, back_by_matrix],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


def test_the_layer_is_torchs():
    torch = pytest.importorskip("torch")
    layer = EXERCISES["conv2d"].reference
    rng = np.random.default_rng(0)
    for stride, pad in ((1, 0), (2, 1), (3, 2)):
        X, K, b = rng.normal(size=(3, 8, 7)), rng.normal(size=(4, 3, 3, 2)), rng.normal(size=4)
        tensors = [torch.tensor(a) for a in (X[None], K, b)]
        theirs = torch.nn.functional.conv2d(*tensors, stride=stride, padding=pad)[0]
        np.testing.assert_allclose(layer(X, K, b, stride, pad), theirs, rtol=0, atol=1e-12)


def test_the_way_back_is_torchs():
    torch = pytest.importorskip("torch")
    back = EXERCISES["conv_backward"].reference
    rng = np.random.default_rng(0)
    for stride in (1, 2, 3):
        X, K = rng.normal(size=(8, 7)), rng.normal(size=(3, 2))
        x, k = (torch.tensor(a[None, None], requires_grad=True) for a in (X, K))
        y = torch.nn.functional.conv2d(x, k, stride=stride)
        dY = rng.normal(size=y.shape[2:])
        y.backward(torch.tensor(dY[None, None]))
        for mine, theirs in zip(back(X, K, dY, stride), (x.grad, k.grad), strict=True):
            np.testing.assert_allclose(mine, theirs[0, 0], rtol=0, atol=1e-12)


# --- the commonest slips, each in three styles -------------------------------------------------------


def by_einsum(image, K, b, stride):
    windows = sliding_window_view(image, K.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("crqij,ocij->orq", windows, K) + b[:, None, None]


def framed(X, pad):
    return np.pad(X, [(0, 0), (pad, pad), (pad, pad)])


def kernel_turned_in_loops(X, K, b, stride, pad):
    X = framed(X, pad)
    O, C, kh, kw = K.shape
    rows, columns = (X.shape[1] - kh) // stride + 1, (X.shape[2] - kw) // stride + 1
    Y = np.zeros((O, rows, columns))
    for o, r, q in np.ndindex(Y.shape):
        total = b[o]
        for c, i, j in np.ndindex(C, kh, kw):
            total += K[o, c, kh - 1 - i, kw - 1 - j] * X[c, r * stride + i, q * stride + j]
        Y[o, r, q] = total
    return Y


def frame_forgotten_in_loops(X, K, b, stride, pad):
    O, _, kh, kw = K.shape
    rows, columns = (X.shape[1] - kh) // stride + 1, (X.shape[2] - kw) // stride + 1
    windows = [
        X[:, stride * r : stride * r + kh, stride * q : stride * q + kw]
        for r in range(rows)
        for q in range(columns)
    ]
    Y = [[np.sum(K[o] * window) + b[o] for window in windows] for o in range(O)]
    return np.array(Y).reshape(O, max(rows, 0), max(columns, 0))


def bias_in_every_channel(X, K, b, stride, pad):
    Y = 0
    for c in range(X.shape[0]):
        Y = Y + by_einsum(framed(X[c : c + 1], pad), K[:, c : c + 1], b, stride)
    return Y


def reversed_rows(k, n, stride, pad):
    return matrix_by_index(np.flip(k), n, stride, pad)


def reversed_by_list(k, n, stride, pad):
    return matrix_cut_from_a_larger_one(list(k)[::-1], n, stride, pad)


def reversed_in_loops(k, n, stride, pad):
    T = np.zeros(((n + 2 * pad - len(k)) // stride + 1, n))
    for i, column in np.ndindex(T.shape):
        j = len(k) - 1 - (column - stride * i + pad)
        if 0 <= j < len(k):
            T[i, column] = k[j]
    return T


def overwritten(X, K, dY, stride):
    dX, (kh, kw) = np.zeros(X.shape), K.shape
    for r in range(dY.shape[0]):
        for q in range(dY.shape[1]):
            dX[r * stride : r * stride + kh, q * stride : q * stride + kw] = K * dY[r, q]
    return dX, back_as_torch_does(X, K, dY, stride)[1]


def overwritten_entry_by_entry(X, K, dY, stride):
    dX = np.zeros(X.shape)
    for r, q in np.ndindex(dY.shape):
        for i, j in np.ndindex(K.shape):
            dX[r * stride + i, q * stride + j] = K[i, j] * dY[r, q]
    return dX, back_by_matrix(X, K, dY, stride)[1]


def overwritten_in_a_dict(X, K, dY, stride):
    found = {}
    for r, q in np.ndindex(dY.shape):
        for i, j in np.ndindex(K.shape):
            found[r * stride + i, q * stride + j] = dY[r, q] * K[i, j]
    dX = [[found.get((i, j), 0.0) for j in range(X.shape[1])] for i in range(X.shape[0])]
    return np.array(dX), back_weight_by_weight(X, K, dY, stride)[1]


def mean(of, part):
    def answer(X, K, dY, stride):
        found = list(of(X, K, dY, stride))
        found[part] = found[part] / dY.size
        return tuple(found)

    return answer


def turned_back(of):
    """dX by a correlation of the framed dY with the kernel as it is."""

    def answer(X, K, dY, stride):
        return of(X, K[::-1, ::-1], dY, stride)[0], of(X, K, dY, stride)[1]

    return answer


def begun_with_x(of):
    def answer(X, K, dY, stride):
        dX, dK = of(X, K, dY, stride)
        return X + dX, dK

    return answer


BACK = RIGHT["conv_backward"]
WRONG = {
    ("conv2d", "You turn the kernel by half a turn"): [
        kernel_turned_in_loops,
        lambda X, K, b, s, p: by_einsum(framed(X, p), np.flip(K, (2, 3)), b, s),
        lambda X, K, b, s, p: layer_as_a_product(X, np.rot90(K, 2, (2, 3)), b, s, p),
    ],
    ("conv2d", "Padding is left out"): [
        frame_forgotten_in_loops,
        lambda X, K, b, s, p: by_einsum(X, K, b, s),
        lambda X, K, b, s, p: layer_weight_by_weight(X, K, b, s, 0),
    ],
    ("conv2d", "The bias is added once for every channel"): [
        bias_in_every_channel,
        lambda X, K, b, s, p: by_einsum(framed(X, p), K, K.shape[1] * b, s),
        lambda X, K, b, s, p: sum(
            layer_as_a_product(X[c : c + 1], K[:, c : c + 1], b, s, p) for c in range(len(X))
        ),
    ],
    ("conv2d", "The stride is left out"): [
        lambda X, K, b, s, p: by_einsum(framed(X, p), K, b, 1),
        lambda X, K, b, s, p: layer_as_a_product(X, K, b, 1, p),
        lambda X, K, b, s, p: layer_weight_by_weight(X, K, b, 1, p),
    ],
    ("conv2d", "The last row and the last column"): [
        lambda X, K, b, s, p: by_einsum(framed(X, p), K, b, s)[:, :-1, :-1],
        lambda X, K, b, s, p: layer_as_a_product(X, K, b, s, p)[:, :-1, :-1],
        lambda X, K, b, s, p: layer_weight_by_weight(X, K, b, s, p)[:, :-1, :-1],
    ],
    ("conv_as_matrix", "Your kernel is turned around"): [
        reversed_rows,
        reversed_by_list,
        reversed_in_loops,
    ],
    ("conv_as_matrix", "Your T has columns for the frame"): [
        lambda k, n, s, p: matrix_by_index(k, n + 2 * p, s, 0),
        lambda k, n, s, p: matrix_cut_from_a_larger_one(k, n + 2 * p, s, 0),
        lambda k, n, s, p: [list(row) for row in matrix_by_index(k, n + p + p, s, 0)],
    ],
    ("conv_as_matrix", "Your T is that of a signal without a frame"): [
        lambda k, n, s, p: matrix_by_index(k, n, s, 0),
        lambda k, n, s, p: matrix_cut_from_a_larger_one(k, n, s, 0),
        lambda k, n, s, p: EXERCISES["conv_as_matrix"].reference(k, n, s, 0),
    ],
    ("conv_as_matrix", "Only the number of rows knows of the padding"): [
        lambda k, n, s, p: matrix_by_index(k, n + 2 * p, s, 0)[:, :n],
        lambda k, n, s, p: matrix_cut_from_a_larger_one(k, n + 2 * p, s, 0)[:, :n],
        lambda k, n, s, p: np.array([row[:n] for row in matrix_by_index(k, n + p + p, s, 0)]),
    ],
    ("conv_as_matrix", "The last row is missing"): [
        lambda k, n, s, p: matrix_by_index(k, n, s, p)[:-1],
        lambda k, n, s, p: matrix_cut_from_a_larger_one(k, n, s, p)[:-1],
        lambda k, n, s, p: np.delete(matrix_by_index(k, n, s, p), -1, axis=0),
    ],
    ("conv_backward", "Where windows overlap"): [
        overwritten,
        overwritten_entry_by_entry,
        overwritten_in_a_dict,
    ],
    ("conv_backward", "Your dK is a mean over the places"): [mean(back, 1) for back in BACK],
    ("conv_backward", "Between dY and dX your kernel lies the wrong way round"): [
        turned_back(f) for f in BACK
    ],
    ("conv_backward", "Both gradients have the wrong sign"): [
        lambda X, K, dY, s: tuple(-part for part in back_as_torch_does(X, K, dY, s)),
        lambda X, K, dY, s: back_weight_by_weight(X, K, -dY, s),
        lambda X, K, dY, s: back_by_matrix(X, K, -dY, s),
    ],
    ("conv_backward", "Your dX begins with X"): [begun_with_x(back) for back in BACK],
}


@pytest.mark.parametrize(("name", "start"), WRONG)
def test_the_commonest_slips_are_told_in_three_styles(name, start):
    for answer in WRONG[name, start]:
        begins(name, answer, start)
