"""The plane, cut into the regions of a ReLU network, and how many of them networks have."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from numpy.typing import ArrayLike, NDArray

from nnlib.viz import palette

Floats = NDArray[np.floating[Any]]
Piece = tuple[Floats, Floats, Floats]  # corners (m, 2), and h = A x + c between them


def region_map(ax: Axes, found: Sequence[Piece], edge: float = 0.8) -> Axes:
    """Every polygon of ``found``, the darker the larger the sum of h is in its middle."""
    corners = [piece[0] for piece in found]
    sums = np.array([(A @ polygon.mean(axis=0) + c).sum() for polygon, A, c in found])
    ranks = sums.argsort().argsort()  # so that neighbors differ, whatever the sums are
    shades = colormaps["Blues"](ranks / (1.4 * len(found)))  # the darkest would hide the edges
    polygons = PolyCollection(corners, facecolor=shades, edgecolor="#222222", linewidth=edge)
    ax.add_collection(polygons)
    low, high = np.min(np.concatenate(corners)), np.max(np.concatenate(corners))
    ax.set(xlim=(low, high), ylim=(low, high), aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
    ax.locator_params(nbins=3)
    for spine in ax.spines.values():
        spine.set_visible(True)
    return ax


def region_counts(ax: Axes, counts: Mapping[str, ArrayLike]) -> Axes:
    """A row for each named network: a mark for every draw, and their mean as a bar."""
    for row, values in enumerate(counts.values()):
        numbers = np.asarray(values, dtype=float)
        heights = row + 0.2 * np.linspace(-1, 1, len(numbers))  # or equal ones hide each other
        ax.plot(numbers, heights, "o", color=palette["blue"], alpha=0.6, markersize=6)
        mean, bar = numbers.mean(), [row - 0.27, row + 0.27]
        ax.plot([mean, mean], bar, color=palette["vermillion"], linestyle="-", linewidth=3)
        ax.annotate(f"mean {mean:.3g}", (mean, row - 0.31), ha="center", va="bottom", fontsize=10)
    ax.set(yticks=range(len(counts)), yticklabels=list(counts), xlabel="regions", xlim=(0, None))
    ax.set_ylim(len(counts) - 0.5, -0.75)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax
