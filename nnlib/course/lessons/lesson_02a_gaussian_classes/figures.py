"""Two classes: the share of class 1 at each x, three frames from densities to posterior, boundaries."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from nnlib.classical.linear_model import LinearClassifier
from nnlib.viz.style import COLORS, MARKERS, stroke

Array = NDArray[Any]
Limits = tuple[float, float]
STEPS = 120  # grid points per side


def share_of_ones(
    ax: Axes, x: ArrayLike, y: ArrayLike, *, width: float = 0.5, least: int = 20
) -> Axes:
    """Cut the axis into bins and mark, for each, the share of its examples that are of class 1.

    ``x`` and the labels ``y`` of 0 and 1 are (N,). Bins with fewer than ``least`` examples are left
    out: their shares are mere chance.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y)
    bins = np.floor(x / width).astype(int)
    kept = [k for k in np.unique(bins) if np.sum(bins == k) >= least]
    middles = [(k + 0.5) * width for k in kept]
    shares = [np.mean(y[bins == k]) for k in kept]
    style: dict[str, Any] = {"color": COLORS[1], "marker": MARKERS[1], "linestyle": "none"}
    ax.plot(middles, shares, markeredgecolor="black", label="share of class 1, counted", **style)
    ax.set(xlabel="x", ylabel="share", ylim=(-0.03, 1.03))
    ax.legend()
    return ax


def three_frames(
    axes: Sequence[Axes],
    densities: Sequence[Callable[[Array], ArrayLike]],
    score: Callable[[Array], ArrayLike],
    *,
    means: ArrayLike,
    xlim: Limits = (-3.0, 5.0),
    ylim: Limits = (-4.0, 5.0),
) -> Sequence[Axes]:
    """Class densities, the log-odds ``score``, and its sigmoid, over the same plane.

    The two ``densities`` and ``score`` map points (N, 2) to numbers (N,). The ``means`` (2, 2) are
    marked, and joined by a dotted line. Solid and black is where the score is 0.
    """
    x1, x2 = np.meshgrid(np.linspace(*xlim, STEPS), np.linspace(*ylim, STEPS))
    points = np.column_stack([x1.ravel(), x2.ravel()])
    z = np.asarray(score(points), dtype=float).reshape(x1.shape)
    for k, density in enumerate(densities):
        heights = np.asarray(density(points), dtype=float).reshape(x1.shape)
        rings = heights.max() * np.exp([-4.5, -2.0, -0.5])  # three, two and one spreads away
        look: dict[str, Any] = {"colors": COLORS[k], "linestyles": stroke(k)["linestyle"]}
        axes[0].contour(x1, x2, heights, rings, linewidths=1.5, **look)
    axes[1].contour(x1, x2, z, np.arange(-12, 13, 2), colors="gray", linewidths=1, linestyles="-")
    axes[2].contourf(x1, x2, 1 / (1 + np.exp(-z)), np.linspace(0, 1, 11), cmap="Oranges", alpha=0.8)
    for ax, title in zip(axes, ("densities", "log-odds z", "posterior σ(z)"), strict=True):
        ax.contour(x1, x2, z, [0], colors="black", linewidths=2)
        _means(ax, np.asarray(means, dtype=float))
        ax.set(xlim=xlim, ylim=ylim, xlabel="$x_1$", title=title, aspect="equal")
    axes[0].set_ylabel("$x_2$")
    return axes


def _means(ax: Axes, means: Array) -> None:
    ax.plot(*means.T, color="black", linestyle=":", linewidth=1.5)
    for k, mean in enumerate(means):
        style: dict[str, Any] = {"color": COLORS[k], "marker": MARKERS[k], "markersize": 9}
        ax.plot(*mean, markeredgecolor="black", zorder=3, **style)


def class_boundaries(
    ax: Axes,
    X: ArrayLike,
    y: ArrayLike,
    models: Mapping[str, LinearClassifier],
    *,
    xlim: Limits,
    ylim: Limits,
) -> Axes:
    """Small points of two classes, and for each named model the line on which its score is 0.

    ``X`` is (N, 2) and ``y`` (N,), of 0 and 1.
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    for k in (0, 1):
        style: dict[str, Any] = {"color": COLORS[k], "marker": MARKERS[k], "label": f"y = {k}"}
        x1, x2 = X[y == k].T
        ax.scatter(x1, x2, s=14, alpha=0.6, linewidths=0, **style)
    for i, (name, model) in enumerate(models.items()):
        w = model.weight
        foot = -model.bias * w / (w @ w)
        along = np.array([-w[1], w[0]]) / np.linalg.norm(w) * 1000
        ends = np.array([foot - along, foot + along])
        ax.plot(*ends.T, color="black", linestyle=stroke(i)["linestyle"], label=name)
    ax.set(xlim=xlim, ylim=ylim, xlabel="$x_1$", ylabel="$x_2$")
    ax.legend(loc="upper left")
    return ax
