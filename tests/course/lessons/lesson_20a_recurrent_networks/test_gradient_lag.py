"""What gradient_lag shows, without Jupyter: at the ends of every range, and that it is true."""

from itertools import product

import numpy as np
import pytest

from nnlib import Tensor
from nnlib.course.kit.scene import Label, Line, picture, wire
from nnlib.course.lessons.lesson_20a_recurrent_networks.gradient_lag import (
    KINDS,
    SCALES,
    STEPS,
    UNITS,
    GradientLag,
    gradient_lag,
    parts,
    there_and_back,
)

ENDS = list(product((0.5, 1.0, 2.5), KINDS, SCALES))


@pytest.mark.parametrize("settings", ENDS)
def test_the_ends_of_every_range(settings):
    model = GradientLag(*settings)
    wire(model.scene())
    there, back = model.scene().panels
    [states] = [item for item in there.items if isinstance(item, Line)]
    assert states.xy.shape == (STEPS + 1, 2) and np.isfinite(states.xy).all()
    for line in (item for item in back.items if isinstance(item, Line)):
        assert line.xy.shape == (STEPS, 2) and (line.xy[:, 1].astype(np.float32) > 0).all()
    assert "nan" not in model.words() and "inf" not in model.words()
    if settings[1] == "tanh":
        assert model.sizes.max() < 1


@pytest.mark.parametrize("rho", [0.9, 2.0])
@pytest.mark.parametrize("kind", KINDS)
def test_the_tape_finds_the_same(kind, rho):
    W, U, x, g = parts()
    h = np.zeros(UNITS)
    for number in x[:-3]:
        z = rho * W @ h + 0.3 * U * number
        h = np.tanh(z) if kind == "tanh" else z
    early = Tensor(h, requires_grad=True)
    now = early
    for number in x[-3:]:
        now = now @ (rho * W.T) + 0.3 * U * number
        now = now.tanh() if kind == "tanh" else now
    (now * g).sum().backward()
    _, lengths = there_and_back(rho, kind, 0.3)
    assert np.isclose(lengths[3], np.linalg.norm(early.grad), rtol=1e-10)


@pytest.mark.parametrize(
    ("rho", "kind", "lags"),
    [
        (0.5, "tanh", (8.1e-4, 1.1e-16, 6.8e-32)),
        (0.9, "tanh", (0.26, 3.6e-4, 4.1e-7)),
        (1.0, "tanh", (0.65, 0.033, 0.0032)),
        (1.5, "tanh", (1.4, 5.0, 218)),
        (2.0, "tanh", (2.8, 2.2e3, 1e7)),
        (1.5, "linear", (50, 1.1e8, 2.6e16)),
    ],
)
def test_gradient_against_lag(rho, kind, lags):
    _, lengths = there_and_back(rho, kind, 0.1)
    np.testing.assert_allclose(lengths[[10, 50, 99]], lags, rtol=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_what_holds_for_four_networks(seed):
    def last(*settings):
        return there_and_back(*settings, seed)[1][-1]

    assert last(0.5, "tanh", 0.1) < 1e-20
    assert last(2.0, "tanh", 0.1) > 100
    assert last(1.5, "linear", 0.1) > 1e10
    assert last(1.0, "tanh", 1.0) < 1e-10 < last(1.0, "linear", 1.0)


def test_what_the_questions_say_of_it():
    assert 5e6 < GradientLag(2.0).lengths[-1] < 2e7
    assert 1e-17 < GradientLag(scale="1").lengths[-1] < 4e-17
    assert 0.05 < GradientLag(kind="linear").lengths[-1] < 0.2
    reached = [k / 10 for k in range(5, 26) if GradientLag(k / 10, "tanh", "1").reached()]
    assert reached == [1.8, 1.9]
    assert not GradientLag().reached() and not GradientLag(1.8, "tanh", "0.1").reached()


def test_what_leaves_a_panel_is_said():
    def labels(model, panel):
        return [item.text for item in model.scene().panels[panel].items if isinstance(item, Label)]

    assert labels(GradientLag(0.5), 1) == ["↓ off the panel"]
    assert labels(GradientLag(2.5, "linear"), 1) == ["↑ off the panel"]
    assert labels(GradientLag(2.5, "linear"), 0) == ["↑ off the panel"]
    assert labels(GradientLag(), 0) == labels(GradientLag(), 1) == []


def test_the_widget_gives_its_settings_back():
    shown = gradient_lag(rho=1.5, kind="linear", scale=1)
    assert shown.settings == {"rho": 1.5, "kind": "linear", "scale": "1"}
    assert repr(gradient_lag(**shown.settings)) == repr(shown)
    assert picture(shown.model.scene())


@pytest.mark.parametrize("wrong", [{"rho": 3.0}, {"kind": "relu"}, {"scale": "2"}])
def test_what_the_controls_cannot_show_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        gradient_lag(**wrong)
