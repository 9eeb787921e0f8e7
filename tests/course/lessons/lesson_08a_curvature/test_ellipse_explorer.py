"""The ellipse explorer, without Jupyter: its lines are level, its paths and words are true."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, picture, wire
from nnlib.course.lessons.lesson_08a_curvature.ellipse_explorer import (
    METHODS,
    STEPS,
    TURN,
    EllipseExplorer,
    axes,
    contours,
    ellipse_explorer,
)
from nnlib.course.surfaces import quadratic


@pytest.mark.parametrize(
    ("lam1", "lam2"), [(1, 10), (3, 3), (-1, 10), (-2, 0.5), (0, 4), (10, 0.5)]
)
def test_contours_are_level(lam1: float, lam2: float) -> None:
    surface = quadratic(lam1, lam2, TURN)
    lines = contours(lam1, lam2)
    assert lines
    for line in lines:
        heights = surface.f(line.xy[np.isfinite(line.xy).all(axis=1)])
        np.testing.assert_allclose(heights, heights[0], rtol=1e-6)
        assert (heights[0] < 0) == (line.style == "dotted")


def test_the_axes_are_those_of_the_surface() -> None:
    surface = quadratic(2, 7, TURN)
    for axis, curvature in zip(axes().T, (2, 7), strict=True):
        np.testing.assert_allclose(surface.gradient(axis), curvature * axis, atol=1e-12)


@pytest.mark.parametrize("lr", [0.005, 0.1, 0.195, 0.205, 1.0])
def test_each_axis_is_multiplied_by_itself(lr: float) -> None:
    along = EllipseExplorer(lr=lr).along
    for t in range(1, 4):
        if np.isfinite(along[t]).all():
            expected = (1 - lr * np.array([1, 10])) * along[t - 1]
            np.testing.assert_allclose(along[t], expected, atol=1e-12)


@pytest.mark.parametrize("lam1", [-2.0, -1.0, 1.0, 10.0])
def test_newton_arrives_in_one_step_be_it_a_saddle(lam1: float) -> None:
    model = EllipseExplorer(method="newton", lam1=lam1)
    np.testing.assert_allclose(model.path[1:], 0, atol=1e-12)
    assert ("saddle" in model.words()) == (lam1 < 0)


def test_newton_says_where_it_goes() -> None:
    saddle = EllipseExplorer(method="newton", lam1=-1.0)
    assert "the saddle, down from" in saddle.words()
    assert "the saddle, uphill from" in saddle.changed(w1=1.6, w2=0.8).words()
    assert "no step here" in saddle.changed(lam1=0.0).words()


@pytest.mark.parametrize(("lam1", "lam2"), [(1.0, 10.0), (1.0, 4.0), (10.0, 3.0), (2.0, 5.0)])
def test_the_goal_is_the_last_rate_that_arrives(lam1: float, lam2: float) -> None:
    model = EllipseExplorer(lam1=lam1, lam2=lam2)
    assert not model.reached()
    reaching = [k for k in range(1, 201) if model.changed(lr=k * 0.005).reached()]
    assert len(reaching) == 1
    best = model.changed(lr=reaching[0] * 0.005)
    assert "It arrives" in best.words()
    assert "It arrives" not in best.changed(lr=best.lr + 0.005).words()
    assert not best.changed(method="newton").reached()
    assert not best.changed(lam1=-1.0).reached()


@pytest.mark.parametrize(
    ("lr", "end"), [(0.195, "It arrives"), (0.2, "never arrives"), (0.205, "flies apart")]
)
def test_words_tell_the_end(lr: float, end: str) -> None:
    assert end in EllipseExplorer(lr=lr).words()


def test_a_whole_rate_is_written_without_a_point() -> None:
    assert "η = 1. Each step" in EllipseExplorer(lr=1.0).words()
    assert "η = 0.1. Each step" in EllipseExplorer(lr=0.1).words()


def test_on_a_saddle_descent_leaves_unless_it_starts_on_the_axis() -> None:
    assert "leaves the saddle" in EllipseExplorer(lam1=-1.0).words()
    assert "flat floor" in EllipseExplorer(lam1=0.0).words()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("lam1", [-2.0, 0.0, 10.0])
@pytest.mark.parametrize("lam2", [1.0, 10.0])
@pytest.mark.parametrize("lr", [0.005, 1.0])
@pytest.mark.parametrize("w", [(-2.0, -2.0), (0.0, 0.0), (2.0, 2.0)])
def test_every_end_can_be_shown(
    method: str, lam1: float, lam2: float, lr: float, w: tuple[float, float]
) -> None:
    scene = EllipseExplorer(method, lam1, lam2, lr, *w).scene()
    wire(scene)
    assert scene.words.endswith(".") and "nan" not in scene.words
    distances = [item for item in scene.panels[1].items if isinstance(item, Line)]
    assert [len(line.xy) for line in distances] == [STEPS + 1] * 2
    assert len({(line.style, line.marker) for line in distances}) == 2


def test_its_picture_and_its_settings() -> None:
    widget = ellipse_explorer(lam1=-1, method="newton")
    assert repr(ellipse_explorer(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())
    for stop in EllipseExplorer.tour:
        EllipseExplorer.on_tour(stop)


@pytest.mark.parametrize("wrong", [{"lam1": -3.0}, {"lam2": 0.0}, {"lr": 1.5}, {"method": "Adam"}])
def test_what_the_sliders_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ellipse_explorer(**wrong)
