"""Lesson 21b's exercises: right answers in other styles, the tasks' examples, mistakes by name."""

from itertools import combinations

import numpy as np
import pytest
from judged import begins, passes, said

from nnlib import Tensor
from nnlib.course.lessons import EXERCISES
from nnlib.nn import functional as F

# --- Right answers in other styles ----------------------------------------------------------------


def by_example(X, W1, W2, s, dY):
    N, d = X.shape
    Y, dX = np.zeros((N, d)), np.zeros((N, d))
    dW1, dW2 = np.zeros(W1.shape), np.zeros(W2.shape)
    for n in range(N):
        z = W1 @ X[n]
        h = np.where(z > 0, z, 0)
        Y[n] = X[n] + s * (W2 @ h)
        dz = (W2.T @ dY[n]) * s * (z > 0)
        dW2 += s * np.outer(dY[n], h)
        dW1 += np.outer(dz, X[n])
        dX[n] = dY[n] + W1.T @ dz
    return Y, dX, dW1, dW2


def by_einsum(X, W1, W2, s, dY):
    Z = np.einsum("nd,md->nm", X, W1)
    on = (Z > 0).astype(float)
    Y = X + s * np.einsum("nm,dm->nd", Z * on, W2)
    dZ = s * np.einsum("nd,dm->nm", dY, W2) * on
    dW1 = np.einsum("nm,nd->md", dZ, X)
    dW2 = s * np.einsum("nd,nm->dm", dY, Z * on)
    return Y, dY + np.einsum("nm,md->nd", dZ, W1), dW1, dW2


def by_tape(X, W1, W2, s, dY):
    x, w1, w2 = (Tensor(a.astype(float), requires_grad=True) for a in (X, W1, W2))
    y = x + s * F.linear(F.relu(F.linear(x, w1)), w2)
    y.backward(Tensor(dY.astype(float)))
    return y.data, x.grad, w1.grad, w2.grad


def from_the_largest(J):
    L, d = len(J), J.shape[1]
    T = [np.eye(d)] + [np.zeros((d, d)) for _ in range(L)]
    for block in J:
        for k in range(L, 0, -1):
            T[k] = T[k] + block @ T[k - 1]
    return T


def by_growing_lists(J):
    T = [np.eye(J.shape[2])]
    for block in J:
        through = [np.zeros_like(T[0])] + [block @ term for term in T]
        beside = [*T, np.zeros_like(T[0])]
        T = [a + b for a, b in zip(beside, through, strict=True)]
    return np.stack(T)


def from_the_last_block(J):
    """Adding blocks on the right, from the last to the first."""
    T = np.zeros((len(J) + 1, *J.shape[1:]))
    T[0] = np.eye(J.shape[1])
    for block in J[::-1]:
        old = T.copy()
        T[1:] += np.einsum("kab,bc->kac", old[:-1], block)
    return T


def by_the_quadratic_formula(X, W, growth):
    c, H, scales = growth ** (1 / len(W)), X, []
    for matrix in W:
        branch = np.where(H > 0, H, 0) @ matrix.T
        A, B, C = (branch**2).sum(), 2 * (H * branch).sum(), (1 - c) * (H**2).sum()
        scales.append((-B + np.sqrt(B**2 - 4 * A * C)) / (2 * A))
        H = H + scales[-1] * branch
    return scales, H


def by_roots(X, W, growth):
    H, scales = X.astype(float), np.zeros(len(W))
    for k, matrix in enumerate(W):
        branch = np.einsum("ni,oi->no", np.maximum(H, 0), matrix)
        q = np.mean(H * H)
        c = np.exp(np.log(growth) / len(W))
        scales[k] = max(np.roots([np.mean(branch**2), 2 * np.mean(H * branch), q - c * q]).real)
        H = H + scales[k] * branch
    return scales, H


def by_targets(X, W, growth):
    """The mean square that each block has to reach, from the first one's."""
    start, H, scales = np.mean(X**2), X, []
    for k in range(len(W)):
        goal = start * growth ** ((k + 1) / len(W))
        branch = np.maximum(H, 0) @ W[k].T
        a, b = np.mean(branch**2), np.mean(branch * H)
        scales.append((np.sqrt(b * b + a * (goal - np.mean(H**2))) - b) / a)
        H = H + branch * scales[-1]
    return np.array(scales), H


RIGHT = {
    "residual_backward": (by_example, by_einsum, by_tape),
    "paths_by_length": (from_the_largest, by_growing_lists, from_the_last_block),
    "measured_scales": (by_the_quadratic_formula, by_roots, by_targets),
}


@pytest.mark.parametrize(
    ("name", "answer"), [(n, a) for n, answers in RIGHT.items() for a in answers]
)
def test_right_answers_in_other_styles(name, answer):
    passes(name, answer)


# --- The tasks' examples --------------------------------------------------------------------------


def test_the_example_of_the_block():
    X, W1, W2 = np.array([[1.0, 2]]), np.array([[1.0, 1]]), np.array([[2.0], [-1]])
    answers = EXERCISES["residual_backward"].reference(X, W1, W2, 0.5, np.array([[1.0, 4]]))
    expected = [[4, 0.5]], [[0, 3]], [[-1, -2]], [[1.5], [6]]
    for mine, right in zip(answers, expected, strict=True):
        assert np.allclose(mine, right)


def test_the_example_of_the_paths():
    J = np.array([[[0.0, 2], [0, 0]], [[0, 0], [3, 0]]])
    T = EXERCISES["paths_by_length"].reference(J)
    assert np.allclose(T, [np.eye(2), [[0, 2], [3, 0]], [[0, 0], [0, 6]]])


def test_the_sums_are_those_of_all_paths_one_by_one():
    J = np.random.default_rng(0).normal(size=(5, 3, 3))
    T = EXERCISES["paths_by_length"].reference(J)
    for k in range(6):
        total = np.zeros((3, 3))
        for chosen in combinations(range(5), k):
            path = np.eye(3)
            for block in chosen:
                path = J[block] @ path
            total += path
        assert np.allclose(T[k], total)
    product = np.eye(3)
    for block in J:
        product = (np.eye(3) + block) @ product
    assert np.allclose(T.sum(axis=0), product)


def test_the_example_of_the_scales():
    X, W = np.array([[1.0, -1]]), np.array([[[1.0, 5], [1, 0]]])
    s, H = EXERCISES["measured_scales"].reference(X, W, 5.0)
    assert np.allclose(s, [2]) and np.allclose(H, [[3, 1]])


@pytest.mark.parametrize("seed", range(3))
def test_the_scales_do_what_they_shall(seed):
    for case in EXERCISES["measured_scales"].draw(seed):
        X, W, growth = case.args["X"], case.args["W"], case.args["growth"]
        s, H = EXERCISES["measured_scales"].reference(X, W, growth)
        assert (s > 0).all()
        assert np.isclose(np.mean(H**2), growth * np.mean(X**2), rtol=1e-4)


# --- Mistakes in other styles ---------------------------------------------------------------------


def test_a_forgotten_skip_in_two_more_styles():
    def loops(X, W1, W2, s, dY):
        Y, dX, dW1, dW2 = by_example(X, W1, W2, s, dY)
        return Y, dX - dY, dW1, dW2

    def tape(X, W1, W2, s, dY):
        x, w1, w2 = (Tensor(a.astype(float), requires_grad=True) for a in (X, W1, W2))
        change = s * F.linear(F.relu(F.linear(x, w1)), w2)
        change.backward(Tensor(dY.astype(float)))
        return X + change.data, x.grad, w1.grad, w2.grad

    for answer in (loops, tape):
        begins("residual_backward", answer, "Your dX lacks the skip")


def test_a_forgotten_s_on_the_way_back_in_two_more_styles():
    def einsum(X, W1, W2, s, dY):
        return by_einsum(X, W1, W2, s, dY)[0], *by_einsum(X, W1, W2, 1.0, dY)[1:]

    def loops(X, W1, W2, s, dY):
        return by_example(X, W1, W2, s, dY)[0], *by_example(X, W1, W2, 1.0, dY)[1:]

    for answer in (einsum, loops):
        begins("residual_backward", answer, "The factor s is missing on your way back")


def test_a_forgotten_slope_in_two_more_styles():
    def einsum(X, W1, W2, s, dY):
        Y, _, _, dW2 = by_einsum(X, W1, W2, s, dY)
        dZ = s * np.einsum("nd,dm->nm", dY, W2)
        return Y, dY + dZ @ W1, np.einsum("nm,nd->md", dZ, X), dW2

    def one_by_one(X, W1, W2, s, dY):
        Y, _, _, dW2 = by_example(X, W1, W2, s, dY)
        dX, dW1 = dY.astype(float), np.zeros(W1.shape)
        for n, g in enumerate(dY):
            dX[n] += W1.T @ (W2.T @ (s * g))
            dW1 += np.outer(W2.T @ (s * g), X[n])
        return Y, dX, dW1, dW2

    for answer in (einsum, one_by_one):
        begins("residual_backward", answer, "The slope of ReLU is missing")


def test_s_at_both_ways_in_two_more_styles():
    def einsum(X, W1, W2, s, dY):
        Y, dX, dW1, dW2 = by_einsum(X, W1, W2, s, dY)
        return Y, dX - dY + s * dY, dW1, dW2

    def loops(X, W1, W2, s, dY):
        Y, dX, dW1, dW2 = by_example(X, W1, W2, s, dY)
        for n in range(len(X)):
            dX[n] += (s - 1) * dY[n]
        return Y, dX, dW1, dW2

    for answer in (einsum, loops):
        begins("residual_backward", answer, "Your dX multiplies the skip by s")


def test_z_for_h_in_two_more_styles():
    def einsum(X, W1, W2, s, dY):
        Y, dX, dW1, _ = by_einsum(X, W1, W2, s, dY)
        return Y, dX, dW1, s * np.einsum("nd,nm->dm", dY, X @ W1.T)

    def loops(X, W1, W2, s, dY):
        Y, dX, dW1, _ = by_example(X, W1, W2, s, dY)
        return Y, dX, dW1, sum(s * np.outer(g, W1 @ x) for g, x in zip(dY, X, strict=True))

    for answer in (einsum, loops):
        begins("residual_backward", answer, "Your dW2 is made with Z")


def test_products_turned_around_in_two_more_styles():
    def lists(J):
        return by_growing_lists(J[::-1])

    def einsum(J):
        T = np.zeros((len(J) + 1, *J.shape[1:]))
        T[0] = np.eye(J.shape[1])
        for block in J:
            old = T.copy()
            T[1:] += np.einsum("kab,bc->kac", old[:-1], block)
        return T

    for answer in (lists, einsum):
        begins("paths_by_length", answer, "The order of your products is turned around")


def test_a_block_more_than_once_in_two_more_styles():
    def lists(J):
        T = [np.eye(J.shape[1])] + [np.zeros(J.shape[1:]) for _ in J]
        for block in J:
            for k in range(len(J)):
                T[k + 1] = T[k + 1] + block @ T[k]
        return T

    def in_place(J):
        T = np.zeros((len(J) + 1, *J.shape[1:]))
        T[0] = np.eye(J.shape[1])
        for block in J:
            for k in range(1, len(T)):
                T[k] += np.dot(block, T[k - 1])
        return T

    for answer in (lists, in_place):
        begins("paths_by_length", answer, "A path goes through a block more than once")


def test_first_blocks_only_in_two_more_styles():
    def loop(J):
        T = np.zeros((len(J) + 1, *J.shape[1:]))
        T[0] = np.eye(J.shape[1])
        for k in range(len(J)):
            T[k + 1] = J[k] @ T[k]
        return T

    def again(J):
        T = []
        for k in range(len(J) + 1):
            product = np.eye(J.shape[1])
            for block in J[:k]:
                product = np.matmul(block, product)
            T.append(product)
        return T

    for answer in (loop, again):
        begins("paths_by_length", answer, "You take the products of the first k blocks")


def test_entry_by_entry_in_two_more_styles():
    def lists(J):
        T = [np.eye(J.shape[1])] + [np.zeros(J.shape[1:]) for _ in J]
        for block in J:
            for k in range(len(J), 0, -1):
                T[k] = T[k] + np.multiply(block, T[k - 1])
        return T

    def einsum(J):
        T = np.zeros((len(J) + 1, *J.shape[1:]))
        T[0] = np.eye(J.shape[1])
        for block in J:
            T[1:] = T[1:] + np.einsum("ab,kab->kab", block, T[:-1])
        return T

    for answer in (lists, einsum):
        begins("paths_by_length", answer, "Your products are taken entry by entry")


def test_no_identity_in_two_more_styles():
    def cut(J):
        return by_growing_lists(J)[1:]

    def from_one(J):
        T = from_the_largest(J)
        return [T[k] for k in range(1, len(J) + 1)]

    for answer in (cut, from_one):
        begins("paths_by_length", answer, "T[0] is missing")


def test_every_path_one_by_one_takes_too_long():
    def visited(J):
        T = np.zeros((len(J) + 1, *J.shape[1:]))

        def go(block, k, product):
            if block == len(J):
                T[k] += product
                return
            go(block + 1, k, product)
            go(block + 1, k + 1, J[block] @ product)

        go(0, 0, np.eye(J.shape[1]))
        return T

    small = EXERCISES["paths_by_length"].draw(0)[4].args["J"]
    assert np.allclose(visited(small), EXERCISES["paths_by_length"].reference(small))


def scaled(X, W, c, solve):
    H, s = X, []
    for k, matrix in enumerate(W):
        branch = np.maximum(H, 0) @ matrix.T
        s.append(solve(H, branch, c, k))
        H = H + s[-1] * branch
    return np.array(s), H


def right_scale(H, branch, c, k):
    a, b, q = np.mean(branch**2), np.mean(H * branch), np.mean(H**2)
    return (-b + np.sqrt(b * b + a * (c - 1) * q)) / a


def test_a_forgotten_mean_of_products_in_two_more_styles():
    def by_sizes(X, W, growth):
        def solve(H, branch, c, k):
            return np.sqrt(c - 1) * np.linalg.norm(H) / np.linalg.norm(branch)

        return scaled(X, W, growth ** (1 / len(W)), solve)

    def by_means(X, W, growth):
        def solve(H, branch, c, k):
            return ((c - 1) * np.mean(H**2) / np.mean(branch**2)) ** 0.5

        return scaled(X, W, np.power(growth, 1 / len(W)), solve)

    for answer in (by_sizes, by_means):
        begins("measured_scales", answer, "The mean of h F is missing")


def test_wrong_shares_of_the_growth_in_two_more_styles():
    for share, start in (
        (lambda growth, L: growth, "Every block lets h grow by the whole growth"),
        (lambda growth, L: 1 + (growth - 1) / L, "You add up shares"),
        (lambda growth, L: growth / L, "You share the growth by dividing"),
    ):

        def by_quadratic(X, W, growth, share=share):
            with np.errstate(all="ignore"):
                return scaled(X, W, share(growth, len(W)), right_scale)

        def by_sums(X, W, growth, share=share):
            def solve(H, branch, c, k):
                A, B = (branch**2).sum(), 2 * (H * branch).sum()
                return (-B + np.sqrt(B**2 + 4 * A * (c - 1) * (H**2).sum())) / (2 * A)

            with np.errstate(all="ignore"):
                return scaled(X, W, share(growth, len(W)), solve)

        for answer in (by_quadratic, by_sums):
            begins("measured_scales", lambda X, W, growth, a=answer: a(X, W, growth), start)


def test_all_blocks_measured_on_x_in_two_more_styles():
    def stays(X, W, growth):
        def solve(H, branch, c, k):
            return right_scale(H, np.maximum(X, 0) @ W[k].T, c, k)

        H, s = X, []
        for k, matrix in enumerate(W):
            s.append(solve(H, None, growth ** (1 / len(W)), k))
            H = H + s[-1] * (np.maximum(X, 0) @ matrix.T)
        return s, H

    def einsum(X, W, growth):
        branches = np.einsum("ni,koi->kno", np.maximum(X, 0), W)
        H, s = X, []
        for branch in branches:
            s.append(right_scale(H, branch, growth ** (1 / len(W)), 0))
            H = H + s[-1] * branch
        return np.array(s), H

    for answer in (stays, einsum):
        begins("measured_scales", answer, "You measure all blocks on X")


def test_the_other_root_in_two_more_styles():
    def roots(X, W, growth):
        def solve(H, branch, c, k):
            q = np.mean(H**2)
            return min(np.roots([np.mean(branch**2), 2 * np.mean(H * branch), q - c * q]).real)

        return scaled(X, W, growth ** (1 / len(W)), solve)

    def formula(X, W, growth):
        def solve(H, branch, c, k):
            a, b, q = np.sum(branch**2), np.sum(H * branch), np.sum(H**2)
            return -(b + np.sqrt(b * b + a * (c - 1) * q)) / a

        return scaled(X, W, growth ** (1 / len(W)), solve)

    for answer in (roots, formula):
        begins("measured_scales", answer, "You took the other root")


def test_the_last_example_alone_in_two_more_styles():
    def overwritten(X, W1, W2, s, dY):
        Y, dX = by_einsum(X, W1, W2, s, dY)[:2]
        for x, g in zip(X, dY, strict=True):
            z = W1 @ x
            dW2 = s * np.outer(g, np.maximum(z, 0))
            dW1 = np.outer((W2.T @ g) * s * (z > 0), x)
        return Y, dX, dW1, dW2

    def by_index(X, W1, W2, s, dY):
        Y, dX = by_einsum(X, W1, W2, s, dY)[:2]
        return Y, dX, *by_tape(X[-1:], W1, W2, s, dY[-1:])[2:]

    for answer in (overwritten, by_index):
        begins("residual_backward", answer, "Your gradients of weights are those of the last")


def test_h_and_the_branch_measured_on_x_in_two_more_styles():
    def in_a_loop(X, W, growth):
        s, H = [], X.copy()
        for matrix in W:
            branch = np.maximum(X, 0) @ matrix.T
            s.append(right_scale(X, branch, growth ** (1 / len(W)), 0))
            H = H + s[-1] * branch
        return s, H

    def all_at_once(X, W, growth):
        branches = np.einsum("ni,koi->kno", np.maximum(X, 0), W)
        c = growth ** (1 / len(W))
        s = np.array([right_scale(X, branch, c, 0) for branch in branches])
        return s, X + np.einsum("k,kno->no", s, branches)

    for answer in (in_a_loop, all_at_once):
        begins("measured_scales", answer, "You measure all blocks on X, h and F alike")


def test_a_mean_of_scales_in_two_more_styles():
    def by_rows(X, W, growth):
        def solve(H, branch, c, k):
            rows = zip(H, branch, strict=True)
            return np.mean([right_scale(h, f, c, k) for h, f in rows])

        with np.errstate(all="ignore"):
            return scaled(X, W, growth ** (1 / len(W)), solve)

    def by_formula(X, W, growth):
        def solve(H, branch, c, k):
            A, B = (branch**2).sum(axis=1), 2 * (H * branch).sum(axis=1)
            C = (1 - c) * (H**2).sum(axis=1)
            return np.mean((-B + np.sqrt(B**2 - 4 * A * C)) / (2 * A))

        with np.errstate(all="ignore"):
            return scaled(X, W, growth ** (1 / len(W)), solve)

    for answer in (by_rows, by_formula):
        begins("measured_scales", answer, "Your scale is the mean of one scale per example")


def test_two_mistakes_at_once():
    def both(X, W1, W2, s, dY):
        Y, dX, dW1, dW2 = by_einsum(X, W1, W2, s, dY)
        return Y, dX - dY, dW1, dW2.T

    told = said("residual_backward", both)
    assert "Your dX lacks the skip" in told and "Your dW2 is transposed" in told
