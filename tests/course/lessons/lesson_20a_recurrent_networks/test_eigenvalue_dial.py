"""What eigenvalue_dial shows, without Jupyter: at the ends of every range, and that it is true."""

from itertools import product

import numpy as np
import pytest

from nnlib.course.kit.scene import Label, Line, picture, wire
from nnlib.course.lessons.lesson_20a_recurrent_networks.eigenvalue_dial import (
    KINDS,
    STEPS,
    EigenvalueDial,
    directions,
    eigenvalue_dial,
    matrix,
)

ENDS = list(product((-1.2, 0.0, 1.2), (-1.2, 1.2), (0.0, 0.9), (0.0, 2.0), KINDS))


@pytest.mark.parametrize("settings", ENDS)
def test_the_ends_of_every_range(settings):
    model = EigenvalueDial(*settings)
    wire(model.scene())
    parts, length = model.scene().panels
    lines = [item for panel in (parts, length) for item in panel.items if isinstance(item, Line)]
    assert len(lines) == 4
    for line in lines:
        assert line.xy.shape == (STEPS // 2 + 1, 2)
        assert not (line.xy.astype(np.float32)[:, 1] <= 0).any()  # a logarithm, or a gap
    assert "nan" not in model.words() and "inf" not in model.words()


@pytest.mark.parametrize("shear", [0.0, 0.6, 2.0])
def test_the_shear_changes_no_eigenvalue(shear):
    found = np.sort(np.linalg.eigvals(matrix((0.5, -0.9, 1.1), shear)).real)
    np.testing.assert_allclose(found, [-0.9, 0.5, 1.1], atol=1e-12)


@pytest.mark.parametrize(
    ("eigenvalues", "lengths", "last_with_tanh"),
    [
        ((0.5, 0.9, 1.0), (1.732051, 1.059046, 1.000013, 1.0), 0.12489),
        ((0.9, 1.0, 1.1), (1.732051, 2.801620, 117.395112, 13780.612376), 0.657969),
        ((0.5, 1.0, 1.2), None, None),
    ],
)
def test_lengths_over_time(eigenvalues, lengths, last_with_tanh):
    found = EigenvalueDial(*eigenvalues).lengths
    powers = np.power.outer(eigenvalues, np.arange(STEPS + 1))
    np.testing.assert_allclose(found, np.linalg.norm(powers, axis=0), rtol=1e-9)
    if lengths:
        np.testing.assert_allclose(found[[0, 10, 50, 100]], lengths, rtol=1e-6)
        bent = EigenvalueDial(*eigenvalues, kind="tanh").states
        assert np.abs(bent[1:]).max() < 1
        assert np.isclose(np.linalg.norm(bent[-1]), last_with_tanh, rtol=1e-4)


def test_without_shear_each_part_meets_its_own_eigenvalue():
    parts = EigenvalueDial(0.9, 1.0, 1.1).states @ directions()
    np.testing.assert_allclose(parts[50], [0.9**50, 1.0, 1.1**50], rtol=1e-9)
    flipped = EigenvalueDial(-0.9, 1.0, -1.1).states @ directions()
    np.testing.assert_allclose(np.abs(flipped), np.abs(parts), rtol=1e-5)


def test_the_goal_needs_the_shear_and_small_eigenvalues():
    assert not EigenvalueDial().reached()
    assert EigenvalueDial(0.9, 0.9, 0.9, shear=1.0).reached()
    assert EigenvalueDial(0.9, -0.9, 0.9, shear=2.0, kind="tanh").reached() is False
    assert not EigenvalueDial(0.9, 0.9, 1.1, shear=1.0).reached()
    assert not any(
        EigenvalueDial(first, second, 0.9).reached()
        for first, second in product((-0.9, 0.0, 0.9), repeat=2)
    )


def test_words_tell_the_hump():
    words = EigenvalueDial(0.9, 0.9, 0.9, shear=1.0).words()
    assert "On its way it is 32, at step 18." in words
    assert "On its way" not in EigenvalueDial().words()


def test_what_leaves_the_panel_is_said():
    def labels(model):
        return [item.text for item in model.scene().panels[1].items if isinstance(item, Label)]

    assert labels(EigenvalueDial(third=1.2)) == ["↑ off the panel"]
    assert labels(EigenvalueDial(0.1, 0.1, 0.1)) == ["↓ off the panel"]
    assert labels(EigenvalueDial(third=1.0)) == []


def test_the_widget_gives_its_settings_back():
    shown = eigenvalue_dial(first=1.0, shear=0.4, kind="tanh")
    assert repr(eigenvalue_dial(**shown.settings)) == repr(shown)
    assert picture(shown.model.scene())


@pytest.mark.parametrize("wrong", [{"first": 1.3}, {"shear": -0.2}, {"kind": "relu"}])
def test_what_the_controls_cannot_show_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        eigenvalue_dial(**wrong)
