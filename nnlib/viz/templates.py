"""Small pixel pictures: what a neuron looks at, and the template it looks for."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

__all__ = ["pattern", "patterns"]


def pattern(ax: Axes, image: ArrayLike, title: str = "") -> Axes:
    """Draw a small image (height, width) pixel by pixel, with its numbers where they fit.

    Images without negative pixels run from white (0) to black; weights run from orange (negative)
    over white (0) to purple (positive).
    """
    image = np.asarray(image, dtype=float)
    if image.ndim != 2 or image.size == 0:
        raise ValueError(f"pattern: image must be (height, width), not {image.shape}")
    signed, size = image.min() < 0, np.abs(image).max() or 1.0
    if signed:  # not up to the ends of the color map: they are too dark to write on
        ax.imshow(image, cmap="PuOr", vmin=-1.6 * size, vmax=1.6 * size)
    else:
        ax.imshow(image, cmap="Greys", vmin=0, vmax=size)
    if max(image.shape) <= 5:
        for (row, column), value in np.ndenumerate(image):
            number = f"{value:.3g}".replace("-", "−")
            color = "white" if not signed and value > 0.6 * size else "black"
            ax.text(column, row, number, ha="center", va="center", color=color)
    ax.spines[:].set_visible(True)
    ax.set(xticks=[], yticks=[], title=title)
    return ax


def patterns(axes: Any, images: Iterable[ArrayLike], titles: Sequence[str] = ()) -> Any:
    """Draw one ``pattern`` per Axes; ``axes`` is what ``plt.subplots`` gave."""
    images, places = list(images), np.ravel(axes)
    titles = titles or [""] * len(images)
    if not len(places) == len(images) == len(titles):
        raise ValueError(
            "patterns: axes, images and titles must be equally many — there are "
            f"{len(places)} axes, {len(images)} images, {len(titles)} titles"
        )
    for ax, image, title in zip(places, images, titles, strict=True):
        pattern(ax, image, title)
    return axes
