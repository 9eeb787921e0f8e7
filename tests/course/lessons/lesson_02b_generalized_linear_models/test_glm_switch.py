"""Target and link, without Jupyter: the losses are likelihoods, and the words are true."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_02b_generalized_linear_models.glm_switch import (
    LINKS,
    REACH,
    TARGETS,
    GlmSwitch,
    examples,
    fitted,
    glm_switch,
    loss,
    possible,
    variance,
)

NATURAL = {"count": "exp", "yes-no": "sigmoid", "number": "identity"}


@pytest.mark.parametrize("target", TARGETS)
def test_the_loss_is_minus_the_log_likelihood(target: str) -> None:
    stats = pytest.importorskip("scipy.stats")
    _, y = examples(target)
    y_hat = np.full(len(y), 0.4)
    law = {
        "count": lambda: stats.poisson(y_hat).logpmf(y),
        "yes-no": lambda: stats.bernoulli(y_hat).logpmf(y),
        "number": lambda: stats.norm(y_hat).logpdf(y),
    }[target]
    assert loss(target, y_hat, y) == pytest.approx(-law().mean())


def test_what_no_target_of_the_kind_can_have_costs_infinitely_much() -> None:
    y = np.array([0.0, 1.0])
    assert loss("count", np.array([-0.1, 1.0]), y) == np.inf
    assert loss("yes-no", np.array([0.5, 1.2]), y) == np.inf
    assert np.isfinite(loss("number", np.array([-0.1, 1.2]), y))
    assert np.isnan(variance("count", np.array([-1.0]))).all()
    assert possible("yes-no", np.array([0.0, 0.5, 1.0])).tolist() == [False, True, False]


@pytest.mark.parametrize("target", TARGETS)
def test_the_fit_of_the_natural_link_is_the_best_within_reach(target: str) -> None:
    best = GlmSwitch(target, NATURAL[target]).fit()
    for dw in (-0.2, 0.0, 0.2):
        for db in (-0.2, 0.0, 0.2):
            near = best.changed(w=best.w + dw, b=best.b + db)
            assert near.loss >= best.loss - 0.003  # the sliders' steps are 0.1
    others = [link for link in LINKS if link != NATURAL[target]]
    assert all(GlmSwitch(target, link).fit().loss > best.loss + 0.05 for link in others)


def test_the_numbers_of_the_lesson() -> None:
    line = GlmSwitch().after("fit")
    assert (line.w, line.b, line.impossible) == (4.0, 1.3, 7)
    assert "The loss is infinite: on 7 days of 60 ŷ is negative." in line.words()
    assert examples("count")[1].mean() == pytest.approx(5.6, abs=0.05)
    assert "10 °C more add 4 to ŷ" in line.words()
    assert "multiply ŷ by 2.2" in line.changed(link="exp").after("fit").words()
    x, y = examples("count")
    bent = y - line.says(x)
    ends, middle = np.append(bent[:8], bent[-4:]), bent[15:45]
    assert ends.mean() > 1 and middle.mean() < -0.5
    assert (y[x > 2] > 1).all(), "so that σ, which stays below 1, is no help"


def test_the_goal_is_reached_with_the_right_link_alone() -> None:
    assert not GlmSwitch().reached()
    assert GlmSwitch(link="exp").after("fit").reached()
    assert not GlmSwitch("number").after("fit").reached(), "another target is another loss"
    grid = np.arange(REACH[0], REACH[1] + 0.05, 0.2).round(1)
    for link in ("identity", "sigmoid"):
        assert not any(GlmSwitch(link=link, w=w, b=b).reached() for w in grid for b in grid)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("w", REACH)
@pytest.mark.parametrize("b", REACH)
def test_every_end_can_be_shown(target: str, link: str, w: float, b: float) -> None:
    scene = GlmSwitch(target, link, w, b).scene()
    wire(scene)
    for panel in scene.panels:
        for item in panel.items:
            if isinstance(item, Line):
                inside = item.xy[np.isfinite(item.xy).all(axis=1)]
                assert ((inside >= [-1.1, panel.ylim[0]]) & (inside <= [3.1, panel.ylim[1]])).all()
            if isinstance(item, Points):
                assert (item.xy[:, 1] >= panel.ylim[0]).all()
                assert (item.xy[:, 1] <= panel.ylim[1]).all()
    assert "nan" not in scene.words


def test_another_target_begins_flat_and_another_link_does_not() -> None:
    moved = GlmSwitch(w=2.0, b=1.0)
    assert moved.changed(target="number").w == 0
    assert moved.changed(link="exp").w == 2
    assert moved.changed(target="number", w=1.0).w == 1


def test_it_opens_before_the_answer() -> None:
    start = GlmSwitch()
    assert start.impossible == 0 and start.w == 0
    assert "negative" not in start.words()
    assert fitted("count", "identity") != (start.w, start.b)


def test_the_widget_gives_its_settings_back() -> None:
    widget = glm_switch(target="yes-no", link="sigmoid", w=-2.0)
    assert repr(glm_switch(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"target": "class"}, {"link": "log"}, {"w": 9.0}, {"b": -5.0}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        glm_switch(**wrong)
