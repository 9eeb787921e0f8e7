"""Why derivatives along several routes add up."""

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from nnlib.viz.style import Style, palette

__all__ = ["grown_rectangle"]


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
