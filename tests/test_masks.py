"""Masks select and never multiply: at infinite gradients, and at NaN, as in PyTorch."""

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib import Tensor, ops
from nnlib.masks import selected

INF, NAN = np.inf, np.nan
X = [-INF, -2.0, -1.0, -0.0, 0.0, 0.5, INF]
WITH_NAN = [*X[:6], NAN]  # seven entries: from eight on, torch's elu has another NaN


def both(torch, ours, theirs, *arrays, gradient=INF):
    """Values and gradients here and in PyTorch, where ∂L/∂y is ``gradient`` throughout."""
    a = [Tensor(np.array(x), requires_grad=True) for x in arrays]
    b = [torch.tensor(np.array(x), requires_grad=True) for x in arrays]
    with np.errstate(all="ignore"):
        y, z = ours(*a), theirs(*b)
        y.backward(np.full(y.shape, gradient))
    z.backward(torch.full_like(z, gradient))
    np.testing.assert_allclose(y.data, z.detach().numpy(), 1e-14)
    for s, t in zip(a, b, strict=True):
        np.testing.assert_allclose(s.grad, t.grad.numpy(), 1e-14)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_selected(dtype):
    g, mask = np.array([INF, -INF, NAN, 2.0, -0.0], dtype), np.array([1, 0, 0, 0, 1], bool)
    assert selected(g, mask).tolist() == [INF, 0.0, 0.0, 0.0, -0.0]
    assert selected(g, mask).dtype == dtype
    assert np.isnan(selected(g[2:3], True)).all()
    assert selected(g[:, None], mask).shape == (5, 5)
    assert selected(np.broadcast_to(g[:1], (2, 5)), mask).tolist() == [[INF, 0, 0, 0, INF]] * 2
    assert selected(g[::2], mask[::2]).shape == (3,)
    assert selected(np.array(INF, dtype), np.False_) == 0


ONE = {
    "clamp": (lambda x: ops.clamp(x, -1, 0.5), lambda x: x.clamp(-1, 0.5)),
    "at least": (lambda x: ops.clamp(x, -1), lambda x: x.clamp(-1)),
    "at most": (lambda x: ops.clamp(x, max=0.0), lambda x: x.clamp(max=0.0)),
    "max": (lambda x: x.max(), lambda x: x.max()),
    "amax": (lambda x: x.amax(), lambda x: x.amax()),
    "abs": (abs, abs),
    "where": (
        lambda x: ops.where(np.array(X) > 0, x, x * 2),
        lambda x: __import__("torch").where(__import__("torch").tensor(X) > 0, x, x * 2),
    ),
    **{
        name: (getattr(F, name), lambda x, name=name: getattr(x, name)())
        for name in ("relu", "sign")
    },
    **{
        name: (
            getattr(F, name),
            lambda x, name=name: getattr(__import__("torch").nn.functional, name)(x),
        )
        for name in ("leaky_relu", "elu", "selu")
    },
}


@pytest.mark.parametrize("x", [X, WITH_NAN], ids=["infinite", "nan"])
@pytest.mark.parametrize("gradient", [1.0, INF, NAN])
@pytest.mark.parametrize("name", ONE)
def test_one_input(torch, name, gradient, x):
    both(torch, *ONE[name], x, gradient=gradient)


@pytest.mark.parametrize("gradient", [1.0, INF])
def test_maximum(torch, gradient):
    x, y = np.array([(x, y) for x in [*X, NAN] for y in [*X, NAN]]).T
    both(torch, ops.maximum, torch.maximum, x, y, gradient=gradient)


@pytest.mark.parametrize("gradient", [1.0, INF])
def test_clamp_between_tensors(torch, gradient):
    x, low, high = np.array([(x, a, b) for x in (-2.0, 0, 1, NAN) for a in (-1.0, 0, 1)
                             for b in (-1.0, 0, 1)]).T  # fmt: skip
    both(torch, ops.clamp, torch.clamp, x, low, high, gradient=gradient)
    both(torch, lambda x, b: ops.clamp(x, max=b), lambda x, b: torch.clamp(x, max=b), x, high)
    both(torch, ops.clamp, torch.clamp, x, low, gradient=gradient)


@pytest.mark.parametrize("gradient", [1.0, INF])
def test_powers(torch, gradient):
    x, n = np.array([(x, n) for x in [*X, 2.0, NAN] for n in (-1.0, 0, 0.5, 1, 2, INF, NAN)]).T
    both(torch, lambda x, n: x**n, lambda x, n: x**n, x, n, gradient=gradient)
    for number in (-2, -1, -0.5, 0, 0.5, 1, 2, 3):
        both(torch, *[lambda x, n=number: x**n] * 2, [*X, NAN], gradient=gradient)
        if number >= 0:
            both(torch, *[lambda x, a=number: a**x] * 2, [*X, NAN], gradient=gradient)


@pytest.mark.parametrize("after", ["log", "sqrt"])
@pytest.mark.parametrize("name", ["relu", "max_pool2d"])
def test_a_unit_that_is_off_under_an_infinite_slope(torch, name, after):
    x = [[[[-1.0, 0.0], [-2.0, -3.0]]], [[[4.0, -1.0], [0.5, 0.0]]]]
    options = {"kernel_size": 2} if name == "max_pool2d" else {}
    both(
        torch,
        lambda x: getattr(getattr(F, name)(x, **options), after)(),
        lambda x: getattr(getattr(torch.nn.functional, name)(x, **options), after)(),
        x,
        gradient=1.0,
    )
