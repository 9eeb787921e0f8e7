"""Named curves over one x: losses over steps, accuracies over p, errors over the size of a step."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from nnlib.viz.style import Style, looks

__all__ = ["curves"]

CROWDED = 60  # from so many points on not each of them is marked


def curves(
    ax: Axes,
    x: ArrayLike,
    ys: Mapping[str, ArrayLike],
    *,
    log: Literal["", "x", "y", "xy"] = "",
    gaps: Literal["blank", "cross"] = "blank",
    xlabel: str = "",
    ylabel: str = "",
) -> Axes:
    """Draw y over x for each named y, every one in a color, with dashes and a marker of its own.

    What has a role in the course ("Adam", or "Adam, η = 0.01"; "test") always has the same ones.
    ``x`` is (T,); each y is (T,), or shorter where it ends early; several runs (R, T) become their
    mean, with a faint line for each run. ``log`` names the axes that are logarithmic. Where a value
    is not finite, ``gaps`` are left "blank", or the curve ends there with a "cross" at its last
    number. Whole numbers get whole ticks.
    """
    ax.set(xscale="log" if "x" in log else "linear", yscale="log" if "y" in log else "linear")
    x = np.asarray(x)
    styles = looks(ys)
    for name, y in ys.items():
        runs = np.atleast_2d(np.asarray(y, dtype=float))
        if runs.ndim != 2 or not 0 < runs.shape[1] <= len(x):
            raise ValueError(
                f"curves: {name!r} must have one value for each x, or fewer where it ends early, "
                f"not {np.shape(y)} for {x.shape}"
            )
        _curve(ax, x[: runs.shape[1]], runs, name, styles[name], gaps)
    if _whole(x) and "x" not in log:
        ax.locator_params(axis="x", integer=True)
    if all(map(_whole, ys.values())) and "y" not in log:
        ax.locator_params(axis="y", integer=True)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if ys:
        ax.legend()
    return ax


def _curve(
    ax: Axes,
    x: NDArray[Any],
    runs: NDArray[Any],
    name: str,
    style: Style,
    gaps: Literal["blank", "cross"],
) -> None:
    line = style | {"markersize": 7, "markevery": len(x) // 12 if len(x) > CROWDED else 1}
    if len(runs) > 1:
        ax.plot(x, runs.T, **line | {"marker": "", "linewidth": 0.8, "alpha": 0.4})
    y = runs.mean(axis=0)
    finite = np.isfinite(y)
    end = len(y) if gaps == "blank" or finite.all() else int(finite.argmin())
    ax.plot(x[:end], np.where(finite, y, np.nan)[:end], label=name, **line)
    if 0 < end < len(y):
        cross = line | {"marker": "X", "markersize": 10}
        ax.plot(x[end - 1], y[end - 1], **cross)


def _whole(values: ArrayLike) -> bool:
    return np.asarray(values).dtype.kind in "iu"
