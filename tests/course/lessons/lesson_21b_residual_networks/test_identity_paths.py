"""What identity_paths shows, without Jupyter: at the ends of every range, and that it is true."""

from itertools import product

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, Label, Line, picture, wire
from nnlib.course.lessons.lesson_21b_residual_networks.identity_paths import (
    MOST,
    SCALES,
    IdentityPaths,
    identity_paths,
)

ENDS = list(product((-1.5, -1.0, 0.0, 0.5, 1.5), (1, 2, MOST), SCALES))


@pytest.mark.parametrize(("slope", "blocks", "scale"), ENDS)
def test_the_ends_of_every_range(slope, blocks, scale):
    model = IdentityPaths(slope, blocks, scale)
    wire(model.scene())
    arrives, paths = model.scene().panels
    for line in (item for item in arrives.items if isinstance(item, Line)):
        assert line.xy.shape == (blocks + 1, 2)
        assert not (line.xy.astype(np.float32)[:, 1] <= 0).any()  # a logarithm, or a gap
    shares = np.concatenate([bars.heights for bars in paths.items if isinstance(bars, Bars)])
    assert len(shares) == blocks + 1
    assert np.isclose(np.abs(shares).sum(), 1)
    assert shares.min() >= paths.ylim[0] and shares.max() <= paths.ylim[1]
    assert "nan" not in model.words() and "inf" not in model.words()


@pytest.mark.parametrize(("slope", "blocks", "scale"), ENDS)
def test_all_paths_together_are_what_arrives(slope, blocks, scale):
    model = IdentityPaths(slope, blocks, scale)
    parts = model.by_length()
    rounding = 1e-9 * np.abs(parts).sum()  # they may cancel
    assert np.isclose(abs(parts.sum()), model.arrived, rtol=1e-9, atol=rounding)
    assert np.isclose(abs(parts[-1]), (model.s * abs(slope)) ** blocks)


def test_what_the_lesson_says_of_it():
    assert round(IdentityPaths(blocks=20).arrived) == 3325
    assert np.isclose(0.5**20, 9.5e-7, rtol=0.01)
    assert np.isclose(IdentityPaths(blocks=20, scale="all").arrived, 1.64, atol=0.005)
    assert IdentityPaths(slope=-1, blocks=20).arrived == 0
    lengths = IdentityPaths(blocks=20).by_length()
    assert lengths[0] == 1 and lengths[1] == 10
    assert set(np.argsort(lengths)[-2:]) == {6, 7}


def test_the_goal_is_reached_by_small_branches_alone():
    assert not IdentityPaths().reached()
    reached = {
        scale
        for slope, scale in product(np.arange(-15, 16) / 10, SCALES)
        if IdentityPaths(slope, 20, scale).reached()
    }
    assert reached == {"all"}
    assert not IdentityPaths(0.1, 20, "all").reached()
    assert not IdentityPaths(0.5, 10, "all").reached()


def test_what_leaves_the_panel_is_said():
    def told(*settings):
        panel = IdentityPaths(*settings).scene().panels[0]
        return [item.text for item in panel.items if isinstance(item, Label)]

    assert told(-1.0, 20, "one") == ["0 arrives"]
    assert told(0.5, 40, "one") == ["off the panel, without skips", "off the panel, with skips"]
    assert told() == []


def test_words():
    assert IdentityPaths(blocks=4).words() == (
        "4 blocks, F′ = 0.5, s = 1. Of a gradient of 1, 0.062 arrives without skips, and 5.1 with "
        "them. There are 16 paths. Those through 1 branch weigh most: 40% of all."
    )


def test_picture_tour_and_settings():
    assert picture(IdentityPaths().scene())
    for stop in IdentityPaths.tour:
        assert IdentityPaths.on_tour(stop)
    widget = identity_paths(slope=-0.5, blocks=7)
    assert identity_paths(**widget.settings).settings == widget.settings
    with pytest.raises(ValueError, match="blocks must be a number from 1 to 40, not 41"):
        IdentityPaths(blocks=41)
