"""The one look of the course's figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from nnlib.viz.picture import Bundle, picture_bundle

__all__ = ["Role", "palette", "roles", "show"]

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


@dataclass(frozen=True)
class Role:
    """How one named thing looks wherever the course shows it, in the words of a widget's scene.

    In a figure `viz.curves` finds it by its name; in a widget write
    `Line(xy, label="Adam", **asdict(roles["Adam"]))`.
    """

    color: str  # a name of the palette, or "ink", the color of the page's text
    style: str = "solid"  # or "dashed" or "dotted"
    marker: str = "circle"  # or "square", "triangle", "diamond" or "cross"


roles = {
    "SGD": Role("ink"),
    "gradient descent": Role("ink"),
    "momentum": Role("orange", marker="square"),
    "Nesterov": Role("vermillion", "dashed", "triangle"),
    "Adagrad": Role("sky blue", "dashed", "circle"),
    "RMSprop": Role("green", "dotted", "cross"),
    "Adam": Role("purple", "dashed", "diamond"),
    "AdamW": Role("blue", "dotted", "diamond"),
    "training": Role("blue"),
    "validation": Role("green", "dotted", "triangle"),
    "test": Role("orange", "dashed", "square"),
    "class 0": Role("blue"),
    "class 1": Role("orange", "dashed", "square"),
    "with batch norm": Role("blue"),
    "without batch norm": Role("vermillion", "dashed", "square"),
    "kept": Role("blue"),
    "dropped": Role("vermillion", marker="cross"),
    "eval mode": Role("orange", "dashed", "diamond"),
    "negative": Role("blue", "dashed", "triangle"),  # of weights and whatever else has a sign
    "positive": Role("orange", marker="square"),
}

# Every line that differs in color differs in its dashes and its marker too.
COLORS = [palette[name] for name in ("blue", "orange", "green", "purple", "vermillion", "sky blue")]
LINESTYLES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1))]
MARKERS = ["o", "s", "^", "D", "v", "P"]
MARKS = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D", "cross": "X"}

# As in a widget's heat map: blue is negative, orange positive.
ENDS = [palette["blue"], "white", palette["orange"]]
SIGNED = LinearSegmentedColormap.from_list("signed", ENDS)

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


def role(name: str) -> Role | None:
    """The role of what is called `name`, which may say more after it.

    >>> role("Adam, η = 0.001") == role("Adam 0.9") == roles["Adam"], role("Adamant")
    (True, None)
    """
    said = [known for known in roles if f"{name} ".replace(",", " ").startswith(f"{known} ")]
    return roles[max(said, key=len)] if said else None


def play(role: Role) -> Style:
    """Color, dashes and marker of a role."""
    color = palette["black" if role.color == "ink" else role.color]
    return {"color": color, "linestyle": role.style, "marker": MARKS[role.marker]}


def looks(names: Iterable[str]) -> dict[str, Style]:
    """The look of each thing in one picture: that of its role, or the next that no role has there.

    >>> [style["marker"] for style in looks(["mine", "Adam", "yours"]).values()]
    ['o', 'D', 's']
    """
    names = list(names)
    known = {name: play(found) for name in names if (found := role(name))}
    taken = {style["color"] for style in known.values()}
    free = [i for i, color in enumerate(COLORS) if color not in taken] or range(len(COLORS))
    strangers = [name for name in names if name not in known]
    others = {name: look(free[i % len(free)]) for i, name in enumerate(strangers)}
    return {name: known.get(name) or others[name] for name in names}


def shades(images: ArrayLike) -> Style:
    """How numbers become colors: white is 0, black the largest; with signs, blue to orange."""
    low, size = np.min(images), np.abs(images).max() or 1.0
    if low < 0:  # not up to the ends of the color map: they are too dark to write on
        return {"cmap": SIGNED, "vmin": -1.6 * size, "vmax": 1.6 * size}
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
