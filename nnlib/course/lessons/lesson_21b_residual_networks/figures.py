"""Depths and errors of the winners of a competition, year by year."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from nnlib.viz.style import COLORS

Entry = tuple[int, str, int | None, float]  # year, name, layers, error in percent


def depths_and_errors(ax: Axes, entries: Sequence[Entry]) -> Axes:
    """A bar for each error, in percent, with the number of layers above; None: it was not deep."""
    places = np.arange(len(entries))
    shallow = np.array([layers is None for _, _, layers, _ in entries])
    errors = np.array([error for *_, error in entries])
    ax.bar(places[~shallow], errors[~shallow], 0.7, color=COLORS[0], label="a deep network")
    ax.bar(places[shallow], errors[shallow], 0.7, color=COLORS[1], hatch="//", edgecolor="white",
           label="no deep network")  # fmt: skip
    for place, (_, _, layers, error) in zip(places, entries, strict=True):
        ax.annotate("" if layers is None else f"{layers} layers", (place, error), (0, 3),
                    textcoords="offset points", ha="center")  # fmt: skip
    names = [f"{name}\n{year}" for year, name, *_ in entries]
    ax.set_xticks(places, names, fontsize="small")
    ax.set(ylabel="top-5 error, %", ylim=(0, 32))
    ax.legend(frameon=False)
    return ax
