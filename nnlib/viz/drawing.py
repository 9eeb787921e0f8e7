"""What drawings of networks are made of: columns of places, and edges between them."""

from typing import Any

from matplotlib.axes import Axes

from nnlib.viz.style import Style

Place = tuple[float, float]


def column(x: float, size: int, spacing: float = 1.2) -> list[Place]:
    """Places one below the other at x, around the height 0."""
    return [(x, spacing * ((size - 1) / 2 - i)) for i in range(size)]


def edge(ax: Axes, start: Place, end: Place, **style: Any) -> None:
    """A line from one place to another, beneath what stands there."""
    style = Style(color="#555555", linewidth=1.3, linestyle="-") | style
    ax.plot([start[0], end[0]], [start[1], end[1]], zorder=1, **style)


def bare(ax: Axes) -> None:
    """No axes: the drawing has no units. Room around it for the outermost nodes."""
    ax.set_axis_off()
    ax.margins(0.12)
