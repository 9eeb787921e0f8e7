"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import numpy as np
import pytest
from judged import begins, passes

from nnlib.course.lessons import EXERCISES


def forward_by_lists(X, h0, W, U, b, V, c):
    H = [h0]
    for x in X:
        H.append(np.tanh(H[-1] @ W.T + x @ U.T + b))
    return np.array(H), np.array(H)[1:] @ V.T + c


def forward_by_einsum(X, h0, W, U, b, V, c):
    driven = np.einsum("tni,ji->tnj", X, U) + b
    H = np.empty((len(X) + 1, *h0.shape))
    H[0] = h0
    for t in range(len(X)):
        H[t + 1] = np.tanh(driven[t] + np.einsum("ni,ji->nj", H[t], W))
    return H, np.einsum("tni,ki->tnk", H[1:], V) + c


def forward_with_columns(X, h0, W, U, b, V, c):
    h, H, O = h0.T, [h0], []
    for x in X:
        h = np.tanh(W @ h + U @ x.T + b[:, None])
        H.append(h.T)
        O.append((V @ h + c[:, None]).T)
    return np.stack(H), np.stack(O)


def bptt_in_place(X, H, W, V, dO):
    dW, dU, db = np.zeros(W.shape), np.zeros((len(W), X.shape[-1])), np.zeros(len(W))
    dV, dc, dh = np.zeros(V.shape), np.zeros(len(V)), np.zeros(H[0].shape)
    for t in range(len(X) - 1, -1, -1):
        dV += dO[t].T @ H[t + 1]
        dc += dO[t].sum(0)
        dh = dh + dO[t] @ V
        dz = dh * (1 - H[t + 1] ** 2)
        dW += dz.T @ H[t]
        dU += dz.T @ X[t]
        db += dz.sum(0)
        dh = dz @ W
    return dW, dU, db, dV, dc


def bptt_by_einsum(X, H, W, V, dO):
    dZ = np.zeros(H.shape)
    for t in range(len(X))[::-1]:
        dZ[t] = (dO[t] @ V + dZ[t + 1] @ W) * (1 - H[t + 1] * H[t + 1])
    dZ = dZ[:-1]
    dW, dU = np.einsum("tni,tnj->ij", dZ, H[:-1]), np.einsum("tni,tnj->ij", dZ, X)
    return dW, dU, dZ.sum((0, 1)), np.einsum("tnk,tnj->kj", dO, H[1:]), dO.sum((0, 1))


def bptt_by_recursion(X, H, W, V, dO, dz=0.0):
    if not len(X):
        return np.zeros(W.shape), np.zeros((len(W), X.shape[-1])), 0.0, np.zeros(V.shape), 0.0
    dz = (dO[-1] @ V + (dz @ W if np.ndim(dz) else 0)) * (1 - H[-1] ** 2)
    own = (dz.T @ H[-2], dz.T @ X[-1], dz.sum(0), dO[-1].T @ H[-1], dO[-1].sum(0))
    earlier = bptt_by_recursion(X[:-1], H[:-1], W, V, dO[:-1], dz)
    return tuple(one + other for one, other in zip(own, earlier, strict=True))


def rescaled_by_a_loop(W, rho):
    radius = 0.0
    for value in np.linalg.eigvals(W):
        radius = max(radius, (value.real**2 + value.imag**2) ** 0.5)
    return [[rho / radius * w for w in row] for row in W]


def rescaled_by_eig(W, rho):
    values, _ = np.linalg.eig(W)
    return rho * W / np.max(np.abs(values))


def rescaled_by_norm_of_powers(W, rho):
    sizes = np.sort(np.abs(np.linalg.eigvals(W.T)))
    return np.multiply(W, np.divide(rho, sizes[-1]))


RIGHT = {
    "rnn_forward": [forward_by_lists, forward_by_einsum, forward_with_columns],
    "bptt": [bptt_in_place, bptt_by_einsum, bptt_by_recursion],
    "spectral_rescale": [rescaled_by_a_loop, rescaled_by_eig, rescaled_by_norm_of_powers],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name):
    for answer in RIGHT[name]:
        passes(name, answer)


def forward_styles(step, output=lambda h, V, c: h @ V.T + c, start=lambda H: H):
    """One slip in three styles: by lists, in an array, and in columns."""

    def lists(X, h0, W, U, b, V, c):
        H = [h0]
        for x in X:
            H.append(step(H[-1], x, h0, W, U, b))
        return start(np.array(H)), np.array([output(h, V, c) for h in H[1:]])

    def array(X, h0, W, U, b, V, c):
        T, N, n = len(X), *h0.shape
        H, O = np.empty((T + 1, N, n)), np.empty((T, N, len(V)))
        H[0] = h0
        for t in range(T):
            H[t + 1] = step(H[t], X[t], h0, W, U, b)
            O[t] = output(H[t + 1], V, c)
        return start(H), O

    def recursive(X, h0, W, U, b, V, c):
        def go(h, rest):
            return (
                [] if not len(rest) else [new := step(h, rest[0], h0, W, U, b), *go(new, rest[1:])]
            )

        H = go(h0, list(X))
        return start(np.stack([h0, *H])), np.stack([output(h, V, c) for h in H])

    return lists, array, recursive


def plain(h, x, h0, W, U, b):
    return np.tanh(h @ W.T + x @ U.T + b)


FORWARD = {
    "tanh is missing": forward_styles(lambda h, x, h0, W, U, b: h @ W.T + x @ U.T + b),
    "W is not turned": forward_styles(
        lambda h, x, h0, W, U, b: np.tanh(np.dot(h, W) + np.dot(x, U.T) + b)
    ),
    "Every step starts from h0": forward_styles(
        lambda h, x, h0, W, U, b: plain(h0, x, h0, W, U, b)
    ),
    "Your H leaves out h0": forward_styles(plain, start=lambda H: H[1:]),
    "Your outputs go through tanh": forward_styles(
        plain, output=lambda h, V, c: np.tanh(np.matmul(h, V.T) + c)
    ),
}


def bptt_styles(slope, back, used, carried=lambda dz, dh: dz):
    """One slip in three styles: adding up on the way, at the end, and by einsum.

    ``used(t)`` says which state dW is paired with, ``back`` how dz goes through W.
    """

    def way(X, H, W, V, dO):
        later = np.zeros(H[0].shape)
        for t in reversed(range(len(X))):
            dh = dO[t] @ V + later
            dz = dh * slope(H, t)
            later = back(carried(dz, dh), W)
            yield t, dz

    def adding(X, H, W, V, dO):
        dW, dU, db = np.zeros(W.shape), np.zeros((len(W), X.shape[2])), np.zeros(len(W))
        for t, dz in way(X, H, W, V, dO):
            dW += dz.T @ H[used(t)]
            dU += dz.T @ X[t]
            db += dz.sum(0)
        dV = sum(dO[t].T @ H[t + 1] for t in range(len(X)))
        return dW, dU, db, dV, dO.sum((0, 1))

    def at_the_end(X, H, W, V, dO):
        steps = dict(way(X, H, W, V, dO))
        dW = sum(dz.T @ H[used(t)] for t, dz in steps.items())
        dU = sum(dz.T @ X[t] for t, dz in steps.items())
        dV = np.tensordot(dO, H[1:], ((0, 1), (0, 1)))
        return dW, dU, sum(steps.values()).sum(axis=0), dV, dO.sum(0).sum(0)

    def einsums(X, H, W, V, dO):
        steps = dict(way(X, H, W, V, dO))
        dZ = np.array([steps[t] for t in range(len(X))])
        states = np.array([H[used(t)] for t in range(len(X))])
        dW, dU = np.einsum("tni,tnj->ij", dZ, states), np.einsum("tni,tnj->ij", dZ, X)
        dV = np.einsum("tnk,tnj->kj", dO, H[1:])
        return dW, dU, np.einsum("tni->i", dZ), dV, np.einsum("tnk->k", dO)

    return adding, at_the_end, einsums


def tanh_slope(H, t):
    return 1 - H[t + 1] ** 2


def through(dz, W):
    return dz @ W


BPTT = {
    "Nothing comes back from later": bptt_styles(
        tanh_slope, lambda dz, W: np.zeros(dz.shape), lambda t: t
    ),
    "The slope of tanh is missing": bptt_styles(lambda H, t: 1.0, through, lambda t: t),
    "The slope is taken at the state before": bptt_styles(
        lambda H, t: 1 - H[t] ** 2, through, lambda t: t
    ),
    "You hand dh on": bptt_styles(tanh_slope, through, lambda t: t, carried=lambda dz, dh: dh),
    "Your dW pairs dz with the state that": bptt_styles(tanh_slope, through, lambda t: t + 1),
}


def rescaled(radius):
    """One wrong radius in three styles."""

    def product(W, rho):
        return W * (rho / radius(W))

    def in_two_steps(W, rho):
        unit = np.divide(W, radius(W))
        return rho * unit

    def entry_by_entry(W, rho):
        size = radius(W)
        return np.array([[rho * w / size for w in row] for row in np.asarray(W)])

    return product, in_two_steps, entry_by_entry


RESCALED = {
    "You take singular values": rescaled(lambda W: np.linalg.norm(W, 2)),
    "You divide by the root of the sum of the squares": rescaled(lambda W: np.sqrt(np.sum(W * W))),
    "You take the size of the real parts": rescaled(
        lambda W: max(abs(value.real) for value in np.linalg.eigvals(W))
    ),
    "You take real parts": rescaled(lambda W: np.linalg.eigvals(W).real.max()),
    "You divide by the largest entry": rescaled(lambda W: np.max(np.abs(W))),
}
WRONG = {"rnn_forward": FORWARD, "bptt": BPTT, "spectral_rescale": RESCALED}


@pytest.mark.parametrize(
    ("name", "sentence"), [(name, start) for name in WRONG for start in WRONG[name]]
)
def test_the_commonest_mistakes_are_named_in_three_styles(name, sentence):
    for answer in WRONG[name][sentence]:
        begins(name, answer, sentence)


def test_the_example_of_the_way_back():
    H = np.array([0.5, 0.6, 0.8]).reshape(3, 1, 1)
    X, W, V = np.array([[[1.0]], [[-1.0]]]), np.array([[2.0]]), np.ones((1, 1))
    found = EXERCISES["bptt"].reference(X, H, W, V, np.ones((2, 1, 1)))
    expected = [0.7664, 0.7408, 1.4608, 1.4, 2.0]
    np.testing.assert_allclose([a.item() for a in found], expected, rtol=1e-12)


def test_forward_and_backward_are_those_of_torch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    X, h0 = rng.normal(size=(7, 4, 3)), rng.normal(size=(4, 5))
    W, U, b = rng.normal(size=(5, 5)), rng.normal(size=(5, 3)), rng.normal(size=5)
    V, c = rng.normal(size=(2, 5)), rng.normal(size=2)
    H, O = EXERCISES["rnn_forward"].reference(X, h0, W, U, b, V, c)
    rnn = torch.nn.RNN(3, 5, dtype=torch.float64)
    for own, value in zip(rnn.parameters(), (U, W, b, 0 * b), strict=True):
        own.data = torch.tensor(value)
    states, _ = rnn(torch.tensor(X), torch.tensor(h0)[None])
    np.testing.assert_allclose(H[1:], states.detach().numpy(), atol=1e-12)
    ends = [torch.tensor(value, requires_grad=True) for value in (V, c)]
    outputs = states @ ends[0].T + ends[1]
    np.testing.assert_allclose(O, outputs.detach().numpy(), atol=1e-12)
    (outputs**2).sum().backward()
    asked = (rnn.weight_hh_l0, rnn.weight_ih_l0, rnn.bias_ih_l0, *ends)
    for own, claimed in zip(asked, EXERCISES["bptt"].reference(X, H, W, V, 2 * O), strict=True):
        np.testing.assert_allclose(claimed, own.grad.numpy(), atol=1e-10)


@pytest.mark.parametrize("rho", [0.1, 0.9, 3.0])
def test_the_radius_is_the_one_asked_for(rho):
    W = np.random.default_rng(0).normal(size=(50, 50))
    found = EXERCISES["spectral_rescale"].reference(W, rho)
    assert abs(np.abs(np.linalg.eigvals(found)).max() - rho) < 1e-12
