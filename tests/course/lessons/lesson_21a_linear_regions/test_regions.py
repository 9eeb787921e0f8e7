"""Regions of ReLU networks as polygons: counted again by patterns, by formula and by gradients."""

from math import comb

import numpy as np
import pytest

from nnlib.course.lessons.lesson_21a_linear_regions.folded_plane import folding_layers
from nnlib.course.lessons.lesson_21a_linear_regions.regions import Layers, count, regions, square


def drawn(widths: tuple[int, ...], seed: int) -> Layers:
    rng, layers, inputs = np.random.default_rng(seed), [], 2
    for width in widths:
        layers.append((rng.normal(size=(width, inputs)), rng.normal(size=width)))
        inputs = width
    return layers


def hidden(layers: Layers, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The last layer's h, and the pattern of all units."""
    H, on = X, []
    for W, b in layers:
        Z = H @ W.T + b
        on.append(Z > 0)
        H = np.maximum(Z, 0)
    return H, np.hstack(on)


def area(corners: np.ndarray) -> float:
    x, y = corners.T
    return abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2


@pytest.mark.parametrize("n", [1, 4, 8, 12])
def test_one_layer_has_the_number_of_the_formula(n: int) -> None:
    wide = square(-1e5, 1e5)
    for seed in range(20):
        assert count(drawn((n,), seed), wide) == 1 + n + comb(n, 2)


@pytest.mark.parametrize("widths", [(8,), (4, 4), (4, 4, 4)])
@pytest.mark.parametrize("seed", range(4))
def test_they_tile_the_window_and_the_network_is_linear_in_each(
    widths: tuple[int, ...], seed: int
) -> None:
    layers = drawn(widths, seed)
    found, _ = regions(layers, square(-3, 3))
    assert sum(area(region.corners) for region in found) == pytest.approx(36)
    patterns = set()
    for region in found:
        middle = region.corners.mean(axis=0)
        inside = 0.5 * middle + 0.5 * region.corners
        H, on = hidden(layers, inside)
        np.testing.assert_allclose(H, inside @ region.A.T + region.c, atol=1e-9)
        assert (on == on[0]).all()
        patterns.add(on[0].tobytes())
    assert len(patterns) == len(found)


@pytest.mark.parametrize("seed", range(3))
def test_no_pattern_on_a_grid_is_missing(seed: int) -> None:
    layers = drawn((4, 4), seed)
    along = np.linspace(-3, 3, 400)
    grid = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    seen = len(np.unique(hidden(layers, grid)[1], axis=0))
    assert 0.8 * count(layers, square(-3, 3)) <= seen <= count(layers, square(-3, 3))


def test_bends_lie_where_a_unit_is_at_zero() -> None:
    layers = drawn((4, 4), 0)
    _, bends = regions(layers, square(-3, 3))
    assert len(bends) == 2
    H = np.eye(2)
    for k, segments in enumerate(bends):
        ends = segments.reshape(-1, 2)
        H = ends
        for W, b in layers[:k]:
            H = np.maximum(H @ W.T + b, 0)
        Z = H @ layers[k][0].T + layers[k][1]
        assert np.abs(Z).min(axis=1).max() < 1e-9


@pytest.mark.parametrize(("hidden_layers", "number"), [(1, 11), (2, 44), (3, 176), (4, 704)])
def test_folding(hidden_layers: int, number: int) -> None:
    layers = folding_layers(hidden_layers)
    found, _ = regions(layers, square(0, 1))
    assert len(found) == number
    assert len({tuple(np.r_[r.A.ravel(), r.c].round(6) + 0.0) for r in found}) == number


@pytest.mark.parametrize(
    ("hidden_layers", "number", "maps"), [(1, 11, 11), (2, 59, 59), (3, 228, 201)]
)
def test_beyond_the_square(hidden_layers: int, number: int, maps: int) -> None:
    found, _ = regions(folding_layers(hidden_layers), square(-50, 50))
    different = {tuple(np.r_[r.A.ravel(), r.c].round(6) + 0.0) for r in found}
    assert (len(found), len(different)) == (number, maps)
