"""A band around a curve."""

import numpy as np

from nnlib.course import figures


def test_bands_are_one_and_two_s_wide(ax) -> None:
    along, mean, s = np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([0.5, 0.1])
    assert figures.spread(ax, [0.3], [1.2], along, mean, s) is ax
    for band, times in zip(ax.collections, (2, 1), strict=True):
        corners = band.get_paths()[0].vertices
        at_left, at_right = (corners[corners[:, 0] == x, 1] for x in along)
        np.testing.assert_allclose([at_left.min(), at_left.max()], [1 - times / 2, 1 + times / 2])
        np.testing.assert_allclose(
            [at_right.min(), at_right.max()], [2 - times / 10, 2 + times / 10]
        )
    data, curve = ax.lines
    assert data.get_xydata().tolist() == [[0.3, 1.2]]
    assert curve.get_xydata().tolist() == [[0, 1], [1, 2]]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["± 2 s", "± 1 s", "data", "ŷ"]
