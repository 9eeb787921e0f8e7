"""Where a budget of gradients goes, without Jupyter."""

from itertools import product

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_09b_excess_error.gradient_budget import (
    BUDGETS,
    EXAMPLES,
    LIMITS,
    GradientBudget,
    gradient_budget,
)


def lines(model: GradientBudget) -> dict[str, Line]:
    [panel] = model.scene().panels
    return {item.label: item for item in panel.items if isinstance(item, Line)}


@pytest.mark.parametrize("budget", [str(BUDGETS[0]), str(BUDGETS[-1])])
@pytest.mark.parametrize("degree", ["5", "9"])
@pytest.mark.parametrize("N", [str(EXAMPLES[0]), str(EXAMPLES[-1])])
@pytest.mark.parametrize("show", ["batch", "both"])
def test_every_end_can_be_shown(budget: str, degree: str, N: str, show: str) -> None:
    scene = GradientBudget(budget, degree, N, show).scene()
    wire(scene)
    [panel] = scene.panels
    for item in panel.items:
        if isinstance(item, Points):
            assert LIMITS[0][0] < item.xy[0, 0] < LIMITS[0][1]
            assert LIMITS[1][0] < item.xy[0, 1] < LIMITS[1][1]


def test_more_examples_than_gradients_are_not_one_step() -> None:
    model = GradientBudget("200", "7", "500")
    assert model.steps == 0
    assert "500 examples, 0 steps" in model.words()
    assert model.batch_parts(500).total == pytest.approx(0.5, abs=0.001)
    assert lines(model)["batch: total"].xy[:, 0].max() == 200


def test_the_curve_is_a_valley_whose_lowest_point_moves_with_the_budget() -> None:
    lowest = []
    for budget in map(str, BUDGETS):
        curve = lines(GradientBudget(budget, "7"))["batch: total"].xy
        lowest.append(curve[curve[:, 1].argmin(), 0])
    assert lowest == sorted(lowest) and lowest[0] == 20 and lowest[-1] == 100


@pytest.mark.parametrize("degree", ["7", "9"])
@pytest.mark.parametrize("budget", [*map(str, BUDGETS)])
def test_one_pass_is_several_times_better(budget: str, degree: str) -> None:
    model = GradientBudget(budget, degree, show="both")
    best = min(model.batch_parts(N).total for N in EXAMPLES)
    assert model.pass_parts().total < best / 3


def test_the_numbers_of_the_lesson() -> None:
    model = GradientBudget("1000", "7", "50", "both")
    assert model.batch_parts(50).total == pytest.approx(0.0201, abs=0.0005)
    assert model.batch_parts(50).total == min(model.batch_parts(N).total for N in EXAMPLES)
    assert model.batch_parts(50).est == pytest.approx(0.0177, abs=0.0005)
    once = model.pass_parts()
    assert once.total == pytest.approx(0.0035, abs=0.0001)
    assert once.app + once.est == pytest.approx(0.0021, abs=0.0001)
    assert (GradientBudget("1000", "7", "200").steps, model.steps) == (5, 20)


def test_the_pass_is_shown_when_it_is_asked_for() -> None:
    before, after = (GradientBudget(show=show).scene() for show in ("batch", "both"))
    assert "pass" not in before.words and "One pass over 1,000 examples" in after.words
    assert len(after.panels[0].items) == len(before.panels[0].items) + 2


def test_your_n_is_marked_on_the_curve() -> None:
    [panel] = GradientBudget("2000", "9", "100").scene().panels
    [ring] = [item for item in panel.items if isinstance(item, Points)]
    curve = lines(GradientBudget("2000", "9"))["batch: total"].xy
    np.testing.assert_allclose(ring.xy[0], curve[list(EXAMPLES).index(100)])


def test_the_goal_is_reached_with_one_size_and_not_at_the_start() -> None:
    assert not GradientBudget().reached()
    reached = [
        chosen
        for chosen in product(map(str, BUDGETS), "579", map(str, EXAMPLES))
        if GradientBudget(*chosen).reached()
    ]
    assert reached == [("2000", "7", "100"), ("2000", "9", "100")]
    assert {(s["budget"], s["degree"], s["N"]) for s in GradientBudget.on_every_page} == {*reached}


def test_the_widget_gives_its_settings_back() -> None:
    widget = gradient_budget(budget=500, degree=9, N=50, show="both")
    assert repr(gradient_budget(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"budget": 300}, {"degree": 3}, {"N": 30}, {"show": "all"}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        gradient_budget(**wrong)
