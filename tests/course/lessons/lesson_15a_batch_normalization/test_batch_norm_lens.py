"""What the lens shows, without Jupyter: at the ends of every range, and that it is true."""

from itertools import product

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib.course.kit.scene import Bars, Line, Points, picture, wire
from nnlib.course.lessons.lesson_15a_batch_normalization.batch_norm_lens import (
    LARGEST,
    MANY,
    MEAN,
    STD,
    WINDOW,
    BatchNormLens,
    batch_norm_lens,
    watched_z_hat,
)

ENDS = list(product((-4, 6), (1, 2, LARGEST), ("train", "eval"), (0, 2), (-2, 2)))


@pytest.mark.parametrize("z1, batch, mode, gamma, beta", ENDS)
def test_the_ends_of_every_range_lie_in_the_picture(z1, batch, mode, gamma, beta):
    model = BatchNormLens(z1, batch, mode, gamma, beta)
    wire(model.scene())
    rays, histogram = model.scene().panels
    for points in (i for i in rays.items if isinstance(i, Points) and len(i.xy)):
        assert WINDOW[0] <= points.xy[:, 0].min() and points.xy[:, 0].max() <= WINDOW[1]
    bars, in_eval = histogram.items
    assert isinstance(bars, Bars)
    assert np.isclose(in_eval.xy[0, 0], gamma + beta)  # ẑ of the watched example is 1 there
    assert histogram.xlim[0] < in_eval.xy[0, 0] < histogram.xlim[1]
    assert bars.heights.max() <= histogram.ylim[1]
    assert np.isclose(bars.heights.sum(), 1)
    assert "nan" not in model.words()


@pytest.mark.parametrize("batch", [2, 8, LARGEST])
def test_y_is_what_the_library_computes(batch):
    model = BatchNormLens(z1=-2.5, batch=batch, gamma=1.5, beta=0.5)
    Z, gamma, beta = model.z[:, None], np.array([1.5]), np.array([0.5])
    trained = F.batch_norm(Z, None, None, gamma, beta, training=True).data[:, 0]
    assert np.allclose(model.y("train"), trained, atol=1e-12)
    fixed = F.batch_norm(Z, np.array([MEAN]), np.array([STD**2]), gamma, beta).data[:, 0]
    assert np.allclose(model.y("eval"), fixed, atol=1e-12)


def test_one_example_moves_the_others_in_training_only():
    near, far = BatchNormLens(z1=0.0), BatchNormLens(z1=6.0)
    assert far.y("train")[1:].mean() < near.y("train")[1:].mean() - 0.3
    assert far.y("train")[1:].std() < 0.8 * near.y("train")[1:].std()
    assert np.array_equal(far.y("eval")[1:], near.y("eval")[1:])


def test_each_ray_joins_a_z_to_its_y():
    model = BatchNormLens(batch=5)
    lines = [item for item in model.scene().panels[0].items if isinstance(item, Line)]
    others, mine = lines[-2:]
    assert np.isnan(others.xy[2::3]).all()
    assert np.array_equal(np.append(mine.xy[0, 0], others.xy[::3, 0]), model.z)
    assert np.array_equal(np.append(mine.xy[1, 0], others.xy[1::3, 0]), model.y("train"))


def test_two_examples_become_minus_1_and_1():
    assert np.allclose(np.sort(BatchNormLens(batch=2).y("train")), [-1, 1], atol=1e-4)


@pytest.mark.parametrize(("batch", "spread"), [(4, 0.50), (8, 0.42), (32, 0.22)])
def test_the_noise_on_one_example_is_that_of_the_lesson(batch, spread):
    assert np.isclose(watched_z_hat(batch).std(), spread, rtol=0.1)
    assert len(watched_z_hat(batch)) == MANY
    assert BatchNormLens(batch=batch, mode="eval").watched().std() < 1e-12


def test_two_batch_sizes_can_be_told_apart():
    """Their bars differ in width by more than a bin, and fill the panel's height."""
    spread, heights = {}, {}
    for batch in (8, 32):
        histogram = BatchNormLens(batch=batch).scene().panels[1]
        bars = histogram.items[0]
        spread[batch] = np.count_nonzero(bars.heights > 0.01)
        heights[batch] = bars.heights.max() / histogram.ylim[1]
    assert spread[8] > spread[32] + 4
    assert min(heights.values()) > 0.85


def test_the_goal_is_reached_by_undoing_the_normalization():
    start = BatchNormLens(z1=4.0, batch=8)
    assert not start.reached()
    s, mean = round(float(start.z.std()), 1), round(float(start.z.mean()), 1)
    assert start.changed(gamma=s, beta=mean).reached()
    assert not start.changed(gamma=s, beta=mean, mode="eval").reached()
    assert not BatchNormLens(z1=0.0, batch=1, beta=0.0).reached(), "one example is no feat"


def test_every_stop_of_the_tour_is_true():
    start = BatchNormLens(z1=4.0, batch=8)
    rays, far, near, in_eval, two, large = (start.changed(**s.settings) for s in start.tour)
    assert all(stop.found(start.changed(**stop.settings)) for stop in start.tour)
    assert rays == start
    assert np.ptp(far.y("train")[1:]) < np.ptp(start.y("train")[1:]) < np.ptp(near.y("train")[1:])
    assert in_eval.mode == "eval"
    assert sorted(two.y("train").round(2)) == [-1, 1]
    assert large.watched().std() < 0.6 * start.watched().std()


def test_words():
    assert BatchNormLens().words() == (
        "With the batch's own mean 1.23 and standard deviation 1.72, z₁ = 4 becomes y₁ = 1.61. "
        "The others lie up to 0.35 from their places in eval mode. "
        "Beneath, z = 2.5 in 1000 batches: its y has the standard deviation 0.43."
    )
    assert "The others do not depend on z₁." in BatchNormLens(mode="eval").words()
    assert "A batch of one" in BatchNormLens(batch=1).words()
    assert "A batch of one" not in BatchNormLens(batch=1, mode="eval").words()


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_every_mode_has_its_picture(mode):
    assert picture(BatchNormLens(mode=mode).scene())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"batch": 0}, "batch must be a number from 1 to 32, not 0"),
        ({"batch": 2.5}, "batch must be a whole number"),
        ({"z1": 7}, "z1 must be a number from −4 to 6, not 7"),
        ({"mode": "test"}, "mode must be one of train, eval; not 'test'"),
    ],
)
def test_wrong_settings_are_explained(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        BatchNormLens(**settings)


def test_settings_can_be_passed_back_in():
    widget = batch_norm_lens(z1=2.0, mode="eval")
    assert batch_norm_lens(**widget.settings).settings == widget.settings
