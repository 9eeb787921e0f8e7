"""The style, points and regions of the plane, and how a figure is shown."""

import base64
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from nnlib import viz

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND = [0, 0, 0, 1]


def z(points):
    return points @ [1, 1] - 1.5


def labels_of(ax):
    return ax.get_legend_handles_labels()[1]


def test_importing_viz_sets_the_style():
    assert mpl.rcParams["figure.constrained_layout.use"]
    assert not mpl.rcParams["axes.spines.top"]
    assert len(viz.palette) == 8


def test_points_differ_in_color_and_marker(ax):
    assert viz.points(ax, X, [0, 1, 2, 2]) is ax
    assert labels_of(ax) == ["y = 0", "y = 1", "y = 2"]
    assert [len(c.get_offsets()) for c in ax.collections] == [1, 1, 2]
    assert len({to_hex(c.get_facecolor()[0]) for c in ax.collections}) == 3
    assert len({c.get_paths()[0].vertices.shape for c in ax.collections}) == 3


def test_no_points_draw_nothing(ax):
    viz.points(ax, np.zeros((0, 2)), np.zeros(0, int))
    assert not ax.collections


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        ([[1, 2, 3]], [0], r"\(N, 2\)"),
        (X, [0, 1], "each of the 4 rows"),
        (X, [0.5, 0, 0, 0], "whole-number label"),
    ],
)
def test_points_say_what_is_wrong(ax, X, y, words):
    with pytest.raises(ValueError, match=words):
        viz.points(ax, X, y)


def test_regions_right_everywhere_have_no_ring(ax):
    assert viz.decision_regions(ax, z, X, AND, level=0) is ax
    assert labels_of(ax) == ["y = 0", "y = 1"]


def test_regions_ring_what_is_on_the_wrong_side(ax):
    viz.decision_regions(ax, z, X, [0, 1, 1, 0], level=0)
    assert labels_of(ax)[-1] == "on the wrong side"
    assert sorted(ax.collections[-1].get_offsets().tolist()) == [[0, 1], [1, 0], [1, 1]]


def test_a_point_on_the_boundary_is_class_1(ax):
    viz.decision_regions(ax, lambda p: p[:, 0], X, [1, 1, 1, 1], level=0)
    assert "on the wrong side" not in labels_of(ax)


def test_the_boundary_is_where_f_crosses_the_level(ax):
    viz.decision_regions(ax, z, xlim=(-1, 2), ylim=(-1, 2), level=0)
    line = ax.collections[-1].get_paths()[0].vertices
    assert np.allclose(line.sum(1), 1.5)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_one_region_has_no_boundary_and_no_warning(ax, value):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        viz.decision_regions(ax, lambda p: np.full(len(p), value))
    assert len(ax.collections) == 1


def test_limits_reach_beyond_the_points_or_are_those_given(ax):
    viz.decision_regions(ax, z, X, AND)
    assert ax.get_xlim() == pytest.approx((-0.3, 1.3))
    viz.decision_regions(ax, z, X, AND, xlim=(-5, 5))
    assert ax.get_xlim() == (-5, 5)


def test_regions_say_what_is_wrong(ax):
    with pytest.raises(ValueError, match="one number per point"):
        viz.decision_regions(ax, lambda p: p)
    with pytest.raises(ValueError, match=r"0 or 1, not \[0, 2\]"):
        viz.decision_regions(ax, z, X, [0, 0, 0, 2])


def test_show_displays_a_picture_with_its_words(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append((a, k)))
    fig, _ = plt.subplots(figsize=(4, 3))
    viz.show(fig, alt="Nothing, in a frame.")
    (((data,), options),) = shown
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG")
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (400, 300)
    assert data["text/plain"] == "Nothing, in a frame."
    assert 'alt="Nothing, in a frame."' in data["text/html"]
    assert options == {"metadata": {"image/png": {"alt": "Nothing, in a frame."}}, "raw": True}
    assert not plt.fignum_exists(fig.number)


def test_a_picture_has_the_same_bytes_each_time(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **k: shown.append(data))
    for _ in range(2):
        fig, ax = plt.subplots()
        viz.curves(ax, [0, 1], {"a": [1, 2]})
        viz.show(fig, alt="A line that rises.")
    assert shown[0] == shown[1]


@pytest.mark.parametrize("alt", ["", "  "])
def test_show_refuses_to_say_nothing(alt):
    fig, _ = plt.subplots()
    with pytest.raises(ValueError, match="alt is empty"):
        viz.show(fig, alt=alt)
    plt.close(fig)
