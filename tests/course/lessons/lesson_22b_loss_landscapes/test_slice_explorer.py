"""Slices of a loss, without Jupyter: they are nnlib's loss, and α changes no answer."""

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib import Tensor, autodiff
from nnlib.course.kit.scene import Heat, picture, wire
from nnlib.course.lessons.lesson_22b_loss_landscapes.slice_explorer import (
    KINDS,
    SliceExplorer,
    directions,
    hessian,
    losses,
    moons,
    parts,
    rescaled,
    scores,
    slice_explorer,
    slice_of,
    trained,
)

PLACES = [float(f"{a:.2g}") for a in 0.2 * 10 ** (np.arange(15) / 10)]


def loss(w: Tensor) -> Tensor:
    """The same by nnlib's ops."""
    X, y = moons()
    h = F.relu(Tensor(X) @ w[:32].reshape(16, 2).T + w[32:48])
    return F.binary_cross_entropy_with_logits(h @ w[48:64] + w[64], y.astype(float))


def test_it_is_nnlibs_loss_at_a_minimum() -> None:
    w = Tensor(trained(), requires_grad=True)
    value = loss(w)
    assert losses(trained()) == pytest.approx(value.item(), rel=1e-12)
    assert value.item() < 0.02


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
def test_the_hessian_is_that_of_the_tape(alpha: float) -> None:
    theirs = autodiff.hessian(loss, rescaled(trained(), alpha), eps=1e-7)
    values, vectors = hessian(alpha)
    np.testing.assert_allclose(vectors @ np.diag(values) @ vectors.T, theirs, atol=1e-5)


@pytest.mark.parametrize("alpha", [0.2, 3.2])
def test_alpha_changes_no_answer(alpha: float) -> None:
    X = np.random.default_rng(0).normal(size=(50, 2))
    written = rescaled(trained(), alpha)
    np.testing.assert_allclose(scores(written, X), scores(trained(), X))
    assert losses(written) == pytest.approx(losses(trained()))


def test_rows_as_long_as_the_weights_undo_alpha() -> None:
    one, other = (slice_of("rows", alpha, 1) for alpha in (1.0, 5.0))
    np.testing.assert_allclose(one, other)
    assert np.abs(slice_of("fixed", 1.0, 1) - slice_of("fixed", 5.0, 1)).max() > 0.1


def test_the_directions_are_as_long_as_said() -> None:
    np.testing.assert_allclose(np.linalg.norm(directions("fixed", 2.0, 0), axis=1), 8)
    W, b, v, c = parts(rescaled(trained(), 2.0))
    for d in directions("rows", 2.0, 0):
        dW, db, dv, dc = parts(d)
        long = [np.hypot(np.linalg.norm(A, axis=1), a) for A, a in ((W, b), (dW, db))]
        np.testing.assert_allclose(*long)
        assert np.linalg.norm(dv) == pytest.approx(np.linalg.norm(v)) and abs(dc) == pytest.approx(
            abs(c)
        )
    steep = directions("sharp", 1.0, 0)
    np.testing.assert_allclose(steep @ steep.T, 4 * np.eye(2), atol=1e-9)


def test_what_the_lesson_says_of_alpha() -> None:
    assert SliceExplorer("fixed", 1.6).low == pytest.approx(0.51, abs=0.02)
    assert SliceExplorer("fixed", 0.2).low == pytest.approx(0.01, abs=0.005)
    assert 4 < hessian(1.0)[0][-1] < 4.5
    assert hessian(0.2)[0][-1] > 60


def test_the_goal_wants_a_small_alpha() -> None:
    reached = [a for a in PLACES if SliceExplorer("fixed", a).reached()]
    assert reached and max(reached) < 0.4 and not SliceExplorer().reached()
    assert not SliceExplorer("rows", 1.0).reached()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("alpha", [0.2, 5.0])
def test_every_end_can_be_shown(kind: str, alpha: float) -> None:
    model = SliceExplorer(kind, alpha, 2)
    wire(model.scene())
    left, right = model.scene().panels
    [heat] = [i for i in left.items if isinstance(i, Heat)]
    assert heat.values.shape == (31, 31)
    middle = slice_of(kind, alpha, 2)[15, 15]
    assert middle == pytest.approx(losses(trained()))
    assert [i.values.shape for i in right.items if isinstance(i, Heat)] == [(40, 40)]


def test_other_directions_come_round_again() -> None:
    model = SliceExplorer()
    seeds = [model.seed]
    for _ in range(3):
        model = model.other()
        seeds.append(model.seed)
    assert seeds == [0, 1, 2, 0]


def test_words_say_what_stays_and_what_changes() -> None:
    words = SliceExplorer("fixed", 0.2).words()
    assert "training loss 0.0161, as for every α" in words
    assert words.endswith("How well it does on new points, no slice tells.")


def test_the_widget_gives_its_settings_back() -> None:
    widget = slice_explorer(kind="rows", alpha=2.0, seed=1)
    assert repr(slice_explorer(**widget.settings)) == repr(widget)
    assert picture(widget.model.scene())


@pytest.mark.parametrize("wrong", [{"kind": "flat"}, {"alpha": 0.1}, {"seed": -1}])
def test_what_the_controls_cannot_show_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        slice_explorer(**wrong)
