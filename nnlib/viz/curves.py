"""Curves and bars: what a neuron computes, and how its training goes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from nnlib.viz.style import COLORS, LINESTYLES, MARKERS, Style, palette

__all__ = ["activation", "contributions", "errors_per_epoch", "similarity"]

Function = Callable[[NDArray[Any]], ArrayLike]
TINY = 1e-12  # as good as 0 from the left and from the right


def activation(
    ax: Axes,
    functions: Mapping[str, Function],
    *,
    at: float | None = None,
    xlim: tuple[float, float] = (-3.0, 3.0),
) -> Axes:
    """Draw h = φ(z) for each named φ, with a large dot at z = ``at``.

    Where φ jumps at 0, as steps do, no line joins the two sides: a filled dot marks φ(0), open dots
    the limits it does not take.
    """
    note = ""
    for i, (name, phi) in enumerate(functions.items()):
        dot: Style = {
            "color": COLORS[i],
            "marker": MARKERS[i],
            "linestyle": "none",
            "markersize": 7,
        }
        z = np.linspace(*xlim, 400)
        left, here, right = (_at(phi, z0) for z0 in (-TINY, 0.0, TINY))
        jumps = abs(right - left) > 1e-6
        if jumps:
            note = "filled: belongs\nopen: does not"
            z = np.sort(np.append(z, [-TINY, 0.0, TINY]))
            missed = [limit for limit in (left, right) if limit != here]
            # So wide that another function's filled dot has room in it.
            ring: Style = {"markerfacecolor": "white", "markersize": 15, "markeredgewidth": 2}
            ax.plot([0] * len(missed), missed, **dot | ring, zorder=3)
            ax.plot(0, here, **dot, zorder=4)
        h = np.asarray(phi(z), dtype=float)
        if jumps:
            h = np.where(z == 0, np.nan, h)  # lifts the pen
        ax.plot(z, h, color=COLORS[i], linestyle=LINESTYLES[i], label=name)
        if at is not None:
            large: Style = {"markersize": 11, "markeredgecolor": "black", "markeredgewidth": 1.5}
            ax.plot(at, _at(phi, at), **dot | large, zorder=5)
    ax.set(xlabel="pre-activation $z$", ylabel="activation $h$", xlim=xlim)
    ax.grid(color="#DDDDDD", linewidth=0.8, linestyle="-")
    if len(functions) > 1 or note:
        ax.legend(title=note, title_fontsize=10)
    return ax


def contributions(ax: Axes, x: ArrayLike, w: ArrayLike, b: float) -> Axes:
    """z = w₁x₁ + … + w_d x_d + b, built up term by term from left to right.

    ``x`` and ``w`` are (d,). Each bar starts where the one before it ended; the last one is z.
    """
    x, w = np.asarray(x, dtype=float), np.asarray(w, dtype=float)
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError(f"contributions: x and w must both be (d,) — x is {x.shape}, w {w.shape}")
    terms = np.append(w * x, b)
    starts = np.append(np.cumsum(terms) - terms, 0.0)
    heights = np.append(terms, terms.sum())
    names = [f"$w_{{{i}}}x_{{{i}}}$" for i in range(1, len(x) + 1)] + ["$b$", "$z$"]
    for i, (start, height) in enumerate(zip(starts, heights, strict=True)):
        rises, last = height >= 0, i == len(terms)
        color = "#BBBBBB" if last else COLORS[0] if rises else COLORS[1]
        ax.bar(i, height, bottom=start, color=color, hatch="" if rises or last else "//")
        ax.annotate(
            f"{height:+.3g}".replace("-", "−"),
            (i, start + height),
            xytext=(0, 4 if rises else -4),
            textcoords="offset points",
            ha="center",
            va="bottom" if rises else "top",
        )
    ends = np.cumsum(terms)
    ax.hlines(ends, np.arange(len(ends)), np.arange(1, len(ends) + 1), color="gray", linewidth=1)
    ax.axhline(0, color="black", linewidth=1, linestyle="-")
    ax.use_sticky_edges = False  # room for the numbers above and below the bars
    ax.margins(y=0.15)
    ax.set_xticks(range(len(names)), names)
    ax.set(ylabel="sum so far")
    return ax


def similarity(ax: Axes, w: ArrayLike, x: ArrayLike) -> Axes:
    """z = ‖w‖ ‖x‖ cos α as x turns around w at its own length; a dot marks x where it is now."""
    w, x = np.asarray(w, dtype=float), np.asarray(x, dtype=float)
    if w.ndim != 1 or w.shape != x.shape:
        raise ValueError(f"similarity: w and x must both be (d,) — w is {w.shape}, x {x.shape}")
    size = float(np.linalg.norm(w) * np.linalg.norm(x))
    if size == 0:
        raise ValueError("similarity: w and x need a direction, so neither can be all zeros")
    alpha = np.linspace(-180, 180, 361)
    z = size * np.cos(np.radians(alpha))
    ax.fill_between(alpha, z, 0, where=z >= 0, color="#D3E5F2")
    ax.text(0, size / 3, "fires if $b$ = 0", ha="center", va="center")
    ax.plot(alpha, z, color=COLORS[0], linestyle="-")
    now = np.degrees(np.arccos(np.clip(w @ x / size, -1, 1)))
    ax.plot(now, w @ x, color=palette["vermillion"], marker="o", markersize=9)
    ax.axhline(0, color="black", linewidth=1, linestyle="-")
    ax.set_xticks(range(-180, 181, 90))
    ax.set_title(f"α = {now:.0f}°, $z$ = {w @ x:.2f}".replace("-", "−"))
    ax.set(xlabel="angle α from $w$ to $x$ in degrees", ylabel="z = w · x")
    return ax


def errors_per_epoch(ax: Axes, errors: Mapping[str, Sequence[int]]) -> Axes:
    """Draw how many mistakes each epoch had, one line per named run."""
    for i, (name, counts) in enumerate(errors.items()):
        style: Style = {"color": COLORS[i], "marker": MARKERS[i], "linestyle": LINESTYLES[i]}
        ax.plot(range(1, len(counts) + 1), counts, label=name, markersize=8, **style)
    ax.set(xlabel="epoch", ylabel="mistakes in the epoch")
    ax.set_ylim(bottom=-0.2)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    if errors:
        ax.legend(loc="center right")  # mistakes are seldom left there
    return ax


def _at(phi: Function, z: float) -> float:
    return float(np.asarray(phi(np.array([z])))[0])
