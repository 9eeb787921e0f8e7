"""The bracket stepper, without Jupyter: its tries are those of nnlib's line search."""

import itertools

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_07_gradient_descent.bracket_stepper import (
    LOSS,
    TRIES,
    BracketStepper,
    bracket_stepper,
    searches,
)

FIRST, SHARES = ("0.5", "1", "2", "4", "8"), ("0.0001", "0.1", "0.5")


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("c", SHARES)
def test_a_try_is_taken_if_and_only_if_it_brings_its_share(first: str, c: str) -> None:
    for t in searches(0.9, 1.2, float(first), float(c)):
        asked = LOSS.f(t.w) - float(c) * t.eta * (t.g @ t.g)
        assert t.taken == bool(LOSS.f(t.w - t.eta * t.g) <= asked)
        assert t.eta == float(first) if t.above is None else t.eta == t.above / 2


def test_a_search_begins_where_the_last_one_stepped_to() -> None:
    tries = searches(0.9, 1.2, 4.0, 0.0001)
    for one, other in itertools.pairwise(tries):
        here = one.w - one.eta * one.g if one.taken else one.w
        np.testing.assert_allclose(other.w, here)
        assert other.search == one.search + one.taken


def test_words_tell_the_try() -> None:
    assert BracketStepper().words() == "From (0.9, 1.2), f = 0.18. The first try will be η = 4."
    assert "it fails, and the bracket is now 0 to 4" in BracketStepper(step=1).words()
    assert "≤ 0.18: the step is taken" in BracketStepper(step=2).words()
    arrived = BracketStepper("0.5", "0.5", 0.3, 0.3, TRIES)
    assert len(arrived.tries) < TRIES and "it has arrived" in arrived.words()


def test_the_goal_wants_another_first_rate_or_share() -> None:
    good = [(first, c) for first in FIRST for c in SHARES if BracketStepper(first, c, step=15).reached()]  # fmt: skip
    assert good == [("1", "0.0001"), ("1", "0.1"), ("1", "0.5"), ("2", "0.5")]
    assert BracketStepper("2", "0.5", step=13).reached()
    assert not BracketStepper(step=TRIES).reached() and not BracketStepper("1", step=16).reached()
    assert not BracketStepper("1", x0=0.3, y0=0.3, step=5).reached()


def test_what_is_drawn_is_the_current_search() -> None:
    panel = BracketStepper(step=2).scene().panels[1]
    crosses, circle = [item for item in panel.items if isinstance(item, Points)]
    assert crosses.xy[:, 0].tolist() == [4] and circle.xy[:, 0].tolist() == [2]
    bracket = next(i for i in panel.items if isinstance(i, Line) and i.label == "bracket")
    assert bracket.xy[:, 0].tolist() == [0, 4]
    places = BracketStepper(step=4).places
    assert len(places) == 3 and LOSS.f(places[2]) < LOSS.f(places[1]) < LOSS.f(places[0])


@pytest.mark.parametrize("first", ["0.5", "8"])
@pytest.mark.parametrize("c", ["0.0001", "0.5"])
def test_every_end_can_be_shown(first: str, c: str) -> None:
    for corner in (-1.5, 0.0, 1.5):
        for step in (0, 1, TRIES):
            model = BracketStepper(first, c, corner, corner, step)
            scene = model.scene()
            wire(scene)
            assert scene.words == model.words() and "nan" not in scene.words
            for item in scene.panels[1].items:
                if isinstance(item, Points):
                    assert np.isfinite(item.xy).all()


def test_every_start_has_a_search() -> None:
    for x0 in np.linspace(-1.5, 1.5, 16):
        for y0 in np.linspace(-1.5, 1.5, 16):
            assert searches(float(x0), float(y0), 8.0, 0.5)


@pytest.mark.parametrize("stop", BracketStepper.tour, ids=lambda stop: stop.words[:20])
def test_the_tour_finds_what_it_speaks_of(stop: object) -> None:
    assert BracketStepper.on_tour(stop)  # type: ignore[arg-type]


def test_what_the_tour_says_is_so() -> None:
    assert [t.eta for t in searches(0.9, 1.2, 4.0, 0.0001)[:3]] == [4, 2, 4]
    assert not searches(0.9, 1.2, 4.0, 0.5)[1].taken


def test_the_widget_gives_its_settings_back() -> None:
    widget = bracket_stepper(first=2, c=0.1, step=4)
    assert repr(bracket_stepper(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"first": 3}, {"c": 0.2}, {"x0": 2.0}, {"step": 41}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        bracket_stepper(**wrong)  # type: ignore[arg-type]
