"""What the shape counter shows, without Jupyter: shapes, counts, and what cannot be typed."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Label, Line, picture, wire
from nnlib.course.lessons.lesson_03a_layers.shape_counter import (
    CONVENTIONS,
    ShapeCounter,
    megabytes,
)

NAMES = list(CONVENTIONS)


def labels(model: ShapeCounter, panel: int) -> list[str]:
    items = model.scene().panels[panel].items
    return [item.text for item in items if isinstance(item, Label)]


def test_the_numbers_of_the_lesson() -> None:
    assert ShapeCounter().counts == [785_000, 10_010]
    assert ShapeCounter("20 30").counts == [630]
    assert ShapeCounter("1000000, 1000").counts == [1_000_001_000]
    assert sum(ShapeCounter("784, 2000, 10").counts) == 1_590_010
    assert sum(ShapeCounter("784, 1000, 1000, 10").counts) == 1_796_010
    assert ShapeCounter().words() == (
        "784–1000–10: 785,000 + 10,010 = 795,010 parameters, whatever N is: "
        "3.18 MB in 32-bit numbers. Layer 1: X (32, 784) times W⁽¹⁾ᵀ (784, 1000) gives "
        "(32, 1000); φ gives the next H."
    )


@pytest.mark.parametrize("convention", NAMES)
@pytest.mark.parametrize("n", [1, 256])
@pytest.mark.parametrize("layer", [1, 2, 3])
def test_the_product_fits_and_gives_what_numpy_gives(convention: str, n: int, layer: int) -> None:
    model = ShapeCounter("4, 3, 5, 2", n, layer, convention)
    (_, left), (_, right), (_, bias), (_, result) = model.product()
    assert (np.ones(left) @ np.ones(right) + np.ones(bias)).shape == result
    n_in, n_out = model.numbers[layer - 1 : layer + 1]
    weights = left if convention == "columns" else right
    assert np.prod(weights) + np.prod(bias) == model.counts[layer - 1] == n_out * (n_in + 1)
    assert result == ((n_out, n) if convention == "columns" else (n, n_out))


@pytest.mark.parametrize(
    "convention, formula",
    [
        ("torch", "Z⁽²⁾ = H⁽¹⁾ W⁽²⁾ᵀ + b⁽²⁾"),
        ("keras", "Z⁽²⁾ = H⁽¹⁾ K⁽²⁾ + b⁽²⁾"),
        ("columns", "Z⁽²⁾ = W⁽²⁾ H⁽¹⁾ + b⁽²⁾"),
    ],
)
def test_the_formula_of_each_convention(convention: str, formula: str) -> None:
    model = ShapeCounter(layer=2, convention=convention)
    assert model.scene().panels[1].title == f"Layer 2: {formula}"


def test_the_table_lists_what_is_stored() -> None:
    ours, keras = (labels(ShapeCounter(convention=c), 0) for c in ("torch", "keras"))
    assert "W⁽¹⁾ (1000, 784)" in ours and "K⁽¹⁾ (784, 1000)" in keras
    assert {"785,000", "10,010", "795,010"} <= set(ours) & set(keras)
    assert "b⁽²⁾ (10, 1)" in labels(ShapeCounter(convention="columns"), 0)


@pytest.mark.parametrize("convention", NAMES)
@pytest.mark.parametrize("sizes", ["1 1", "10000000 1 10000000", "784, 1000, 10", "2 3 4 5 6 7 8"])
@pytest.mark.parametrize("n", [1, 256])
def test_everything_lies_in_one_window(convention: str, sizes: str, n: int) -> None:
    panel = ShapeCounter(sizes, n, 1, convention).scene().panels[1]
    assert np.ptp(panel.ylim) / np.ptp(panel.xlim) == pytest.approx(panel.height)
    for line in panel.items:
        if isinstance(line, Line):
            low, high = line.xy.min(axis=0), line.xy.max(axis=0)
            assert panel.xlim[0] < low[0] and high[0] < panel.xlim[1]
            assert panel.ylim[0] < low[1] and high[1] < panel.ylim[1]


def test_sides_that_touch_are_equal() -> None:
    boxes = [i.xy for i in ShapeCounter().scene().panels[1].items if isinstance(i, Line)]
    left, right, result, _ = ([np.ptp(xy[:, 0]), np.ptp(xy[:, 1])] for xy in boxes)
    assert left[0] == pytest.approx(right[1])  # inner sizes
    assert left[1] == pytest.approx(result[1]) and right[0] == pytest.approx(result[0])


def test_buttons_walk_through_the_layers() -> None:
    model = ShapeCounter("5 4 3 2")
    assert model.idle() == ("first",)
    last = model.after("next").after("next").after("next")
    assert last.layer == 3 and last.idle() == ("next",)
    assert "these are the scores" in last.words()
    assert last.after("first") == model


def test_a_shorter_network_ends_at_its_own_last_layer() -> None:
    model = ShapeCounter("5 4 3 2", layer=3)
    assert model.changed(sizes="5 2").layer == 1
    assert model.changed(sizes="5 4 4 4 2").layer == 3


@pytest.mark.parametrize(
    "sizes, sentence",
    [
        ("784, ten", "whole numbers from 1 to 10,000,000, such as 784, 1000, 10; not '784, ten'"),
        ("784, 0, 10", "whole numbers from 1 to 10,000,000"),
        ("3 10000001", "whole numbers from 1 to 10,000,000"),
        ("-3 4", "whole numbers from 1 to 10,000,000"),
        ("784", "2 to 7 numbers, the inputs first, the outputs last; not 1"),
        ("1 2 3 4 5 6 7 8", "2 to 7 numbers"),
        ("", "2 to 7 numbers"),
    ],
)
def test_what_cannot_be_typed_is_explained(sizes: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        ShapeCounter(sizes)
    with pytest.raises(ValueError, match=sentence):
        ShapeCounter().changed(sizes=sizes)


@pytest.mark.parametrize("settings", [{"layer": 3}, {"n": 0}, {"convention": "rows"}])
def test_wrong_settings_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        ShapeCounter(**settings)  # type: ignore[arg-type]


def test_megabytes_at_the_ends() -> None:
    assert megabytes(2) == "8 bytes"
    assert megabytes(250) == "1 kB"
    assert megabytes(6 * 10_000_000 * 10_000_001) == "2.4 PB"


def test_it_has_a_picture() -> None:
    assert picture(ShapeCounter().scene())
    wire(ShapeCounter().scene())


def test_the_goal() -> None:
    assert not ShapeCounter().reached()
    assert ShapeCounter("784, 120, 45, 10").reached()
    assert not ShapeCounter("784, 126, 10").reached(), "one hidden layer"
    assert not ShapeCounter("784, 1000, 1000, 10").reached(), "too many"
