"""What the figures of lesson 18 show."""

import matplotlib.pyplot as plt
import numpy as np

from nnlib.course.lessons.lesson_18_representations import figures


def test_shares_are_counted_along_rows_and_along_columns():
    on = np.zeros((40, 10), dtype=bool)
    on[:, 0] = True  # one unit for every image: a tenth of the units
    _, axes = plt.subplots(1, 2)
    assert figures.active_shares(axes, {"one": on}) is axes
    of_images, of_units = (ax.lines[0] for ax in axes)
    x, heights = of_images.get_data()
    assert heights.sum() == 1 and abs(x[heights.argmax()] - 0.1) < 0.05
    x, heights = of_units.get_data()
    assert heights[0] == 0.9 and heights[-1] == 0.1
    assert axes[0].get_legend_handles_labels()[1] == ["one"]
    plt.close()


def test_groups_of_nine_stand_side_by_side():
    images = np.random.default_rng(0).random((9, 64))
    _, axes = plt.subplots(1, 2)
    figures.beside(axes, {"left": images, "right": -images})
    assert [ax.get_title() for ax in axes] == ["left", "right"]
    drawn = np.asarray(axes[0].images[0].get_array())
    assert np.array_equal(drawn[1:9, 1:9], images[0].reshape(8, 8))
    plt.close()
