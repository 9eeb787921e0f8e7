"""Clouds of points, with their correlation."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nnlib.viz.style import COLORS


def clouds(axes: Sequence[Axes], sets: Mapping[str, ArrayLike]) -> None:
    """Each named set of points (N, 2) on its own axes, with its correlation above."""
    for ax, (name, points) in zip(axes, sets.items(), strict=True):
        X = np.asarray(points, dtype=float)
        correlation = f"{round(np.corrcoef(X.T)[0, 1], 2) + 0:.2f}"  # + 0 for no minus zero
        ax.scatter(X[:, 0], X[:, 1], s=22, color=COLORS[0], edgecolors="black", linewidths=0.4)
        for line in (ax.axhline, ax.axvline):
            line(0, color="gray", linewidth=0.8, linestyle="-", zorder=0)
        ax.set_title(f"{name}\ncorrelation {correlation.replace('-', '−')}")
        ax.set(xlabel="unit 1", ylabel="unit 2", aspect="equal")
