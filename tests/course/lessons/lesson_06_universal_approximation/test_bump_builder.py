"""What the builder of bumps shows, without Jupyter: every way of building, at the ends of all ranges."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_06_universal_approximation.bump_builder import (
    BUILT,
    ENOUGH,
    GRID,
    HEIGHTS,
    PIECES,
    TARGETS,
    BumpBuilder,
    bump_builder,
    piece,
    target,
    unit,
)

MIDDLES = (np.arange(PIECES) + 0.5) / PIECES


def built(name: str, steepness: float) -> BumpBuilder:
    """Eight bumps as high as the target in the middle of each."""
    heights = tuple(target(name, MIDDLES).tolist())
    return BumpBuilder("bumps", name, steepness, heights=heights)


def lines(model: BumpBuilder, panel: int, color: str) -> list[Line]:
    items = model.scene().panels[panel].items
    return [item for item in items if isinstance(item, Line) and item.color == color]


@pytest.mark.parametrize("how", BUILT)
@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("steepness", [5.0, 500.0])
@pytest.mark.parametrize(("place", "level"), [(0.0, -1.5), (0.5, 0.0), (1.0, 1.5)])
def test_every_end_can_be_shown(
    how: str, name: str, steepness: float, place: float, level: float
) -> None:
    model = BumpBuilder(how, name, steepness).changed(place=place, level=level)
    assert np.isfinite(model.output()).all()
    wire(model.scene())
    assert model.scene().words == model.words()
    [handle] = [i for i in model.scene().panels[0].items if isinstance(i, Points)]
    assert handle.xy[0, 1] == level
    assert 0 <= handle.xy[0, 0] <= 1


def test_a_unit_is_the_sigmoid_that_the_lesson_writes() -> None:
    w, s = 40.0, 0.3
    np.testing.assert_allclose(unit(GRID, w, s), 1 / (1 + np.exp(-(w * GRID - w * s))))


def test_a_step_is_halfway_at_minus_b_over_w() -> None:
    model = BumpBuilder(steepness=20.0, place=0.25, level=1.2)
    assert model.output(np.array([0.25]))[0] == pytest.approx(0.6)
    assert "w = 20, b = −5" in model.words() and "x = −b/w = 0.25" in model.words()


def test_a_steep_bump_is_flat_on_its_piece_and_nothing_beside_it() -> None:
    model = BumpBuilder("bump", steepness=500.0, place=0.5, level=0.8)
    inside, outside = np.abs(GRID - 0.5) < 0.05, np.abs(GRID - 0.5) > 0.08
    assert np.abs(model.output()[inside] - 0.8).max() < 0.01
    assert np.abs(model.output()[outside]).max() < 0.01


def test_eight_bumps_have_sixteen_units_and_their_own_heights() -> None:
    model = built("wave", 500.0)
    assert len(model.units) == 16
    np.testing.assert_allclose(model.output(MIDDLES), target("wave", MIDDLES), atol=1e-9)


def test_a_drag_sets_the_height_of_the_bump_that_is_there() -> None:
    model = BumpBuilder("bumps").changed(place=0.3, level=0.7)
    assert model.heights == (0, 0, 0.7, 0, 0, 0, 0, 0)
    again = model.changed(place=0.9).changed(level=-0.5)  # one after the other, as the mouse does
    assert again.heights == (0, 0, 0.7, 0, 0, 0, 0, -0.5)


def test_going_to_another_bump_changes_no_height_and_shows_its_own() -> None:
    model = BumpBuilder("bumps").changed(place=0.3, level=0.7)
    away = model.changed(place=0.6)
    assert away.heights == model.heights and away.level == 0
    assert away.changed(place=0.3).level == 0.7
    assert model.changed(built="step").changed(built="bumps").level == 0.7


def test_places_have_their_pieces() -> None:
    assert [piece(place) for place in (0, 0.124, 0.125, 0.5, 0.999, 1)] == [0, 0, 1, 4, 7, 7]


def test_the_goal_wants_softer_steps() -> None:
    assert not BumpBuilder().reached() and not BumpBuilder("bumps").reached()
    assert built("wave", 50.0).reached()
    assert not built("wave", 500.0).reached()
    assert not built("roof", 50.0).reached()
    rounded = [round(20 * height) / 20 for height in target("wave", MIDDLES)]
    model = BumpBuilder("bumps", steepness=50.0)
    for middle, height in zip(MIDDLES, rounded, strict=True):
        model = model.changed(place=round(float(middle), 3), level=height)
    assert model.reached(), "with the numbers of the sliders"


def test_flat_bumps_cannot_reach_the_goal() -> None:
    """A flat piece of the wave leaves at least half of what the wave climbs there."""
    pieces = target("wave", np.linspace(0, 1, PIECES * 50 + 1))
    climbs = [np.ptp(pieces[50 * i : 50 * i + 51]) for i in range(PIECES)]
    assert max(climbs) / 2 > ENOUGH


def test_the_largest_gap_is_drawn_as_long_as_it_is() -> None:
    model = built("hills", 100.0)
    [gap] = lines(model, 0, "vermillion")
    assert abs(gap.xy[0, 1] - gap.xy[1, 1]) == pytest.approx(model.gap)
    assert not lines(BumpBuilder(), 0, "vermillion"), "one unit has no target"


def test_the_units_add_up_to_the_network() -> None:
    model = built("wave", 30.0)
    parts = [i.xy[:, 1] for i in model.scene().panels[1].items if isinstance(i, Line)]
    np.testing.assert_allclose(sum(parts), lines(model, 0, "blue")[0].xy[:, 1], atol=1e-12)
    assert np.abs(parts).max() < HEIGHTS[1]


@pytest.mark.parametrize("number", range(len(BumpBuilder.tour)))
def test_every_stop_of_the_tour_shows_what_it_says(number: int) -> None:
    model = BumpBuilder.on_tour(BumpBuilder.tour[number])
    assert picture(model.scene())
    assert not model.reached()


def test_the_widget_gives_its_settings_back() -> None:
    shown = bump_builder(built="bumps", heights=[0.1] * 8, place=0.5)
    assert shown.settings["heights"] == (0.1,) * 8
    assert repr(bump_builder(**shown.settings)) == repr(shown)
    with pytest.raises(ValueError, match="heights"):
        bump_builder(heights=(1.0, 2.0))


def test_the_level_is_that_of_the_chosen_bump_from_the_start() -> None:
    heights = (0.4, 0.9, 0.9, 0.4, -0.4, -0.9, 0.25, 0.0)
    assert BumpBuilder("bumps", place=0.8, level=0.7, heights=heights).level == 0.25
    assert BumpBuilder("bump", place=0.8, level=0.7, heights=heights).level == 0.7
