"""The strips of a rectangle, the open and closed routes of a network."""

import numpy as np
import pytest

from nnlib.course import figures


def test_strips_have_the_sizes_that_they_are_labeled_with(ax):
    figures.grown_rectangle(ax, c=3, d=2, step=0.25)
    areas = [patch.get_width() * patch.get_height() for patch in ax.patches]
    np.testing.assert_allclose(areas, [6, 0.5, 0.75, 0.0625])
    assert sum(areas) == pytest.approx(3.25 * 2.25)
    texts = [text.get_text() for text in ax.texts]
    assert "$c$ grows: 2 × 0.25" in texts
    assert "$d$ grows: 3 × 0.25" in texts
    assert len({patch.get_hatch() for patch in ax.patches[:3]}) == 3


def test_a_closed_gate_is_dotted_and_the_poked_edge_dashed(ax):
    W = np.array([[1.0, -3.0], [-2.0, 0.0], [2.0, 1.0]])
    figures.poked_network(ax, [2, -1], W, [-2, 4, -1], poked=(1, 1), words="0 → 1?")
    styles = [line.get_linestyle() for line in ax.lines]
    assert styles == ["-", "-", "-", ":", "--", ":", "-", "-", "-"]
    texts = [text.get_text() for text in ax.texts]
    assert {"0 → 1?", "−3", r"$\hat y = -13$", "$h_2 = 0$", "$z = -4$: off"} <= set(texts)
