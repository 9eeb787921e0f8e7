"""What the figure of lesson 13 shows."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnlib.course import figures


def test_shares_of_all_values_with_bounds():
    sets = {"small": [1e-3, -1e-3, 1e-3, 0.0], "large": [1.0, 10.0]}
    fig, ax = plt.subplots()
    assert figures.log_histograms(ax, sets, bounds={"small": 0.01}) is ax
    small, large = ax.patches
    assert np.isclose(small.get_data().values.sum(), 0.75)  # the zero is left out
    assert np.isclose(large.get_data().values.sum(), 1.0)
    edges, values = small.get_data().edges, small.get_data().values
    [k] = values.nonzero()[0]
    assert edges[k] <= 1e-3 * 1.001 and edges[k + 1] * 1.001 >= 1e-3
    [line] = ax.lines
    assert line.get_xdata() == [0.01, 0.01] and ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["small", "large"]
    plt.close(fig)


def test_nothing_but_zeros_is_refused():
    fig, ax = plt.subplots()
    with pytest.raises(ValueError, match="'none' holds nothing but zeros"):
        figures.log_histograms(ax, {"none": [0.0, 0.0]})
    plt.close(fig)
