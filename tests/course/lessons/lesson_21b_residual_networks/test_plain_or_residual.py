"""What plain_or_residual shows, without Jupyter: at the ends of every range, and that it is true."""

from itertools import product

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib.course.kit.scene import Label, Line, picture, wire
from nnlib.course.lessons.lesson_21b_residual_networks.plain_or_residual import (
    DEEPEST,
    SCALES,
    SHALLOWEST,
    PlainOrResidual,
    Run,
    network,
    plain_or_residual,
)

ENDS = list(product((SHALLOWEST, DEEPEST), SCALES, (0, 10)))


@pytest.mark.parametrize(("blocks", "scale", "step"), ENDS)
def test_the_ends_of_every_range(blocks, scale, step):
    model = PlainOrResidual(blocks, scale, step)
    wire(model.scene())
    losses, norms = model.scene().panels
    for panel, points in ((losses, step // 5 + 1), (norms, blocks)):
        lines = [item for item in panel.items if isinstance(item, Line) and item.color != "gray"]
        assert len(lines) == 2
        for line in lines:
            assert line.xy.shape == (points, 2)
            assert (line.xy[:, 1] >= panel.ylim[0]).all()
            assert (line.xy[:, 1] <= panel.ylim[1]).all()
    assert "nan" not in model.words() and "inf" not in model.words()


def test_both_start_from_the_same_weights():
    plain, residual = network(5, None), network(5, 0.5)
    for name, value in enumerate(zip(plain.parameters(), residual.parameters(), strict=True)):
        without, with_skips = (p.data for p in value)
        times = 0.5 if 1 <= name <= 5 else 1.0
        assert np.allclose(times * without, with_skips)


def test_the_first_loss_and_gradients_are_those_before_training():
    run = Run(5, None)
    x, y = run.batch
    model = network(5, None)
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    norms = [np.linalg.norm(p.grad) for p in list(model.parameters())[1:-1]]
    assert np.allclose(run.norms[0], norms)
    assert np.isclose(run.curve(0)[0, 1], loss.item())


def test_what_the_lesson_says_of_it():
    start = PlainOrResidual(40, "root", 0)
    without, with_skips = start.plain.norms[0], start.residual.norms[0]
    assert 0.1 < without[0] / without[-1] < 10 and 0.5 < with_skips[0] / with_skips[-1] < 2
    end = PlainOrResidual(40, "root", 200)
    without, with_skips = end.losses()
    assert without > 1.5 and with_skips < 0.3
    assert end.reached()


def test_branches_at_full_size_explode():
    model = PlainOrResidual(40, "one", 20)
    assert not np.isfinite(model.losses()[1])
    assert "beyond all bounds" in model.words()
    assert not model.reached()
    labels = [i.text for i in PlainOrResidual(40, "one", 0).scene().panels[1].items
              if isinstance(i, Label)]  # fmt: skip
    assert labels == ["↑ off the panel"]


def test_it_begins_far_from_its_goal():
    assert not PlainOrResidual().reached()
    assert not PlainOrResidual(40, "root", 0).reached()


def test_another_network_begins_at_its_start():
    assert PlainOrResidual(10, "root", 20).changed(blocks=20).step == 0
    assert PlainOrResidual(10, "root", 20).changed(scale="one").step == 0
    assert PlainOrResidual(10, "root", 20).changed(step=30).step == 30


def test_picture_and_settings():
    assert picture(PlainOrResidual().scene())
    widget = plain_or_residual(blocks=5, step=10)
    assert plain_or_residual(**widget.settings).settings == widget.settings
    with pytest.raises(ValueError, match="blocks must be a number from 5 to 40, not 45"):
        PlainOrResidual(blocks=45)
