"""The folded plane's model, without Jupyter."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, picture, wire
from nnlib.course.lessons.lesson_21a_linear_regions.folded_plane import (
    MOST,
    READ,
    FoldedPlane,
    fold,
    folded_plane,
)


@pytest.mark.parametrize("crease", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("height", [0.4, 1.0])
def test_two_units_make_a_tent(crease: float, height: float) -> None:
    W, b = fold(crease, height)
    u = np.array([0, crease / 2, crease, (1 + crease) / 2, 1])
    H = np.maximum(np.column_stack([u, u]) @ W.T + b, 0)
    expected = height * np.array([0, 0.5, 1, 0.5, 0])
    np.testing.assert_allclose(H @ READ.T, np.column_stack([expected, expected]), atol=1e-12)


@pytest.mark.parametrize("hidden", range(1, MOST + 1))
@pytest.mark.parametrize("crease", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("height", [0.4, 0.7, 1.0])
def test_every_end_can_be_shown(hidden: int, crease: float, height: float) -> None:
    model = FoldedPlane(hidden, crease, height)
    wire(model.scene())
    assert f"{model.count} regions" in model.words()


def test_a_whole_fold_multiplies_by_four_wherever_its_crease_is() -> None:
    for crease in (0.3, 0.4, 0.5, 0.6, 0.7):
        counts = [FoldedPlane(hidden, crease, 1.0).count for hidden in (1, 2, 3)]
        assert counts == [11, 44, 176]


def letters(model: FoldedPlane) -> int:
    line = model.scene().panels[0].items[-1]
    assert isinstance(line, Line)
    return int(np.isnan(line.xy[:, 0]).sum())


def test_the_letter_is_there_as_often_as_the_plane_is_folded() -> None:
    assert [letters(FoldedPlane(hidden, 0.4, 1.0)) for hidden in (1, 2, 3)] == [1, 4, 16]
    assert letters(FoldedPlane(3, 0.5, 0.4)) < 16


def test_the_goal_takes_three_layers_and_enough_height() -> None:
    assert not FoldedPlane().reached()
    assert not FoldedPlane(2, 0.5, 1.0).reached() and not FoldedPlane(3).reached()
    assert FoldedPlane(3, 0.5, 1.0).reached()


def test_the_paper_reaches_up_to_the_fold() -> None:
    assert FoldedPlane(1).reach == 1
    assert FoldedPlane(2, 0.5, 0.6).reach == pytest.approx(0.6)
    assert FoldedPlane(3, 0.5, 0.4).reach == pytest.approx(0.32)
    assert "10 of the 11 regions" in FoldedPlane().words()


def test_the_tour_finds_what_it_lights() -> None:
    for stop in FoldedPlane.tour:
        assert picture(FoldedPlane.on_tour(stop).scene())


def test_the_widget_gives_its_settings_back() -> None:
    widget = folded_plane(hidden=3, crease=0.4, height=0.8)
    assert repr(folded_plane(**widget.settings)) == repr(widget)


@pytest.mark.parametrize("wrong", [{"hidden": 4}, {"crease": 0.2}, {"height": 1.1}])
def test_what_the_sliders_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        folded_plane(**wrong)
