"""Histograms of sizes that differ by powers of ten."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nnlib.viz.style import COLORS, LINESTYLES


def log_histograms(
    ax: Axes,
    sets: Mapping[str, ArrayLike],
    *,
    bounds: Mapping[str, float] | None = None,
    xlabel: str = "size",
) -> Axes:
    """Outlines: which share of each named set lies in each tenth of a power of ten.

    Signs do not count, and zeros are left out. ``bounds`` gives some sets a vertical line, which
    no value passes.
    """
    logs = {}
    for name, values in sets.items():
        sizes = np.abs(np.asarray(values, dtype=float)).ravel()
        if not (sizes > 0).any():
            raise ValueError(f"log_histograms: {name!r} holds nothing but zeros")
        logs[name] = np.log10(sizes[sizes > 0]), sizes.size
    low = min(np.quantile(log, 0.002) for log, _ in logs.values())
    high = max(log.max() for log, _ in logs.values())
    edges = np.arange(np.floor(low * 10), np.ceil(high * 10) + 2) / 10
    for k, (name, (log, size)) in enumerate(logs.items()):
        color, style = COLORS[k % len(COLORS)], LINESTYLES[k % len(LINESTYLES)]
        shares = np.histogram(log, edges)[0] / size
        ax.stairs(shares, 10**edges, color=color, linestyle=style, linewidth=2, label=name)
        if bounds and name in bounds:
            ax.axvline(bounds[name], color=color, linestyle=":", linewidth=1.5)
    ax.set(xscale="log", xlabel=xlabel, ylabel="share", ylim=(0, None))
    ax.legend()
    return ax
