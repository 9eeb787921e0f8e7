"""Lesson 02b: right answers and the five commonest slips, each in styles other than the page's."""

import math
from itertools import combinations

import numpy as np
import pytest
from judged import begins, details, passes, said

from nnlib.course.lessons import EXERCISES

# Each of these is right, and wrong where it is given the name of a slip.


def irls_in_loops(X, y, T, steps, slip=""):
    n, d = X.shape
    w = np.zeros(d)
    for _ in range(steps):
        gradient, H = np.zeros(d), np.zeros((d, d))
        for i in range(n):
            z = sum(float(X[i, j]) * float(w[j]) for j in range(d))
            hours = {"no exposure": 1.0, "added": math.exp(T[i])}.get(slip, float(T[i]))
            mean = hours * math.exp(z)
            weight = {"no variance": 1.0, "bernoulli": mean * (1 - mean)}.get(slip, mean)
            for j in range(d):
                gradient[j] += (mean - y[i]) * X[i, j]
                for k in range(d):
                    H[j, k] += weight * X[i, j] * X[i, k]
        step = np.linalg.inv(H) @ gradient
        w = w + step if slip == "uphill" else w - step
    return w


def irls_by_least_squares(X, y, T, steps, slip=""):
    """Each step as a weighted least-squares problem, with ln T as an offset."""
    offset = {"no exposure": np.zeros(len(T)), "added": T}.get(slip, np.log(T))
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        mean = np.exp(np.einsum("nd,d->n", X, w) + offset)
        weight = {"no variance": np.ones(len(y)), "bernoulli": mean * (1 - mean)}.get(slip, mean)
        H = np.einsum("n,nj,nk->jk", weight, X, X) / len(y)
        step = np.linalg.solve(H, np.einsum("n,nj->j", y - mean, X) / len(y))
        w = w - step if slip == "uphill" else w + step
    return w


def irls_recursive(X, y, T, steps, slip=""):
    if not steps:
        return np.zeros(X.shape[1])
    w = irls_recursive(X, y, T, steps - 1, slip)
    rate = np.exp(np.dot(X, w))
    mean = {"no exposure": rate, "added": rate * np.exp(T)}.get(slip, rate * T)
    weight = {"no variance": mean * 0 + 1, "bernoulli": mean - mean**2}.get(slip, mean)
    H = X.T @ np.diag(weight) @ X
    sign = -1 if slip == "uphill" else 1
    return w + sign * np.linalg.lstsq(H, X.T @ (y - mean), rcond=None)[0]


def curvature(z, y, loss, slip):
    s = 1 / (1 + math.exp(-z))
    if loss == "cross-entropy" or slip == "only cross-entropy":
        return s - s * s
    other = (s - y) * s * (1 - s) * (1 - 2 * s)
    second = {"half": 0.0, "sign": -other}.get(slip, other) + (s - s * s) ** 2
    return 2 * second if slip == "no half" else second


def hessian_in_loops(X, y, w, loss, slip=""):
    n, d = X.shape
    H = np.zeros((d, d))
    for x, t in zip(X, y, strict=True):
        second = curvature(float(x @ w), float(t), loss, slip)
        for j in range(d):
            for k in range(d):
                H[j, k] += second * x[j] * x[k] / (1 if slip == "sum" else n)
    return H


def hessian_of_outer_products(X, y, w, loss, slip=""):
    products = [
        curvature(float(x @ w), float(t), loss, slip) * np.outer(x, x)
        for x, t in zip(X, y, strict=True)
    ]
    return sum(products) if slip == "sum" else np.mean(products, axis=0)


def hessian_by_einsum(X, y, w, loss, slip=""):
    s = 0.5 * (1 + np.tanh(X @ w / 2))
    first = s * (1 - s)
    if loss == "squared error" and slip != "only cross-entropy":
        rest = np.where(y == 1, -(1 - s), s) * (first - 2 * s * first)
        rest = {"half": 0 * rest, "sign": -rest}.get(slip, rest)
        first = (first * first + rest) * (2 if slip == "no half" else 1)
    H = np.einsum("ij,ik,i->jk", X, X, first)
    return H if slip == "sum" else H / X.shape[0]


def gap(f, u, v, slip):
    middle = f(u + v) if slip == "sum of points" else f(u + (v - u) / 2)
    chord = f(u) + f(v) if slip == "sum of values" else f(u) / 2 + f(v) / 2
    return chord - middle if slip == "above" else middle - chord


def dent_from_a_list(f, W, slip=""):
    gaps = [(gap(f, W[i], W[j], slip), i, j) for i, j in combinations(range(len(W)), 2)]
    dents = [found for found in gaps if found[0] > 1e-9]
    if not dents:
        return None
    _, i, j = dents[0] if slip == "first" else max(dents)
    return (j, i) if slip == "turned" else (i, j)


def dent_from_a_table(f, W, slip=""):
    n = len(W)
    table = np.full((n, n), -np.inf)
    for i in range(n):
        for j in range(n):
            if i < j:
                table[i, j] = gap(f, W[i], W[j], slip)
    if not (table > 1e-9).any():
        return None
    flat = (table > 1e-9).argmax() if slip == "first" else table.argmax()
    i, j = np.unravel_index(flat, table.shape)
    return [int(j), int(i)] if slip == "turned" else [int(i), int(j)]


def dent_with_values_first(f, W, slip=""):
    best, pair, i = 1e-9, None, 0
    while i < len(W) - 1:
        for j, v in enumerate(W):
            if j <= i:
                continue
            depth = gap(f, W[i], v, slip)
            if depth > best:
                best, pair = depth, np.array([j, i] if slip == "turned" else [i, j])
                if slip == "first":
                    return pair
        i += 1
    return pair


STYLES = {
    "poisson_irls": [irls_in_loops, irls_by_least_squares, irls_recursive],
    "logistic_hessian": [hessian_in_loops, hessian_of_outer_products, hessian_by_einsum],
    "dent": [dent_from_a_list, dent_from_a_table, dent_with_values_first],
}
SLIPS = {
    "poisson_irls": {
        "no exposure": "You leave T out:",
        "added": "You add T to the score",
        "no variance": "Your Hessian lacks the variances",
        "bernoulli": "Your Hessian has the variance of yes or no",
        "uphill": "You go uphill",
    },
    "logistic_hessian": {
        "sum": "You add up over the examples",
        "only cross-entropy": "With squared error yours has σ′ alone",
        "half": "With squared error one of two parts is missing",
        "sign": "With squared error the second part has the wrong sign",
        "no half": "With squared error you differentiate (σ − y)²",
    },
    "dent": {
        "above": "You look for chords above",
        "sum of points": "You take f at the sum of the points",
        "sum of values": "You compare with the sum of the two values",
        "first": "You return the first dent",
        "turned": "Your pair is the wrong way around",
    },
}
RIGHT = [(name, style) for name in STYLES for style in STYLES[name]]
WRONG = [(name, style, slip) for name, style in RIGHT for slip in SLIPS[name]]


@pytest.mark.parametrize(("name", "style"), RIGHT, ids=[f.__name__ for _, f in RIGHT])
def test_right_answers_in_other_styles_pass(name, style):
    passes(name, style)


@pytest.mark.parametrize(
    ("name", "style", "slip"), WRONG, ids=[f"{f.__name__}-{slip}" for _, f, slip in WRONG]
)
def test_a_slip_is_told_in_whatever_style_it_is_written(name, style, slip):
    def answer(*arguments):
        return style(*arguments, slip=slip)

    begins(name, answer, SLIPS[name][slip])


def test_the_examples_of_the_tasks():
    irls, hessian, dent = (EXERCISES[name].reference for name in STYLES)
    X, y, T = np.ones((3, 1)), np.array([2.0, 0.0, 7.0]), np.array([1.0, 1.0, 4.0])
    assert irls(X, y, T, 1) == pytest.approx([0.5])
    assert np.exp(irls(X, y, T, 9)) == pytest.approx([9 / 6])
    x, one, zero = np.array([[2.0]]), np.array([1.0]), np.array([0.0])
    assert hessian(x, one, zero, "cross-entropy") == pytest.approx(np.array([[1.0]]))
    assert hessian(x, one, zero, "squared error") == pytest.approx(np.array([[0.25]]))
    assert dent(lambda w: -(w @ w), np.array([[0.0], [3.0], [1.0]])) == (0, 1)


def test_counts_are_fitted_as_scikit_learn_does():
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(0)
    X, T = rng.normal(size=(300, 3)), rng.uniform(0.5, 8, 300)
    y = rng.poisson(T * np.exp(X @ [0.5, -0.8, 0.3]))
    theirs = linear_model.PoissonRegressor(alpha=0, fit_intercept=False, tol=1e-10)
    theirs.fit(X, y / T, sample_weight=T)  # the same likelihood, of rates that weigh T
    found = EXERCISES["poisson_irls"].reference(X, y, T, 20)
    np.testing.assert_allclose(found, theirs.coef_, atol=1e-6)


@pytest.mark.parametrize("loss", ["cross-entropy", "squared error"])
def test_hessians_are_those_of_torch(loss):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    X, y, w = rng.normal(size=(30, 4)), (rng.random(30) < 0.5).astype(float), rng.normal(size=4)

    def of(v):
        p, t = torch.sigmoid(torch.tensor(X) @ v), torch.tensor(y)
        if loss == "squared error":
            return ((p - t) ** 2).mean() / 2
        return torch.nn.functional.binary_cross_entropy(p, t)

    theirs = torch.autograd.functional.hessian(of, torch.tensor(w)).numpy()
    found = EXERCISES["logistic_hessian"].reference(X, y, w, loss)
    np.testing.assert_allclose(found, theirs, atol=1e-12)


def test_a_function_says_what_it_is_called_with():
    def answer(f, W):
        return f(W)

    assert "f takes one point" in str(details("dent", answer))


def test_a_chance_of_the_label_is_not_called_a_wrong_sigmoid():
    def answer(X, y, w, loss):
        p = 1 / (1 + np.exp(-np.where(y == 1, 1, -1) * (X @ w)))
        second = p * (1 - p)
        if loss == "squared error":
            second = second**2 + (p - y) * second * (1 - 2 * p)
        return X.T @ (second[:, None] * X) / len(X)

    told = said("logistic_hessian", answer)
    assert told.startswith("With squared error you treat every example as one of class 1")
    assert "sign" not in told


def test_the_nearest_to_a_dent_is_told_in_whatever_order_pairs_come():
    def answer(f, W):
        pairs = [(i, j) for i in range(len(W)) for j in range(i + 1, len(W))]
        depth = [f((W[i] + W[j]) / 2) - (f(W[i]) + f(W[j])) / 2 for i, j in pairs]
        return pairs[int(np.argmax(depth))] if pairs else None

    begins("dent", answer, "You return the pair that comes closest to a dent", range(8))
