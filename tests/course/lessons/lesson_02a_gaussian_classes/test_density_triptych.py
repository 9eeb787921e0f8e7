"""The triptych, without Jupyter: its numbers are those of Bayes' rule, at the ends of every range."""

from itertools import product

import numpy as np
import pytest

from nnlib.classical import linear_discriminant
from nnlib.course.kit.scene import Label, Line, picture, wire
from nnlib.course.lessons.lesson_02a_gaussian_classes.density_triptych import (
    THRESHOLDS,
    DensityTriptych,
    density_triptych,
    gaussian,
    logit,
)

BELLS = [DensityTriptych(), DensityTriptych(m0=1.0, m1=-2.0, s0=0.7, s1=1.9, prior=0.2, t=0.35)]


@pytest.mark.parametrize("model", BELLS)
def test_the_score_is_the_logarithm_of_the_odds(model: DensityTriptych) -> None:
    x = np.linspace(-4, 4, 33)
    one, zero = gaussian(x, model.m1, model.s1), gaussian(x, model.m0, model.s0)
    odds = model.prior * one / ((1 - model.prior) * zero)
    np.testing.assert_allclose(np.polyval(model.score(), x), np.log(odds), atol=1e-12)


def test_bells_of_equal_width_give_lda() -> None:
    model = DensityTriptych(m0=-0.5, m1=2.0, s0=1.5, s1=1.5, prior=0.3)
    w, b = linear_discriminant([-0.5], [2.0], [[1.5**2]], 0.3)
    np.testing.assert_allclose(model.score(), [0, *w, b], atol=1e-12)


@pytest.mark.parametrize("model", BELLS)
def test_shares_are_the_areas_beneath_the_bells(model: DensityTriptych) -> None:
    x, width = np.linspace(-20, 20, 400_001, retstep=True)
    zero, one = model.bells(x)
    said = one / (zero + one + 1e-300) >= model.t
    missed, alarms = model.mistakes(model.t)
    assert missed == pytest.approx(one[~said].sum() * width, abs=1e-4)
    assert alarms == pytest.approx(zero[said].sum() * width, abs=1e-4)


@pytest.mark.parametrize("model", BELLS)
def test_the_posterior_is_t_at_every_edge(model: DensityTriptych) -> None:
    for x in model.cuts(model.t):
        assert np.polyval(model.score(), x) == pytest.approx(logit(model.t))


def test_the_cheapest_threshold_follows_from_the_costs_alone() -> None:
    for m1, s1, prior in product((0.5, 2.0), (0.6, 1.0, 2.0), (0.1, 0.5, 0.8)):
        model = DensityTriptych(m1=m1, s1=s1, prior=prior)
        costs = [model.cost(t) for t in THRESHOLDS]
        assert costs[THRESHOLDS.index(0.2)] == min(costs)
        assert model.changed(t=0.2).reached()


def test_the_goal_is_not_reached_at_the_start_nor_beside_it() -> None:
    assert not DensityTriptych().reached()
    assert [t for t in THRESHOLDS if DensityTriptych(t=t).reached()] == [0.2]


def test_the_counts_add_up_and_stand_in_the_picture() -> None:
    for model in (*BELLS, DensityTriptych(prior=0.05, t=0.95)):
        table = model.table()
        assert sum(table.values()) == 1000 and min(table.values()) >= 0
        assert table["caught"] + table["missed"] == round(1000 * model.prior)
        boxes = [
            item.text for item in model.confusion().items if isinstance(item, Label) and item.boxed
        ]
        assert boxes == [f"{name}\n{n}" for name, n in table.items()]


def test_the_first_words() -> None:
    assert DensityTriptych().words() == (
        "z = 2 x + 0. 1 is said where σ(z) is 0.5 or more, that is, from 0 on. Of 1000: "
        "421 caught, 79 missed, 79 false alarms, 421 rightly 0. Cost 395."
    )


@pytest.mark.parametrize(
    "settings, place",
    [
        ({"s1": 2.0}, "below −3.57 and from 0.24 on"),
        ({"s1": 0.5}, "between 0.17 and 3.16"),
        ({"m0": 1.0}, "everywhere"),
        ({"m0": 1.0, "prior": 0.1}, "nowhere"),
        ({"m0": 1.0, "m1": -1.0}, "below 0"),
    ],
)
def test_where_1_is_said_in_words(settings: dict[str, float], place: str) -> None:
    assert place in DensityTriptych(**settings).words()


ENDS = list(product((-3.0, 3.0), (-3.0, 0.0), (0.5, 2.0), (0.5, 1.0), (0.05, 0.95), (0.05, 0.95)))


@pytest.mark.parametrize("settings", ENDS)
def test_every_end_can_be_shown(settings: tuple[float, ...]) -> None:
    model = DensityTriptych(*settings)
    scene = model.scene()
    wire(scene)
    for panel in scene.panels:
        for item in panel.items:
            if isinstance(item, Line):
                assert np.isfinite(item.xy).all()
    assert "nan" not in scene.words


def test_the_tour_finds_what_it_lights_up() -> None:
    for stop in DensityTriptych.tour:
        assert picture(DensityTriptych.on_tour(stop).scene())


def test_a_wrong_setting_is_explained() -> None:
    with pytest.raises(ValueError, match="prior must be a number from"):
        density_triptych(prior=0.0)
