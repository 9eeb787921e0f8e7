"""Lesson 04's figures."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnlib.course import figures


def test_bars_are_means_and_dots_are_runs() -> None:
    _, ax = plt.subplots()
    counts = {"one": [[1, 3], [10, 20]], "other": [[0, 0], [0, 0]]}
    figures.dead_bars(ax, [0.1, 2.0], counts)
    assert [bar.get_height() for bar in ax.patches] == [2, 15, 0, 0]
    assert [line.get_ydata().tolist() for line in ax.lines] == [[1, 10], [3, 20], [0, 0], [0, 0]]
    assert [text.get_text() for text in ax.texts] == ["2", "15", "0", "0"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.1", "2"]
    assert {bar.get_hatch() for bar in ax.patches[2:]} == {"//"}
    with pytest.raises(ValueError, match="a row for each rate"):
        figures.dead_bars(ax, [0.1, 2.0], {"one": [1, 2]})


def test_images_are_centered_and_named() -> None:
    _, axes = plt.subplots(1, 2)
    figures.function_images(axes, {"flat": np.full((3, 4), 2.0), "rising": np.eye(2)})
    assert [ax.get_title() for ax in axes] == ["flat", "rising"]
    assert (axes[0].images[0].get_array() == 0).all()
    assert sorted(np.unique(axes[1].images[0].get_array())) == [-0.5, 0.5]
