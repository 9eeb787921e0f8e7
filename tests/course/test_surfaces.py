"""The two-parameter model: a loss, its gradient, and its mini-batches."""

import numpy as np
import pytest

from nnlib.course.surfaces import WAVE


def test_the_loss_is_half_the_mean_square_of_what_is_off() -> None:
    w = np.array([0.2, -0.5])
    off = WAVE.curve(w, WAVE.x) - WAVE.y
    assert WAVE.loss().f(w) == pytest.approx((off**2).mean() / 2, rel=1e-12)


def test_the_gradient_is_the_slope() -> None:
    h, f = 1e-6, WAVE.loss(np.arange(0, 40, 7)).f
    for w in np.random.default_rng(0).uniform(-1.5, 1.5, (20, 2)):
        slopes = [(f(w + d) - f(w - d)) / (2 * h) for d in h * np.eye(2)]
        gradient = WAVE.loss(np.arange(0, 40, 7)).gradient(w)
        np.testing.assert_allclose(gradient, slopes, atol=1e-7)


def test_mini_batches_average_to_the_whole() -> None:
    batches = np.random.default_rng(0).permutation(40).reshape(8, 5)
    gradients = [WAVE.loss(batch).gradient([0.7, 0.1]) for batch in batches]
    np.testing.assert_allclose(np.mean(gradients, axis=0), WAVE.loss().gradient([0.7, 0.1]))


def test_many_places_at_once() -> None:
    grid = np.random.default_rng(0).uniform(-1, 1, (3, 4, 2))
    assert WAVE.loss().f(grid).shape == (3, 4)
    assert WAVE.loss().gradient(grid).shape == (3, 4, 2)
    np.testing.assert_allclose(WAVE.loss().f(grid)[1, 2], WAVE.loss().f(grid[1, 2]))


def test_there_is_one_good_valley_and_a_poor_one() -> None:
    for start, height in (([0.9, 1.2], 0.0026), ([-1.0, 0.2], 0.089)):
        w = np.array(start)
        for _ in range(1500):
            w = w - 0.1 * WAVE.loss().gradient(w)
        assert np.abs(WAVE.loss().gradient(w)).max() < 1e-6
        assert WAVE.loss().f(w) == pytest.approx(height, rel=0.02)
