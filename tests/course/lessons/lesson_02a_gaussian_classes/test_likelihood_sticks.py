"""The sticks, without Jupyter: each is a probability, and downhill is where the library goes."""

from itertools import product

import numpy as np
import pytest

from nnlib.classical import LogisticRegression
from nnlib.course.kit.scene import Bars, Line, picture, wire
from nnlib.course.lessons.lesson_02a_gaussian_classes.likelihood_sticks import (
    LABELS,
    OFFSETS,
    SLOPES,
    STEPS,
    LikelihoodSticks,
    X,
)


def test_a_stick_is_as_long_as_the_probability_of_its_label() -> None:
    model = LikelihoodSticks(w=1.3, b=-0.4)
    y_hat = 1 / (1 + np.exp(-(1.3 * X - 0.4)))
    given = np.where(LABELS["overlap"] == 1, y_hat, 1 - y_hat)
    np.testing.assert_allclose(model.probabilities(), given, atol=1e-12)
    sticks = next(item for item in model.curve().items if isinstance(item, Line))
    ends = sticks.xy.reshape(-1, 3, 2)
    np.testing.assert_allclose(np.abs(ends[:, 1, 1] - ends[:, 0, 1]), given, atol=1e-12)
    [bars] = [item for item in model.bars().items if isinstance(item, Bars)]
    np.testing.assert_allclose(bars.heights, -np.log(given), atol=1e-12)
    assert model.loss() == pytest.approx(-np.log(given).mean())


@pytest.mark.parametrize("data", LABELS)
def test_the_button_is_gradient_descent(data: str) -> None:
    fitted = LogisticRegression().fit(X[:, None], LABELS[data], 2 * STEPS, method="gradient", lr=1)
    model = LikelihoodSticks(data).descend().descend()
    assert (model.w, model.b) == pytest.approx((fitted.weight.item(), fitted.bias), abs=2e-3)


def test_where_the_classes_overlap_it_settles_and_apart_it_does_not() -> None:
    settled, going = LikelihoodSticks("overlap"), LikelihoodSticks("apart")
    for _ in range(60):
        settled, before, going = settled.descend(), going, going.descend()
        assert going.w > before.w
    assert settled.idle() == ("descend",), "the button comes to rest"
    assert not going.idle()
    assert settled.loss() == pytest.approx(0.388, abs=0.001)
    assert going.loss() < 0.05


def test_the_goal_needs_both_sliders() -> None:
    assert not LikelihoodSticks().reached()
    slopes = np.arange(SLOPES[0], SLOPES[1], 0.1)
    assert not any(LikelihoodSticks(w=float(w)).reached() for w in slopes), "b = 0 is not enough"
    assert LikelihoodSticks(w=1.1, b=-0.7).reached()
    assert not LikelihoodSticks("apart", 3.0, -2.0).reached()


def test_the_first_words() -> None:
    assert LikelihoodSticks().words() == (
        "Classes overlap. w = 0, b = 0. The product of the 12 probabilities is 2.4 · 10⁻⁴, the mean "
        "of their −log 0.693. The shortest stick is 0.5, at x = −3."
    )
    assert LikelihoodSticks("apart").words().startswith("Classes apart. w = 0")


@pytest.mark.parametrize("settings", list(product(LABELS, SLOPES, OFFSETS)))
def test_every_end_can_be_shown(settings: tuple[str, float, float]) -> None:
    model = LikelihoodSticks(*settings)
    scene = model.scene()
    wire(scene)
    assert picture(scene)
    there = model.descend()
    assert SLOPES[0] <= there.w <= SLOPES[1] and OFFSETS[0] <= there.b <= OFFSETS[1]


def test_no_row_of_labels_is_apart_unless_it_says_so() -> None:
    for name, y in LABELS.items():
        assert (X[y == 0].max() < X[y == 1].min()) == (name == "apart")
