"""The region painter's model, without Jupyter."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Heat, Line, picture, wire
from nnlib.course.lessons.lesson_21a_linear_regions.region_painter import (
    LAST,
    NETWORKS,
    SEEDS,
    STRIDE,
    WINDOWS,
    RegionPainter,
    region_painter,
    rings,
    units_on,
)
from nnlib.course.lessons.lesson_21a_linear_regions.regions import count, square


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("window", WINDOWS)
def test_every_end_can_be_shown(network: str, window: str) -> None:
    for seed in (0, SEEDS):
        for step in (0, LAST):
            model = RegionPainter(network, seed, window, step)
            scene = model.scene()
            wire(scene)
            assert f"{model.found[0]} regions" in scene.words
            assert scene.panels[0].title == f"{model.found[0]} regions"
    assert picture(scene)


def test_it_counts_the_network_that_it_trains() -> None:
    model = RegionPainter("4-4", 3, "10", 2 * STRIDE)
    assert model.found[0] == count(model.layers, square(-10, 10))
    assert [W.shape for W, _ in model.layers] == [(4, 2), (4, 4)]


def test_the_same_units_are_on_within_a_region() -> None:
    model = RegionPainter("4-4-4", 1)
    shades = model.scene().panels[0].items[0]
    assert isinstance(shades, Heat)
    assert shades.values.min() >= 0 and shades.values.max() <= 12
    points = np.array([[0.0, 0.0], [1e-9, 0.0]])
    on = units_on(model.layers, points)
    assert on[0] == on[1]


def test_layers_differ_in_more_than_color() -> None:
    items = RegionPainter("4-4-4", 0, "10").scene().panels[0].items
    lines = [item for item in items if isinstance(item, Line)]
    assert len({line.style for line in lines}) == len(lines) == 3
    assert len({line.color for line in lines}) == 3


def test_hinges_move_and_it_learns() -> None:
    start, end = RegionPainter("4-4-4", 1), RegionPainter("4-4-4", 1, step=LAST)
    assert any(
        np.abs(W - V).max() > 0.1 for (W, _), (V, _) in zip(start.layers, end.layers, strict=True)
    )
    assert start.right < 0.8 and end.right > 0.95


def test_the_goal_takes_training_and_few_regions() -> None:
    assert not RegionPainter().reached()
    assert RegionPainter("4-4", 2, step=LAST).reached()
    assert not RegionPainter("4-4", 2, "10", LAST).reached(), "the window is ±3"
    assert not any(RegionPainter("12", seed, step=LAST).reached() for seed in range(SEEDS + 1))


def test_it_shows_what_the_prediction_tells() -> None:
    flat = [RegionPainter("12", seed, "100").found[0] for seed in range(SEEDS + 1)]
    deep = [RegionPainter("4-4-4", seed, "100").found[0] for seed in range(SEEDS + 1)]
    assert set(flat) == {79} and (min(deep), max(deep)) == (41, 74)


def test_the_second_layer_bends_around_the_inner_ring() -> None:
    """As the lesson says of this network and seed."""
    model = RegionPainter("4-4", 3, step=LAST)
    (X, y), (start, end) = rings(), np.moveaxis(model.found[1][1], 1, 0)
    along = np.linspace(0, 1, 50)[:, None, None]
    nearest = np.linalg.norm(start + along * (end - start), axis=-1).min()
    assert model.right == 1
    assert nearest > np.linalg.norm(X[y == 1], axis=1).max()


def test_the_widget_gives_its_settings_back() -> None:
    widget = region_painter(network="4-4", seed=2, step=60)
    assert repr(region_painter(**widget.settings)) == repr(widget)


@pytest.mark.parametrize(
    "wrong", [{"network": "5"}, {"seed": 4}, {"window": "1"}, {"step": 20}, {"step": 270}]
)
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        region_painter(**wrong)
