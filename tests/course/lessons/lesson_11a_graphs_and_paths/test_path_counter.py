"""Paths and edges, without Jupyter."""

from itertools import pairwise, product

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, Points, picture, wire
from nnlib.course.lessons.lesson_11a_graphs_and_paths.path_counter import (
    DEEPEST,
    WIDEST,
    PathCounter,
    path_counter,
)


def finished(layers: int, width: int) -> PathCounter:
    return PathCounter(layers, width, width**2 * (layers - 1) + width)


@pytest.mark.parametrize("layers, width", list(product((1, 2, 4, DEEPEST), (1, 2, 3, WIDEST))))
def test_the_counts_are_those_of_the_drawn_network(layers: int, width: int):
    model = finished(layers, width)
    edges = model.all_edges()
    assert len(set(edges)) == len(edges) == model.edges
    reached = {(model.layers, 0): 1}
    for k, i, j in edges:  # from the output back, as gradients go
        reached[k, i] = reached.get((k, i), 0) + reached[k + 1, j]
    assert sum(reached[0, i] for i in range(width)) == model.paths


@pytest.mark.parametrize("layers, width", [(1, 1), (2, 3), (4, 2), (3, 4)])
def test_every_path_is_walked_once_from_the_output_back(layers: int, width: int):
    model = finished(layers, width)
    paths = [tuple(model.path(number)) for number in range(model.paths)]
    assert len(set(paths)) == model.paths
    for path in paths:
        assert path[0][2] == 0
        assert all(later[2] == earlier[1] for earlier, later in pairwise(path))
        assert set(path) <= set(model.all_edges())


@pytest.mark.parametrize("layers, width", list(product((1, 3, DEEPEST), (1, 2, WIDEST))))
def test_all_steps_can_be_shown(layers: int, width: int):
    edges = finished(layers, width).edges
    for step in {0, 1, edges // 2, edges}:
        scene = PathCounter(layers, width, step).scene()
        wire(scene)
        assert scene.words
    assert picture(finished(layers, width).scene())


def test_reverse_mode_shows_what_is_complete():
    def complete(step: int) -> int:
        [squares] = [
            item
            for item in PathCounter(4, 3, step).scene().panels[1].items
            if isinstance(item, Points) and item.marker == "square"
        ]
        return len(squares.xy)

    assert [complete(step) for step in (0, 1, 3, 11, 12, 30)] == [1, 2, 4, 6, 7, 13]


def test_titles_count_and_the_curves_are_the_formulas():
    left, right, growth = PathCounter(4, 3, 17).scene().panels
    assert left.title == "Path by path: 4 of 81"
    assert right.title == "Reverse mode: 17 of 30 edges"
    paths, edges = [item.xy for item in growth.items if isinstance(item, Line)]
    assert paths[3].tolist() == [4, 81]
    assert edges[3].tolist() == [4, 30]


def test_drawn_edges_are_those_walked():
    right = PathCounter(3, 2, 5).scene().panels[1]
    [waiting, done] = [item for item in right.items if isinstance(item, Line)]
    assert (waiting.style, done.style) == ("dotted", "solid")
    assert np.isnan(done.xy[:, 0]).sum() == 5
    assert np.isnan(waiting.xy[:, 0]).sum() == 10 - 5


@pytest.mark.parametrize(
    "settings, words",
    [
        (
            (4, 3, 30),
            "81 paths over 30 edges. Reverse mode is done after 30 steps; path by path, 7",
        ),
        ((4, 3, 30), "the rest take 294 more steps."),
        (
            (4, 3, 0),
            "After 0 steps reverse mode is not done yet; path by path, 0 of 81 are walked.",
        ),
        ((8, 5, 180), "390,625 paths over 180 edges"),
        ((8, 1, 8), "1 path over 8 edges. Both are done: here each edge lies on a single path."),
    ],
)
def test_words(settings: tuple[int, int, int], words: str):
    assert words in PathCounter(*settings).words()


def test_another_network_is_shown_finished():
    model = PathCounter(4, 3, 5).changed(layers=2)
    assert (model.layers, model.step) == (2, 12)
    assert PathCounter(8, 5, 180).changed(layers=1, width=1).step == 1
    assert PathCounter(4, 3, 5).changed(step=6).step == 6


def test_buttons():
    model = PathCounter(2, 2, 3)
    assert model.idle() == ()
    assert model.after("start").step == 0
    assert model.after("start").idle() == ("start",)
    assert model.after("step").step == 4
    assert model.after("end").step == 6
    assert model.after("end").idle() == ("step", "end")
    with pytest.raises(ValueError, match="no button"):
        model.after("back")


def test_wrong_settings_are_refused():
    for wrong in [{"layers": 9}, {"width": 0}, {"width": 1.5}, {"step": 31}, {"layers": "4"}]:
        with pytest.raises(ValueError):
            path_counter(**wrong)
    with pytest.raises(ValueError):
        PathCounter().changed(width=6)


def test_the_goal_is_reached_by_depth_and_not_by_width():
    reached = [
        (h, n) for h in range(1, DEEPEST + 1) for n in range(1, WIDEST + 1)
        if PathCounter(h, n, 0).reached()
    ]  # fmt: skip
    assert reached == [(8, 4)]
    assert not PathCounter().reached()


def test_it_begins_before_any_edge_was_walked():
    assert PathCounter().step == 0


def test_settings_reproduce_the_widget():
    widget = path_counter(3, 2, 4)
    assert path_counter(**widget.settings).model == widget.model
