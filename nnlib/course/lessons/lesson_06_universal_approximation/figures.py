"""Towers: two bumps that cross, and what a second layer leaves of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LightSource
from numpy.typing import ArrayLike

COLOR = "#9CC4E4"
LIGHT = LightSource(azdeg=200, altdeg=55)  # roofs, and walls of either side, are told apart


def towers(axes: Any, heights: Mapping[str, ArrayLike]) -> Any:
    """Each named surface over the unit square, in space, one on each of the ``axes``.

    The surfaces are (n, n), with x₁ along the columns and x₂ along the rows.
    """
    top = max(float(np.max(np.asarray(surface))) for surface in heights.values())
    for ax, (name, surface) in zip(axes, heights.items(), strict=True):
        _surface(ax, np.asarray(surface, dtype=float), top)
        ax.set_title(name)
    return axes


def _surface(ax: Any, surface: Any, top: float) -> Axes:
    if surface.ndim != 2 or surface.shape[0] != surface.shape[1]:
        raise ValueError(f"towers: a surface must be (n, n), not {surface.shape}")
    along = np.linspace(0, 1, len(surface))
    x1, x2 = np.meshgrid(along, along)
    every = {"rcount": len(surface), "ccount": len(surface)}  # fewer would make the walls slant
    ax.plot_surface(x1, x2, surface, color=COLOR, lightsource=LIGHT, antialiased=False, **every)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", zlim=(0, top), zticks=range(int(top) + 1))
    ax.view_init(elev=38, azim=-60)
    return ax  # type: ignore[no-any-return]
