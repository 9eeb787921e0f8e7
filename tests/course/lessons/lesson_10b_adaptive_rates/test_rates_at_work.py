"""The rates at work, without Jupyter: what is drawn is what the optimizers divide by."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, picture, wire
from nnlib.course.lessons.lesson_10b_adaptive_rates.rates_at_work import (
    KAPPA,
    MAKERS,
    STEPS,
    RatesAtWork,
    rates_at_work,
    ravine,
)


def test_adams_rates_follow_their_formula() -> None:
    places, rates = RatesAtWork("Adam", 0.1).run
    w, s = np.array([-1.2, 0.3]), np.zeros(2)
    for t in range(1, 20):
        np.testing.assert_allclose(places[t - 1], w, atol=1e-12)
        g = np.array([1, KAPPA]) * w
        s = 0.999 * s + 0.001 * g**2
        np.testing.assert_allclose(rates[t], 0.1 / np.sqrt(s / (1 - 0.999**t)), rtol=1e-6)
        w = places[t]


@pytest.mark.parametrize(("name", "memory"), [("RMSprop", 0.9), ("Adagrad", None)])
def test_a_step_is_the_rate_times_the_gradient(name: str, memory: float | None) -> None:
    places, rates = RatesAtWork(name, 0.05, 30).run
    for t in range(1, 30):
        step = places[t] - places[t - 1]
        np.testing.assert_allclose(step, -rates[t] * ravine(30).gradient(places[t - 1]), atol=1e-9)


def test_sgd_has_one_rate() -> None:
    assert (RatesAtWork("SGD", 0.01).run[1][1:] == 0.01).all()
    assert RatesAtWork("SGD", 0.01, step=5).uneven == 1


def test_what_the_lesson_says() -> None:
    places, _ = RatesAtWork().run
    np.testing.assert_allclose(places[1] - places[0], [0.1, -0.1], atol=1e-6)
    assert RatesAtWork(step=1).uneven == pytest.approx(25)
    assert 18 < RatesAtWork(step=40).uneven < 22
    assert RatesAtWork("RMSprop", step=40).uneven > 50  # farther apart than those of Adam
    assert (np.diff(RatesAtWork("Adagrad").run[1][1:], axis=0) <= 0).all()
    along, turned = (ravine(d).f(RatesAtWork(degrees=d).run[0][40]) for d in (0, 45))
    assert turned > 20 * along


def test_the_goal_is_reached_by_who_forgets_and_not_at_the_start() -> None:
    for name in MAKERS:
        reached = [RatesAtWork(name, step=step).reached() for step in range(STEPS + 1)]
        assert reached[-1] == (name == "RMSprop") and not any(reached[:40])
        assert reached == sorted(reached)  # what was reached stays so


def test_turned_by_45_degrees_adam_has_one_rate() -> None:
    turned = RatesAtWork(degrees=45, step=20)
    assert turned.uneven < 1.15 and not turned.reached()


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("lr", [0.001, 1.0])
@pytest.mark.parametrize("degrees", [0, 45])
def test_every_end_can_be_shown(name: str, lr: float, degrees: int) -> None:
    for step in (0, 1, STEPS):
        model = RatesAtWork(name, lr, degrees, step)
        wire(model.scene())
        assert name in model.words()
        lines = [i for i in model.scene().panels[1].items if isinstance(i, Line)]
        assert [len(line.xy) for line in lines] == [step, step]
    assert picture(RatesAtWork(name, lr, degrees, STEPS).scene())


def test_who_is_lost_is_said() -> None:
    assert RatesAtWork("SGD", 1.0, step=STEPS).words().endswith("it is lost.")


def test_buttons() -> None:
    start = RatesAtWork()
    assert start.idle() == ("again",)
    assert (start.after("step").step, start.after("play").step) == (1, 2)
    assert start.changed(step=30).after("again").step == 0


def test_the_widget_gives_its_settings_back() -> None:
    widget = rates_at_work(optimizer="RMSprop", degrees=45, step=7)
    assert repr(rates_at_work(**widget.settings)) == repr(widget)


@pytest.mark.parametrize("wrong", [{"optimizer": "adam"}, {"degrees": 50}, {"lr": 0.0}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        rates_at_work(**wrong)
