"""The picture of towers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnlib.course import figures


def test_towers_stand_on_one_scale_under_their_names() -> None:
    flat, high = np.zeros((9, 9)), np.zeros((9, 9))
    high[3:6, 3:6] = 2
    fig, axes = plt.subplots(1, 2, subplot_kw={"projection": "3d"})
    figures.towers(axes, {"nothing": flat, "a tower": high})
    assert [ax.get_title() for ax in axes] == ["nothing", "a tower"]
    assert [ax.get_zlim() for ax in axes] == [(0, 2), (0, 2)]
    assert all(len(ax.collections) == 1 for ax in axes)
    plt.close(fig)


def test_a_surface_has_to_be_square() -> None:
    fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
    with pytest.raises(ValueError, match=r"\(n, n\), not \(3, 4\)"):
        figures.towers([ax], {"wrong": np.zeros((3, 4))})
    plt.close(fig)
