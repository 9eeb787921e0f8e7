"""The batch player, without Jupyter: what it draws is what SGD does."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_09a_stochastic_gradients.batch_player import (
    BEST,
    BUDGET,
    RATES,
    SIZES,
    BatchPlayer,
    N,
    X,
    Y,
    batch_player,
    distances,
    thinned,
    walk,
)


def test_w_star_is_where_the_gradient_is_0() -> None:
    assert np.abs((X @ BEST - Y) @ X / N).max() < 1e-12


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("B", SIZES)
def test_a_walk_is_sgd_on_shuffled_batches(B: int, rate: str) -> None:
    rng, w, t = np.random.default_rng(1), np.zeros(2), 0
    path = [w]
    for _ in range(BUDGET // N):
        order = rng.permutation(N)
        for k in range(0, N, B):
            rows = order[k : k + B]
            eta = 0.1 / (1 + 0.01 * t) if rate == "falling" else 0.1
            w, t = w - eta * (X[rows] @ w - Y[rows]) @ X[rows] / B, t + 1
            path.append(w)
    np.testing.assert_allclose(walk(B, 0.1, rate), path, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seen", [0, N, BUDGET])
@pytest.mark.parametrize("lr", [0.01, 0.1, 2.2])
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("batch", [str(B) for B in SIZES])
def test_every_end_can_be_shown(batch: str, rate: str, lr: float, seen: int) -> None:
    model = BatchPlayer(batch, lr, rate, seen)
    scene = model.scene()
    wire(scene)
    assert scene.words == model.words() and "nan" not in scene.words
    curves = [item for item in scene.panels[1].items if isinstance(item, Line)]
    assert len(curves) == (1 if batch == "200" else 2)
    assert all(curve.xy[:, 0].max() <= seen for curve in curves)


def test_the_price_is_the_same_for_both() -> None:
    """For 200 examples a batch of 5 takes forty steps, and a batch of 200 takes one."""
    words = BatchPlayer("5", 0.1, "constant", 200).words()
    assert "200 examples and 40 steps" in words and "1 step, 2.1 from w*" in words


def test_what_the_lesson_says_of_it() -> None:
    single = distances(walk(1, 0.1, "constant"))
    assert single[80:110].min() < 0.12 and 0.05 < single[-200:].mean() < 0.15
    whole = distances(walk(N, 0.1, "constant"))
    assert whole[0] == pytest.approx(2.24, abs=0.01) and whole[1] == pytest.approx(2.05, abs=0.01)
    assert distances(walk(N, 1.0, "constant"))[-1] < 0.04
    best_first_step = min(distances(walk(N, lr, "constant"))[1] for lr in (0.5, 1.0, 1.6, 1.8))
    assert best_first_step > 0.5


def test_the_goal_wants_a_quick_start_and_a_calm_end() -> None:
    assert not BatchPlayer().reached()
    assert BatchPlayer("1", 0.1, "falling", BUDGET).reached()
    assert not BatchPlayer("1", 0.1, "falling", BUDGET - N).reached()
    for lr in (0.046, 0.1, 0.22):
        assert not BatchPlayer("1", lr, "constant", BUDGET).reached()
    for lr in (0.46, 1.0, 2.2):
        assert not BatchPlayer("200", lr, "falling", BUDGET).reached()


def test_each_press_shows_a_step_even_of_all_at_once() -> None:
    shown = [BatchPlayer(seen=seen).scene() for seen in (0, N, 2 * N)]
    places = [scene.panels[0].items[1].xy[-1].tolist() for scene in shown]  # type: ignore[union-attr]
    assert len({tuple(place) for place in places}) == 3


def test_the_words_say_how_a_rate_falls() -> None:
    assert "η = 0.1, falling as η / (1 + 0.01 t): after" in BatchPlayer(rate="falling").words()


def test_what_is_lost_is_said() -> None:
    assert "is lost" in BatchPlayer("1", 2.2, "constant", BUDGET).words()
    points = BatchPlayer("1", 2.2, "constant", BUDGET).scene().panels[0].items
    assert not [i for i in points if isinstance(i, Points) and i.color == "vermillion"]


def test_thinning_keeps_the_start_and_the_end() -> None:
    way = np.arange(2001.0)[:, None] * [1, 2]
    np.testing.assert_array_equal(thinned(way)[:100], way[:100])
    np.testing.assert_array_equal(thinned(way)[-1], way[-1])
    assert len(thinned(way)) < 300
    np.testing.assert_array_equal(np.unique(thinned(way[:3]), axis=0), way[:3])


def test_buttons_move_it() -> None:
    assert BatchPlayer().after("next").seen == N
    assert BatchPlayer(seen=BUDGET).after("next").seen == BUDGET
    assert BatchPlayer(seen=600).after("again").seen == 0


def test_the_widget_gives_its_settings_back() -> None:
    widget = batch_player(batch=20, lr=0.46, seen=400)
    assert widget.settings == {"batch": "20", "lr": 0.46, "rate": "constant", "seen": 400}
    assert repr(batch_player(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"batch": 7}, {"lr": 5.0}, {"rate": "rising"}, {"seen": 150}])
def test_what_it_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        batch_player(**wrong)  # type: ignore[arg-type]
