"""The momentum map, without Jupyter: what it draws is what momentum does."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Label, Line, Points, picture, wire
from nnlib.course.lessons.lesson_10a_momentum.momentum_map import (
    ARCHES,
    CURVATURE,
    FRAME,
    KAPPAS,
    TOP,
    MomentumMap,
    arch,
    best,
    factor,
    kind,
    momentum_map,
    trajectory,
)


@pytest.mark.parametrize("mu", [0.0, 0.25, 0.7, 0.9])
@pytest.mark.parametrize("steepness", [0.001, 0.05, 0.5, 1.5, 1.9])
def test_the_factor_is_what_a_step_does_in_the_long_run(steepness: float, mu: float) -> None:
    step = np.array([[1 - steepness, -mu], [steepness, mu]])  # of (w, v), (2) of the lesson
    assert factor(steepness, mu) == pytest.approx(np.abs(np.linalg.eigvals(step)).max(), abs=1e-7)


@pytest.mark.parametrize("rho", ARCHES)
def test_on_an_arch_the_factor_is_its_name(rho: float) -> None:
    for steepness, mu in arch(rho):
        assert factor(steepness, mu) == pytest.approx(rho, abs=1e-6)
    (left, ground), (right, _) = arch(rho)[[0, -1]]
    tops = arch(rho)[np.isclose(arch(rho)[:, 1], rho**2)][:, 0]
    assert ground == 0
    # On a logarithmic axis the top is twice as wide as the ground.
    assert np.log(tops.max() / tops.min()) == pytest.approx(2 * np.log(right / left))


@pytest.mark.parametrize(
    "steepness, mu, expected",
    [
        (0.5, 0.0, "creeps"),
        (1.5, 0.0, "flips"),
        (2.0, 0.0, "is on the edge"),
        (2.1, 0.0, "flies apart"),
        (0.2, 0.25, "creeps"),
        (0.3, 0.25, "swings"),
        (2.2, 0.25, "swings"),
        (2.25, 0.25, "just swings"),
        (2.4, 0.25, "flips"),
        (1.0, 0.0, "is there at once"),
        (2.6, 0.25, "flies apart"),
    ],
)
def test_kinds_are_seen_in_the_path(steepness: float, mu: float, expected: str) -> None:
    assert kind(steepness, mu) == expected
    w = trajectory(steepness, mu)[:, 1]
    below = w[np.isfinite(w)] < -1e-12
    assert below.any() == (expected not in ("creeps", "is there at once"))
    if expected == "flips":
        signs = np.sign(w[:20])
        assert (signs[1:] == -signs[:-1])[2:].all()
    assert (np.nanmax(np.abs(w)) > 10) == (expected == "flies apart")


@pytest.mark.parametrize("kappa", KAPPAS[1:])
def test_nothing_near_the_best_is_better(kappa: int) -> None:
    def slowest(lr: float, mu: float) -> float:
        return float(factor(lr * np.geomspace(1, kappa, 50), mu).max())

    lr, mu = best(kappa)
    root = np.sqrt(kappa)
    assert slowest(lr, mu) == pytest.approx((root - 1) / (root + 1), abs=1e-6)
    for shorter in (0.97, 1.0, 1.03):
        for less in (-0.02, 0.0, 0.02):
            assert slowest(lr * shorter, mu + less) >= slowest(lr, mu) - 1e-6


def test_the_numbers_of_the_lesson() -> None:
    start = MomentumMap()
    assert "|r| = 0.98" in start.words()
    assert "In the long run, a factor of 1000 takes about 345 steps." in start.words()
    assert "In the long run, a factor of 1000 takes about 34 steps." in start.after("best").words()
    assert "|r| = 0.86" in start.changed(mu=0.74).words()
    assert MomentumMap("1000", 0.004, 0.5).words().endswith("It never arrives.")


@pytest.mark.parametrize("kappa", [str(k) for k in KAPPAS])
@pytest.mark.parametrize("lr", [0.0005, 0.02, 4.0])
@pytest.mark.parametrize("mu", [0.0, 0.5, TOP])
def test_every_end_can_be_shown(kappa: str, lr: float, mu: float) -> None:
    model = MomentumMap(kappa, lr, mu)
    scene = model.scene()
    wire(scene)
    bar = [item for item in scene.panels[0].items if isinstance(item, Points)]
    assert [tuple(end.xy[0]) for end in bar] == [(lr, mu), (lr * int(kappa), mu)]
    assert scene.words == model.words()


def test_the_whole_ravine_lies_under_its_arch() -> None:
    lines = MomentumMap().scene().panels[0].items
    [blue] = [i for i in lines if isinstance(i, Line) and i.color == "blue"]
    assert "0.98" in blue.label
    assert blue.xy[0] == pytest.approx([0.0198, 0], abs=1e-6)
    divergent = MomentumMap(lr=4.0).scene().panels[0].items
    assert not [i for i in divergent if isinstance(i, Line) and i.color == "blue"]


def test_the_map_shows_all_of_its_lines() -> None:
    for item in MomentumMap().scene().panels[0].items:
        if isinstance(item, Line):
            assert CURVATURE[0] <= item.xy[:, 0].min() and item.xy[:, 0].max() <= CURVATURE[1]
            assert FRAME[0] < item.xy[:, 1].min() and item.xy[:, 1].max() <= FRAME[1]


def test_the_goal_is_reached_by_the_sliders_and_not_at_the_start() -> None:
    assert not MomentumMap().reached()
    assert MomentumMap(lr=0.032, mu=0.69).reached()
    assert MomentumMap().after("best").reached()
    assert not MomentumMap("10").after("best").reached()


@pytest.mark.parametrize("kappa", KAPPAS)
def test_show_the_best_shows_what_the_slider_can_say(kappa: int) -> None:
    shown = MomentumMap(str(kappa)).after("best")
    assert shown.mu == round(shown.mu, 2)
    root = np.sqrt(kappa)
    assert shown.slowest == pytest.approx((root - 1) / (root + 1), abs=0.01)
    assert "creeps" not in shown.words() and "flips" not in shown.words()


def test_what_leaves_the_picture_is_said() -> None:
    def labels(model: MomentumMap) -> list[str]:
        return [item.text for item in model.scene().panels[1].items if isinstance(item, Label)]

    assert labels(MomentumMap(lr=4.0)) == ["leaves the picture"]
    assert labels(MomentumMap()) == labels(MomentumMap().after("best")) == []
    high = MomentumMap().after("best").scene().panels[1].ylim[1]
    assert high > np.abs(trajectory(3.3, 0.67)[:, 1]).max()


def test_best_is_idle_where_it_stands() -> None:
    assert MomentumMap().idle() == ()
    assert MomentumMap().after("best").idle() == ("best",)
    with pytest.raises(ValueError, match="no button"):
        MomentumMap().after("worst")


def test_the_widget_gives_its_settings_back() -> None:
    widget = momentum_map(kappa=10, lr=0.1, mu=0.3)
    assert widget.settings == {"kappa": "10", "lr": 0.1, "mu": 0.3}
    assert repr(momentum_map(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"kappa": 7}, {"lr": 5.0}, {"lr": 0.0}, {"mu": 1.0}])
def test_what_the_sliders_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        momentum_map(**wrong)
