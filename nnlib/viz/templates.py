"""Small pixel pictures: what a neuron looks at, and the template it looks for."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from nnlib.viz.style import Style

__all__ = ["image_grid", "pattern", "patterns"]


def pattern(ax: Axes, image: ArrayLike, title: str = "") -> Axes:
    """Draw a small image (height, width) pixel by pixel, with its numbers where they fit.

    Images without negative pixels run from white (0) to black; weights run from orange (negative)
    over white (0) to purple (positive).
    """
    image = np.asarray(image, dtype=float)
    if image.ndim != 2 or image.size == 0:
        raise ValueError(f"pattern: image must be (height, width), not {image.shape}")
    signed, size = image.min() < 0, np.abs(image).max() or 1.0
    ax.imshow(image, **_colors(image))
    if max(image.shape) <= 5:
        for (row, column), value in np.ndenumerate(image):
            number = f"{value:.3g}".replace("-", "−")
            color = "white" if not signed and value > 0.6 * size else "black"
            ax.text(column, row, number, ha="center", va="center", color=color)
    ax.spines[:].set_visible(True)
    ax.set(xticks=[], yticks=[], title=title)
    return ax


def image_grid(ax: Axes, images: ArrayLike, columns: int | None = None) -> Axes:
    """Draw many small images (N, height, width) in rows, with one scale of colors for all.

    For the weight templates of a layer (``W.reshape(-1, 8, 8)``), the feature maps of a convolution
    (one example's (C, H, W)), or a handful of digits. Colors as in ``pattern``; about as many
    columns as rows, unless ``columns`` says how many.
    """
    images = np.asarray(images, dtype=float)
    if images.ndim != 3 or images.size == 0:
        raise ValueError(f"image_grid: images must be (N, height, width), not {images.shape}")
    if columns is not None and columns < 1:
        raise ValueError(f"image_grid: columns must be at least 1, not {columns}")
    N, H, W = images.shape
    columns = min(columns or math.ceil(math.sqrt(N)), N)
    rows = math.ceil(N / columns)
    canvas = np.full((rows * (H + 1) + 1, columns * (W + 1) + 1), np.nan)  # NaN: the lines between
    for k, image in enumerate(images):
        top, left = (k // columns) * (H + 1) + 1, (k % columns) * (W + 1) + 1
        canvas[top : top + H, left : left + W] = image
    ax.imshow(canvas, interpolation="nearest", **_colors(images))
    ax.set_facecolor("#9DB4C0")  # what shows through NaN: neither white, black, orange nor purple
    ax.spines[:].set_visible(False)
    ax.set(xticks=[], yticks=[])
    return ax


def _colors(image: NDArray[Any]) -> Style:
    """How numbers become colors: 0 is white."""
    size = np.abs(image).max() or 1.0
    if image.min() < 0:  # not up to the ends of the color map: they are too dark to write on
        return {"cmap": "PuOr", "vmin": -1.6 * size, "vmax": 1.6 * size}
    return {"cmap": "Greys", "vmin": 0, "vmax": size}


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
