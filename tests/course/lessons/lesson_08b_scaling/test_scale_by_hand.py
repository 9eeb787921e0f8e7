"""Scaling by hand, without Jupyter: the bowl is that of the loss, and its words are true."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Label, Line, Points, picture, wire
from nnlib.course.lessons.lesson_08b_scaling.scale_by_hand import (
    STEPS,
    ScaleByHand,
    apartments,
    curvature,
    scale_by_hand,
    steps_to_a_hundredth,
)

ENDS = [(shift, scale, last) for shift in (0.0, 12.0) for scale in (0.5, 40.0) for last in (10, 40)]


@pytest.mark.parametrize("kappa", [1.0, 1.5, 10.0, 270.0])
def test_steps_are_those_of_a_descent_at_the_best_rate(kappa: float) -> None:
    curvatures, w, steps = np.array([1.0, kappa]), np.ones(2), 0
    while np.abs(w).max() > 0.01:
        w = w - 2 / curvatures.sum() * curvatures * w
        steps += 1
    assert steps_to_a_hundredth(kappa) == steps


def test_the_path_is_gradient_descent_on_the_loss_of_the_line() -> None:
    model = ScaleByHand(shift=2.0, scale=3.0, last=20.0)
    x, y = model.scaled, apartments(20.0)[1]
    w = b = 0.0
    rate = 2 / np.linalg.eigvalsh(curvature(x)).sum()
    for place in model.path():
        np.testing.assert_allclose(place, [w, b], atol=1e-9)
        error = w * x + b - y
        w, b = w - rate * np.mean(error * x), b - rate * np.mean(error)


def test_the_lowest_point_is_least_squares() -> None:
    model = ScaleByHand(shift=1.0, scale=2.0)
    slope, height = np.polyfit(model.scaled, apartments(10.0)[1], 1)
    np.testing.assert_allclose(model.lowest(), [slope, height])


@pytest.mark.parametrize("last", [10.0, 25.0, 40.0])
def test_what_each_button_does(last: float) -> None:
    model = ScaleByHand(last=last)
    x = apartments(last)[0]
    fair = model.after("standardize").scaled
    assert abs(fair.mean()) < 0.01 and fair.std() == pytest.approx(1, abs=0.01)
    between = model.after("min_max").scaled
    assert between.min() == pytest.approx(0, abs=0.01)
    assert between.max() == pytest.approx(1, abs=0.01)
    robust = model.after("robust")
    assert np.median(robust.scaled) == pytest.approx(0, abs=0.01)
    assert robust.scale == pytest.approx(np.subtract(*np.percentile(x, [75, 25])), abs=0.01)


@pytest.mark.parametrize("last", [10.0, 40.0])
def test_the_goal_is_reached_by_standardizing_and_by_no_other_button(last: float) -> None:
    model = ScaleByHand(last=last)
    assert not model.reached()
    assert model.after("standardize").reached()
    assert not model.after("min_max").reached() and not model.after("robust").reached()
    assert ScaleByHand(shift=6.0, scale=3.0).reached()  # by hand, and what web pages hold


def test_shift_and_scale_are_both_needed() -> None:
    x = apartments(10.0)[0]
    for scale in np.arange(0.5, 40.5, 0.5):
        assert not ScaleByHand(scale=scale).reached()
    for shift in np.arange(0.0, 12.5, 0.5):
        assert not ScaleByHand(shift=shift).reached()
    assert x.std() > 1.5


def test_the_last_flat_is_on_the_line_of_the_others() -> None:
    for last in (10.0, 40.0):
        x, y = apartments(last)
        slope, height = np.polyfit(x[:-1], y[:-1], 1)
        assert abs(slope * last + height - y[-1]) < 3


@pytest.mark.parametrize(("shift", "scale", "last"), ENDS)
def test_every_end_can_be_shown(shift: float, scale: float, last: float) -> None:
    model = ScaleByHand(shift, scale, last)
    scene = model.scene()
    wire(scene)
    assert len(model.path()) == STEPS + 1 and np.isfinite(model.path()).all()
    assert scene.words == model.words() and "κ = " in scene.words
    bowl = scene.panels[1]
    for item in bowl.items:
        if isinstance(item, Points):
            assert bowl.xlim[0] <= item.xy[:, 0].min() and item.xy[:, 0].max() <= bowl.xlim[1]
            assert bowl.ylim[0] <= item.xy[:, 1].min() and item.xy[:, 1].max() <= bowl.ylim[1]


def test_rings_have_one_loss_each() -> None:
    model = ScaleByHand(shift=3.0, scale=2.0)
    H = curvature(model.scaled)
    rings = [i for i in model.scene().panels[1].items if isinstance(i, Line) and not i.label]
    assert len(rings) == 4
    for ring in rings:
        losses = np.sum(ring.xy @ H * ring.xy, axis=1) / 2
        np.testing.assert_allclose(losses, losses[0])


def test_a_flat_out_of_the_picture_is_said_to_be_there() -> None:
    def told(model: ScaleByHand) -> list[str]:
        return [i.text for i in model.scene().panels[0].items if isinstance(i, Label)]

    assert told(ScaleByHand(last=40.0)) == ["the last apartment is at 40 →"]
    assert told(ScaleByHand()) == told(ScaleByHand(last=40.0).after("standardize")) == []


def test_the_numbers_of_the_lesson() -> None:
    assert "κ = 1." in ScaleByHand(last=40.0).after("standardize").words()
    assert ScaleByHand().kappa == pytest.approx(270, rel=0.02)
    shifts = {shift: ScaleByHand(shift=shift).kappa for shift in np.arange(0.0, 12.5, 0.5)}
    scales = {scale: ScaleByHand(scale=scale).kappa for scale in np.arange(0.5, 40.5, 0.5)}
    assert min(shifts, key=shifts.get) == 6.0 and round(shifts[6.0]) == 7
    assert min(scales, key=scales.get) == 6.5 and round(scales[6.5]) == 22
    assert ScaleByHand(last=40.0).after("min_max").kappa > 20


def test_a_button_is_idle_where_it_stands() -> None:
    assert ScaleByHand().idle() == ()
    assert ScaleByHand().after("min_max").idle() == ("min_max",)


def test_the_widget_gives_its_settings_back() -> None:
    widget = scale_by_hand(shift=2, scale=3, last=15)
    assert widget.settings == {"shift": 2.0, "scale": 3.0, "last": 15.0}
    assert repr(scale_by_hand(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"shift": -1.0}, {"scale": 0.0}, {"last": 50.0}])
def test_what_the_sliders_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        scale_by_hand(**wrong)
