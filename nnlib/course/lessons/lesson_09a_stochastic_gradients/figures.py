"""Where examples pull: the gradients that a batch is drawn from."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nnlib.viz.style import palette


def pulls(ax: Axes, gradients: ArrayLike, *, limit: float = 4.0) -> Axes:
    """Where each example would move w, −∇ℓᵢ: a thin line for each of (N, 2), and their mean.

    What reaches beyond ±`limit` is cut off at the frame. The mean is an arrow, or a ring at the
    center where it is 0.
    """
    moves = -np.asarray(gradients, dtype=float)
    if moves.ndim != 2 or moves.shape[1] != 2:
        raise ValueError(f"pulls: gradients must be (N, 2), not {moves.shape}")
    for move in moves:
        ax.plot([0, move[0]], [0, move[1]], color=palette["sky blue"], linewidth=0.8, linestyle="-")
    ax.plot([], [], color=palette["sky blue"], linestyle="-", label="one example")
    mean = moves.mean(axis=0)
    look: dict[str, Any] = {"color": palette["vermillion"], "zorder": 4}
    if np.linalg.norm(mean) < 0.02 * limit:
        ring: dict[str, Any] = {
            "marker": "o",
            "markersize": 13,
            "markerfacecolor": "none",
            "markeredgewidth": 2.5,
        }
        ax.plot(0, 0, linestyle="", **ring, **look, label="their mean: 0")
    else:
        arrow = {
            "arrowstyle": "-|>",
            "linewidth": 3,
            "mutation_scale": 18,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        ax.annotate("", tuple(mean), (0, 0), arrowprops=arrow | {"color": look["color"]}, zorder=4)
        ax.plot([], [], linestyle="-", linewidth=3, **look, label="their mean")
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), xlabel="along $w_1$", ylabel="along $w_2$")
    ax.set_aspect("equal")
    ax.legend(loc="upper left")
    return ax
