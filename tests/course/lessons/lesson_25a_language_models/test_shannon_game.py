"""Shannon's game, without Jupyter: what is drawn follows the table, and is judged truly."""

import numpy as np
import pytest

from nnlib.course.grammar import of_the_language, sentences
from nnlib.course.kit.scene import Label, picture, wire
from nnlib.course.lessons.lesson_25a_language_models.shannon_game import (
    MEMORIES,
    ShannonGame,
    drawn,
    following,
    shannon_game,
    words_that_exist,
)


@pytest.mark.parametrize("k", [0, 2, 8, 40])
def test_chances_sum_to_one(k: int) -> None:
    for characters, sums in following(k).values():
        assert len(characters) == len(sums) and sums[-1] == pytest.approx(1)
        assert (np.diff([0, *sums]) > 0).all()


def test_who_remembers_all_draws_the_language() -> None:
    texts = drawn(40, 0)
    assert all(of_the_language(text) for text in texts)
    expected = 1024 * (1 - (1 - 1 / 1024) ** len(texts))
    assert len(set(texts)) == pytest.approx(expected, abs=15)


def test_more_memory_makes_more_sentences() -> None:
    shares = [ShannonGame(k).share() for k in MEMORIES]
    assert shares[0] == 0 and shares[-1] == 1
    assert max(np.array(shares[:-1]) - shares[1:]) < 0.03
    assert ShannonGame("2").words_right() < 0.95 < ShannonGame("3").words_right()


def test_words_are_judged() -> None:
    assert words_that_exist("mila has a dog.\n") == 1
    assert words_that_exist("mila hxs a dog.\n") == 0.75
    assert words_that_exist("mila hxs a do") == pytest.approx(2 / 3)  # the last one is cut off
    assert not of_the_language(sentences()[0].strip())


def test_the_goal_is_reached_with_24_for_every_draw() -> None:
    for seed in range(3):
        reached = [k for k in MEMORIES if ShannonGame(k, seed).reached()]
        assert reached == ["24", "32", "40"]


def test_other_sentences_come_round_again() -> None:
    model = ShannonGame("8")
    seeds = [model.seed]
    for _ in range(3):
        model = model.other()
        seeds.append(model.seed)
    assert seeds == [0, 1, 2, 0]


@pytest.mark.parametrize("k", ["0", "40"])
def test_every_end_can_be_shown(k: str) -> None:
    model = ShannonGame(k)
    wire(model.scene())
    marks = [i.text for i in model.scene().panels[0].items if isinstance(i, Label)][::2]
    assert marks == ["✓" if of_the_language(text) else "✗" for text in drawn(int(k), 0)[:6]]


def test_the_widget_gives_its_settings_back() -> None:
    widget = shannon_game(k="8", seed=1)
    assert repr(shannon_game(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())
    assert "8 characters of memory" in widget.model.words()


def test_what_the_controls_cannot_show_is_refused() -> None:
    with pytest.raises(ValueError, match="k"):
        shannon_game(k="7")
