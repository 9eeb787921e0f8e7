"""Where the bits are, without Jupyter: surprises are what counting gives, and floors their mean."""

import numpy as np
import pytest

from nnlib.course.grammar import (
    MOST,
    RATE,
    floors,
    sentences,
    surprise,
)
from nnlib.course.kit.scene import Bars, picture, wire
from nnlib.course.lessons.lesson_25a_language_models.memory_bits import (
    TEXTS,
    MemoryBits,
    memory_bits,
)


def test_the_floors_are_those_of_the_plan() -> None:
    exact = {0: 4.073, 1: 2.190, 2: 0.851, 4: 0.579, 8: 0.5, 16: 0.362, 20: 0.328}
    for k, bits in exact.items():
        assert floors()[k] == pytest.approx(bits, abs=6e-4)
    assert (np.diff(floors()) <= 1e-12).all()
    assert floors()[MOST] == pytest.approx(RATE, abs=1e-12)


@pytest.mark.parametrize("k", [0, 3, 12, MOST])
def test_a_floor_is_the_mean_of_all_surprises(k: int) -> None:
    every = np.concatenate([surprise(sentence, k) for sentence in sentences()])
    assert every.mean() == pytest.approx(floors()[k], abs=1e-12)


def test_every_sentence_has_ten_bits_for_who_remembers_all() -> None:
    assert {round(float(surprise(s, MOST).sum()), 9) for s in sentences()} == {10.0}


def test_what_the_lesson_says() -> None:
    bits = surprise(TEXTS["mila"] + "\n", MOST)
    assert bits[bits > 0.005].round(9).tolist() == [3, 3, 2, 1, 1]
    assert len(bits) == 48
    assert MemoryBits("mila", 44).words().startswith("With 44 characters of memory 5 of 48 ")


def test_the_goal_is_one_memory_for_each_sentence() -> None:
    for text in TEXTS:
        reached = [k for k in range(MOST + 1) if MemoryBits(text, k).reached()]
        assert len(reached) == 1 and reached[0] > 8
    assert TEXTS.keys() == {s.split()[0] for s in TEXTS.values()}
    assert all(text + "\n" in sentences() for text in TEXTS.values())


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("k", [0, MOST])
def test_every_end_can_be_shown(text: str, k: int) -> None:
    model = MemoryBits(text, k)
    wire(model.scene())
    panel = model.scene().panels[0]
    [bars] = [i for i in panel.items if isinstance(i, Bars)]
    assert bars.heights.sum() == pytest.approx(model.cost(k))
    assert bars.heights.max() < panel.ylim[1]


def test_the_widget_gives_its_settings_back() -> None:
    widget = memory_bits(text="ben", k=7)
    assert repr(memory_bits(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"text": "uma"}, {"k": -1}, {"k": MOST + 1}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        memory_bits(**wrong)
