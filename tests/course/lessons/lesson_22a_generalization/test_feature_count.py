"""Least squares on random features, without Jupyter: it is NumPy's, and the words are true."""

import numpy as np
import pytest

from nnlib.classical import Ridge
from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_22a_generalization.feature_count import (
    COUNTS,
    GOAL,
    NEW,
    REACH,
    RIDGES,
    FeatureCount,
    N,
    counts,
    drawn,
    feature_count,
    features,
    fit,
)


def errors(p: int, noise: float = 0.2, seed: int = 0) -> tuple[float, float]:
    """The lesson's own cells."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=20)
    truth /= np.linalg.norm(truth)
    X, unit, X_new = (rng.normal(size=size) for size in ((100, 20), 100, (300, 20)))
    units = np.random.default_rng(seed + 1).normal(size=(20, 2000))[:, :p]
    phi, phi_new = (np.maximum(A @ units, 0) / np.sqrt(p) for A in (X, X_new))
    y = X @ truth + noise * unit
    w = np.linalg.lstsq(phi, y)[0]
    return float(np.mean((phi @ w - y) ** 2)), float(np.mean((phi_new @ w - X_new @ truth) ** 2))


@pytest.mark.parametrize("p", [10, 79, 100, 130, 2000])
def test_it_is_the_lessons_model(p: int) -> None:
    here = fit(p, 0.2, 0.0)
    np.testing.assert_allclose((here.training, here.new), errors(p), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("p", [20, 100, 400])
@pytest.mark.parametrize("ridge", [0.001, 0.1])
def test_the_penalty_is_nnlibs_ridge(p: int, ridge: float) -> None:
    X, true, unit, X_new, true_new = drawn()
    model = Ridge(alpha=N * ridge, bias=False).fit(features(X, p), true + 0.5 * unit)
    here = fit(p, 0.5, ridge)
    np.testing.assert_allclose(here.said, model.predict(features(X_new, p)), atol=1e-8)
    assert here.length == pytest.approx(np.linalg.norm(model.weight))
    assert here.new == pytest.approx(np.mean((here.said - true_new) ** 2))


def test_the_slider_stops_where_the_curve_has_its_points() -> None:
    assert counts()[0] == COUNTS[0] and counts()[-1] == COUNTS[1]
    assert float(N) in counts() and len(counts()) == 24
    assert len(FeatureCount(COUNTS[1]).fits) == 24


def test_the_error_descends_twice() -> None:
    new = {round(p): fit(round(p), 0.2, 0.0).new for p in counts()}
    fewer = min(error for p, error in new.items() if p < N)
    assert new[N] > 10 * new[50] and new[2000] < fewer / 5
    assert 14 < new[N] < 17 and 0.03 < new[2000] < 0.05 and 0.35 < fewer < 0.4


def test_without_noise_the_peak_is_lower_but_stays() -> None:
    assert 10.5 < fit(N, 0.0, 0.0).new < 11.5 < fit(N, 0.2, 0.0).new
    assert fit(N, 0.0, 0.0).new > 10 * fit(50, 0.0, 0.0).new


def test_the_goal_is_reached_by_one_penalty() -> None:
    assert not FeatureCount().reached()
    assert [r for r in RIDGES if FeatureCount(100.0, "0.2", r).reached()] == ["0.01"]
    assert not FeatureCount(2000.0, "0.2", "0.01").reached()
    assert f"{GOAL}" in FeatureCount.goal


@pytest.mark.parametrize("p", [*COUNTS, 100.0])
@pytest.mark.parametrize("noise", ["0", "0.5"])
def test_every_end_can_be_shown(p: float, noise: str) -> None:
    model = FeatureCount(p, noise)
    wire(model.scene())
    curves, answers = model.scene().panels
    ends = [i.xy[-1, 0] for i in curves.items if isinstance(i, Line) and i.label]
    assert ends == [p, p]
    [dots] = [i for i in answers.items if isinstance(i, Points)]
    assert len(dots.xy) + (np.abs(model.here.said) > REACH).sum() == NEW


def test_words_tell_the_errors() -> None:
    words = FeatureCount(100.0, "0.2", "0.01").words()
    assert words.startswith("100 features, 100 examples, λ = 0.01: mean squared error ")
    assert "always saying 0: 0.99" in words
    assert " 0.000 in training" in FeatureCount(2000.0).words()


def test_the_widget_gives_its_settings_back() -> None:
    widget = feature_count(p=250, noise="0.5", ridge="0.1")
    assert repr(feature_count(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"p": 9.0}, {"noise": "2"}, {"ridge": "1"}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        feature_count(**wrong)
