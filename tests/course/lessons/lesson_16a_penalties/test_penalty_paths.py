"""Twenty weights over λ, without Jupyter: they are nnlib's ridge and lasso, and the words are true."""

import numpy as np
import pytest

from nnlib.classical import Lasso, Ridge
from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_16a_penalties.penalty_paths import (
    GOAL,
    LAMBDA,
    PenaltyPaths,
    examples,
    penalty_paths,
)

SLIDER = [float(f"{lam:.2g}") for lam in np.geomspace(*LAMBDA, 27)]


@pytest.mark.parametrize("lam", [0.01, 0.13, 1.0, 4.0])
def test_the_weights_are_those_of_ridge_and_lasso(lam: float) -> None:
    X, y, *_ = examples()
    theirs = {"L2": Ridge(40 * lam, bias=False), "L1": Lasso(lam / 2, bias=False, steps=20_000)}
    for penalty, model in theirs.items():
        np.testing.assert_allclose(PenaltyPaths(penalty, lam).w, model.fit(X, y).weight, atol=1e-9)


def test_it_is_the_lessons_data() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 20))
    truth = np.r_[2, -1.5, 1, np.zeros(17)]
    y = X @ truth + 0.5 * rng.normal(size=100)
    np.testing.assert_array_equal(examples()[0], X[:40])
    np.testing.assert_allclose(examples()[1], y[:40])


def test_what_the_lesson_says_of_the_best_penalty() -> None:
    validation = {lam: PenaltyPaths("L1", lam).losses[1] for lam in SLIDER}
    best = min(validation, key=lambda lam: validation[lam])
    assert best == 0.13 and validation[best] == pytest.approx(0.374, abs=5e-4)
    off = {lam: int((PenaltyPaths("L1", lam).w[3:] == 0).sum()) for lam in SLIDER}
    assert off[best] == 10
    assert min(lam for lam in SLIDER if off[lam] == 17) == 0.8
    assert validation[0.8] == pytest.approx(1.45, abs=5e-3)
    ridge = {lam: PenaltyPaths("L2", lam).losses[1] for lam in SLIDER}
    assert min(ridge, key=lambda lam: ridge[lam]) == LAMBDA[0]
    assert min(ridge.values()) > 0.5


def test_the_goal_is_reached_with_L1_alone_and_not_at_the_start() -> None:
    assert not PenaltyPaths().reached()
    assert PenaltyPaths("L1", 0.13).reached()
    assert not any(PenaltyPaths("L2", lam).reached() for lam in SLIDER)
    assert f"{GOAL}" in PenaltyPaths.goal


@pytest.mark.parametrize("penalty", ["L1", "L2"])
@pytest.mark.parametrize("lam", [*LAMBDA, 0.5])
def test_every_end_can_be_shown(penalty: str, lam: float) -> None:
    model = PenaltyPaths(penalty, lam)
    wire(model.scene())
    weights, losses = model.scene().panels
    [squares] = [i for i in weights.items if isinstance(i, Points)]
    np.testing.assert_allclose(squares.xy[:, 1], model.w[:3])
    shown = [i.xy[0, 1] for i in losses.items if isinstance(i, Points)]
    assert shown == list(model.losses)
    assert {"training", "validation"} <= {i.label for i in losses.items if isinstance(i, Line)}


def test_words_tell_the_weights_and_the_losses() -> None:
    words = PenaltyPaths("L1", 0.13).words()
    assert "(true: 2, −1.5, 1)" in words
    assert "10 of the 17 useless are exactly 0" in words
    assert words.endswith("Training loss 0.225, validation loss 0.374.")
    assert "0 of the 17 useless are exactly 0" in PenaltyPaths("L2", 4.0).words()


def test_the_widget_gives_its_settings_back() -> None:
    widget = penalty_paths(penalty="L1", lam=0.2)
    assert repr(penalty_paths(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"penalty": "L0"}, {"lam": 0.0}, {"lam": 5.0}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        penalty_paths(**wrong)
