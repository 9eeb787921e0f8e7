"""Where the nodes of a directed graph stand: columns from left to right, with few crossings.

Four steps, after Sugiyama, Tagawa & Toda (1981): a column for each node, a way through the columns
between for each long edge, an order within each column, and heights. The same graph always gets the
same picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

__all__ = ["layered"]

Edge = tuple[int, int]
Place = tuple[float, float]


def layered(n: int, edges: Sequence[Edge]) -> tuple[list[Place], list[list[Place]]]:
    """A place (column, height) for each of ``n`` nodes, and a path of places for each edge.

    Edges (source, target) must lead to larger numbers. Neighbors in a column are at least 1 apart.

    >>> layered(4, [(0, 2), (1, 2), (2, 3)])[0]
    [(0.0, 0.0), (0.0, 1.0), (1.0, 0.5), (2.0, 0.5)]
    """
    for source, target in edges:
        if not 0 <= source < target < n:
            raise ValueError(f"edge {source} → {target} does not lead to a larger number below {n}")
    column = _columns(n, edges)
    chains = _chains(n, edges, column)
    links = sorted({link for chain in chains for link in pairwise(chain)})
    rows = _ordered(column, links)
    height = _heights(rows, links)
    place = [(float(c), round(y, 3)) for c, y in zip(column, height, strict=True)]
    return place[:n], [[place[v] for v in chain] for chain in chains]


def _columns(n: int, edges: Sequence[Edge]) -> list[int]:
    """The length of the longest way to each node; those without inputs stand beside a reader."""
    column = [0] * n
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        column[target] = max(column[target], column[source] + 1)
    targets = {target for _, target in edges}
    for v in set(range(n)) - targets:
        column[v] = min((column[t] - 1 for s, t in edges if s == v), default=0)
    return column


def _chains(n: int, edges: Sequence[Edge], column: list[int]) -> list[list[int]]:
    """Each edge as nodes in neighboring columns; those between are new and are added to ``column``.

    Edges from one node share their way as far as they can.
    """
    way: dict[Edge, int] = {}
    chains = []
    for source, target in edges:
        chain = [source]
        for c in range(column[source] + 1, column[target]):
            if (source, c) not in way:
                way[source, c] = len(column)
                column.append(c)
            chain.append(way[source, c])
        chains.append([*chain, target])
    return chains


def _ordered(column: list[int], links: Sequence[Edge]) -> list[list[int]]:
    """The nodes of each column from top to bottom: each near the middle of its neighbors.

    Sweeps to the right and back, and keeps the order with the fewest crossings.
    """
    rows = [[v for v, c in enumerate(column) if c == k] for k in range(max(column, default=-1) + 1)]
    before, after = _neighbors(column, links)
    best, fewest = rows, _crossings(rows, links)
    for sweep in range(12):
        neighbors = before if sweep % 2 == 0 else after
        rows = [row[:] for row in rows]
        for row in rows if sweep % 2 == 0 else reversed(rows):
            at = {v: i for other in rows for i, v in enumerate(other)}
            middles = {v: _mean([at[u] for u in neighbors[v]], at[v]) for v in row}
            row.sort(key=lambda v, middles=middles: middles[v])  # type: ignore[misc]
        crossings = _crossings(rows, links)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _crossings(rows: list[list[int]], links: Sequence[Edge]) -> int:
    at = {v: (k, i) for k, row in enumerate(rows) for i, v in enumerate(row)}
    ends = sorted((*at[u], at[v][1]) for u, v in links)
    return sum(
        a[0] == b[0] and a[1] < b[1] and a[2] > b[2] for i, a in enumerate(ends) for b in ends[i:]
    )


def _heights(rows: list[list[int]], links: Sequence[Edge]) -> list[float]:
    """Pull every node to the mean height of its neighbors, keeping order and distance."""
    count = sum(map(len, rows))
    columns = [0] * count
    height = [0.0] * count
    for k, row in enumerate(rows):
        for i, v in enumerate(row):
            columns[v], height[v] = k, i - (len(row) - 1) / 2
    before, after = _neighbors(columns, links)
    for sweep in range(24):
        toward = [before, after][sweep % 2]
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = [_mean([height[u] for u in toward[v]], height[v]) for v in row]
            for v, y in zip(row, _spread(wanted), strict=True):
                height[v] = y
    top = min(height, default=0.0)
    return [y - top for y in height]


def _spread(wanted: Sequence[float]) -> list[float]:
    """The heights nearest to those wanted, in order and at least 1 apart (by least squares).

    Without the room between them the heights may not fall: wherever they do, neighbors share their
    mean.
    """
    blocks: list[tuple[float, int]] = []  # (mean, number of members)
    for i, y in enumerate(wanted):
        mean, size = y - i, 1
        while blocks and blocks[-1][0] >= mean:
            above, members = blocks.pop()
            mean = (mean * size + above * members) / (size + members)
            size += members
        blocks.append((mean, size))
    flat = [mean for mean, size in blocks for _ in range(size)]
    return [mean + i for i, mean in enumerate(flat)]


def _neighbors(
    column: Sequence[int], links: Sequence[Edge]
) -> tuple[Mapping[int, list[int]], Mapping[int, list[int]]]:
    before: dict[int, list[int]] = {v: [] for v in range(len(column))}
    after: dict[int, list[int]] = {v: [] for v in range(len(column))}
    for u, v in links:
        before[v].append(u)
        after[u].append(v)
    return before, after


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
