"""The memory cell without Jupyter: at the ends of every range, and that what it shows is true."""

from itertools import product

import numpy as np
import pytest

from nnlib import nn
from nnlib.course.kit.scene import Bars, Line, wire
from nnlib.course.lessons.lesson_20b_memory.memory_cell import (
    CLEAR,
    SHOW,
    STEPS,
    STORED,
    WRITE,
    MemoryCell,
    factors,
    inputs,
    perfect,
)

ENDS = list(product((-6, 6), (-6, 6), (-6, 6), (1, STEPS)))


@pytest.mark.parametrize(("b_i", "b_f", "b_o", "step"), ENDS)
def test_the_ends_of_every_range_lie_in_the_picture(b_i, b_f, b_o, step):
    model = MemoryCell(b_i, b_f, b_o, step)
    wire(model.scene())
    for panel in model.scene().panels:
        for line in (item for item in panel.items if isinstance(item, Line)):
            assert panel.ylim[0] <= line.xy[:, 1].min() and line.xy[:, 1].max() <= panel.ylim[1]
        bars = [item for item in panel.items if isinstance(item, Bars)]
        assert all(
            panel.ylim[0] < b.heights.min() and b.heights.max() < panel.ylim[1] for b in bars
        )
    assert "nan" not in model.words()


@pytest.mark.parametrize(("b_i", "b_f", "b_o"), [(0, 0, 0), (-5, 5, -5), (6, -6, 1)])
def test_memory_and_output_are_those_of_nnlib(b_i, b_f, b_o):
    model = MemoryCell(b_i, b_f, b_o)
    lstm = nn.LSTM(4, 1, dtype=np.float64)
    lstm.load_state_dict(model.weights)
    output, (_, c) = lstm(inputs())
    assert np.allclose(model.course.h, output.data[:, 0], atol=1e-12)
    assert np.isclose(model.course.c[-1], c.item(), atol=1e-12)
    assert np.allclose(model.course.h, model.course.o * np.tanh(model.course.c), atol=1e-12)


def test_signals_open_and_shut_the_gates():
    course = MemoryCell(-5, 5, -5).course
    assert course.i[WRITE - 1] > 0.99 and np.delete(course.i, WRITE - 1).max() < 0.01
    assert course.o[SHOW - 1] > 0.99 and course.o[0] < 0.01
    assert course.f[CLEAR - 1] < 0.01 and np.delete(course.f, CLEAR - 1).min() > 0.99


def test_a_perfect_memory_tells_what_was_stored():
    c, h = perfect()
    assert h[SHOW - 1] == np.tanh(np.tanh(STORED)) and np.count_nonzero(h) == 1
    assert c[WRITE - 1] == c[CLEAR - 2] > 0 == c[WRITE - 2] == c[CLEAR - 1]


def test_the_goal_needs_an_open_forget_gate_and_shut_others():
    assert not MemoryCell().reached()
    assert MemoryCell(-5, 5, -5).reached()
    assert all(MemoryCell(**settings).reached() for settings in MemoryCell.on_every_page)
    for forgetful in (MemoryCell(-5, 3, -5), MemoryCell(0, 5, -5), MemoryCell(-5, 5, 0)):
        assert not forgetful.reached() and forgetful.faults() > 0


def test_a_half_open_forget_gate_halves_the_memory():
    course = MemoryCell(-6, 0, 0).course
    assert np.isclose(course.c[WRITE] / course.c[WRITE - 1], 0.5, atol=0.01)


def test_lines_end_at_the_step_of_now():
    for step in (1, 7, STEPS):
        _, gates, memory = MemoryCell(step=step).scene().panels
        assert all(len(line.xy) == step for line in gates.items[:3])
        assert all(len(line.xy) == step for line in memory.items[2:4])


def test_every_stop_of_the_tour_is_true():
    half, push, noise, gone, shown = (MemoryCell.on_tour(stop) for stop in MemoryCell.tour)
    assert {*half.course.i[3:6], *half.course.f[3:6], *half.course.o[3:6]} == {0.5}
    assert push.step == CLEAR
    assert push.course.f[CLEAR - 1] < 0.01 and push.course.i[WRITE - 1] > 0.99
    assert np.abs(noise.course.c[: WRITE - 1]).max() < 0.01
    assert gone.course.c[WRITE - 1] > 0.9 and abs(gone.course.c[WRITE]) < 0.02
    assert np.array_equal(shown.course.c, MemoryCell(b_i=-5).course.c)
    assert np.abs(shown.course.h[: SHOW - 1]).max() < 0.05


def test_words():
    assert MemoryCell(-5, 6, -5, SHOW).words() == (
        "Step 12, x = −0.16 and “show”: c = f·c + i·u = 0.998·0.94 + 0.007·(−0.15) = 0.94; "
        "h = o·tanh c = 0.993·0.74 = 0.73. Over all steps, c or h is more than 0.1 off in 0 of 24."
    )
    assert "“" not in MemoryCell(step=1).words()
    assert factors(1.0, -2.0) == "1·(−2)"
