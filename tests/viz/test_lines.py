"""Named curves over one x."""

import numpy as np
import pytest

from nnlib import viz


def labels_of(ax):
    return [t.get_text() for t in ax.get_legend().get_texts()]


def test_curves_have_their_numbers_and_their_names(ax):
    assert viz.curves(ax, [1, 2, 3], {"SGD": [4, 2, 1], "Adam": [4, 1, 0]}) is ax
    assert labels_of(ax) == ["SGD", "Adam"]
    assert [line.get_xydata().tolist() for line in ax.lines] == [
        [[1, 4], [2, 2], [3, 1]],
        [[1, 4], [2, 1], [3, 0]],
    ]


def test_each_curve_has_its_own_color_dashes_and_marker(ax):
    viz.curves(ax, [0.0, 1.0], {name: [i, i + 1] for i, name in enumerate("abcdef")})
    assert len({line.get_color() for line in ax.lines}) == 6
    assert len({line.get_marker() for line in ax.lines}) == 6
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


@pytest.mark.parametrize("log", ["", "x", "y", "xy"])
def test_axes_are_logarithmic_where_it_says(ax, log):
    viz.curves(ax, [0.1, 1, 10], {"a": [3, 2, 1]}, log=log, xlabel="η", ylabel="loss")
    assert ax.get_xscale() == ("log" if "x" in log else "linear")
    assert ax.get_yscale() == ("log" if "y" in log else "linear")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("η", "loss")


def test_a_curve_may_end_early(ax):
    viz.curves(ax, range(1, 4), {"AND": [2, 1, 0], "XOR": [3, 4]})
    assert ax.lines[0].get_xydata().tolist() == [[1, 2], [2, 1], [3, 0]]
    assert ax.lines[1].get_xydata().tolist() == [[1, 3], [2, 4]]


def test_whole_numbers_have_whole_ticks(ax):
    viz.curves(ax, range(1, 4), {"a": [2, 1, 0]})
    for ticks in (ax.get_xticks(), ax.get_yticks()):
        assert all(tick == round(tick) for tick in ticks)
    viz.curves(ax, [0, 0.5, 1], {"a": [0.1, 0.2, 0.3]})
    assert any(tick != round(tick) for tick in ax.get_xticks())


def test_several_runs_are_faint_beside_their_mean(ax):
    viz.curves(ax, [0.0, 0.5], {"test": [[0.8, 0.9], [0.6, 0.7]]})
    first, second, mean = ax.lines
    assert first.get_ydata().tolist() == [0.8, 0.9] and second.get_ydata().tolist() == [0.6, 0.7]
    np.testing.assert_allclose(mean.get_ydata(), [0.7, 0.8])
    assert labels_of(ax) == ["test"]
    assert first.get_alpha() == 0.4 and mean.get_alpha() is None
    assert len({line.get_color() for line in ax.lines}) == 1


def test_a_gap_where_a_value_is_not_finite(ax):
    viz.curves(ax, [1, 10, 100], {"a": [1, np.inf, 3]}, log="xy")
    assert np.isnan(ax.lines[0].get_ydata()).tolist() == [False, True, False]


def test_a_run_that_broke_ends_with_a_cross(ax):
    viz.curves(ax, range(5), {"too fast": [1, 10, np.inf, np.nan, 3]}, gaps="cross")
    line, cross = ax.lines
    assert line.get_xydata().tolist() == [[0, 1], [1, 10]]
    assert (cross.get_marker(), cross.get_xydata().tolist()) == ("X", [[1, 10]])
    assert cross.get_color() == line.get_color()


def test_a_run_that_was_broken_from_the_start_draws_nothing(ax):
    viz.curves(ax, [0, 1], {"broken": [np.nan, 1]}, gaps="cross")
    assert [len(line.get_xdata()) for line in ax.lines] == [0]


def test_where_points_are_crowded_some_carry_the_marker(ax):
    viz.curves(ax, range(120), {"a": np.ones(120), "b": np.ones(60)})
    many, few = ax.lines
    assert (many.get_markevery(), few.get_markevery()) == (10, 1)


def test_no_curves_draw_nothing(ax):
    viz.curves(ax, [0, 1], {}, xlabel="epoch")
    assert not ax.lines and ax.get_legend() is None
    assert ax.get_xlabel() == "epoch"


@pytest.mark.parametrize("y", [[1, 2, 3], [], np.ones((1, 1, 1))])
def test_a_curve_of_another_length_is_refused(ax, y):
    with pytest.raises(ValueError, match="'a' must have one value for each x"):
        viz.curves(ax, [1, 10], {"a": y})


def test_what_has_a_role_looks_alike_in_every_picture(ax):
    viz.curves(ax, [0.0, 1.0], {"mine": [1, 2], "Adam, η = 0.1": [2, 3], "yours": [3, 4]})
    mine, adam, yours = ax.lines
    assert adam.get_color() == viz.palette[viz.roles["Adam"].color] and adam.get_marker() == "D"
    assert len({line.get_color() for line in (mine, adam, yours)}) == 3
    assert len({line.get_marker() for line in (mine, adam, yours)}) == 3


def test_the_optimizers_differ_in_color_and_in_marker():
    names = ("SGD", "momentum", "Nesterov", "RMSprop", "Adam")
    for part in ("color", "marker"):
        assert len({getattr(viz.roles[name], part) for name in names}) == 5
    for one, other in (("training", "test"), ("class 0", "class 1"), ("positive", "negative")):
        assert viz.roles[one].color != viz.roles[other].color
        assert viz.roles[one].marker != viz.roles[other].marker
