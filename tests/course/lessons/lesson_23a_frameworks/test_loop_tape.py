"""The tape of a loop, without Jupyter: it is nnlib's, and the words are true."""

import numpy as np
import pytest

from nnlib import Tensor
from nnlib.course.kit.scene import Label, Line, picture, wire
from nnlib.course.lessons.lesson_23a_frameworks.loop_tape import (
    GOAL,
    LAST,
    LoopTape,
    halved,
    loop_tape,
    pieces,
)


@pytest.mark.parametrize(
    ("x", "rounds", "slope"),
    [(0.6, 0, 1.2), (1.0, 0, 2.0), (1.1, 1, 0.55), (3.0, 2, 0.375), (8.0, 3, 0.25)],
)
def test_rounds_and_slopes(x: float, rounds: int, slope: float) -> None:
    model = LoopTape(x)
    assert model.rounds == rounds and model.slope == pytest.approx(slope)


def test_torch_differentiates_the_same_function() -> None:
    torch = pytest.importorskip("torch")
    for start in (0.3, 1.0, 1.7, 5.5):
        theirs = torch.tensor(start, requires_grad=True)
        halved(theirs).backward()
        assert LoopTape(start).slope == pytest.approx(theirs.grad.item(), rel=1e-6)


def test_the_curve_is_the_function() -> None:
    curve = pieces()
    curve = curve[~np.isnan(curve[:, 0])]
    inner = curve[(curve[:, 0] > 0) & ~np.isin(curve[:, 0], [1, 2, 4])]
    y = [halved(Tensor(x)).item() for x in inner[:, 0]]
    np.testing.assert_allclose(inner[:, 1], y, rtol=1e-6)


def test_the_goal_is_reached_at_the_edge() -> None:
    reached = [x / 10 for x in range(2, 81) if LoopTape(x / 10).reached()]
    assert reached == [1.0]
    assert f"{GOAL}" in LoopTape.goal


@pytest.mark.parametrize("x", [0.2, 1.0, LAST])
def test_every_end_can_be_shown(x: float) -> None:
    model = LoopTape(x)
    wire(model.scene())
    tape, curve = model.scene().panels
    assert sum(isinstance(i, Label) for i in tape.items) == model.rounds + 2
    [tangent] = [i for i in curve.items if isinstance(i, Line) and i.label == "slope"]
    rise, run = np.diff(tangent.xy[:, 1])[0], np.diff(tangent.xy[:, 0])[0]
    assert rise / run == pytest.approx(model.slope)


def test_words_count_the_rounds() -> None:
    assert LoopTape(1.0).words().startswith("x = 1: 0 rounds, so 1 operation on the tape.")
    assert (
        "2 rounds, so 3 operations on the tape. Output 0.56, slope 0.38." in LoopTape(3.0).words()
    )


def test_the_widget_gives_its_settings_back() -> None:
    widget = loop_tape(x=2.5)
    assert repr(loop_tape(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"x": 0.0}, {"x": 9.0}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="x"):
        loop_tape(**wrong)
