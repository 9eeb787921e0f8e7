"""Landscapes, the look ahead, and steps counted."""

import numpy as np
import pytest

from nnlib.course import figures


def bowl(points):
    return (points**2).sum(1)


def test_a_landscape_with_two_paths(ax):
    paths = {"slow": [[1, 1], [0.5, 0.5]], "fast": [[1, -1], [0, 0], [0.1, 0]]}
    assert figures.landscape(ax, bowl, paths, xlim=(-2, 2), ylim=(-1.5, 1.5)) is ax
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["slow", "fast"]
    assert (ax.get_xlim(), ax.get_ylim()) == ((-2, 2), (-1.5, 1.5))
    slow, _, start, end = ax.lines[:4]
    assert slow.get_xydata().tolist() == paths["slow"]
    assert start.get_xydata().tolist() == [[1, 1]] and start.get_markerfacecolor() == "white"
    assert end.get_xydata().tolist() == [[0.5, 0.5]]
    fast = ax.lines[4]
    assert slow.get_color() != fast.get_color()
    assert slow.get_linestyle() != fast.get_linestyle()
    assert slow.get_marker() != fast.get_marker()


def test_lines_lie_where_the_ground_is(ax):
    """An equal share of the area between any two: of a plane, equal distances."""
    figures.landscape(ax, lambda p: p[:, 0], levels=4)
    np.testing.assert_allclose(ax.collections[1].levels, [-2, -1, 0, 1, 2], atol=0.02)


def test_a_flat_landscape_has_no_lines(ax):
    figures.landscape(ax, lambda p: np.zeros(len(p)))
    assert not ax.collections and ax.get_legend() is None


def test_a_path_that_diverges_is_drawn_as_far_as_it_is_finite(ax):
    path = [[1, 1], [-3, 1e9], [1e200, 1e300], [np.inf, np.nan]]
    figures.landscape(ax, bowl, {"too fast": path})
    assert len(ax.lines[0].get_xydata()) == 3


def test_a_function_that_is_not_finite_everywhere(ax):
    with np.errstate(invalid="ignore"):
        figures.landscape(ax, lambda p: np.log(p[:, 0]))
    levels = ax.collections[1].levels
    assert np.isfinite(levels).all() and levels[-1] == np.log(2)


@pytest.mark.parametrize(
    ("f", "paths", "words"),
    [
        (lambda p: p, {}, r"one number per point, \(40000,\)"),
        (bowl, {"A": [1, 2]}, r"path 'A' must be \(T, 2\)"),
        (bowl, {"A": np.zeros((0, 2))}, r"\(0, 2\)"),
    ],
)
def test_a_landscape_says_what_is_wrong(ax, f, paths, words):
    with pytest.raises(ValueError, match=words):
        figures.landscape(ax, f, paths)


def test_the_look_ahead_ends_where_the_formulas_do(ax) -> None:
    curvature = np.array([1.0, 10.0])
    figures.look_ahead(ax, lambda w: curvature * w, [-1.4, 0.4], [-0.7, 0.7], lr=0.06, mu=0.9)
    start, momentum, nesterov = (line.get_xydata()[0] for line in ax.lines if len(line.get_xdata()))
    w, v = np.array([-1.4, 0.4]), np.array([-0.7, 0.7])
    np.testing.assert_allclose(start, w)
    np.testing.assert_allclose(momentum, w - (0.9 * v + 0.06 * curvature * w))
    np.testing.assert_allclose(nesterov, w - (0.9 * v + 0.06 * curvature * (w - 0.9 * v)))


def test_bars_are_as_long_as_the_counts_and_say_them(ax) -> None:
    figures.step_counts(ax, {"SGD": 178, "Adam": 11})
    assert [bar.get_width() for bar in ax.patches] == [178, 11]
    assert [text.get_text() for text in ax.texts] == ["178", "11"]
