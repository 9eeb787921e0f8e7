"""Penalties, proximal step, norms and noise: against PyTorch, finite differences and the lecture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

import nnlib.nn.functional as F
from nnlib import Tensor, nn, testing
from nnlib.nn import penalties

SHAPES = array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
BATCHES = array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=4)


def seeded(seed=0):
    return np.random.default_rng(seed)


# On weights --------------------------------------------------------------------------------


@given(shapes=st.lists(SHAPES, min_size=1, max_size=3))
@settings(max_examples=50)
def test_weight_penalties_equal_torch(torch, shapes):
    arrays = [np.asarray(seeded(i).normal(size=shape)) for i, shape in enumerate(shapes)]
    testing.compare_with_torch(
        lambda *w: penalties.l1_penalty(w), lambda *w: sum(a.abs().sum() for a in w), *arrays
    )
    testing.compare_with_torch(
        lambda *w: penalties.l2_penalty(iter(w)), lambda *w: sum((a**2).sum() for a in w), *arrays
    )


def test_squared_frobenius_not_spectral():
    W = Tensor(np.diag([3.0, 4.0]), requires_grad=True)
    penalty = penalties.l2_penalty([W])
    penalty.backward()
    assert penalty.item() == 25.0
    assert W.grad.tolist() == [[6.0, 0.0], [0.0, 8.0]]


@given(shape=SHAPES, t=st.sampled_from([0.0, 0.1, 0.5, 3, np.inf]))
def test_soft_threshold_equals_torch(torch, shape, t):
    u = np.asarray(seeded().normal(size=shape))
    before = u.copy()
    ours = penalties.soft_threshold(u, t)
    if np.isfinite(t):
        theirs = torch.nn.functional.softshrink(torch.tensor(u), float(t)).numpy()
        np.testing.assert_allclose(ours, theirs, atol=1e-15)
    assert (u == before).all()


def test_soft_threshold_minimizes_its_objective():
    w = np.linspace(-3, 3, 6001)
    for u in (-2.0, -0.3, 0.0, 0.69, 0.7, 1.5):
        best = w[np.argmin(0.5 * (w - u) ** 2 + 0.7 * np.abs(w))]
        assert penalties.soft_threshold(np.array(u), 0.7) == pytest.approx(best, abs=1e-3)


def test_the_proximal_step_gives_exact_zeros_and_the_subgradient_none():
    """The lecture's experiment X-27: 17 useless weights of 20."""
    rng = seeded()
    X, w_true = rng.normal(size=(100, 20)), np.zeros(20)
    w_true[:3] = 2.0, -3.0, 1.5
    y = X @ w_true + 0.5 * rng.normal(size=100)
    zeros = {}
    for how in ("subgradient", "proximal"):
        w = Tensor(np.zeros((1, 20)), requires_grad=True)
        for _ in range(800):
            w.grad = None
            loss = 0.5 * F.mse_loss(F.linear(X, w), y[:, None])
            if how == "subgradient":
                loss = loss + 0.1 * penalties.l1_penalty([w])
            loss.backward()
            w.data = w.data - 0.05 * w.grad
            if how == "proximal":
                penalties.proximal_l1_([w], 0.05 * 0.1)
        zeros[how] = int((w.data == 0).sum())
    assert zeros == {"subgradient": 0, "proximal": 17}


def test_a_step_in_place_is_seen_by_the_tape():
    w = Tensor([1.0, 2.0], requires_grad=True)
    loss = (w * w).sum()
    penalties.proximal_l1_([w], 0.5)
    assert w.data.tolist() == [0.5, 1.5]
    assert w.dtype == np.float32
    with pytest.raises(RuntimeError, match="was changed after"):
        loss.backward()


@given(shape=array_shapes(min_dims=2, max_dims=4, max_side=4), limit=st.sampled_from([0.1, 1.0, 3]))
def test_max_norm_equals_torch(torch, shape, limit):
    w = Tensor(seeded().normal(size=shape))
    theirs = torch.renorm(torch.tensor(w.data), 2, 0, limit).numpy()
    penalties.max_norm_([w], limit)
    np.testing.assert_allclose(w.data, theirs, rtol=1e-6)  # torch divides by the norm + 1e-7
    assert (np.sqrt((w.data**2).sum(tuple(range(1, len(shape))))) <= limit * (1 + 1e-12)).all()


def test_max_norm_leaves_rows_alone_that_are_short_enough():
    w = Tensor([[0.0, 0.0], [0.3, 0.4]])
    before = w.data.copy()
    penalties.max_norm_([w], 1.0)
    assert (w.data == before).all()


# On activities -----------------------------------------------------------------------------


@given(shape=BATCHES)
@settings(max_examples=40)
def test_activity_penalties_equal_torch(torch, shape):
    h = seeded().normal(size=shape)
    testing.compare_with_torch(penalties.activity_l1, lambda h: h.abs().flatten(1).sum(1).mean(), h)
    testing.compare_with_torch(penalties.activity_l2, lambda h: (h**2).flatten(1).sum(1).mean(), h)


@given(shape=BATCHES, rho=st.sampled_from([0.05, 0.5, 0.9]))
@settings(max_examples=40)
def test_kl_sparsity_equals_torch(torch, shape, rho):
    def divergence(h):
        on = torch.distributions.Bernoulli(torch.tensor(rho, dtype=torch.float64))
        return torch.distributions.kl_divergence(on, torch.distributions.Bernoulli(h.mean(0))).sum()

    h = seeded().uniform(0.01, 0.99, shape)
    testing.compare_with_torch(lambda h: penalties.kl_sparsity(h, rho), divergence, h)


def test_kl_sparsity_of_the_lecture():
    """ρ = 0.05: its gradient is .94, 0 and −4.04 at mean activities .2, .05 and .01."""
    h = Tensor(np.array([[0.2, 0.05, 0.01]]), requires_grad=True)
    penalties.kl_sparsity(h, 0.05).backward()
    np.testing.assert_allclose(h.grad, [[0.9375, 0, -4.0404]], atol=1e-4)
    assert penalties.kl_sparsity(np.full((3, 2), 0.05), 0.05).item() == pytest.approx(0, abs=1e-15)
    assert testing.gradcheck(penalties.kl_sparsity, [seeded().uniform(0.1, 0.9, (4, 3))])


# Noise -------------------------------------------------------------------------------------


def test_gaussian_noise(rng):
    x = Tensor(rng.normal(size=(300, 400)).astype(np.float32), requires_grad=True)
    layer = nn.GaussianNoise(0.3, generator=seeded())
    y = layer(x)
    y.sum().backward()
    noise = y.data - x.data
    assert y.dtype == np.float32
    assert noise.mean() == pytest.approx(0, abs=0.005)
    assert noise.std() == pytest.approx(0.3, rel=0.01)
    assert (x.grad == 1).all()
    assert (F.gaussian_noise(x, 0.3, generator=seeded()).data == y.data).all()
    assert (layer(x).data != y.data).any()
    assert layer.eval()(x) is x
    assert (F.gaussian_noise(x.data, 0.3, training=False).data == x.data).all()


def test_noisy_inputs_act_as_a_ridge():
    """The lecture's experiment X-28: least squares on noisy copies is ridge with λ = N s²."""
    rng = seeded()
    X, s = rng.normal(size=(50, 5)), 0.5
    y = X @ np.arange(1.0, 6.0) + 0.1 * rng.normal(size=50)
    ridge = np.linalg.solve(X.T @ X + 50 * s**2 * np.eye(5), X.T @ y)
    copies = F.gaussian_noise(np.tile(X, (4000, 1)), s, generator=rng).data
    noisy = np.linalg.lstsq(copies, np.tile(y, 4000), rcond=None)[0]
    assert np.abs(noisy - ridge).max() < 0.05
    assert np.abs(np.linalg.lstsq(X, y, rcond=None)[0] - ridge).max() > 0.3


@pytest.mark.parametrize("p", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_label_noise(p, dtype):
    y = np.repeat(np.arange(4), 5000).astype(dtype)
    noisy = penalties.label_noise(y, p, 4, generator=seeded())
    changed = noisy != y
    assert noisy.dtype == dtype
    assert changed.mean() == pytest.approx(p, abs=0.01)
    for label in range(4):  # each other class gets a third
        shares = np.bincount(noisy[changed & (y == label)], minlength=4) / 5000
        np.testing.assert_allclose(np.delete(shares, label), p / 3, atol=0.025)
    assert (y == np.repeat(np.arange(4), 5000)).all()
    assert penalties.label_noise(Tensor(y), p, 4, generator=seeded()).tolist() == noisy.tolist()


def test_label_noise_near_the_end_of_a_small_type():
    y = np.full(200, 199, np.uint8)
    noisy = penalties.label_noise(y, 1.0, 200, generator=seeded())
    assert noisy.max() < 199


# What does not fit -------------------------------------------------------------------------

W = Tensor(np.ones((2, 3)))
LABELS = np.array([0, 1])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        *((lambda f=f, bad=bad: f(bad), TypeError, f"{f.__name__}: parameters must be T")
          for f in (penalties.l1_penalty, penalties.l2_penalty) for bad in (3, [1.0], None)),
        *((lambda f=f: f([]), ValueError, f"{f.__name__}: parameters is empty")
          for f in (penalties.l1_penalty, penalties.l2_penalty)),
        (lambda: penalties.soft_threshold(np.ones(2), -1), ValueError, "t must be a number from 0"),
        (lambda: penalties.proximal_l1_([W], np.nan), ValueError, "threshold must be a number from 0"),
        (lambda: penalties.proximal_l1_([W, 2], 1.0), TypeError, "parameters must be Tensors.*not 2"),
        (lambda: penalties.max_norm_([W], 0), ValueError, "max_norm must be a number above 0, not 0"),
        (lambda: penalties.max_norm_([Tensor([1.0])], 1), ValueError, r"shape \(1,\) has no rows"),
        *((lambda f=f, x=x: f(x), ValueError, rf"{f.__name__}: input must be \(N, units\) and not")
          for f in (penalties.activity_l1, penalties.activity_l2, penalties.kl_sparsity)
          for x in (np.ones(3), np.array(1.0), np.ones((0, 3)), np.ones((3, 0)))),
        (lambda: penalties.activity_l1([[1.0]]), TypeError, "input must be a Tensor or a NumPy"),
        (lambda: penalties.kl_sparsity(np.full((2, 2), 0.5), 1), ValueError, "rho must be a number between"),
        (lambda: penalties.kl_sparsity(np.array([[0.0, 0.5]])), ValueError, "go from 0 to 0.5"),
        (lambda: penalties.kl_sparsity(np.array([[2.0, 0.5]])), ValueError, "use sigmoid units"),
        (lambda: F.gaussian_noise(np.ones(2), -1.0), ValueError, "std must be a finite number from 0"),
        (lambda: F.gaussian_noise(np.ones(2, int)), TypeError, "input holds int64"),
        (lambda: penalties.label_noise(LABELS, 1.5, 2), ValueError, "p must be a number in"),
        (lambda: penalties.label_noise(LABELS, 0.5, 1), ValueError, "num_classes must be a whole number from"),
        (lambda: penalties.label_noise(LABELS + 1, 0.5, 2), ValueError, "whole numbers from 0 to 1"),
        (lambda: penalties.label_noise(LABELS * 1.0, 0.5, 2), ValueError, "whole numbers from 0 to"),
        (lambda: penalties.label_noise([0, 1], 0.5, 2), TypeError, "target must be a Tensor or a"),
    ],
)  # fmt: skip
def test_what_is_said_when_it_does_not_fit(call, error, words):
    with pytest.raises(error, match=words):
        call()
