"""The dashboard's training: its gradients, its history, its panels and words."""

from itertools import product

import numpy as np
import pytest

from nnlib import nn, optim
from nnlib.course.kit.scene import Heat, Label, Line
from nnlib.course.lessons.lesson_12_backprop_in_networks.training_dashboard import (
    LAST,
    OPTIMIZERS,
    SLOPES,
    Run,
    TrainingDashboard,
    digits,
    records,
)
from nnlib.course.widgets import training_dashboard


def twin(run, hidden):
    """nnlib's MLP with the parameters of a run."""
    model = nn.MLP([64, *[32] * hidden, 10], activation=nn.Tanh).double()
    pairs = [p for layer in zip(run.W, run.b, strict=True) for p in layer]
    for p, value in zip(model.parameters(), pairs, strict=True):
        p.data = value.copy()
    return model


@pytest.mark.parametrize("hidden", [1, 4])
def test_the_right_backward_pass_is_the_tapes(hidden):
    run = Run("sgd", 0.1, hidden, "right")
    X, y = run.batch()
    model = twin(run, hidden)
    nn.CrossEntropyLoss()(model(X), y).backward()
    weights, biases = list(model.parameters())[::2], list(model.parameters())[1::2]
    for p, g in zip([*weights, *biases], run.gradients(X, y), strict=True):
        np.testing.assert_allclose(p.grad, g, atol=1e-14)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("sgd", lambda p: optim.SGD(p, lr=0.05)),
        ("momentum", lambda p: optim.SGD(p, lr=0.05, momentum=0.9)),
        ("adam", lambda p: optim.Adam(p, lr=0.05)),
    ],
)
def test_ten_steps_are_those_of_the_optimizer(name, make):
    run, other = Run(name, 0.05, 1, "right"), Run(name, 0.05, 1, "right")
    model = twin(run, 1)
    optimizer = make(model.parameters())
    for _ in range(10):
        X, y = other.batch()
        other.steps += 1
        optimizer.zero_grad()
        nn.CrossEntropyLoss()(model(X), y).backward()
        optimizer.step()
    run.advance()
    for p, mine in zip(model.parameters(), (run.W[0], run.b[0], run.W[1], run.b[1]), strict=True):
        np.testing.assert_allclose(p.data, mine, atol=1e-12)


def test_an_epoch_sees_every_example_once():
    run, seen = Run("sgd", 0.1, 1, "right"), []
    for _ in range(38):
        seen.append(len(run.batch()[0]))
        run.steps += 1
    assert sum(seen) == 1200


def test_the_check_passes_the_right_gradient_and_no_other():
    for backward, hidden in product(SLOPES, (1, 4)):
        run = Run("sgd", 0.1, hidden, backward)
        for _ in range(5):
            run.advance()
        errors = [r.check for r in run.records]
        assert max(errors) < 1e-4 if backward == "right" else min(errors) > 1e-4, backward


def test_measuring_changes_no_parameter():
    run = Run("sgd", 0.1, 2, "right")
    before = [p.copy() for p in (*run.W, *run.b)]
    run.check(*run.batch())
    for p, q in zip((*run.W, *run.b), before, strict=True):
        np.testing.assert_allclose(p, q, atol=1e-15)


def test_going_on_is_the_same_as_going_at_once():
    first = records("sgd", 0.11, 1, "right", 50)
    again = [r.loss for r in records("sgd", 0.11, 1, "right", 100)]
    fresh = Run("sgd", 0.11, 1, "right")
    for _ in range(10):
        fresh.advance()
    assert [r.loss for r in fresh.records] == again
    assert [r.loss for r in first] == again[:6]


def test_wrong_gradients_learn_and_a_frozen_layer_shows():
    scores = {b: records("sgd", 0.1, 2, b, 300)[-1].test for b in SLOPES}
    assert min(scores[b] for b in ("right", "at h", "forgotten")) > 0.88
    assert scores["frozen"] < scores["right"] - 0.03
    assert records("sgd", 0.1, 2, "frozen", 300)[-1].norms[:2] == (0.0, 0.0)


def test_at_both_ends_of_every_range():
    for (optimizer, _), lr, hidden in product(OPTIMIZERS, (1e-4, 3.0), (1, 4)):
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
    said = model.records[-1].probabilities.argmax(1)
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
