"""The one look of the course's figures."""

from io import BytesIO
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from nnlib.viz.picture import Bundle, picture_bundle

__all__ = ["palette", "show"]

# Okabe & Ito (2008): eight colors that people with any kind of color vision can tell apart.
palette = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
}

Style = dict[str, Any]  # keyword arguments for Matplotlib

# Every line that differs in color differs in its dashes and its marker too.
COLORS = [palette[name] for name in ("blue", "orange", "green", "purple", "vermillion", "sky blue")]
LINESTYLES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1))]
MARKERS = ["o", "s", "^", "D", "v", "P"]

mpl.rcParams.update(
    {
        "axes.axisbelow": True,
        "axes.labelsize": 12,
        "axes.prop_cycle": cycler(color=COLORS, linestyle=LINESTYLES),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlesize": 13,
        "figure.constrained_layout.use": True,
        "figure.dpi": 100,
        # White even in a dark notebook: all text on a figure is dark.
        "figure.facecolor": "white",
        "figure.figsize": (6.4, 4.0),
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],  # comes with Matplotlib: alike on every machine
        "font.size": 12,
        "legend.fontsize": 11,
        "lines.linewidth": 2.0,
        "savefig.dpi": 100,
        "xtick.labelsize": 11,
        "ytick.labelsize": 11,
    }
)


def stroke(i: int) -> Style:
    """Color and dashes of the i-th of several things that stand in one picture."""
    return {"color": COLORS[i % len(COLORS)], "linestyle": LINESTYLES[i % len(LINESTYLES)]}


def look(i: int) -> Style:
    """Color, dashes and marker of the i-th of several things that stand in one picture."""
    return stroke(i) | {"marker": MARKERS[i % len(MARKERS)]}


def shades(images: ArrayLike) -> Style:
    """How numbers become colors: white is 0, black the largest; with signs, orange to purple."""
    low, size = np.min(images), np.abs(images).max() or 1.0
    if low < 0:  # not up to the ends of the color map: they are too dark to write on
        return {"cmap": "PuOr", "vmin": -1.6 * size, "vmax": 1.6 * size}
    return {"cmap": "Greys", "vmin": 0, "vmax": size}


def digits(value: float, n: int = 3) -> str:
    """A number of at most n significant digits, with a true minus sign, and no minus zero.

    >>> digits(-0.12345), digits(2.0), digits(1e-8), digits(-0.0)
    ('−0.123', '2', '1e−08', '0')
    """
    return f"{value + 0:.{n}g}".replace("-", "−")


def show(fig: Figure, *, alt: str) -> None:
    """Display ``fig`` in the notebook, described in words by ``alt``, and close it.

    ``alt`` is what a reader who cannot see the picture gets instead of it: say what it shows.
    Raises ValueError when ``alt`` is empty.
    """
    from IPython.display import display

    data, metadata = render(fig, alt)
    display(data, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]


def render(fig: Figure, alt: str) -> Bundle:
    """The notebook output that shows ``fig``, which is closed."""
    buffer = BytesIO()
    fig.savefig(buffer, format="png", metadata={"Software": None})  # no version: stable bytes
    plt.close(fig)
    return picture_bundle(buffer.getvalue(), alt)
