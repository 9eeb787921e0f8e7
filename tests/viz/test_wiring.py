"""Drawings of layers: every unit and every weight is there, and what is counted is what is shown."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnlib import viz


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def test_neurons_draws_every_unit_and_every_weight(ax):
    viz.neurons(ax, [2, 6, 1], highlight=(1, 2))
    assert len(ax.collections) == 2 + 6 + 1
    assert len(ax.lines) == 2 * 6 + 6 * 1
    assert [text.get_text() for text in ax.texts] == ["input", "layer 1", "output"]


def test_the_highlighted_unit_owns_one_row_of_weights(ax):
    viz.neurons(ax, [3, 4, 2], highlight=(2, 1))
    thick = [line for line in ax.lines if line.get_linewidth() > 2]
    assert len(thick) == 4
    assert {tuple(line.get_xdata()) for line in thick} == {(1.0, 2.0)}


def test_neurons_refuses_what_does_not_fit(ax):
    with pytest.raises(ValueError, match=r"a layer of 9 units does not fit \(at most 8\)"):
        viz.neurons(ax, [2, 9, 1])


def test_wirings_are_three():
    fig, axes = plt.subplots(1, 3)
    assert viz.wirings(axes) is axes
    assert [len(ax.lines) for ax in axes] == [4, 8, 4]
    assert [len(ax.texts) for ax in axes] == [0, 0, 1]  # the arrow that skips
    plt.close(fig)


def test_singular_values_end_where_the_rank_does(ax):
    rng = np.random.default_rng(0)
    product = rng.normal(size=(8, 3)) @ rng.normal(size=(3, 10))
    viz.singular_values(ax, {"m = 3": product})
    (line,) = ax.lines
    values = np.asarray(line.get_ydata())
    assert values[0] == 1 and len(values) == 8
    assert (values[:3] > 1e-3).all() and (values[3:] < 1e-12).all()


def test_parameter_bars_say_their_numbers(ax):
    viz.parameter_bars(ax, {"10–8": 88, "10–50–8": 1958})
    assert [bar.get_width() for bar in ax.patches] == [88, 1958]
    assert [text.get_text() for text in ax.texts] == ["88", "1,958"]
