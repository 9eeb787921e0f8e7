"""The soft dictionary, without Jupyter: its weights are nnlib's softmax, and its words are true."""

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib.course.kit.scene import Bars, picture, wire
from nnlib.course.lessons.lesson_24_attention.soft_dictionary import (
    KEYS,
    VALUES,
    SoftDictionary,
    on_circle,
    soft_dictionary,
)


@pytest.mark.parametrize("angle", [0, 40, 120, 350])
@pytest.mark.parametrize("beta", [0.0, 1.0, 20.0])
def test_it_is_attention(angle: float, beta: float) -> None:
    model = SoftDictionary(angle, beta)
    q = on_circle(float(angle))[None]
    theirs = F.scaled_dot_product_attention(q, KEYS, VALUES[:, None], scale=beta).item()
    assert model.answer == pytest.approx(theirs)
    assert model.weights.sum() == pytest.approx(1)


def test_what_the_lesson_says() -> None:
    weights = SoftDictionary(120, 1.0).weights
    np.testing.assert_allclose(weights.round(2), [0.08, 0.22, 0.36, 0.22, 0.08, 0.05], atol=1e-9)
    assert SoftDictionary(120, 5.0).weights[2] == pytest.approx(0.85, abs=0.01)


def test_the_goal_wants_a_query_on_a_key_and_the_last_steps() -> None:
    betas = np.arange(0, 20.5, 0.5)
    reached = [
        (a, b) for a in range(0, 360, 10) for b in betas if SoftDictionary(a, float(b)).reached()
    ]
    assert reached == [(a, 11.0) for a in range(0, 360, 60)]
    assert not SoftDictionary().reached()


@pytest.mark.parametrize("angle", [0, 350])
@pytest.mark.parametrize("beta", [0.0, 20.0])
def test_every_end_can_be_shown(angle: float, beta: float) -> None:
    model = SoftDictionary(angle, beta)
    wire(model.scene())
    [bars] = [i for i in model.scene().panels[1].items if isinstance(i, Bars)]
    np.testing.assert_array_equal(bars.heights, model.weights)


def test_words_tell_the_answer() -> None:
    assert "the answer is the mean of all values, 1.33" in SoftDictionary().words()
    assert VALUES.mean().round(2) == 1.33
    words = SoftDictionary(120, 1.0).words()
    assert words == "β = 1: value 3 has the most weight, 35.8%. The answer is 2.35."


def test_the_widget_gives_its_settings_back() -> None:
    widget = soft_dictionary(angle=120, beta=2.5)
    assert repr(soft_dictionary(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"angle": -10}, {"beta": 21.0}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        soft_dictionary(**wrong)
