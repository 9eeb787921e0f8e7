"""How optimizers step: Nesterov's look ahead, curves over rates, and steps counted."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from nnlib.viz.style import COLORS, LINESTYLES, MARKERS, Style, palette

__all__ = ["log_log", "look_ahead", "step_counts"]

Array = NDArray[Any]


def look_ahead(
    ax: Axes, gradient: Callable[[Array], Array], w: ArrayLike, v: ArrayLike, lr: float, mu: float
) -> Axes:
    """One step of momentum and one of Nesterov, from the same point ``w`` with the same ``v``.

    Both jump by −μv. Momentum then adds the −η∇f of where it came from, Nesterov that of where it
    landed. Draw it onto a :func:`landscape`.
    """
    w, v = np.asarray(w, dtype=float), np.asarray(v, dtype=float)
    landed = w - mu * v
    before, after = landed - lr * gradient(w), landed - lr * gradient(landed)
    _vector(ax, w, landed, "black", "-", "the jump, −μv")
    _vector(ax, landed, before, "orange", "--", "momentum: the slope at w")
    _vector(ax, landed, after, "green", "-", "Nesterov: the slope where it landed")
    ax.plot(*w, "o", color="black", markersize=9)
    ax.plot(*before, "s", color=palette["orange"], markersize=8)
    ax.plot(*after, "^", color=palette["green"], markersize=9)
    ax.annotate("$w$", tuple(w), (-16, 6), textcoords="offset points")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22))
    return ax


def _vector(ax: Axes, start: Array, end: Array, color: str, dashes: str, label: str) -> None:
    shape: Style = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 16}
    line: Style = {"color": palette[color], "linestyle": dashes, "linewidth": 2.2}
    ax.annotate("", tuple(end), tuple(start), arrowprops=shape | line, zorder=4)
    ax.plot([], [], label=label, **line)


def log_log(
    ax: Axes, x: ArrayLike, curves: Mapping[str, ArrayLike], *, xlabel: str, ylabel: str
) -> Axes:
    """Draw named curves over ``x``, both axes logarithmic: losses over rates, rates over time."""
    for i, (name, y) in enumerate(curves.items()):
        style: Style = {"color": COLORS[i], "marker": MARKERS[i], "linestyle": LINESTYLES[i]}
        ax.plot(np.asarray(x), np.asarray(y), label=name, markersize=7, **style)
    ax.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=ylabel)
    ax.legend()
    return ax


def step_counts(ax: Axes, counts: Mapping[str, int]) -> Axes:
    """One bar for each named run, as long as it took, with its number of steps."""
    names = list(counts)
    colors = [COLORS[i % len(COLORS)] for i in range(len(names))]
    bars = ax.barh(names, list(counts.values()), color=colors, height=0.6)
    ax.bar_label(bars, padding=4)
    ax.invert_yaxis()
    ax.set(xlabel="steps")
    ax.margins(x=0.12)
    return ax
