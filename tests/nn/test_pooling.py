"""Pooling against PyTorch: strides, padding, ties, and windows that overlap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib.nn.functional as F
from nnlib import Tensor, nn, testing
from nnlib.nn import pooling

NAMES = ["max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d"]


@st.composite
def problems(draw, axes, ties, batches=(None, 0, 1, 3)):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kernel = tuple(draw(st.integers(1, 4)) for _ in range(axes))
    stride = draw(st.sampled_from([None, "each"]))
    if stride:
        stride = tuple(draw(st.integers(1, 3)) for _ in range(axes))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    image = [draw(st.integers(k, k + 5)) for k in kernel]
    batch = draw(st.sampled_from(batches))
    shape = (*([] if batch is None else [batch]), draw(st.integers(1, 3)), *image)
    x = rng.integers(0, 3, shape).astype(float) if ties else rng.normal(size=shape)
    return x, kernel, stride, padding


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=80)
def test_equals_torch(torch, name, data):
    x, *options = data.draw(problems(int(name[-2]), ties=data.draw(st.booleans())))
    testing.compare_with_torch(
        lambda x: getattr(F, name)(x, *options),
        lambda x: getattr(torch.nn.functional, name)(x, *options),
        x,
    )


@st.composite
def more_options(draw, name):
    """What else PyTorch's pooling may be told."""
    more = {"ceil_mode": draw(st.booleans())}
    if name.startswith("max"):
        return more | {"dilation": draw(st.integers(1, 3))}
    more["count_include_pad"] = draw(st.booleans())
    return more | (
        {"divisor_override": draw(st.sampled_from([None, 3]))} if name[-2] == "2" else {}
    )


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=120)
def test_options_equal_torch(torch, name, data):
    x, kernel, stride, padding = data.draw(problems(int(name[-2]), ties=data.draw(st.booleans())))
    more = data.draw(more_options(name))
    module = "".join(part.capitalize() for part in name.split("_"))
    try:
        expected = getattr(torch.nn, module)(kernel, stride, padding, **more)
        expected(torch.tensor(x))
    except RuntimeError:  # a window that does not fit
        return
    testing.compare_with_torch(getattr(nn, module)(kernel, stride, padding, **more), expected, x)
    testing.compare_with_torch(
        lambda x: getattr(F, name)(x, kernel, stride, padding, **more), expected, x
    )


def test_a_window_that_reaches_beyond_the_end(torch):
    """Sizes 1 to 12: which windows ceil_mode adds, and what their means divide by."""
    for n in range(1, 13):
        x = np.arange(1.0, n + 1).reshape(1, n)
        for k, s, p in [(2, 2, 0), (3, 2, 1), (3, 3, 1), (2, 3, 1), (4, 3, 2)]:
            if k > n + 2 * p:
                continue
            for include in (False, True):
                options = (k, s, p, True, include)
                ours = F.avg_pool1d(x, *options).data
                theirs = torch.nn.functional.avg_pool1d(torch.tensor(x), *options).numpy()
                np.testing.assert_allclose(ours, theirs, 1e-12)
            theirs = torch.nn.functional.max_pool1d(torch.tensor(x), k, s, p, ceil_mode=True)
            ours = F.max_pool1d(x, k, s, p, ceil_mode=True).data
            np.testing.assert_array_equal(ours, theirs.numpy())


@pytest.mark.parametrize("name", ["MaxPool1d", "MaxPool2d", "AvgPool1d", "AvgPool2d"])
@given(data=st.data())
@settings(max_examples=25)
def test_layer_equals_torch(torch, name, data):
    x, *options = data.draw(problems(int(name[-2]), ties=False))
    ours, theirs = getattr(nn, name)(*options), getattr(torch.nn, name)(*options)
    testing.compare_with_torch(ours, theirs, x)
    assert list(ours.state_dict()) == []


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@given(data=st.data())
@settings(max_examples=15)
def test_gradcheck_and_twin(same_as_twin, name, data):
    x, kernel, stride, padding = data.draw(problems(2, ties=False, batches=(1, 2)))
    testing.gradcheck(lambda x: getattr(F, name)(x, kernel, stride, padding), [x])
    options = {"kernel": kernel, "stride": stride or kernel, "padding": [(p, p) for p in padding]}
    if name == "avg_pool2d":
        same_as_twin(pooling._avg_pool2d, [x], **options, n=5)
        return
    dilation = data.draw(st.sampled_from([(1, 1), (2, 3)]))
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    if all(r <= n for r, n in zip(reach, x.shape[2:], strict=True)):
        same_as_twin(pooling._max_pool2d, [x], **options, dilation=dilation)


def test_shift_by_one():
    """Goodfellow's figure: every detector changes, half of the pooled values do."""

    def pool(x):
        return F.max_pool1d(np.array([x]), 3, stride=1, padding=1).data[0].tolist()

    assert pool([0.1, 1.0, 0.2, 0.1]) == [1.0, 1.0, 1.0, 0.2]
    assert pool([0.3, 0.1, 1.0, 0.2]) == [0.3, 1.0, 1.0, 1.0]


def test_the_first_of_several_maxima_gets_the_gradient():
    x = Tensor(np.ones((1, 1, 2, 2)), requires_grad=True)
    F.max_pool2d(x, 2).sum().backward()
    assert x.grad.tolist() == [[[[1.0, 0.0], [0.0, 0.0]]]]


@pytest.mark.parametrize("gradient", [1.0, np.inf])
@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=40)
def test_equals_torch_at_infinities_and_nan(torch, name, gradient, data):
    x, *options = data.draw(problems(int(name[-2]), ties=True, batches=(1, 2)))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    ends = data.draw(st.sampled_from([[-np.inf], [np.nan], [-np.inf, np.inf, np.nan, 0.0]]))
    share = data.draw(st.sampled_from([0.2, 0.7, 1.0]))
    x = np.where(rng.random(x.shape) < share, rng.choice(ends, x.shape), x)
    a, b = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    with np.errstate(invalid="ignore"):
        y = getattr(F, name)(a, *options)
        y.backward(np.full(y.shape, gradient))
    z = getattr(torch.nn.functional, name)(b, *options)
    z.backward(torch.full_like(z, gradient))
    np.testing.assert_allclose(y.data, z.detach().numpy(), 1e-12)
    np.testing.assert_allclose(a.grad, b.grad.numpy(), 1e-12)


def test_large_windows(torch, rng):
    """More than 256 entries in a window."""
    x = rng.normal(size=(2, 1, 20, 21))
    testing.compare_with_torch(
        lambda x: F.max_pool2d(x, (19, 20)),
        lambda x: torch.nn.functional.max_pool2d(x, (19, 20)),
        x,
    )


def test_float32_stays_float32():
    for name in NAMES:
        x = Tensor(np.ones((2, 3, 4, 4)[: 2 + int(name[-2])], np.float32), requires_grad=True)
        y = getattr(F, name)(x, 2)
        y.backward(np.ones(y.shape))
        assert y.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((np.ones((2, 2)), 2), ValueError, r"input must be \(N, C, H, W\) or \(C, H, W\)"),
        (
            (np.ones((1, 2, 2)), 3),
            ValueError,
            r"kernel \(3, 3\) does not fit into \(2, 2\)",
        ),
        ((np.ones((1, 4, 4)), 0), ValueError, "kernel_size must be a whole number from 1"),
        ((np.ones((1, 4, 4)), 2, 0), ValueError, "stride must be a whole number from 1"),
        ((np.ones((1, 4, 4)), 3, 1, 2), ValueError, "padding 2 is over half of kernel_size 3"),
        ((np.ones((1, 4, 4), int), 2), TypeError, "input holds int64; floats"),
        (([1.0], 2), TypeError, "input must be a Tensor or a NumPy array"),
    ],
)
@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
def test_errors(name, arguments, error, words):
    with pytest.raises(error, match=f"^{name}: {words}"):
        getattr(F, name)(*arguments)


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("max_pool1d", "return_indices", True),
        ("max_pool2d", "return_indices", True),
    ],
)
def test_options_left_out(name, option, value):
    module = "".join(part.capitalize() for part in name.split("_"))
    x = np.ones((1, 1, 4, 4)[: 2 + int(name[-2])])
    with pytest.raises(TypeError, match=f"^{name}: {option}={value} is not offered"):
        getattr(F, name)(x, 2, **{option: value})
    with pytest.raises(TypeError, match=f"{option}={value} is not offered"):
        getattr(nn, module)(2, **{option: value})


@given(data=st.data())
@settings(max_examples=100)
def test_fuzzing_agrees_with_torch_or_says_why_not(torch, data):
    name = data.draw(st.sampled_from(NAMES))
    x = np.ones(data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=5)))
    several = st.lists(st.integers(0, 3), max_size=3).map(tuple)
    numbers = st.one_of(st.integers(-1, 3), several)
    options = [data.draw(n) for n in (numbers, st.one_of(st.none(), numbers), numbers)]
    try:
        ours = getattr(F, name)(x, *options).data
    except (ValueError, TypeError) as error:
        assert str(error).startswith(f"{name}: ")
        return
    theirs = getattr(torch.nn.functional, name)(torch.tensor(x), *options)
    np.testing.assert_allclose(ours, theirs.numpy())
