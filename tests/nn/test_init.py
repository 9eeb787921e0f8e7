"""Initialization: the distributions, against PyTorch's draws and against their formulas."""

import math

import numpy as np
import pytest

import nnlib
from nnlib import Tensor, nn
from nnlib.nn import init

SHAPE = (200, 300)
CASES = [
    ("uniform_", {}),
    ("uniform_", {"a": -2.0, "b": 0.5}),
    ("normal_", {}),
    ("normal_", {"mean": 3.0, "std": 0.5}),
    ("xavier_uniform_", {}),
    ("xavier_uniform_", {"gain": 2.0}),
    ("xavier_normal_", {"gain": 0.5}),
    ("kaiming_uniform_", {}),
    ("kaiming_uniform_", {"a": math.sqrt(5)}),
    ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "relu"}),
    ("kaiming_normal_", {}),
    ("kaiming_normal_", {"a": 0.2, "mode": "fan_out", "nonlinearity": "leaky_relu"}),
    ("kaiming_normal_", {"nonlinearity": "tanh"}),
]


def draw(name, options, shape=SHAPE, seed=0, dtype=np.float64):
    tensor = Tensor(np.empty(shape, dtype))
    filled = getattr(init, name)(tensor, **options, generator=np.random.default_rng(seed))
    assert filled is tensor
    assert filled.dtype == dtype
    assert filled.shape == shape
    return tensor.data


def torch_draw(torch, name, options, shape=SHAPE):
    tensor = torch.empty(shape, dtype=torch.float64)
    generator = torch.Generator().manual_seed(1)
    return getattr(torch.nn.init, name)(tensor, **options, generator=generator).numpy()


@pytest.mark.parametrize(("name", "options"), CASES)
@pytest.mark.parametrize("shape", [SHAPE, (40, 50, 5, 6)])
def test_distribution_equals_torch(torch, name, options, shape):
    stats = pytest.importorskip("scipy.stats")
    ours, theirs = draw(name, options, shape), torch_draw(torch, name, options, shape)
    assert stats.ks_2samp(ours.ravel(), theirs.ravel()).pvalue > 1e-3
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.02 * theirs.std())
    assert ours.std() == pytest.approx(theirs.std(), rel=0.02)
    if "uniform" in name:
        assert ours.min() == pytest.approx(theirs.min(), rel=1e-3, abs=1e-3)
        assert ours.max() == pytest.approx(theirs.max(), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "options", "std"),
    [
        ("xavier_normal_", {}, math.sqrt(2 / 500)),
        ("xavier_uniform_", {"gain": 3.0}, 3 * math.sqrt(2 / 500)),
        ("kaiming_normal_", {"nonlinearity": "relu"}, math.sqrt(2 / 300)),
        ("kaiming_uniform_", {"mode": "fan_out", "nonlinearity": "linear"}, math.sqrt(1 / 200)),
    ],
)
def test_standard_deviation_is_the_formula(name, options, std):
    assert draw(name, options).std() == pytest.approx(std, rel=0.01)


def test_entries_are_independent():
    w = draw("normal_", {})
    assert abs((w[:, 1:] * w[:, :-1]).mean()) < 0.02
    assert abs((w[1:] * w[:-1]).mean()) < 0.02


def test_constants():
    w = Tensor(np.empty((2, 3)))
    assert init.constant_(w, 2.5).data.tolist() == [[2.5] * 3] * 2
    assert init.zeros_(w).data.tolist() == [[0.0] * 3] * 2


@pytest.mark.parametrize(("name", "options"), CASES[::2])
def test_reproducible(name, options):
    assert draw(name, options, seed=3).tolist() == draw(name, options, seed=3).tolist()
    assert draw(name, options, seed=3).tolist() != draw(name, options, seed=4).tolist()
    drawn = []
    for _ in range(2):
        nnlib.manual_seed(5)
        drawn.append(getattr(init, name)(Tensor(np.empty((3, 4))), **options).data.tolist())
    assert drawn[0] == drawn[1]


def test_float32_stays_float32():
    draw("normal_", {}, dtype=np.float32)
    assert init.zeros_(Tensor([1.0])).dtype == np.float32


def test_filling_a_parameter_keeps_it_a_parameter():
    p = nn.Parameter([1.0, 2.0])
    assert init.normal_(p) is p
    assert p.requires_grad


@pytest.mark.parametrize(("n_in", "n_out"), [(400, 200), (1, 5000), (5000, 3)])
def test_linear_starts_as_in_torch(torch, n_in, n_out):
    stats = pytest.importorskip("scipy.stats")
    generator, bound = np.random.default_rng(0), 1 / math.sqrt(n_in)
    torch.manual_seed(0)
    ours, theirs = nn.Linear(n_in, n_out, generator=generator), torch.nn.Linear(n_in, n_out)
    for name in ("weight", "bias"):
        a, b = getattr(ours, name).data.ravel(), getattr(theirs, name).detach().numpy().ravel()
        assert np.abs(a).max() <= np.float32(bound)
        assert stats.ks_2samp(a, b).pvalue > 1e-3
        if a.size > 1000:
            assert np.abs(a).max() == pytest.approx(bound, rel=0.01)


@pytest.mark.parametrize("param", [None, 0, 0.2, 1.0])
@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])
def test_gains_equal_torch(torch, name, param):
    assert init.calculate_gain(name, param) == torch.nn.init.calculate_gain(name, param)


def test_errors():
    w = Tensor(np.empty((2, 3)))
    with pytest.raises(ValueError, match=r"nonlinearity must be .*'relu'.*, not 'Relu'"):
        init.kaiming_normal_(w, nonlinearity="Relu")
    with pytest.raises(ValueError, match="mode must be 'fan_in' or 'fan_out', not 'fan'"):
        init.kaiming_uniform_(w, mode="fan")
    for f in (init.xavier_normal_, init.xavier_uniform_, init.kaiming_normal_):
        with pytest.raises(ValueError, match=r"a weight of shape \(3,\) has no fans"):
            f(Tensor(np.empty(3)))
    with pytest.raises(TypeError, match=r"np\.random\.default_rng"):
        init.normal_(w, generator=3)


@pytest.mark.parametrize("name", [n for n in init.__all__ if n.endswith("_")])
def test_a_plain_array_is_filled_as_its_tensor_is(name):
    """``nn.init.normal_(layer.weight.data, …)``, as scripts write it."""
    layer = nn.Linear(5, 4)
    twin = Tensor(np.zeros((4, 5), np.float32))
    options = [0.25] if name == "constant_" else []
    nnlib.manual_seed(3)
    array = layer.weight.data
    assert getattr(init, name)(array, *options) is array
    nnlib.manual_seed(3)
    getattr(init, name)(twin, *options)
    np.testing.assert_array_equal(layer.weight.data, twin.data)
    assert layer.weight.data is array


def test_what_has_no_fans_is_named_with_the_function():
    for name in ("xavier_uniform_", "kaiming_normal_", "lecun_normal_", "orthogonal_"):
        with pytest.raises(ValueError, match=rf"^{name}: .* start a bias by zeros_"):
            getattr(init, name)(nn.Linear(2, 3).bias)


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [(0, 1, -2, 2), (0.5, 0.02, 0.49, 0.6), (0, 1, 2.5, 4), (-1, 2, -9, 0)],
)
def test_what_is_cut_off_is_drawn_again(torch, mean, std, a, b):
    """Its quantiles are those of torch's, to what 40,000 draws can tell."""
    w = init.trunc_normal_(Tensor(np.empty(40_000)), mean, std, a, b, np.random.default_rng(0)).data
    torch.manual_seed(0)
    theirs = torch.nn.init.trunc_normal_(torch.empty(40_000), mean, std, a, b).numpy()
    assert a <= w.min() < w.max() <= b
    for q in (0.02, 0.2, 0.5, 0.8, 0.98):
        assert np.quantile(w, q) == pytest.approx(np.quantile(theirs, q), abs=0.04 * std)


def test_nothing_lies_between_b_and_a():
    with pytest.raises(ValueError, match=r"^trunc_normal_: a must be below b"):
        init.trunc_normal_(Tensor(np.empty(3)), a=1.0, b=1.0)
    with pytest.raises(ValueError, match=r"std must be"):
        init.trunc_normal_(Tensor(np.empty(3)), std=0.0)
