"""What the neuron's boundary shows, without Jupyter: at the ends of every range, for every choice."""

from itertools import product

import numpy as np
import pytest

from nnlib.course.kit import plane
from nnlib.course.kit.scene import Arrow, Item, Line, picture, wire
from nnlib.course.lessons.lesson_01a_neuron.neuron_boundary import (
    ACTIVATIONS,
    TICKS,
    NeuronBoundary,
)

DATA = ("and", "or", "xor", "blobs")
ENDS = [(*w, b) for w in product((-3, 0, 3), repeat=2) for b in (-4, 0, 4)]


def items(model: NeuronBoundary, kind: type) -> list[Item]:
    return [item for item in model.scene().panels[0].items if isinstance(item, kind)]


def test_the_first_scene_does_not_solve_and() -> None:
    assert NeuronBoundary().words().startswith("z = 1 x₁ + 1 x₂ − 0.5. 2 of 4 points")
    assert not NeuronBoundary().reached()


def test_the_line_halfway_solves_and() -> None:
    assert NeuronBoundary(b=-1.5).words() == (
        "z = 1 x₁ + 1 x₂ − 1.5. 4 of 4 points on the right side (ŷ = 1 where z ≥ 0). "
        "The line z = 0 is |b| / ‖w‖ = 1.06 from the origin."
    )


@pytest.mark.parametrize("w1, w2, b", ENDS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_ends_of_every_range(w1: float, w2: float, b: float, activation: str) -> None:
    model = NeuronBoundary("xor", w1, w2, b, activation)
    heat = model.heat()
    assert heat.values.shape == (100, 100)
    assert np.isfinite(heat.values).all()
    x = plane.grid()[1234]
    assert heat.values.ravel()[1234] == ACTIVATIONS[activation][1](model.w @ x + b)
    visible = bool(model.w.any()) and plane.is_visible(model.w, b)
    assert len(items(model, Line)) == len(items(model, Arrow)) == visible
    assert "lies outside the picture" in model.words() or visible or not model.w.any()
    wire(model.scene())


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_choice_has_its_picture(data: str, activation: str) -> None:
    assert picture(NeuronBoundary(data, activation=activation).scene())


@pytest.mark.parametrize("activation", ["heaviside", "sigmoid", "tanh"])
def test_bounded_activations_stay_within_their_legend(activation: str) -> None:
    values = NeuronBoundary(w1=3, w2=3, b=4, activation=activation).heat().values
    (low, _), *_, (high, _) = TICKS[activation]
    assert low <= values.min() and values.max() <= high


@pytest.mark.parametrize("data", DATA)
def test_the_points_lie_within_the_window(data: str) -> None:
    X, y = plane.examples(data)
    assert plane.WINDOW[0] < X.min() and X.max() < plane.WINDOW[1]
    assert set(y) == {0, 1}


def test_the_line_is_where_z_is_0_and_w_stands_on_it() -> None:
    model = NeuronBoundary(w1=2, w2=-1, b=0.5)
    (line,), (arrow,) = items(model, Line), items(model, Arrow)
    assert np.allclose(line.xy @ model.w + model.b, 0)
    assert np.isclose(arrow.start @ model.w + model.b, 0)
    assert np.allclose(arrow.end - arrow.start, model.w / 2)


def test_a_point_on_the_line_belongs_to_class_1() -> None:
    on_the_line = NeuronBoundary("and", 0.3, 0.0, -0.3)  # 0.3 · 1 − 0.3
    assert on_the_line.wrong().tolist() == [[1, 0]]
    tenths = NeuronBoundary("or", 0.1, 0.2, -0.1)
    assert len(tenths.wrong()) == 0


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_which_points_are_wrong_does_not_depend_on_the_activation(activation: str) -> None:
    assert NeuronBoundary("xor", b=-1.5, activation=activation).wrong().tolist() == [
        [0, 1],
        [1, 0],
        [1, 1],
    ]


@pytest.mark.parametrize(("b", "z", "side"), [(-2, "−2", 0), (0, "0", 1), (1.5, "1.5", 1)])
def test_without_weights_there_is_no_line(b: float, z: str, side: int) -> None:
    words = NeuronBoundary(w1=0, w2=0, b=b).words()
    assert f"no line: z = {z} everywhere, and every point gets ŷ = {side}" in words


@pytest.mark.parametrize(
    "settings, sentence",
    [
        ({"data": "moons"}, "data must be one of and, or, xor, blobs; not 'moons'"),
        ({"activation": "gelu"}, "activation must be one of heaviside, sigmoid, tanh"),
        ({"w2": 5}, "w2 must be a number from −3 to 3, not 5"),
        ({"b": -4.1}, "b must be a number from −4 to 4, not -4.1"),
    ],
)
def test_wrong_settings_are_explained(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        NeuronBoundary(**settings)  # type: ignore[arg-type]


def test_the_goal_is_and_with_a_wide_gap() -> None:
    assert NeuronBoundary(b=-1.5).reached()
    assert NeuronBoundary(w1=2, w2=2, b=-3).reached()
    assert not NeuronBoundary(b=-1.3).reached(), "it separates, but too close to two points"
    assert not NeuronBoundary(data="or", b=-0.5).reached()
    assert not NeuronBoundary(w1=0, w2=0, b=-1).reached()
