"""Overdispersion, without Jupyter: the spread is what it says, and the error bars are counted."""

import numpy as np
import pytest

from nnlib.classical import PoissonRegression
from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_02b_generalized_linear_models.overdispersion import (
    DRAWS,
    ERRORS,
    LEFT,
    Overdispersion,
    W,
    X,
    fits,
    measured_dispersion,
    missed_in_the_long_run,
    overdispersion,
    spread_counts,
)

PHIS = [1.0, 1.5, 4.0, 8.0]


@pytest.mark.parametrize("phi", PHIS)
def test_counts_have_their_mean_and_phi_times_its_variance(phi: float) -> None:
    y = spread_counts(np.full(200_000, 6.0), phi, np.random.default_rng(0))
    assert y.mean() == pytest.approx(6, rel=0.02)
    assert y.var() == pytest.approx(6 * phi, rel=0.03)
    assert (y == np.rint(y)).all() and y.min() >= 0


@pytest.mark.parametrize("phi", PHIS)
def test_each_fit_is_where_the_gradient_is_0(phi: float) -> None:
    y, y_hat, _, errors = fits(phi)
    assert np.abs((y_hat - y) @ X).max() < 1e-6
    H = (X.T * y_hat[0]) @ X
    assert errors[0] == pytest.approx(np.sqrt(np.linalg.inv(H)[0, 0]))


@pytest.mark.parametrize("phi", PHIS)
def test_the_dispersion_is_found(phi: float) -> None:
    y, y_hat, _, _ = fits(phi)
    assert measured_dispersion(y, y_hat).mean() == pytest.approx(phi, rel=0.15)


@pytest.mark.parametrize("phi", PHIS)
def test_the_twenty_fits_are_those_of_nnlib(phi: float) -> None:
    y, y_hat, w, _ = fits(phi)
    for n in range(DRAWS):
        model = PoissonRegression().fit(X[:, :1], y[n])
        assert w[n] == pytest.approx(model.weight[0], abs=1e-9)
        assert y_hat[n] == pytest.approx(model.predict(X[:, :1]), abs=1e-7)


def test_the_numbers_of_the_lesson() -> None:
    assert Overdispersion(1.0).missing.sum() == 1
    assert Overdispersion(4.0).missing.sum() == 8
    assert Overdispersion(4.0, errors="widened").missing.sum() == 1
    assert "The twenty w are 0.82 on average" in Overdispersion(4.0).words()
    assert "8 of 20 miss the true w; of very many, 33% would" in Overdispersion(4.0).words()


@pytest.mark.parametrize("phi", [1.0, 2.0, 4.0, 8.0])
def test_so_many_miss_in_the_long_run(phi: float) -> None:
    errors = np.random.default_rng(0).normal(0, np.sqrt(phi), 200_000)  # in standard errors
    assert missed_in_the_long_run(phi) == pytest.approx((abs(errors) > 1.96).mean(), abs=0.005)


def test_more_spread_makes_more_error_bars_miss_apart_from_luck() -> None:
    missing = [Overdispersion(phi / 2).missing.sum() for phi in range(2, 17)]
    assert np.mean(missing[:5]) + 3 < np.mean(missing[5:10]) < np.mean(missing[10:])
    widened = [Overdispersion(phi / 2, errors="widened").missing.sum() for phi in range(2, 17)]
    assert max(widened) <= 3


def test_the_goal_is_reached_by_more_spread_and_not_at_the_start() -> None:
    assert not Overdispersion().reached()
    assert not Overdispersion(2.0).reached()
    assert Overdispersion(4.0).reached()
    assert not Overdispersion(4.0, errors="widened").reached()


@pytest.mark.parametrize("phi", PHIS)
@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("errors", ERRORS)
def test_every_end_can_be_shown_and_nothing_lies_outside(
    phi: float, left: str, errors: str
) -> None:
    scene = Overdispersion(phi, left, errors).scene()
    wire(scene)
    for panel in scene.panels:
        for item in panel.items:
            if isinstance(item, Points) or (
                isinstance(item, Line) and item.color in ("blue", "vermillion") and not item.label
            ):
                heights = item.xy[np.isfinite(item.xy).all(axis=1), 1]
                assert panel.ylim[0] <= heights.min() and heights.max() <= panel.ylim[1]


def test_every_error_bar_is_drawn_once_and_those_that_miss_look_different() -> None:
    [panel] = [p for p in Overdispersion(4.0).scene().panels if "Error" in p.title]
    centers = [item for item in panel.items if isinstance(item, Points)]
    assert sum(len(item.xy) for item in centers) == DRAWS
    assert len({item.marker for item in centers}) == len({item.color for item in centers}) == 2
    bars = [item.xy for item in panel.items if isinstance(item, Line) and item.color != "gray"]
    assert sum(np.isnan(bar[:, 1]).sum() for bar in bars) == DRAWS
    misses = next(item.xy for item in centers if item.marker == "cross")
    assert (np.abs(misses[:, 1] - W) > 0.05).all()


def test_the_squares_climb_phi_times_as_steeply_as_the_mean() -> None:
    for phi in PHIS:
        [panel] = [p for p in Overdispersion(phi, "variance").scene().panels if "mean" in p.title]
        [groups] = [item.xy for item in panel.items if isinstance(item, Points)]
        steep = groups[-3:, 1] / groups[-3:, 0]
        assert steep.mean() == pytest.approx(phi, rel=0.25)


def test_the_widget_gives_its_settings_back() -> None:
    widget = overdispersion(phi=2.5, errors="widened")
    assert repr(overdispersion(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"phi": 0.5}, {"phi": 9.0}, {"errors": "none"}, {"left": "w"}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        overdispersion(**wrong)
