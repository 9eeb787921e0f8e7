"""The layer and the neuron."""

import copy

import numpy as np
import pytest

import nnlib
import nnlib.nn.functional as F
from nnlib import Tensor, nn, testing


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 5, 3), (0, 3), (2, 0, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_layer_equals_torch(torch, rng, shape, bias):
    ours = nn.Linear(3, 2, bias=bias, dtype=np.float64)
    theirs = torch.nn.Linear(3, 2, bias=bias, dtype=torch.float64)
    testing.copy_weights(ours, theirs)
    testing.compare_with_torch(ours, theirs, rng.normal(size=shape), atol=1e-12)
    for name, p in theirs.named_parameters():
        np.testing.assert_allclose(getattr(ours, name).grad, p.grad.numpy(), atol=1e-12)


def test_arguments_by_position():
    layer = nn.Linear(2, 3, False, None, np.float64)
    assert layer.bias is None
    assert layer.weight.dtype == np.float64


def test_the_start_is_reproducible():
    def weights(**options):
        return nn.Linear(4, 3, **options).weight.data.tolist()

    seeded = [weights(generator=np.random.default_rng(1)) for _ in range(2)]
    assert seeded[0] == seeded[1]
    nnlib.manual_seed(7)
    first = weights()
    nnlib.manual_seed(7)
    assert weights() == first != weights()


def test_weight_and_bias_are_drawn_apart():
    layer = nn.Linear(3, 3)
    assert len(np.unique(np.append(layer.weight.data, layer.bias.data))) == 12
    assert not np.shares_memory(layer.weight.data, layer.bias.data)


@pytest.mark.parametrize(
    ("x", "weight", "bias", "error", "words"),
    [
        ((8, 3), (2, 4), None, ValueError,
         r"input has 3 features, weight expects 4 — input is \(8, 3\), weight \(2, 4\)$"),
        ((4, 8), (2, 4), None, ValueError, r"input has . features, weight expects"),
        ((), (2, 4), None, ValueError, "input has no features"),
        ((8, 4), (4,), None, ValueError, r"weight must be a matrix \(out, in\), not of shape \(4,\)"),
        ((8, 4), (2, 4), (4,), ValueError, r"bias has shape \(4,\), expected \(2,\)"),
        ((8, 4), (2, 4), (2, 1), ValueError, r"bias has shape \(2, 1\)"),
        ((8, 4), (2, 4), (), ValueError, r"bias has shape \(\)"),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit(x, weight, bias, error, words):
    arrays = [None if shape is None else np.ones(shape) for shape in (x, weight, bias)]
    with pytest.raises(error, match="^linear: .*" + words):
        F.linear(*arrays)


X32, W32 = np.ones((2, 3), np.float32), np.ones((1, 3), np.float32)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((X32.astype(np.float64), W32), r"input holds float64, weight holds float32; .*astype"),
        ((X32, W32, np.ones(1)), "input holds float32, weight holds float32, bias holds float64"),
        ((X32.astype(int), W32), r"input holds int64, .*floats of one dtype are needed"),
        ((X32.astype(bool), W32), r"input holds bool, .*floats"),
        ((X32, W32.astype(int)), r"input holds float32, weight holds int64"),
        (([[1.0, 2.0, 3.0]], W32), "input must be a Tensor or a NumPy array, not list"),
        (("abc", W32), "input must be a Tensor or a NumPy array, not str"),
        ((None, W32), "input must be a Tensor or a NumPy array, not NoneType"),
        ((X32, None), "weight must be a Tensor or a NumPy array, not NoneType"),
        ((X32, W32, [1.0]), "bias must be a Tensor or a NumPy array, not list"),
        ((np.array([["a", "b", "c"]]), W32), "input holds <U1, .*floats"),
    ],
)
def test_types_that_do_not_fit(arguments, words):
    with pytest.raises(TypeError, match="^linear: " + words):
        F.linear(*arguments)


@pytest.mark.parametrize("sizes", [(0, 1), (1, 0), (-1, 2), (2.0, 1), ("2", 1), (None, 1)])
def test_sizes_are_whole_numbers_from_one(sizes):
    error = ValueError if all(isinstance(n, int) for n in sizes) else TypeError
    with pytest.raises(error, match=r"(in|out)_features must be a whole number from 1, not"):
        nn.Linear(*sizes)


def test_numpy_sizes():
    assert nn.Linear(np.int64(2), np.int64(3)).weight.shape == (3, 2)


def test_identity():
    x = object()
    assert nn.Identity(54, unused=True)(x) is x


# The neuron --------------------------------------------------------------------------------


def test_neuron_is_a_layer_of_one(torch, rng):
    neuron = nn.Neuron(3, nn.Sigmoid(), generator=rng)
    layer = torch.nn.Linear(3, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(neuron.weight.data))
        layer.bias.copy_(torch.tensor(neuron.bias.data))
    x = rng.normal(size=(5, 3)).astype(np.float32)
    testing.compare_with_torch(neuron, lambda x: torch.sigmoid(layer(x))[:, 0], x, atol=1e-6)
    np.testing.assert_allclose(neuron.weight.grad, layer.weight.grad.numpy()[0], atol=1e-5)
    np.testing.assert_allclose(neuron.bias.grad, layer.bias.grad.numpy()[0], atol=1e-5)


def test_neuron_takes_one_example_or_a_batch():
    neuron = nn.Neuron(2)
    neuron.weight.data, neuron.bias.data = [1, 1], -1.5
    assert neuron(np.array([1, 1], np.float32)).item() == 1.0
    assert neuron(np.array([[1, 1], [0, 1]], np.float32)).data.tolist() == [1.0, 0.0]
    assert neuron.preactivation(np.array([1, 1], np.float32)).item() == 0.5


def test_neuron_fires_at_zero_and_has_no_slope():
    neuron = nn.Neuron(1)
    neuron.weight.data, neuron.bias.data = [0], 0
    y = neuron(Tensor([[1.0]]))
    y.backward(np.ones(1))
    assert y.item() == 1.0
    assert neuron.weight.grad.tolist() == [0.0]


def test_neuron_parameters():
    neuron = nn.Neuron(4)
    assert {k: v.shape for k, v in neuron.state_dict().items()} == {"weight": (4,), "bias": ()}
    assert copy.deepcopy(neuron).weight.data.tolist() == neuron.weight.data.tolist()
    with pytest.raises(ValueError, match=r"\(5, 3\)"):
        neuron(np.ones((5, 3), np.float32))
