"""Weights so small that only a logarithmic axis tells them from 0."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nnlib.viz.style import looks

LOWEST = 1e-5  # where weights that are exactly 0 are drawn


def sizes_of_weights(ax: Axes, runs: Mapping[str, ArrayLike]) -> Axes:
    """|w| of each weight of each named run, on a logarithmic axis; what is exactly 0 stands below it.

    Each run is (d,). The weights stand side by side, numbered from 1.
    """
    styles = looks(runs)
    for k, (name, weights) in enumerate(runs.items()):
        w = np.abs(np.asarray(weights, dtype=float))
        place = np.arange(1, len(w) + 1) + 0.22 * (k - (len(runs) - 1) / 2)
        style = styles[name] | {"linestyle": "none", "markersize": 7}
        ax.plot(place, np.maximum(w, LOWEST), label=name, **style)
    ax.axhline(2 * LOWEST, color="#777777", linewidth=1)
    ax.annotate("exactly 0", (2, LOWEST), va="center", ha="center")
    ax.set(yscale="log", ylim=(0.5 * LOWEST, None), xlabel="weight", ylabel="|w|")
    ax.set_xticks(range(1, len(w) + 1))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(runs))
    return ax
