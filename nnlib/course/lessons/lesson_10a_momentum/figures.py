"""Going downhill: a surface, the ways that optimizers took on it, and how many steps they took."""

from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from nnlib.viz.style import Style, looks, palette, play, roles

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
    styles = looks(paths or {})
    for name, path in (paths or {}).items():
        _path(ax, name, np.asarray(path, dtype=float), styles[name])
    ax.set(xlim=xlim, ylim=ylim, xlabel="$w_1$", ylabel="$w_2$")
    if paths:
        ax.legend()
    return ax


def _path(ax: Axes, name: str, path: Array, style: Style) -> None:
    if path.ndim != 2 or path.shape[1] != 2 or not len(path):
        raise ValueError(f"landscape: the path {name!r} must be (T, 2), not {path.shape}")
    path = path[np.isfinite(path).all(1)]
    few = len(path) <= 60  # a marker for each step only where they can be told apart
    line = style | {"linewidth": 1.8}
    ax.plot(*path.T, **line, markersize=4 if few else 0, zorder=3)
    # Drawn outside the data, so that the legend shows what the eye can use.
    ax.plot([], [], **line, markersize=9, label=name)
    ends = style | {"linestyle": "none", "markersize": 10, "markeredgecolor": "black"}
    ax.plot(*path[:1].T, **ends | {"markerfacecolor": "white"}, zorder=4)
    ax.plot(*path[-1:].T, **ends, zorder=4)


def look_ahead(
    ax: Axes, gradient: Callable[[Array], Array], w: ArrayLike, v: ArrayLike, lr: float, mu: float
) -> Axes:
    """One step of momentum and one of Nesterov, from the same point ``w`` with velocity ``v`` = ηb.

    Both jump by −μv = −ημb. Momentum then adds the −η∇f of where it came from, Nesterov that of where it
    landed. Draw it onto a :func:`landscape`.
    """
    w, v = np.asarray(w, dtype=float), np.asarray(v, dtype=float)
    landed = w - mu * v
    before, after = landed - lr * gradient(w), landed - lr * gradient(landed)
    _vector(ax, w, landed, "black", "-", "the jump, −ημb")
    ax.plot(*w, "o", color="black", markersize=9)
    for name, end, what in (
        ("momentum", before, "the slope at w"),
        ("Nesterov", after, "the slope where it landed"),
    ):
        role, style = roles[name], play(roles[name])
        _vector(ax, landed, end, role.color, role.style, f"{name}: {what}")
        ax.plot(*end, color=style["color"], marker=style["marker"], markersize=9)
    ax.annotate("$w$", tuple(w), (-16, 6), textcoords="offset points")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22))
    return ax


def _vector(ax: Axes, start: Array, end: Array, color: str, dashes: str, label: str) -> None:
    shape: Style = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 16}
    line: Style = {"color": palette[color], "linestyle": dashes, "linewidth": 2.2}
    ax.annotate("", tuple(end), tuple(start), arrowprops=shape | line, zorder=4)
    ax.plot([], [], label=label, **line)


def step_counts(ax: Axes, counts: Mapping[str, int]) -> Axes:
    """One bar for each named run, as long as it took, with its number of steps."""
    names = list(counts)
    colors = [style["color"] for style in looks(names).values()]
    bars = ax.barh(names, list(counts.values()), color=colors, height=0.6)
    ax.bar_label(bars, padding=4)
    ax.invert_yaxis()
    ax.set(xlabel="steps")
    ax.margins(x=0.12)
    return ax
