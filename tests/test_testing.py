"""The oracles themselves: they must say no to what is wrong."""

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib import Tensor, lecture, nn, op, ops, testing
from nnlib.testing import compare_with_torch, gradcheck

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]])
W = np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 0.25]])


def product(dx=lambda g, x, w: g * w, dw=lambda g, x, w: g * x, value=lambda x, w: x * w):
    """x · w, with a place to put a mistake."""
    return op(value, lambda g, x, w: (dx(g, x, w), dw(g, x, w)))


MISTAKES = {
    "sign": product(dx=lambda g, x, w: -g * w),
    "missing factor": product(dw=lambda g, x, w: g),
    "twice": product(dw=lambda g, x, w: 2 * g * x),
    "the other input": product(dx=lambda g, x, w: g * x),
    "no gradient": product(dw=lambda g, x, w: None),
    "ignores g": product(dx=lambda g, x, w: w),
    "a mean": product(dx=lambda g, x, w: g * w / len(x)),
    "one entry": product(dx=lambda g, x, w: g * w + 0.01 * (np.arange(6).reshape(2, 3) == 4)),
    "not a number": product(dx=lambda g, x, w: g * np.nan),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_derivative_is_found(torch, mistake):
    with pytest.raises(AssertionError, match=r"gradcheck: input [01], entry \(\d, \d\): backward"):
        gradcheck(MISTAKES[mistake], [X, W])
    with pytest.raises(AssertionError, match=r"the gradient of input [01]"):
        compare_with_torch(MISTAKES[mistake], lambda x, w: x * w, X, W)


def test_the_right_one_passes(torch):
    assert gradcheck(product(), [X, W])
    assert compare_with_torch(product(), lambda x, w: x * w, X, W) <= 1e-12


def test_gradcheck_names_the_entry():
    with pytest.raises(AssertionError, match=r"input 0, entry \(1, 1\): backward gives"):
        gradcheck(MISTAKES["one entry"], [X, W])


def test_gradcheck_differentiates_float64_alone():
    y = np.array([0, 2])
    assert gradcheck(lambda z, y: F.cross_entropy(z, y.data), [X, y])
    assert gradcheck(lambda x, w: x * w, [X.astype(np.float32), W])
    for inputs in ([X.astype(np.float32)], [y]):
        with pytest.raises(TypeError, match="no input is a float64 array"):
            gradcheck(lambda x: x, inputs)


def test_gradcheck_takes_numbers_and_lists():
    assert gradcheck(lambda x, y: x * y, [2.0, [1.0, 3.0]])


def test_gradcheck_leaves_its_inputs_alone():
    x = X.copy()
    gradcheck(lambda x: x * x, [x])
    assert x.tolist() == X.tolist()


def test_gradcheck_knows_results_of_any_shape():
    for f in (ops.sum, ops.exp, lambda x: x[0, 0], lambda x: x[:0], lambda x: x.T):
        assert gradcheck(f, [X])


def test_gradcheck_tolerances():
    nearly = product(dx=lambda g, x, w: g * w * 1.0001)
    assert gradcheck(nearly, [X, W])
    with pytest.raises(AssertionError):
        gradcheck(nearly, [X, W], rtol=1e-6, atol=1e-8)


# compare_with_torch ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        (lambda x: x + 1e-6, lambda x: x * 1, "the value differs from torch by"),
        (lambda x: x.T, lambda x: x * 1, r"the value has shape \(3, 2\), in torch \(2, 3\)"),
        (lambda x: x.reshape(1, 2, 3), lambda x: x * 1, "the value has shape"),
        (lambda x: x.float(), lambda x: x * 1, "the value is float32, in torch float64"),
        (lambda x: x * np.inf, lambda x: x * 1, "the value differs"),
        (lambda x: x * np.nan, lambda x: x * 1, "the value differs"),
        (lambda x: x * 1, lambda x: x * np.nan, "the value differs"),
        (lambda x: x.detach() + 0 * x, lambda x: x * 1, "the gradient of input 0"),
    ],
)
def test_a_difference_from_torch_is_found(torch, ours, theirs, words):
    with pytest.raises(AssertionError, match=words):
        compare_with_torch(ours, theirs, X)


def test_the_gradient_is_projected_not_summed(torch):
    def permuted(x):
        return op(lambda x: x * 2, lambda g, x: 2 * g[::-1])(x)

    with pytest.raises(AssertionError, match="gradient"):
        compare_with_torch(permuted, lambda x: x * 2, X)


def test_same_infinities_and_nans_agree(torch):
    x = np.array([np.inf, -np.inf, np.nan, 1.0])
    assert compare_with_torch(lambda x: x * 1, lambda x: x * 1, x) == 0.0


def test_large_values_are_compared_relatively(torch):
    big = X * 1e12
    assert compare_with_torch(lambda x: x * (1 + 1e-12), lambda x: x * 1, big) < 1e-9


def test_whole_numbers_and_booleans_are_compared(torch):
    for f in (lambda x: x > 0, lambda x: x.argmax(1)):
        assert compare_with_torch(f, f, X) == 0.0
    with pytest.raises(AssertionError, match="the value differs"):
        compare_with_torch(lambda x: x > 0, lambda x: x < 0, X)


def test_copy_weights(torch):
    ours, theirs = nn.MLP([2, 3, 1]), torch.nn.Sequential(torch.nn.Linear(2, 1))
    with pytest.raises(RuntimeError, match=r"Missing|Unexpected|size mismatch"):
        testing.copy_weights(ours, theirs)
    model = nn.Linear(2, 1)
    copied = torch.nn.Linear(2, 1)
    testing.copy_weights(model, copied)
    copied.weight.data.zero_()
    assert model.weight.data.any()  # a copy
    assert copied(torch.ones(1, 2)).item() == model.bias.data.item()


def test_twins_are_differentiable():
    x = Tensor(X, requires_grad=True)
    lecture.tanh(x).sum().backward()
    np.testing.assert_allclose(x.grad, 1 - np.tanh(X) ** 2, rtol=1e-12)
