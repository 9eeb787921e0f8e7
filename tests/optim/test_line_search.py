"""Line search, Newton's step, power iteration and stopping rules, with lessons 7 and 8's numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.optim.line_search import (
    backtracking,
    gradient_is_small,
    newton_step,
    power_iteration,
    step_is_small,
)

repeatable = settings(max_examples=60, deadline=None, derandomize=True)


@repeatable
@given(st.integers(0, 999), st.sampled_from([1e-4, 0.3, 0.9]), st.sampled_from([0.5, 0.8]))
def test_backtracking_takes_the_first_step_that_will_do(seed, c, shrink):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(4, 3))
    H, w = A.T @ A + 0.1 * np.eye(3), rng.normal(size=3)

    def f(v):
        return 0.5 * v @ H @ v

    def will_do(eta):
        return f(w - eta * g) <= f(w) - c * eta * g @ g

    g = H @ w
    eta = backtracking(f, w, g, eta=8.0, c=c, shrink=shrink)
    steps = round(np.log(eta / 8.0) / np.log(shrink))
    assert eta == pytest.approx(8.0 * shrink**steps)
    assert will_do(eta)
    assert steps == 0 or not will_do(eta / shrink)


def test_backtracking_changes_nothing_it_is_given():
    w, g = np.array([1.0, 1.0]), np.array([2.0, 200.0])
    backtracking(lambda v: v[0] ** 2 + 100 * v[1] ** 2, w, g)
    assert w.tolist() == [1, 1]
    assert g.tolist() == [2, 200]


@repeatable
@given(st.integers(0, 999), st.integers(1, 5))
def test_newton_solves_a_quadratic_in_one_step(seed, d):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(d, d))
    H, center, w = A @ A.T + np.eye(d), rng.normal(size=d), rng.normal(size=d)
    np.testing.assert_allclose(newton_step(w, H @ (w - center), H), center, atol=1e-9)


def test_newton_lands_on_the_saddle():
    """x² − y² from (1, 0.1): Newton's step goes to the saddle at 0."""
    w = np.array([1.0, 0.1])
    assert newton_step(w, np.array([2.0, -0.2]), np.diag([2.0, -2.0])).tolist() == [0, 0]


@repeatable
@given(st.integers(0, 999), st.integers(1, 6))
def test_power_iteration(seed, d):
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(d, d)))[0]
    H = Q * (2.0 ** np.arange(d)) @ Q.T
    H = (H + H.T) / 2
    value, vector = power_iteration(H, generator=rng)
    assert value == pytest.approx(2.0 ** (d - 1), rel=1e-6)
    np.testing.assert_allclose(H @ vector, value * vector, atol=1e-3 * value)


def test_power_iteration_of_zeros_and_of_negative_curvature():
    assert power_iteration(np.zeros((2, 2)))[0] == 0
    assert power_iteration(np.diag([1.0, -5.0]))[0] == pytest.approx(-5)


def test_the_stable_learning_rate():
    """Gradient descent on ½ wᵀ H w holds just below 2 / λ_max and breaks just above."""
    H = np.diag([1.0, 10.0])
    limit = 2 / power_iteration(H)[0]
    for share, holds in ((0.99, True), (1.01, False)):
        w = np.array([1.0, 1.0])
        for _ in range(2000):
            w = w - share * limit * H @ w
        assert (np.abs(w).max() < 1) == holds


def test_stopping_rules_on_the_quadratic_of_lesson_7():
    """η = 0.01: step rule at t = 459, gradient rule at 917; η = 1e-4: the former stops at w = 0.945."""

    def run(eta, until):
        w, t = np.array([1.0, 1.0]), 0
        while True:
            before, w, t = w, w - eta * np.array([1.0, 100.0]) * w, t + 1
            if until(w, before):
                return t, np.linalg.norm(w)

    def by_step(w, before):
        return step_is_small(w, before, 1e-4)

    def by_gradient(w, before):
        return gradient_is_small(np.array([1.0, 100.0]) * w, 1e-4)

    assert run(0.01, by_step)[0] == pytest.approx(459, abs=1)
    assert run(0.01, by_gradient)[0] == pytest.approx(917, abs=1)
    steps, size = run(1e-4, by_step)
    assert steps == pytest.approx(570, abs=1)
    assert size == pytest.approx(0.945, abs=1e-3)
    assert run(1e-6, by_step)[0] <= 2


ONE = np.ones(1)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: backtracking(lambda w: w @ w, ONE, -2 * ONE), ValueError, "is g its gradient"),
        (lambda: backtracking(lambda w: np.nan, ONE, ONE), ValueError, "f, which is nan"),
        (lambda: backtracking(lambda w: w @ w, ONE, ONE, eta=0), ValueError, "eta must be a finite number above 0"),
        (lambda: backtracking(lambda w: w @ w, ONE, ONE, shrink=1), ValueError, "shrink must be a number between"),
        (lambda: backtracking(lambda w: w @ w, ["1"], ONE), TypeError, "w must hold numbers"),
        (lambda: newton_step(ONE, ONE, np.zeros((1, 1))), ValueError, "H is singular"),
        (lambda: newton_step(ONE, ONE, np.eye(2)), ValueError, r"H must be \(1, 1\), not \(2, 2\)"),
        (lambda: power_iteration(np.ones((2, 3))), ValueError, "symmetric matrix"),
        (lambda: power_iteration(np.array([[0.0, 1], [0, 0]])), ValueError, "symmetric matrix"),
        (lambda: step_is_small(ONE, 3, 1), ValueError, r"before has \(\)"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()
