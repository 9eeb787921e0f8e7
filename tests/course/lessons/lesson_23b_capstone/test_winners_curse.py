"""The winner's curse, without Jupyter: its means are those of chance, and the words are true."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, Points, picture, wire
from nnlib.course.lessons.lesson_23b_capstone.winners_curse import (
    KINDS,
    MEAN,
    RECIPES,
    SIZES,
    WinnersCurse,
    projects,
    winners_curse,
)


@pytest.mark.parametrize("n", SIZES)
def test_the_promise_is_the_mean_of_the_highest(n: str) -> None:
    promised, kept = WinnersCurse(100.0, n).means()
    draws = np.random.default_rng(5).binomial(int(n), MEAN, size=(3000, 100)) / int(n)
    assert kept == pytest.approx(MEAN)
    assert promised == pytest.approx(draws.max(axis=1).mean(), abs=0.003)


@pytest.mark.parametrize("kind", KINDS)
def test_more_recipes_promise_more_and_one_promises_nothing_false(kind: str) -> None:
    promises = [WinnersCurse(K, "300", kind).means()[0] for K in (1.0, 10.0, 100.0, 251.0)]
    assert promises == sorted(promises)
    promised, kept = WinnersCurse(1.0, "300", kind).means()
    assert promised == pytest.approx(kept, abs=0.002)


def test_what_the_lesson_says() -> None:
    promised, kept = WinnersCurse(100.0, "100").means()
    assert promised == pytest.approx(0.994, abs=0.0006) and kept == pytest.approx(0.95)
    assert WinnersCurse(10.0, "100").means()[0] == pytest.approx(0.98, abs=0.001)
    assert WinnersCurse(100.0, "5000").means()[0] == pytest.approx(0.958, abs=0.0006)
    _, better = WinnersCurse(100.0, "1000", "differ").means()
    assert better > MEAN + 0.01


def test_the_goal_wants_recipes_that_differ_and_many_images() -> None:
    reached = {(n, k) for n in SIZES for k in KINDS if WinnersCurse(100.0, n, k).reached()}
    assert reached == {("5000", "differ")}
    assert not WinnersCurse().reached()


@pytest.mark.parametrize("recipes", RECIPES)
@pytest.mark.parametrize("n", ["50", "5000"])
def test_every_end_can_be_shown(recipes: float, n: str) -> None:
    model = WinnersCurse(recipes, n, "differ")
    wire(model.scene())
    one, many = model.scene().panels
    dots, winner = (i for i in one.items if isinstance(i, Points))
    assert len(dots.xy) == model.tried
    best = projects("differ", int(n))[1][0, : model.tried].max()
    assert winner.xy[0, 1] == pytest.approx(100 * best)
    heights = [float(i.heights[0]) for i in many.items if isinstance(i, Bars)]
    assert heights == pytest.approx([100 * share for share in model.means()])


def test_words_tell_promise_and_worth() -> None:
    words = WinnersCurse(100.0, "100").words()
    assert words.startswith(
        "100 recipes, 100 validation images: on average the winner promises 99."
    )
    assert "and keeps 95.0%" in words


def test_the_widget_gives_its_settings_back() -> None:
    widget = winners_curse(recipes=20, n="1000", kind="differ")
    assert repr(winners_curse(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"recipes": 0.5}, {"n": "60"}, {"kind": "bad"}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        winners_curse(**wrong)
