"""The player of early stopping, without Jupyter: it stops where nnlib does, and its words are true."""

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib import nn, no_grad, optim
from nnlib.callbacks import EarlyStopping, History, Training
from nnlib.course.kit.scene import Label, Line, picture, wire
from nnlib.course.lessons.lesson_16b_early_stopping.stopping_player import (
    DEADLINE,
    LAST,
    ROOM,
    SIZES,
    Run,
    StoppingPlayer,
    curves,
    moons,
    stopped,
    stopping_player,
)


@pytest.mark.parametrize("patience", [1, 3, 10, 40])
@pytest.mark.parametrize("n", SIZES)
def test_it_stops_where_the_callback_does(n: int, patience: int) -> None:
    model, rule = nn.Linear(1, 1), EarlyStopping(patience)
    training = Training(model, optim.SGD(model.parameters()), History())
    for loss in curves()[str(n)][1:]:
        training.history.rows.append({"valid_loss": float(loss)})
        if rule(training):
            break
    assert StoppingPlayer(str(n), patience).stop == (len(training.history), rule.best_epoch)


def test_the_rule_by_hand() -> None:
    losses = [5, 4, 4.2, 3.9, 4.1, 4.0, 3.95, 3.8]
    assert stopped(losses, 3) == (7, 4)
    assert stopped(losses, 9) == (8, 8)
    assert stopped([1, 1, 1], 2) == (3, 1)


def test_what_the_lesson_says() -> None:
    test = curves()["test"][1:]

    def excess(n: str, patience: int) -> float:
        return float(test[StoppingPlayer(n, patience).stop[1] - 1] / test.min() - 1)

    assert StoppingPlayer("200", 3).stop[0] == 5
    assert StoppingPlayer("2000", 10).stop[1] == 56 and excess("2000", 10) < 0.01
    assert StoppingPlayer("40", 20).stop[1] == 106 and round(excess("40", 20), 2) == 0.17


def test_forty_points_are_too_few_in_other_draws_as_well() -> None:
    """Sixty validation sets of 40 points each, and patience 20."""
    run = Run()
    drawn = [moons(40, seed) for seed in range(100, 160)]
    X, y = np.concatenate([X for X, _ in drawn]), np.concatenate([y for _, y in drawn])
    losses = []
    for epoch in range(1, LAST + 1):
        model = run.at(epoch * run.every)
        with no_grad():
            each = F.binary_cross_entropy_with_logits(model(X), y, reduction="none").data
        losses.append(each.reshape(60, 40).mean(axis=1))
    test = curves()["test"][1:]
    restored = [stopped(curve, 20)[1] for curve in np.transpose(losses)]
    excess = np.array([test[epoch - 1] / test.min() - 1 for epoch in restored])
    assert round(excess.mean(), 2) == 0.1


def test_the_labels_stand_beside_the_stop() -> None:
    for n in SIZES:
        for patience in range(1, 41):
            model = StoppingPlayer(str(n), patience, LAST)
            [stops, restores] = [i for i in model.panel().items if isinstance(i, Label)]
            end, best = model.stop
            x = float(restores.xy[0])
            assert x < best if restores.align == "right" else x > end
            assert x > ROOM - 5 if restores.align == "right" else x < LAST - ROOM
            assert stops.xy[0] > end


def test_the_goal_needs_patience_and_points() -> None:
    assert not StoppingPlayer(epoch=LAST).reached()
    assert StoppingPlayer("200", 10, LAST).reached()
    assert not StoppingPlayer("200", 10, 50).reached()
    assert not any(StoppingPlayer("40", patience, LAST).reached() for patience in range(1, 41))
    assert str(DEADLINE) in StoppingPlayer.goal


def test_it_opens_before_the_stop_and_hides_the_test() -> None:
    start = StoppingPlayer("40", 20, 5)
    assert not StoppingPlayer().has_stopped
    assert not start.has_stopped and "est loss" not in start.words()
    assert "best so far" in start.words()
    assert "Test loss there" in start.changed(epoch=LAST).words()
    assert "Not trained yet" in StoppingPlayer(epoch=0).words()


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("patience", [1, 40])
@pytest.mark.parametrize("epoch", [0, 5, LAST])
def test_every_end_can_be_shown(n: int, patience: int, epoch: int) -> None:
    model = StoppingPlayer(str(n), patience, epoch)
    wire(model.scene())
    [panel] = model.scene().panels
    drawn = np.concatenate([i.xy for i in panel.items if isinstance(i, Line)])
    assert drawn[:, 1].min() >= panel.ylim[0] and drawn[:, 1].max() <= panel.ylim[1]
    assert drawn[:, 0].max() <= max(epoch, 1)


def test_the_widget_gives_its_settings_back() -> None:
    widget = stopping_player(n="40", patience=7, epoch=100)
    assert repr(stopping_player(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"n": 41}, {"patience": 0}, {"epoch": 203}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        stopping_player(**wrong)
