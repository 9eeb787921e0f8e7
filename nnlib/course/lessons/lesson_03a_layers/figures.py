"""Layers of neurons: who reads whom, what each layer gives and holds, what a product can still do."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from nnlib.viz import curves, drawing
from nnlib.viz.drawing import Place
from nnlib.viz.style import COLORS, Style, palette, shades

UNITS = 8  # of a layer are drawn at most
BINS = 80  # of a histogram


def neurons(ax: Axes, sizes: Sequence[int], highlight: tuple[int, int] | None = None) -> Axes:
    """Draw a fully connected network of the given sizes, inputs on the left.

    ``highlight`` (l, i) marks unit i of layer l, counted from 1, and the weights that it owns.
    """
    if max(sizes) > UNITS:
        raise ValueError(f"neurons: a layer of {max(sizes)} units does not fit (at most {UNITS})")
    columns = [drawing.column(float(depth), size, 1.0) for depth, size in enumerate(sizes)]
    for depth, (left, right) in enumerate(pairwise(columns), start=1):
        for i, end in enumerate(right, start=1):
            own = (depth, i) == highlight
            style: Style = {"color": "black", "linewidth": 2.5} if own else {"color": "#BBBBBB"}
            for start in left:
                drawing.edge(ax, start, end, **style)
    for depth, column in enumerate(columns):
        for i, place in enumerate(column, start=1):
            own = (depth, i) == highlight
            color = palette["orange"] if own else "white" if depth == 0 else "#D3E5F2"
            _unit(ax, place, color, 3 if own else 1)
        name = "input" if depth == 0 else "output" if depth == len(sizes) - 1 else f"layer {depth}"
        ax.text(depth, 0.62 + max(sizes) / 2, name, ha="center")
    drawing.bare(ax)
    return ax


def wirings(axes: Any) -> Any:
    """Three ways to wire four neurons, on three Axes: a chain, two layers, and a wire that skips."""
    chain = [(float(k), 0.0) for k in range(5)]
    places = [drawing.column(x, 2) for x in (0.0, 1.0, 2.0)]
    layered = [edge for left, right in pairwise(places) for edge in product(left, right)]
    plans: list[tuple[str, list[tuple[Place, Place]], set[Place]]] = [
        ("a chain", list(pairwise(chain)), {chain[0]}),
        ("layers, fully connected", layered, set(places[0])),
        ("a wire that skips", list(pairwise(chain)), {chain[0]}),
    ]
    for ax, (title, edges, inputs) in zip(axes, plans, strict=True):
        for start, end in edges:
            drawing.edge(ax, start, end, color="#777777")
        for place in {place for edge in edges for place in edge}:
            _unit(ax, place, "white" if place in inputs else "#D3E5F2", 1)
        drawing.bare(ax)
        ax.set_title(title)
        ax.set_ylim(-1.3, 1.3)
    skip: Style = {"arrowstyle": "-|>", "color": palette["vermillion"], "linewidth": 2.5}
    bend: Style = {"connectionstyle": "arc3,rad=-0.5", "shrinkA": 10, "shrinkB": 10}
    axes[2].annotate("", xy=chain[3], xytext=chain[1], arrowprops=skip | bend)
    return axes


def singular_values(ax: Axes, matrices: Mapping[str, ArrayLike]) -> Axes:
    """The singular values of each named matrix, largest first: as many as its rank are not 0."""
    values = {
        name: np.linalg.svd(np.asarray(matrix, float), compute_uv=False)
        for name, matrix in matrices.items()
    }
    shares = {name: s / s[0] for name, s in values.items()}
    numbers = range(1, 1 + max(map(len, shares.values())))
    curves(ax, numbers, shares, xlabel="number", ylabel="singular value (largest = 1)")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return ax


def parameter_bars(ax: Axes, counts: Mapping[str, int]) -> Axes:
    """A bar for each named network's number of parameters."""
    bars = ax.barh(list(counts), list(counts.values()), color=COLORS[0])
    ax.bar_label(bars, [f"{count:,}" for count in counts.values()], padding=4)
    ax.invert_yaxis()
    ax.margins(x=0.2)
    ax.set(xlabel="parameters")
    return ax


def histograms(
    ax: Axes, layers: Mapping[str, ArrayLike], *, log: bool = False, xlabel: str = "value"
) -> Axes:
    """One histogram for each named layer's values, the first layer on top, on one common axis.

    Each is as high as its row, whatever its width; its standard deviation stands beside it. Exact
    zeros, as ReLU makes them, are counted apart. With ``log`` the axis shows log₁₀ |value|, so that
    layers of very different size can be compared.

        figures.histograms(ax, {r.name: r.gradient for r in layer_records(model, x, y, loss)})
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
            f"histograms: the values of {name!r} must be finite, and there must be some"
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


def image_grid(ax: Axes, images: ArrayLike, columns: int | None = None) -> Axes:
    """Draw many small images (N, height, width) in rows, with one scale of colors for all.

    For the weight templates of a layer (``W.reshape(-1, 8, 8)``), the feature maps of a convolution
    (one example's (C, H, W)), or a handful of digits. White is 0; about as many
    columns as rows, unless ``columns`` says how many.
    """
    images = np.asarray(images, dtype=float)
    if images.ndim != 3 or images.size == 0:
        raise ValueError(f"image_grid: images must be (N, height, width), not {images.shape}")
    if columns is not None and columns < 1:
        raise ValueError(f"image_grid: columns must be at least 1, not {columns}")
    N, H, W = images.shape
    columns = min(columns or math.ceil(math.sqrt(N)), N)
    rows = math.ceil(N / columns)
    canvas = np.full((rows * (H + 1) + 1, columns * (W + 1) + 1), np.nan)  # NaN: the lines between
    for k, image in enumerate(images):
        top, left = (k // columns) * (H + 1) + 1, (k % columns) * (W + 1) + 1
        canvas[top : top + H, left : left + W] = image
    ax.imshow(canvas, interpolation="nearest", **shades(images))
    ax.set_facecolor("#9DB4C0")  # what shows through NaN: neither white, black, orange nor purple
    ax.spines[:].set_visible(False)
    ax.set(xticks=[], yticks=[])
    return ax


def _unit(ax: Axes, place: Place, color: str, linewidth: float) -> None:
    ax.scatter(*place, s=320, color=color, edgecolors="black", linewidths=linewidth, zorder=4)
