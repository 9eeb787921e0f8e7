"""The ball and the valley, without Jupyter: the point that is drawn is the lowest one."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_16a_penalties.norm_ball import (
    BEST,
    LAMBDA,
    NormBall,
    ball,
    ellipse,
    norm_ball,
    valley,
)
from nnlib.course.lessons.lesson_16a_penalties.penalized import lowest_in_the_plane, size

ANGLES = range(0, 166, 15)


@pytest.mark.parametrize("penalty", ["L1", "L2"])
@pytest.mark.parametrize("degrees", ANGLES)
def test_nothing_is_lower_than_the_lowest(penalty: str, degrees: int) -> None:
    H = valley(degrees)

    def f(w: np.ndarray, lam: float) -> float:
        return float((w - BEST) @ H @ (w - BEST)) + lam * size(w, penalty)

    nearby = np.random.default_rng(0).normal(size=(200, 2)) * [[0.3, 0.3]]
    for lam in (0.1, 1.0, 5.0, 32.0):
        w = lowest_in_the_plane(H, BEST, lam, penalty)
        assert min(f(w + step, lam) for step in nearby) > f(w, lam)
        # (2) of the lesson: within its ball, nothing has a lower loss.
        inside = [w + s for s in nearby if size(w + s, penalty) <= size(w, penalty)]
        assert all(f(v, 0.0) >= f(w, 0.0) for v in inside)


def test_without_a_penalty_nothing_moves() -> None:
    for penalty in ("L1", "L2"):
        np.testing.assert_allclose(lowest_in_the_plane(valley(30), BEST, 0.0, penalty), BEST)


def test_what_the_lesson_says_of_the_valley_as_it_begins() -> None:
    def zeros(lam: float, penalty: str = "L1", degrees: int = 0) -> list[bool]:
        return list(NormBall(penalty, lam, degrees).w == 0)

    assert zeros(2.3) == [False, False] and zeros(2.41) == [True, False]
    assert zeros(9.5) == [True, False] and zeros(9.61) == [True, True]
    assert zeros(32.0, "L2") == [False, False]
    first = {}
    for degrees in ANGLES:
        weak = (zeros(lam, degrees=degrees) for lam in np.geomspace(*LAMBDA, 60))
        first[degrees] = next(off for off in weak if any(off))
    assert [d for d in ANGLES if first[d] == [False, True]] == list(range(45, 136, 15))


def test_the_goal_is_reached_by_turning_and_not_at_the_start() -> None:
    assert not NormBall().reached()
    assert not NormBall("L1", 5.0, 0).reached() and not NormBall("L1", 32.0, 90).reached()
    assert NormBall("L1", 3.0, 90).reached() is True  # a page without Python wants a plain bool
    assert NormBall("L2", 3.0, 90).reached() is False


@pytest.mark.parametrize("penalty", ["L1", "L2"])
@pytest.mark.parametrize("lam", [*LAMBDA, 1.0])
@pytest.mark.parametrize("degrees", [0, 45, 165])
def test_every_end_can_be_shown(penalty: str, lam: float, degrees: int) -> None:
    model = NormBall(penalty, lam, degrees)
    wire(model.scene())
    plane, paths = model.scene().panels
    squares = [i for i in plane.items if isinstance(i, Points) and i.marker == "square"]
    np.testing.assert_allclose(squares[0].xy[0], model.w)
    lines = {i.label: i.xy for i in plane.items if isinstance(i, Line)}
    # w lies on the edge of its ball, and on the line of its loss.
    np.testing.assert_allclose(
        [size(xy, penalty) for xy in lines["ball"][::16]], size(model.w, penalty)
    )
    away = lines["loss at w"] - BEST
    np.testing.assert_allclose(np.sum(away @ model.H * away, axis=1), model.loss, atol=1e-9)
    assert {"w₁", "w₂"} <= {i.label for i in paths.items if isinstance(i, Line)}


def test_balls_and_ellipses_are_closed() -> None:
    for edge in (ball("L1", 2.0), ball("L2", 2.0), ellipse(valley(30), 0.5)):
        np.testing.assert_allclose(edge[0], edge[-1], atol=1e-12)


def test_words_tell_what_is_zero() -> None:
    assert NormBall().words().endswith("No weight is exactly 0.")
    assert NormBall("L1", 5.0, 0).words().endswith("Exactly 0: w₁.")
    assert NormBall("L1", 32.0, 0).words().endswith("Exactly 0: w₁ and w₂.")
    assert "w₁² + w₂² ≤ 1.19" in NormBall().words()


def test_the_widget_gives_its_settings_back() -> None:
    widget = norm_ball(penalty="L1", lam=2.0, degrees=45)
    assert repr(norm_ball(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"penalty": "L3"}, {"lam": 0.0}, {"lam": 40.0}, {"degrees": 7}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        norm_ball(**wrong)
