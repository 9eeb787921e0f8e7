"""Going downhill: the surface with the ways that optimizers took on it, and their losses."""

from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from nnlib.viz.style import COLORS, LINESTYLES, MARKERS, Style

__all__ = ["landscape", "loss_curves"]

Array = NDArray[Any]
Limits = tuple[float, float]
STEPS = 200  # grid points per side


def landscape(
    ax: Axes,
    f: Callable[[Array], ArrayLike],
    paths: Mapping[str, ArrayLike] | None = None,
    *,
    xlim: Limits = (-2.0, 2.0),
    ylim: Limits = (-2.0, 2.0),
    levels: int = 12,
) -> Axes:
    """Draw f over the plane by contour lines, darker where it is higher, and paths upon it.

    ``f`` maps points (N, 2) to numbers (N,). Each of ``paths`` is (T, 2), the places that one
    optimizer visited: an open marker at the start, a filled one at the end. What leaves the limits
    is not drawn. Between two of the ``levels`` lines lies an equal share of the area, so that they
    show a narrow valley as well as a steep wall.
    """
    x1, x2 = np.meshgrid(np.linspace(*xlim, STEPS), np.linspace(*ylim, STEPS))
    points = np.column_stack([x1.ravel(), x2.ravel()])
    values = np.asarray(f(points), dtype=float)
    if values.shape != (len(points),):
        raise ValueError(
            f"landscape: f must give one number per point, ({len(points)},), not {values.shape}"
        )
    heights = np.unique(np.quantile(values[np.isfinite(values)], np.linspace(0, 1, levels + 1)))
    if len(heights) > 1:  # else f is flat
        grid = values.reshape(x1.shape)
        shades = plt.get_cmap("Greys")(np.linspace(0, 0.45, len(heights) - 1))
        ax.contourf(x1, x2, grid, heights, colors=shades)
        ax.contour(x1, x2, grid, heights, colors="#777777", linewidths=0.7, linestyles="-")
    for i, (name, path) in enumerate((paths or {}).items()):
        _path(ax, name, np.asarray(path, dtype=float), i)
    ax.set(xlim=xlim, ylim=ylim, xlabel="$w_1$", ylabel="$w_2$")
    if paths:
        ax.legend()
    return ax


def _path(ax: Axes, name: str, path: Array, i: int) -> None:
    if path.ndim != 2 or path.shape[1] != 2 or not len(path):
        raise ValueError(f"landscape: the path {name!r} must be (T, 2), not {path.shape}")
    path = path[np.isfinite(path).all(1)]
    style: Style = {"color": COLORS[i % len(COLORS)], "marker": MARKERS[i % len(MARKERS)]}
    few = len(path) <= 60  # a marker for each step only where they can be told apart
    line: Style = style | {"linestyle": LINESTYLES[i % len(LINESTYLES)], "linewidth": 1.8}
    ax.plot(*path.T, **line, markersize=4 if few else 0, zorder=3)
    # Drawn outside the data, so that the legend shows what the eye can use.
    ax.plot([], [], **line, markersize=9, label=name)
    ends: Style = style | {"linestyle": "none", "markersize": 10, "markeredgecolor": "black"}
    ax.plot(*path[:1].T, **ends | {"markerfacecolor": "white"}, zorder=4)
    ax.plot(*path[-1:].T, **ends, zorder=4)


def loss_curves(
    ax: Axes, losses: Mapping[str, ArrayLike], *, log: bool = True, xlabel: str = "step"
) -> Axes:
    """Draw how each named run's loss fell, step by step; ``log`` for a logarithmic axis.

    A run that became NaN or infinite ends with a cross at its last number.
    """
    for i, (name, values) in enumerate(losses.items()):
        loss = np.asarray(values, dtype=float)
        if loss.ndim != 1 or not len(loss):
            raise ValueError(f"loss_curves: {name!r} must be a list of numbers, not {loss.shape}")
        color, dashes = COLORS[i % len(COLORS)], LINESTYLES[i % len(LINESTYLES)]
        finite = np.isfinite(loss)
        end = len(loss) if finite.all() else int(finite.argmin())
        steps = np.arange(end)
        ax.plot(steps, loss[:end], color=color, linestyle=dashes, label=name)
        if 0 < end < len(loss):
            ax.plot(end - 1, loss[end - 1], color=color, marker="X", markersize=10)
    ax.set(xlabel=xlabel, ylabel="loss", yscale="log" if log else "linear")
    if losses:
        ax.legend()
    return ax
