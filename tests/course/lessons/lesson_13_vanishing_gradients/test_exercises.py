"""Lesson 13's exercises: right answers in other styles, the tasks' examples, mistakes by name."""

from itertools import pairwise

import numpy as np
import pytest
from judged import begins, passes, said

from nnlib import Tensor, nn
from nnlib.course.lessons import EXERCISES
from nnlib.nn import functional as F


def by_products(w, x, phi, slope):
    L = len(w)
    inputs, slopes = [x], []
    for k in range(L):
        slopes.append(slope(w[k] * inputs[k]))
        inputs.append(phi(w[k] * inputs[k]))
    dw = []
    for k in range(L):
        product = inputs[k] * slopes[k]
        for j in range(k + 1, L):
            product = product * w[j] * slopes[j]
        dw.append(product)
    return inputs[L], dw


def by_recursion(w, x, phi, slope):
    if len(w) == 0:
        return x, np.array([])
    z = w[0] * x
    y, rest = by_recursion(w[1:], phi(z), phi, slope)
    if len(w) == 1:
        return y, np.array([slope(z) * x])
    # ∂y/∂h₁ is what the chain behind says of its first z, times its first weight.
    behind = gradient_at_first_z(w[1:], phi(z), phi, slope)
    return y, np.concatenate([[behind * w[1] * slope(z) * x], rest])


def gradient_at_first_z(w, x, phi, slope):
    z = w[0] * x
    if len(w) == 1:
        return slope(z)
    return gradient_at_first_z(w[1:], phi(z), phi, slope) * w[1] * slope(z)


def by_cumulated_products(w, x, phi, slope):
    h = [x]
    for weight in w:
        h.append(phi(weight * h[-1]))
    slopes = np.array([slope(weight * before) for weight, before in zip(w, h[:-1], strict=True)])
    factors = np.concatenate([slopes[:-1] * w[1:], slopes[-1:]])
    return h[-1], np.cumprod(factors[::-1])[::-1] * np.array(h[:-1])


def in_a_loop(X, W1, W2, W3, dH):
    H, weights = [X], [W1, W2, W3]
    for W in weights:
        H.append(np.tanh(np.einsum("ni,oi->no", H[-1], W)))
    sizes, G = [], dH
    for k in (2, 1, 0):
        dZ = G * (1 - H[k + 1] ** 2)
        sizes.insert(0, np.sqrt(np.mean(dZ**2)))
        G = np.einsum("no,oi->ni", dZ, weights[k])
    measured = [sizes[0] / sizes[1], sizes[1] / sizes[2]]
    predicted = []
    for W, h in zip(weights[1:], H[1:3], strict=True):
        rms_W, rms_slope = np.sqrt(np.mean(W**2)), np.sqrt(np.mean((1 - h**2) ** 2))
        predicted.append(rms_W * W.shape[0] ** 0.5 * rms_slope)
    return measured, predicted


def by_columns(X, W1, W2, W3, dH):
    """rms W · √n is the root of the mean, over columns, of the sum of squares."""

    def rms(A):
        return np.linalg.norm(A) / A.size**0.5

    Z1 = X @ W1.T
    Z2 = np.tanh(Z1) @ W2.T
    Z3 = np.tanh(Z2) @ W3.T
    slopes = [np.cosh(Z) ** -2.0 for Z in (Z1, Z2, Z3)]
    dZ3 = slopes[2] * dH
    dZ2 = slopes[1] * (dZ3 @ W3)
    dZ1 = slopes[0] * (dZ2 @ W2)
    predicted = [
        np.sqrt((W**2).sum(axis=0).mean()) * rms(slope)
        for W, slope in ((W2, slopes[0]), (W3, slopes[1]))
    ]
    return (rms(dZ1) / rms(dZ2), rms(dZ2) / rms(dZ3)), tuple(predicted)


def by_tape(X, W1, W2, W3, dH):
    arrays = [np.asarray(a, dtype=float) for a in (X, W1, W2, W3, dH)]
    X, W1, W2, W3, dH = arrays
    Z = [X @ W1.T]
    for W in (W2, W3):
        Z.append(np.tanh(Z[-1]) @ W.T)
    sizes = []
    for k in range(3):
        start = Tensor(Z[k], requires_grad=True)
        h = F.tanh(start)
        for W in (W1, W2, W3)[k + 1 :]:
            h = F.tanh(h @ Tensor(W.T))
        (h * Tensor(dH)).sum().backward()
        sizes.append(np.sqrt((start.grad**2).mean()))
    slopes = [np.sqrt(((1 - np.tanh(z) ** 2) ** 2).mean()) for z in Z]
    weights = [np.sqrt((W**2).mean() * len(W)) for W in (W2, W3)]
    return [sizes[0] / sizes[1], sizes[1] / sizes[2]], [
        weights[0] * slopes[0],
        weights[1] * slopes[1],
    ]


def with_diagonals(x, W):
    J, h, share = np.eye(len(x)), x, 1.0
    for k in range(len(W) - 1):
        D = np.diag((W[k] @ h > 0).astype(float))
        J, h = D @ W[k] @ J, D @ W[k] @ h
        share *= np.trace(D) / len(x)
    return share, W[-1] @ J


def from_behind(x, W):
    masks, h = [], x
    for layer in W[:-1]:
        h = np.maximum(layer @ h, 0)
        masks.append(h > 0)
    J = W[-1] * 1.0
    for layer, mask in zip(W[-2::-1] if len(W) > 1 else [], masks[::-1], strict=True):
        J = (J * mask) @ layer
    active = 1
    for mask in masks:
        active *= int(mask.sum())
    return active / len(x) ** len(masks), J


def by_nnlib(x, W):
    h = Tensor(np.asarray(x, dtype=float), requires_grad=True)
    rows, on = [], []
    for i in range(len(x)):
        start = Tensor(np.asarray(x, dtype=float), requires_grad=True)
        h = start
        for layer in W[:-1]:
            h = nn.functional.relu(nn.functional.linear(h, Tensor(np.asarray(layer, dtype=float))))
            if i == 0:
                on.append((h.data > 0).mean())
        h = nn.functional.linear(h, Tensor(np.asarray(W[-1], dtype=float)))
        h[i].backward()
        rows.append(start.grad)
    return np.prod(on), np.stack(rows)


RIGHT = {
    "chain_gradients": [by_products, by_recursion, by_cumulated_products],
    "layer_factors": [in_a_loop, by_columns, by_tape],
    "active_paths": [with_diagonals, from_behind, by_nnlib],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name: str) -> None:
    for answer in RIGHT[name]:
        passes(name, answer, seeds=range(3))


def test_the_examples_of_the_tasks() -> None:
    y, dw = EXERCISES["chain_gradients"].reference(
        np.array([2, 0.5]), 3, lambda z: z**2 / 2, lambda z: z
    )
    assert y == 40.5
    np.testing.assert_allclose(dw, [81, 162])
    ones = np.ones((1, 1))
    measured, predicted = EXERCISES["layer_factors"].reference(
        0 * ones, ones, np.array([[3.0], [4.0]]), np.ones((1, 2)), 2 * ones
    )
    np.testing.assert_allclose(measured, [7, 1])
    np.testing.assert_allclose(predicted, [5, 1])
    W = np.array([[[1, 0], [2, -1]], [[3, 5], [0.5, 1]]])
    share, J = EXERCISES["active_paths"].reference(np.array([1.0, 3.0]), W)
    assert share == 0.5
    np.testing.assert_allclose(J, [[3, 0], [0.5, 0]])


def test_the_jacobian_explains_the_output() -> None:
    rng = np.random.default_rng(0)
    x, W = rng.normal(size=7), rng.normal(size=(4, 7, 7))
    h = x
    for layer in W[:-1]:
        h = np.maximum(layer @ h, 0)
    np.testing.assert_allclose(EXERCISES["active_paths"].reference(x, W)[1] @ x, W[-1] @ h)


# --- The commonest mistakes, in other styles ------------------------------------------------------


def walked(w, x, phi):
    z, h = [], [x]
    for weight in w:
        z.append(weight * h[-1])
        h.append(phi(z[-1]))
    return z, h


def test_chain_slopes_at_h_in_three_styles() -> None:
    def loops(w, x, phi, slope):
        _, h = walked(w, x, phi)
        dw = []
        for k in range(len(w)):
            product = slope(h[k + 1]) * h[k]
            for j in range(k + 1, len(w)):
                product *= slope(h[j + 1]) * w[j]
            dw.append(product)
        return h[-1], dw

    def cumulated(w, x, phi, slope):
        _, h = walked(w, x, phi)
        s = np.array([slope(value) for value in h[1:]])
        factors = np.append(s[:-1] * w[1:], s[-1])
        return h[-1], np.cumprod(factors[::-1])[::-1] * h[:-1]

    def back(w, x, phi, slope):
        _, h = walked(w, x, phi)
        g, dw = 1.0, []
        for weight, into, out in zip(w[::-1], h[-2::-1], h[:0:-1], strict=True):
            g *= slope(out)
            dw.append(g * into)
            g *= weight
        return h[-1], dw[::-1]

    for answer in (loops, cumulated, back):
        begins("chain_gradients", answer, "You take the slope at h")


def test_chain_without_weights_in_three_styles() -> None:
    def loops(w, x, phi, slope):
        z, h = walked(w, x, phi)
        dw = []
        for k in range(len(w)):
            product = h[k]
            for j in range(k, len(w)):
                product *= slope(z[j])
            dw.append(product)
        return h[-1], dw

    def cumulated(w, x, phi, slope):
        z, h = walked(w, x, phi)
        s = np.array([slope(value) for value in z])
        return h[-1], np.cumprod(s[::-1])[::-1] * np.array(h[:-1])

    def back(w, x, phi, slope):
        z, h = walked(w, x, phi)
        g, dw = 1.0, np.zeros(len(w))
        for k in range(len(w) - 1, -1, -1):
            g *= slope(z[k])
            dw[k] = g * h[k]
        return h[-1], dw

    for answer in (loops, cumulated, back):
        begins("chain_gradients", answer, "The weights are missing from the way back")


def test_chain_in_the_order_of_the_way_back() -> None:
    def appended(w, x, phi, slope):
        y, dw = by_products(w, x, phi, slope)
        return y, dw[::-1]

    begins("chain_gradients", appended, "The gradients come in the order")


def test_chain_with_x_everywhere() -> None:
    def x_everywhere(w, x, phi, slope):
        z, h = walked(w, x, phi)
        dw = [slope(z[k]) * x for k in range(len(w))]
        for k in range(len(w)):
            for j in range(k + 1, len(w)):
                dw[k] *= slope(z[j]) * w[j]
        return h[-1], np.array(dw)

    begins("chain_gradients", x_everywhere, "Every gradient has x")


def test_chain_one_weight_off() -> None:
    def one_off(w, x, phi, slope):
        z, h = walked(w, x, phi)
        dw = []
        for k in range(len(w)):
            product = slope(z[k]) * h[k]
            for j in range(k + 1, len(w)):
                product *= slope(z[j]) * w[j - 1]
            dw.append(product)
        return h[-1], dw

    begins("chain_gradients", one_off, "Where weights are to be multiplied")


def sizes_of(X, W1, W2, W3, dH):
    H1 = np.tanh(X @ W1.T)
    H2 = np.tanh(H1 @ W2.T)
    H3 = np.tanh(H2 @ W3.T)
    dZ3 = dH * (1 - H3**2)
    dZ2 = dZ3 @ W3 * (1 - H2**2)
    return (dZ2 @ W2 * (1 - H1**2), dZ2, dZ3), (1 - H1**2, 1 - H2**2, 1 - H3**2)


def rms(A):
    return (A**2).mean() ** 0.5


def test_inputs_counted_in_place_of_units_in_three_styles() -> None:
    def plain(*args):
        (a, b, c), (s1, s2, _) = sizes_of(*args)
        n1, n2 = args[2].shape[1], args[3].shape[1]
        predicted = rms(args[2]) * n1**0.5 * rms(s1), rms(args[3]) * n2**0.5 * rms(s2)
        return (rms(a) / rms(b), rms(b) / rms(c)), predicted

    def by_rows(*args):
        measured, _ = plain(*args)
        _, slopes = sizes_of(*args)
        rows = [np.sqrt((W**2).sum(axis=1).mean()) for W in args[2:4]]
        return measured, [rows[k] * rms(slopes[k]) for k in (0, 1)]

    def by_width_of_h(*args):
        measured, _ = plain(*args)
        _, slopes = sizes_of(*args)
        pairs = zip(args[2:4], slopes[:2], strict=True)
        return measured, np.array([rms(W) * np.sqrt(s.shape[1]) * rms(s) for W, s in pairs])

    for answer in (plain, by_rows, by_width_of_h):
        begins("layer_factors", answer, "Your predicted factors count a unit's inputs")


def test_the_slopes_of_the_layer_above() -> None:
    def above(*args):
        (a, b, c), (_, s2, s3) = sizes_of(*args)
        predicted = []
        for W, s in ((args[2], s2), (args[3], s3)):
            predicted.append(np.sqrt((W**2).sum() / W.shape[1]) * rms(s))
        return [rms(a) / rms(b), rms(b) / rms(c)], predicted

    begins("layer_factors", above, "Your predicted factors have the slopes of the layer that")


def test_what_is_sent_over_what_arrives() -> None:
    def inverted(*args):
        measured, predicted = in_a_loop(*args)
        return 1 / np.array(measured), predicted

    begins("layer_factors", inverted, "Your measured factors are upside down")


def test_a_standard_deviation_of_both() -> None:
    def std(*args):
        (a, b, c), (s1, s2, _) = sizes_of(*args)
        predicted = [W.std() * len(W) ** 0.5 * rms(s) for W, s in ((args[2], s1), (args[3], s2))]
        return [a.std() / b.std(), b.std() / c.std()], predicted

    told = said("layer_factors", std)
    assert "Your measured factors take the spread" in told
    assert "Your predicted factors take the spread" in told


def test_a_gradient_that_skips_the_last_tanh() -> None:
    def skips(X, W1, W2, W3, dH):
        _, (s1, s2, _) = sizes_of(X, W1, W2, W3, dH)
        dZ2 = np.einsum("nk,kj->nj", dH, W3) * s2
        dZ1 = np.einsum("nk,kj->nj", dZ2, W2) * s1
        _, predicted = in_a_loop(X, W1, W2, W3, dH)
        return [rms(dZ1) / rms(dZ2), rms(dZ2) / rms(dH)], predicted

    begins("layer_factors", skips, "The slope of layer 3 is missing")


def masks_of(x, W):
    masks, h = [], x
    for layer in W[:-1]:
        z = layer @ h
        masks.append(z > 0)
        h = np.where(z > 0, z, 0)
    return masks


def share_of(masks):
    share = 1.0
    for mask in masks:
        share *= mask.mean()
    return share


def test_all_units_on_in_three_styles() -> None:
    def loops(x, W):
        J = W[0]
        for k in range(1, len(W)):
            J = W[k] @ J
        return share_of(masks_of(x, W)), J

    def chained(x, W):
        J = np.linalg.multi_dot(list(W[::-1])) if len(W) > 1 else W[0]
        return share_of(masks_of(x, W)), J

    def summed(x, W):
        J = np.eye(len(x))
        for layer in W:
            J = np.einsum("ik,kj->ij", layer, J)
        return share_of(masks_of(x, W)), J

    for answer in (loops, chained, summed):
        begins("active_paths", answer, "Your J is the product of all weights")


def test_a_mean_of_the_shares_in_three_styles() -> None:
    def numpy_mean(x, W):
        masks = masks_of(x, W)
        return np.mean(masks) if masks else 1.0, with_diagonals(x, W)[1]

    def counted(x, W):
        on = sum(int(mask.sum()) for mask in masks_of(x, W))
        hidden = (len(W) - 1) * len(x)
        return on / hidden if hidden else 1, with_diagonals(x, W)[1]

    def averaged(x, W):
        shares = [mask.mean() for mask in masks_of(x, W)] or [1.0]
        return sum(shares) / len(shares), from_behind(x, W)[1]

    for answer in (numpy_mean, counted, averaged):
        begins("active_paths", answer, "Your share is a mean over the layers")


def test_a_relu_behind_the_last_layer() -> None:
    def behind(x, W):
        padded = np.concatenate([W, np.eye(len(x))[None]])
        return with_diagonals(x, padded)

    told = said("active_paths", behind)
    assert "Your share counts the last layer, too" in told
    assert "Your J has a ReLU behind the last layer" in told


def test_columns_off_in_place_of_rows() -> None:
    def columns(x, W):
        J = np.eye(len(x))
        for layer, mask in zip(W[:-1], masks_of(x, W), strict=True):
            J = layer @ J @ np.diag(1.0 * mask)
        return share_of(masks_of(x, W)), W[-1] @ J

    begins("active_paths", columns, "Your J switches off columns")


def test_a_transposed_jacobian() -> None:
    def turned(x, W):
        share, J = from_behind(x, W)
        return share, np.einsum("ij->ji", J)

    begins("active_paths", turned, "Your J is transposed")


def forwards(w, x, phi, slope):
    """What each unit gets, its slope, and ŷ."""
    z, h = walked(w, x, phi)
    return h[:-1], [slope(value) for value in z], h[-1]


def test_chain_reversed_in_two_more_styles() -> None:
    def back(w, x, phi, slope):
        into, slopes, y = forwards(w, x, phi, slope)
        dw, g = [], 1.0
        for k in range(len(w) - 1, -1, -1):
            dw.append(g * slopes[k] * into[k])
            g *= slopes[k] * w[k]
        return y, np.array(dw)

    def counted_from_the_end(w, x, phi, slope):
        y, dw = by_cumulated_products(w, x, phi, slope)
        turned = np.zeros(len(w))
        for k in range(len(w)):
            turned[len(w) - 1 - k] = dw[k]
        return y, turned

    for answer in (back, counted_from_the_end):
        begins("chain_gradients", answer, "The gradients come in the order")


def test_chain_with_x_everywhere_in_two_more_styles() -> None:
    def back(w, x, phi, slope):
        _, slopes, y = forwards(w, x, phi, slope)
        dw, g = np.zeros(len(w)), 1.0
        for k in range(len(w) - 1, -1, -1):
            g *= slopes[k]
            dw[k] = g * x
            g *= w[k]
        return y, dw

    def products(w, x, phi, slope):
        _, slopes, y = forwards(w, x, phi, slope)
        return y, [x * np.prod(slopes[k:]) * np.prod(w[k + 1 :]) for k in range(len(w))]

    for answer in (back, products):
        begins("chain_gradients", answer, "Every gradient has x")


def test_chain_one_weight_off_in_two_more_styles() -> None:
    def back(w, x, phi, slope):
        into, slopes, y = forwards(w, x, phi, slope)
        dw, g = np.zeros(len(w)), 1.0
        for k in range(len(w))[::-1]:
            dw[k] = g * slopes[k] * into[k]
            g *= slopes[k] * w[k - 1]
        return y, dw

    def products(w, x, phi, slope):
        into, slopes, y = forwards(w, x, phi, slope)
        L = len(w)
        return y, [np.prod(slopes[k:]) * np.prod(w[k : L - 1]) * into[k] for k in range(L)]

    for answer in (back, products):
        begins("chain_gradients", answer, "Where weights are to be multiplied")


def test_chain_with_the_gradients_of_what_comes_in() -> None:
    def back(w, x, phi, slope):
        _, slopes, y = forwards(w, x, phi, slope)
        out, g = np.zeros(len(w)), 1.0
        for k in reversed(range(len(w))):
            g *= slopes[k] * w[k]
            out[k] = g
        return y, out

    begins("chain_gradients", back, "Yours are the gradients at what comes into the unit")


def measured_and_more(*args):
    (a, b, c), slopes = sizes_of(*args)
    return [rms(a) / rms(b), rms(b) / rms(c)], args[2:4], slopes


def test_the_slopes_of_the_layer_above_in_two_more_styles() -> None:
    def plain(*args):
        measured, (W2, W3), (_, s2, s3) = measured_and_more(*args)
        return measured, (
            rms(W2) * len(W2) ** 0.5 * rms(s2),
            rms(W3) * len(W3) ** 0.5 * rms(s3),
        )

    def by_sums(*args):
        measured, weights, slopes = measured_and_more(*args)
        columns = [np.sqrt((W**2).sum(axis=0).mean()) for W in weights]
        return measured, np.array(columns) * [rms(s) for s in slopes[1:]]

    for answer in (plain, by_sums):
        begins("layer_factors", answer, "Your predicted factors have the slopes of the layer that")


def test_what_is_sent_over_what_arrives_in_two_more_styles() -> None:
    def plain(*args):
        (a, b, c), _ = sizes_of(*args)
        return [rms(b) / rms(a), rms(c) / rms(b)], in_a_loop(*args)[1]

    def looped(*args):
        sizes = [np.sqrt(np.mean(dZ**2)) for dZ in sizes_of(*args)[0]]
        upward = [above / below for below, above in pairwise(sizes)]
        return np.array(upward), by_columns(*args)[1]

    for answer in (plain, looped):
        begins("layer_factors", answer, "Your measured factors are upside down")


def test_a_standard_deviation_of_both_in_two_more_styles() -> None:
    def functions(*args):
        (a, b, c), (s1, s2, _) = sizes_of(*args)
        predicted = [
            np.std(W) * np.sqrt(W.shape[0]) * rms(s)
            for W, s in zip(args[2:4], (s1, s2), strict=True)
        ]
        return (np.std(a) / np.std(b), np.std(b) / np.std(c)), predicted

    def centered(*args):
        def spread(A):
            return np.sqrt(((A - A.mean()) ** 2).mean())

        (a, b, c), (s1, s2, _) = sizes_of(*args)
        first = spread(args[2]) * len(args[2]) ** 0.5 * rms(s1)
        second = spread(args[3]) * len(args[3]) ** 0.5 * rms(s2)
        return [spread(a) / spread(b), spread(b) / spread(c)], [first, second]

    for answer in (functions, centered):
        told = said("layer_factors", answer)
        assert "Your measured factors take the spread" in told
        assert "Your predicted factors take the spread" in told


def test_a_gradient_that_skips_the_last_tanh_in_two_more_styles() -> None:
    def plain(X, W1, W2, W3, dH):
        _, (s1, s2, _) = sizes_of(X, W1, W2, W3, dH)
        dZ2 = (dH @ W3) * s2
        dZ1 = (dZ2 @ W2) * s1
        measured = rms(dZ1) / rms(dZ2), rms(dZ2) / rms(dH)
        return measured, in_a_loop(X, W1, W2, W3, dH)[1]

    def by_example(X, W1, W2, W3, dH):
        _, (s1, s2, _) = sizes_of(X, W1, W2, W3, dH)
        blames = [dH, np.array([W3.T @ g * s for g, s in zip(dH, s2, strict=True)])]
        blames.append(np.array([W2.T @ g * s for g, s in zip(blames[1], s1, strict=True)]))
        one, two, three = (np.sqrt(np.mean(dZ**2)) for dZ in blames[::-1])
        return [one / two, two / three], by_columns(X, W1, W2, W3, dH)[1]

    for answer in (plain, by_example):
        begins("layer_factors", answer, "The slope of layer 3 is missing")


def test_a_relu_behind_the_last_layer_in_two_more_styles() -> None:
    def every_layer(x, W):
        h, J, share = x, np.eye(len(x)), 1.0
        for layer in W:
            z = layer @ h
            share *= (z > 0).mean()
            J = (layer @ J) * (z > 0)[:, None]
            h = np.maximum(z, 0)
        return share, J

    def diagonals(x, W):
        h, J, counts = x, np.eye(len(x)), []
        for k in range(len(W)):
            D = np.diag(np.where(W[k] @ h > 0, 1.0, 0.0))
            J, h = D @ W[k] @ J, D @ W[k] @ h
            counts.append(np.trace(D))
        return np.prod(counts) / len(x) ** len(W), J

    for answer in (every_layer, diagonals):
        told = said("active_paths", answer)
        assert "Your share counts the last layer, too" in told
        assert "Your J has a ReLU behind the last layer" in told


def test_columns_off_in_two_more_styles() -> None:
    def broadcast(x, W):
        J = np.eye(len(x))
        for layer, mask in zip(W[:-1], masks_of(x, W), strict=True):
            J = mask * (layer @ J)
        return share_of(masks_of(x, W)), W[-1] @ J

    def assigned(x, W):
        J = np.eye(len(x))
        for layer, mask in zip(W[:-1], masks_of(x, W), strict=True):
            J = layer @ J
            J[:, ~mask] = 0
        return share_of(masks_of(x, W)), W[-1] @ J

    for answer in (broadcast, assigned):
        begins("active_paths", answer, "Your J switches off columns")


def test_a_transposed_jacobian_in_two_more_styles() -> None:
    def backward(x, W):
        G = W[-1].T
        for layer, mask in zip(W[:-1][::-1], masks_of(x, W)[::-1], strict=True):
            G = layer.T @ (mask[:, None] * G)
        return share_of(masks_of(x, W)), G

    def one_input_at_a_time(x, W):
        rows = []
        for j in range(len(x)):
            v = np.eye(len(x))[j]
            for layer, mask in zip(W[:-1], masks_of(x, W), strict=True):
                v = mask * (layer @ v)
            rows.append(W[-1] @ v)
        return share_of(masks_of(x, W)), np.array(rows)

    for answer in (backward, one_input_at_a_time):
        begins("active_paths", answer, "Your J is transposed")


def test_a_share_of_hidden_choices_over_whole_paths() -> None:
    def counted(x, W):
        active = 1.0
        for mask in masks_of(x, W):
            active *= mask.sum()
        return active / len(x) ** (len(W) + 1), with_diagonals(x, W)[1]

    begins("active_paths", counted, "Your share divides the choices of hidden units")


def test_a_first_layer_that_is_always_hidden() -> None:
    def first(x, W):
        on = W[0] @ x > 0
        h, J, share = on * (W[0] @ x), on[:, None] * W[0], on.mean()
        for layer in W[1:-1]:
            on = layer @ h > 0
            share *= on.mean()
            J, h = on[:, None] * (layer @ J), on * (layer @ h)
        return share, W[-1] @ J

    begins("active_paths", first, "Your first layer has a ReLU even where")
