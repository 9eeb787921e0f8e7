"""The plane of two features: points, and the regions into which a classifier cuts it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from nnlib.viz.style import COLORS, MARKERS, Style

__all__ = ["decision_regions", "points"]

Array = NDArray[Any]
Limits = tuple[float, float]

TINTS = ["#D3E5F2", "#FBE7C0"]  # COLORS[0] and COLORS[1], thinned with white
STEPS = 300  # grid points per side: finer than a pixel of the usual figure


def points(ax: Axes, X: ArrayLike, y: ArrayLike) -> Axes:
    """Draw the rows of X (N, 2) in the color and with the marker of their class y (N,)."""
    X, y = _points(X, y)
    for k in np.unique(y):
        x1, x2 = X[y == k].T
        style: Style = {"color": COLORS[k % len(COLORS)], "marker": MARKERS[k % len(MARKERS)]}
        ax.scatter(x1, x2, s=60, edgecolors="black", label=f"y = {k}", zorder=3, **style)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    return ax


def decision_regions(
    ax: Axes,
    f: Callable[[Array], ArrayLike],
    X: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    xlim: Limits | None = None,
    ylim: Limits | None = None,
    level: float = 0.5,
) -> Axes:
    """Shade where f(x) ≥ level (class 1, hatched) and where f(x) < level (class 0).

    ``f`` maps points (N, 2) to numbers (N,): labels or probabilities with the usual level of 0.5,
    pre-activations with ``level=0``. Points X (N, 2) with labels y of 0 and 1 are drawn on top, and
    those on the wrong side are ringed. Without limits, the axes reach a little beyond the points.
    """
    X, y = _points([] if X is None else X, [] if y is None else y)
    xlim, ylim = xlim or _around(X[:, 0]), ylim or _around(X[:, 1])
    x1, x2 = np.meshgrid(np.linspace(*xlim, STEPS), np.linspace(*ylim, STEPS))
    values = _values(f, np.column_stack([x1.ravel(), x2.ravel()])).reshape(x1.shape)
    low, high = min(values.min(), level) - 1, max(values.max(), level) + 1
    shades = ax.contourf(x1, x2, values, [low, level, high], colors=TINTS, hatches=["", "//"])
    shades.set(edgecolor="#EBCB86", linewidth=0)  # the color of the hatching
    if values.min() < level <= values.max():
        ax.contour(x1, x2, values, [level], colors="black", linewidths=2, linestyles="-")
    if len(X):
        _classified(ax, f, X, y, level)
    ax.set(xlim=xlim, ylim=ylim, xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    ax.locator_params(nbins=5)
    return ax


def _classified(
    ax: Axes, f: Callable[[Array], ArrayLike], X: Array, y: Array, level: float
) -> None:
    if not np.isin(y, [0, 1]).all():
        raise ValueError(f"decision_regions: y must be 0 or 1, not {np.unique(y).tolist()}")
    points(ax, X, y)
    wrong = X[(_values(f, X) >= level) != (y == 1)]
    if len(wrong):
        ring: Style = {"facecolors": "none", "edgecolors": "black", "linewidths": 2}
        x1, x2 = wrong.T
        ax.scatter(x1, x2, s=220, label="on the wrong side", zorder=4, **ring)


def _values(f: Callable[[Array], ArrayLike], X: Array) -> Array:
    values = np.asarray(f(X), dtype=float)
    if values.shape != (len(X),):
        raise ValueError(
            f"decision_regions: f must give one number per point, ({len(X)},), not {values.shape}"
        )
    return values


def _points(X: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    if X.size == 0:
        X, y = X.reshape(0, 2), y.astype(int)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"X must be (N, 2), one point of the plane per row, not {X.shape}")
    if y.shape != (len(X),) or y.dtype.kind not in "iub":
        raise ValueError(
            f"y must hold one whole-number label for each of the {len(X)} rows of X; "
            f"it is {y.shape} of {y.dtype}"
        )
    return X, y.astype(int)


def _around(values: Array) -> Limits:
    if len(values) == 0:
        return -1.0, 1.0
    low, high = values.min(), values.max()
    margin = 0.3 * (high - low) or 1.0
    return float(low - margin), float(high + margin)
