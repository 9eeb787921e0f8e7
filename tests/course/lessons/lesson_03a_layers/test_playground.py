"""What the playground shows, without Jupyter: at the ends of every range, for every choice."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from nnlib.course.kit.scene import Heat, Line, wire
from nnlib.course.lessons.lesson_03a_layers.playground import (
    ACTIVATIONS,
    BROAD,
    FINE,
    KINDS,
    LAST,
    STRIDE,
    WINDOW,
    Playground,
    Run,
    boundary,
    examples,
    pixels,
)

DATA = list(KINDS)


@pytest.mark.parametrize("depth, width", list(product((0, 1, 3), (1, 8))))
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_ends_of_every_range(depth: int, width: int, activation: str) -> None:
    model = Playground("xor", depth=depth, width=width, activation=activation, step=STRIDE)
    plane, network, *curves = model.scene().panels
    heats = [item for item in network.items if isinstance(item, Heat)]
    assert len(heats) == 2 + depth * width + 1
    assert all(np.isfinite(heat.values).all() for heat in heats)
    assert all(np.isfinite(item.xy).all() for panel in curves for item in panel.items)
    for heat in heats:
        x0, x1, y0, y1 = heat.extent
        assert 0 <= x0 < x1 <= BROAD and 0 <= y0 < y1 <= 9.3
    assert plane.ylim == WINDOW
    assert np.ptp(plane.ylim) / np.ptp(plane.xlim) == plane.height, "one scale for both"
    wire(model.scene())


@pytest.mark.parametrize("rate", [0.001, 1.0])
@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize("data", DATA)
def test_every_kind_of_points_learns_at_every_rate(data: str, noise: float, rate: float) -> None:
    model = Playground(data, noise, depth=2, rate=rate, step=50)
    assert np.isfinite(model.upto_now(model.run.losses)).all()
    assert f"on {len(examples(data, noise, 1)[0])} others" in model.words()


@pytest.mark.parametrize("data", DATA)
def test_the_points_lie_within_the_window(data: str) -> None:
    X, y = examples(data, 0.1, 1)
    assert np.abs(X).max() < WINDOW[1]
    assert np.bincount(y).tolist() == [len(y) // 2] * 2
    assert not np.array_equal(X, examples(data, 0.1, 2)[0])


def test_a_state_does_not_depend_on_the_way_to_it() -> None:
    settings = ("moons", 0.1, (2, 4, 1), "relu", 0.03, 3)
    stepwise, at_once = Run(*settings), Run(*settings)
    stepwise.layers(120, pixels())
    stepwise.layers(40, pixels())  # a look back must not disturb what follows
    stepwise.layers(200, pixels())
    at_once.upto(200)
    assert stepwise.losses == at_once.losses
    before = at_once.layers(40, pixels())[-1]
    assert np.array_equal(before, stepwise.layers(40, pixels())[-1])


def test_the_map_is_that_of_the_network() -> None:
    model = Playground("circles", depth=1, width=3, step=30)
    layers = model.run.layers(30, pixels())
    state = model.run.weights[3]
    h = np.tanh(pixels().data @ state["0.weight"].T + state["0.bias"])
    assert np.allclose(layers[0], h)
    assert np.allclose(layers[1], h @ state["2.weight"].T + state["2.bias"])


def test_without_an_activation_the_boundary_is_one_line() -> None:
    model = Playground("spirals", depth=3, width=8, activation="identity", step=300)
    z = model.run.layers(300, pixels())[-1].reshape(FINE, FINE)
    assert np.allclose(np.diff(z, 2, axis=0), 0) and np.allclose(np.diff(z, 2, axis=1), 0)
    assert "177 parameters" in model.words()


@pytest.mark.parametrize("seed", range(4))
def test_three_units_fence_the_rings_in_and_two_do_not(seed: int) -> None:
    def share(width: int) -> float:
        model = Playground("circles", width=width, step=300, seed=seed)
        return model.upto_now(model.run.right)[-1, 0]

    assert share(2) < 0.9
    assert share(3) > 0.97


@pytest.mark.parametrize("seed", range(4))
def test_on_the_spirals_a_second_layer_helps(seed: int) -> None:
    def share(depth: int) -> float:
        model = Playground("spirals", depth=depth, width=8, step=300, seed=seed)
        return model.upto_now(model.run.right)[-1, 0]

    assert share(1) < 0.975 < share(2)


def test_two_narrow_layers_can_do_the_spirals_but_training_does_not_always_find_how() -> None:
    def right(depth: int, width: int, seed: int) -> float:
        model = Playground("spirals", depth=depth, width=width, step=300, seed=seed)
        return float(model.upto_now(model.run.right)[-1][0])

    assert right(2, 4, seed=0) < right(1, 4, seed=0) < 0.85
    assert right(1, 8, seed=0) > 0.9
    assert right(2, 4, seed=1) > 0.95


def test_the_boundary_is_where_z_is_0() -> None:
    z = (pixels().data @ [1.0, 2.0] - 0.5).reshape(FINE, FINE)
    (line,) = boundary(z)
    assert isinstance(line, Line)
    points = line.xy[np.isfinite(line.xy).all(axis=1)]
    assert np.allclose(points @ [1.0, 2.0], 0.5)
    assert boundary(z + 100) == ()


def test_wires_are_the_large_weights() -> None:
    model = Playground("circles", depth=1, width=4, step=100)
    network = model.scene().panels[1]
    lines = [item for item in network.items if isinstance(item, Line) and item.label]
    state = model.run.weights[10]
    matrices = [state["0.weight"], state["2.weight"]]
    for line, sign in zip(lines, (1, -1), strict=True):
        large = sum(np.sum(sign * W >= 0.4 * np.abs(W).max()) for W in matrices)
        assert len(line.xy) == 3 * large


def test_buttons() -> None:
    model = Playground(step=LAST - STRIDE)
    done = model.after("train")
    assert done.step == LAST and done.idle() == ("train",)
    assert done.after("train") == done
    assert model.after("anew") == replace(model, step=0)
    assert "anew" in replace(model, step=0).idle()
    assert model.after("weights").seed == model.seed + 1
    with pytest.raises(ValueError, match="has no button 'jump'"):
        model.after("jump")


def test_other_weights_are_other_weights() -> None:
    first, second = Playground().run.weights[0], Playground(seed=1).run.weights[0]
    assert not np.array_equal(first["0.weight"], second["0.weight"])


@pytest.mark.parametrize(
    "settings, sentence",
    [
        ({"data": "faces"}, "data must be one of circles, xor, moons, spirals, blobs; not 'faces'"),
        ({"width": 9}, "width must be a number from 1 to 8, not 9"),
        ({"step": 15}, "step must be a multiple of 10, not 15"),
        ({"seed": -1}, "seed must be a whole number from 0, not -1"),
        ({"rate": 0.0}, "rate must be a number from 0.001 to 1, not 0.0"),
    ],
)
def test_wrong_settings_are_explained(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Playground(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "settings",
    [{"depth": 2, "width": 4, "seed": 1, "step": 300}, {"depth": 1, "width": 8, "step": 300}],
)
def test_the_goal_is_reached_with_eight_units(settings: dict[str, int]) -> None:
    assert Playground("spirals", **settings).reached()


def test_the_goal_is_not_reached_at_the_start_or_with_more_units_or_easier_points() -> None:
    assert not Playground().reached()
    assert not Playground("circles", width=1).reached()
    assert not Playground("spirals", depth=3, width=8, step=300).reached()
    assert not Playground("circles", width=3, step=300).reached()
