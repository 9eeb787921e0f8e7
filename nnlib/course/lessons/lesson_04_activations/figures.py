"""Activations: how many units die at which rate, and what networks with other bends look like."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nnlib.viz.style import Style, look, shades


def dead_bars(ax: Axes, rates: Sequence[float], counts: Mapping[str, ArrayLike]) -> Axes:
    """Bars side by side: for each named series the mean count at each rate, and a dot for each run.

    Each of ``counts`` is (rates, runs).
    """
    places = np.arange(len(rates))
    width = 0.8 / len(counts)
    for k, (name, runs) in enumerate(counts.items()):
        runs = np.asarray(runs, dtype=float)
        if runs.ndim != 2 or len(runs) != len(rates):
            raise ValueError(
                f"dead_bars: {name!r} must be ({len(rates)}, runs), a row for each rate, "
                f"not {runs.shape}"
            )
        style = look(k)
        x = places + width * (k - (len(counts) - 1) / 2)
        means = runs.mean(axis=1)
        ax.bar(x, means, width, color=style["color"], label=name, hatch="//" * k)
        for place, mean, top in zip(x, means, runs.max(axis=1), strict=True):
            above: Style = {"textcoords": "offset points", "ha": "center"}
            ax.annotate(f"{mean:.0f}", (place, top), (0, 6), **above)
        for run in runs.T:
            ax.plot(x, run, "o", color="black", markersize=4)
    ax.set_xticks(places, [f"{rate:g}" for rate in rates])
    ax.set(xlabel="rate η", ylabel="dead units")
    ax.margins(y=0.14)
    ax.legend()
    return ax


def function_images(axes: Any, images: Mapping[str, ArrayLike]) -> Any:
    """What functions of two inputs give, each a picture of its own: blue is low, orange high.

    Each of ``images`` is (rows, columns), the rows from the bottom up.
    """
    for ax, (name, image) in zip(axes, images.items(), strict=True):
        values = np.asarray(image, dtype=float)
        values = values - (values.max() + values.min()) / 2  # white is halfway
        ax.imshow(values, origin="lower", **shades(values))
        ax.set(title=name, xticks=[], yticks=[], xlabel="$x_1$", ylabel="$x_2$")
    return axes
