"""Dropout in both forms, and winner-take-all."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import nnlib
import nnlib.nn.functional as F
from nnlib import Tensor, lecture, nn, testing
from nnlib.nn.dropout import _dropout

BOTH = [F.dropout, F.classic_dropout]


def seeded(seed=0):
    return np.random.default_rng(seed)


@given(
    shape=array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
    p=st.sampled_from([0.0, 0.2, 0.5, 0.99, 1.0, 0, 1]),
    classic=st.booleans(),
    seed=st.integers(0, 1000),
)
@settings(max_examples=100)
def test_value_and_gradient_are_one_mask(shape, p, classic, seed):
    rng = seeded(seed)
    h, g = Tensor(rng.uniform(1, 2, shape), requires_grad=True), rng.normal(size=shape)
    y = BOTH[classic](h, p, generator=rng)
    y.backward(g)
    kept = y.data != 0
    factor = 1 if classic or p == 1 else 1 / (1 - p)
    np.testing.assert_allclose(y.data, kept * h.data * factor, rtol=1e-15)
    np.testing.assert_allclose(h.grad, kept * g * factor, rtol=1e-15)
    if p in (0, 1):
        assert (kept == 1 - p).all()


@pytest.mark.parametrize("p", [0.01, 0.2, 0.5, 0.9])
def test_the_fraction_that_is_dropped(p):
    dropped = (F.dropout(np.ones((400, 501)), p, generator=seeded()).data == 0).mean()
    assert dropped == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / 200_400))


def test_units_are_dropped_independently():
    m = F.classic_dropout(np.ones((300, 301)), 0.5, generator=seeded()).data - 0.5
    for a, b in ((m[:, 1:], m[:, :-1]), (m[1:], m[:-1]), (m[:, 2:], m[:, :-2])):
        assert abs((a * b).mean()) < 0.005


def test_levels_of_both_forms(torch):
    """On average, inverted dropout gives h in training; the classic form q h, in both modes."""
    h = np.ones((500, 500), np.float32)
    torch.manual_seed(0)
    theirs = torch.nn.functional.dropout(torch.tensor(h), 0.2).numpy()
    ours = F.dropout(h, 0.2, generator=seeded()).data
    assert ours.dtype == theirs.dtype
    assert set(np.unique(ours)) == set(np.unique(theirs)) == {np.float32(0), np.float32(1.25)}
    assert ours.mean() == pytest.approx(1, abs=0.005)
    assert F.classic_dropout(h, 0.2, generator=seeded()).data.mean() == pytest.approx(
        0.8, abs=0.005
    )
    assert F.classic_dropout(h, 0.2, training=False).data.mean() == pytest.approx(0.8)


def test_eval_mode(torch, rng):
    x = rng.normal(size=(3, 4))
    h = Tensor(x, requires_grad=True)
    assert nn.Dropout(0.9).eval()(h) is h
    assert (F.dropout(x, 0.9, training=False).data == x).all()
    classic = nn.ClassicDropout(0.9).eval()(h)
    classic.sum().backward()
    np.testing.assert_allclose(classic.data, x * 0.1)
    np.testing.assert_allclose(h.grad, np.full((3, 4), 0.1))
    testing.compare_with_torch(nn.Dropout(0.3).eval(), torch.nn.Dropout(0.3).eval(), x)


@pytest.mark.parametrize("name", ["Dropout", "ClassicDropout"])
def test_chance_can_be_repeated(name):
    x = np.ones((4, 50))
    layer = getattr(nn, name)(0.5, generator=seeded(3))
    first, second = layer(x).data, layer(x).data
    assert (first != second).any()
    again = getattr(nn, name)(0.5, generator=seeded(3))
    assert (again(x).data == first).all()
    assert (copy.deepcopy(again)(x).data == second).all()
    drawn = []
    for _ in range(2):
        nnlib.manual_seed(4)
        drawn.append(getattr(nn, name)(0.5)(x).data.tolist())
    assert drawn[0] == drawn[1]


def test_the_mask_is_the_same_in_either_dtype():
    x = np.ones((3, 7))
    a, b = (F.dropout(x.astype(t), generator=seeded()).data for t in (np.float32, np.float64))
    assert (a == b).all()
    assert a.dtype == np.float32


def test_twin_and_gradcheck(rng):
    h, m = rng.normal(size=(3, 4)), rng.uniform(size=(3, 4)) < 0.5
    a, b = (f(Tensor(h), m=m, q=0.5).data for f in (_dropout, lecture.dropout))
    np.testing.assert_allclose(a, b)
    assert testing.gradcheck(lambda h: F.dropout(h, 0.3, generator=seeded()), [h])
    assert testing.gradcheck(lambda h: F.classic_dropout(h, 0.3, generator=seeded()), [h])
    assert testing.gradcheck(lambda h: F.winner_take_all(h, 2), [h])


def test_weight_scaling_is_the_geometric_mean_of_all_thinned_nets(rng):
    """For softmax regression, classic dropout's eval mode is the renormalized geometric mean."""
    x, W, b = rng.normal(size=(1, 6)), rng.normal(size=(3, 6)), rng.normal(size=3)
    masks = (np.arange(2**6)[:, None] >> np.arange(6)) & 1
    log_p = F.log_softmax(F.linear(masks * x, W, b), dim=1).data.mean(0)
    scaled = F.softmax(F.linear(F.classic_dropout(x, 0.5, training=False), W, b), dim=1).data
    np.testing.assert_allclose(scaled[0], np.exp(log_p) / np.exp(log_p).sum(), atol=1e-12)


# Winner-take-all ---------------------------------------------------------------------------


@given(data=st.data())
@settings(max_examples=100)
def test_winners(data):
    shape = data.draw(array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5))
    k = data.draw(st.integers(1, shape[-1]))
    values = seeded(data.draw(st.integers(0, 1000))).integers(1, 4, shape) * 1.0  # with ties
    h = Tensor(values, requires_grad=True)
    y = nn.WinnerTakeAll(k)(h)
    y.backward(np.full(shape, 3.0))
    won = h.grad == 3.0
    assert ((h.grad == 0) | won).all()
    assert (won.sum(-1) == k).all()
    assert (y.data == won * values).all()
    losers, winners = np.where(won, -np.inf, values), np.where(won, values, np.inf)
    assert (winners.min(-1) >= losers.max(-1)).all()


def test_the_first_of_equals_wins():
    assert F.winner_take_all(np.array([1.0, 2.0, 2.0, 2.0]), 2).data.tolist() == [0, 2, 2, 0]
    assert F.winner_take_all(np.ones((2, 2), np.float32), 1).dtype == np.float32


# What does not fit -------------------------------------------------------------------------

X = np.ones((2, 3))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        *((lambda p=p: F.dropout(X, p), ValueError, r"dropout: p must be a number in \[0, 1\]")
          for p in (-0.1, 1.1, np.nan)),
        *((lambda p=p: F.dropout(X, p), TypeError, r"dropout: p must be a number in \[0, 1\]")
          for p in ("half", None, [0.5], np.ones(2))),
        (lambda: nn.Dropout(2), ValueError, "Dropout: p must be a number in"),
        (lambda: nn.ClassicDropout(-1), ValueError, "ClassicDropout: p must be a number in"),
        (lambda: F.dropout(X, inplace=2), TypeError, "dropout: inplace must be True or False, not 2"),
        (lambda: nn.Dropout(0.5, 2), TypeError, "Dropout: inplace must be True or False, not 2"),
        (lambda: F.dropout(X.astype(int)), TypeError, "dropout: input holds int64; floats"),
        (lambda: F.dropout([1.0]), TypeError, "dropout: input must be a Tensor or a NumPy array"),
        (lambda: F.dropout(X, generator=1), TypeError, "generator must come from np.random"),
        (lambda: F.winner_take_all(X, 0), ValueError, "k must be a whole number from 1, not 0"),
        (lambda: F.winner_take_all(X, 4), ValueError, r"k=4 winners among 3 units: input is \(2, 3\)"),
        (lambda: F.winner_take_all(X, 1.5), TypeError, "winner_take_all: k must be a whole number"),
        (lambda: F.winner_take_all(np.array(1.0), 1), ValueError, r"among 0 units: input is \(\)"),
        (lambda: F.winner_take_all(X > 0, 1), TypeError, "winner_take_all: input holds bool"),
    ],
)  # fmt: skip
def test_what_is_said_when_it_does_not_fit(call, error, words):
    with pytest.raises(error, match=words):
        call()


# Whole channels


@pytest.mark.parametrize(
    ("name", "shape", "channels"),
    [("dropout1d", (5, 4), 1), ("dropout1d", (3, 5, 4), 2), ("dropout2d", (3, 5, 4), 2),
     ("dropout2d", (3, 5, 4, 2), 2)],
)  # fmt: skip
def test_whole_channels_are_dropped(name, shape, channels):
    x = Tensor(np.ones(shape), requires_grad=True)
    y = getattr(F, name)(x, 0.25, generator=np.random.default_rng(3))
    flat = y.data.reshape(-1, int(np.prod(shape[channels:])))
    np.testing.assert_allclose(flat, flat[:, :1] + 0 * flat)
    assert 0 < (flat == 0).mean() < 1
    np.testing.assert_allclose(flat[flat != 0], 1 / 0.75)
    y.backward(np.ones(shape))
    np.testing.assert_array_equal(x.grad, y.data)
    layer = getattr(nn, name.capitalize())(0.25, generator=np.random.default_rng(3))
    np.testing.assert_array_equal(layer(x).data, y.data)
    assert layer.eval()(x) is x


@pytest.mark.parametrize(("name", "shape"), [("dropout1d", (5,)), ("dropout2d", (5, 2))])
def test_whole_channels_in_words(torch, name, shape):
    with pytest.raises(ValueError, match=f"^{name}: input must be "):
        getattr(F, name)(np.ones(shape))
