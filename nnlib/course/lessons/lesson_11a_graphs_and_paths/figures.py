"""Routes from a value to the output: why they add up, and which of them are open."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from nnlib.viz.style import Style, digits, palette


def grown_rectangle(ax: Axes, c: float, d: float, step: float) -> Axes:
    """A rectangle with sides c and d, and the two strips by which it grows where both do.

    When c and d grow by ``step``, the area c · d grows by d · step, by c · step and by the corner
    step², which is small beside both. Strips differ in hatching as well as in color.
    """
    strips = [
        ((0, 0), c, d, "white", "", f"{c:g} × {d:g} = {c * d:g}"),
        ((c, 0), step, d, palette["sky blue"], "//", f"$c$ grows: {d:g} × {step:g}"),
        ((0, d), c, step, palette["orange"], "\\\\", f"$d$ grows: {c:g} × {step:g}"),
        ((c, d), step, step, palette["purple"], "", f"corner: {step:g} × {step:g}"),
    ]
    words: Style = {"textcoords": "offset points", "va": "center"}
    corner: Style = {"arrowstyle": "-", "color": palette["black"]}
    for place, width, height, color, hatch, label in strips:
        look: Style = {"facecolor": color, "edgecolor": "black", "hatch": hatch}
        ax.add_patch(Rectangle(place, width, height, linewidth=1.2, **look))
        middle = place[0] + width / 2, place[1] + height / 2
        if place == (0, 0):
            ax.text(*middle, label, ha="center", va="center")
        elif place == (c, 0):
            ax.annotate(label, (c + step, middle[1]), xytext=(8, 0), ha="left", **words)
        elif place == (0, d):
            ax.annotate(label, (middle[0], d + step), xytext=(0, 10), ha="center", **words)
        else:
            ax.annotate(label, middle, xytext=(22, 14), ha="left", arrowprops=corner, **words)
    ax.text(c / 2, -0.12, f"$c = {c:g}$", ha="center", va="top")
    ax.text(-0.08, d / 2, f"$d = {d:g}$", ha="right", va="center")
    ax.set(xlim=(-0.8, c + step + 1.6), ylim=(-0.5, d + step + 0.5), aspect="equal")
    ax.set_axis_off()
    return ax


def poked_network(
    ax: Axes, x: ArrayLike, W: ArrayLike, v: ArrayLike, poked: tuple[int, int], words: str
) -> Axes:
    """ŷ = Σᵢ vᵢ relu(Wx)ᵢ with its values in the nodes; ``words`` stand on the edge to W[poked].

    Edges into and out of a unit that is off are dotted: nothing passes there.
    """
    x, W, v = (np.asarray(a, dtype=float) for a in (x, W, v))
    z = W @ x
    h = np.maximum(z, 0)
    left = [(0.0, 1.3 * (len(x) - 1) / 2 - 1.3 * j) for j in range(len(x))]
    middle = [(2.4, 1.3 * (len(z) - 1) / 2 - 1.3 * i) for i in range(len(z))]
    out = (4.6, 0.0)
    for i, unit in enumerate(middle):
        for j, source in enumerate(left):
            chosen = (i, j) == poked
            label = words if chosen else digits(W[i, j], 6)
            # Nearer to the unit, where edges that cross are apart again.
            _edge(ax, source, unit, label, 0.62, z[i] > 0, chosen)
        _edge(ax, unit, out, digits(v[i], 6), 0.45, z[i] > 0)
        note = f"$z = {z[i]:g}$" + ("" if z[i] > 0 else ": off")
        ax.annotate(note, unit, xytext=(0, -27), textcoords="offset points", ha="center")
    names = [f"$x_{j + 1} = {value:g}$" for j, value in enumerate(x)]
    names += [f"$h_{i + 1} = {value:g}$" for i, value in enumerate(h)]
    names += [rf"$\hat y = {v @ h:g}$"]
    for place, name in zip([*left, *middle, out], names, strict=True):
        box: Style = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": "black"}
        ax.text(*place, name, ha="center", va="center", bbox=box, zorder=3)
    ax.set(xlim=(-0.6, 5.3), ylim=(middle[-1][1] - 0.6, middle[0][1] + 0.4))
    ax.set_axis_off()
    return ax


def _edge(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    label: str,
    at: float,
    is_open: bool,
    chosen: bool = False,
) -> None:
    color = palette["vermillion"] if chosen else palette["blue"] if is_open else "#767676"
    style = "--" if chosen else "-" if is_open else ":"
    (x0, y0), (x1, y1) = start, end
    ax.plot([x0, x1], [y0, y1], linestyle=style, color=color, linewidth=2, zorder=1)
    box: Style = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    where = x0 + at * (x1 - x0), y0 + at * (y1 - y0)
    ax.text(*where, label, color=color, ha="center", va="center", bbox=box, zorder=2)
