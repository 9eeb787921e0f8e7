"""Right answers in other styles than the reference's, and wrong ones that must be understood."""

import numpy as np
import pytest
from judged import begins, passes

# --- right ------------------------------------------------------------------------------------------


def folded_by_probing(kernel, bias, gamma, beta, mean, var, eps):
    """The two layers at 0 and at each unit vector tell b and W."""

    def both(x):
        return gamma * (x @ kernel + bias - mean) / np.sqrt(var + eps) + beta

    b = both(np.zeros(len(kernel)))
    return np.array([both(e) - b for e in np.eye(len(kernel))]).T, b


def folded_in_a_loop(kernel, bias, gamma, beta, mean, var, eps):
    n, m = kernel.shape
    W, b = np.zeros((m, n)), np.zeros(m)
    for i in range(m):
        s = gamma[i] / (var[i] + eps) ** 0.5
        W[i] = s * kernel[:, i]
        b[i] = s * bias[i] + beta[i] - s * mean[i]
    return W, b


def folded_by_einsum(kernel, bias, gamma, beta, mean, var, eps):
    s = np.asarray(gamma, dtype=float) * np.power(var + eps, -0.5)
    return [np.einsum("ij,j->ji", kernel, s), beta + s * (bias - mean)]


def towers_stacked(A, B, W, b, v, dz):
    """Both sides in one array, the right ones beneath."""
    N, X = len(A), np.concatenate([A, B])
    H = np.maximum(X @ W.T + b, 0)
    difference = H[:N] - H[N:]
    d = np.outer(dz, v) * np.sign(difference)
    dH = np.concatenate([d, -d]) * (H > 0)
    return np.abs(difference) @ v, dH.T @ X, dH.sum(0)


def towers_in_a_loop(A, B, W, b, v, dz):
    z, dW, db = np.zeros(len(A)), np.zeros(W.shape), np.zeros(len(b))
    for n in range(len(A)):
        for i in range(len(b)):
            left, right = (max(W[i] @ X[n] + b[i], 0) for X in (A, B))
            z[n] += v[i] * abs(left - right)
            s = dz[n] * v[i] * np.sign(left - right)
            dW[i] += s * (left > 0) * A[n] - s * (right > 0) * B[n]
            db[i] += s * (float(left > 0) - float(right > 0))
    return z, dW, db


def towers_by_einsum(A, B, W, b, v, dz):
    pa, pb = np.einsum("ni,hi->nh", A, W) + b, np.einsum("ni,hi->nh", B, W) + b
    ha, hb = pa.clip(0), pb.clip(0)
    s = np.einsum("n,h,nh->nh", dz, v, np.where(ha > hb, 1.0, np.where(ha < hb, -1.0, 0.0)))
    ga, gb = np.where(pa > 0, s, 0), np.where(pb > 0, -s, 0)
    return np.einsum("nh,h->n", abs(ha - hb), v), ga.T @ A + gb.T @ B, (ga + gb).sum(0)


def loop_by_counting(x, w):
    """Number by number, as a student would run it."""
    y, dx, dw = np.zeros(len(x)), np.zeros(len(x)), np.zeros(len(x))
    for i, start in enumerate(x):
        h, k = float(start), 0
        while abs(h) > 1:
            h, k = w * h, k + 1
        y[i], dx[i] = h * h, 2 * h * w**k
        dw[i] = 2 * h * k * start * w ** (k - 1) if k else 0
    return y, dx, dw


def loop_with_forward_derivatives(x, w):
    h, along_x, along_w = x.astype(float), np.ones(len(x)), np.zeros(len(x))
    while (abs(h) > 1).any():
        on = abs(h) > 1
        along_w[on] = h[on] + w * along_w[on]
        along_x[on] *= w
        h[on] *= w
    return h * h, 2 * h * along_x, 2 * h * along_w


def loop_by_a_formula(x, w):
    sizes = np.maximum(np.abs(x), 1e-300)
    k = np.maximum(np.ceil(np.log(sizes) / -np.log(w) - 1e-9), 0)
    return (x * w**k) ** 2, 2 * x * w ** (2 * k), 2 * k * x**2 * w ** (2 * k - 1)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("dense_to_linear", folded_by_probing),
        ("dense_to_linear", folded_in_a_loop),
        ("dense_to_linear", folded_by_einsum),
        ("two_towers", towers_stacked),
        ("two_towers", towers_in_a_loop),
        ("two_towers", towers_by_einsum),
        ("loop_gradient", loop_by_counting),
        ("loop_gradient", loop_with_forward_derivatives),
        ("loop_gradient", loop_by_a_formula),
    ],
)
def test_right_answers_in_other_styles_pass(name, answer):
    passes(name, answer)


# --- wrong: the commonest, each in three styles -----------------------------------------------------


def not_turned(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma / np.sqrt(var + eps)
    return s * kernel, s * (bias - mean) + beta


def not_turned_by_einsum(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma * (var + eps) ** -0.5
    return np.einsum("ij,j->ij", kernel, s), s * bias - s * mean + beta


def not_turned_in_a_loop(kernel, bias, gamma, beta, mean, var, eps):
    W, b = np.array(kernel, dtype=float), np.zeros(len(bias))
    for i in range(len(bias)):
        s = gamma[i] / np.sqrt(var[i] + eps)
        W[:, i] = s * kernel[:, i]
        b[i] = s * (bias[i] - mean[i]) + beta[i]
    return W, b


def bias_unscaled(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma / np.sqrt(var + eps)
    return (s * kernel).T, bias - s * mean + beta


def bias_unscaled_by_parts(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma / np.sqrt(var + eps)
    shift = beta - mean * s
    return kernel.T * s[:, None], bias + shift


def bias_unscaled_in_a_loop(kernel, bias, gamma, beta, mean, var, eps):
    s = [g / np.sqrt(v + eps) for g, v in zip(gamma, var, strict=True)]
    W = np.array([s[i] * kernel[:, i] for i in range(len(s))])
    return W, np.array([bias[i] - s[i] * mean[i] + beta[i] for i in range(len(s))])


def no_bias(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma / np.sqrt(var + eps)
    return (s * kernel).T, beta - s * mean


def no_bias_by_parts(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma / np.sqrt(var + eps)
    return kernel.T * s[:, None], -gamma * mean / np.sqrt(var + eps) + beta


def no_bias_in_a_loop(kernel, bias, gamma, beta, mean, var, eps):
    W, b = [], []
    for k, g, t, m, v in zip(kernel.T, gamma, beta, mean, var, strict=True):
        W.append(k * g / np.sqrt(v + eps))
        b.append(t - m * g / np.sqrt(v + eps))
    return np.array(W), np.array(b)


def by_the_variance(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma / (var + eps)
    return (s * kernel).T, s * (bias - mean) + beta


def by_the_variance_with_power(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma * (var + eps) ** -1.0
    return np.einsum("ij,j->ji", kernel, s), beta + s * bias - s * mean


def by_the_variance_in_a_loop(kernel, bias, gamma, beta, mean, var, eps):
    s = np.array([g / (v + eps) for g, v in zip(gamma, var, strict=True)])
    return kernel.T * s[:, None], (bias - mean) * s + beta


def eps_outside(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma / (np.sqrt(var) + eps)
    return (s * kernel).T, s * (bias - mean) + beta


def eps_outside_by_power(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma / (var**0.5 + eps)
    return kernel.T * s[:, None], s * bias - s * mean + beta


def eps_outside_in_a_loop(kernel, bias, gamma, beta, mean, var, eps):
    s = [g / (np.sqrt(v) + eps) for g, v in zip(gamma, var, strict=True)]
    return np.array([k * t for k, t in zip(kernel.T, s, strict=True)]), (bias - mean) * s + beta


def back(A, B, W, b, v, dz, left=1.0, right=1.0):
    """The right answer with each path's gradient multiplied by a number."""
    ha, hb = np.maximum(A @ W.T + b, 0), np.maximum(B @ W.T + b, 0)
    d = np.outer(dz, v) * np.sign(ha - hb)
    da, db = left * d * (ha > 0), -right * d * (hb > 0)
    return np.abs(ha - hb) @ v, da.T @ A + db.T @ B, da.sum(0) + db.sum(0)


def left_only(A, B, W, b, v, dz):
    return back(A, B, W, b, v, dz, right=0.0)


def left_only_in_a_loop(A, B, W, b, v, dz):
    z, _, _ = towers_in_a_loop(A, B, W, b, v, dz)
    dW, db = np.zeros(W.shape), np.zeros(len(b))
    for n in range(len(A)):
        ha, hb = np.maximum(W @ A[n] + b, 0), np.maximum(W @ B[n] + b, 0)
        delta = dz[n] * v * np.sign(ha - hb) * (ha > 0)
        dW, db = dW + np.outer(delta, A[n]), db + delta
    return z, dW, db


def left_only_by_einsum(A, B, W, b, v, dz):
    ha, hb = (A @ W.T + b).clip(0), (B @ W.T + b).clip(0)
    da = np.einsum("n,h,nh,nh->nh", dz, v, np.sign(ha - hb), (ha > 0) * 1.0)
    return np.abs(ha - hb) @ v, np.einsum("nh,ni->hi", da, A), da.sum(0)


def both_halved(A, B, W, b, v, dz):
    return back(A, B, W, b, v, dz, 0.5, 0.5)


def both_halved_by_mean(A, B, W, b, v, dz):
    z, dW, db = towers_stacked(A, B, W, b, v, dz)
    return z, np.mean([dW, 0 * dW], axis=0), np.mean([db, 0 * db], axis=0)


def both_halved_at_the_end(A, B, W, b, v, dz):
    z, dW, db = towers_in_a_loop(A, B, W, b, v, dz)
    return z, 0.5 * dW, 0.5 * db


def same_sign(A, B, W, b, v, dz):
    return back(A, B, W, b, v, dz, right=-1.0)


def same_sign_stacked(A, B, W, b, v, dz):
    N, X = len(A), np.concatenate([A, B])
    H = np.maximum(X @ W.T + b, 0)
    d = np.outer(dz, v) * np.sign(H[:N] - H[N:])
    dH = np.concatenate([d, d]) * (H > 0)
    return np.abs(H[:N] - H[N:]) @ v, dH.T @ X, dH.sum(0)


def same_sign_in_a_loop(A, B, W, b, v, dz):
    z, dW, db = np.zeros(len(A)), np.zeros(W.shape), np.zeros(len(b))
    for n in range(len(A)):
        ha, hb = np.maximum(W @ A[n] + b, 0), np.maximum(W @ B[n] + b, 0)
        s, z[n] = dz[n] * v * np.sign(ha - hb), v @ abs(ha - hb)
        for h, x in ((ha, A[n]), (hb, B[n])):
            dW, db = dW + np.outer(s * (h > 0), x), db + s * (h > 0)
    return z, dW, db


def no_sign(A, B, W, b, v, dz):
    ha, hb = np.maximum(A @ W.T + b, 0), np.maximum(B @ W.T + b, 0)
    d = np.outer(dz, v)
    da, db = d * (ha > 0), -d * (hb > 0)
    return np.abs(ha - hb) @ v, da.T @ A + db.T @ B, da.sum(0) + db.sum(0)


def no_sign_stacked(A, B, W, b, v, dz):
    N, X = len(A), np.concatenate([A, B])
    H = np.maximum(X @ W.T + b, 0)
    dH = np.concatenate([np.outer(dz, v), -np.outer(dz, v)]) * (H > 0)
    return np.abs(H[:N] - H[N:]) @ v, dH.T @ X, dH.sum(0)


def no_sign_by_einsum(A, B, W, b, v, dz):
    ha, hb = (A @ W.T + b).clip(0), (B @ W.T + b).clip(0)
    ga = np.einsum("n,h,nh->nh", dz, v, (ha > 0) * 1.0)
    gb = np.einsum("n,h,nh->nh", dz, v, (hb > 0) * 1.0)
    return np.abs(ha - hb) @ v, ga.T @ A - gb.T @ B, (ga - gb).sum(0)


def no_relu(A, B, W, b, v, dz):
    ha, hb = np.maximum(A @ W.T + b, 0), np.maximum(B @ W.T + b, 0)
    d = np.outer(dz, v) * np.sign(ha - hb)
    return np.abs(ha - hb) @ v, d.T @ A - d.T @ B, d.sum(0) - d.sum(0)


def no_relu_of_the_difference(A, B, W, b, v, dz):
    ha, hb = (A @ W.T + b).clip(0), (B @ W.T + b).clip(0)
    d = np.einsum("n,h,nh->nh", dz, v, np.sign(ha - hb))
    return np.abs(ha - hb) @ v, np.einsum("nh,ni->hi", d, A - B), np.zeros(len(b))


def no_relu_in_a_loop(A, B, W, b, v, dz):
    z, dW = np.zeros(len(A)), np.zeros(W.shape)
    for n in range(len(A)):
        ha, hb = np.maximum(W @ A[n] + b, 0), np.maximum(W @ B[n] + b, 0)
        z[n] = v @ abs(ha - hb)
        dW += np.outer(dz[n] * v * np.sign(ha - hb), A[n] - B[n])
    return z, dW, 0.0 * b


def rounds(x, w, on=lambda h: np.abs(h) > 1):
    h, k = x.astype(float), np.zeros(len(x))
    while on(h).any():
        k, h = k + on(h), np.where(on(h), w * h, h)
    return h, k


def all_together(x, w):
    h, k = x.astype(float), 0
    while np.abs(h).max() > 1:
        h, k = w * h, k + 1
    return h**2, 2 * h * w**k, 2 * h * k * x * w ** (k - 1.0)


def all_together_with_any(x, w):
    h, k = 1.0 * x, np.zeros(len(x))
    while any(abs(value) > 1 for value in h):
        h, k = h * w, k + 1
    return h * h, 2 * h * w**k, 2 * h * h * k / w


def all_together_by_the_most(x, w):
    most = rounds(x, w)[1].max()
    h = x * w**most
    return h**2, 2 * h * w**most, 2 * h * most * h / w


def without_size(x, w):
    h, k = rounds(x, w, lambda h: h > 1)
    return h**2, 2 * h * w**k, 2 * h * k * h / w


def without_size_in_a_loop(x, w):
    y, dx, dw = [], [], []
    for start in x:
        h, k = float(start), 0
        while h > 1:
            h, k = w * h, k + 1
        y.append(h * h)
        dx.append(2 * h * w**k)
        dw.append(2 * h * k * h / w)
    return np.array(y), np.array(dx), np.array(dw)


def without_size_by_masks(x, w):
    h, k = x.astype(float), np.zeros(len(x))
    while np.max(h) > 1:
        k[h > 1] += 1
        h[h > 1] *= w
    return h**2, 2 * h * w**k, 2 * k * h**2 / w


def without_the_loop(x, w):
    h, k = rounds(x, w)
    return h**2, 2 * h, 2 * h * k * h / w


def without_the_loop_in_a_loop(x, w):
    y, _, dw = loop_by_counting(x, w)
    return y, np.array([2 * rounds(x[i : i + 1], w)[0][0] for i in range(len(x))]), dw


def without_the_loop_by_roots(x, w):
    y, _, dw = loop_with_forward_derivatives(x, w)
    return y, 2 * np.sign(x) * np.sqrt(y), dw


def without_the_square(x, w):
    h, k = rounds(x, w)
    return h**2, w**k, 2 * h * k * h / w


def without_the_square_in_a_loop(x, w):
    y, _, dw = loop_by_counting(x, w)
    return y, np.array([w ** rounds(x[i : i + 1], w)[1][0] for i in range(len(x))]), dw


def without_the_square_forward(x, w):
    h, along_x = x.astype(float), np.ones(len(x))
    while (abs(h) > 1).any():
        on = abs(h) > 1
        along_x[on], h[on] = w * along_x[on], w * h[on]
    return h * h, along_x, loop_by_counting(x, w)[2]


def without_the_count(x, w):
    h, k = rounds(x, w)
    return h**2, 2 * h * w**k, np.where(k > 0, 2 * h * h / w, 0)


def without_the_count_in_a_loop(x, w):
    y, dx, dw = loop_by_counting(x, w)
    return y, dx, dw / np.maximum(rounds(x, w)[1], 1)


def without_the_count_forward(x, w):
    h, along_w = x.astype(float), np.zeros(len(x))
    while (abs(h) > 1).any():
        on = abs(h) > 1
        along_w[on], h[on] = h[on], w * h[on]  # the earlier uses of w are lost
    return h * h, loop_by_counting(x, w)[1], 2 * h * along_w


def without_eps(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma / np.sqrt(var)
    return (kernel * s).T, (bias - mean) * s + beta


def without_eps_in_a_loop(kernel, bias, gamma, beta, mean, var, eps):
    W, b = np.zeros(kernel.T.shape), np.zeros(len(bias))
    for u in range(len(b)):
        s = gamma[u] / np.sqrt(var[u])
        W[u], b[u] = s * kernel[:, u], s * (bias[u] - mean[u]) + beta[u]
    return W, b


def without_eps_by_power(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma * var**-0.5
    return np.einsum("nm,m->mn", kernel, s), bias * s - mean * s + beta


def weights_without_gamma(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma / np.sqrt(var + eps)
    return kernel.T / np.sqrt(var + eps)[:, None], (bias - mean) * s + beta


def beta_scaled(kernel, bias, gamma, beta, mean, var, eps):
    s = gamma / np.sqrt(var + eps)
    return (kernel * s).T, (bias - mean + beta) * s


def towers_with(slope):
    """Right but for the slope of |d|: what `slope` makes of a, a' and both sides' ReLUs."""

    def two_towers(A, B, W, b, v, dz):
        ha, hb = (A @ W.T + b).clip(0), (B @ W.T + b).clip(0)
        d = np.outer(dz, v) * slope(ha, hb)
        ga, gb = d * (ha > 0), d * (hb > 0)
        return np.abs(ha - hb) @ v, ga.T @ A - gb.T @ B, (ga - gb).sum(0)

    return two_towers


def db_of_each_pair(A, B, W, b, v, dz):
    ha, hb = (A @ W.T + b).clip(0), (B @ W.T + b).clip(0)
    d = np.outer(dz, v) * np.sign(ha - hb)
    ga, gb = d * (ha > 0), d * (hb > 0)
    return np.abs(ha - hb) @ v, ga.T @ A - gb.T @ B, ga - gb


def asks_after_the_round(x, w):
    h, k = x.astype(float), np.zeros(len(x))
    for i in range(len(x)):
        while True:
            h[i], k[i] = w * h[i], k[i] + 1
            if abs(h[i]) <= 1:
                break
    return h**2, 2 * h * w**k, 2 * h * k * w ** (k - 1) * x


def rounds_by_floor(x, w):
    k = np.floor(np.log(np.maximum(np.abs(x), 1)) / -np.log(w))
    h = w**k * x
    return h**2, 2 * h * w**k, 2 * h * k * w ** (k - 1) * x


def rounds_that_look_ahead(x, w):
    h, k = rounds(x, w, lambda h: np.abs(w * h) > 1)
    return h**2, 2 * h * w**k, 2 * h * k * h / w


def size_of_x(x, w):
    h, k = rounds(np.abs(x), w)
    return h**2, 2 * h * w**k, 2 * h * k * w ** (k - 1) * np.abs(x)


def dw_in_one_number(x, w):
    h, k = rounds(x, w)
    return h**2, 2 * h * w**k, (2 * h * k * h / w).sum()


def count_lost_without_a_round(x, w):
    h, k = rounds(x, w)
    return h**2, 2 * h * w**k, 2 * h * w ** (k - 1) * x


def x_lost_in_dw(x, w):
    h, k = rounds(x, w)
    return h**2, 2 * h * w**k, 2 * h * k * w ** (k - 1)


def x_overwritten(x, w):
    x = x.copy()  # and what is taken for x afterwards is h
    k = np.zeros(len(x))
    while (np.abs(x) > 1).any():
        on = np.abs(x) > 1
        x[on], k = w * x[on], k + on
    return x**2, 2 * x * w**k, 2 * x * k * w ** (k - 1) * x


WRONG = {
    ("dense_to_linear", "W is (inputs, units)"): (
        not_turned, not_turned_by_einsum, not_turned_in_a_loop,
    ),
    ("dense_to_linear", "In b only the mean is scaled"): (
        bias_unscaled, bias_unscaled_by_parts, bias_unscaled_in_a_loop,
    ),
    ("dense_to_linear", "The bias of the Dense layer"): (
        no_bias, no_bias_by_parts, no_bias_in_a_loop,
    ),
    ("dense_to_linear", "You divide by the variance"): (
        by_the_variance, by_the_variance_with_power, by_the_variance_in_a_loop,
    ),
    ("dense_to_linear", "eps is added to the spread"): (
        eps_outside, eps_outside_by_power, eps_outside_in_a_loop,
    ),
    ("two_towers", "Only the left input's path"): (
        left_only, left_only_in_a_loop, left_only_by_einsum,
    ),
    ("two_towers", "You take the mean of the two paths"): (
        both_halved, both_halved_by_mean, both_halved_at_the_end,
    ),
    ("two_towers", "The right side's gradient has the wrong sign"): (
        same_sign, same_sign_stacked, same_sign_in_a_loop,
    ),
    ("two_towers", "The sign of a − b is missing"): (no_sign, no_sign_stacked, no_sign_by_einsum),
    ("two_towers", "ReLU's slope is missing"): (
        no_relu, no_relu_of_the_difference, no_relu_in_a_loop,
    ),
    ("loop_gradient", "Each number is multiplied as often"): (
        all_together, all_together_with_any, all_together_by_the_most,
    ),
    ("loop_gradient", "The sign is forgotten"): (
        without_size, without_size_in_a_loop, without_size_by_masks,
    ),
    ("loop_gradient", "dx is 2h"): (
        without_the_loop, without_the_loop_in_a_loop, without_the_loop_by_roots,
    ),
    ("loop_gradient", "dx is wᵏ"): (
        without_the_square, without_the_square_in_a_loop, without_the_square_forward,
    ),
    ("loop_gradient", "In dw the number of rounds"): (
        without_the_count, without_the_count_in_a_loop, without_the_count_forward,
    ),
    ("dense_to_linear", "eps is missing"): (
        without_eps, without_eps_in_a_loop, without_eps_by_power,
    ),
    ("dense_to_linear", "γ is missing in W"): (weights_without_gamma,),
    ("dense_to_linear", "In b β is scaled"): (beta_scaled,),
    ("two_towers", "The gradients are multiplied by |a − b|"): (
        towers_with(lambda ha, hb: np.abs(ha - hb)),
    ),
    ("two_towers", "The gradients are multiplied by a − b"): (towers_with(lambda ha, hb: ha - hb),),
    ("two_towers", "Only where both sides are on"): (
        towers_with(lambda ha, hb: np.sign(ha - hb) * (ha > 0) * (hb > 0)),
    ),
    ("two_towers", "Your db has a row for each pair"): (db_of_each_pair,),
    ("loop_gradient", "Every number takes one round"): (asks_after_the_round,),
    ("loop_gradient", "One round is missing"): (rounds_by_floor, rounds_that_look_ahead),
    ("loop_gradient", "The sign of x is lost"): (size_of_x,),
    ("loop_gradient", "dw is summed to a single number"): (dw_in_one_number,),
    ("loop_gradient", "In dw the number of rounds is missing. It"): (count_lost_without_a_round,),
    ("loop_gradient", "In dw the x is missing"): (x_lost_in_dw,),
    ("loop_gradient", "In dw wᵏ⁻¹ is multiplied by h"): (x_overwritten,),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "start", "answer"),
    [(name, start, answer) for (name, start), answers in WRONG.items() for answer in answers],
)
def test_mistakes_are_recognized_the_commonest_in_three_styles(name, start, answer):
    begins(name, answer, start)
