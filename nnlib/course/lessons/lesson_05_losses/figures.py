"""A curve with the spread around it that a network says."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nnlib.viz.style import palette


def spread(
    ax: Axes, x: ArrayLike, y: ArrayLike, along: ArrayLike, mean: ArrayLike, s: ArrayLike
) -> Axes:
    """Points (N,), a curve `mean` over `along` (T,), and the bands of one and two `s` around it."""
    mean, s = np.asarray(mean), np.asarray(s)
    for times, strength in ((2, 0.15), (1, 0.3)):
        look: dict[str, Any] = {"color": palette["blue"], "alpha": strength, "linewidth": 0}
        ax.fill_between(along, mean - times * s, mean + times * s, label=f"± {times} s", **look)
    ax.plot(x, y, "o", color=palette["orange"], markersize=3, label="data")
    ax.plot(along, mean, color=palette["blue"], label="ŷ")
    ax.set(xlabel="x", ylabel="y")
    ax.legend()
    return ax
