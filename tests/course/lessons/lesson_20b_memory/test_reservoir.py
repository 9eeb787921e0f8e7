"""The reservoir without Jupyter: at the ends of every range, and that what it shows is true."""

from itertools import product

import numpy as np
import pytest

from nnlib.course.kit.scene import Line, wire
from nnlib.course.lessons.lesson_20b_memory.reservoir import (
    DELAYS,
    FORGOTTEN,
    SCALES,
    STEPS,
    Reservoir,
    memory,
    recall,
)


@pytest.mark.parametrize(("rho", "scale"), list(product((0.1, 1.0, 1.6), SCALES)))
def test_the_ends_of_every_range_lie_in_the_picture(rho, scale):
    model = Reservoir(rho, scale)
    wire(model.scene())
    for panel in model.scene().panels:
        for line in (item for item in panel.items if isinstance(item, Line)):
            assert panel.ylim[0] <= line.xy[:, 1].min() and line.xy[:, 1].max() <= panel.ylim[1]
    assert "nan" not in model.words()


def capacity(rho, scale="0.1"):
    return Reservoir(rho, scale).memory.recalled.sum()


def test_memory_is_largest_just_below_one():
    sums = {rho: capacity(rho) for rho in (0.1, 0.5, 0.95, 1.2, 1.6)}
    assert max(sums, key=sums.get) == 0.95
    assert sums[0.1] < 10 and sums[0.95] > 20 and sums[1.6] < 4


def test_strong_inputs_shorten_the_memory():
    assert capacity(0.95, "0.1") > capacity(0.95, "1") + 5 > capacity(0.95, "3") + 8


def test_the_start_is_forgotten_below_one_and_with_strong_inputs():
    for rho, scale, forgets in ((0.9, 0.1, True), (1.2, 0.1, False), (1.2, 3.0, True)):
        assert (memory(rho, scale).apart[-1] <= FORGOTTEN) == forgets


def test_recall_is_that_of_a_delay_line():
    """States that hold the last five inputs as they are recall these, and no others."""
    u = np.random.default_rng(1).uniform(-0.5, 0.5, STEPS)
    H = np.zeros((STEPS, 50))
    for k in range(1, 6):
        H[k:, k] = u[:-k]
    r2 = recall(H, u)
    assert len(r2) == DELAYS
    assert r2[:5].min() > 0.999 and r2[5:].max() < 0.1


def test_the_goal_is_beyond_the_rule_of_thumb():
    assert not Reservoir().reached()
    assert not Reservoir(rho=0.9).reached(), "there it is no feat"
    assert Reservoir(rho=1.2, scale="3").reached()
    assert not Reservoir(rho=1.2, scale="0.1").reached()
    assert any(Reservoir(**settings).reached() for settings in Reservoir.on_every_page)


def test_words():
    assert Reservoir().words() == (
        "ρ = 0.3, input weights up to 0.1: the memory is Σ r² = 8.8 steps; 9 of 50 inputs are "
        "recalled with r² above ½. After 1000 steps the two runs are less than 10⁻¹⁶ apart: the "
        "start is forgotten."
    )
    assert "forgotten" not in Reservoir(rho=1.4).words()
