"""Clouds of points."""

import warnings
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np

from nnlib.course import figures


def draw(fig):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph that is missing, a layout that does not fit
        fig.savefig(BytesIO(), format="png")
    plt.close(fig)


def test_clouds_say_their_correlation():
    X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    none = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    fig, axes = plt.subplots(1, 3)
    figures.clouds(axes, {"up": X, "down": X * [1, -1], "none": none - 1e-9})
    titles = [ax.get_title() for ax in axes]
    assert titles == ["up\ncorrelation 1.00", "down\ncorrelation −1.00", "none\ncorrelation 0.00"]
    draw(fig)
