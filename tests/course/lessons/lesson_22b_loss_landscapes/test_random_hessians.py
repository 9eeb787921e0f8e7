"""Random Hessians, without Jupyter: the shares are the theory's, and the words are true."""

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, picture, wire
from nnlib.course.lessons.lesson_22b_loss_landscapes.random_hessians import (
    DRAWS,
    RandomHessians,
    eigenvalues,
    percent,
    random_hessians,
)


def test_the_shares_of_minima_are_those_of_theory() -> None:
    for n, right in {1: 0.5, 2: (2 - 2**0.5) / 4, 3: 0.0249}.items():
        spread = np.sqrt(right * (1 - right) / DRAWS)
        assert abs(RandomHessians(n).shares["minima"] - right) < 4 * spread
    assert RandomHessians(8).shares["minima"] == 0


@pytest.mark.parametrize("n", [1, 4, 8])
def test_the_eigenvalues_have_the_spread_of_such_matrices(n: int) -> None:
    found = eigenvalues(n)
    assert found.shape == (DRAWS, n) and (np.diff(found, axis=1) >= 0).all()
    assert np.mean(found**2) == pytest.approx(
        (n + 1) / 2, rel=0.06
    )  # of all entries' squares, over n


@pytest.mark.parametrize("shift", [-4.0, 0.0, 2.5, 4.0])
def test_the_kinds_make_up_all_points(shift: float) -> None:
    for n in range(1, 9):
        shares = RandomHessians(n, shift).shares
        assert sum(shares.values()) == pytest.approx(1)
        mirrored = RandomHessians(n, -shift).shares
        assert abs(shares["minima"] - mirrored["maxima"]) < 0.05


def test_what_the_lesson_says_of_the_shift() -> None:
    assert RandomHessians(8, 3.5).shares["minima"] == pytest.approx(0.67, abs=0.01)


def test_the_goal_is_reached_by_a_shift_alone() -> None:
    assert not RandomHessians().reached() and not RandomHessians(8).reached()
    assert [c for c in np.arange(-4, 4.5, 0.5) if RandomHessians(8, float(c)).reached()] == [3.5, 4]
    assert not RandomHessians(7, 4.0).reached()


@pytest.mark.parametrize("n", [1, 8])
@pytest.mark.parametrize("shift", [-4.0, 4.0])
def test_every_end_can_be_shown(n: int, shift: float) -> None:
    model = RandomHessians(n, shift)
    wire(model.scene())
    spectrum, kinds = model.scene().panels
    density = sum(float(i.heights.sum()) for i in spectrum.items if isinstance(i, Bars)) * 0.5
    assert 0.95 < density <= 1.0001
    [bars] = [i for i in kinds.items if isinstance(i, Bars)]
    assert list(bars.heights) == list(model.shares.values())


def test_words_tell_the_shares() -> None:
    assert (
        RandomHessians(8, 4.0).words().startswith("n = 8, c = 4: 88% minima, 12% saddles, 0% max")
    )
    assert percent(0.9998) == "99.9%"


def test_the_widget_gives_its_settings_back() -> None:
    widget = random_hessians(n=3, shift=-1.5)
    assert repr(random_hessians(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"n": 0}, {"n": 9}, {"shift": 5.0}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        random_hessians(**wrong)
