"""The gradient at the logits, where backpropagation starts."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nnlib.viz.style import COLORS


def logit_gradient(ax: Axes, p: ArrayLike, y: int) -> Axes:
    """Bars for the probabilities p (K,), the one-hot label, and p − e, the gradient at the logits."""
    p = np.asarray(p, dtype=float)
    if p.ndim != 1 or not 0 <= y < len(p):
        raise ValueError(
            f"logit_gradient: p must be (K,) and y from 0 to K − 1, not {p.shape} and {y}"
        )
    places, e = np.arange(len(p)), np.eye(len(p))[y]
    ax.bar(places - 0.27, p, 0.26, color=COLORS[0], label="p: what it said")
    ax.bar(places, e, 0.26, color=COLORS[1], hatch="//", edgecolor="white", label="e: the label")
    ax.bar(
        places + 0.27, p - e, 0.26, color=COLORS[2], hatch="..", edgecolor="white", label="p − e"
    )
    ax.axhline(0, color="black", linewidth=0.8, linestyle="-")
    ax.set(xlabel="class", xticks=places, ylim=(-1.05, 1.05))
    ax.legend(ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.2), frameon=False)
    return ax
