"""Width and error, without Jupyter: every activation, at the ends of all ranges."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_06_universal_approximation.width_and_error import (
    ACTIVATIONS,
    INSIDE,
    LOWEST,
    TARGETS,
    VIEWS,
    WIDEST,
    WIDTHS,
    WidthAndError,
    features,
    news,
    width_and_error,
)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("width", [WIDTHS[0], WIDEST])
def test_every_end_can_be_shown(activation: str, target: str, view: str, width: int) -> None:
    model = WidthAndError(activation, target, width, 3, view)
    assert all(np.isfinite(given).all() for given in model.outputs)
    wire(model.scene())
    [ring] = [i for i in model.scene().panels[1].items if isinstance(i, Points)]
    assert ring.xy[0] == pytest.approx([width, max(model.gap, LOWEST)])


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("width", [10, 40])
def test_it_is_the_fit_by_least_squares(activation: str, width: int) -> None:
    H = features(activation, 2)[: len(INSIDE), : width + 1]
    v = np.linalg.lstsq(H, TARGETS["wave"][1](INSIDE), rcond=None)[0]
    given = WidthAndError(activation, "wave", width, 2).outputs[0]
    np.testing.assert_allclose(given, H @ v, atol=1e-4)


def test_outside_it_is_the_same_network() -> None:
    kept = [unit for unit in news("relu", 1)[1] if unit <= 20]  # the others give nothing new inside
    H = features("relu", 1)[:, kept]
    inside, outside = H[: len(INSIDE)], H[len(INSIDE) :]
    v = np.linalg.lstsq(inside, TARGETS["corner"][1](INSIDE), rcond=None)[0]
    given = WidthAndError("relu", "corner", 20, 1).outputs[1]
    np.testing.assert_allclose(given, outside @ v, atol=1e-6)


def test_squares_give_three_things_and_cubes_four() -> None:
    assert [len(news(name, 0)[1]) for name in ("square", "cube")] == [3, 4]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("draw", range(4))
def test_more_units_fit_no_worse_in_the_mean(activation: str, draw: int) -> None:
    wanted = TARGETS["wave"][1](INSIDE)
    errors = [
        np.mean((WidthAndError(activation, "wave", width, draw).outputs[0] - wanted) ** 2)
        for width in WIDTHS
    ]
    assert (np.diff(errors) <= 1e-9).all()


@pytest.mark.parametrize("draw", range(4))
def test_polynomials_stay_where_they_are_and_the_others_fall(draw: int) -> None:
    for activation in ("square", "cube"):
        assert np.ptp(WidthAndError(activation, draw=draw).gaps) < 1e-6
        assert WidthAndError(activation, draw=draw).gap > 1
    for activation in ("step", "relu", "tanh", "sine"):
        gaps = WidthAndError(activation, draw=draw).gaps
        assert gaps[-1] < 0.7 * gaps[0]


def test_the_best_polynomial_of_degree_two_does_no_better() -> None:
    wanted = TARGETS["wave"][1](INSIDE)
    best = np.polynomial.Polynomial.fit(INSIDE, wanted, 2)(INSIDE)
    np.testing.assert_allclose(WidthAndError("square").outputs[0], best, atol=1e-9)


def test_the_goal_is_reached_by_a_smooth_activation_and_not_at_the_start() -> None:
    assert not WidthAndError().reached()
    assert WidthAndError("sine", width=20).reached()
    assert not WidthAndError("sine", width=30).reached(), "too many units"
    assert not WidthAndError("relu", width=20).reached()
    assert not WidthAndError("sine", "corner", 20).reached()


def test_words_say_what_lies_outside() -> None:
    model = WidthAndError("relu", width=100)
    assert "From −3 to 3" not in model.words()
    wide = model.changed(view="wide")
    assert wide.words().startswith(model.words())
    assert "From −3 to 3 it is" in wide.words()
    assert "more than 100" in WidthAndError("tanh", width=30, view="wide").words()
    labels = [i.label for i in wide.scene().panels[0].items if isinstance(i, Line)]
    assert "fitted between" in labels


def test_the_widget_gives_its_settings_back() -> None:
    shown = width_and_error(activation="sine", width=40)
    assert repr(width_and_error(**shown.settings)) == repr(shown)
    assert picture(shown.model.scene())


@pytest.mark.parametrize("wrong", [{"width": 35}, {"width": 0}, {"draw": 4}, {"activation": "z"}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        width_and_error(**wrong)
