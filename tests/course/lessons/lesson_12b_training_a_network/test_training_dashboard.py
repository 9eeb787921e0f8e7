"""The dashboard's training: its gradients, its history, its panels and words."""

from itertools import product

import numpy as np
import pytest

from nnlib.course.kit.scene import Heat, Label, Line
from nnlib.course.lessons.lesson_12b_training_a_network.training_dashboard import (
    BACKWARD,
    LAST,
    OPTIMIZERS,
    Run,
    TrainingDashboard,
    digits,
)
from nnlib.course.widgets import training_dashboard


def test_the_check_passes_the_right_gradient_and_no_other():
    for backward, hidden in product(BACKWARD, (1, 4)):
        run = Run("sgd", 0.1, hidden, backward)
        errors = [run.check(step) for step in range(0, 60, 10)]
        assert max(errors) < 1e-4 if backward == "right" else min(errors) > 1e-4, backward


def test_measuring_changes_no_parameter():
    run = Run("sgd", 0.1, 2, "right")
    run.check(20)
    for name, value in run.model.state_dict().items():
        assert np.array_equal(value, run.weights[2][name])
    assert run.check(20) == run.check(20)


def test_going_on_is_the_same_as_going_at_once():
    first = TrainingDashboard(lr=0.11, step=50).records
    again = TrainingDashboard(lr=0.11, step=100).records
    fresh = Run("sgd", 0.11, 1, "right")
    fresh.upto(100)
    assert fresh.records == again
    assert first == again[:6]


def test_wrong_gradients_learn_and_a_frozen_layer_shows():
    last = {b: TrainingDashboard(hidden=2, backward=b, step=300).records[-1] for b in BACKWARD}
    scores = {b: record.test for b, record in last.items()}
    assert min(scores[b] for b in ("right", "at h", "forgotten")) > 0.88
    assert scores["frozen"] < scores["right"] - 0.03
    assert last["frozen"].norms[:2] == (0.0, 0.0)


def test_at_both_ends_of_every_range():
    for optimizer, lr, hidden in product(OPTIMIZERS, (1e-4, 3.0), (1, 4)):
        model = TrainingDashboard(optimizer, lr, hidden, "right", 60)
        for panel in model.scene().panels:
            for item in panel.items:
                if isinstance(item, Line):
                    assert np.isfinite(item.xy).all()
                    assert (item.xy[:, 1] >= panel.ylim[0]).all()
                    assert (item.xy[:, 1] <= panel.ylim[1]).all()
        assert len(model.norms_panel().items) == hidden + 1
        assert model.words()


def test_a_training_that_diverges_says_so():
    assert "the training has diverged" in TrainingDashboard("momentum", 3.0, 1, step=60).words()


def test_the_images_say_what_the_network_says():
    model = TrainingDashboard(step=100)
    items = model.digits_panel().items
    labels = [item for item in items if isinstance(item, Label)]
    said = model.run.at(100)(digits().X_test[digits().shown]).data.argmax(1)
    assert digits().y_test[digits().shown].tolist() == list(range(10))
    assert sum(isinstance(item, Heat) for item in items) == len(labels) == 10
    for k, label in enumerate(labels):
        assert label.text == f"{k} → {said[k]} {'✓' if said[k] == k else '✗'}"
        assert label.color == ("green" if said[k] == k else "vermillion")


def test_words_say_the_numbers_and_the_check():
    now = TrainingDashboard(step=100).records[-1]
    words = TrainingDashboard(step=100).words()
    assert f"{now.accuracy:.1%} of the training and {now.test:.1%} of the test images" in words
    assert words.endswith("passed.")
    assert "wrong by" in TrainingDashboard(step=100, backward="at h").words()


def test_a_wrong_gradient_reaches_the_goal_and_the_start_does_not():
    assert not TrainingDashboard().reached()
    assert not TrainingDashboard(hidden=4, step=600).reached(), "with the right gradient"
    assert TrainingDashboard(hidden=4, backward="at h", step=600).reached()


def test_training_stops_at_the_end():
    assert TrainingDashboard(step=LAST - 10).after("train").step == LAST
    assert TrainingDashboard(step=LAST).after("train").step == LAST
    assert TrainingDashboard(step=LAST).idle() == ("train",)
    assert TrainingDashboard().idle() == ()


def test_settings_can_be_passed_back_in():
    widget = training_dashboard("adam", 0.01, 2, "forgotten", 20)
    assert training_dashboard(**widget.settings).settings == widget.settings
    with pytest.raises(ValueError, match="step must be a multiple of 10"):
        training_dashboard(step=15)
    with pytest.raises(ValueError, match="backward must be one of right, at h"):
        training_dashboard(backward="left")
