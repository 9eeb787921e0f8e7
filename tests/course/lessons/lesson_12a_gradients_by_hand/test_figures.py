"""The gradient at the logits."""

import numpy as np
import pytest

from nnlib.course import figures


def test_the_gradient_at_the_logits_is_p_minus_e(ax):
    p = np.array([0.2, 0.7, 0.1])
    said, label, gradient = figures.logit_gradient(ax, p, y=1).containers
    assert [bar.get_height() for bar in said] == p.tolist()
    assert [bar.get_height() for bar in label] == [0, 1, 0]
    np.testing.assert_allclose([bar.get_height() for bar in gradient], [0.2, -0.3, 0.1])


def test_a_label_outside_the_classes_is_refused(ax):
    with pytest.raises(ValueError, match="y from 0 to K − 1"):
        figures.logit_gradient(ax, [0.5, 0.5], y=2)
