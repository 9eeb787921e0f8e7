"""What the lesson measures once holds for other data, too."""

import numpy as np
import pytest

from nnlib.course.surfaces import WAVE
from nnlib.optim import backtracking


@pytest.mark.parametrize("seed", range(4))
def test_a_search_is_about_as_fast_as_the_best_fixed_rate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(200, 3)) * [1, 5, 0.3]
    y = (rng.random(200) < 1 / (1 + np.exp(-X @ [1, -0.4, 2]))).astype(float)

    def f(w):
        return np.mean(np.logaddexp(0, X @ w) - y * (X @ w))

    def gradient(w):
        return X.T @ (1 / (1 + np.exp(-X @ w)) - y) / 200

    def steps(rate, limit=700):
        w = np.zeros(3)
        for t in range(limit):
            g = gradient(w)
            if np.linalg.norm(g) < 1e-4:
                return t
            w = w - (rate or backtracking(f, w, g, eta=4)) * g
        return limit

    assert steps(2) == 700, "twice the best fixed rate never arrives"
    assert steps(None) < 1.2 * steps(1) < 1.2 * 700
    L = np.linalg.eigvalsh(X.T @ X).max() / 800
    for w in 2 * rng.normal(size=(500, 3)):  # the promise is kept at 1/L
        g = gradient(w)
        assert f(w - g / L) <= f(w) - g @ g / (2 * L)


def test_on_the_wave_a_rate_of_1_never_arrives() -> None:
    loss, w, visited = WAVE.loss(), np.array([0.9, 1.2]), []
    for _ in range(2000):
        w = w - loss.gradient(w)
        visited.append(float(loss.f(w)))
    assert min(visited[1000:]) > 0.01


@pytest.mark.parametrize("seed", range(4))
def test_the_best_of_fifty_was_lucky(seed: int) -> None:
    errors = np.random.default_rng(seed).binomial(200, 0.3, size=(2000, 50)) / 200
    assert errors.min(axis=1).mean() == pytest.approx(0.229, abs=0.003)
