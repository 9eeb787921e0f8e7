"""The stored transformer and its variants: what was stored is what the code makes."""

import numpy as np
import pytest

from nnlib.course.grammar import RATE, sentences
from nnlib.course.lessons.lesson_25b_transformers.language_model import (
    ALPHABET,
    DRAWN,
    EVERY,
    NOTHING,
    SEEN,
    STEPS,
    TEMPERATURES,
    VARIANTS,
    Parts,
    bits,
    draw,
    encoded,
    rate,
    store,
    train,
    trained,
    written,
)


def test_texts_are_shifted_by_one() -> None:
    X, Y = encoded(("ana has a red cat.\n", "ben.\n"))
    assert "".join(ALPHABET[i] for i in Y[0][:19]) == "ana has a red cat.\n"
    assert "".join(ALPHABET[i] for i in X[0][:19]) == "\nana has a red cat."
    assert (Y[1][5:] == NOTHING).all() and (Y[1][:5] >= 0).all()


def test_the_stored_weights_are_as_good_as_is_said() -> None:
    X, Y = encoded(sentences())
    found = bits(trained(), X, Y)
    assert found == pytest.approx(store()["way/whole"][-1], abs=1e-5)
    assert RATE < found < 0.24


def test_no_variant_is_below_the_language() -> None:
    for name in VARIANTS:
        way = store()[f"way/{name}"]
        assert len(way) == STEPS // EVERY + 1
        assert way.min() > RATE and way[0] > 4


def test_sizes_are_those_of_the_formula() -> None:
    assert int(store()["size/whole"]) == 2 * (12 * 32**2 + 13 * 32) + 73 * 32 + 64 + 25 * 32
    assert store()["seen"].shape == (SEEN,) and len(set(store()["seen"].tolist())) == SEEN


def test_what_was_drawn_comes_from_the_weights() -> None:
    assert store()["drawn"].shape == (len(TEMPERATURES), DRAWN, 48)
    place = TEMPERATURES.index(1.0)
    again = draw(trained(), DRAWN, 1.0, np.random.default_rng(0))
    same = (again == store()["drawn"][place]).all(axis=1).mean()
    assert same > 0.97  # a chance near the end of a piece may fall differently elsewhere


def test_texts_end_at_their_line_end() -> None:
    _, Y = encoded(("ben.\n",))
    ids = np.where(Y == NOTHING, 0, Y)
    assert written(ids) == ["ben.\n"]
    endless = np.full((1, 48), ALPHABET.index("a"))
    assert written(endless) == ["a" * 48]


def test_the_rate_warms_up_and_sinks() -> None:
    rates = [rate(t, STEPS) for t in range(STEPS)]
    assert rates[0] == pytest.approx(0.02, abs=0.001) and max(rates[:51]) == rates[49]
    assert rates[-1] == pytest.approx(0.1, abs=0.001)


def test_training_can_be_repeated() -> None:
    ways = [train(Parts(blocks=1, mlp=False), steps=EVERY)[1] for _ in range(2)]
    np.testing.assert_array_equal(*ways)
    assert ways[0][-1] < ways[0][0]


@pytest.mark.slow
def test_the_smallest_variant_comes_out_as_it_is_stored() -> None:
    _, way, _ = train(VARIANTS["block_mlp"])
    assert way[-1] == pytest.approx(store()["way/block_mlp"][-1], abs=0.01)
