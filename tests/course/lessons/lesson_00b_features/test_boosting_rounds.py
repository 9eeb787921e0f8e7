"""The boosting widget, without Jupyter: errors, the goal, and what is drawn at both ends."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, picture, wire
from nnlib.course.lessons.lesson_00b_features.boosting_rounds import (
    LAST,
    RATES,
    BoostingRounds,
    boosted,
    errors,
    examples,
)


@pytest.mark.parametrize("rate", RATES)
def test_errors_are_those_of_the_predictions_and_fall_on_the_training_points(rate: str) -> None:
    X, y = examples(0)
    for n in (0, 1, 7, LAST):
        error = np.mean((boosted(rate).predict(X, n) - y) ** 2)
        assert error == pytest.approx(errors(rate)[n, 0])
    assert (np.diff(errors(rate)[:, 0]) <= 1e-12).all()


def test_what_the_lesson_says_of_the_rates() -> None:
    slow, whole = errors("0.3"), errors("1")
    assert slow[LAST, 1] < 0.06
    assert 0.065 < whole[LAST, 1] < 0.075
    assert (whole[1:, 0] < slow[1:, 0]).all()
    assert np.flatnonzero(slow[:, 1] < 0.06)[0] == 41


def test_the_goal() -> None:
    assert not BoostingRounds().reached()
    assert BoostingRounds(45, "0.3").reached()
    assert not any(BoostingRounds(n, "1").reached() for n in range(LAST + 1))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("rounds", [0, 1, LAST])
def test_it_can_be_drawn(rounds: int, rate: str) -> None:
    model = BoostingRounds(rounds, rate)
    scene = model.scene()
    lines = [i.label for i in scene.panels[1].items if isinstance(i, Line)]
    assert lines == (["the next stump"] if rounds < LAST else [])
    assert wire(scene) and picture(scene)


def test_buttons_go_on_and_back() -> None:
    model = BoostingRounds().after("more").after("ten")
    assert model.rounds == 11 and model.after("none").rounds == 0
    assert BoostingRounds(LAST).idle() == ("more", "ten")
    assert model.words().startswith("11 stumps, η = 1: mean squared error ")
