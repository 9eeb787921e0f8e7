"""What the figure shows."""

import matplotlib.pyplot as plt
import numpy as np

from nnlib.course import figures
from nnlib.course.lessons.lesson_16a_penalties.figures import LOWEST


def test_what_is_exactly_0_stands_below_the_line_and_what_is_small_above() -> None:
    _, ax = plt.subplots()
    runs = {"steps": np.array([1.0, -1e-4, 0.02]), "zeros": np.array([-0.5, 0.0, 0.0])}
    figures.sizes_of_weights(ax, runs)
    small, exact = (line.get_ydata() for line in ax.lines[:2])
    np.testing.assert_allclose(small, [1, 1e-4, 0.02])
    np.testing.assert_allclose(exact, [0.5, LOWEST, LOWEST])
    edge = ax.lines[2].get_ydata()[0]
    assert LOWEST < edge < 1e-4
    assert [text.get_text() for text in ax.texts] == ["exactly 0"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(runs)
    places = np.array([line.get_xdata() for line in ax.lines[:2]])
    np.testing.assert_allclose(places.mean(axis=0), [1, 2, 3])
    plt.close("all")
