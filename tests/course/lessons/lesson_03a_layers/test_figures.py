"""Drawings of layers: every unit and every weight is there, and what is counted is what is shown."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnlib.course import figures


def texts(ax):
    return [t.get_text() for t in ax.texts]


def test_neurons_draws_every_unit_and_every_weight(ax):
    figures.neurons(ax, [2, 6, 1], highlight=(1, 2))
    assert len(ax.collections) == 2 + 6 + 1
    assert len(ax.lines) == 2 * 6 + 6 * 1
    assert [text.get_text() for text in ax.texts] == ["input", "layer 1", "output"]


def test_the_highlighted_unit_owns_one_row_of_weights(ax):
    figures.neurons(ax, [3, 4, 2], highlight=(2, 1))
    thick = [line for line in ax.lines if line.get_linewidth() > 2]
    assert len(thick) == 4
    assert {tuple(line.get_xdata()) for line in thick} == {(1.0, 2.0)}


def test_neurons_refuses_what_does_not_fit(ax):
    with pytest.raises(ValueError, match=r"a layer of 9 units does not fit \(at most 8\)"):
        figures.neurons(ax, [2, 9, 1])


def test_wirings_are_three():
    fig, axes = plt.subplots(1, 3)
    assert figures.wirings(axes) is axes
    assert [len(ax.lines) for ax in axes] == [4, 8, 4]
    assert [len(ax.texts) for ax in axes] == [0, 0, 1]  # the arrow that skips
    plt.close(fig)


def test_singular_values_end_where_the_rank_does(ax):
    rng = np.random.default_rng(0)
    product = rng.normal(size=(8, 3)) @ rng.normal(size=(3, 10))
    figures.singular_values(ax, {"m = 3": product})
    (line,) = ax.lines
    values = np.asarray(line.get_ydata())
    assert values[0] == 1 and len(values) == 8
    assert (values[:3] > 1e-3).all() and (values[3:] < 1e-12).all()


def test_parameter_bars_say_their_numbers(ax):
    figures.parameter_bars(ax, {"10–8": 88, "10–50–8": 1958})
    assert [bar.get_width() for bar in ax.patches] == [88, 1958]
    assert [text.get_text() for text in ax.texts] == ["88", "1,958"]


def test_layers_stand_in_rows_the_first_on_top(ax):
    rng = np.random.default_rng(0)
    layers = {"first": rng.normal(size=500), "second": rng.normal(size=(20, 50)) / 10}
    assert figures.histograms(ax, layers, xlabel="activation") is ax
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
    figures.histograms(ax, {"ReLU": [0, 0, 0, 1.0, 2.0]})
    assert texts(ax)[0].endswith("\n60% zeros")
    assert ax.get_xlim()[0] > 0.9


def test_on_a_logarithmic_axis(ax):
    figures.histograms(ax, {"a": [1e-8, -1e-4, 0.0]}, log=True, xlabel="gradient")
    assert ax.get_xlim()[0] == pytest.approx(-8, abs=0.2)
    assert ax.get_xlabel() == "log₁₀ |gradient|"


@pytest.mark.parametrize("values", [[0.0, 0.0], [3.0], [2.0, 2.0]])
def test_layers_without_any_spread(ax, values):
    figures.histograms(ax, {"dead": values})
    low, high = ax.get_xlim()
    assert low < high


def test_images_keep_their_places(ax):
    images = np.arange(5.0)[:, None, None] * np.ones((2, 3))
    assert figures.image_grid(ax, images) is ax
    canvas = ax.images[0].get_array()
    assert canvas.shape == (2 * 3 + 1, 3 * 4 + 1)
    assert (canvas[1:3, 5:8] == 1).all() and (canvas[4:6, 1:4] == 3).all()
    assert np.ma.masked_invalid(canvas).mask[0].all()  # lines between
    assert ax.images[0].get_clim() == (0, 4)


def test_columns_may_be_chosen_and_weights_have_two_colors(ax):
    figures.image_grid(ax, [[[1.0]], [[-2.0]]], columns=7)
    assert ax.images[0].get_array().shape == (3, 5)
    assert ax.images[0].get_clim() == (-3.2, 3.2)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (
            lambda ax: figures.histograms(ax, {"A": [1, np.nan]}),
            "values of 'A' must be finite",
        ),
        (lambda ax: figures.histograms(ax, {"A": []}), "there must be some"),
        (lambda ax: figures.image_grid(ax, np.zeros((8, 8))), r"must be \(N, height, width\)"),
        (lambda ax: figures.image_grid(ax, np.zeros((0, 8, 8))), r"must be \(N, height, width\)"),
        (
            lambda ax: figures.image_grid(ax, np.zeros((2, 8, 8)), columns=0),
            "columns must be at least",
        ),
    ],
)
def test_they_say_what_is_wrong(ax, act, words):
    with pytest.raises(ValueError, match=words):
        act(ax)
