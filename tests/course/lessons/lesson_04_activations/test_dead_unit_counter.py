"""The counter of dead units: who is off for every image, and that ReLU's dead stay dead."""

from itertools import pairwise

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, Line, wire
from nnlib.course.lessons.lesson_04_activations.dead_unit_counter import (
    LAST,
    NAMES,
    UNITS,
    DeadUnitCounter,
    dead_unit_counter,
    images,
)


def off(model: DeadUnitCounter) -> list[int]:
    return [int(n) for n in model.kept()[0]]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lr", [0.01, 4.0])
@pytest.mark.parametrize("bias", [-3.0, 1.0])
def test_every_end_can_be_shown(name: str, lr: float, bias: float) -> None:
    for step in (0, LAST):
        model = DeadUnitCounter(name, lr, bias, step)
        scene = model.scene()
        wire(scene)
        units, time = scene.panels
        assert next(i for i in units.items if isinstance(i, Bars)).heights.shape == (UNITS,)
        lines = [item for item in time.items if isinstance(item, Line)]
        assert [len(line.xy) for line in lines] == [step // 10 + 1] * 2
        assert all(np.isfinite(line.xy).all() for line in lines)


@pytest.mark.parametrize("lr", [0.1, 1.0, 1.6, 4.0])
@pytest.mark.parametrize("bias", [-1.0, 0.0, 1.0])
def test_with_relu_the_dead_stay_dead(lr: float, bias: float) -> None:
    model = DeadUnitCounter("relu", lr, bias, LAST)
    model.kept()
    dead = [on == 0 for on in model.run.on]
    for before, after in pairwise(dead):
        assert after[before].all()


def test_a_dead_unit_keeps_its_weights() -> None:
    model = DeadUnitCounter("relu", 0.4, -1.0, LAST)
    start, *_, end = model.run.weights[: model.run.upto(LAST) + 1]
    dead = model.run.on[0] == 0
    assert 10 < dead.sum() < 90
    assert (start["0.weight"][dead] == end["0.weight"][dead]).all()
    assert (start["0.bias"][dead] == end["0.bias"][dead]).all()
    assert (start["0.weight"][~dead] != end["0.weight"][~dead]).any(axis=1).all()


def test_on_is_counted_over_all_images() -> None:
    model = DeadUnitCounter(bias=-1.0)
    X, _ = images()
    state = model.run.weights[0]
    z = X @ state["0.weight"].T + state["0.bias"]
    assert off(model) == [int((z.max(axis=0) <= 0).sum())]


def test_what_the_question_states() -> None:
    few = off(DeadUnitCounter("relu", 0.1, 0.0, LAST))
    assert few[0] < 10 and few[-1] <= few[0] + 3
    assert off(DeadUnitCounter("relu", 1.6, 0.0, LAST))[-1] > 80
    assert off(DeadUnitCounter("relu", 0.1, -2.0))[0] > 90
    assert DeadUnitCounter("elu", 0.4, -2.0, LAST).kept()[1][-1] > 0.85
    assert off(DeadUnitCounter("elu", 0.4, -2.0, LAST))[-1] < 60
    assert DeadUnitCounter("elu", 1.6, -2.0, LAST).kept()[1][-1] < 0.3


def test_relu_does_not_reach_the_goal_and_elu_does() -> None:
    assert not DeadUnitCounter().reached()
    for lr in (0.04, 0.1, 0.25, 0.4, 0.63, 1.0, 1.6):
        assert not DeadUnitCounter("relu", lr, -2.0, LAST).reached()
    assert DeadUnitCounter("elu", 0.4, -2.0, LAST).reached()
    assert not DeadUnitCounter("elu", 0.4, -2.0).reached()
    assert not DeadUnitCounter("relu", 0.4, 0.0, LAST).reached()  # from another bias


def test_buttons() -> None:
    start = DeadUnitCounter()
    assert start.idle() == ("anew",) and start.after("train").step == 10
    assert DeadUnitCounter(step=LAST).idle() == ("train",)
    assert DeadUnitCounter(step=LAST).after("anew").step == 0


def test_only_with_relu_they_are_called_dead() -> None:
    assert DeadUnitCounter().name == "dead units"
    assert DeadUnitCounter("elu").name == "units off for all"


def test_the_widget_gives_its_settings_back() -> None:
    widget = dead_unit_counter(activation="elu", lr=0.4, bias=-2, step=20)
    assert repr(dead_unit_counter(**widget.settings)) == repr(widget)
