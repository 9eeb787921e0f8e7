"""Batch and layer normalization: outputs, gradients and running statistics against PyTorch."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import TWINS

import nnlib.nn.functional as F
from nnlib import Tensor, debug, nn, no_grad, testing

CLASSES = {2: "BatchNorm1d", 3: "BatchNorm1d", 4: "BatchNorm2d"}
NUMPY_WORDS = ("ufunc", "broadcast", "operand", "axis")


@st.composite
def channel_shapes(draw, least=1, least_axes=2):
    """(N, C), (N, C, L) or (N, C, H, W) with two values per channel or more."""
    more = draw(st.lists(st.integers(least, 3), min_size=least_axes - 2, max_size=2))
    return (draw(st.integers(2, 4)), draw(st.integers(1, 3)), *more)


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=1e-9)


def assert_same_layers(torch, ours, theirs, x):
    """One step forward and backward: output, ∂L/∂x, ∂L/∂γ, ∂L/∂β and every buffer."""
    for p in (*ours.parameters(), *theirs.parameters()):
        p.grad = None
    a, b = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, z = ours(a), theirs(b)
    close(y.data, z)
    g = np.random.default_rng(1).normal(size=y.shape)
    y.backward(g)
    z.backward(torch.tensor(g))
    close(a.grad, b.grad)
    for name, p in theirs.named_parameters():
        close(getattr(ours, name).grad, p.grad)
    for name, array in ours.state_dict().items():
        expected = theirs.state_dict()[name]
        close(array, expected)
        assert array.shape == tuple(expected.shape)
        assert str(array.dtype) in str(expected.dtype)


@given(data=st.data())
@settings(max_examples=120)
def test_batch_norm_equals_torch(torch, data):
    shape = data.draw(channel_shapes())
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    options = {
        "eps": data.draw(st.sampled_from([1e-5, 0.1])),
        "momentum": data.draw(st.sampled_from([0.1, None, 0, 0.7, 1.0])),
        "affine": data.draw(st.booleans()),
        "track_running_stats": data.draw(st.booleans()),
        "bias": data.draw(st.booleans()),
    }
    name = CLASSES[len(shape)]
    ours = getattr(nn, name)(shape[1], **options, dtype=np.float64)
    theirs = getattr(torch.nn, name)(shape[1], **options, dtype=torch.float64)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for p in ours.parameters():
        p.data = rng.normal(size=p.shape)
    testing.copy_weights(ours, theirs)
    for training in data.draw(st.lists(st.booleans(), min_size=1, max_size=5)):
        ours.train(training)
        theirs.train(training)
        assert_same_layers(torch, ours, theirs, rng.normal(2, 3, shape))


@pytest.mark.parametrize("name", ["BatchNorm1d", "BatchNorm2d", "LayerNorm"])
def test_float32(torch, rng, name):
    x = rng.normal(3, 2, (8, 4, 5, 6) if name == "BatchNorm2d" else (8, 4)).astype(np.float32)
    ours, theirs = getattr(nn, name)(4 if "Batch" in name else (4,)), getattr(torch.nn, name)(4)
    a, b = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    for _ in range(3):
        y, z = ours(a), theirs(b)
    (y * y * y).sum().backward()
    (z * z * z).sum().backward()
    assert y.dtype == a.grad.dtype == ours.weight.grad.dtype == np.float32
    np.testing.assert_allclose(y.data, z.detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(a.grad, b.grad.numpy(), atol=1e-3)
    for key, value in ours.state_dict().items():
        np.testing.assert_allclose(value, theirs.state_dict()[key].numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 2), (2, 3, 0), (0, 3, 2, 2)])
def test_an_empty_batch(torch, shape):
    name = CLASSES[len(shape)]
    ours, theirs = (getattr(library, name)(3).double() for library in (nn, torch.nn))
    for training in (True, False):
        ours.train(training)
        theirs.train(training)
        with np.errstate(all="raise"):
            assert_same_layers(torch, ours, theirs, np.ones(shape))


def test_eval_does_not_depend_on_the_batch(rng):
    layer = nn.BatchNorm1d(2).double()
    x = rng.normal(size=(6, 2))
    layer(x)
    layer.eval()
    before = layer.state_dict()
    np.testing.assert_allclose(layer(x).data[:1], layer(x[:1]).data)
    assert all((before[key] == value).all() for key, value in layer.state_dict().items())


def test_a_batch_in_training_does_not_spoil_an_earlier_backward(rng):
    """Running statistics change in place: what backward needs is not among them."""
    layer = nn.BatchNorm1d(2).double().eval()
    x = Tensor(rng.normal(size=(4, 2)), requires_grad=True)
    with debug():
        y = layer(x).sum()
        layer.train()
        layer(rng.normal(size=(4, 2)))
        y.backward()
        layer(x).sum().backward()
    np.testing.assert_allclose(x.grad, np.full((4, 2), 1 / np.sqrt(1 + 1e-5)), atol=1e-9)


def test_running_statistics_are_changed_in_place_and_off_the_tape(rng):
    mean, var = Tensor(np.zeros(3)), np.ones(3)
    array = mean.data
    x = rng.normal(1, 2, (5, 3))
    F.batch_norm(Tensor(x, requires_grad=True), mean, var, training=True, momentum=0.25)
    assert mean.data is array
    np.testing.assert_allclose(array, 0.25 * x.mean(0))
    np.testing.assert_allclose(var, 0.75 + 0.25 * x.var(0, ddof=1))


def test_no_grad_still_tracks(rng):
    layer = nn.BatchNorm1d(2).double()
    with no_grad():
        layer(rng.normal(5, 1, (8, 2)))
    assert (layer.running_mean.data > 0.3).all()
    assert layer.num_batches_tracked.item() == 1
    other = copy.deepcopy(layer)
    other(rng.normal(5, 1, (8, 2)))
    assert layer.num_batches_tracked.item() == 1


def test_facts_of_the_lecture(rng):
    """BN(aWx + c) = BN(Wx): the scale of W and the bias before it change nothing."""
    x, W = rng.normal(size=(64, 5)), rng.normal(size=(3, 5))
    weights = [Tensor(a * W, requires_grad=True) for a in (1.0, 10.0)]
    bias = Tensor(np.ones(3), requires_grad=True)
    g = rng.normal(size=(64, 3))
    outputs = []
    for w in weights:
        y = F.batch_norm(F.linear(x, w, bias), None, None, training=True, eps=1e-15)
        y.backward(g)
        outputs.append(y.data)
    np.testing.assert_allclose(outputs[0], outputs[1], atol=1e-12)
    np.testing.assert_allclose(weights[1].grad, weights[0].grad / 10, atol=1e-12)
    assert abs((weights[0].data * weights[0].grad).sum()) < 1e-10
    assert np.abs(bias.grad).max() < 1e-10


# Layer norm --------------------------------------------------------------------------------


@given(data=st.data())
@settings(max_examples=80)
def test_layer_norm_equals_torch(torch, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    normalized = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    batch = data.draw(st.lists(st.integers(0, 3), max_size=2))
    options = {
        "eps": data.draw(st.sampled_from([1e-5, 0.1])),
        "elementwise_affine": data.draw(st.booleans()),
        "bias": data.draw(st.booleans()),
    }
    one = len(normalized) == 1 and data.draw(st.booleans())
    shape = normalized[0] if one else normalized
    ours = nn.LayerNorm(shape, **options, dtype=np.float64)
    theirs = torch.nn.LayerNorm(shape, **options, dtype=torch.float64)
    for p in ours.parameters():
        p.data = rng.normal(size=p.shape)
    testing.copy_weights(ours, theirs)
    assert_same_layers(torch, ours, theirs, rng.normal(2, 3, (*batch, *normalized)))


# Both --------------------------------------------------------------------------------------


@given(shape=channel_shapes(), training=st.booleans(), weight=st.booleans(), bias=st.booleans())
@settings(max_examples=40)
def test_batch_norm_equals_its_twin(shape, training, weight, bias):
    rng = np.random.default_rng(0)
    channels = shape[1]
    x = rng.normal(size=shape)
    axes = (0, *range(2, len(shape)))
    mean, var = (
        (x.mean(axes), x.var(axes)) if training else (np.ones(channels), np.full(channels, 2))
    )
    options = {"mean": mean, "var": var * 1.0, "eps": 0.1, "training": training}
    affine = [rng.normal(size=channels) if wanted else None for wanted in (weight, bias)]
    from nnlib.nn.normalization import _batch_norm

    assert_twin(_batch_norm, "batch_norm", [x, *affine], options)


@pytest.mark.parametrize("weight", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_layer_norm_equals_its_twin(rng, weight, bias):
    from nnlib.nn.normalization import _layer_norm

    affine = [rng.normal(size=4) if wanted else None for wanted in (weight, bias)]
    assert_twin(_layer_norm, "layer_norm", [rng.normal(size=(3, 4)), *affine], {"eps": 0.1})


def assert_twin(op, name, arrays, options):
    results = []
    for f in (op, TWINS[name]):
        inputs = [None if a is None else Tensor(a, requires_grad=True) for a in arrays]
        y = f(*inputs, **options)
        y.backward(np.random.default_rng(2).normal(size=y.shape))
        results.append([y.data, *(t.grad for t in inputs if t is not None)])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-10)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(4, 2), (3, 2, 2), (2, 2, 2, 2)])
def test_gradcheck(rng, shape, training):
    running = [] if training else [np.ones(2), np.array([0.5, 2.0])]

    def batch_norm(x, weight, bias):
        return F.batch_norm(x, *(running or (None, None)), weight, bias, training=training)

    arrays = [rng.normal(size=shape), rng.normal(size=2), rng.normal(size=2)]
    assert testing.gradcheck(batch_norm, arrays)
    arrays = [rng.normal(size=shape), rng.normal(size=shape[1:]), rng.normal(size=shape[1:])]
    assert testing.gradcheck(lambda x, w, b: F.layer_norm(x, shape[1:], w, b), arrays)


SHAPES = st.lists(st.integers(0, 3), max_size=4).map(tuple)
CHANNELS = st.none() | st.sampled_from([(2,), (3,), (1,), (2, 1), ()])


@given(shape=SHAPES, others=st.tuples(*[CHANNELS] * 4), training=st.booleans(),
       eps=st.sampled_from([1e-5, 0.0, -1.0]))  # fmt: skip
@settings(max_examples=150)
def test_batch_norm_agrees_or_explains(torch, shape, others, training, eps):
    arrays = [np.ones(shape), *(None if s is None else np.ones(s) for s in others)]
    agree_or_explain(torch, "batch_norm", arrays, {"training": training, "eps": eps})


@given(shape=SHAPES, normalized=SHAPES, others=st.tuples(CHANNELS, CHANNELS))
@settings(max_examples=150)
def test_layer_norm_agrees_or_explains(torch, shape, normalized, others):
    arrays = [np.ones(shape), normalized, *(None if s is None else np.ones(s) for s in others)]
    agree_or_explain(torch, "layer_norm", arrays, {})


def agree_or_explain(torch, name, arguments, options):
    theirs = [torch.tensor(a) if isinstance(a, np.ndarray) else a for a in arguments]
    try:
        y = getattr(F, name)(*arguments, **options)
    except (ValueError, TypeError) as error:
        words = str(error)
        assert words.startswith(f"{name}: ")
        assert not any(word in words for word in NUMPY_WORDS)
        assert any(
            word in words
            for word in ("input", "weight", "bias", "running_", "eps", "normalized_shape")
        )
        return
    close(y.data, getattr(torch.nn.functional, name)(*theirs, **options))


X = np.ones((4, 3))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.BatchNorm1d(3).double()(np.ones((1, 3))), ValueError,
         r"batch_norm: training needs more than one value per channel, but input is \(1, 3\)"),
        (lambda: nn.BatchNorm1d(3).double()(np.ones((4, 2))), ValueError,
         r"batch_norm: running_mean has shape \(3,\), expected \(2,\)"),
        (lambda: nn.BatchNorm1d(3)(np.ones((4, 3, 2, 2))), ValueError,
         "BatchNorm1d: input must have 2 or 3 axes, not 4"),
        (lambda: nn.BatchNorm2d(3)(np.ones((4, 3))), ValueError, "input must have 4 axes, not 2"),
        (lambda: nn.BatchNorm1d(3)(X), TypeError, "input holds float64, running_mean holds float32"),
        (lambda: nn.BatchNorm1d(3)([[1.0, 2.0, 3.0]]), TypeError, "input must be a Tensor or a Nu"),
        (lambda: F.batch_norm(X, None, None), ValueError, "are needed, or in training neither"),
        (lambda: F.batch_norm(X, np.ones(3), None), ValueError, "running_mean and running_var are needed"),
        (lambda: F.batch_norm(X, None, None, training=True, eps=0), ValueError, "eps must be a number above 0"),
        (lambda: nn.BatchNorm1d(0), ValueError, "num_features must be a whole number from 1, not 0"),
        (lambda: nn.BatchNorm1d("3"), TypeError, "num_features must be a whole number"),
        (lambda: nn.BatchNorm1d(3, device="cuda"), TypeError, "device='cuda' is not offered"),
        (lambda: F.layer_norm(X, (4,)), ValueError, r"\(4, 3\) does not end in normalized_shape \(4"),
        (lambda: F.layer_norm(X, 3), TypeError, "normalized_shape must be a tuple, not 3"),
        (lambda: F.layer_norm(X, (3,), np.ones(1)), ValueError, r"weight has shape \(1,\), expected \(3,\)"),
        (lambda: nn.LayerNorm(()), ValueError, "normalized_shape must be a whole number from 1"),
        (lambda: nn.LayerNorm((2, 0)), ValueError, "normalized_shape must be a whole number from 1"),
        (lambda: nn.LayerNorm(2.5), TypeError, "normalized_shape must be a whole number from 1"),
    ],
)  # fmt: skip
def test_what_is_said_when_it_does_not_fit(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_refused_batch_leaves_the_statistics_alone():
    layer = nn.BatchNorm1d(3).double()
    before = layer.state_dict()
    with pytest.raises(ValueError, match="one value per channel"):
        layer(np.ones((1, 3)))
    assert all((before[key] == value).all() for key, value in layer.state_dict().items())


# GroupNorm


@given(
    st.integers(0, 3), st.sampled_from([(1, 3), (2, 4), (3, 6), (4, 4), (1, 1)]),
    st.lists(st.integers(1, 3), max_size=3), st.sampled_from(["", "γ", "γβ"]),
)  # fmt: skip
def test_group_norm_equals_torch(torch, batch, channels, image, affine):
    groups, count = channels
    gamma, beta = "γ" in affine, "β" in affine
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch, count, *image))
    arrays = [x]
    if gamma:
        arrays.append(rng.normal(size=count))
    if beta:
        arrays.append(rng.normal(size=count))

    def call(f):
        def run(x, *parts):
            left = list(parts)
            weight = left.pop(0) if gamma else None
            bias = left.pop(0) if beta else None
            return f(x, groups, weight, bias, 1e-3)

        return run

    if batch * count // groups * int(np.prod(image)) > batch:  # torch refuses one value per group
        testing.compare_with_torch(
            call(F.group_norm), call(torch.nn.functional.group_norm), *arrays
        )
    if x.size:
        testing.gradcheck(call(F.group_norm), arrays)


@pytest.mark.parametrize("options", [{}, {"affine": False}, {"bias": False}, {"eps": 0.1}])
def test_group_norm_as_a_layer(torch, rng, options):
    ours = nn.GroupNorm(2, 4, **options, dtype=np.float64)
    theirs = torch.nn.GroupNorm(2, 4, **options, dtype=torch.float64)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    testing.compare_with_torch(ours, theirs, rng.normal(size=(3, 4, 5)))


def test_group_norm_in_words():
    with pytest.raises(ValueError, match=r"^GroupNorm: 3 groups cannot share 4 channels"):
        nn.GroupNorm(3, 4)
    with pytest.raises(ValueError, match=r"^group_norm: .* multiple of 3, not \(2, 4\)"):
        F.group_norm(np.ones((2, 4)), 3)


# One channel of one example, and size alone


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize(
    ("axes", "shape"), [(1, (3, 2, 4)), (1, (2, 4)), (2, (3, 2, 2, 4)), (2, (2, 2, 4))]
)
def test_instance_norm_equals_torch(torch, rng, axes, shape, affine):
    name = f"InstanceNorm{axes}d"
    ours = getattr(nn, name)(2, affine=affine, dtype=np.float64)
    theirs = getattr(torch.nn, name)(2, affine=affine, dtype=torch.float64)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for p in ours.parameters():
        p.data = rng.normal(size=p.shape)
    theirs.load_state_dict({k: torch.tensor(a) for k, a in ours.state_dict().items()})
    testing.compare_with_torch(ours, theirs, rng.normal(size=shape))
    for key, p in theirs.named_parameters():
        np.testing.assert_allclose(getattr(ours, key).grad, p.grad.numpy(), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("eps", [None, 0.1])
@pytest.mark.parametrize("shape", [(4,), (2, 4)])
def test_rms_norm_equals_torch(torch, rng, eps, shape):
    arrays = [rng.normal(size=(3, 2, 4)), rng.normal(size=shape)]
    theirs = torch.nn.functional.rms_norm
    testing.compare_with_torch(
        lambda x, w: F.rms_norm(x, shape, w, eps), lambda x, w: theirs(x, shape, w, eps), *arrays
    )
    testing.gradcheck(lambda x, w: F.rms_norm(x, shape, w, eps), arrays)
    layer, twin = nn.RMSNorm(shape, eps), torch.nn.RMSNorm(shape, eps)
    assert list(layer.state_dict()) == list(twin.state_dict())
    x = arrays[0].astype(np.float32)
    np.testing.assert_allclose(layer(x).data, twin(torch.tensor(x)).detach(), rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: F.instance_norm(np.ones((2, 3))), r"instance_norm: input must be \(N, C, …\)"),
        (lambda: nn.InstanceNorm2d(3)(np.ones((2, 3), np.float32)), "input must have 4 axes, or 3"),
        (lambda: nn.InstanceNorm1d(3, affine=True)(np.ones((2, 2, 2), np.float32)),
         "input has 2 channels, the layer 3"),
        (lambda: F.rms_norm(np.ones((2, 3)), (2,)), "does not end in normalized_shape"),
    ],
)  # fmt: skip
def test_the_other_norms_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
