"""What the pictures of backpropagation show."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnlib import viz


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    plt.close(fig)


def test_the_gradient_at_the_logits_is_p_minus_e(ax):
    p = np.array([0.2, 0.7, 0.1])
    said, label, gradient = viz.logit_gradient(ax, p, y=1).containers
    assert [bar.get_height() for bar in said] == p.tolist()
    assert [bar.get_height() for bar in label] == [0, 1, 0]
    np.testing.assert_allclose([bar.get_height() for bar in gradient], [0.2, -0.3, 0.1])


def test_a_label_outside_the_classes_is_refused(ax):
    with pytest.raises(ValueError, match="y from 0 to K − 1"):
        viz.logit_gradient(ax, [0.5, 0.5], y=2)


def test_curves_are_logarithmic_both_ways_and_leave_gaps(ax):
    viz.log_curves(ax, [1, 10, 100], {"a": [1, np.inf, 3], "b": [3, 2, 1]}, "x", "y")
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    first, second = ax.lines
    assert np.isnan(first.get_ydata()).tolist() == [False, True, False]
    assert (first.get_linestyle(), first.get_marker()) != (
        second.get_linestyle(),
        second.get_marker(),
    )


def test_a_curve_of_another_length_is_refused(ax):
    with pytest.raises(ValueError, match="'a' must have one value for each x"):
        viz.log_curves(ax, [1, 10], {"a": [1, 2, 3]}, "x", "y")
