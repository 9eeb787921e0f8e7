"""Two ways to step: straight downhill, and to where the parabola ends."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nnlib.viz.style import palette


def two_arrows(ax: Axes, H: ArrayLike, starts: ArrayLike) -> Axes:
    """On ½ wᵀHw, from each of ``starts`` (n, 2): half a unit straight downhill, and Newton's step.

    ``H`` (2, 2) is symmetric, and of a bowl.
    """
    H = np.asarray(H, dtype=float)
    w1, w2 = np.meshgrid(np.linspace(-2, 2, 121), np.linspace(-1.6, 1.6, 121))
    points = np.stack([w1, w2], axis=-1)
    f = ((points @ H) * points).sum(axis=-1) / 2
    ax.contour(w1, w2, f, np.arange(0.3, 4, 0.5) ** 2, colors="#777777", linewidths=0.8)
    looks = {"downhill, −g": ("vermillion", "--"), "Newton, −H⁻¹g": ("blue", "-")}
    for w in np.asarray(starts, dtype=float):
        g = H @ w
        ends = w - 0.5 * g / np.sqrt(g @ g), w - np.linalg.solve(H, g)
        for end, (color, dashes) in zip(ends, looks.values(), strict=True):
            line = {"color": palette[color], "linestyle": dashes, "linewidth": 2.2}
            shape = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 16}
            ax.annotate("", tuple(end), tuple(w), arrowprops=shape | line, zorder=4)
        ax.plot(*w, "o", color="black", markersize=7, zorder=5)
    for name, (color, dashes) in looks.items():
        ax.plot([], [], color=palette[color], linestyle=dashes, linewidth=2.2, label=name)
    ax.set(aspect="equal", xlabel="$w_1$", ylabel="$w_2$")
    ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
    return ax
