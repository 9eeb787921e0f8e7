"""What the rows under pooling windows show, without Jupyter: at the ends of every range, and true."""

from itertools import pairwise, product

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, picture, wire
from nnlib.course.lessons.lesson_19b_pooling.pool_shift import FARTHEST, ROWS, SIGNALS, PoolShift
from nnlib.course.widgets import pool_shift

ENDS = list(product(SIGNALS, (0, FARTHEST), (1, 8), (1, 3), ("max", "average")))


@pytest.mark.parametrize("settings", ENDS)
def test_the_ends_of_every_range_lie_in_the_picture(settings):
    scene = PoolShift(*settings).scene()
    wire(scene)
    for panel in scene.panels:
        for bars in panel.items:
            assert isinstance(bars, Bars) and bars.positions is not None
            assert bars.heights.min(initial=0.5) > 0
            assert bars.heights.max(initial=0) <= panel.ylim[1]
            assert bars.positions.max(initial=1) < panel.xlim[1]
        assert sum(len(bars.heights) for bars in panel.items) > 0
    assert "nan" not in scene.words


def test_the_textbooks_figure():
    model = PoolShift("textbook", 1, 3, 1)
    assert model.detector(0).tolist() == [0.1, 1, 0.2, 0.1]
    assert model.detector(1).tolist() == [0.3, 0.1, 1, 0.2]
    assert model.pooled(0).tolist() == [1, 1, 1, 0.2]
    assert model.pooled(1).tolist() == [0.3, 1, 1, 1]
    assert model.words() == (
        "Moved by 1: of 4 detector values 4 have changed, of 4 pooled ones 2, on average by 0.38."
    )


def test_no_two_random_values_are_equal_and_all_of_them_change():
    assert len(set(ROWS["random"])) == 12 + FARTHEST
    for shift in range(1, FARTHEST + 1):
        assert PoolShift("random", shift).changed_values()[0].all()


def test_width_1_and_stride_1_change_nothing_of_the_row():
    for mode in ("max", "average"):
        model = PoolShift("random", 2, 1, 1, mode)
        assert np.array_equal(model.pooled(2), model.detector(2))


def test_wider_windows_notice_less_and_means_notice_all():
    shares = [PoolShift("random", 1, k).changed_values()[1].mean() for k in range(1, 9)]
    assert shares[0] == 1 and shares[2] == 0.5 and shares[-1] <= 0.25
    assert all(one >= other for one, other in pairwise(shares))
    assert PoolShift("random", 1, 3, 1, "average").changed_values()[1].all()


def test_a_window_stands_around_its_middle():
    row = PoolShift("random").detector(0)
    pooled = PoolShift("random", 0, 4, 3).pooled(0)
    expected = [row[0:3].max(), row[2:6].max(), row[5:9].max(), row[8:12].max()]
    assert np.array_equal(pooled, expected)


def test_the_goal_takes_a_wide_window():
    assert not PoolShift().reached()
    good = [k for k in range(1, 9) if PoolShift("random", 1, k).reached()]
    assert good == [7, 8]
    assert not any(PoolShift("random", 1, k, 1, "average").reached() for k in range(1, 9))
    assert not PoolShift("textbook", 1, 8).reached()


def test_before_nothing_is_striped_and_after_only_what_has_changed():
    before, pooled_before, moved, pooled = PoolShift("textbook", 1).scene().panels
    for panel, changed in ((before, 0), (moved, 4), (pooled_before, 0), (pooled, 2)):
        same, striped = panel.items
        assert (
            striped.hatch and len(striped.heights) == changed and len(same.heights) == 4 - changed
        )


def test_there_is_a_picture():
    assert picture(PoolShift("random", 1).scene())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"shift": 5}, "shift must be a number from 0 to 4, not 5"),
        ({"width": 0}, "width must be a number from 1 to 8, not 0"),
        ({"mode": "mean"}, "mode must be one of max, average; not 'mean'"),
    ],
)
def test_wrong_settings_are_explained(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        PoolShift(**settings)


def test_settings_can_be_passed_back_in():
    widget = pool_shift(signal="random", shift=2, width=5)
    assert pool_shift(**widget.settings).settings == widget.settings
