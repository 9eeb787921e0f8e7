"""The descent on a curve, without Jupyter: its steps, its model, its map."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Heat, Label, Line, Points, picture, wire
from nnlib.course.lessons.lesson_07_gradient_descent.descent import (
    CURVES,
    EXAMPLES,
    RATES,
    STEPS,
    WINDOW,
    Descent,
    descent,
    destinations,
    way,
)


@pytest.mark.parametrize("name", CURVES)
def test_slopes_and_valleys_are_those_of_the_curve(name: str) -> None:
    curve, w, h = CURVES[name], np.linspace(*WINDOW, 41), 1e-6
    np.testing.assert_allclose(curve.slope(w), (curve.f(w + h) - curve.f(w - h)) / (2 * h), atol=1e-6)  # fmt: skip
    valleys = np.array(curve.valleys)
    np.testing.assert_allclose(curve.slope(valleys), 0, atol=1e-5)
    assert (np.diff(curve.f(valleys)) > 0).all(), "the deepest comes first"


def test_the_three_examples_of_the_lecture() -> None:
    ends = {name: way("valleys", *EXAMPLES[name], 300) for name in EXAMPLES}
    assert ends["one"][-1] == pytest.approx(0.914297, abs=1e-5)
    assert ends["two"][-1] == pytest.approx(-1.067923, abs=1e-5)
    np.testing.assert_allclose(ends["three"][:5], [1.6, -1.8398, 3.6692, -55.9727, 227837.88], rtol=1e-4)  # fmt: skip
    assert np.isnan(ends["three"][5])
    assert Descent().after("three").settings() == Descent(lr=1.3).settings()
    assert "flown apart" in Descent(lr=1.3, step=5).words()


def test_what_the_prediction_is_told() -> None:
    path = way("valleys", 1.6, 0.8, 300)
    assert path[1] == pytest.approx(-0.517, abs=1e-3) and path[-1] == pytest.approx(
        -1.068, abs=1e-3
    )
    swing = way("valleys", 1.6, 0.9, 300)[-2:]
    np.testing.assert_allclose(np.sort(swing), [-1.196, -0.869], atol=1e-3)


@pytest.mark.parametrize("lr", [0.05, 0.4, 1.0])
def test_the_next_place_is_the_lowest_of_the_model(lr: float) -> None:
    model = Descent(lr=lr, step=2)
    along = np.linspace(-3, 3, 60001)
    assert along[model.model(along).argmin()] == pytest.approx(model.way[3], abs=1e-4)


def test_on_the_bowl_the_model_at_rate_1_is_the_loss() -> None:
    model, along = Descent("bowl", lr=1.0), np.linspace(-2, 2, 9)
    np.testing.assert_allclose(model.model(along), along**2 / 2, atol=1e-12)
    assert "promises that f falls by 1.28; it falls by 1.28" in model.words()


def test_the_map_tells_where_a_descent_settles() -> None:
    heat = destinations("valleys")
    starts, rates = np.linspace(*WINDOW, 80), np.linspace(*RATES, 50)
    for row, column in ((1, 70), (1, 10), (15, 70), (40, 40)):
        end = way("valleys", float(starts[column]), float(rates[row]), 300)[-1]
        near = [abs(end - valley) <= 0.01 for valley in CURVES["valleys"].valleys]
        assert heat.values[row, column] == (-1 if near[0] else 1 if near[1] else 0)
    bowl = destinations("bowl").values
    assert (bowl[rates < 1.9] == -1).all() and (bowl[rates > 2.05] == 0).all()


def test_the_goal_is_reached_by_some_rates_and_not_at_the_start() -> None:
    assert not Descent().reached()
    good = [lr for lr in np.arange(1, 51) / 20 if Descent(lr=float(lr), step=STEPS).reached()]
    assert good == [0.6, 0.65, 0.7, 0.75]
    assert not Descent(lr=0.6, step=9).reached()
    assert not Descent("bowl", lr=1.0, step=STEPS).reached()


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("view", ["steps", "map"])
@pytest.mark.parametrize("lr", RATES)
def test_every_end_can_be_shown(curve: str, view: str, lr: float) -> None:
    for w0 in (*WINDOW, 0.0):
        for step in (0, 1, STEPS):
            model = Descent(curve, view, w0, lr, step)
            scene = model.scene()
            wire(scene)
            assert scene.words == model.words() and "nan" not in scene.words
            for item in scene.panels[0].items:
                if isinstance(item, Points):
                    assert np.isfinite(item.xy).all()


def test_what_is_drawn() -> None:
    items = Descent(step=3).scene().panels[0].items
    visited = next(item for item in items if isinstance(item, Points) and item.marker == "circle")
    np.testing.assert_allclose(visited.xy[:, 0], way("valleys", 1.6, 0.1, 3))
    labels = [i.text for i in Descent(lr=1.3, step=3).scene().panels[0].items if isinstance(i, Label)]  # fmt: skip
    assert labels == ["has left the picture"]
    below = Descent(view="map").scene().panels[1]
    assert isinstance(below.items[0], Heat) and below.drag == ("w0", "lr")
    lines = [item for item in Descent(step=4).scene().panels[1].items if isinstance(item, Line)]
    assert len(lines[-1].xy) == 5


def test_the_widget_gives_its_settings_back() -> None:
    widget = descent(w0=-1.6, lr=0.3, step=4)
    assert repr(descent(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"curve": "hill"}, {"w0": 2.5}, {"lr": 0.0}, {"step": 11}])
def test_what_the_sliders_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        descent(**wrong)  # type: ignore[arg-type]
