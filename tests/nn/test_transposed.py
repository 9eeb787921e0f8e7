"""Transposed convolution: every option against PyTorch, its twin, and its words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib.nn.functional as F
from nnlib import nn, testing
from nnlib.nn import convolution


@st.composite
def problems(draw, axes, batches=(None, 0, 1, 3)):
    """Arrays and options of a transposed convolution that fits."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def each(least, most):
        return tuple(draw(st.integers(least, most)) for _ in range(axes))

    stride, dilation, groups = each(1, 3), each(1, 2), draw(st.sampled_from([1, 2]))
    kernel, image = each(1, 4), each(1, 4)
    # the frame that is cut off leaves at least one entry
    room = [
        ((n - 1) * s + d * (k - 1)) // 2
        for n, s, d, k in zip(image, stride, dilation, kernel, strict=True)
    ]
    padding = tuple(draw(st.integers(0, min(m, 3))) for m in room)
    more = tuple(draw(st.integers(0, s - 1)) for s in stride)
    inputs, outputs = groups * draw(st.integers(1, 2)), draw(st.integers(1, 3))
    batch = draw(st.sampled_from(batches))
    x = rng.normal(size=(*([] if batch is None else [batch]), inputs, *image))
    arrays = [x, rng.normal(size=(inputs, outputs, *kernel))]
    if draw(st.booleans()):
        arrays.append(rng.normal(size=outputs * groups))
    return arrays, (stride, padding, more, groups, dilation)


def with_options(f, options):
    return lambda x, weight, bias=None: f(x, weight, bias, *options)


@pytest.mark.parametrize("axes", [1, 2])
@given(data=st.data())
@settings(max_examples=80)
def test_equals_torch(torch, axes, data):
    arrays, options = data.draw(problems(axes))
    name = f"conv_transpose{axes}d"
    ours = with_options(getattr(F, name), options)
    theirs = with_options(getattr(torch.nn.functional, name), options)
    assert testing.compare_with_torch(ours, theirs, *arrays) <= 1e-9


@pytest.mark.parametrize("axes", [1, 2])
@given(data=st.data())
@settings(max_examples=20)
def test_layer_equals_torch(torch, axes, data):
    (x, weight, *bias), (stride, padding, more, groups, dilation) = data.draw(problems(axes))
    inputs, outputs, *kernel = weight.shape
    arguments = (inputs, outputs * groups, tuple(kernel), stride, padding, more, groups)
    name = f"ConvTranspose{axes}d"
    options = {"bias": bool(bias), "dilation": dilation}
    ours = getattr(nn, name)(*arguments, **options, dtype=np.float64)
    theirs = getattr(torch.nn, name)(*arguments, **options, dtype=torch.float64)
    assert {k: v.shape for k, v in ours.state_dict().items()} == {
        k: tuple(v.shape) for k, v in theirs.state_dict().items()
    }
    testing.copy_weights(ours, theirs)
    testing.compare_with_torch(ours, theirs, x)
    for key, p in theirs.named_parameters():
        np.testing.assert_allclose(getattr(ours, key).grad, p.grad.numpy(), rtol=1e-9, atol=1e-9)


@given(problem=problems(2, batches=(1, 2)))
@settings(max_examples=15)
def test_gradcheck_and_twin(same_as_twin, problem):
    arrays, options = problem
    testing.gradcheck(with_options(F.conv_transpose2d, options), arrays)
    x, weight, *bias = arrays
    stride, padding, _, _, dilation = options
    size = [
        (n - 1) * s - 2 * p + d * (k - 1) + 1
        for n, s, p, k, d in zip(
            x.shape[2:], stride, padding, weight.shape[2:], dilation, strict=True
        )
    ]
    padding = tuple((p, p) for p in padding)
    b = bias[0][: weight.shape[1]] if bias else None
    same_as_twin(
        convolution._conv_transpose2d, [x, weight, b],
        stride=stride, padding=padding, dilation=dilation, size=tuple(size),
    )  # fmt: skip


def test_it_starts_as_torch_does(torch):
    """U(−1/√n, 1/√n) with n = out·kh·kw / groups, for weight and bias."""
    layer = nn.ConvTranspose2d(30, 40, 5, groups=2)
    bound = 1 / np.sqrt(20 * 25)
    assert 0.95 * bound < abs(layer.weight.data).max() <= bound
    assert 0.7 * bound < abs(layer.bias.data).max() <= bound


def test_it_is_the_way_back_through_a_convolution(rng):
    """⟨conv(x), y⟩ = ⟨x, convᵀ(y)⟩"""
    x, W = rng.normal(size=(2, 3, 7, 6)), rng.normal(size=(4, 3, 3, 2))
    y = F.conv2d(x, W, stride=2, padding=1)
    g = rng.normal(size=y.shape)
    back = F.conv_transpose2d(g, W, stride=2, padding=1, output_padding=(0, 0))
    assert back.shape == x.shape
    np.testing.assert_allclose((y.data * g).sum(), (x * back.data).sum(), rtol=1e-12)


X, W = np.ones((2, 3, 4, 4)), np.ones((3, 2, 2, 2))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((X[:, :2], W), ValueError, "input has 2 channels, weight expects 3"),
        ((X, W, np.ones(3)), ValueError, r"bias has shape \(3,\), expected \(2,\)"),
        ((X, W[0]), ValueError, "must have 2 axes after the channels"),
        ((X, W, None, 1, 3), ValueError, r"nothing is left of \(4, 4\)"),
        ((X, W, None, 1, 0, 1), ValueError, "output_padding 1 must be less than stride"),
        ((X, W, None, 1, 0, 0, 2), ValueError, "weight expects 3 in 2 groups"),
        ((X.astype(np.float32), W), TypeError, "input holds float32, weight holds float64"),
    ],
)
def test_errors(arguments, error, words):
    with pytest.raises(error, match="^conv_transpose2d: .*" + words):
        F.conv_transpose2d(*arguments)


def test_errors_of_the_layer():
    with pytest.raises(ValueError, match=r"^ConvTranspose2d: groups=2 must divide 3 and 4"):
        nn.ConvTranspose2d(3, 4, 2, groups=2)
    with pytest.raises(TypeError, match=r"output_size=.* is not offered"):
        nn.ConvTranspose2d(3, 4, 2)(np.ones((1, 3, 2, 2), np.float32), [4, 4])
