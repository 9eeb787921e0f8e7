"""LeCun's two classes, without Jupyter: nnlib's descent is the formula's, and the words are true."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_08a_curvature.lecun_replay import (
    STEPS,
    LecunReplay,
    curvatures,
    descent,
    ellipses,
    error,
    lecun_replay,
    lowest,
    two_classes,
)


def test_the_data_are_those_of_the_lesson() -> None:
    X, y = two_classes()
    flat, steep = np.linalg.eigvalsh(X.T @ X / 100)
    assert steep == pytest.approx(0.84) and flat == pytest.approx(0.0323, abs=1e-4)
    assert y.sum() == 0 and X.shape == (100, 2)


@pytest.mark.parametrize("lr", [0.1, 1.2, 2.6])
def test_the_path_is_that_of_the_formula(lr: float) -> None:
    X, y = two_classes()
    w = np.zeros(2)
    for place in descent(lr)[:40]:
        np.testing.assert_allclose(place, w, rtol=1e-9, atol=1e-12)
        w = w - lr * X.T @ (X @ w - y) / 100


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_what_the_lesson_says_holds_for_other_draws(seed: int) -> None:
    X, y = two_classes(seed)
    H = X.T @ X / 100
    best = np.linalg.solve(H, X.T @ y / 100)

    def arrival(lr: float) -> int | None:
        gap = -best
        least = np.mean((X @ best - y) ** 2) / 2
        for t in range(100):
            if gap @ H @ gap / 2 < 0.01 * least:
                return t
            gap = gap - lr * H @ gap
        return None

    safe, fixed = arrival(1.19), arrival(2 / np.linalg.eigvalsh(H).sum())
    assert safe is not None and fixed is not None and 3 * safe < fixed
    assert arrival(2.38) is None and arrival(2.5) is None


def test_errors_are_those_of_the_lesson() -> None:
    assert error(descent(1.5)[99]) < 0.0228
    assert error(descent(2.38)[99]) > 0.4
    assert (np.diff(error(descent(2.5))) > 0).all() and error(descent(2.5)[99]) > 1e6


def test_just_below_the_limit_it_arrives_after_some_4800_epochs() -> None:
    values, vectors = curvatures()
    best, least = lowest()
    along = vectors.T @ -best
    steep = 1 - 2.38 * values[-1]
    assert abs(steep) == pytest.approx(0.9992)

    def excess(epochs: int) -> float:
        return float(values @ (along * (1 - 2.38 * values) ** epochs) ** 2) / 2

    assert excess(4700) > 0.01 * least > excess(4850)
    assert abs(1 - 2.39 * values[-1]) > 1  # and with 2.39 it flies apart, as the lesson asks


def test_the_goal_is_reached_near_the_safe_rate_and_not_at_the_start() -> None:
    assert not LecunReplay().reached()
    assert not LecunReplay(step=2).reached()
    assert not LecunReplay(lr=1.5, step=2).reached()
    assert not LecunReplay(lr=1.2, step=1).reached()
    assert LecunReplay(lr=1.2, step=2).reached()


def test_ellipses_are_level() -> None:
    for line in ellipses():
        np.testing.assert_allclose(error(line.xy), error(line.xy)[0], rtol=1e-9)


@pytest.mark.parametrize("lr", [0.1, 2.38, 2.6])
@pytest.mark.parametrize("step", [0, 1, STEPS])
def test_every_end_can_be_shown(lr: float, step: int) -> None:
    scene = LecunReplay(lr, step).scene()
    wire(scene)
    assert f"epoch {step}" in scene.words and "nan" not in scene.words
    points, weights, errors = scene.panels
    markers = {item.marker for item in points.items if isinstance(item, Points)}
    assert markers == {"circle", "square"}
    assert any(isinstance(item, Line) and item.marker == "circle" for item in weights.items)
    [curve] = [i for i in errors.items if isinstance(i, Line) and i.style == "solid"]
    assert len(curve.xy) == step + 1 and np.isfinite(curve.xy).all()


def test_words_measure_along_the_axes() -> None:
    best, _ = lowest()
    flat, steep = np.abs(curvatures()[1].T @ best)
    assert f"steep axis {steep:.2g}, flat axis {flat:.2g}" in LecunReplay().words()
    assert "within 1 % of the lowest" in LecunReplay(lr=1.2, step=5).words()


def test_buttons_and_settings() -> None:
    start = LecunReplay()
    assert start.after("step").step == start.after("play").step == 1
    assert start.idle() == ("again",)
    widget = lecun_replay(lr=2.5, step=20)
    assert repr(lecun_replay(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"lr": 3.0}, {"step": 100}])
def test_what_the_sliders_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        lecun_replay(**wrong)
