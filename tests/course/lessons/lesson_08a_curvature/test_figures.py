"""The arrows end where the formulas do."""

import numpy as np

from nnlib.course import figures


def test_newtons_arrow_ends_at_the_minimum_and_the_other_follows_the_gradient(ax) -> None:
    H, start = np.array([[5.0, 2.0], [2.0, 2.0]]), np.array([1.7, -0.9])
    figures.two_arrows(ax, H, [start])
    downhill, newton = (np.array(arrow.xy) for arrow in ax.texts)
    np.testing.assert_allclose(newton, 0, atol=1e-12)
    step = downhill - start
    assert np.isclose(np.hypot(*step), 0.5)
    np.testing.assert_allclose(step / 0.5, -(H @ start) / np.linalg.norm(H @ start))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "downhill, −g",
        "Newton, −H⁻¹g",
    ]
