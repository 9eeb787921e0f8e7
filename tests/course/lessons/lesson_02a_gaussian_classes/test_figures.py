"""Shares by bin, three frames, boundaries: what is drawn, for which numbers."""

import matplotlib.pyplot as plt
import numpy as np

from nnlib.classical.linear_model import LinearClassifier
from nnlib.course import figures


def test_shares_are_counted_in_bins_and_sparse_ones_left_out(ax):
    x = np.repeat([0.1, 0.6, 1.7], [20, 30, 5])
    y = np.concatenate([np.repeat([0, 1], [15, 5]), np.repeat([0, 1], [15, 15]), np.ones(5)])
    assert figures.share_of_ones(ax, x, y, width=0.5, least=20) is ax
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[0.25, 0.25], [0.75, 0.5]])


def test_the_boundary_stands_in_all_three_frames():
    fig, axes = plt.subplots(1, 3)

    def low(x):
        return np.exp(-(x**2).sum(1) / 2)

    def high(x):
        return low(x - 2)

    given = figures.three_frames(axes, [low, high], lambda x: x[:, 0] - 1, means=[[0, 0], [2, 2]])
    assert given is axes
    assert [ax.get_title() for ax in axes] == ["densities", "log-odds z", "posterior σ(z)"]
    for ax in axes:
        zero = ax.collections[-1]
        assert zero.levels.tolist() == [0]
        np.testing.assert_allclose(
            np.vstack(zero.get_paths()[0].to_polygons(closed_only=False))[:, 0], 1
        )
        assert [line.get_xydata().tolist() for line in ax.lines[1:]] == [[[0, 0]], [[2, 2]]]
    assert len(axes[0].collections) == 3, "two bells and the boundary"
    plt.close(fig)


def test_on_a_boundary_the_score_is_0(ax):
    X, y = np.array([[0.0, 0], [1, 1], [2, 0]]), np.array([0, 1, 1])
    models = {"one": LinearClassifier(), "other": LinearClassifier()}
    models["one"].weight, models["one"].bias = np.array([2.0, -1.0]), 0.5
    models["other"].weight, models["other"].bias = np.array([0.0, 3.0]), -3.0
    assert figures.class_boundaries(ax, X, y, models, xlim=(-1, 3), ylim=(-1, 2)) is ax
    for line, model in zip(ax.lines, models.values(), strict=True):
        np.testing.assert_allclose(model.preactivation(line.get_xydata()), 0, atol=1e-9)
    assert len({line.get_linestyle() for line in ax.lines}) == 2
    assert [len(points.get_offsets()) for points in ax.collections] == [1, 2]
    assert ax.get_xlim() == (-1, 3)
