"""The feature switchboard, without Jupyter: which features tell which patterns apart."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Points, picture, wire
from nnlib.course.lessons.lesson_00b_features.feature_board import (
    FEATURES,
    KINDS,
    WINDOW,
    FeatureBoard,
    N,
    examples,
    features_of,
)

ALL = dict.fromkeys(FEATURES, "on")
NONE = dict.fromkeys(FEATURES, "off")


def board(data: str, *names: str) -> FeatureBoard:
    return FeatureBoard(data, **NONE | dict.fromkeys(names, "on"))


@pytest.mark.parametrize("data", KINDS)
def test_points_lie_in_the_window_and_classes_are_equally_large(data: str) -> None:
    X, y = examples(data, 1)
    assert X.shape == (N, 2) and y.sum() == N / 2
    assert np.mean(np.abs(X) <= WINDOW[1]) > 0.97


def test_features_are_those_that_their_names_say() -> None:
    x1, x2 = 0.5, -2.0
    F = features_of(np.array([[x1, x2]]), tuple(FEATURES))
    expected = [x1, x2, x1 * x2, x1**2, x2**2, np.sin(2 * x1), np.sin(2 * x2)]
    np.testing.assert_allclose(F[0], expected)


def test_what_the_lesson_says() -> None:
    assert FeatureBoard("spirals", **ALL).right(2) < 0.75
    assert FeatureBoard("spirals", **ALL).right(2) < FeatureBoard("spirals").right(2)
    assert board("xor", "x1x2").right(2) > 0.9
    assert FeatureBoard("xor").right(2) < 0.6
    moons = board("moons", "x2", "sin_x1")
    assert moons.parameters == 3 and moons.right(2) > 0.97
    assert FeatureBoard("blobs").right(2) > 0.97


def test_the_goal() -> None:
    assert not FeatureBoard().reached()
    assert board("circles", "x1_squared", "x2_squared").reached()
    assert not board("circles", "x1", "x1_squared", "x2_squared").reached(), "4 parameters"
    assert not board("moons", "x2", "sin_x1").reached(), "other data"


def test_without_features_there_is_a_bias_alone() -> None:
    model = board("xor")
    assert model.parameters == 1 and model.right(1) == 0.5
    assert model.words().startswith("Features: none, only a bias; 1 parameter.")
    assert picture(model.scene())


@pytest.mark.parametrize("data", KINDS)
def test_it_can_be_drawn_and_rings_what_is_wrong(data: str) -> None:
    for model in (FeatureBoard(data), FeatureBoard(data, **ALL)):
        scene = model.scene()
        [wrong] = [i for i in scene.panels[0].items if isinstance(i, Points) and i.marker == "ring"]
        assert len(wrong.xy) == round(N * (1 - model.right(1)))
        assert wire(scene) and picture(scene)
