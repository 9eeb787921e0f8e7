"""Noise that escapes, without Jupyter: 500 runs in two valleys."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, picture, wire
from nnlib.course.lessons.lesson_09a_stochastic_gradients.noise_escape import (
    BINS,
    ETAS,
    LAST,
    NOISY,
    RUNS,
    TOP,
    NoiseEscape,
    height,
    noise_escape,
    runs,
    slope,
)


def test_the_slope_is_that_of_the_valleys() -> None:
    w = np.linspace(-2, 2, 41)
    np.testing.assert_allclose((height(w + 1e-5) - height(w - 1e-5)) / 2e-5, slope(w), atol=1e-8)
    assert abs(slope(TOP)) < 1e-4 and height(-1.0679) < height(0.9143) < height(TOP)


@pytest.mark.parametrize("lr", [str(lr) for lr in ETAS])
@pytest.mark.parametrize("noise", [0.0, 1.0, 2.25])
@pytest.mark.parametrize("step", [0, NOISY, LAST])
def test_every_end_can_be_shown(lr: str, noise: float, step: int) -> None:
    model = NoiseEscape(noise, lr, step)
    scene = model.scene()
    wire(scene)
    bars = [item for item in scene.panels[1].items if isinstance(item, Bars)]
    assert sum(item.heights.sum() for item in bars) == pytest.approx(100)
    assert bars[0].heights.sum() == pytest.approx(100 * model.deeper / RUNS)
    assert np.isfinite(runs(noise, float(lr))).all()


def test_without_noise_all_end_in_the_valley_where_they_begin() -> None:
    ends = runs(0.0, 0.05)[-1]
    assert ends == pytest.approx(0.9143, abs=1e-4)
    assert NoiseEscape().deeper == 0


def test_after_the_steps_without_noise_each_is_at_rest() -> None:
    ends = runs(2.0, 0.05)[-1]
    assert np.abs(slope(ends)).max() < 0.02


def test_the_numbers_of_the_lesson() -> None:
    def share(noise: float, lr: float) -> float:
        return NoiseEscape(noise, str(lr), LAST).deeper / RUNS

    assert [share(noise, 0.05) for noise in (0.0, 0.5)] == [0, 0]
    assert share(2.0, 0.05) == pytest.approx(0.72, abs=0.005)
    assert [round(share(noise, 0.1), 2) for noise in (0.5, 1.0, 1.5, 2.25)] == [0, 0.58, 0.91, 0.73]
    assert share(1.0, 0.2) == pytest.approx(0.92, abs=0.005)


def test_bins_part_at_the_hill() -> None:
    assert TOP in BINS and len(BINS) == 18 and (np.diff(BINS) > 0.22).all()


def test_the_goal_is_reached_at_the_end_and_not_before() -> None:
    assert not NoiseEscape().reached()
    assert NoiseEscape(1.0, "0.2", LAST).reached()
    assert not NoiseEscape(1.0, "0.2", NOISY).reached()
    assert not NoiseEscape(2.25, "0.2", LAST).reached()


def test_words_say_when_the_noise_has_ended() -> None:
    assert "after 500 steps:" in NoiseEscape(step=500).words()
    assert "after 500 steps, and 200 without noise:" in NoiseEscape(step=700).words()


def test_the_widget_gives_its_settings_back() -> None:
    widget = noise_escape(noise=1.5, lr=0.1, step=75)
    assert widget.settings == {"noise": 1.5, "lr": "0.1", "step": 75}
    assert repr(noise_escape(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"noise": 3.0}, {"lr": 0.3}, {"step": 30}])
def test_what_it_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        noise_escape(**wrong)  # type: ignore[arg-type]
