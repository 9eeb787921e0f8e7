"""The race, without Jupyter: the paths are the optimizers', and the words are true."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_10a_momentum.optimizer_race import (
    LOWEST,
    NAMES,
    STARTS,
    STEPS,
    STYLES,
    WINDOW,
    OptimizerRace,
    optimizer_race,
)
from nnlib.course.surfaces import SURFACES

SETTINGS = ("five", "ravine", -1.2, 0.9, 0.01, 0.9, 0.05)


def test_every_surface_has_a_name_and_a_start() -> None:
    assert list(NAMES) == list(SURFACES) == list(STARTS)


@pytest.mark.parametrize("surface", NAMES)
def test_gradients_are_the_slopes_of_the_surface(surface: str) -> None:
    h, f = 1e-6, SURFACES[surface].f
    for w in np.random.default_rng(0).uniform(-1.5, 1.5, (20, 2)):
        slopes = [(f(w + d) - f(w - d)) / (2 * h) for d in h * np.eye(2)]
        np.testing.assert_allclose(SURFACES[surface].gradient(w), slopes, atol=1e-6)


@pytest.mark.parametrize("surface", NAMES)
def test_nothing_is_lower_than_the_lowest(surface: str) -> None:
    along = np.linspace(*WINDOW, 161)
    f = SURFACES[surface].f(np.stack(np.meshgrid(along, along), axis=-1))
    assert f.min() == pytest.approx(LOWEST.get(surface, 0.0), abs=1e-3)
    assert f.min() >= LOWEST.get(surface, 0.0)


def test_the_paths_follow_their_formulas() -> None:
    gradient = SURFACES["ravine"].gradient
    paths = OptimizerRace(*SETTINGS).paths
    w, v = np.array([-1.2, 0.9]), np.zeros(2)
    for t in range(20):
        np.testing.assert_allclose(paths["momentum"][t], w, atol=1e-12)
        v = 0.9 * v + 0.01 * gradient(w)
        w = w - v
    np.testing.assert_allclose(paths["SGD"][1], [-1.188, 0.0], atol=1e-12)
    np.testing.assert_allclose(np.abs(paths["Adam"][1] - paths["Adam"][0]), 0.05, atol=1e-6)


def test_without_momentum_three_are_one() -> None:
    paths = OptimizerRace(momentum=0.0).paths
    np.testing.assert_array_equal(paths["momentum"], paths["SGD"])
    np.testing.assert_array_equal(paths["Nesterov"], paths["SGD"])


def heights(model: OptimizerRace, step: int) -> dict[str, float]:
    return {name: float(model.heights(path[step])) for name, path in model.paths.items()}


def test_what_the_lesson_says_of_the_ravine_and_the_plateau() -> None:
    ravine = OptimizerRace()
    assert heights(ravine, 10)["momentum"] > 2 * heights(ravine, 10)["SGD"]
    assert heights(ravine, 60)["momentum"] < 0.5 * heights(ravine, 60)["SGD"]
    assert heights(OptimizerRace(momentum=0.99), 60)["momentum"] > 1
    plateau = heights(OptimizerRace("five").changed(surface="plateau"), 100)
    assert plateau.pop("SGD") > 0.99
    assert max(plateau.values()) < 0.05


def test_what_the_lesson_says_of_the_turned_ravine() -> None:
    turned = np.array([[1, -1], [1, 1]]) / np.sqrt(2)
    start = turned @ STARTS["ravine"]
    straight, slanted = OptimizerRace("five"), OptimizerRace("five", "slanted", *start)
    for name in ("SGD", "momentum", "Nesterov"):
        np.testing.assert_allclose(slanted.paths[name], straight.paths[name] @ turned.T, atol=1e-9)
    for name in ("RMSprop", "Adam"):
        assert heights(slanted, 100)[name] > 3 * heights(straight, 100)[name]
    late = [heights(OptimizerRace("five"), step)["RMSprop"] for step in range(150, 201)]
    assert max(late) > 1e-3  # it never settles


@pytest.mark.parametrize("surface", NAMES)
@pytest.mark.parametrize("rate", [0.001, 1.0])
@pytest.mark.parametrize("momentum", [0.0, 0.99])
def test_every_end_can_be_shown(surface: str, rate: float, momentum: float) -> None:
    for corner in (-1.5, 0.0, 1.5):
        for step in (0, 1, STEPS):
            model = OptimizerRace("five", surface, corner, corner, rate, momentum, rate, step)
            scene = model.scene()
            wire(scene)
            assert all(name in scene.words for name in STYLES) or step == 0
            for item in scene.panels[0].items:
                if isinstance(item, Points):
                    assert np.isfinite(item.xy).all()


def test_who_is_lost_is_said_and_not_drawn() -> None:
    model = OptimizerRace("five", "ravine", lr=0.1, step=50)
    assert "SGD is lost" in model.words()
    markers = [i for i in model.scene().panels[0].items if isinstance(i, Points)]
    assert len(markers) < len(STYLES) + 1
    assert picture(model.scene())


def test_lines_end_at_the_step_and_differ_in_more_than_color() -> None:
    plane, descent = OptimizerRace("five", step=7).scene().panels
    for panel in (plane, descent):
        lines = [item for item in panel.items if isinstance(item, Line)]
        assert [len(line.xy) for line in lines] == [8] * len(STYLES)
    assert len({role.marker for role in STYLES.values()}) == len(STYLES)
    assert plane.drag == ("x0", "y0")


def test_another_surface_has_its_own_start() -> None:
    there = OptimizerRace(x0=0.5, y0=0.5).changed(surface="saddle")
    assert (there.x0, there.y0) == STARTS["saddle"]
    assert there.changed(x0=0.5).y0 == STARTS["saddle"][1]


def test_on_the_ridge_nobody_leaves() -> None:
    paths = OptimizerRace("five", "saddle", 1.0, 0.0).paths
    assert all((path[:, 1] == 0).all() for path in paths.values())


def test_buttons() -> None:
    start = OptimizerRace(step=0)
    assert start.idle() == ("again",)
    assert start.after("step").step == 1
    assert start.after("play").step == 2
    assert start.after("play").idle() == ()
    end = OptimizerRace(step=STEPS - 1).after("play")
    assert (end.step, end.idle()) == (STEPS, ("step", "play"))
    assert end.after("again").step == 0
    with pytest.raises(ValueError, match="no button"):
        start.after("back")


def test_words_tell_heights_and_who_is_ahead() -> None:
    words = OptimizerRace("five", step=60).words()
    assert words.startswith(
        "Ravine, from (−1.2, 0.9), after 60 steps, above the lowest f: SGD 0.22"
    )
    assert words.endswith("Lowest: RMSprop.")
    assert OptimizerRace(step=0).words().endswith("SGD, momentum, Nesterov are all at f = 41.")


def test_it_opens_before_the_answer_and_three_run_first() -> None:
    start = OptimizerRace()
    assert start.step == 0 and "lowest" not in start.words().lower()
    assert list(start.paths) == ["SGD", "momentum", "Nesterov"]
    assert start.changed(step=1).names == start.names


def test_the_goal_is_reached_by_a_better_momentum_and_not_at_the_start() -> None:
    for surface in ("ravine", "slanted"):
        model = OptimizerRace().changed(surface=surface)
        assert not model.changed(step=60).reached()
        better = model.changed(lr=0.02, momentum=0.75)
        assert better.changed(step=60).reached() and not better.changed(step=59).reached()
    assert not OptimizerRace(surface="bowl", lr=0.1, step=60).reached()


def test_the_widget_gives_its_settings_back() -> None:
    widget = optimizer_race(surface="saddle", x0=1.0, y0=1e-4, step=50)
    assert repr(optimizer_race(**widget.settings)) == repr(widget)


@pytest.mark.parametrize(
    "wrong",
    [
        {"field": "all"},
        {"surface": "hill"},
        {"x0": 2.0},
        {"lr": 0.0},
        {"momentum": 1.0},
        {"step": 201},
    ],
)
def test_what_the_sliders_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        optimizer_race(**wrong)
