"""Rates on a parabola, and places that are visited late."""

import matplotlib.pyplot as plt
import numpy as np

from nnlib.course import figures


def test_each_panel_shows_the_descent_with_its_rate() -> None:
    fig, axes = plt.subplots(1, 2)
    figures.rate_panels(axes, 4, [0.5, 2])
    for ax, m in zip(axes, (0.5, 2), strict=True):
        w = ax.lines[1].get_xdata()
        np.testing.assert_allclose(w, [(1 - m) ** t for t in range(9)])
        np.testing.assert_allclose(ax.lines[1].get_ydata(), 2 * w**2)
    assert [ax.get_title() for ax in axes] == ["η = 0.5 / λ", "η = 2 / λ"]
    plt.close(fig)


def test_late_places_stand_over_their_rates(ax) -> None:
    assert figures.late_places(ax, [0.8, 0.9], [[-1, -1], [-0.8, -1.2]]) is ax
    points = sorted(tuple(point) for line in ax.lines for point in line.get_xydata())
    assert points == [(0.8, -1), (0.8, -1), (0.9, -1.2), (0.9, -0.8)]
