"""Pictures of a recurrent network."""

from matplotlib.axes import Axes

from nnlib.viz.style import palette


def unrolled(ax: Axes, steps: int = 3) -> Axes:
    """A recurrent network as a loop, and beside it the same one with a column for each step."""
    _column(ax, 0, "", "$h$")
    loop = {"arrowstyle": "-|>", "connectionstyle": "arc3,rad=2.0", "mutation_scale": 14}
    loop |= {"color": palette["vermillion"], "linewidth": 2, "linestyle": "--"}
    ax.annotate("", (-0.25, 0.8), (-0.25, 1.2), arrowprops=loop)
    ax.text(-0.85, 1, "$W$", ha="center", va="center", color=palette["vermillion"])
    ax.text(0.85, 1, "=", ha="center", va="center", fontsize=18)
    _box(ax, 1.7, 1, "$h_0$")
    for t in range(1, steps + 1):
        x = 1.7 + 1.5 * t
        _column(ax, x, f"_{t}", f"$h_{t}$")
        _arrow(ax, (x - 1.22, 1), (x - 0.3, 1), "vermillion", "--")
        ax.text(x - 0.75, 1.2, "$W$", ha="center", color=palette["vermillion"])
    ax.set(xlim=(-1.3, 2.2 + 1.5 * steps), ylim=(-0.45, 2.45), aspect="equal")
    ax.set_axis_off()
    return ax


def _column(ax: Axes, x: float, t: str, state: str) -> None:
    for y, text in ((0, f"$x{t}$"), (1, state), (2, f"$o{t}$")):
        _box(ax, x, y, text)
    _arrow(ax, (x, 0.24), (x, 0.74), "blue", "-")
    _arrow(ax, (x, 1.26), (x, 1.76), "green", ":")
    ax.text(x + 0.12, 0.46, "$U$", va="center", color=palette["blue"])
    ax.text(x + 0.12, 1.48, "$V$", va="center", color=palette["green"])


def _box(ax: Axes, x: float, y: float, text: str) -> None:
    frame = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "black"}
    ax.text(x, y, text, ha="center", va="center", fontsize=11, bbox=frame)


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], color: str, style: str
) -> None:
    look = {"arrowstyle": "-|>", "mutation_scale": 14, "color": palette[color], "linewidth": 2}
    ax.annotate("", end, start, arrowprops=look | {"linestyle": style})
