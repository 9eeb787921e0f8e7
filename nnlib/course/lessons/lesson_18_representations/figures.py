"""Activities counted in two directions, and pictures beside the examples that excite a unit most."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from nnlib.course.lessons.lesson_03a_layers.figures import image_grid
from nnlib.viz.style import look


def active_shares(axes: Sequence[Axes], active: Mapping[str, ArrayLike]) -> Sequence[Axes]:
    """Two histograms: of how many units are active for an image, and for how many images a unit is.

    Each of ``active`` is (N, n), True where a unit of n is active for an image of N.
    """
    titles = {1: "units active for an image", 0: "images that a unit is active for"}
    for ax, (axis, title) in zip(axes, titles.items(), strict=True):
        for k, (name, on) in enumerate(active.items()):
            shares = np.mean(np.asarray(on, dtype=bool), axis=axis)
            heights, edges = np.histogram(shares, bins=20, range=(0, 1))
            style = look(k) | {"markersize": 5}
            ax.plot((edges[:-1] + edges[1:]) / 2, heights / len(shares), label=name, **style)
        ax.set(title=title, xlabel="share", xlim=(0, 1), ylim=(0, None))
    axes[0].set(ylabel="how often")
    axes[0].legend()
    return axes


def beside(axes: Sequence[Axes], pictures: Mapping[str, ArrayLike]) -> Sequence[Axes]:
    """Groups of nine 8×8 images side by side, each group with its title; each is (9, 64)."""
    for ax, (title, images) in zip(axes, pictures.items(), strict=True):
        image_grid(ax, np.reshape(images, (-1, 8, 8)), columns=3)
        ax.set_title(title)
    return axes
