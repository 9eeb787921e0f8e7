"""Linear models against scikit-learn, and against what the lectures' experiments gave."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.classical import (
    Lasso,
    LinearDiscriminant,
    LinearRegression,
    LogisticRegression,
    PoissonRegression,
    Ridge,
    linear_discriminant,
    polynomial_count,
    polynomial_features,
)

few = settings(max_examples=15, deadline=None, derandomize=True)
seeds, either = st.integers(0, 2**32 - 1), st.booleans()
sizes = st.tuples(st.integers(30, 80), st.integers(1, 4))


def draw(seed, size):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=size) * rng.uniform(0.5, 2, size[1]) + rng.normal(size=size[1])
    return rng, X, rng.normal(size=size[1])


def assert_same(ours, theirs, atol=1e-8):
    weight, bias = np.ravel(theirs.coef_), np.ravel(theirs.intercept_)
    np.testing.assert_allclose(ours.weight, weight, atol=atol, rtol=0)
    np.testing.assert_allclose(ours.bias, bias[0], atol=atol, rtol=0)


# Numbers as targets


@few
@given(seeds, sizes, either)
def test_least_squares_and_ridge_equal_scikit_learn(seed, size, bias):
    linear = pytest.importorskip("sklearn.linear_model")
    rng, X, w = draw(seed, size)
    y = X @ w + rng.normal(size=len(X))
    theirs = linear.LinearRegression(fit_intercept=bias).fit(X, y)
    ours = LinearRegression(bias=bias).fit(X, y)
    assert_same(ours, theirs)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-8)
    alpha = float(rng.uniform(0.01, 20))
    theirs = linear.Ridge(alpha, fit_intercept=bias, solver="svd").fit(X, y)
    assert_same(Ridge(alpha, bias=bias).fit(X, y), theirs)


@few
@given(seeds, sizes, either)
def test_lasso_equals_scikit_learn(seed, size, bias):
    linear = pytest.importorskip("sklearn.linear_model")
    rng, X, w = draw(seed, size)
    y = X @ w + rng.normal(size=len(X))
    alpha = float(rng.uniform(0.05, 1))
    theirs = linear.Lasso(alpha, fit_intercept=bias, tol=1e-12, max_iter=100_000).fit(X, y)
    ours = Lasso(alpha, steps=5000, bias=bias).fit(X, y)
    assert_same(ours, theirs, atol=1e-6)
    assert ((ours.weight == 0) == (theirs.coef_ == 0)).all()


def test_more_features_than_examples_take_the_shortest_weights():
    X = np.array([[1.0, 1.0, 0.0]])
    assert LinearRegression(bias=False).fit(X, [4.0]).weight == pytest.approx([2, 2, 0])


def test_a_lasso_of_constant_inputs_is_the_mean():
    model = Lasso(0.1).fit(np.ones((3, 2)), [1, 2, 6])
    assert (model.weight.tolist(), model.bias) == ([0, 0], 3)


def test_a_large_penalty_leaves_nothing_and_the_bias_is_free():
    X, y = np.arange(6.0)[:, None], 2 * np.arange(6.0) + 5
    model = Lasso(alpha=100).fit(X, y)
    assert (model.weight.tolist(), model.bias) == ([0], 10)
    assert Ridge(alpha=1e9).fit(X, y).bias == pytest.approx(10, abs=1e-4)


def test_soft_thresholding_meets_the_optimality_conditions():
    """X-27: of 20 weights 17 are useless; at the minimum |∇| ≤ α where w = 0, and = α elsewhere."""
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(100, 20)), np.zeros(20)
    w[:3] = 3, -2, 1
    y = X @ w + 0.5 * rng.normal(size=100)
    model = Lasso(alpha=0.1, steps=5000, bias=False).fit(X, y)
    gradient = X.T @ (X @ model.weight - y) / 100
    zero = model.weight == 0
    assert zero.sum() >= 10 and not zero[:3].any()
    assert (np.abs(gradient[zero]) <= 0.1 + 1e-9).all()
    np.testing.assert_allclose(gradient[~zero], -0.1 * np.sign(model.weight[~zero]), atol=1e-9)


def test_noise_on_the_inputs_is_ridge():
    """X-28: α = N s²."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 5))
    y = X @ np.arange(1.0, 6.0) + 0.1 * rng.normal(size=50)
    noisy = np.concatenate([X + 0.5 * rng.normal(size=X.shape) for _ in range(20_000)])
    of_noise = LinearRegression(bias=False).fit(noisy, np.tile(y, 20_000)).weight
    assert np.abs(Ridge(50 * 0.25, bias=False).fit(X, y).weight - of_noise).max() < 0.02


# Classes and counts as targets


@few
@given(seeds, sizes, either)
def test_logistic_regression_equals_scikit_learn(seed, size, bias):
    linear = pytest.importorskip("sklearn.linear_model")
    rng, X, w = draw(seed, size)
    y = (rng.uniform(size=len(X)) < 0.5 + 0.4 * np.tanh(X @ w)).astype(int)
    y[:4] = [0, 1, 1, 0]
    X[:4] = X[:1]  # one point with both labels: nothing separates them
    theirs = linear.LogisticRegression(
        C=np.inf, fit_intercept=bias, solver="newton-cholesky", tol=1e-12, max_iter=200
    ).fit(X, y)
    ours = LogisticRegression(bias=bias).fit(X, y)
    assert_same(ours, theirs, atol=1e-5)
    np.testing.assert_allclose(ours.probability(X), theirs.predict_proba(X)[:, 1], atol=1e-5)
    assert (ours.predict(X) == (ours.probability(X) >= 0.5)).all()
    assert ours.losses[-1] == pytest.approx(min(ours.losses)) and len(ours.losses) == 26


@few
@given(seeds, sizes, either)
def test_poisson_regression_equals_scikit_learn(seed, size, bias):
    linear = pytest.importorskip("sklearn.linear_model")
    rng, X, w = draw(seed, size)
    y = rng.poisson(np.exp(np.clip(X @ w, -3, 3)))
    y[0] += 1
    theirs = linear.PoissonRegressor(
        alpha=0, fit_intercept=bias, solver="newton-cholesky", tol=1e-12, max_iter=500
    ).fit(X, y)
    ours = PoissonRegression(bias=bias).fit(X, y, steps=50)
    assert_same(ours, theirs, atol=1e-5)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-4)


@pytest.mark.parametrize("model", [LogisticRegression, PoissonRegression])
def test_both_ways_down_end_at_the_same_place(model):
    rng, X, w = draw(1, (200, 3))
    rate = 1 / (1 + np.exp(-X @ w))
    y = (rng.uniform(size=200) < rate).astype(int)
    newton = model().fit(X, y)
    slow = model().fit(X, y, steps=5000, method="gradient", lr=0.2)
    np.testing.assert_allclose(slow.weight, newton.weight, atol=1e-6)
    assert (np.diff(slow.losses) < 1e-12).all()


def test_newton_is_found_from_far_away():
    """A full step from w = 0 would predict e⁹⁹⁹ here."""
    assert PoissonRegression().fit([[0.0], [1.0]], [1000, 1000]).predict([[0.5]]) == (
        pytest.approx([1000])
    )


def test_separable_classes_have_no_best_weights():
    """E-010: the weight grows with the logarithm of the number of steps."""
    X, y = [[-2.0], [-1.0], [1.0], [2.0]], [0, 0, 1, 1]
    shorter, longer = (LogisticRegression().fit(X, y, steps) for steps in (5, 10))
    assert shorter.weight < longer.weight and longer.losses[-1] < shorter.losses[-1] < 0.01
    lengths = [
        abs(LogisticRegression().fit(X, y, steps, method="gradient", lr=1.0).weight[0])
        for steps in (10, 100, 1000)
    ]
    assert lengths[0] + 1 < lengths[1] < lengths[2] - 1


def test_scores_of_any_size_have_a_probability():
    model = LogisticRegression(bias=False)
    model.weight, model.bias = np.array([1.0]), 0.0
    assert model.probability([[-1000.0], [1000.0]]).tolist() == [0, 1]


# Gaussian classes


def gaussians():
    """X-01: 1000 points of two classes."""
    rng = np.random.default_rng(0)
    means, S = np.array([[0.0, 0], [2, 1]]), np.array([[1, 0.6], [0.6, 2]])
    y = (rng.uniform(size=1000) < 0.3).astype(int)
    return means, S, means[y] + rng.multivariate_normal([0, 0], S, size=1000), y


def test_the_posterior_of_gaussians_is_a_sigmoid():
    (m0, m1), S, _, _ = gaussians()
    w, b = linear_discriminant(m0, m1, S, 0.3)
    assert (w.round(4).tolist(), round(b, 4)) == ([2.0732, -0.1220], -2.8595)

    def density(X, m):  # up to a factor that both classes share
        return np.exp(-0.5 * np.einsum("ni,ij,nj->n", X - m, np.linalg.inv(S), X - m))

    X = 3 * np.random.default_rng(0).normal(size=(1000, 2))
    p0, p1 = 0.7 * density(X, m0), 0.3 * density(X, m1)
    model = LinearDiscriminant()
    model.weight, model.bias = w, b
    np.testing.assert_allclose(model.probability(X), p1 / (p0 + p1), atol=1e-12)


@few
@given(seeds, sizes)
def test_the_discriminant_equals_scikit_learn(seed, size):
    sklearn = pytest.importorskip("sklearn.discriminant_analysis")
    rng, X, _ = draw(seed, size)
    y = np.append([0, 1], rng.integers(0, 2, len(X) - 2))
    theirs = sklearn.LinearDiscriminantAnalysis(solver="lsqr").fit(X, y)
    ours = LinearDiscriminant().fit(X, y)
    assert_same(ours, theirs, atol=1e-6)
    np.testing.assert_allclose(ours.probability(X), theirs.predict_proba(X)[:, 1], atol=1e-6)


def test_far_outliers_harm_the_discriminant_and_not_logistic_regression():
    _, _, X, y = gaussians()
    X, y = np.r_[X, np.full((20, 2), [30, 15])], np.r_[y, np.ones(20, int)]
    discriminant = np.mean(LinearDiscriminant().fit(X, y).predict(X) == y)
    logistic = np.mean(LogisticRegression().fit(X, y).predict(X) == y)
    assert discriminant < logistic - 0.08


# Features


@given(st.integers(1, 4), st.integers(0, 4), seeds)
@few
def test_polynomial_features_equal_scikit_learn(d, degree, seed):
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    X = np.random.default_rng(seed).normal(size=(5, d))
    ours = polynomial_features(X, degree)
    np.testing.assert_allclose(ours, preprocessing.PolynomialFeatures(degree).fit_transform(X))
    assert ours.shape == (5, polynomial_count(d, degree))


def test_the_lectures_counts():
    counts = [
        polynomial_count(*dk) for dk in [(3, 2), (10, 2), (100, 2), (784, 2), (10, 3), (7, 0)]
    ]
    assert counts == [10, 66, 5151, 308505, 286, 1]


# Bad input

X, y = [[0.0, 1], [1, 0], [2, 2]], [0, 1, 0]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: LinearRegression().predict(X), "LinearRegression has no weights yet: call fit"),
        (lambda: LinearRegression().fit([1, 2], [1, 2]), r"X must be \(N, d\)"),
        (lambda: LinearRegression().fit(X, [1, 2]), "each of the 3 rows"),
        (lambda: LinearRegression().fit(X, [1, 2, np.nan]), "y holds NaN"),
        (lambda: LinearRegression().fit(np.zeros((2, 0)), [1, 2]), r"X must be \(N, d\)"),
        (lambda: LinearRegression().fit(X, y).predict([[1]]), r"X must be \(N, 2\)"),
        (lambda: Ridge(0), "Ridge: alpha must be a finite number above 0, not 0"),
        (lambda: Lasso(-1), "Lasso: alpha"),
        (lambda: Lasso(steps=0), "Lasso: steps"),
        (lambda: LogisticRegression().fit(X, [0, 1, 2]), "labels 0 and 1"),
        (lambda: LogisticRegression().fit(X, y, method="newton"), "'irls' or 'gradient'"),
        (lambda: LogisticRegression().fit(X, y, steps=0), "steps must be a whole number from 1"),
        (lambda: LogisticRegression().fit(X, y, lr=-1), "lr must be a number above 0"),
        (lambda: PoissonRegression().fit(X, [-1, 0, 2]), "counts"),
        (lambda: LinearDiscriminant().fit(X, [1, 1, 1]), "both classes"),
        (
            lambda: LinearDiscriminant().fit([[1, 1], [2, 2], [3, 3]], y),
            "covariance has no inverse",
        ),
        (lambda: linear_discriminant([0], [1, 2], np.eye(2)), r"m1 must be \(1,\), not \(2,\)"),
        (lambda: linear_discriminant([0], [1], [[1]], 1.0), "prior must be a number between"),
        (lambda: polynomial_features([1, 2], 2), r"X must be \(N, d\)"),
        (lambda: polynomial_features(X, -1), "degree must be a whole number"),
        (lambda: polynomial_count(-2, 2), "d must be a whole number"),
    ],
)
def test_they_say_what_is_wrong(act, words):
    with pytest.raises(ValueError, match=words):
        act()


def test_words_are_no_targets():
    with pytest.raises(TypeError, match="y must hold numbers"):
        LinearRegression().fit(X, ["a", "b", "c"])
