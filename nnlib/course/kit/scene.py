"""What a widget shows, as plain data.

A `Scene` is a few panels of points, lines, arrows, bars, shades and labels, and the same in words.
It is drawn twice: by draw.js on a canvas while a student plays, and by `picture` with Matplotlib
for the page that is stored. So a widget is a function from settings to a scene, and nothing more.

    xy = np.array([[0.01, 2.3], [0.1, 0.4], [1.0, 9.0]])
    losses = Line(xy, "blue", label="loss after 100 steps", marker="circle")
    best = Label(xy[1], "best", boxed=True)
    panel = Panel((0.01, 1.0), (0.0, 10.0), "η", "loss", (losses, best), height=0.6, xlog=True)
    scene = Scene((panel,), "The loss is lowest at η = 0.1.")

Colors are names of `nnlib.viz.palette`, or "ink" (the page's text) and "gray". Items are drawn in
their order, later ones on top. Those with a `label` are explained above their panel. Two things
that must be told apart differ in more than color: in marker, in line style, or in hatching.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from functools import singledispatch
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm, to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlib.viz import palette

Floats = NDArray[np.floating[Any]]

LOW, HIGH = "blue", "orange"  # the two ends of every heat map, and class 0 and class 1


@dataclass(frozen=True)
class Heat:
    """Shades: `values` (rows from the bottom up, shape (rows, columns)), no color at `center`.

    `ticks`, (value, text) from lowest to highest, label the legend; beyond them shades stay.
    Two ticks make two shades, for a step has nothing between; a matrix wants three. The first heat
    with a `label` has the panel's legend. It fills the panel, or `extent` (x0, x1, y0, y1) of it.
    """

    values: Floats
    ticks: tuple[tuple[float, str], ...]
    center: float
    label: str = ""
    extent: tuple[float, float, float, float] | None = None


def relief(heights: Floats, shades: int = 12) -> Heat:
    """A surface in so many shades, each on an equal share of the plane: the lower, the bluer."""
    edges = np.quantile(heights, np.linspace(0, 1, shades + 1)[1:-1])
    # The highest shade has the color of the center, and the legend ends just above it.
    ticks = ((0.0, "low"), (shades / 2, ""), (shades - 0.999, "high"))
    return Heat(np.searchsorted(edges, heights).astype(float), ticks, shades - 1.0)


def pixel_centers(low: float, high: float, n: int) -> Floats:
    """The middle of every pixel of a square map of n × n, rows from the bottom up: (n², 2)."""
    along = low + (high - low) * (np.arange(n) + 0.5) / n
    x1, x2 = np.meshgrid(along, along)
    return np.column_stack([x1.ravel(), x2.ravel()])


@dataclass(frozen=True)
class Points:
    """Markers at `xy` (N, 2), "normal" or, where there are many, "small".

    Filled are "circle", "square", "triangle" and "cross"; open "ring" and "diamond", which go
    around a point to show it.
    """

    xy: Floats
    marker: str
    color: str = "ink"
    label: str = ""
    size: str = "normal"


@dataclass(frozen=True)
class Line:
    """A line through the points `xy` (N, 2), with a gap where one is not finite.

    `style` is "solid", "dashed" (also said as `dashed=True`) or "dotted"; `marker` "circle",
    "square", "triangle", "diamond" or "cross", on at most a dozen of the points.
    """

    xy: Floats
    color: str = "ink"
    dashed: bool = False
    label: str = ""
    style: str = "solid"
    marker: str = ""

    def __post_init__(self) -> None:
        if self.dashed:
            object.__setattr__(self, "style", "dashed")


@dataclass(frozen=True)
class Arrow:
    """An arrow from `start` to `end`, each (2,)."""

    start: Floats
    end: Floats
    color: str = "ink"
    label: str = ""


@dataclass(frozen=True)
class Bars:
    """A bar for each of `heights` (N,), at 1, 2, …, N or at `positions` (N,); `hatch` stripes them.

    Two series side by side: `positions` shifted by ±0.2, `width=0.4`, and one of them hatched.
    """

    heights: Floats
    color: str = "blue"
    label: str = ""
    positions: Floats | None = None
    width: float = 0.8
    hatch: bool = False


@dataclass(frozen=True)
class Label:
    """Text at the point `xy` (2,): one line or several, "left", "center" or "right" of it aligned.

    `boxed` draws a frame around it, filled with the page's background: the node of a graph. `color`
    is that of text and frame; `size` is "normal" or "small". A label may reach out of its panel.
    """

    xy: Floats | tuple[float, float]
    text: str
    color: str = "ink"
    boxed: bool = False
    align: str = "center"
    size: str = "normal"


Item = Heat | Points | Line | Arrow | Bars | Label


@dataclass(frozen=True)
class Panel:
    """One pair of axes. `height` is its height over its width; 1 gives like limits one scale.

    `title` stands above it. `axes=False` hides frame, ticks and axis labels: for graphs and small
    maps. `xlog` and `ylog` scale logarithmically, with ticks at powers of ten. `drag=("x0", "y0")`
    lets the mouse set these two settings, which have sliders, by a click or a drag in the panel.
    """

    xlim: tuple[float, float]
    ylim: tuple[float, float]
    xlabel: str
    ylabel: str
    items: tuple[Item, ...]
    height: float = 1.0
    whole: bool = False  # tick marks at whole numbers only, where things are counted
    title: str = ""
    axes: bool = True
    xlog: bool = False
    ylog: bool = False
    drag: tuple[str, str] | None = None


@dataclass(frozen=True)
class Scene:
    """Panels, in rows of `columns` (fewer on a narrow page), and in `words` what they show."""

    panels: tuple[Panel, ...]
    words: str
    columns: int = 1


def wire(thing: Any) -> Any:
    """What the browser reads: dataclasses as dicts with their kind, arrays as float32 bytes."""
    if is_dataclass(thing):
        parts = {field.name: wire(getattr(thing, field.name)) for field in fields(thing)}
        return {"kind": type(thing).__name__, **parts}
    if isinstance(thing, np.ndarray):
        return {"shape": list(thing.shape), "bytes": thing.astype("<f4").tobytes()}
    if isinstance(thing, tuple | list):
        return [wire(part) for part in thing]
    return thing.item() if isinstance(thing, np.generic) else thing


def picture(scene: Scene) -> bytes:
    """The scene as a PNG, drawn on white with Matplotlib."""
    columns = min(scene.columns, len(scene.panels))
    width = 5.6 if columns == 1 else min(4.2, 11.2 / columns)  # of a column, in inches
    starts = range(0, len(scene.panels), columns)
    heights = [max(_inches(p, width) for p in scene.panels[k : k + columns]) for k in starts]
    size = (width * columns, 0.6 + sum(heights))
    figure = Figure(figsize=size, dpi=100, layout="constrained")
    axes = figure.subplots(len(heights), columns, squeeze=False, height_ratios=heights).ravel()
    for ax in axes[len(scene.panels) :]:
        ax.remove()
    for panel, ax in zip(scene.panels, axes, strict=False):
        _draw_panel(panel, ax)
    handles = [handle for ax in axes for handle in ax.get_legend_handles_labels()[0]]
    once = {handle.get_label(): handle for handle in handles}  # panels may show the same things
    style = {"ncols": 3 * columns, "fontsize": 9, "frameon": False, "columnspacing": 1}
    figure.legend(handles=list(once.values()), loc="outside upper left", **style)
    png = BytesIO()
    # Nothing is cut off; and no version of Matplotlib, which would change the bytes.
    figure.savefig(png, bbox_inches="tight", metadata={"Software": None})
    return png.getvalue()


def _inches(panel: Panel, width: float) -> float:
    """How high a panel is with title and axis labels, in a column of this width."""
    legend = any(isinstance(item, Heat) and item.label for item in panel.items)
    frame = width - 0.8 * panel.axes - 0.6 * legend
    return 0.3 * bool(panel.title) + 0.6 * panel.axes + frame * panel.height


def _draw_panel(panel: Panel, ax: Any) -> None:
    for axis, log in (("x", panel.xlog), ("y", panel.ylog)):
        ax.set(**{f"{axis}scale": "log" if log else "linear"})
        if not log:
            ax.locator_params(axis, nbins=6, integer=panel.whole)
    ax.set(xlim=panel.xlim, ylim=panel.ylim, xlabel=panel.xlabel, ylabel=panel.ylabel)
    ax.set_title(panel.title, fontsize=11)
    ax.set_box_aspect(panel.height)
    if not panel.axes:
        ax.set_axis_off()
    for order, item in enumerate(panel.items):
        draw(item, ax, order)


MARKERS = {
    "": "",
    "circle": "o",
    "square": "s",
    "triangle": "^",
    "cross": "X",
    "diamond": "D",
    "ring": "o",
}


@singledispatch
def draw(item: Item, ax: Any, order: int) -> None:
    """Draw one item of a scene on Matplotlib's axes, above those of a lower order."""
    raise TypeError(f"a scene cannot show a {type(item).__name__}")


@draw.register
def _(item: Heat, ax: Any, order: int) -> None:
    values, names = zip(*item.ticks, strict=True)
    low, high = min(values), max(values)
    # A scale that begins at its center has no lower half; the norm wants one all the same.
    norm = TwoSlopeNorm(item.center, min(low, item.center - 1e-9), high)
    shades = LinearSegmentedColormap.from_list(
        "shades", [palette[LOW], "white", palette[HIGH]], N=2 if len(item.ticks) == 2 else 256
    )
    extent = item.extent or (*ax.get_xlim(), *ax.get_ylim())
    look = {"cmap": shades, "norm": norm, "alpha": 0.4, "origin": "lower", "zorder": order}
    image = ax.imshow(item.values, extent=extent, aspect="auto", **look)
    if item.label:
        bar = ax.figure.colorbar(image, ax=ax, shrink=0.6, aspect=30, label=item.label)
        bar.set_ticks(values, labels=names)
        bar.ax.set_ylim(low, high)


@draw.register
def _(item: Points, ax: Any, order: int) -> None:
    filled = item.marker not in ("ring", "diamond")
    small = item.size == "small"
    ax.scatter(
        *item.xy.T,
        s=(70 if filled else 260) / (5 if small else 1),
        marker=MARKERS[item.marker],
        facecolors=_color(item.color) if filled else "none",
        edgecolors=_color("ink" if filled else item.color),
        linewidths=(1 if filled else 2) / (2 if small else 1),
        label=item.label,
        zorder=order,
    )


@draw.register
def _(item: Line, ax: Any, order: int) -> None:
    ax.plot(
        *item.xy.T,
        linestyle=item.style,
        marker=MARKERS[item.marker],
        markevery=-(-len(item.xy) // 12) or 1,
        color=_color(item.color),
        linewidth=2,
        label=item.label,
        zorder=order,
    )


@draw.register
def _(item: Arrow, ax: Any, order: int) -> None:
    color = _color(item.color)
    props = {"arrowstyle": "-|>", "color": color, "linewidth": 2.5, "shrinkA": 0, "shrinkB": 0}
    ends = tuple(item.end), tuple(item.start)
    ax.annotate("", *ends, arrowprops=props, annotation_clip=True, zorder=order)
    ax.plot([], [], marker=r"$\rightarrow$", markersize=14, ls="", color=color, label=item.label)


@draw.register
def _(item: Bars, ax: Any, order: int) -> None:
    positions = np.arange(1, len(item.heights) + 1) if item.positions is None else item.positions
    stripes = {"hatch": "//", "edgecolor": "white"} if item.hatch else {}
    look = {"color": _color(item.color), "label": item.label, "zorder": order, **stripes}
    ax.bar(positions, item.heights, item.width, linewidth=0, **look)


@draw.register
def _(item: Label, ax: Any, order: int) -> None:
    color = _color(item.color)
    ink = 0.6 * np.array(to_rgb(color)) + 0.4 * np.array(to_rgb(_color("ink")))  # or some is faint
    frame = {"boxstyle": "round", "facecolor": "white", "edgecolor": color, "linewidth": 1.5}
    ax.text(
        *item.xy,
        item.text,
        color=ink,
        bbox=frame if item.boxed else None,
        horizontalalignment=item.align,
        multialignment=item.align,
        verticalalignment="center",
        fontsize=8 if item.size == "small" else 10,
        parse_math=False,
        zorder=order,
    )


def _color(name: str) -> str:
    return {"ink": "#222222", "gray": "#767676", **palette}[name]
