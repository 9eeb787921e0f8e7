"""How a training went, and how it goes."""

from __future__ import annotations

import os
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nnlib.train import History, Training
from nnlib.viz.style import COLORS, LINESTYLES, MARKERS, Style, render

__all__ = ["LivePlot", "history"]


def history(ax: Axes, run: History, name: str = "loss") -> Axes:
    """Draw the columns "train_…" and "valid_…" of a run, epoch by epoch; a mark shows the best.

    ``name`` is "loss" or the name of a metric. The mark stands at the lowest loss, or the highest
    value of anything else, in the validation where there is one. Raises ValueError where the history
    has no such columns.
    """
    columns = [c for c in (f"train_{name}", f"valid_{name}") if any(c in r for r in run.rows)]
    if not columns:
        known = sorted({key for row in run.rows for key in row})
        raise ValueError(f"history: there is no {name!r} in this history, only {known}")
    epochs = np.arange(1, len(run) + 1)
    for i, column in enumerate(columns):
        label = "training" if column.startswith("train") else "validation"
        values = np.array(run[column])
        ax.plot(epochs, values, color=COLORS[i], linestyle=LINESTYLES[i], label=label)
    best = values.argmin() if name == "loss" else values.argmax()
    mark: Style = {"color": COLORS[i], "marker": MARKERS[i], "linestyle": "none", "markersize": 8}
    ax.plot(epochs[best], values[best], **mark, label=f"best: epoch {epochs[best]}")
    ax.set(xlabel="epoch", ylabel=name)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return ax


class LivePlot:
    """A callback that draws the history in the notebook while the model trains.

    ``name`` as in :func:`history`; a new picture after every ``every`` epochs takes the place of the
    one before. Like a progress bar it is not drawn in CI, and not meant to be stored: draw
    :func:`history` when training is done.
    """

    def __init__(self, name: str = "loss", every: int = 1) -> None:
        if every < 1:
            raise ValueError(f"LivePlot: every must be at least 1 epoch, not {every}")
        self.name, self.every = name, every
        self._handle: Any = None

    def __call__(self, training: Training) -> None:
        epoch = len(training.history)
        if "CI" in os.environ or epoch % self.every:
            return
        from IPython.display import display

        fig, ax = plt.subplots()
        history(ax, training.history, self.name)
        numbers = ", ".join(f"{k} {v:.3g}" for k, v in training.history.rows[-1].items())
        data, metadata = render(fig, alt=f"Training curves after epoch {epoch}: {numbers}.")
        if self._handle is None or epoch == self.every:  # another fit: another picture
            self._handle = display(data, metadata=metadata, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(data, metadata=metadata, raw=True)
