"""Clipping of gradients against PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import Tensor, nn, optim

torch = pytest.importorskip("torch")

repeatable = settings(max_examples=60, deadline=None, derandomize=True)
SHAPES = st.lists(st.sampled_from([(), (1,), (3,), (2, 3), (0,), None]), max_size=4)
LIMITS = st.sampled_from([0.0, 0.1, 1.0, 1e6])


def pairs(shapes, seed, dtype=np.float64):
    rng = np.random.default_rng(seed)
    for shape in shapes:
        p = Tensor(np.ones(shape or ()), requires_grad=True)
        q = torch.ones(shape or (), dtype=torch.float64, requires_grad=True)
        if shape is not None:
            p.grad = np.asarray(rng.normal(size=shape))
            q.grad = torch.tensor(p.grad)
        yield p, q


def same(p, q):
    if q.grad is None:
        assert p.grad is None
    else:
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-9, atol=1e-12)


@repeatable
@given(SHAPES, st.integers(0, 99), LIMITS)
def test_norm(shapes, seed, limit):
    both = list(pairs(shapes, seed))
    ours = nn.utils.clip_grad_norm_((p for p, _ in both), limit)
    theirs = torch.nn.utils.clip_grad_norm_([q for _, q in both], limit)
    np.testing.assert_allclose(ours.item(), theirs.item(), rtol=1e-9)
    for p, q in both:
        same(p, q)


@repeatable
@given(SHAPES, st.integers(0, 99), LIMITS)
def test_value(shapes, seed, limit):
    both = list(pairs(shapes, seed))
    nn.utils.clip_grad_value_([p for p, _ in both], limit)
    if any(q.grad is not None for _, q in both):  # where there is nothing to clip, PyTorch raises
        torch.nn.utils.clip_grad_value_([q for _, q in both], limit)
    for p, q in both:
        same(p, q)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_norm_that_is_not_finite(bad):
    p, q = Tensor([1.0, 2.0], requires_grad=True), torch.ones(2, requires_grad=True)
    p.grad, q.grad = np.float32([1, bad]), torch.tensor([1, bad])
    with np.errstate(invalid="ignore"):
        nn.utils.clip_grad_norm_(p, 1.0)
    torch.nn.utils.clip_grad_norm_(q, 1.0)
    np.testing.assert_array_equal(p.grad, q.grad.numpy())


def test_a_single_tensor_and_float32():
    p = Tensor([0.0, 0.0], requires_grad=True)
    p.grad = np.array([30, 40], np.float32)
    norm = optim.clip_grad_norm_(p, 5)
    assert norm.dtype == p.grad.dtype == np.float32
    assert norm.item() == 50
    assert p.grad.tolist() == pytest.approx([3, 4])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda p: nn.utils.clip_grad_norm_([p], -1), ValueError, "max_norm must be a number from 0"),
        (lambda p: nn.utils.clip_grad_norm_([p], "1"), TypeError, "max_norm must be a number"),
        (lambda p: nn.utils.clip_grad_norm_([p], 1, np.inf), TypeError, "norm_type=inf is not offered"),
        (lambda p: nn.utils.clip_grad_norm_([p], 1, error_if_nonfinite=True), TypeError,
         "error_if_nonfinite=True is not offered"),
        (lambda p: nn.utils.clip_grad_norm_(nn.Linear(1, 1), 1), TypeError, r"model\.parameters\(\)"),
        (lambda p: nn.utils.clip_grad_norm_([p, 3], 1), TypeError, "parameters must be Tensors.* not 3"),
        (lambda p: nn.utils.clip_grad_value_([p], None), TypeError, "clip_value must be a number"),
        (lambda p: nn.utils.clip_grad_value_(None, 1), TypeError, "parameters must be Tensors"),
        (lambda p: nn.utils.clip_grad_value_([p], 1, True), TypeError, "foreach"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor([1.0], requires_grad=True))
