"""Neighbors in another unit, without Jupyter: who is near, who votes, and what is said of it."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Heat, Line, Points, picture, wire
from nnlib.course.lessons.lesson_08b_scaling.neighbor_units import (
    ASKED,
    DATA,
    SIDE,
    TEST,
    TRAIN,
    NeighborUnits,
    examples,
    neighbor_units,
)


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("factor", [0.01, 1.0, 100.0])
def test_the_vote_is_that_of_scikit_learn(data: str, factor: float) -> None:
    neighbors = pytest.importorskip("sklearn.neighbors")
    X, y, X_test, y_test = examples(data)
    units = np.array([1.0, factor])
    theirs = neighbors.KNeighborsClassifier(5).fit(X * units, y)
    model = NeighborUnits(data, factor)
    np.testing.assert_array_equal(model.votes(X_test) > 0.5, theirs.predict(X_test * units))
    assert model.accuracy == theirs.score(X_test * units, y_test)


def test_there_is_enough_to_learn_and_to_test() -> None:
    for data in DATA:
        X, y, X_test, y_test = examples(data)
        assert (len(X), len(y)) == (TRAIN, TRAIN) and (len(X_test), len(y_test)) == (TEST, TEST)
        assert set(y) == set(y_test) == {0, 1}


def test_the_numbers_of_the_lesson() -> None:
    start = NeighborUnits()
    assert "right on 88% of the test" in start.words()
    assert "right on 79% of the test" in start.changed(factor=100.0).words()
    only_x2 = NeighborUnits("both", 100.0)
    assert abs(only_x2.accuracy - NeighborUnits("both", 63.0).accuracy) < 0.03
    silent = NeighborUnits("one").after("standardize")
    assert "right on 89% of the test" in silent.words()
    assert "right on 97% of the test" in silent.changed(factor=0.025).words()


def test_with_a_large_factor_x1_counts_no_longer() -> None:
    X, y, X_test, y_test = examples("both")
    apart = np.abs(X_test[:, None, 1] - X[:, 1])
    alone = y[np.argsort(apart, axis=1)[:, :5]].mean(axis=1) > 0.5
    assert NeighborUnits("both", 100.0).accuracy == pytest.approx(
        np.mean(alone == y_test), abs=0.02
    )


def test_standardizing_makes_the_spreads_alike() -> None:
    for data in DATA:
        model = NeighborUnits(data, 30.0).after("standardize")
        s1, s2 = examples(data)[0].std(0) * model.units
        assert s1 == pytest.approx(s2, rel=0.05)
        assert model.idle() == ("standardize",)


def test_the_goal_is_reached_beyond_standardizing() -> None:
    assert not NeighborUnits().reached()
    assert not NeighborUnits("one").reached()
    assert not NeighborUnits("one").after("standardize").reached()
    assert NeighborUnits("one", 0.1).reached()
    assert not NeighborUnits("both", 3.0).reached()  # another set of data


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("factor", [0.01, 0.4, 1.0, 100.0])
def test_the_five_nearest_lie_within_the_line(data: str, factor: float) -> None:
    model = NeighborUnits(data, factor)
    scene = model.scene()
    wire(scene)
    assert scene.words == model.words()
    for panel, units in zip(scene.panels, (model.units, np.ones(2)), strict=True):
        [around] = [i for i in panel.items if isinstance(i, Line)]
        found = [i for i in panel.items if isinstance(i, Points) and i.label == "the 5 nearest"]
        asked = np.array(ASKED[data]) * units
        stretch = model.units / units  # to the units of the distance
        reach = np.linalg.norm((around.xy - asked) * stretch, axis=1)
        np.testing.assert_allclose(reach, reach[0])
        apart = np.linalg.norm((found[0].xy - asked) * stretch, axis=1)
        assert len(apart) == 5 and apart.max() == pytest.approx(reach[0])
        everyone = np.linalg.norm((examples(data)[0] * units - asked) * stretch, axis=1)
        assert (everyone < reach[0] * (1 + 1e-9)).sum() == 5


def test_the_map_says_what_the_vote_says() -> None:
    model = NeighborUnits()
    panel = model.scene().panels[1]
    [heat] = [i for i in panel.items if isinstance(i, Heat)]
    assert heat.values.shape == (SIDE, SIDE)
    x = panel.xlim[0] + 7.5 / SIDE * np.ptp(panel.xlim)
    y = panel.ylim[0] + 20.5 / SIDE * np.ptp(panel.ylim)
    assert heat.values[20, 7] == (model.votes(np.array([[x, y]]))[0] > 0.5)


def test_both_axes_of_the_distance_have_one_scale() -> None:
    for factor in (0.01, 1.0, 100.0):
        panel = NeighborUnits("both", factor).scene().panels[0]
        assert np.ptp(panel.xlim) == pytest.approx(np.ptp(panel.ylim))
        assert panel.height == 1


def test_the_widget_gives_its_settings_back() -> None:
    widget = neighbor_units(data="one", factor=0.1)
    assert widget.settings == {"data": "one", "factor": 0.1}
    assert repr(neighbor_units(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"data": "none"}, {"factor": 0.0}, {"factor": 1000.0}])
def test_what_the_page_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        neighbor_units(**wrong)
