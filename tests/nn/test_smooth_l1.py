"""Smooth L1 and the log of the sigmoid: values, gradients, kinks and extremes against PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from twins import TWINS

import nnlib.nn.functional as F
from nnlib import Tensor, nn, testing

SHAPES = array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


@given(shape=SHAPES, beta=st.sampled_from([1.0, 0.1, 3]),
       reduction=st.sampled_from(["mean", "sum", "none"]))  # fmt: skip
@settings(max_examples=80)
def test_smooth_l1_equals_torch(torch, shape, beta, reduction):
    rng = np.random.default_rng(0)
    options = {"beta": beta, "reduction": reduction}
    arrays = [np.asarray(rng.normal(size=shape)), np.asarray(rng.normal(size=shape))]
    for ours, theirs in (
        (lambda *x: F.smooth_l1_loss(*x, **options),
         lambda *x: torch.nn.functional.smooth_l1_loss(*x, **options)),
        (nn.SmoothL1Loss(**options), torch.nn.SmoothL1Loss(**options)),
    ):  # fmt: skip
        testing.compare_with_torch(ours, theirs, *arrays)


def test_smooth_l1_where_it_bends(torch):
    d = np.array([0.0, 0.5, -0.5, 1e4, -1e4])
    testing.compare_with_torch(
        lambda x: F.smooth_l1_loss(x, 0 * d, reduction="none", beta=0.5),
        lambda x: torch.nn.functional.smooth_l1_loss(
            x, torch.tensor(0 * d), reduction="none", beta=0.5
        ),
        d,
    )


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: F.smooth_l1_loss(x, x, beta=0), ValueError, "beta must be a number above 0"),
        (lambda x: F.smooth_l1_loss(x, x[:, None]), ValueError, "input has shape"),
        (lambda x: F.smooth_l1_loss(x, x, reduction="avg"), ValueError, "reduction must be 'mean'"),
        (lambda x: F.smooth_l1_loss(x, x, True), TypeError, "size_average=True is not offered"),
        (
            lambda x: F.smooth_l1_loss(x, None),
            TypeError,
            "target must be a Tensor or a NumPy array",
        ),
        (lambda x: nn.SmoothL1Loss(reduction="avg"), ValueError, "SmoothL1Loss: reduction must be"),
    ],
)
def test_smooth_l1_says_what_is_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call(np.ones(3))


@given(shape=SHAPES)
@settings(max_examples=40)
def test_logsigmoid_equals_torch(torch, shape):
    z = np.asarray(np.random.default_rng(0).normal(0, 3, shape))
    testing.compare_with_torch(F.logsigmoid, torch.nn.functional.logsigmoid, z)
    testing.compare_with_torch(nn.LogSigmoid(), torch.nn.LogSigmoid(), z)
    twin = TWINS["logsigmoid"]
    np.testing.assert_allclose(F.logsigmoid(Tensor(z)).data, twin(Tensor(z)).data, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logsigmoid_of_extreme_values(torch, dtype):
    z = np.array([1e4, -1e4, 100, -100, 0.0, 1e-30, -1e-30], dtype)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        testing.compare_with_torch(
            F.logsigmoid, torch.nn.functional.logsigmoid, z, atol=10 * np.finfo(dtype).eps
        )


def test_logsigmoid_gradcheck_and_errors(rng):
    assert testing.gradcheck(F.logsigmoid, [rng.normal(size=5)])
    with pytest.raises(TypeError, match="logsigmoid: input holds int64"):
        F.logsigmoid(np.ones(2, int))
