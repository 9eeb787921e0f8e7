"""Pictures of the lesson on optimizers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnlib import viz


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_the_look_ahead_ends_where_the_formulas_do(ax) -> None:
    curvature = np.array([1.0, 10.0])
    viz.look_ahead(ax, lambda w: curvature * w, [-1.4, 0.4], [-0.7, 0.7], lr=0.06, mu=0.9)
    start, momentum, nesterov = (line.get_xydata()[0] for line in ax.lines if len(line.get_xdata()))
    w, v = np.array([-1.4, 0.4]), np.array([-0.7, 0.7])
    np.testing.assert_allclose(start, w)
    np.testing.assert_allclose(momentum, w - (0.9 * v + 0.06 * curvature * w))
    np.testing.assert_allclose(nesterov, w - (0.9 * v + 0.06 * curvature * (w - 0.9 * v)))


def test_curves_over_rates_have_their_numbers_and_differ_in_marker(ax) -> None:
    viz.log_log(ax, [0.1, 1, 10], {"a": [3, 2, 1], "b": [1, 2, 3]}, xlabel="η", ylabel="loss")
    assert [line.get_ydata().tolist() for line in ax.lines] == [[3, 2, 1], [1, 2, 3]]
    assert len({line.get_marker() for line in ax.lines}) == 2
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_bars_are_as_long_as_the_counts_and_say_them(ax) -> None:
    viz.step_counts(ax, {"SGD": 178, "Adam": 11})
    assert [bar.get_width() for bar in ax.patches] == [178, 11]
    assert [text.get_text() for text in ax.texts] == ["178", "11"]
