"""What the lab shows, without Jupyter: at the ends of every range, and that it is true."""

from itertools import pairwise, product

import numpy as np
import pytest

from nnlib.course.kit.scene import Bars, Heat, picture, wire
from nnlib.course.lessons.lesson_18_representations.autoencoder_lab import (
    HOLES,
    UNITS,
    WINNERS,
    AutoencoderLab,
    Run,
    digits,
    record,
    spoiled,
)
from nnlib.course.widgets import autoencoder_lab


@pytest.mark.parametrize("settings", [*product(("l1", "winners"), (0, 3), (0.0, 0.45))])
def test_the_ends_of_every_range(settings):
    scene = AutoencoderLab(*settings).scene()
    wire(scene)
    filters, images, activity = scene.panels
    assert len(filters.items) == UNITS
    for item in (*filters.items, *images.items, *activity.items):
        if isinstance(item, Heat):
            assert np.isfinite(item.values).all() and np.abs(item.values).max() <= 1
        if isinstance(item, Bars):
            assert len(item.heights) == UNITS
            assert item.heights.min() >= 0 and item.heights.max() <= 1
    assert "nan" not in scene.words


def test_noise_teaches_to_repair():
    plain, denoising = record("l1", 0, 0.0), record("l1", 0, 0.3)
    assert denoising.repaired < 0.85 * plain.repaired
    assert plain.clean < 0.6 * denoising.clean


def test_noise_makes_neighbors_alike():
    alike = [record("l1", 0, noise).neighbors() for noise in (0.0, 0.3)]
    assert alike[1] > alike[0] + 0.03


def test_the_busiest_unit_comes_first():
    often = record("winners", 1, 0.3).often
    assert (np.diff(often) <= 0).all() and often[0] > 0.5


def test_more_sparsity_leaves_fewer_units_active():
    for kind in ("l1", "winners"):
        shares = [AutoencoderLab(kind, amount, 0.3).active for amount in range(4)]
        assert all(more > less + 0.02 for more, less in pairwise(shares))
    for amount in (1, 2, 3):
        assert AutoencoderLab("winners", amount).active <= WINNERS[amount] / UNITS + 1e-9


def test_without_sparsity_both_kinds_are_one():
    one, other = AutoencoderLab("l1", 0, 0.15), AutoencoderLab("winners", 0, 0.15)
    assert one.words() == other.words()


def test_a_batch_is_spoiled_by_the_share_it_says_and_its_target_is_clean():
    for noise in (0.0, 0.3):
        holed, clean = next(spoiled(noise))
        ink = clean > 0
        assert ((holed == clean) | (holed == 0)).all()
        assert abs(np.mean(holed[ink] == 0) - noise) < 0.05
    assert abs(np.mean(digits().holed[digits().X_test > 0] == 0) - HOLES) < 0.01


def test_a_training_comes_to_the_same_each_time():
    first, second = (Run("winners", 2, 0.3).at(200).state_dict() for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_the_goal_takes_noise_and_some_sparsity():
    reached = {
        (kind, amount, noise)
        for kind in ("l1", "winners")
        for amount in range(4)
        for noise in (0.0, 0.3)
        if AutoencoderLab(kind, amount, noise).reached()
    }
    assert ("winners", 1, 0.3) in reached
    assert all(amount > 0 and noise > 0 for _, amount, noise in reached)


def test_words():
    words = AutoencoderLab("winners", 2, 0.3).words()
    assert words.startswith("Trained on 30% of the pixels blacked out, with 8 winners.")
    assert AutoencoderLab().words().startswith("Trained on clean images, without sparsity.")
    assert "with L1 of strength 0.05" in AutoencoderLab("l1", 2).words()


def test_there_is_a_picture():
    assert picture(AutoencoderLab().scene())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"kind": "kl"}, "kind must be one of l1, winners; not 'kl'"),
        ({"amount": 4}, "amount must be a number from 0 to 3, not 4"),
        ({"noise": 0.6}, "noise must be a number from 0 to 0.45, not 0.6"),
    ],
)
def test_wrong_settings_are_explained(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        AutoencoderLab(**settings)


def test_settings_can_be_passed_back_in():
    widget = autoencoder_lab(kind="winners", amount=1, noise=0.3)
    assert autoencoder_lab(**widget.settings).settings == widget.settings
