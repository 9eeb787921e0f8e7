"""The excess error as bars, without Jupyter."""

from itertools import product

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, Label, Line, Points, picture, wire
from nnlib.course.lessons.lesson_09b_excess_error.excess_bars import (
    END,
    EXAMPLES,
    STEPS,
    TOP,
    ExcessBars,
    excess_bars,
)
from nnlib.course.lessons.lesson_09b_excess_error.polynomials import DEGREES, Parts


def series(model: ExcessBars) -> dict[str, Bars]:
    items = model.scene().panels[0].items
    return {item.label: item for item in items if isinstance(item, Bars)}


@pytest.mark.parametrize("degree", ["1", "9"])
@pytest.mark.parametrize("N", [str(EXAMPLES[0]), str(EXAMPLES[-1])])
@pytest.mark.parametrize("steps", [str(STEPS[0]), str(STEPS[-1]), END])
def test_every_end_can_be_shown(N: str, degree: str, steps: str) -> None:
    scene = ExcessBars(N, degree, steps).scene()
    wire(scene)
    bars, curves = scene.panels
    for item in bars.items:
        if isinstance(item, Bars):
            assert (item.heights >= 0).all() and (item.heights <= TOP).all()
    for item in curves.items:
        if isinstance(item, Line):
            assert np.nanmax(np.abs(item.xy[:, 1])) <= curves.ylim[1]


def test_bars_are_stacked_and_a_negative_part_is_taken_off() -> None:
    model = ExcessBars("20", "7", "30")
    parts = model.parts(7)
    at = DEGREES.index(7)
    shown = {label: bar.heights[at] for label, bar in series(model).items()}
    assert parts.opt < 0
    assert shown["E_app"] == pytest.approx(parts.app)
    assert shown["E_est"] == pytest.approx(parts.total)
    assert shown["E_opt < 0"] == pytest.approx(parts.app + parts.est)
    assert shown["E_opt"] == 0


def test_a_positive_part_is_put_on() -> None:
    model = ExcessBars("50", "7", "3")
    parts = model.parts(7)
    shown = {label: bar.heights[DEGREES.index(7)] for label, bar in series(model).items()}
    assert shown["E_opt"] == pytest.approx(parts.total) and parts.opt > 0
    assert shown["E_est"] == pytest.approx(parts.app + parts.est)
    assert shown["E_opt < 0"] == 0


def test_what_is_cut_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def labels(model: ExcessBars) -> list[str]:
        return [item.text for item in model.scene().panels[0].items if isinstance(item, Label)]

    assert labels(ExcessBars("20", "9", END)) == []
    unlucky = Parts(app=0.1, est=2.0, opt=-1.0)
    monkeypatch.setattr(ExcessBars, "parts", lambda self, degree: unlucky)
    assert labels(ExcessBars()) == ["to 2.1"] * len(DEGREES)


def test_yours_is_marked_where_it_is_in_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def rings(model: ExcessBars) -> list[float]:
        items = model.scene().panels[0].items
        return [float(item.xy[0, 0]) for item in items if isinstance(item, Points)]

    assert rings(ExcessBars(degree="5")) == [5]
    assert rings(ExcessBars("20", "9", END)) == [9]
    monkeypatch.setattr(ExcessBars, "parts", lambda self, degree: Parts(0.1, 2.0, 0.0))
    assert rings(ExcessBars()) == []


def test_the_goal_is_reached_by_stopping_and_not_at_the_start() -> None:
    assert not ExcessBars().reached()
    assert ExcessBars("20", "7", "30").reached()
    reached = [
        (degree, steps)
        for degree, steps in product(map(str, DEGREES), [*map(str, STEPS), END])
        if ExcessBars("20", degree, steps).reached()
    ]
    assert reached == [("7", "30")]
    assert not ExcessBars("1000", "9", END).reached()


def test_the_numbers_of_the_lesson() -> None:
    words = ExcessBars("20", "9", "30").scene().words
    assert "E_app 0.000, E_est 0.478, E_opt −0.400, together 0.078." in words
    assert ExcessBars("20", "9", END).parts(9).total == pytest.approx(0.48, abs=0.005)


def test_words_tell_the_lowest() -> None:
    words = ExcessBars("50", "7", "3").scene().words
    assert words.startswith("N = 50, degree 7, 3 steps: E_app 0.001, E_est 0.018")
    assert words.endswith("Lowest with these examples and steps: degree 7, with 0.185.")
    assert "1 step:" in ExcessBars(steps="1").scene().words
    assert "trained to the end:" in ExcessBars(steps=END).scene().words


def test_every_stop_of_the_tour_is_true() -> None:
    line, seven, few, early, stopped = (ExcessBars.on_tour(stop) for stop in ExcessBars.tour)
    assert line.parts(1).app > 0.98 * line.parts(1).total
    assert seven.parts(7).total < 0.005
    assert few.parts(7).est > 5 * few.parts(7).app
    assert early.parts(7).opt > 0.8 * early.parts(7).total
    assert -stopped.parts(9).opt > 0.8 * stopped.parts(9).est


def test_the_widget_gives_its_settings_back() -> None:
    widget = excess_bars(N=20, degree=9, steps=30)
    assert widget.settings == {"N": "20", "degree": "9", "steps": "30"}
    assert repr(excess_bars(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"N": 30}, {"degree": 2}, {"steps": 5}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        excess_bars(**wrong)
