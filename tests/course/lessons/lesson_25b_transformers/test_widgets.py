"""Ablations and temperature, without Jupyter: they show what is stored, and their words are true."""

import pytest

from nnlib.course.kit.scene import picture, wire
from nnlib.course.lessons.lesson_25b_transformers.ablations import TAKEN_OUT, Ablations, ablations
from nnlib.course.lessons.lesson_25b_transformers.language_model import TEMPERATURES, VARIANTS
from nnlib.course.lessons.lesson_25b_transformers.temperature import (
    DRAWN,
    Temperature,
    judged,
    temperature,
)


def test_what_the_lesson_says_of_the_parts() -> None:
    assert TAKEN_OUT.keys() == VARIANTS.keys()
    worst = max((p for p in TAKEN_OUT if p != "block_mlp"), key=lambda p: Ablations(p).way[-1, 1])
    assert worst == "residual"
    assert "10.2 times the excess of the whole" in Ablations("residual").words()
    assert Ablations().words() == (
        "28,608 parameters. After 600 steps 0.235 bits a character, 0.009 above the language."
    )


def test_the_goal_is_reached_without_networks() -> None:
    assert [part for part in TAKEN_OUT if Ablations(part).reached()] == ["mlp"]


def test_what_the_lesson_says_of_temperatures() -> None:
    rates = dict(zip(TEMPERATURES, judged(), strict=True))
    share, different, new = rates[1.0]
    assert (round(share, 2), round(new, 2)) == (0.88, 0.22) and different < DRAWN
    assert rates[0.3][0] == 1 and rates[0.3][1] == 130
    assert round(rates[1.2][0], 1) == 0.7
    assert rates[0.6][0] >= rates[1.0][0] >= rates[1.5][0]


def test_the_goal_wants_a_middling_temperature() -> None:
    reached = [T for T in TEMPERATURES if Temperature(T).reached()]
    assert reached == [0.7, 0.8] and not Temperature().reached()


def test_other_sentences_come_round_again() -> None:
    model = Temperature()
    pages = [model.page]
    for _ in range(3):
        model = model.other()
        pages.append(model.page)
    assert pages == [0, 1, 2, 0]


@pytest.mark.parametrize("part", TAKEN_OUT)
def test_every_part_can_be_shown(part: str) -> None:
    wire(Ablations(part).scene())


@pytest.mark.parametrize("T", [0.3, 2.0])
def test_every_end_can_be_shown(T: float) -> None:
    model = Temperature(T)
    wire(model.scene())
    assert f"T = {T:g}: " in model.words()


def test_the_widgets_give_their_settings_back() -> None:
    for widget, make in (
        (ablations(part="mlp"), ablations),
        (temperature(T=0.7, page=1), temperature),
    ):
        assert repr(make(**widget.settings)) == repr(widget)
        assert picture(widget.model.scene())


def test_what_the_controls_cannot_show_is_refused() -> None:
    with pytest.raises(ValueError, match="part"):
        ablations(part="everything")
    with pytest.raises(ValueError, match="T"):
        temperature(T=0.2)
