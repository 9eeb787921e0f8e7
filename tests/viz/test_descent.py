"""Landscapes, losses, layers, and grids of small images."""

import warnings
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
import matplotlib.pyplot as plt

from nnlib import viz


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph that is missing, a layout that does not fit
        fig.savefig(BytesIO(), format="png")
    plt.close(fig)


def labels_of(ax):
    return [t.get_text() for t in ax.get_legend().get_texts()]


def texts(ax):
    return [t.get_text() for t in ax.texts]


def bowl(points):
    return (points**2).sum(1)


# Landscapes


def test_a_landscape_with_two_paths(ax):
    paths = {"slow": [[1, 1], [0.5, 0.5]], "fast": [[1, -1], [0, 0], [0.1, 0]]}
    assert viz.landscape(ax, bowl, paths, xlim=(-2, 2), ylim=(-1.5, 1.5)) is ax
    assert labels_of(ax) == ["slow", "fast"]
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
    viz.landscape(ax, lambda p: p[:, 0], levels=4)
    np.testing.assert_allclose(ax.collections[1].levels, [-2, -1, 0, 1, 2], atol=0.02)


def test_a_flat_landscape_has_no_lines(ax):
    viz.landscape(ax, lambda p: np.zeros(len(p)))
    assert not ax.collections and ax.get_legend() is None


def test_a_path_that_diverges_is_drawn_as_far_as_it_is_finite(ax):
    path = [[1, 1], [-3, 1e9], [1e200, 1e300], [np.inf, np.nan]]
    viz.landscape(ax, bowl, {"too fast": path})
    assert len(ax.lines[0].get_xydata()) == 3


def test_a_function_that_is_not_finite_everywhere(ax):
    with np.errstate(invalid="ignore"):
        viz.landscape(ax, lambda p: np.log(p[:, 0]))
    assert ax.collections


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda ax: viz.landscape(ax, lambda p: p), r"one number per point, \(40000,\)"),
        (lambda ax: viz.landscape(ax, bowl, {"A": [1, 2]}), r"path 'A' must be \(T, 2\)"),
        (lambda ax: viz.landscape(ax, bowl, {"A": np.zeros((0, 2))}), r"\(0, 2\)"),
        (lambda ax: viz.loss_curves(ax, {"A": [[1], [2]]}), r"'A' must be a list of numbers"),
        (lambda ax: viz.layer_histograms(ax, {"A": [1, np.nan]}), "values of 'A' must be finite"),
        (lambda ax: viz.layer_histograms(ax, {"A": []}), "there must be some"),
        (lambda ax: viz.image_grid(ax, np.zeros((8, 8))), r"must be \(N, height, width\)"),
        (lambda ax: viz.image_grid(ax, np.zeros((0, 8, 8))), r"must be \(N, height, width\)"),
        (lambda ax: viz.image_grid(ax, np.zeros((2, 8, 8)), columns=0), "columns must be at least"),
    ],
)
def test_they_say_what_is_wrong(ax, act, words):
    with pytest.raises(ValueError, match=words):
        act(ax)


# Losses


def test_losses_of_two_runs(ax):
    assert viz.loss_curves(ax, {"SGD": [4, 2, 1], "Adam": [4, 1]}) is ax
    assert labels_of(ax) == ["SGD", "Adam"]
    assert ax.lines[0].get_xydata().tolist() == [[0, 4], [1, 2], [2, 1]]
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()
    assert ax.get_yscale() == "log"
    viz.loss_curves(ax, {}, log=False, xlabel="epoch")
    assert (ax.get_yscale(), ax.get_xlabel()) == ("linear", "epoch")


def test_a_run_that_broke_ends_with_a_cross(ax):
    viz.loss_curves(ax, {"too fast": [1, 10, np.inf, np.nan, 3]})
    line, cross = ax.lines
    assert line.get_xydata().tolist() == [[0, 1], [1, 10]]
    assert (cross.get_marker(), cross.get_xydata().tolist()) == ("X", [[1, 10]])


def test_a_run_that_was_broken_from_the_start_draws_nothing(ax):
    viz.loss_curves(ax, {"broken": [np.nan, 1]})
    assert [len(line.get_xdata()) for line in ax.lines] == [0]


# Layers


def test_layers_stand_in_rows_the_first_on_top(ax):
    rng = np.random.default_rng(0)
    layers = {"first": rng.normal(size=500), "second": rng.normal(size=(20, 50)) / 10}
    assert viz.layer_histograms(ax, layers, xlabel="activation") is ax
    ticks = dict(zip([t.get_text() for t in ax.get_yticklabels()], ax.get_yticks(), strict=True))
    assert ticks["first"] > ticks["second"]
    assert texts(ax) == [f"std {x.std():.2g}" for x in layers.values()]
    assert ax.get_xlabel() == "activation"
    tops = [c.get_paths()[0].vertices[:, 1].max() for c in ax.collections]
    np.testing.assert_allclose(tops, [1.8, 0.8])  # each fills its row
    wide, narrow = (c.get_paths()[0].vertices for c in ax.collections)

    def width(v):
        return np.ptp(v[v[:, 1] > v[:, 1].min(), 0])

    assert width(wide) > 5 * width(narrow)


def test_zeros_are_counted_apart(ax):
    viz.layer_histograms(ax, {"ReLU": [0, 0, 0, 1.0, 2.0]})
    assert texts(ax)[0].endswith("\n60% zeros")
    assert ax.get_xlim()[0] > 0.9


def test_on_a_logarithmic_axis(ax):
    viz.layer_histograms(ax, {"a": [1e-8, -1e-4, 0.0]}, log=True, xlabel="gradient")
    assert ax.get_xlim()[0] == pytest.approx(-8, abs=0.2)
    assert ax.get_xlabel() == "log₁₀ |gradient|"


@pytest.mark.parametrize("values", [[0.0, 0.0], [3.0], [2.0, 2.0]])
def test_layers_without_any_spread(ax, values):
    viz.layer_histograms(ax, {"dead": values})
    low, high = ax.get_xlim()
    assert low < high


# Grids of images


def test_images_keep_their_places(ax):
    images = np.arange(5.0)[:, None, None] * np.ones((2, 3))
    assert viz.image_grid(ax, images) is ax
    canvas = ax.images[0].get_array()
    assert canvas.shape == (2 * 3 + 1, 3 * 4 + 1)
    assert (canvas[1:3, 5:8] == 1).all() and (canvas[4:6, 1:4] == 3).all()
    assert np.ma.masked_invalid(canvas).mask[0].all()  # lines between
    assert ax.images[0].get_clim() == (0, 4)


def test_columns_may_be_chosen_and_weights_have_two_colors(ax):
    viz.image_grid(ax, [[[1.0]], [[-2.0]]], columns=7)
    assert ax.images[0].get_array().shape == (3, 5)
    assert ax.images[0].get_clim() == (-3.2, 3.2)
