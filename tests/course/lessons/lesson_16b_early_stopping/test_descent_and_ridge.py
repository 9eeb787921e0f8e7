"""Descent beside a ridge, without Jupyter: both are what they say, and never far apart."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Points, picture, wire
from nnlib.course.lessons.lesson_16b_early_stopping.descent_and_ridge import (
    BEST,
    CURVATURES,
    LAMBDA,
    LAST,
    RATES,
    SPAN,
    DescentAndRidge,
    descent_and_ridge,
    descent_share,
    ridge_share,
)


@pytest.mark.parametrize("lr", RATES)
@pytest.mark.parametrize("t", [0, 5, 50, LAST])
def test_the_descent_is_one(lr: str, t: int) -> None:
    w = np.zeros(2)
    for _ in range(t):
        w = w - float(lr) * 2 * CURVATURES * (w - BEST)
    np.testing.assert_allclose(DescentAndRidge(lr, t).stopped, w, atol=1e-12)


def test_the_ridge_is_lowest_with_its_penalty() -> None:
    model = DescentAndRidge(lam=0.5)
    slope = 2 * CURVATURES * (model.ridge - BEST) + 2 * 0.5 * model.ridge
    np.testing.assert_allclose(slope, 0, atol=1e-12)


@pytest.mark.parametrize("lr", [0.001, 0.02, 0.1])
@pytest.mark.parametrize("t", [1, 10, 1000])
def test_the_descent_is_ahead_of_its_ridge(lr: float, t: int) -> None:
    h = np.geomspace(SPAN[0], 0.5 / lr, 400)
    ahead = descent_share(h, lr, t) - ridge_share(h, 1 / (2 * lr * t))
    assert ahead.min() >= -1e-12
    small = 2 * lr * h < 0.01
    assert ahead[small].max() <= 0.21


def test_by_how_much_at_most() -> None:
    s = np.linspace(0, 10, 100001)
    assert round(np.max(1 / (1 + s) - np.exp(-s)), 3) == 0.204


@pytest.mark.parametrize("lr", RATES)
def test_the_nearest_ridge_is_weaker_than_the_one_of_the_formula(lr: str) -> None:
    lams = np.geomspace(*LAMBDA, 301)
    for t in range(5, 101, 5):
        model = DescentAndRidge(lr, t)
        distances = [model.changed(lam=float(lam)).distance for lam in lams]
        assert lams[np.argmin(distances)] < model.alike
        behind = model.changed(lam=float(np.clip(model.alike, *LAMBDA)))
        assert (behind.ridge <= behind.stopped).all()


def test_the_goal_is_reached_with_both_and_not_at_the_start() -> None:
    assert not DescentAndRidge().reached()
    assert DescentAndRidge("0.05", 80, 0.079).reached()
    assert not DescentAndRidge("0.05", 0, 10.0).reached()
    assert not DescentAndRidge("0.05", 80, 1.0).reached()


@pytest.mark.parametrize("lr", RATES)
@pytest.mark.parametrize("t", [0, LAST])
@pytest.mark.parametrize("lam", LAMBDA)
def test_every_end_can_be_shown(lr: str, t: int, lam: float) -> None:
    model = DescentAndRidge(lr, t, lam)
    wire(model.scene())
    for panel in model.scene().panels:
        for item in panel.items:
            if isinstance(item, Points):
                assert (item.xy >= [panel.xlim[0], panel.ylim[0]]).all()
                assert (item.xy <= [panel.xlim[1], panel.ylim[1]]).all()


def test_words_tell_both() -> None:
    words = DescentAndRidge("0.05", 80, 0.079).words()
    assert "80 steps at η = 0.05: w = (1.2, 0.44)" in words
    assert "λ = 0.079: w = (1.15, 0.45)" in words
    assert words.endswith("1/(2ηt) is 0.12.")
    assert "1/(2ηt)" not in DescentAndRidge(t=0).words()


def test_the_widget_gives_its_settings_back() -> None:
    widget = descent_and_ridge(lr="0.1", t=20, lam=0.5)
    assert repr(descent_and_ridge(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"lr": "1"}, {"t": 3}, {"lam": 0.0}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        descent_and_ridge(**wrong)
