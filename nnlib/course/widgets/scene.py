"""What a widget shows, as plain data.

A `Scene` is a few panels of points, lines, arrows, bars and one heat map, and the same in words.
It is drawn twice: by widget.js on a canvas while a student plays, and by `picture` with Matplotlib
for the page that is stored. So a widget is a function from settings to a scene, and nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from functools import singledispatch
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlib.viz import palette

Floats = NDArray[np.floating[Any]]

LOW, HIGH = "blue", "orange"  # the two ends of every heat map, and class 0 and class 1


@dataclass(frozen=True)
class Heat:
    """Shades over the whole panel: `values` (rows from the bottom up), no color at `center`.

    `ticks`, (value, text) from lowest to highest, label the legend; beyond them shades stay.
    Two ticks make two shades, for a step has nothing between.
    """

    values: Floats
    ticks: tuple[tuple[float, str], ...]
    center: float
    label: str


@dataclass(frozen=True)
class Points:
    """Markers at `xy` (N, 2): filled "circle" or "square", open "ring" or "diamond"."""

    xy: Floats
    marker: str
    color: str = "ink"
    label: str = ""


@dataclass(frozen=True)
class Line:
    """A line through the points `xy` (N, 2)."""

    xy: Floats
    color: str = "ink"
    dashed: bool = False
    label: str = ""


@dataclass(frozen=True)
class Arrow:
    """An arrow from `start` to `end`, each (2,)."""

    start: Floats
    end: Floats
    color: str = "ink"
    label: str = ""


@dataclass(frozen=True)
class Bars:
    """One bar for each of `heights` (N,), standing at 1, 2, …, N."""

    heights: Floats
    color: str = "blue"
    label: str = ""


Item = Heat | Points | Line | Arrow | Bars


@dataclass(frozen=True)
class Panel:
    """One pair of axes. `height` is its height over its width; 1 gives both axes one scale."""

    xlim: tuple[float, float]
    ylim: tuple[float, float]
    xlabel: str
    ylabel: str
    items: tuple[Item, ...]
    height: float = 1.0
    whole: bool = False  # tick marks at whole numbers only, where things are counted


@dataclass(frozen=True)
class Scene:
    """Panels, and in `words` what they show."""

    panels: tuple[Panel, ...]
    words: str


def wire(thing: Any) -> Any:
    """What the browser reads: dataclasses as dicts with their kind, arrays as float32 bytes."""
    if is_dataclass(thing):
        parts = {field.name: wire(getattr(thing, field.name)) for field in fields(thing)}
        return {"kind": type(thing).__name__, **parts}
    if isinstance(thing, np.ndarray):
        return {"shape": list(thing.shape), "bytes": thing.astype("<f4").tobytes()}
    if isinstance(thing, tuple):
        return [wire(part) for part in thing]
    return thing


def picture(scene: Scene) -> bytes:
    """The scene as a PNG, drawn on white with Matplotlib."""
    heights = [panel.height for panel in scene.panels]
    figure = Figure(figsize=(5.6, 0.8 + 4.6 * sum(heights)), dpi=100, layout="constrained")
    axes = figure.subplots(len(heights), squeeze=False, height_ratios=heights)[:, 0]
    for ax, panel in zip(axes, scene.panels, strict=True):
        ax.set(xlim=panel.xlim, ylim=panel.ylim, xlabel=panel.xlabel, ylabel=panel.ylabel)
        ax.locator_params(nbins=6, integer=panel.whole)
        if panel.height == 1:
            ax.set_aspect("equal")
        for item in panel.items:
            draw(item, ax)
    labeled = [handle for ax in axes for handle in ax.get_legend_handles_labels()[0]]
    style = {"ncols": 3, "fontsize": 9, "frameon": False, "columnspacing": 1}
    figure.legend(handles=labeled, loc="outside upper left", **style)
    png = BytesIO()
    figure.savefig(png, metadata={"Software": None})  # the version would change the bytes
    return png.getvalue()


@singledispatch
def draw(item: Item, ax: Any) -> None:
    """Draw one item of a scene on Matplotlib's axes."""
    raise TypeError(f"a scene cannot show a {type(item).__name__}")


@draw.register
def _(item: Heat, ax: Any) -> None:
    values, names = zip(*item.ticks, strict=True)
    low, high = min(values), max(values)
    # A scale that begins at its center has no lower half; the norm wants one all the same.
    norm = TwoSlopeNorm(item.center, min(low, item.center - 1e-9), high)
    shades = LinearSegmentedColormap.from_list(
        "shades", [palette[LOW], "white", palette[HIGH]], N=2 if len(item.ticks) == 2 else 256
    )
    extent = (*ax.get_xlim(), *ax.get_ylim())
    image = ax.imshow(item.values, cmap=shades, norm=norm, extent=extent, origin="lower", alpha=0.4)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.6, aspect=30, label=item.label)
    bar.set_ticks(values, labels=names)
    bar.ax.set_ylim(low, high)


@draw.register
def _(item: Points, ax: Any) -> None:
    marker = {"circle": "o", "square": "s", "ring": "o", "diamond": "D"}[item.marker]
    filled = item.marker in ("circle", "square")
    ax.scatter(
        *item.xy.T,
        s=70 if filled else 260,
        marker=marker,
        facecolors=_color(item.color) if filled else "none",
        edgecolors=_color("ink" if filled else item.color),
        linewidths=1 if filled else 2,
        label=item.label,
        zorder=3,
    )


@draw.register
def _(item: Line, ax: Any) -> None:
    style = "--" if item.dashed else "-"
    ax.plot(*item.xy.T, style, color=_color(item.color), linewidth=2, label=item.label)


@draw.register
def _(item: Arrow, ax: Any) -> None:
    color = _color(item.color)
    props = {"arrowstyle": "-|>", "color": color, "linewidth": 2.5, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", tuple(item.end), tuple(item.start), arrowprops=props, annotation_clip=True)
    ax.plot([], [], marker=r"$\rightarrow$", markersize=14, ls="", color=color, label=item.label)


@draw.register
def _(item: Bars, ax: Any) -> None:
    positions = np.arange(1, len(item.heights) + 1)
    ax.bar(positions, item.heights, color=_color(item.color), label=item.label)


def _color(name: str) -> str:
    return palette.get(name, "#222222")
