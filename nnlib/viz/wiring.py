"""Layers of neurons: who reads whom, and what a product of two weight matrices still can do."""

from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from nnlib.viz.diagrams import Place, _bare, _column, _edge
from nnlib.viz.style import COLORS, LINESTYLES, MARKERS, Style, palette

__all__ = ["neurons", "parameter_bars", "singular_values", "wirings"]

UNITS = 8  # of a layer are drawn at most


def neurons(ax: Axes, sizes: Sequence[int], highlight: tuple[int, int] | None = None) -> Axes:
    """Draw a fully connected network of the given sizes, inputs on the left.

    ``highlight`` (l, i) marks unit i of layer l, counted from 1, and the weights that it owns.
    """
    if max(sizes) > UNITS:
        raise ValueError(f"neurons: a layer of {max(sizes)} units does not fit (at most {UNITS})")
    columns = [_column(float(depth), size, 1.0) for depth, size in enumerate(sizes)]
    for depth, (left, right) in enumerate(pairwise(columns), start=1):
        for i, end in enumerate(right, start=1):
            own = (depth, i) == highlight
            style: Style = {"color": "black", "linewidth": 2.5} if own else {"color": "#BBBBBB"}
            for start in left:
                _edge(ax, start, end, **style)
    for depth, column in enumerate(columns):
        for i, place in enumerate(column, start=1):
            own = (depth, i) == highlight
            color = palette["orange"] if own else "white" if depth == 0 else "#D3E5F2"
            _unit(ax, place, color, 3 if own else 1)
        name = "input" if depth == 0 else "output" if depth == len(sizes) - 1 else f"layer {depth}"
        ax.text(depth, 0.62 + max(sizes) / 2, name, ha="center")
    _bare(ax)
    return ax


def wirings(axes: Any) -> Any:
    """Three ways to wire four neurons, on three Axes: a chain, two layers, and a wire that skips."""
    chain = [(float(k), 0.0) for k in range(5)]
    places = [_column(x, 2) for x in (0.0, 1.0, 2.0)]
    layered = [edge for left, right in pairwise(places) for edge in product(left, right)]
    plans: list[tuple[str, list[tuple[Place, Place]], set[Place]]] = [
        ("a chain", list(pairwise(chain)), {chain[0]}),
        ("layers, fully connected", layered, set(places[0])),
        ("a wire that skips", list(pairwise(chain)), {chain[0]}),
    ]
    for ax, (title, edges, inputs) in zip(axes, plans, strict=True):
        for start, end in edges:
            _edge(ax, start, end, color="#777777")
        for place in {place for edge in edges for place in edge}:
            _unit(ax, place, "white" if place in inputs else "#D3E5F2", 1)
        _bare(ax)
        ax.set_title(title)
        ax.set_ylim(-1.3, 1.3)
    skip: Style = {"arrowstyle": "-|>", "color": palette["vermillion"], "linewidth": 2.5}
    bend: Style = {"connectionstyle": "arc3,rad=-0.5", "shrinkA": 10, "shrinkB": 10}
    axes[2].annotate("", xy=chain[3], xytext=chain[1], arrowprops=skip | bend)
    return axes


def singular_values(ax: Axes, matrices: Mapping[str, ArrayLike]) -> Axes:
    """The singular values of each named matrix, largest first: as many as its rank are not 0."""
    for k, (name, matrix) in enumerate(matrices.items()):
        values = np.linalg.svd(np.asarray(matrix, dtype=float), compute_uv=False)
        style: Style = {"color": COLORS[k], "marker": MARKERS[k], "linestyle": LINESTYLES[k]}
        ax.plot(range(1, len(values) + 1), values / values[0], label=name, **style)
    ax.set(xlabel="number", ylabel="singular value (largest = 1)")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return ax


def parameter_bars(ax: Axes, counts: Mapping[str, int]) -> Axes:
    """A bar for each named network's number of parameters."""
    bars = ax.barh(list(counts), list(counts.values()), color=COLORS[0])
    ax.bar_label(bars, [f"{count:,}" for count in counts.values()], padding=4)
    ax.invert_yaxis()
    ax.margins(x=0.2)
    ax.set(xlabel="parameters")
    return ax


def _unit(ax: Axes, place: Place, color: str, linewidth: float) -> None:
    ax.scatter(*place, s=320, color=color, edgecolors="black", linewidths=linewidth, zorder=4)
