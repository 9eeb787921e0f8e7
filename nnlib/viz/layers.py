"""What happens layer by layer: how activations and gradients are spread."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from nnlib.viz.style import COLORS

__all__ = ["layer_histograms"]

BINS = 80


def layer_histograms(
    ax: Axes, layers: Mapping[str, ArrayLike], *, log: bool = False, xlabel: str = "value"
) -> Axes:
    """One histogram for each named layer's values, the first layer on top, on one common axis.

    Each is as high as its row, whatever its width; its standard deviation stands beside it. Exact
    zeros, as ReLU makes them, are counted apart. With ``log`` the axis shows log₁₀ |value|, so that
    layers of very different size can be compared.

        viz.layer_histograms(ax, {r.name: r.gradient for r in layer_records(model, x, y, loss)})
    """
    shown = {name: _shown(name, values, log) for name, values in layers.items()}
    limits = _limits([x for x, _ in shown.values()])
    rows = len(shown)
    for i, (x, words) in enumerate(shown.values()):
        floor = rows - 1 - i
        counts, edges = np.histogram(x, BINS, limits)
        heights = floor + 0.8 * counts / max(counts.max(), 1)
        ax.fill_between(
            edges, np.append(heights, floor), floor, step="post", color=COLORS[0], alpha=0.8
        )
        ax.axhline(floor, color="gray", linewidth=0.8, linestyle="-")
        ax.text(1.01, floor + 0.1, words, transform=ax.get_yaxis_transform(), fontsize=10)
    ax.set_yticks(np.arange(rows)[::-1] + 0.25, list(shown))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set(xlim=limits, ylim=(-0.05, rows), xlabel=f"log₁₀ |{xlabel}|" if log else xlabel)
    return ax


def _shown(name: str, values: ArrayLike, log: bool) -> tuple[NDArray[Any], str]:
    """The numbers to draw, and what is said about all of them."""
    x = np.asarray(values, dtype=float).ravel()
    if not len(x) or not np.isfinite(x).all():
        raise ValueError(
            f"layer_histograms: the values of {name!r} must be finite, and there must be some"
        )
    zeros = x == 0
    words = f"std {x.std():.2g}"
    if zeros.any():
        words += f"\n{zeros.mean():.0%} zeros"
    x = x[~zeros]
    return (np.log10(np.abs(x)) if log else x), words


def _limits(layers: list[NDArray[Any]]) -> tuple[float, float]:
    """From the lowest to the highest value, but for one in a thousand."""
    ends = [np.quantile(x, [0.001, 0.999]) for x in layers if len(x)] or [np.array([-1.0, 1.0])]
    low, high = float(np.min(ends)), float(np.max(ends))
    margin = 0.02 * (high - low) or 1.0
    return low - margin, high + margin
