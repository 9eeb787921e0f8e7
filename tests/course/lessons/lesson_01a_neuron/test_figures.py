"""Figures of one neuron: what is drawn, for which numbers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import ArrowStyle

from nnlib.classical import heaviside
from nnlib.course import figures


def texts(ax):
    return [t.get_text() for t in ax.texts]


def labels_of(ax):
    return ax.get_legend_handles_labels()[1]


def test_arrows_carry_their_names(ax):
    assert figures.arrows(ax, {"w": [3, 1], "x": [0, 0]}) is ax
    assert [t for t in texts(ax) if t] == ["w", "x"]
    assert ax.get_xlim()[1] > 3
    with pytest.raises(ValueError, match="w must have two components"):
        figures.arrows(ax, {"w": [1, 2, 3]})


def dots(ax):
    """(z, h, filled) of every dot."""
    found = set()
    for line in ax.lines:
        if line.get_linestyle() == "None":
            filled = line.get_markerfacecolor() != "white"
            found |= {(float(x), float(y), filled) for x, y in line.get_xydata()}
    return found


def test_a_step_has_an_open_and_a_filled_dot_and_no_vertical_line(ax):
    assert figures.activation(ax, {"H": heaviside}) is ax
    assert dots(ax) == {(0, 0, False), (0, 1, True)}
    curve = next(line for line in ax.lines if line.get_label() == "H").get_ydata()
    assert np.isnan(curve).any()
    finite = np.abs(np.diff(curve))
    assert np.nanmax(finite) == 0


def test_sign_has_two_open_dots(ax):
    figures.activation(ax, {"sgn": np.sign})
    assert dots(ax) == {(0, -1, False), (0, 1, False), (0, 0, True)}


def test_a_jump_is_explained_in_the_legend(ax):
    figures.activation(ax, {"H": heaviside})
    assert ax.get_legend().get_title().get_text() == "filled: belongs\nopen: does not"


def test_the_marked_value_differs_from_the_end_of_a_step(ax):
    figures.activation(ax, {"H": heaviside}, at=0.4)
    dot = {line.get_xdata()[0]: line for line in ax.lines if line.get_linestyle() == "None"}
    end = next(line for line in ax.lines if line.get_xydata().tolist() == [[0, 1]])
    assert dot[0.4].get_markersize() > end.get_markersize()
    assert dot[0.4].get_markeredgecolor() == "black" != end.get_markeredgecolor()


def test_an_open_dot_has_room_for_a_filled_one(ax):
    figures.activation(ax, {"H": heaviside, "sgn": np.sign})
    sizes = {
        line.get_markerfacecolor() == "white": line.get_markersize() - line.get_markeredgewidth()
        for line in ax.lines
        if line.get_linestyle() == "None"
    }
    assert sizes[True] > 2 * sizes[False]


def test_without_a_place_nothing_is_marked(ax):
    figures.activation(ax, {"tanh": np.tanh})
    assert dots(ax) == set()
    assert ax.get_legend() is None


def test_smooth_functions_have_one_dot_and_their_own_dashes(ax):
    figures.activation(ax, {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}, at=1.0)
    assert dots(ax) == {(1, float(np.tanh(1.0)), True), (1, 1, True)}
    curves = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert [line.get_label() for line in curves] == ["tanh", "relu"]
    assert len({line.get_linestyle() for line in curves}) == 2
    assert ax.get_legend().get_title().get_text() == ""
    assert not np.isnan(curves[0].get_ydata()).any()


def test_no_functions_draw_nothing(ax):
    figures.activation(ax, {})
    assert not ax.lines
    assert ax.get_legend() is None


def test_contributions_build_up_z(ax):
    assert figures.contributions(ax, x=[1, 0.5], w=[2, -3], b=0.75) is ax
    bars = [(p.get_y(), p.get_height()) for p in ax.patches]
    assert bars == [(0, 2), (2, -1.5), (0.5, 0.75), (0, 1.25)]
    assert texts(ax) == ["+2", "−1.5", "+0.75", "+1.25"]
    assert [t.get_text() for t in ax.get_xticklabels()][-2:] == ["$b$", "$z$"]
    with pytest.raises(ValueError, match=r"x is \(2,\), w \(3,\)"):
        figures.contributions(ax, [1, 2], [1, 2, 3], 0)


def test_similarity_is_largest_where_x_points_along_w(ax):
    w, x = [3, 4], [0, 2]
    assert figures.similarity(ax, w, x) is ax
    alpha, curve = ax.lines[0].get_xydata().T
    assert alpha[curve.argmax()] == 0
    assert curve.max() == pytest.approx(10)
    ((angle, now),) = ax.lines[1].get_xydata()
    assert (np.cos(np.radians(angle)), now) == (pytest.approx(0.8), 8)
    assert ax.get_title() == "α = 37°, $z$ = 8.00"
    assert texts(ax) == ["fires if $b$ = 0"]


@pytest.mark.parametrize(("w", "x"), [([1, 2], [1, 2, 3]), ([0, 0], [1, 1]), ([1, 1], [0, 0])])
def test_similarity_needs_two_directions(ax, w, x):
    with pytest.raises(ValueError, match="similarity: w and x"):
        figures.similarity(ax, w, x)


def test_small_patterns_show_their_numbers(ax):
    assert figures.pattern(ax, [[1, -1], [0, 0.5]], "w") is ax
    assert texts(ax) == ["1", "−1", "0", "0.5"]
    assert ax.get_title() == "w"
    assert ax.images[0].get_clim() == (-1.6, 1.6)  # 0 is white


def test_larger_patterns_do_not(ax):
    figures.pattern(ax, np.eye(8))
    assert texts(ax) == []
    assert ax.images[0].get_clim() == (0, 1)


def test_a_black_screen_is_a_pattern(ax):
    figures.pattern(ax, np.zeros((3, 3)))
    assert ax.images[0].get_clim() == (0, 1)


def test_patterns_fill_their_axes():
    fig, axes = plt.subplots(2, 2)
    assert figures.patterns(axes, [np.eye(3)] * 4, ["a", "b", "c", "d"]) is axes
    assert [a.get_title() for a in axes.flat] == ["a", "b", "c", "d"]
    assert all(len(a.images) == 1 for a in axes.flat)
    plt.close(fig)


def test_patterns_say_what_is_wrong(ax):
    with pytest.raises(ValueError, match="1 axes, 2 images, 2 titles"):
        figures.patterns(ax, [np.eye(3)] * 2)
    with pytest.raises(ValueError, match="1 axes, 1 images, 2 titles"):
        figures.patterns(ax, [np.eye(3)], ["a", "b"])
    with pytest.raises(ValueError, match=r"\(height, width\), not \(9,\)"):
        figures.pattern(ax, np.zeros(9))


@pytest.mark.parametrize("p", [1, 2, 3, 8, 12])
def test_a_scalar_graph_has_3p_plus_4_nodes(p):
    nodes = figures.neuron_graph_nodes(p)
    kinds = [node.kind for node in nodes]
    assert len(nodes) == 3 * p + 4
    assert len({node.name for node in nodes}) == len(nodes)
    assert [kinds.count(k) for k in ("input", "parameter", "operation", "output")] == [
        p, p + 1, p + 2, 1
    ]  # fmt: skip


def test_a_tensor_graph_has_7_nodes():
    nodes = figures.neuron_graph_nodes(5, level="tensor")
    assert [node.name for node in nodes] == ["x", "w", "b", "dot", "+", "H", "ŷ"]


@pytest.mark.parametrize("level", ["scalar", "tensor"])
def test_every_node_leads_to_the_output(level):
    nodes = figures.neuron_graph_nodes(3, level)
    names = {node.name for node in nodes}
    read = {source for node in nodes for source in node.inputs}
    assert read == names - {"ŷ"}
    assert all((node.inputs == ()) == (node.kind in ("input", "parameter")) for node in nodes)


@pytest.mark.parametrize(
    ("p", "level"), [(1, "scalar"), (3, "scalar"), (8, "scalar"), (3, "tensor")]
)
def test_the_graph_draws_every_node_and_edge_once(ax, p, level):
    nodes = figures.neuron_graph_nodes(p, level)
    assert figures.neuron_graph(ax, p, level) is ax
    places = np.concatenate([c.get_offsets() for c in ax.collections])
    assert len(np.unique(places.round(6), axis=0)) == len(nodes)
    names = ["×" if node.name.startswith("×") else node.name for node in nodes]
    assert sorted(texts(ax)) == sorted(names)
    tips = [patch.get_arrowstyle() for patch in ax.patches]
    assert len(tips) == sum(len(node.inputs) for node in nodes)
    assert all(isinstance(tip, ArrowStyle.CurveFilledB) for tip in tips)
    assert labels_of(ax) == ["input, output", "parameter", "operation"]
    assert ax.get_title() == f"{len(nodes)} nodes"


def test_the_graph_says_what_is_wrong():
    with pytest.raises(ValueError, match="at least 1, not 0"):
        figures.neuron_graph_nodes(0)
    with pytest.raises(ValueError, match='"scalar" or "tensor", not \'vector\''):
        figures.neuron_graph_nodes(3, "vector")


XOR_NET = [([[1, 1], [1, 1]], [0, -1]), ([[1, -2]], [0])]


def test_network_shows_its_numbers(ax):
    assert figures.network(ax, XOR_NET) is ax
    assert texts(ax).count("1") == 5
    assert texts(ax).count("−2") == 1
    assert [t for t in texts(ax) if "b" in t] == ["$b$ = 0", "$b$ = −1", "$b$ = 0"]
    assert {"x₁", "x₂", "h₁", "h₂", "ŷ"} <= set(texts(ax))
    assert [line.get_linestyle() for line in ax.lines].count("--") == 1


def test_a_weight_of_zero_has_no_edge(ax):
    figures.network(ax, [([[0, 2]], [0])])
    assert len(ax.lines) == 1


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([], "at least one pair"),
        ([([[1, 1]], [0]), ([[1, 1]], [0])], "layer 2 must be .out, 1."),
        ([([[1, 1]], [0, 0])], "layer 1"),
    ],
)
def test_network_says_what_is_wrong(ax, layers, words):
    with pytest.raises(ValueError, match=words):
        figures.network(ax, layers)


def test_mark_one_names_its_units(ax):
    assert figures.mark_one(ax) is ax
    words = " ".join(texts(ax))
    for part in ("sensory", "association", "response", "random, fixed", "learned"):
        assert part in words
    assert ax.get_title() == "(schematic)"
    learned = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert len(learned) == texts(ax).count("A") * 2
