"""What the lesson's figures show."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from nnlib.course import figures


def test_a_region_map_has_a_polygon_for_each_region() -> None:
    lower = np.array([[0.0, 0], [1, 0], [1, 1]])
    upper = np.array([[0.0, 0], [1, 1], [0, 1]])
    found = [(lower, np.eye(2), np.zeros(2)), (upper, 2 * np.eye(2), np.zeros(2))]
    fig, ax = plt.subplots()
    figures.region_map(ax, found)
    [polygons] = [c for c in ax.collections if isinstance(c, PolyCollection)]
    assert len(polygons.get_paths()) == 2
    assert ax.get_xlim() == ax.get_ylim() == (0, 1)
    dark, darker = polygons.get_facecolor().sum(axis=1)
    assert dark > darker
    plt.close(fig)


def test_counts_have_a_row_each_and_their_mean() -> None:
    fig, ax = plt.subplots()
    figures.region_counts(ax, {"flat": [37, 37], "deep": [20, 40, 45]})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["flat", "deep"]
    assert [text.get_text() for text in ax.texts] == ["mean 37", "mean 35"]
    assert ax.lines[2].get_xdata() == pytest.approx([20, 40, 45])
    plt.close(fig)
