"""A network that may refuse, without Jupyter: its rates are counted, and the words are true."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Heat, Points, picture, wire
from nnlib.course.lessons.lesson_23b_capstone.refusals import (
    SHOWN,
    Refusals,
    answers,
    curve,
    refusals,
)


def test_the_rates_are_counted() -> None:
    _, shows, said, sure = answers()
    share, right = Refusals(0.8).rates()
    kept = [i for i in range(len(shows)) if sure[i] >= 0.8]
    assert share == pytest.approx(len(kept) / len(shows))
    assert right == pytest.approx(sum(said[i] == shows[i] for i in kept) / len(kept))


def test_what_the_lesson_says() -> None:
    assert Refusals(0.0).rates() == (1.0, pytest.approx(0.97, abs=0.005))
    share, right = Refusals(0.85).rates()
    assert share == pytest.approx(0.91, abs=0.01) and right == pytest.approx(0.99, abs=0.003)


def test_refusing_more_answers_less() -> None:
    shares = curve()[:, 0]
    assert (np.diff(shares) <= 0).all() and shares[0] == 1 and shares[-1] > 0.5


def test_the_goal_is_reached_in_the_middle() -> None:
    reached = [t for t in range(100) if Refusals(t / 100).reached()]
    assert reached and 70 < min(reached) <= max(reached) < 95


@pytest.mark.parametrize("threshold", [0.0, 0.85, 0.99])
def test_every_end_can_be_shown(threshold: float) -> None:
    model = Refusals(threshold)
    wire(model.scene())
    trade, mistakes = model.scene().panels
    [here] = [i for i in trade.items if isinstance(i, Points)]
    assert tuple(here.xy[0] / 100) == pytest.approx(model.rates())
    _, shows, said, _ = answers()
    wrong = int((model.answered & (said != shows)).sum())
    pictures = [i for i in mistakes.items if isinstance(i, Heat)]
    assert len(pictures) == min(wrong, SHOWN)
    assert all(len(picture.ticks) > 2 for picture in pictures)  # two would make two shades
    assert mistakes.title.startswith(str(wrong))


def test_words_tell_the_rates() -> None:
    words = Refusals(0.0).words()
    assert words.startswith("Threshold 0: 100.0% of 597 images are answered")


def test_the_widget_gives_its_settings_back() -> None:
    widget = refusals(threshold=0.5)
    assert repr(refusals(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"threshold": -0.1}, {"threshold": 1.0}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="threshold"):
        refusals(**wrong)
