"""Convolution: every option against PyTorch, and in the student's words where it does not fit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnlib
import nnlib.nn.functional as F
from nnlib import Tensor, nn, testing
from nnlib.nn import convolution

CONVOLUTIONS = {1: "conv1d", 2: "conv2d"}


@st.composite
def problems(draw, axes, batches=(None, 0, 1, 3)):
    """Arrays and options of a convolution that fits."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kernel = [draw(st.integers(1, 4)) for _ in range(axes)]
    padding = draw(st.sampled_from(["same", 0, "each", "valid"]))
    if padding == "each":
        padding = tuple(draw(st.integers(0, 5)) for _ in range(axes))
    stride = 1 if padding == "same" else tuple(draw(st.integers(1, 3)) for _ in range(axes))
    image = [draw(st.integers(k, k + 5)) for k in kernel]
    inputs, outputs = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    batch = draw(st.sampled_from(batches))
    x = rng.normal(size=(*([] if batch is None else [batch]), inputs, *image))
    arrays = [x, rng.normal(size=(outputs, inputs, *kernel))]
    if draw(st.booleans()):
        arrays.append(rng.normal(size=outputs))
    return arrays, stride, padding


def with_options(f, stride, padding):
    return lambda x, weight, bias=None: f(x, weight, bias, stride, padding)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("axes", [1, 2])
@given(data=st.data())
@settings(max_examples=150)
def test_equals_torch(torch, axes, data):
    arrays, *options = data.draw(problems(axes))
    name = CONVOLUTIONS[axes]
    ours = with_options(getattr(F, name), *options)
    theirs = with_options(getattr(torch.nn.functional, name), *options)
    assert testing.compare_with_torch(ours, theirs, *arrays) <= 1e-9


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("axes", [1, 2])
@given(data=st.data())
@settings(max_examples=40)
def test_layer_equals_torch(torch, axes, data):
    (x, weight, *bias), stride, padding = data.draw(problems(axes))
    outputs, inputs, *kernel = weight.shape
    arguments = (inputs, outputs, tuple(kernel), stride, padding)
    name = f"Conv{axes}d"
    ours = getattr(nn, name)(*arguments, bias=bool(bias), dtype=np.float64)
    theirs = getattr(torch.nn, name)(*arguments, bias=bool(bias), dtype=torch.float64)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    testing.copy_weights(ours, theirs)
    testing.compare_with_torch(ours, theirs, x)
    for key, p in theirs.named_parameters():
        np.testing.assert_allclose(getattr(ours, key).grad, p.grad.numpy(), rtol=1e-9, atol=1e-9)


@given(problem=problems(2, batches=(1, 2)))
@settings(max_examples=15)
def test_gradcheck_and_twin(same_as_twin, problem):
    arrays, stride, padding = problem
    testing.gradcheck(with_options(F.conv2d, stride, padding), arrays)
    x, weight, *bias = arrays
    steps = (stride, stride) if stride == 1 else stride
    frame = tuple((p, p) for p in padding) if isinstance(padding, tuple) else ((0, 2), (1, 0))
    options = {"stride": steps, "padding": frame, "dilation": (1, 1)}
    b = bias[0] if bias else None
    same_as_twin(convolution._conv2d, [x, weight, b], **options)
    apart = options | {"padding": ((6, 6), (6, 7)), "dilation": (2, 3)}
    same_as_twin(convolution._conv2d, [x, weight, b], **apart)


@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("padding_mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", ["same", 2])
@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_groups_dilation_and_what_stands_in_the_frame(
    torch, rng, axes, groups, padding_mode, padding
):
    options = {
        "padding": padding, "dilation": (2, 3)[:axes], "groups": groups,
        "padding_mode": padding_mode,
    }  # fmt: skip
    name = f"Conv{axes}d"
    ours = getattr(nn, name)(4, 8, 2, **options, dtype=np.float64)
    theirs = getattr(torch.nn, name)(4, 8, 2, **options, dtype=torch.float64)
    testing.copy_weights(ours, theirs)
    testing.compare_with_torch(ours, theirs, rng.normal(size=(2, 4, 7, 8)[: axes + 2]))
    for key, p in theirs.named_parameters():
        np.testing.assert_allclose(getattr(ours, key).grad, p.grad.numpy(), rtol=1e-9, atol=1e-9)


def test_it_is_cross_correlation(rng):
    x, k = rng.normal(size=9), np.array([1.0, 2.0, -1.0])
    ours = F.conv1d(x[None], k[None, None]).data[0]
    np.testing.assert_allclose(ours, np.correlate(x, k, "valid"), atol=1e-12)
    np.testing.assert_allclose(ours, np.convolve(x, k[::-1], "valid"), atol=1e-12)


def test_output_sizes():
    x = np.zeros((1, 1, 28, 28), np.float32)
    assert nn.Conv2d(1, 2, 5)(x).shape == (1, 2, 24, 24)
    assert nn.Conv2d(1, 2, 3, stride=2, padding=1)(x).shape == (1, 2, 14, 14)


def test_float32_stays_float32(rng):
    layer, x = nn.Conv2d(2, 3, 3, padding=1), Tensor(np.ones((2, 2, 5, 5), np.float32))
    x.requires_grad = True
    y = layer(x)
    y.backward(np.ones(y.shape))
    assert {a.dtype for a in (y.data, x.grad, layer.weight.grad, layer.bias.grad)} == {
        np.dtype(np.float32)
    }


def test_layers_in_a_row_train(torch, rng):
    """The memory order that one layer hands to the next does not matter."""

    def network(nn, dtype):
        return nn.Sequential(
            nn.Conv2d(1, 3, 3, padding=1, dtype=dtype), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(3, 4, 3, dtype=dtype), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
        )  # fmt: skip

    ours, theirs = network(nn, np.float64), network(torch.nn, torch.float64)
    testing.copy_weights(ours, theirs)
    testing.compare_with_torch(ours, theirs, rng.normal(size=(5, 1, 8, 8)))
    for (_, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-9, atol=1e-10)


def test_a_replaced_formula_reaches_every_convolution():
    def silent(x, W, b, *, stride, padding):
        return (np.zeros((len(x), len(W), 1, 1)),)

    with nnlib.use(conv2d=silent):
        assert not nn.Conv2d(1, 2, 3)(np.ones((1, 1, 3, 3), np.float32)).data.any()
        assert not F.conv1d(np.ones((1, 1, 3)), np.ones((1, 1, 3))).data.any()


@pytest.mark.parametrize("seed", range(2))
def test_start_is_torchs_and_repeats(torch, seed):
    def weights():
        layer = nn.Conv2d(8, 50, 4, generator=np.random.default_rng(seed))
        return layer.weight.data, layer.bias.data

    W, b = weights()
    assert np.array_equal(W, weights()[0])
    assert np.array_equal(b, weights()[1])
    bound = 1 / np.sqrt(8 * 16)
    theirs = torch.nn.Conv2d(8, 50, 4)
    for ours, other in [(W, theirs.weight), (b, theirs.bias)]:
        other = other.detach().numpy()
        assert ours.shape == other.shape
        assert np.abs(ours).max() <= bound
        assert np.abs(other).max() <= bound
    assert W.std() == pytest.approx(bound / np.sqrt(3), rel=0.03)


# What does not fit -------------------------------------------------------------------------

X, W, B = np.ones((2, 3, 6, 5)), np.ones((4, 3, 2, 2)), np.ones(4)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((X[:, :2], W), ValueError,
         r"input has 2 channels, weight expects 3 — input is \(2, 2, 6, 5\)"),
        ((X[0, 0], W), ValueError, r"input must be \(N, C, H, W\) or \(C, H, W\), not \(6, 5\)"),
        ((X, W[0]), ValueError, r"weight must be \(out, in, kh, kw\), not \(3, 2, 2\)"),
        ((X, W, B[:3]), ValueError, r"bias has shape \(3,\), expected \(4,\)"),
        ((X[..., :1], W), ValueError, r"kernel \(2, 2\) does not fit into \(6, 1\)"),
        ((X, W, B, 0), ValueError, "stride must be a whole number from 1, or 2 of them, not 0"),
        ((X, W, B, (1, 2, 3)), ValueError, r"stride must be .* not \(1, 2, 3\)"),
        ((X, W, B, 1.5), TypeError, "stride must be .* not 1.5"),
        ((X, W, B, 1, -1), ValueError, "padding must be a whole number from 0, or 2 of them"),
        ((X, W, B, 1, "full"), TypeError, "padding must be a whole number from 0, or 2 of them, not 'full'"),
        ((X, W, B, 2, "same"), ValueError, "padding='same' needs stride 1"),
        ((X, W, B, 1, 0, 0), ValueError, "dilation must be a whole number from 1"),
        ((X, W, B, 1, 0, 1, 3), ValueError, "4 kernels cannot be shared among groups=3"),
        ((X, W, B, 1, 0, 1, 2), ValueError, "input has 3 channels, weight expects 3 for each of 2"),
        ((X.astype(np.float32), W), TypeError, "input holds float32, weight holds float64"),
        ((X.astype(int), W), TypeError, "input holds int64"),
        (([1.0], W), TypeError, "input must be a Tensor or a NumPy array, not list"),
    ],
)  # fmt: skip
def test_errors_of_the_function(arguments, error, words):
    with pytest.raises(error, match="^conv2d: " + words):
        F.conv2d(*arguments)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        ((0, 1, 3), {}, ValueError, "in_channels must be a whole number from 1, not 0"),
        ((1, "2", 3), {}, TypeError, "out_channels must be a whole number from 1, not '2'"),
        ((1, 1, (3,)), {}, ValueError, r"kernel_size must be .*, not \(3,\)"),
        ((1, 1, 3), {"padding_mode": "mirror"}, ValueError, "padding_mode must be 'zeros', .*"),
        ((4, 3, 3), {"groups": 2}, ValueError, "groups=2 must divide 4 and 3 channels"),
        ((1, 1, 3), {"device": "cuda"}, TypeError, "device='cuda' is not offered"),
    ],
)
def test_errors_of_the_layer(arguments, options, error, words):
    with pytest.raises(error, match="^Conv2d: " + words):
        nn.Conv2d(*arguments, **options)


@given(data=st.data())
@settings(max_examples=150)
def test_fuzzing_agrees_with_torch_or_says_why_not(torch, data):
    axes = data.draw(st.sampled_from([1, 2]))
    sizes = st.lists(st.integers(0, 4), min_size=axes, max_size=axes + 2).map(tuple)
    x, w, b = (np.ones(data.draw(s)) for s in (sizes, sizes, sizes.map(lambda s: s[:1])))
    numbers = st.one_of(st.integers(-1, 3), st.lists(st.integers(0, 3), max_size=3).map(tuple))
    options = (data.draw(numbers), data.draw(st.one_of(numbers, st.sampled_from(["same", "x"]))))
    name = CONVOLUTIONS[axes]
    try:
        ours = getattr(F, name)(x, w, b, *options).data
    except (ValueError, TypeError) as error:
        assert str(error).startswith(f"{name}: ")
        assert "broadcast" not in str(error)
        return
    theirs = getattr(torch.nn.functional, name)(*map(torch.tensor, (x, w, b)), *options)
    np.testing.assert_allclose(ours, theirs.numpy())
