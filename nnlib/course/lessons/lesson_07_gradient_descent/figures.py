"""What rates do on a parabola, and where a descent comes to for every rate."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from nnlib.viz.style import digits, palette

Array = NDArray[Any]


def rate_panels(axes: Sequence[Axes], curvature: float, multiples: Sequence[float]) -> None:
    """Gradient descent on ½λw² from w = 1, with η = m/λ, one panel for each m: eight steps of it."""
    w = np.linspace(-2.2, 2.2, 101)
    for ax, m in zip(axes, multiples, strict=True):
        path = (1 - m) ** np.arange(9)
        ax.plot(w, curvature * w**2 / 2, color=palette["blue"], linestyle="-")
        ax.plot(path, curvature * path**2 / 2, "-o", color=palette["orange"], markersize=6)
        ax.set(xlim=(-2.2, 2.2), ylim=(-0.3, 2.2 * curvature), xlabel="w")
        ax.set_title(f"η = {digits(m)} / λ")
    axes[0].set(ylabel="f")


def late_places(ax: Axes, rates: ArrayLike, places: ArrayLike) -> Axes:
    """For each of the rates (R,) the places (R, T) that a descent still visits, late in its run."""
    rates, places = np.asarray(rates, dtype=float), np.asarray(places, dtype=float)
    ax.plot(rates, places, ",", color=palette["blue"], linestyle="none")
    ax.set(xlabel="η", ylabel="w, late")
    return ax
