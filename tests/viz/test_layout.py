"""Where the nodes of a graph stand."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.viz.layout import _spread, layered

few = settings(max_examples=60, deadline=None, derandomize=True)


@st.composite
def graphs(draw):
    n = draw(st.integers(1, 12))
    pairs = [(a, b) for b in range(n) for a in range(b)]
    return n, draw(st.lists(st.sampled_from(pairs), max_size=20)) if pairs else []


@few
@given(graphs())
def test_edges_lead_right_and_nodes_keep_apart(graph):
    n, edges = graph
    places, paths = layered(n, edges)
    assert len(places) == n and len(paths) == len(edges)
    for (source, target), path in zip(edges, paths, strict=True):
        assert (path[0], path[-1]) == (places[source], places[target])
        columns = [c for c, _ in path]
        assert columns == list(range(int(columns[0]), int(columns[-1]) + 1))  # one by one
    between = {place for path in paths for place in path[1:-1]}
    for c in {c for c, _ in places}:
        heights = sorted([y for d, y in places if d == c] + [y for d, y in between if d == c])
        assert all(b - a >= 0.998 for a, b in pairwise(heights))
    assert min(y for _, y in [*places, *between]) == 0


@few
@given(graphs())
def test_the_same_graph_has_the_same_places(graph):
    assert layered(*graph) == layered(*graph)


def test_a_leaf_stands_beside_its_reader():
    places, _ = layered(5, [(0, 1), (1, 2), (2, 4), (3, 4)])
    assert [c for c, _ in places] == [0, 1, 2, 2, 3]


def test_a_crossing_that_can_be_undone_is_undone():
    """0 and 1 above each other, read by 3 and 2: the readers change places."""
    places, _ = layered(4, [(0, 3), (1, 2)])
    assert (places[0][1] < places[1][1]) == (places[3][1] < places[2][1])


def test_a_node_stands_at_the_middle_of_its_inputs():
    places, _ = layered(3, [(0, 2), (1, 2)])
    assert places[2][1] == (places[0][1] + places[1][1]) / 2


def test_a_long_edge_goes_around_what_is_between():
    places, (_, _, long) = layered(3, [(0, 1), (1, 2), (0, 2)])
    assert len(long) == 3 and abs(long[1][1] - places[1][1]) >= 1


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ([], []),
        ([0, 5], [0, 5]),
        ([3, 3], [2.5, 3.5]),
        ([2, 0], [0.5, 1.5]),
        ([0, 0, 0], [-1, 0, 1]),
        ([0, 0, 9], [-0.5, 0.5, 9]),
    ],
)
def test_heights_are_spread_with_the_least_movement(wanted, given):
    assert _spread(wanted) == pytest.approx(given)


@pytest.mark.parametrize("edge", [(1, 0), (0, 0), (0, 2), (-1, 1)])
def test_edges_lead_to_larger_numbers(edge):
    with pytest.raises(ValueError, match="does not lead to a larger number"):
        layered(2, [edge])


def test_no_edges_and_no_nodes():
    assert layered(2, []) == ([(0, 0), (0, 1)], [])
    assert layered(0, []) == ([], [])
