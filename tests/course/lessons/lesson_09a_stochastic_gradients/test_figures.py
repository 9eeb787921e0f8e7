"""Where examples pull: a line for each, and their mean."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnlib.course.lessons.lesson_09a_stochastic_gradients.figures import pulls


def test_each_example_has_a_line_against_its_gradient() -> None:
    _, ax = plt.subplots()
    assert pulls(ax, [[1.0, 2.0], [3.0, -1.0]]) is ax
    ends = [line.get_xydata()[-1].tolist() for line in ax.lines if len(line.get_xdata()) == 2]
    assert ends == [[-1.0, -2.0], [-3.0, 1.0]]
    [arrow] = ax.texts
    assert arrow.xy == (-2.0, -0.5)  # the mean
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "one example",
        "their mean",
    ]
    plt.close("all")


def test_a_mean_of_0_is_a_ring() -> None:
    _, ax = plt.subplots()
    pulls(ax, np.array([[1.0, 2.0], [-1.0, -2.0]]))
    assert not ax.texts
    assert ax.get_legend().get_texts()[1].get_text() == "their mean: 0"
    plt.close("all")


def test_gradients_must_be_pairs() -> None:
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match="must be"):
        pulls(ax, [1.0, 2.0])
    plt.close("all")
