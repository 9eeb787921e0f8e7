"""Three logits and the simplex, without Jupyter."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, Line, Points, picture, wire
from nnlib.course.lessons.lesson_05_losses.softmax_simplex import (
    CORNERS,
    MOST,
    SoftmaxSimplex,
    level,
    softmax_simplex,
)


@pytest.mark.parametrize("z1", [-MOST, 0.0, 2.5, MOST])
@pytest.mark.parametrize("z2", [-MOST, 1.0, MOST])
@pytest.mark.parametrize("z3", [-MOST, MOST])
def test_p_is_the_softmax_at_every_end(z1: float, z2: float, z3: float) -> None:
    model = SoftmaxSimplex(z1, z2, z3)
    e = np.exp([z1, z2, z3])
    np.testing.assert_allclose(model.p, e / e.sum())
    scene = model.scene()
    wire(scene)
    [bars] = [item for item in scene.panels[1].items if isinstance(item, Bars)]
    np.testing.assert_allclose(bars.heights, model.p)
    point = [item for item in scene.panels[0].items if isinstance(item, Points)][-1]
    np.testing.assert_allclose(point.xy, [model.p @ CORNERS])


def test_only_differences_count_and_doubling_sharpens() -> None:
    start = SoftmaxSimplex()
    np.testing.assert_allclose(start.after("add").p, start.p)
    double = start.after("double").p
    np.testing.assert_allclose(double[0] / double[1], (start.p[0] / start.p[1]) ** 2)
    assert double.max() > start.p.max() > start.after("halve").p.max()
    np.testing.assert_allclose(start.after("double").after("halve").p, start.p)


def test_the_numbers_of_the_question() -> None:
    start = SoftmaxSimplex()
    assert "p = (0.665, 0.245, 0.090)" in start.words()
    assert "p = (0.867, 0.117, 0.016)" in start.after("double").words()
    assert "0.41 if class 1 is right, 1.41 if class 2 is right and 2.41" in start.words()


def test_buttons_are_idle_where_a_slider_would_leave_its_range() -> None:
    assert SoftmaxSimplex().idle() == ()
    assert SoftmaxSimplex(z1=5.5).idle() == ("add", "double")
    assert SoftmaxSimplex(0.0, 0.0, 0.0).idle() == ("double", "halve")


def test_the_goal_asks_for_z1_as_well() -> None:
    assert not SoftmaxSimplex().reached()
    assert SoftmaxSimplex(1.0, 1.4, 1.9).reached()
    assert not SoftmaxSimplex(0.0, 0.4, 0.9).reached()  # the same p
    assert not SoftmaxSimplex(1.0, 1.4, 1.7).reached()


def test_lines_of_equal_share_are_where_they_say() -> None:
    for k in range(3):
        for share in (0.25, 0.5):
            corners = np.column_stack([CORNERS, np.ones(3)])
            ends = np.column_stack([level(k, share), np.ones(2)])
            shares = ends @ np.linalg.inv(corners)
            np.testing.assert_allclose(shares[:, k], share)
            assert shares.min() > -1e-12
    assert sum(isinstance(i, Line) for i in SoftmaxSimplex().scene().panels[0].items) == 10


def test_the_widget_gives_its_settings_back() -> None:
    widget = softmax_simplex(z1=1.0, z3=-2.5)
    assert repr(softmax_simplex(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())
    with pytest.raises(ValueError, match="z2"):
        softmax_simplex(z2=7.0)
