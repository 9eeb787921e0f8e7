"""The exact risk, and what training leaves of it."""

import numpy as np
import pytest
from numpy.polynomial.legendre import legvander

from nnlib.course.kit.scene import Floats
from nnlib.course.lessons.lesson_09b_excess_error.polynomials import (
    DEGREES,
    NOISE,
    RUNS,
    Parts,
    approximation,
    batch,
    draw,
    examples,
    excess,
    expansion,
    features,
    fits,
    moments,
    one_pass,
    target,
    typical,
)


def test_the_excess_is_the_risk_above_the_noise() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, 400_000)
    y = target(x) + NOISE * rng.normal(size=x.size)
    for w in rng.normal(size=(3, 6)) / 2:
        risk = np.mean((legvander(x, 5) @ w - y) ** 2)
        assert excess(w) == pytest.approx(risk - NOISE**2, abs=0.02)


def test_the_best_of_a_class_cannot_be_bettered() -> None:
    c, sizes = expansion()
    np.testing.assert_allclose(sizes, 1 / (2 * np.arange(len(c)) + 1), atol=1e-6)
    for degree in DEGREES:
        best = c[: degree + 1]
        assert approximation(degree) == pytest.approx(excess(best))
        for nearby in best + 0.01 * np.eye(degree + 1):
            assert excess(nearby) > excess(best)
    left = [approximation(degree) for degree in DEGREES]
    np.testing.assert_allclose(left, [0.4240, 0.3558, 0.0467, 0.0015, 0.0], atol=6e-5)


@pytest.mark.parametrize("degree", DEGREES)
def test_a_fit_is_where_the_gradient_of_the_training_loss_is_zero(degree: int) -> None:
    G, b = moments(50)
    n = degree + 1
    slope = (G[:, :n, :n] @ fits(50, degree)[..., None])[..., 0] - b[:, :n]
    assert np.abs(slope).max() < 1e-9


def test_batch_descent_is_that_of_the_lesson() -> None:
    X, y = features(50)[3, :, :6], examples(50)[1][3]
    steepest = np.linalg.eigvalsh(2 * X.T @ X / 50)[-1]
    w = np.zeros(6)
    for _ in range(7):
        w = w - 0.9 * 2 / steepest * 2 / 50 * X.T @ (X @ w - y)
    np.testing.assert_allclose(batch(50).at(7, 5)[3], w, rtol=0, atol=1e-12)


def test_one_pass_is_that_of_the_lesson() -> None:
    X, y = features(200)[3, :, :8], examples(200)[1][3]
    w = np.zeros(8)
    for t in range(200):
        w = w - 0.2 / (1 + t / 50) * 2 * (w @ X[t] - y[t]) * X[t]
    np.testing.assert_allclose(one_pass(200).at(200, 7)[3], w, rtol=0, atol=1e-12)


def test_a_training_goes_on_where_it_stopped() -> None:
    once, twice = type(batch(20))(20), type(batch(20))(20)
    twice.at(4, 9)
    np.testing.assert_array_equal(once.at(9, 9), twice.at(9, 9))
    assert sorted(twice.kept) == [0, 4, 9]
    assert (once.at(9, 3).shape, once.at(0, 3).any()) == ((RUNS, 4), False)


def test_the_parts_add_up_to_the_error() -> None:
    w = batch(20).at(30, 9)
    parts = typical(20, 9, w)
    assert parts.app == pytest.approx(approximation(9))
    assert parts.est == pytest.approx(typical(20, 9).est)
    assert parts.est > 0.4 and parts.opt < -0.3 and 0 < parts.total < 0.1
    assert typical(20, 9).opt == 0
    assert Parts(0.1, 0.6, -0.4).total == pytest.approx(0.3)


def test_the_widgets_show_the_table_of_the_lesson() -> None:
    """Its own lines, for degree 9 and 20 examples: the fits are wild, so any other data show."""
    x, y = zip(*map(draw_as_in_the_lesson, range(RUNS)), strict=True)
    fitted = [np.linalg.lstsq(legvander(a, 9), b, rcond=None)[0] for a, b in zip(x, y, strict=True)]
    est = np.sort([excess(w) - approximation(9) for w in fitted])
    assert typical(20, 9).est == pytest.approx(est[40:60].mean(), rel=1e-6)
    assert round(typical(20, 9).est, 3) == 0.478
    assert round(typical(20, 9, batch(20).at(10, 9)).opt, 3) == -0.385


def test_the_exact_fit_of_the_same_50() -> None:
    found = []
    for seed in range(10):
        x, y = draw(5000, seed)
        found.append(excess(np.linalg.lstsq(legvander(x[:50], 9), y[:50], rcond=None)[0]))
    assert np.median(found) == pytest.approx(0.023, abs=0.0005)


def draw_as_in_the_lesson(seed: int) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, 20)
    return x, np.sin(2 * np.pi * x) + 0.3 * rng.normal(size=20)
