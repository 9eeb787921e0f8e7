"""Activations: at the ends of the number line, at their kinks, with their options."""

import inspect

import numpy as np
import pytest

import nnlib.nn.functional as F
from nnlib import Tensor, nn, testing
from nnlib.nn import activation
from nnlib.special import erf, sigmoid

NAMES = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "softplus", "silu", "gelu"]
EXTREMES = [1e4, -1e4, 1e2, -1e2, 0.0, -0.0, 1e-30, -1e-30, np.inf, -np.inf, np.nan]


def value_and_slope(f, x):
    z = Tensor(x, requires_grad=True)
    h = f(z)
    h.backward(np.ones(h.shape))
    return h.data, z.grad


def torch_value_and_slope(torch, f, x):
    z = torch.tensor(x, requires_grad=True)
    h = f(z)
    h.sum().backward()
    return h.detach().numpy(), z.grad.numpy()


def assert_equal_where_finite(ours, theirs, rtol):
    """Where PyTorch gives a number, so do we, and the same; an infinity is the same infinity."""
    assert ours.dtype == theirs.dtype
    known = ~np.isnan(theirs)
    np.testing.assert_allclose(ours[known], theirs[known], rtol=rtol, atol=rtol / 100)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_extreme_values(torch, name, dtype):
    x = np.array(EXTREMES, dtype)
    with np.errstate(over="raise", divide="raise"):
        ours = value_and_slope(getattr(F, name), x[np.isfinite(x)])
    theirs = torch_value_and_slope(torch, getattr(torch.nn.functional, name), x[np.isfinite(x)])
    for a, b in zip(ours, theirs, strict=True):
        assert np.isfinite(a).all()
        assert_equal_where_finite(a, b, 1e-5 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_infinities(torch, name):
    x = np.array(EXTREMES[:-1])
    with np.errstate(invalid="ignore"):
        ours = value_and_slope(getattr(F, name), x)
    theirs = torch_value_and_slope(torch, getattr(torch.nn.functional, name), x)
    for a, b in zip(ours, theirs, strict=True):
        assert_equal_where_finite(a, b, 1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_nan(name):
    assert np.isnan(getattr(F, name)(np.array([np.nan])).item())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_extreme_logits(torch, name, dtype):
    x = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4], [0, -np.inf, 1], [1e4, 1e4, -np.inf]], dtype)
    testing.compare_with_torch(
        lambda z: getattr(F, name)(z, 1),
        lambda z: getattr(torch.nn.functional, name)(z, dim=1),
        x,
        atol=1e-6 if dtype == np.float32 else 1e-12,
    )


@pytest.mark.parametrize("name", [*NAMES, "softmax", "log_softmax", "heaviside", "sign"])
def test_float32_stays_float32(name):
    options = {"dim": 1} if "softmax" in name else {}
    h, slope = value_and_slope(
        lambda z: getattr(F, name)(z, **options), np.ones((2, 3), np.float32)
    )
    assert h.dtype == slope.dtype == np.float32


def test_far_tails_keep_their_digits():
    z = Tensor([-40.0, -700.0], dtype=np.float64)
    np.testing.assert_allclose(F.sigmoid(z).data, np.exp([-40.0, -700.0]), rtol=1e-12)
    np.testing.assert_allclose(F.softplus(z).data, np.exp([-40.0, -700.0]), rtol=1e-12)
    np.testing.assert_allclose(F.elu(Tensor([-1e-12], dtype=np.float64)).data, [-1e-12], rtol=1e-9)
    _, slope = value_and_slope(F.elu, np.array([-30.0], np.float32))
    np.testing.assert_allclose(slope, np.exp([-30.0]), rtol=1e-6)


def test_steps():
    z = Tensor([-2.0, -0.0, 0.0, 3.0], requires_grad=True)
    assert F.heaviside(z).data.tolist() == [0, 1, 1, 1]
    assert F.heaviside(z, 0.5).data.tolist() == [0, 0.5, 0.5, 1]
    assert F.sign(z).data.tolist() == [-1, 0, 0, 1]
    (F.heaviside(z) + F.sign(z)).sum().backward()
    assert z.grad.tolist() == [0, 0, 0, 0]


def test_slopes_at_the_kink(torch):
    for name in ["relu", "leaky_relu", "elu", "selu"]:
        z = np.array([0.0, -0.0])
        _, ours = value_and_slope(getattr(F, name), z)
        _, theirs = torch_value_and_slope(torch, getattr(torch.nn.functional, name), z)
        assert ours.tolist() == pytest.approx(theirs.tolist(), abs=1e-15), name


def test_erf(torch):
    x = np.concatenate([np.linspace(-7, 7, 2001), [0.0, -0.0, np.inf, -np.inf, 1e-300, 0.46875]])
    theirs = torch.erf(torch.tensor(x)).numpy()
    np.testing.assert_allclose(erf(x), theirs, rtol=2e-15, atol=0)
    assert np.isnan(erf(np.array([np.nan])))[0]
    assert np.signbit(erf(np.array(-0.0)))
    assert erf(x.astype(np.float32)).dtype == np.float32


def test_sigmoid_of_arrays(torch):
    x = np.concatenate([np.linspace(-700, 800, 2001), [0.0, np.inf, -np.inf, 1e-300]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_allclose(sigmoid(x), torch.sigmoid(torch.tensor(x)).numpy(), rtol=1e-14)
    assert np.isnan(sigmoid(np.array([np.nan])))[0]
    assert sigmoid(x.astype(np.float32)).dtype == np.float32
    assert sigmoid(np.array(0.0)).shape == ()


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_errors(name):
    f, x = getattr(F, name), np.ones((2, 3))
    with pytest.raises(TypeError, match=f"{name}: say over which axis: dim=1"):
        f(x)
    with pytest.raises(TypeError, match=f"{name}: dim must be None or a whole number, not 'rows'"):
        f(x, dim="rows")
    for dim in (2, -3):
        with pytest.raises(IndexError, match=rf"{name}: dim={dim}, but input has shape \(2, 3\)"):
            f(x, dim=dim)
    with pytest.raises(ValueError, match="nothing along dim=1"):
        f(np.ones((2, 0)), dim=1)
    assert f(np.ones((0, 3)), dim=1).shape == (0, 3)


@pytest.mark.parametrize("name", [*NAMES, "heaviside", "sign"])
@pytest.mark.parametrize("wrong", [None, [1.0], "a", 1.0, np.ones(2, int), np.ones(2, bool)])
def test_what_is_not_a_float_array_is_refused(name, wrong):
    with pytest.raises(TypeError, match=rf"^{name}: input "):
        getattr(F, name)(wrong)


def test_gelu_knows_the_exact_form():
    assert F.gelu(np.ones(1), approximate="none").data == F.gelu(np.ones(1)).data
    for call in (lambda o: F.gelu(np.ones(1), o), lambda o: nn.GELU(approximate=o)):
        with pytest.raises(TypeError, match="approximate='tanh' is not offered here"):
            call("tanh")


MODULES = [
    nn.Sigmoid, nn.Tanh, nn.ReLU, nn.SELU, nn.SiLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.Softplus,
]  # fmt: skip
WITH_OPTIONS = [
    ("LeakyReLU", (0.2,)), ("ELU", (0.5,)), ("Softplus", (2.0, 5.0)),
    ("Softmax", (1,)), ("LogSoftmax", (-1,)), ("Identity", (1, "a")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), WITH_OPTIONS)
def test_modules_pass_their_options_on(torch, name, options):
    x = np.linspace(-8, 8, 12).reshape(3, 4)
    testing.compare_with_torch(
        getattr(nn, name)(*options), getattr(torch.nn, name)(*options), x, atol=1e-12
    )


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_their_functions(module):
    function = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "SiLU": "silu"}
    name = function.get(module.__name__, module.__name__.lower())
    x = np.linspace(-3, 3, 7)
    assert module()(x).data.tolist() == getattr(F, name)(x).data.tolist()


def test_steps_as_modules():
    z = Tensor([-1.0, 0.0])
    assert nn.Heaviside()(z).data.tolist() == [0, 1]
    assert nn.Heaviside(0.5)(z).data.tolist() == [0, 0.5]
    assert nn.Sign()(z).data.tolist() == [-1, 0]
    assert repr(nn.Heaviside(0.5)) == "Heaviside(values=0.5)"


def test_help_shows_the_arguments_and_getsource_the_formula():
    assert list(inspect.signature(F.relu).parameters) == ["input", "inplace"]
    assert "np.maximum(z, 0)" in inspect.getsource(activation._relu)
    assert F.relu.__name__ == "relu"
    assert F.relu.__doc__.startswith("max(0, z)")
