"""Backpropagation in pictures: the gradient at the logits, and curves over many powers of ten."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nnlib.viz.style import COLORS, LINESTYLES, MARKERS, Style

__all__ = ["log_curves", "logit_gradient"]


def logit_gradient(ax: Axes, p: ArrayLike, y: int) -> Axes:
    """Bars for the probabilities p (K,), the one-hot label, and p − e, the gradient at the logits."""
    p = np.asarray(p, dtype=float)
    if p.ndim != 1 or not 0 <= y < len(p):
        raise ValueError(
            f"logit_gradient: p must be (K,) and y from 0 to K − 1, not {p.shape} and {y}"
        )
    places, e = np.arange(len(p)), np.eye(len(p))[y]
    ax.bar(places - 0.27, p, 0.26, color=COLORS[0], label="p: what it said")
    ax.bar(places, e, 0.26, color=COLORS[1], hatch="//", edgecolor="white", label="e: the label")
    ax.bar(
        places + 0.27, p - e, 0.26, color=COLORS[2], hatch="..", edgecolor="white", label="p − e"
    )
    ax.axhline(0, color="black", linewidth=0.8, linestyle="-")
    ax.set(xlabel="class", xticks=places, ylim=(-1.05, 1.05))
    ax.legend(ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.2), frameon=False)
    return ax


def log_curves(
    ax: Axes, x: ArrayLike, curves: Mapping[str, ArrayLike], xlabel: str, ylabel: str
) -> Axes:
    """Draw named curves over x, both axes logarithmic; a gap where a value is not finite."""
    for i, (name, values) in enumerate(curves.items()):
        y = np.asarray(values, dtype=float)
        if y.shape != np.shape(x):
            raise ValueError(
                f"log_curves: {name!r} must have one value for each x, not {y.shape} for {np.shape(x)}"
            )
        style: Style = {"color": COLORS[i], "linestyle": LINESTYLES[i], "marker": MARKERS[i]}
        ax.plot(x, np.where(np.isfinite(y), y, np.nan), label=name, **style)
    ax.set(xlabel=xlabel, ylabel=ylabel, xscale="log", yscale="log")
    ax.legend()
    return ax
