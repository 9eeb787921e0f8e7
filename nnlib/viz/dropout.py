"""Accuracies as curves: over the probability to drop, over the units that are taken away."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nnlib.viz.style import COLORS, LINESTYLES, MARKERS, Style

__all__ = ["accuracies"]


def accuracies(ax: Axes, x: ArrayLike, curves: Mapping[str, ArrayLike], *, xlabel: str) -> Axes:
    """Named curves of accuracies over ``x``: the mean of the runs (runs, x), each run a faint line."""
    for i, (name, values) in enumerate(curves.items()):
        runs = np.atleast_2d(np.asarray(values, dtype=float))
        style: Style = {"color": COLORS[i], "linestyle": LINESTYLES[i]}
        if len(runs) > 1:
            ax.plot(x, runs.T, linewidth=0.8, alpha=0.4, **style)
        ax.plot(x, runs.mean(axis=0), label=name, marker=MARKERS[i], markersize=7, **style)
    ax.set(xlabel=xlabel, ylabel="accuracy")
    ax.legend()
    return ax
